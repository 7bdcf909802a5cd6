"""Facts of a document that does not say whose it is, given to the firm that a person names."""

from dataclasses import replace

import polars as pl

from extraction.parties import MENTION, identify
from extraction.rows import Facts, facts_frame

#: Tables whose rows belong to the firm whose account or return it is.
_TABLES = ("statements", "bank_flows", "bills", "declarations")


def unowned(facts: Facts) -> bool:
    """Whether rows stand in `facts` that belong to somebody the document does not name."""
    tables = (facts.tables[name] for name in _TABLES if name in facts.tables)
    return facts.owner is None and any(table["owner"].null_count() for table in tables)


def owned_by(facts: Facts, code: str) -> Facts:
    """`facts` with the taxpayer `code` as owner of every row that has none."""
    if not unowned(facts):
        return facts
    mention = pl.DataFrame(
        [("owner", code, None, None, None, None)], schema=dict.fromkeys(MENTION, pl.String), orient="row"
    )
    columns = {"party_scope": "scope", "shown": "code", "shown_name": "name"}
    who = identify(mention).select("party", "scheme", *columns, "legal_form").rename(columns)
    party = str(who["party"].item())
    tables = dict(facts.tables)
    for name in _TABLES:
        if name in tables:
            tables[name] = tables[name].with_columns(pl.col("owner").fill_null(party))
    tables["parties"] = pl.concat([tables["parties"], facts_frame("parties", who)])
    return replace(facts, tables=tables, owner=party)
