"""The story firm's statements, contracts and returns: read by the readers, consistent with its invoices."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source
from seeds.economy import generate
from seeds.firms import STORY_NAME


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Facts]:
    folder = tmp_path_factory.mktemp("economy")
    generate(folder, 1000, 5000, seed=3)
    found = {}
    for path in sorted((folder / "documents" / STORY_NAME).iterdir()):
        source = Source(path.name, path.read_bytes())
        reader = reader_for(source)
        assert reader is not None, path.name
        found[path.name] = reader.facts(source)
    return found


def of(papers: dict[str, Facts], table: str) -> pl.DataFrame:
    return pl.concat(
        [f.tables[table] for f in papers.values() if table in f.tables and f.tables[table].height]
    )


@pytest.mark.slow
def test_every_paper_is_read_whole_and_says_that_it_is_invented(papers: dict[str, Facts]) -> None:
    kinds = Counter(Path(name).suffix for name in papers)
    assert kinds == {".xlsx": 15, ".csv": 1, ".pdf": 2, ".docx": 3}
    assert all(facts.synthetic for facts in papers.values())
    assert {name: f.rejected for name, f in papers.items() if f.rejected} == {}
    assert of(papers, "contracts")["kind"].sort().to_list() == ["framework", "framework", "lease", "sales"]


@pytest.mark.slow
def test_the_account_runs_on_through_three_exports(papers: dict[str, Facts]) -> None:
    statements = of(papers, "statements").sort("from")
    assert statements["reconciled"].to_list() == [True] * 3
    assert statements["account"].n_unique() == 1
    assert statements["closing_fen"].to_list()[:-1] == statements["opening_fen"].to_list()[1:]
    flows = of(papers, "bank_flows")
    assert set(flows["purpose"]) >= {"trade", "wages", "tax", "social", "fee"}
    assert flows["balance_fen"].min() >= 0


@pytest.mark.slow
def test_returns_and_the_order_say_what_was_planned(papers: dict[str, Facts]) -> None:
    declared = of(papers, "declarations").filter(form="vat_schedule_1")
    assert declared.filter(item="sales.total").height == 12
    assert declared["warnings"].list.len().sum() == 0
    order = of(papers, "contracts").filter(kind="sales").row(0, named=True)
    assert order["amount_fen"] == 300_000_000
    terms = of(papers, "contract_terms").filter(fact=order["fact"]).filter(pl.col("kind") != "delivery")
    assert float(terms["share"].sum()) == 1.0
    rent = of(papers, "contract_terms").filter(kind="rent").row(0, named=True)
    assert (rent["every_months"], rent["amount_fen"]) == (3, 3_600_000)
