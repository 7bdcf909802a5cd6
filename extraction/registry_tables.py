"""The two tables of a registry extract → parties and relations.

People are masked: a person's id comes from name and number (or, without a number, from name and
enterprise, so that two people of one name never become one); neither is kept. A tie without a date has
no `known_at`: it counts from when it was loaded.
"""

import polars as pl

from extraction.amounts import money, rates
from extraction.dates import dated
from extraction.findings import Check, Findings
from extraction.parties import is_person
from extraction.registry_attributes import attributes_of, former_names
from extraction.registry_reading import (
    ATTRIBUTES,
    Read,
    identified,
    meanings,
    parties_table,
    unreadable,
)
from extraction.rows import facts_frame
from ledger.ids import stable_ids
from ledger.names import masked_person

#: What tells two ties of one kind between the same two apart.
_TIE = ("src", "dst", "happened_on", "until", "share", "amount_fen")


def read_relations(text: pl.DataFrame, findings: Findings, document: str) -> Read:
    """Ties between enterprises, and of people to enterprises. `document` is the table's SHA-256."""
    text = meanings(text, ("kind", "other_type"), findings, fatal=True)
    text = text.with_columns(
        kind=pl.col("kind").str.extract("^(.+)/"), inward=pl.col("kind").str.ends_with("/in")
    )
    text = _values(text, findings)
    text = _with_person(text)
    text, own = identified(text, "code", "name", "enterprise", document)
    text, others = identified(text, "other_code", "other_name", "other", document)
    person = pl.col("is_person")
    text = _persons(text, "person_name", "enterprise").with_columns(
        other=pl.when(person).then("person").otherwise("other"),
        person_label=pl.when(person).then("person_label"),
    )
    findings.run(text, _tie_checks())
    good = text.filter(~pl.col("row").is_in(findings.fatal_rows().implode()))
    inward = pl.col("inward")
    ties = good.with_columns(
        src=pl.when(inward).then("other").otherwise("enterprise"),
        dst=pl.when(inward).then("enterprise").otherwise("other"),
        src_is_person=pl.col("is_person"),
        src_label=pl.col("person_label"),
    )
    ties = ties.with_columns(fact=stable_ids(pl.lit("relation"), pl.col("kind"), *(pl.col(c) for c in _TIE)))
    relations = _relations_table(ties)
    known = pl.concat([own, others])
    named = pl.concat([good.select(party="enterprise"), good.select(party="other")]).unique()
    parties = parties_table(known.join(named, on="party", how="semi"))
    said = {"parties": parties, "relations": relations}
    return Read(said, ties.height - relations.height, bool(known["synthetic"].any()))


def read_enterprises(text: pl.DataFrame, findings: Findings, document: str) -> Read:
    """Attributes of enterprises, and their legal representatives. `document` as in `read_relations`."""
    text = meanings(text, ("size", "taxpayer", "legal_form", "status", "role"), findings, fatal=False)
    text = text.hstack(dated(text["first"])).hstack(
        dated(text["as_of"]).rename({"happened_on": "as_of_day", "known_at": "as_of_known"})
    )
    text, known = identified(text, "code", "name", "enterprise", document)
    industry = pl.col("industry").str.to_uppercase().str.extract(r"^([A-T]?\d{2,4}|[A-T])", 1)
    text = text.with_columns(region=pl.col("region").str.extract(r"^(\d{6})", 1), industry=industry)
    findings.run(
        text,
        [
            Check("party_missing", "name", pl.col("enterprise").is_null(), pl.col("name")),
            unreadable("first", "happened_on", "date_unreadable"),
            unreadable("as_of", "as_of_day", "date_unreadable"),
        ],
    )
    good = text.filter(~pl.col("row").is_in(findings.fatal_rows().implode()))
    kept = good.unique(pl.exclude("row"), keep="first", maintain_order=True)
    who = known.select("party", "scheme", "party_scope", "shown", "shown_name", implied="legal_form").unique()
    said = (
        kept.select(pl.col("enterprise").alias("party"), *ATTRIBUTES)
        .unique()
        .join(who, on="party", how="left")
    )
    said = said.with_columns(legal_form=pl.coalesce("legal_form", "implied"))
    tables = {"parties": parties_table(said), "relations": _representatives(kept)}
    tables |= {"attributes": attributes_of(kept), "aliases": former_names(kept)}
    return Read(tables, good.height - kept.height, bool(known["synthetic"].any()))


