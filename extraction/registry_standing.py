"""Lists that a firm stands on, its labels and its other names, each with its days → facts of the ledger.

A list is named in a column, or told by the columns that only its own publication has
(`listed_by` in the layout). Natural persons on such lists are not kept.
"""

import polars as pl

from extraction.dates import dated
from extraction.findings import Check, Findings
from extraction.parties import is_person
from extraction.registry_layout import registry
from extraction.registry_reading import Read, identified, meanings, parties_table, unreadable
from extraction.rows import facts_frame
from ledger.ids import stable_ids
from ledger.names import normal_forms

#: Columns of dates: as written, and as read.
_DAYS = (("first", "happened_on"), ("until", "ends"))


def read_listings(text: pl.DataFrame, findings: Findings, document: str) -> Read:
    """Rows of knock-out lists. `document` is the table's SHA-256."""
    text = _with_list(text, findings)
    good, known = _about(text, findings, document, [Check("list_missing", "list", pl.col("list").is_null())])
    fact = stable_ids(pl.lit("listing"), *(pl.col(c) for c in ("list", "party", "happened_on", "case")))
    kept = _once(good.with_columns(fact=fact))
    said = ("party", "list", "happened_on", "known_at", "until", "case", "authority", "reason")
    return _read({"listings": kept.select("row", "fact", *said)}, good, known)


def read_labels(text: pl.DataFrame, findings: Findings, document: str) -> Read:
    """Labels such as 高新技术企业, with who gave them and until when they hold."""
    text = meanings(text, ("label",), findings, fatal=False)
    text = text.with_columns(value=pl.coalesce("label", "label_said"))
    good, known = _about(
        text, findings, document, [Check("label_missing", "label", pl.col("value").is_null())]
    )
    kept = attributes(good.with_columns(name=pl.lit("label")))
    return _read({"attributes": kept}, good, known)


def read_aliases(text: pl.DataFrame, findings: Findings, document: str) -> Read:
    """Former, short and foreign names of firms with the days they held."""
    text = meanings(text, ("alias_kind",), findings, fatal=False)
    good, known = _about(
        text, findings, document, [Check("alias_missing", "alias", pl.col("alias").is_null())]
    )
    return _read({"aliases": aliases(good)}, good, known)


def attributes(said: pl.DataFrame) -> pl.DataFrame:
    """Rows of table `attributes` from row, party, name, value, happened_on, known_at, until, source."""
    key = ("party", "name", "value", "happened_on", "until", "source")
    kept = _once(said.with_columns(fact=stable_ids(pl.lit("attribute"), *(pl.col(c) for c in key))))
    columns = ("row", "fact", "party", "name", "value", "happened_on", "known_at", "until", "source")
    return facts_frame("attributes", kept.select(columns))


def aliases(said: pl.DataFrame) -> pl.DataFrame:
    """Rows of table `aliases` from row, party, alias, alias_kind, happened_on, known_at, until, source."""
    form = normal_forms(pl.col("alias"))
    kind = pl.col("alias_kind").fill_null("former")
    fact = stable_ids(pl.lit("alias"), pl.col("party"), form, kind, pl.col("happened_on"))
    kept = _once(said.with_columns(fact=fact, kind=kind, name=pl.col("alias").str.strip_chars()))
    columns = ("row", "fact", "party", "name", "kind", "happened_on", "known_at", "until", "source")
    return facts_frame("aliases", kept.select(columns))


def _with_list(text: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Column `list` by its word, else by the columns that tell it."""
    text = meanings(text, ("list",), findings, fatal=True)
    told = [
        pl.when(pl.any_horizontal(pl.col(c).is_not_null() for c in columns)).then(pl.lit(name))
        for name, columns in registry().listed_by.items()
    ]
    return text.with_columns(list=pl.coalesce("list", *told), reason=pl.coalesce("reason", *_telling()))


def _telling() -> list[pl.Expr]:
    return [pl.col(c) for columns in registry().listed_by.values() for c in columns]


def _about(
    text: pl.DataFrame, findings: Findings, document: str, checks: list[Check]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that name a firm and can be read, with `party`, days; and who the firms are."""
    looks = text["name"].map_elements(is_person, return_dtype=pl.Boolean).fill_null(False)
    text = text.hstack(dated(text["first"])).with_columns(ends=dated(text["until"])["happened_on"])
    text, known = identified(text, "code", "name", "party", document)
    people = known.filter(pl.col("legal_form") == "person")["party"].unique().implode()
    person = pl.col("party").is_in(people) | (pl.col("party").is_null() & looks)
    checks = [
        Check("person_not_kept", "name", person.fill_null(False)),
        Check("party_missing", "name", pl.col("party").is_null() & ~looks, pl.col("name")),
        *checks,
        *(unreadable(written, read, "date_unreadable") for written, read in _DAYS),
        Check("ends_before_it_begins", "until", pl.col("ends") < pl.col("happened_on"), pl.col("until")),
    ]
    findings.run(text, checks)
    good = text.filter(~pl.col("row").is_in(findings.fatal_rows().implode()))
    good = good.drop("until").rename({"ends": "until"})
    return good, known.join(good.select("party").unique(), on="party", how="semi")


def _once(said: pl.DataFrame) -> pl.DataFrame:
    return said.unique("fact", keep="first", maintain_order=True)


def _read(said: dict[str, pl.DataFrame], good: pl.DataFrame, known: pl.DataFrame) -> Read:
    tables = {name: facts_frame(name, frame) for name, frame in said.items()}
    kept = sum(frame.height for frame in tables.values())
    tables["parties"] = parties_table(known)
    return Read(tables, good.height - kept, bool(known["synthetic"].any()))
