"""Bench `cumcm`: a million real invoice rows, from files to graph, and what the books prove.

Ingest and build run as the command line runs them. The pairs known to be true (listed beside the
data) serve only to count, after everything has been found. The same is then done on a copy in which
firms and codes bear other names, rows stand in another order, and pairs were planted.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.relabel import Planted, relabel
from extraction.ingest import ingest
from extraction.matching import Evidence, match_books
from graph.snapshot import Snapshot, open_snapshot
from ledger.ledger import Ledger

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cumcm2020c"
BOOKS = ("att1_input_invoices", "att1_output_invoices", "att2_input_invoices", "att2_output_invoices")
CHAIN = ("E193", "E8", "E2", "E209")
ROUNDS = 3


def run(data: Path | None = None) -> dict[str, object]:
    """Measure, print a table, return the figures."""
    folder, console = data or DATA, Console()
    books = [next(p for p in (folder / f"{b}.csv.gz", folder / f"{b}.csv") if p.exists()) for b in BOOKS]
    rounds = []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(ROUNDS):
            home = Path(scratch) / str(number)
            rounds.append(_timed(books, home))
            console.print(rounds[-1].figures())
        ledger, snapshot = Ledger(home), open_snapshot(home)
        rows = _rows(ledger)
        second = ingest(books, ledger).total("new")
        evidence = match_books(ledger.scan("invoices").collect())
        names = _names(ledger)
        figures: dict[str, object] = {
            "rows": rows,
            "rows_sum": sum(rows.values()),
            **_duplicates(evidence, names, folder),
            **_pairs(evidence, names, folder, console),
            "expected_by_chance": evidence.expected_by_chance,
            "chain": _chain(snapshot, names, CHAIN),
            "relabelled_same": _relabelled(books, Path(scratch) / "other", evidence, names, console),
            **min(rounds, key=lambda m: m.seconds).figures(),
            "peak_gb": round(max(m.peak_gb for m in rounds), 3),
            "second_new": second,
            "enterprises": snapshot.enterprises.height,
            "edges": snapshot.edges.height,
        }
    table = Table("figure", "value", title="cumcm")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value, ensure_ascii=False))
    console.print(table)
    return figures


def _timed(books: Sequence[Path], home: Path) -> Measure:
    """`dayan ingest` and `dayan build`, as a person runs them, on an empty folder."""
    dayan = [sys.executable, "-m", "dayan"]
    with Measure() as measure:
        for command in ([*dayan, "ingest", *map(str, books)], [*dayan, "build"]):
            subprocess.run([*command, "--data", str(home)], check=True, capture_output=True)
    return measure


def _rows(ledger: Ledger) -> dict[str, int]:
    documents = ledger.documents()
    duplicate, rejected = int(documents["duplicates"].sum()), int(documents["rejected"].sum())
    read = int(documents["rows"].sum()) - duplicate - rejected
    return {"read": read, "duplicate": duplicate, "rejected": rejected}


def _names(ledger: Ledger) -> dict[str, str]:
    """party → the code it bears in the books."""
    parties = ledger.scan("parties").select("party", "code").unique().collect()
    return dict(zip(parties["party"], parties["code"], strict=True))


def _twins(evidence: Evidence, names: dict[str, str]) -> set[frozenset[str]]:
    same = evidence.same_party.filter(pl.col("reason") == "same_book_twice")
    return {frozenset((names[a], names[b])) for a, b in same.select("a", "b").iter_rows()}


def _duplicates(evidence: Evidence, names: dict[str, str], folder: Path) -> dict[str, object]:
    found = _twins(evidence, names)
    listed = pl.read_csv(folder / "duplicate_enterprise_pairs.csv")
    truth = {frozenset(pair) for pair in listed.select("a", "b").iter_rows()}
    return {"duplicate_pairs": len(found & truth), "duplicate_pairs_wrong": len(found - truth)}


def _found(evidence: Evidence, names: dict[str, str]) -> set[tuple[str, str]]:
    return {(names[a], names[b]) for a, b in evidence.pairs.select("supplier", "buyer").iter_rows()}


def _pairs(evidence: Evidence, names: dict[str, str], folder: Path, console: Console) -> dict[str, object]:
    """Known pairs that were found, and further ones with what speaks for them."""
    listed = pl.read_csv(folder / "hidden_supplier_buyer_edges.csv")
    truth = set(listed.select(listed.columns[:2]).iter_rows())
    found = _found(evidence, names)
    more = [
        {"supplier": names[row["supplier"]], "buyer": names[row["buyer"]], "matches": row["matches"]}
        | {"first": str(row["first"]), "last": str(row["last"]), "total_fen": row["total_fen"]}
        for row in evidence.pairs.iter_rows(named=True)
        if (names[row["supplier"]], names[row["buyer"]]) not in truth
    ]
    for pair in more:
        console.print(pair)
    return {"hidden_pairs": len(found & truth), "hidden_pairs_listed": len(truth), "more_pairs": more}


def _chain(snapshot: Snapshot, names: dict[str, str], chain: Sequence[str]) -> bool:
    """Whether each firm of the chain supplies the next in the published graph."""
    party = {code: party for party, code in names.items()}
    member = dict(zip(snapshot.members["party"], snapshot.members["enterprise"], strict=True))
    firms = [member.get(party.get(code, "")) for code in chain]
    return all(
        a is not None and b is not None and snapshot.edge_between(a, b) is not None
        for a, b in pairwise(firms)
    )


def _relabelled(
    books: Sequence[Path], scratch: Path, evidence: Evidence, names: dict[str, str], console: Console
) -> bool:
    """The same pairs and twins under other names, plus exactly what was planted."""
    scratch.mkdir()
    planted: Planted = relabel(books, scratch, taken=_found(evidence, names))
    ledger = Ledger(scratch / "home")
    ingest(planted.books, ledger)
    again, called = match_books(ledger.scan("invoices").collect()), _names(ledger)
    new = planted.firms
    pairs = {(new[a], new[b]) for a, b in _found(evidence, names)} | planted.pairs
    twins = {frozenset(new[x] for x in pair) for pair in _twins(evidence, names)}
    missing, surplus = pairs - _found(again, called), _found(again, called) - pairs
    if missing or surplus or twins != _twins(again, called):
        console.print("relabelled: missing", missing, "surplus", surplus)
        return False
    return True
