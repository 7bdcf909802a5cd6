"""Corrections of papers: each in its place, and nothing beside it."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from extraction.corrections import corrected, corrected_each, corrections_in, with_corrections
from extraction.paper import Paper, Value
from extraction.source import Source
from ledger.records import TABLES


def paper(number: str = "25332000000000000001") -> Paper:
    return Paper(
        header={"number": Value(number, "text", 0.9, 1, "1,2,3,4"), "total": Value("113.00")},
        lines=[{"item": Value("a"), "amount": Value("100")}, {"item": Value("b")}],
        extra={"check_code": Value("123")},
    )


def test_a_corrected_value_keeps_its_place_and_says_who_it_is_from():
    said = corrected(
        paper(), [("number", "25332000000000000009"), ("lines[2].item", "c"), ("check_code", "9")]
    )
    assert said.header["number"] == Value("25332000000000000009", "human", 1.0, 1, "1,2,3,4")
    assert [line["item"].text for line in said.lines] == ["a", "c"]
    assert said.extra["check_code"].text == "9"
    assert said.header["total"] == paper().header["total"]
    assert paper().header["number"].method == "text"  # the paper as read is left alone


def test_a_value_that_was_missed_is_added_and_one_that_is_not_there_is_taken_out():
    said = corrected(paper(), [("seller.code", "X"), ("total", "")])
    assert said.header["seller.code"].text == "X"
    assert "total" not in said.header


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["lines[0].item", "lines[3].item", "invoices[1].x", "lines[99999].a"]), st.text()
        )
    )
)
def test_a_path_that_leads_nowhere_changes_nothing(said):
    assert corrected(paper(), said) == paper()


def test_of_several_invoices_each_takes_what_is_its():
    first, second = corrected_each([paper("1"), paper("2")], [("invoices[2].number", "9"), ("number", "8")])
    assert (first.header["number"].text, second.header["number"].text) == ("1", "9")
    (only,) = corrected_each([paper("1")], [("number", "8")])
    assert only.header["number"].text == "8"


def test_the_newest_judgement_of_a_value_counts():
    rows = [
        {
            "kind": "field",
            "subject": "d",
            "object": "total",
            "value": value,
            "at": datetime(2025, 1, day, tzinfo=UTC),
        }
        for day, value in ((1, "1"), (2, "2"))
    ]
    rows.append({"kind": "same", "subject": "d", "object": "number", "value": "x"})
    frame = pl.DataFrame(rows, schema=TABLES["judgements"])
    known = corrections_in(frame)
    assert known == {"d": (("total", "2"),)}
    source = Source("a", b"x")
    assert with_corrections(source, known) is source
    assert with_corrections(source, {source.sha256: (("total", "2"),)}).corrections == (("total", "2"),)