def _representatives(kept: pl.DataFrame) -> pl.DataFrame:
    named = kept.filter(pl.col("representative").is_not_null())
    named = _persons(named, "representative", "enterprise").with_columns(
        kind=pl.lit("LEGAL_REP_OF"),
        src="person",
        dst="enterprise",
        src_is_person=pl.lit(True),
        src_label="person_label",
        until=pl.lit(None, dtype=pl.Date),
        share=pl.lit(None, dtype=pl.Decimal(38, 14)),
        amount_fen=pl.lit(None, dtype=pl.Int64),
        note=pl.lit(None, dtype=pl.String),
    )
    fact = stable_ids(pl.lit("relation"), pl.col("kind"), *(pl.col(c) for c in _TIE))
    return _relations_table(named.with_columns(fact=fact))


def _values(text: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Dates, share and amount; what cannot be read costs the row."""
    read = text.hstack(dated(text["first"])).with_columns(
        ends=dated(text["until"])["happened_on"],
        part=rates(text["share"])["rate"],
        amount_fen=money(text["amount"]),
    )
    pairs = (("first", "happened_on"), ("until", "ends"))
    checks = [unreadable(written, value, "date_unreadable") for written, value in pairs]
    checks += [
        unreadable("share", "part", "share_unreadable"),
        unreadable("amount", "amount_fen", "amount_unreadable"),
    ]
    findings.run(read, checks)
    return read.with_columns(until="ends", share="part").drop("ends", "part")


def _with_person(text: pl.DataFrame) -> pl.DataFrame:
    """`is_person`: the other side is a natural person, by its type, by a personal number, or because
    nothing speaks for an enterprise. What names the person leaves the columns of parties."""
    looks = text["other_name"].map_elements(is_person, return_dtype=pl.Boolean).fill_null(False)
    said, bare = pl.col("other_type"), pl.col("other_code").is_null()
    guess = bare & (pl.col("person_key").is_not_null() | (pl.col("kind") == "LEGAL_REP_OF") | looks)
    text = text.with_columns(is_person=pl.coalesce(said == "person", guess).fill_null(False))
    person = pl.col("is_person")
    return text.with_columns(
        person_name=pl.when(person).then("other_name"),
        person_key=pl.when(person).then(pl.coalesce("person_key", "other_code")),
        other_code=pl.when(~person).then("other_code"),
        other_name=pl.when(~person).then("other_name"),
    )


def _tie_checks() -> list[Check]:
    person, inward = pl.col("is_person"), pl.col("inward")
    return [
        Check("kind_missing", "kind", pl.col("kind").is_null()),
        Check("party_missing", "name", pl.col("enterprise").is_null(), pl.col("name")),
        Check("party_missing", "other_name", pl.col("other").is_null()),
        Check("party_twice", "other_name", pl.col("enterprise") == pl.col("other"), pl.col("name")),
        Check("person_as_target", "kind", person & ~inward, pl.col("kind")),
    ]


def _persons(text: pl.DataFrame, name: str, enterprise: str) -> pl.DataFrame:
    """`person` (id) and `person_label` (masked name), null where no name is given."""
    key = pl.col("person_key").fill_null(pl.col(enterprise))
    named = pl.col(name).is_not_null()
    return text.with_columns(
        person=pl.when(named).then(stable_ids(pl.lit("person"), pl.col(name), key)),
        person_label=pl.col(name).map_elements(masked_person, return_dtype=pl.String),
    )


def _relations_table(ties: pl.DataFrame) -> pl.DataFrame:
    kept = ("row", "fact", "kind", "src", "src_is_person", "src_label", "dst", "happened_on", "known_at")
    table = ties.select(*kept, "until", "share", "amount_fen", "note")
    return facts_frame("relations", table).unique("fact", keep="first", maintain_order=True)
