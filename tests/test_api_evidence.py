"""Evidence where books disagree: what counts is what the edge says, and every document is shown as it is."""

from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import permutations

import polars as pl
import pytest

from api.views.evidence import evidence
from dayan.pipeline import compute
from graph.snapshot import write_snapshot
from ledger.ids import party_id
from ledger.ledger import Ledger, Load
from ledger.records import TABLES
from seeds.chains import load_chains

SELLER, BUYER = party_id("uscc", "", "S"), party_id("uscc", "", "B")
FACT = "00000000000000aa"


def book(name, side, amount, status="normal", lines=(), warnings=(), fact=FACT, day=date(2025, 3, 1)):
    """A document of one invoice; its name decides its SHA-256."""
    head = {
        "row": 1,
        "fact": fact,
        "weak": False,
        "kind": "digital_special",
        "number": "25000000000000000001",
        "happened_on": day,
        "known_at": datetime(2025, 3, 1, tzinfo=UTC),
        "seller": SELLER,
        "buyer": BUYER,
        "owner": {"sale": SELLER, "purchase": BUYER}.get(side),
        "side": side,
        "currency": "CNY",
        "amount_fen": amount,
        "tax_fen": amount * 13 // 100,
        "total_fen": amount + amount * 13 // 100,
        "status": status,
        "warnings": [dict(zip(("code", "field", "value"), w, strict=True)) for w in warnings],
    }
    detail = [
        {"row": n, "fact": fact, "line": n, "item": item, "amount_fen": fen}
        for n, (item, fen) in enumerate(lines, 1)
    ]
    parties = [
        {"party": p, "scheme": "uscc", "scope": "", "code": c} for p, c in ((SELLER, "S"), (BUYER, "B"))
    ]

    def frame(table, rows):
        columns = {k: v for k, v in TABLES[table].items() if rows and k in rows[0]}
        return pl.DataFrame(rows, schema=columns)

    return Load(
        sha256=sha256(name.encode()).hexdigest(),
        name=name,
        data=name.encode(),
        format="test",
        reader_version=1,
        tables={
            "invoices": frame("invoices", [head]),
            "parties": frame("parties", parties),
            **({"invoice_lines": frame("invoice_lines", detail)} if detail else {}),
        },
        rows=1,
        facts=1,
    )


def shown(folder, loads, lang="en", limit=10, after=None):
    ledger = Ledger(folder)
    ledger.commit(loads)
    snapshot = write_snapshot(folder, compute(ledger, load_chains())[0])
    index = {c: i for i, c in enumerate(snapshot.enterprises["code"])}
    return snapshot, evidence(snapshot, ledger, (index["S"], index["B"]), limit, after, lang)


NAMES = ["a", "b", "c"]


@pytest.mark.parametrize("names", list(permutations(NAMES)))
def test_evidence_shows_the_amount_that_the_edge_counts(tmp_path, names):
    """Whatever order the documents' hashes give."""
    sold, paper, bought = names
    loads = [book(sold, "sale", 100_000), book(paper, None, 150_000), book(bought, "purchase", 200_000)]
    snapshot, answer = shown(tmp_path, loads)
    (item,) = answer.items
    assert item.amount_fen == snapshot.edges["amount_fen"].sum() == 100_000
    assert item.disagrees
    first = item.documents[0]
    assert (first.name, first.amount_fen, first.total_fen, first.status) == (sold, 100_000, 113_000, "normal")
    assert {d.name: d.amount_fen for d in item.documents} == {sold: 100_000, paper: 150_000, bought: 200_000}


def test_red_wins_and_brings_its_own_amounts(tmp_path):
    loads = [book("a", "sale", 100_000), book("b", "purchase", -100_000, status="red")]
    snapshot, answer = shown(tmp_path, loads)
    (item,) = answer.items
    assert (item.status, item.amount_fen) == ("red", -100_000)
    assert snapshot.edges["amount_fen"].sum() == -100_000
    assert [d.status for d in item.documents] == ["red", "normal"]


def test_books_that_agree_say_so_and_the_fullest_of_them_gives_the_lines(tmp_path):
    loads = [
        book("a", "sale", 100_000, lines=[("货物一批", 100_000)]),
        book("b", "purchase", 100_000, lines=[("齿轮", 60_000), ("轴承", 40_000)]),
    ]
    (item,) = shown(tmp_path, loads)[1].items
    assert not item.disagrees
    assert [line.item for line in item.lines] == ["齿轮", "轴承"]


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_lines_of_other_amounts_are_not_put_under_the_amount_that_counts(tmp_path, names):
    loads = [
        book(names[0], "sale", 100_000, lines=[("齿轮", 100_000)]),
        book(names[1], "purchase", 200_000, lines=[("齿轮", 100_000), ("轴承", 100_000)]),
    ]
    (item,) = shown(tmp_path, loads)[1].items
    assert sum(line.amount_fen for line in item.lines) == item.amount_fen


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "the rate was not in force"), ("zh", "开票当日没有这一税率")]
)
def test_warnings_of_the_readers_are_told_once_in_the_readers_language(tmp_path, lang, text):
    odd = ("rate_not_in_force", "rate", "0.16")
    loads = [
        book("a", "sale", 100_000, warnings=[odd, ("of_a_newer_version", "x", "1")]),
        book("b", "purchase", 100_000, warnings=[odd]),
    ]
    first, second = shown(tmp_path, loads, lang)[1].items[0].warnings
    assert (first.code, first.field, first.value) == odd
    assert first.message.startswith(text)
    assert second.message == "of_a_newer_version"


def test_pages_follow_the_day_of_the_attestation_that_counts(tmp_path):
    """The buyer's book dates the first invoice far too early: the list goes by the seller's day."""
    early = date(2024, 1, 1)
    loads = [
        book("a", "sale", 100, day=date(2025, 6, 1)),
        book("b", "purchase", 100, day=early),
        book("c", "sale", 200, fact="00000000000000bb", day=date(2025, 5, 1)),
    ]
    items = shown(tmp_path, loads)[1].items
    assert [item.happened_on for item in items] == [date(2025, 6, 1), date(2025, 5, 1)]
