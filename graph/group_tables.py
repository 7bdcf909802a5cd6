"""The tables of a snapshot that say who hangs together: groups, the ties that bind them, who depends on whom.

`gnn.groups.find` fills them. A group's id is a hash of its kind and its members' ids: the same set of firms
keeps its id from build to build, whatever ties bind it.
"""

from typing import Any

import polars as pl

_TEXT: Any = pl.String

GROUP_TABLES: dict[str, pl.Schema] = {
    # kind: control | one_entity | guarantee_circle | guarantee_cycle | dependent | suspected
    "groups": pl.Schema(
        {
            "id": _TEXT,
            "kind": _TEXT,
            "form": _TEXT,  # circles: mutual, joint, ring, web; suspected: what is shared; null: of several
            "size": pl.Int32,  # enterprises in it
            "head": pl.Int32,  # the firm at the top, or the one that the others depend on
            "controller": _TEXT,  # who controls it: an enterprise, or a person (masked id)
            "controller_is_person": pl.Boolean,
            "controller_label": _TEXT,  # masked name of a person
            "amount_fen": pl.Int64,  # circles: guaranteed inside; dependent: the trade they depend on
            "cycles": pl.Int32,  # circles: simple cycles counted
            "complete": pl.Boolean,  # false: too large for its cycles to be listed one by one
        }
    ),
    # One row a member and tie. `share`: of the capital, or of the receipts or spending.
    "group_members": pl.Schema(
        {
            "group": _TEXT,
            "enterprise": pl.Int32,
            "tie": _TEXT,  # a label `tie_…` of the words
            "to": _TEXT,  # whom the tie binds it to: an enterprise, a person (masked id), or null
            "to_is_person": pl.Boolean,
            "to_label": _TEXT,  # masked name of a person
            "share": pl.Float64,
            "amount_fen": pl.Int64,
            "first": pl.Date,
            "until": pl.Date,
            "source": _TEXT,  # fact of a relation, SHA-256 of a paper; null: the invoices between them
        }
    ),
    # One row a firm and side on which one partner makes up most of what is seen.
    "dependence": pl.Schema(
        {
            "enterprise": pl.Int32,
            "side": _TEXT,  # sale: receipts; purchase: spending
            "partner": pl.Int32,
            "share": pl.Float64,  # null where the firm's own books do not say
            "amount_fen": pl.Int64,  # with the partner, net, without tax; partial books: at least
            "whole_fen": pl.Int64,  # of that side, as far as seen
            "months": pl.Int32,  # with trade between the two, within the window
            "outcome": _TEXT,  # depends | partial | seen | hub | common: why it makes a group, or does not
        }
    ),
}
GROUP_ORDER: dict[str, tuple[str, ...]] = {
    "groups": ("kind", "id"),
    "group_members": ("group", "enterprise", "tie", "to", "first", "until", "source", "share", "amount_fen"),
    "dependence": ("enterprise", "side"),
}
GROUP_POINTERS: dict[str, dict[str, str]] = {
    "groups": {"head": "enterprises"},
    "group_members": {"enterprise": "enterprises"},
    "dependence": {"enterprise": "enterprises", "partner": "enterprises"},
}
GROUP_NULLABLE = {("groups", "head")}


def blank(table: str) -> pl.DataFrame:
    """A table of this file without rows."""
    return pl.DataFrame(schema=GROUP_TABLES[table])
