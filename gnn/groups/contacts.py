"""Telephones, addresses and accounts that papers state of firms, as hashes to be compared, never shown.

Masked numbers (those of people) are left out: two of them that look alike say nothing. An address counts
only where it names a number: a town or a street is shared by everybody.
"""

import polars as pl

from ledger.ids import stable_ids
from ledger.ledger import Ledger

#: Column of the ledger's `parties` → what it is called here.
WHAT = {"phone": "telephone", "address": "address", "account": "account"}
CONTACTS = pl.Schema(
    {
        "enterprise": pl.Int32,
        "what": pl.String,  # telephone | address | account
        "value": pl.String,  # a hash
        "first": pl.Date,  # the first invoice of the paper that states it; null: the paper has no days
        "source": pl.String,  # SHA-256 of the first such paper
    }
)
#: An address shorter than this, dress aside, names no door.
_SHORTEST = 8


def contacts(ledger: Ledger, members: pl.DataFrame) -> pl.DataFrame:
    """Rows of CONTACTS, each value once a firm. `members`: enterprise (index), party, as in the snapshot."""
    stated = ledger.scan("parties").select("reading", "party", *WHAT).collect()
    parts = [_of(stated, column, what) for column, what in WHAT.items()]
    found = pl.concat(parts).join(members.select("party", "enterprise"), on="party")
    if found.is_empty():
        return pl.DataFrame(schema=CONTACTS)
    papers = ledger.documents().select("reading", source="sha256")
    dated = found.join(papers, on="reading").join(
        _first_days(ledger, found), on=["reading", "party"], how="left"
    )
    return (
        dated.sort("enterprise", "what", "value", "first", "source", nulls_last=False)
        .unique(["enterprise", "what", "value"], keep="first", maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in CONTACTS.items())
    )


def _of(stated: pl.DataFrame, column: str, what: str) -> pl.DataFrame:
    from extraction.who.known import plain_evidence  # brings the matcher along: only where it is needed

    told = stated.filter(pl.col(column).is_not_null()).select("reading", "party", column).unique()
    plain = _plain_address(told[column]) if column == "address" else plain_evidence(column, told[column])
    kept = told.select("reading", "party", plain.alias("plain")).filter(pl.col("plain") != "")
    return kept.select(
        "reading", "party", what=pl.lit(what), value=stable_ids(pl.lit(what), pl.col("plain"))
    ).unique()


def _plain_address(values: pl.Series) -> pl.Series:
    """Without blanks and marks; empty where masked or where it names no door."""
    plain = values.str.normalize("NFKC").str.replace_all(r"[\s,，。.、;；()\-—_#]", "")
    door = (
        plain.str.contains(r"\d")
        & (plain.str.len_chars() >= _SHORTEST)
        & ~values.str.contains("*", literal=True)
    )
    return pl.select(pl.when(door).then(plain).otherwise(pl.lit(""))).to_series()


def _first_days(ledger: Ledger, found: pl.DataFrame) -> pl.DataFrame:
    """reading, party, first: the first invoice by or to a party in the paper that states something of it."""
    wanted = found.select("reading", "party").unique()
    rows = ledger.scan("invoices").filter(pl.col("reading").is_in(wanted["reading"].unique().implode()))
    days = [
        rows.select("reading", "happened_on", party=side).filter(pl.col("party").is_not_null())
        for side in ("seller", "buyer")
    ]
    return (
        pl.concat(days)
        .join(wanted.lazy(), on=["reading", "party"], how="semi")
        .group_by("reading", "party")
        .agg(pl.col("happened_on").min().alias("first"))
        .collect()
    )
