"""The contest's 1,099,441 invoices: every row accounted for, the broken ones named, fast."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from extraction.books import BooksReader
from extraction.rows import Facts
from extraction.source import Source

FOLDER = Path(__file__).parents[1] / ".." / "shared" / "data" / "cumcm2020c"
FILES = {"att1_input": 803, "att1_output": 4_436, "att2_input": 4_681, "att2_output": 1_745}
pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def facts() -> dict[str, Facts]:
    if not FOLDER.is_dir():
        pytest.skip("the real data is absent: ../shared/data/cumcm2020c")
    paths = {name: FOLDER / f"{name}_invoices.csv.gz" for name in FILES}
    return {n: BooksReader().facts(Source(n, gzip.decompress(p.read_bytes()))) for n, p in paths.items()}


def test_every_row_is_accounted_for(facts: dict[str, Facts]) -> None:
    for name, found in facts.items():
        assert found.rows == found.tables["invoices"].height + found.duplicates + found.rejected, name
        assert found.duplicates == FILES[name]
    assert sum(f.rows for f in facts.values()) == 1_099_441


def test_only_the_broken_rows_are_rejected(facts: dict[str, Facts]) -> None:
    rejects = pl.concat(f.tables["rejects"] for f in facts.values())
    assert rejects.height == 5
    assert {p["code"] for ps in rejects["problems"].to_list() for p in ps} == {"amounts_do_not_add"}


def test_void_with_a_leading_blank_is_void(facts: dict[str, Facts]) -> None:
    for found in facts.values():
        statuses = set(found.tables["invoices"]["status"])
        assert statuses == {"normal", "void", "red"}
        assert found.tables["invoices"]["warnings"].explode().drop_nulls().struct.field("code").is_in(
            ["same_invoice_other_party", "same_invoice_other_status"]
        ).all()  # fmt: skip


def test_the_side_and_the_owner_come_from_the_form(facts: dict[str, Facts]) -> None:
    for name, found in facts.items():
        invoices = found.tables["invoices"]
        side, own = ("purchase", "buyer") if name.endswith("input") else ("sale", "seller")
        assert invoices["side"].unique().to_list() == [side]
        assert (invoices["owner"] == invoices[own]).all()
        assert invoices["weak"].all()
    owners = pl.concat(f.tables["invoices"].select("owner") for f in facts.values())
    assert owners["owner"].n_unique() == 425


def test_codes_of_two_books_are_two_parties(facts: dict[str, Facts]) -> None:
    parties = pl.concat(f.tables["parties"] for f in facts.values()).unique("party")
    assert parties.select("scope", "code").is_duplicated().any() is False
    books = parties.filter(pl.col("code") == "A00297")["scope"].to_list()
    assert len(books) > 1
