"""疑似关联: firms with a telephone, an address, an account or a legal representative in common.

A suspicion, never a group by control. What too many have in common is no tie (an industrial park, a
bookkeeper's telephone): the policy says how many. Firms that one controller holds anyway are left out.
"""

import polars as pl

from gnn.groups.policy import GroupPolicy
from gnn.groups.ties import Ends, Found
from ledger.components import components

_LEADS = ("LEGAL_REP_OF", "CONTROLS", "OWNS")
_TIE = {"telephone": "SHARES_TELEPHONE", "address": "SHARES_ADDRESS", "account": "SHARES_ACCOUNT"}


def suspected(
    ends: Ends, relations: pl.DataFrame, contacts: pl.DataFrame, controlled: pl.DataFrame, policy: GroupPolicy
) -> Found:
    """Groups of kind `suspected`, one a thing in common; equal sets of firms become one.

    `relations`: those that hold, numbered, with `source`; `contacts`: `gnn.group_contacts.CONTACTS`, of the
    day; `controlled`: (key, node), everybody under each controller.
    """
    parts = [
        *(_contacts(contacts, what, policy.most(what)) for what in _TIE),
        _registry(ends, relations, policy.most("registry")),
        _people(ends, relations, policy),
    ]
    ties = pl.concat(parts, how="diagonal").with_columns(
        key=pl.struct("form", "thing").rank("dense").cast(pl.Int64)
    )
    ties = ties.join(_of_one_controller(ties, controlled), on="key", how="anti")
    groups = ties.select("key", "form", complete=pl.lit(True)).unique().sort("key")
    return Found.of("suspected", groups, ties)


def _limited(ties: pl.DataFrame, most: int) -> pl.DataFrame:
    """Those things that at least two and at most `most` firms have."""
    bearers = ties.group_by("thing").agg(pl.col("enterprise").n_unique().alias("n"))
    kept = bearers.filter(pl.col("n").is_between(2, most))
    return ties.join(kept.select("thing"), on="thing", how="semi")


def _contacts(contacts: pl.DataFrame, what: str, most: int) -> pl.DataFrame:
    said = contacts.filter(pl.col("what") == what).select(
        "enterprise", "first", "source", thing="value", form=pl.lit(what), tie=pl.lit(_TIE[what])
    )
    return _limited(said, most)


def _registry(ends: Ends, relations: pl.DataFrame, most: int) -> pl.DataFrame:
    """Pairs that a registry says share something, without saying what: joined as far as they reach."""
    pairs = relations.filter((pl.col("kind") == "SHARES") & (pl.col("s") < ends.firms))
    group = components(pairs["src"], pairs["dst"]).rename({"item": "src", "smallest": "thing"})
    told = pairs.join(group, on="src", how="left").with_columns(form=pl.lit("registry"), tie=pl.lit("SHARES"))
    columns = ["thing", "form", "tie", "first", "until", "source"]
    out = ends.told(told, "d").select("to", "to_is_person", *columns, enterprise="s")
    into = ends.told(told, "s").select("to", "to_is_person", *columns, enterprise="d")
    return _limited(pl.concat([out, into]), most)


def _people(ends: Ends, relations: pl.DataFrame, policy: GroupPolicy) -> pl.DataFrame:
    """Firms that one person represents, beside those that the same person controls directly."""
    holds = (pl.col("kind") != "OWNS") | (pl.col("share") > policy.control_above)
    led = relations.filter(pl.col("src_is_person") & pl.col("kind").is_in(_LEADS) & holds)
    represents = led.filter(pl.col("kind") == "LEGAL_REP_OF").select("s").unique()
    led = led.join(represents, on="s", how="semi")
    told = ends.told(led, "s").with_columns(thing="to", form=pl.lit("legal_rep"), tie="kind", enterprise="d")
    return _limited(told, policy.most_legal_rep).select(
        "to",
        "to_is_person",
        "to_label",
        "share",
        "first",
        "until",
        "source",
        "enterprise",
        "tie",
        "thing",
        "form",
    )


def _of_one_controller(ties: pl.DataFrame, controlled: pl.DataFrame) -> pl.DataFrame:
    """Keys of those whose firms all stand under one controller."""
    members = ties.select("key", "enterprise").unique()
    size = members.group_by("key").len("size")
    under = members.join(controlled.select(by="key", enterprise="node"), on="enterprise")
    inside = under.group_by("key", "by").len("inside").join(size, on="key")
    return inside.filter(pl.col("inside") == pl.col("size")).select("key").unique()
