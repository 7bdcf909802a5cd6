"""Contracts as real firms write them: parties, number, dates, amount, lines and terms, in DOCX and in PDF."""

from decimal import Decimal
from typing import Any

import pytest

from extraction.contract import ContractReader
from extraction.source import Source
from tests.contract_cases import CASES
from tests.contract_files import as_docx, as_pdf

#: Tables whose columns are too narrow to be told apart without their rules.
CROWDED = {"group_purchase"}
_COLUMNS = {
    "kind": "kind",
    "number": "number",
    "parent": "parent",
    "amount": "amount_fen",
    "deposit": "deposit_fen",
    "signed": "happened_on",
    "starts": "starts",
    "until": "until",
}


def differences(source: Source, want: dict[str, Any]) -> list[str]:
    reader = ContractReader()
    if not reader.recognises(source):
        return ["not recognised"]
    tables = reader.facts(source).tables
    made = tables["contracts"].row(0, named=True)
    names = {p["party"]: p["name"] for p in tables["parties"].to_dicts()}
    wrong = []
    for side in {"seller", "buyer"} & set(want):
        if names.get(made[side]) != want[side]:
            wrong.append(f"{side}: {names.get(made[side])}")
    for key in set(_COLUMNS) & set(want):
        value = made[_COLUMNS[key]]
        if str(value) != str(want[key]):
            wrong.append(f"{key}: {value}")
    if "lines" in want and tables["contract_lines"].height != want["lines"]:
        wrong.append(f"lines: {tables['contract_lines'].height}")
    terms = tables["contract_terms"].to_dicts()
    if "terms" in want:
        paying = [t for t in terms if t["kind"] in ("payment", "retention", "deposit")]
        if not (len(paying) == len(want["terms"]) and all(map(_agrees, paying, want["terms"]))):
            wrong.append(f"terms: {[(t['kind'], t['trigger'], t['share'], t['days']) for t in paying]}")
    if "rents" in want:
        rents = [(t["amount_fen"], t["every_months"], str(t["due_on"])) for t in terms if t["kind"] == "rent"]
        if rents != want["rents"]:
            wrong.append(f"rents: {rents}")
    told = {w["code"] for w in made["warnings"]}
    return wrong + [f"not told: {code}" for code in want.get("warn", ()) if code not in told]


def _agrees(term: dict[str, Any], said: tuple[Any, ...]) -> bool:
    kind, trigger, share, days = said[:4]
    return (
        term["kind"] == kind
        and trigger in (None, term["trigger"])
        and (share is None or term["share"] == Decimal(str(share)))
        and (term["days"] or 0) == (days or 0)
        and (len(said) < 5 or str(term["due_on"]) == said[4])
        and (len(said) < 6 or term["amount_fen"] == said[5])
    )


@pytest.mark.parametrize("name", CASES)
def test_a_contract_is_read_from_word(name: str) -> None:
    text, want = CASES[name]
    assert differences(as_docx(text), want) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("manner", ["plain", "letters", "scan"])
def test_the_same_contract_is_read_from_pdf(name: str, manner: str) -> None:
    text, want = CASES[name]
    if manner == "scan":  # words stand apart by chance: where a Latin one is cut in two, nobody can tell
        want = {k: v for k, v in want.items() if not (name in ("english", "bilingual") and k in _LATIN)}
    assert differences(as_pdf(text, manner=manner), want) == []


_LATIN = ("seller", "buyer", "number")


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in CASES if n not in CROWDED])
def test_tables_without_rules_are_read_by_their_columns(name: str) -> None:
    text, want = CASES[name]
    assert differences(as_pdf(text, ruled=False), want) == []
