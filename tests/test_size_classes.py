"""Size classes by industry: every measure must be met, and what is not known is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.size_classes import size_class

WAN = 1_000_000
ORDER = ["micro", "small", "medium", "large"]


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "assets", "size"),
    [
        ("C2651", 1000, 40000, None, "large"),
        ("C2651", 999, 40000, None, "medium"),
        ("2651", 35, 1999, None, "small"),
        ("C26", 19, 5000, None, "micro"),  # twenty people are needed, whatever the sales
        ("A01", None, 50, None, "small"),
        ("F51", 5, 1000, None, "small"),
        ("F52", 9, 100000, None, "micro"),
        ("K7010", None, 1000, 5000, "medium"),
        ("K7020", 300, 1000, None, "medium"),
        ("L72", 300, None, 120000, "large"),
        ("M73", 99, None, None, "small"),
        ("E47", None, 80000, 299, "micro"),
    ],
)
def test_the_table(
    industry: str, employees: int | None, revenue: int | None, assets: int | None, size: str
) -> None:
    fen = [None if v is None else v * WAN for v in (revenue, assets)]
    found = size_class(industry, employees, *fen)
    assert found.size == size
    assert found.missing == ()


def test_what_could_change_the_answer_must_be_known() -> None:
    unknown = size_class("C26", None, 5000 * WAN)
    assert (unknown.size, unknown.missing) == (None, ("employees",))
    assert size_class("C26", None, 299 * WAN).size == "micro"  # whoever works there
    assert size_class(None, 10, 10).missing == ("industry",)
    assert size_class("S91", 10, 10).missing == ("industry",)  # public bodies are not classed


def test_the_inputs_are_shown() -> None:
    assert size_class("C26", 300, 2000 * WAN).rests_on == {
        "employees": (300, 300), "revenue": (2000 * WAN, 2000 * WAN),
    }  # fmt: skip


@given(
    st.sampled_from(["A01", "C26", "E47", "F51", "F52", "G54", "I65", "K701", "L72", "M73"]),
    st.integers(0, 3000),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.integers(0, 500),
)
def test_growing_never_makes_a_firm_smaller(
    industry: str, people: int, revenue: int, assets: int, more: int
) -> None:
    before = size_class(industry, people, revenue, assets).size
    after = size_class(industry, people + more, revenue + more * WAN, assets + more * WAN).size
    assert before and after
    assert ORDER.index(after) >= ORDER.index(before)
