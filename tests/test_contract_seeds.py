"""Invented contracts: the same bytes every time, real files, and read back as they were meant."""

from datetime import date
from io import BytesIO

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.contracts import compare
from bench.contracts import run as bench
from extraction.amount_words import fen_in_words
from extraction.contract import ContractReader
from extraction.contracts.values import amounts_in, dates_in
from extraction.source import Source
from seeds.contracts import LAYOUTS, layouts_for, write_contract
from seeds.contracts_words import day, money, words
from seeds.sample_contracts import KINDS, sample_contracts

SAMPLE = list(sample_contracts(7))


def test_the_sampler_covers_every_kind_and_repeats_itself() -> None:
    assert {c.kind for c in SAMPLE} == set(KINDS)
    assert list(sample_contracts(7)) == SAMPLE
    assert list(sample_contracts(7, seed=21)) != SAMPLE
    assert {name for c in SAMPLE for name in layouts_for(c.kind)} == set(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_gives_the_same_bytes_and_is_read_back(layout: str) -> None:
    contract = next(c for c in SAMPLE if c.kind in LAYOUTS[layout].kinds)
    data = write_contract(contract, layout)
    assert data == write_contract(contract, layout)
    facts = ContractReader().facts(Source(layout, data))
    assert facts.synthetic
    truth = {
        "number": contract.number,
        "signed": contract.signed,
        "seller": {"name": contract.seller.name, "code": contract.seller.code},
        "buyer": {"name": contract.buyer.name, "code": contract.buyer.code},
        "amount_fen": contract.amount_fen,
    }
    assert [what for _, what, right in compare(truth, facts) if not right] == []


def test_word_files_are_such() -> None:
    paper = docx.Document(BytesIO(write_contract(SAMPLE[0], "parties_docx")))
    assert any("合成数据" in p.text for p in paper.paragraphs)


@given(st.integers(100, 10**13))
def test_amounts_come_back_from_figures_and_from_words(fen: int) -> None:
    assert fen_in_words(words(fen)) == fen
    (figures,) = amounts_in(f"合计人民币{money(fen)}元")
    (spelled,) = amounts_in(f"大写：{words(fen)}。")
    assert (figures.fen, spelled.fen) == (fen, fen)


@given(st.dates(date(1980, 1, 1), date(2099, 12, 31)), st.integers(0, 2))
def test_dates_come_back_however_they_are_written(value: date, style: int) -> None:
    assert [d for _, _, d in dates_in(f"于{day(value, style)}签订")] == [value]


def test_a_wrong_value_and_a_term_too_many_count_as_wrong() -> None:
    contract = SAMPLE[0]
    facts = ContractReader().facts(Source("x", write_contract(contract, layouts_for(contract.kind)[0])))
    wrong = {"number": "other", "terms": [], "amount_fen": 1}
    assert {field for field, _, right in compare(wrong, facts) if not right} == {"number", "amount", "term"}
    assert all(not right for _, _, right in compare({"number": "x", "seller": {"name": "y"}}, None))


@pytest.mark.slow
def test_the_bench_reaches_its_bars() -> None:
    figures = bench()
    assert figures["known"] >= 0.98
    assert figures.get("unseen", 1.0) >= 0.95
