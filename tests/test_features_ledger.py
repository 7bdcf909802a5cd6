"""Point in time over real books: a ledger that ends on the day and one that goes on tell the same of it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dayan.pipeline import compute
from extraction.ingest import ingest
from ledger.ledger import Ledger, Load
from ledger.records import TABLES
from seeds.chains import load_chains
from seeds.economy import generate
from services.features import CATALOGUE, features

DAY = date(2025, 6, 30)
#: Facts of a document; `documents` says which those are, `links` and `fields` speak of facts.
FACTS = [name for name in TABLES if name not in ("documents", "judgements", "rejects", "links", "fields")]


def until_day(whole: Ledger, home: Path) -> Ledger:
    """A ledger with the same documents, without what happened or became known after the day."""
    cut, loads = Ledger(home), []
    tables = {name: whole.scan(name).collect() for name in FACTS}
    kept = {name: rows.filter(_by_then(rows)) for name, rows in tables.items()}
    there = kept["invoices"]["fact"].unique()
    kept["invoice_lines"] = kept["invoice_lines"].filter(pl.col("fact").is_in(there.implode()))
    parts = {name: rows.partition_by("reading", as_dict=True) for name, rows in kept.items()}
    for document in whole.documents().iter_rows(named=True):
        facts = {
            name: rows[document["reading"],].drop("reading")
            for name, rows in parts.items()
            if (document["reading"],) in rows
        }
        count = sum(len(rows) for rows in facts.values())
        loads.append(
            Load(
                sha256=document["sha256"],
                name=document["name"],
                data=document["sha256"].encode(),
                format=document["format"],
                reader_version=document["reader_version"],
                tables=facts,
                rows=count,
                facts=count,
                owner=document["owner"],
                synthetic=True,
            )
        )
    cut.commit(loads)
    return cut


def _by_then(rows: pl.DataFrame) -> pl.Expr:
    """What bears no day speaks of now and counts always, as everywhere."""
    if "happened_on" not in rows.columns:
        return pl.lit(True)
    undated, begun = pl.col("happened_on").is_null(), pl.col("happened_on") <= DAY
    if "known_at" not in rows.columns:
        return undated | begun
    return undated | (begun & (pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date() <= DAY))


@pytest.mark.slow
def test_a_ledger_that_goes_on_tells_the_same_of_the_day(tmp_path):
    generate(tmp_path, 1_000, 4_000, seed=5)
    whole = Ledger(tmp_path / "whole")
    ingest([tmp_path / "documents"], whole)
    frames, counts = [], []
    for ledger in (whole, until_day(whole, tmp_path / "cut")):
        tables, _ = compute(ledger, load_chains())
        found = features(tables, None, DAY)
        counts.append(tables.flow.height)
        put = tables.settlements.drop_nulls("invoice")
        assert put.height
        assert put["invoiced_on"].null_count() == 0
        assert (tables.sales["red_fen"].drop_nulls() <= 0).all()
        assert all(segment["items"] for chain in tables.chains for segment in chain["segments"])
        ids = tables.enterprises.select("id")
        told = pl.concat([ids, found.frame.drop("enterprise")], how="horizontal")
        why = pl.concat([ids, found.missing.drop("enterprise")], how="horizontal")
        frames.append((told, why))
    assert counts[0] > counts[1] * 1.2
    both = frames[0][0].select("id").join(frames[1][0].select("id"), on="id", how="inner").sort("id")
    assert len(both) > 900
    for first, second in zip(*frames, strict=True):
        one, other = (both.join(rows, on="id", how="left", maintain_order="left") for rows in (first, second))
        for name in CATALOGUE:
            assert one[name].to_list() == other[name].to_list(), name
