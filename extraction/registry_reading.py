"""What every table of a registry extract is read with: who a row is about, and words by their keys."""

from dataclasses import dataclass

import polars as pl

from extraction.findings import Check, Findings
from extraction.parties import MENTION, identify
from extraction.registry_layout import registry
from extraction.rows import facts_frame
from extraction.vocabulary import meaning

ATTRIBUTES = ("region", "industry", "size", "taxpayer", "legal_form", "address", "phone", "account")


@dataclass
class Read:
    """What one table says: frames of the ledger's tables by name, each with its `row` where it has one."""

    tables: dict[str, pl.DataFrame]
    duplicates: int
    synthetic: bool


def meanings(text: pl.DataFrame, columns: tuple[str, ...], findings: Findings, fatal: bool) -> pl.DataFrame:
    """Words of the columns as our keys; a word that nobody knows is noted."""
    for name in columns:
        known = meaning(text[name], registry().words[name])
        said = text.select("row", word=text[name], known=known)
        unknown = pl.col("word").is_not_null() & pl.col("known").is_null()
        findings.run(said, [Check("word_unknown", name, unknown, pl.col("word"), fatal)])
        text = text.with_columns(known.alias(name))
    return text


def unreadable(written: str, value: str, code: str) -> Check:
    """The check that what is `written` could be read as `value`."""
    return Check(code, written, pl.col(written).is_not_null() & pl.col(value).is_null(), pl.col(written))


def identified(
    text: pl.DataFrame, code: str, name: str, to: str, document: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`text` with the party in column `to`, and who the distinct mentions are."""
    nobody = pl.lit(None, dtype=pl.String)
    mentions = text.select(pl.col(code).alias("code"), pl.col(name).alias("name")).unique()
    mentions = mentions.with_columns(role=pl.lit("owner"), scope=nobody, book=pl.lit(document), owner=nobody)
    known = identify(mentions.select(MENTION))
    found = known.select(pl.col("code").alias(code), pl.col("name").alias(name), pl.col("party").alias(to))
    joined = text.join(found, on=[code, name], how="left", nulls_equal=True, maintain_order="left")
    return joined, known.filter(pl.col("party").is_not_null())


def parties_table(known: pl.DataFrame) -> pl.DataFrame:
    """Rows of `parties` from who the mentions are, with the attributes that are there."""
    columns = {"party_scope": "scope", "shown": "code", "shown_name": "name"}
    table = known.select("party", "scheme", *columns, *(a for a in ATTRIBUTES if a in known.columns))
    return facts_frame("parties", table.rename(columns)).unique()
