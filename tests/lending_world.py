"""A lender's world by hand: firms by letter, their invoices in a ledger, the snapshot that goes with them.

`build(folder, …)` writes both; take it where receivables, exposure or warnings need exact expectations.
The id of a firm is its letter's number in sixteen hex digits: A = 0, B = 1 …
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from graph.snapshot import Snapshot, SnapshotTables, write_snapshot
from ledger.ledger import Ledger, Load

CUT_OFF = date(2025, 12, 31)


@dataclass(frozen=True)
class Inv:
    """An invoice: seller and buyer by letter, total with tax in fen (13 % of it left out of the tax sums)."""

    pair: str
    day: date
    total_fen: int
    fact: str
    status: str = "normal"
    reverses: str | None = None
    books: str = "sale"  # which books hold it: sale, purchase, both, paper
    known: date | None = None


@dataclass(frozen=True)
class World:
    folder: Path
    snapshot: Snapshot
    ledger: Ledger
    facts: dict[str, str]

    def row(self, letter: str) -> int:
        return ord(letter) - ord("A")

    def id(self, letter: str) -> str:
        return firm(letter)


def firm(letter: str) -> str:
    """The id of a letter's firm, which is also that of its only party."""
    return f"{ord(letter) - ord('A'):016x}"


def fact(name: str) -> str:
    """The id of an invoice by its name."""
    return sha256(name.encode()).hexdigest()[:16]


def inv(pair: str, days_ago: int, yuan: int, name: str, **more: Any) -> Inv:
    """An invoice so many days before the cut-off, over so many yuan with tax."""
    if "reverses" in more:
        more |= {"reverses": more["reverses"] and fact(more["reverses"]), "status": "red"}
    return Inv(pair, CUT_OFF - timedelta(days=days_ago), yuan * 100, fact(name), **more)


def build(
    folder: Path,
    invoices: list[Inv],
    letters: str = "ABCDEF",
    statements: dict[str, tuple[date, date]] | None = None,
    **tables: Any,
) -> World:
    """Ledger and snapshot. `statements`: letter → days covered; `tables`: further tables of the snapshot by
    name, `enterprises` as changes of columns by letter, `parties` as a further party by letter."""
    changes, others = tables.pop("enterprises", {}), tables.pop("parties", {})
    ledger = Ledger(folder)
    _commit(ledger, invoices, statements or {})
    standing = [i for i in invoices if i.status != "void"]
    pairs = sorted({i.pair for i in standing})
    months = _months()
    made = SnapshotTables(
        as_of=CUT_OFF,
        months=months,
        synthetic=True,
        enterprises=_firms(letters, invoices, changes),
        members=pl.DataFrame(
            {
                "enterprise": [*range(len(letters)), *(ord(x) - 65 for x in others)],
                "party": [*map(firm, letters), *others.values()],
                "evidence": 0,
            }
        ),
        edges=pl.DataFrame([_edge(p, [i for i in standing if i.pair == p]) for p in pairs])
        if pairs
        else pl.DataFrame(),
        flow=_flow(pairs, standing, months),
        evidence=pl.DataFrame(
            [(pairs.index(i.pair), i.fact) for i in standing],
            schema={"edge": pl.Int32, "fact": pl.String}, orient="row",
        ),
        sales=_sales(letters, standing, changes),
        **tables,
    )  # fmt: skip
    snapshot = write_snapshot(folder, made)
    return World(folder, snapshot, ledger, {})


def _months() -> list[str]:
    return [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]


def _firms(letters: str, invoices: list[Inv], changes: dict[str, dict[str, Any]]) -> pl.DataFrame:
    rows = []
    for letter in letters:
        own = [i.day for i in invoices if i.pair[0] == letter and i.books in ("sale", "both")]
        row = {
            "id": firm(letter), "name": f"甲乙丙{letter}有限公司", "code": f"91990000000000000{letter}",
            "region": "330482", "industry": "2651", "size": "small", "legal_form": "company", "hub": False,
            "own_sales_until": max(own, default=None),
        }  # fmt: skip
        rows.append({**row, **changes.get(letter, {})})
    return pl.DataFrame(rows, schema_overrides={"own_sales_until": pl.Date, "size": pl.String})


def _edge(pair: str, rows: list[Inv]) -> dict[str, Any]:
    return {
        "src": ord(pair[0]) - 65, "dst": ord(pair[1]) - 65,
        "gross_fen": sum(i.total_fen for i in rows if i.total_fen > 0),
        "red_fen": sum(i.total_fen for i in rows if i.total_fen < 0),
        "amount_fen": sum(i.total_fen for i in rows), "count": len(rows),
        "first": min(i.day for i in rows), "last": max(i.day for i in rows), "attested": "seller",
    }  # fmt: skip


def _flow(pairs: list[str], rows: list[Inv], months: list[str]) -> pl.DataFrame:
    schema = {"edge": pl.Int32, "month": pl.Int32, "amount_fen": pl.Int64}
    told = [(pairs.index(i.pair), months.index(f"{i.day:%Y-%m}"), i.total_fen) for i in rows]
    frame = pl.DataFrame(told, schema=schema, orient="row")
    return (
        frame.group_by("edge", "month").agg(pl.col("amount_fen").sum(), count=pl.len()).sort("month", "edge")
    )


def _sales(letters: str, rows: list[Inv], changes: dict[str, dict[str, Any]]) -> pl.DataFrame:
    sums: dict[tuple[int, str], int] = {}
    for i in rows:
        key = letters.index(i.pair[0]), f"{i.day:%Y-%m}"
        sums[key] = sums.get(key, 0) + i.total_fen
    told = [(e, month, fen, "own") for (e, month), fen in sorted(sums.items())]
    schema = {
        "enterprise": pl.Int32,
        "month": pl.String,
        "invoiced_fen": pl.Int64,
        "invoiced_from": pl.String,
    }
    return pl.DataFrame(told, schema=schema, orient="row")


def _commit(ledger: Ledger, invoices: list[Inv], statements: dict[str, tuple[date, date]]) -> None:
    loads = []
    for side, name in (("sale", "sold"), ("purchase", "bought"), (None, "paper")):
        rows = [i for i in invoices if (i.books == side or (i.books == "both" and side)) or
                (side is None and i.books == "paper")]  # fmt: skip
        if rows:
            heads = [_head(i, n, side) for n, i in enumerate(rows, 1)]
            loads.append(_load(f"{name}.xlsx", {"invoices": pl.DataFrame(heads, infer_schema_length=None)}))
    if statements:
        told = [
            {"row": 0, "fact": fact(f"st{x}"), "owner": firm(x), "channel": "bank", "from": a, "until": b}
            for x, (a, b) in statements.items()
        ]
        loads.append(_load("statements.xlsx", {"statements": pl.DataFrame(told)}))
    ledger.commit(loads)


def _load(name: str, tables: dict[str, pl.DataFrame]) -> Load:
    data = name.encode()
    rows = sum(frame.height for frame in tables.values())
    return Load(
        sha256=sha256(data).hexdigest(), name=name, data=data, format="hand", reader_version=1,
        tables=tables, rows=rows, facts=rows,
    )  # fmt: skip


def _head(i: Inv, row: int, side: str | None) -> dict[str, Any]:
    seller, buyer = i.pair
    known = i.known or i.day
    return {
        "row": row, "fact": i.fact, "weak": False, "kind": "digital_special",
        "number": f"2500000000000000{row:04d}",
        "happened_on": i.day, "known_at": datetime(known.year, known.month, known.day, tzinfo=UTC),
        "seller": firm(seller), "buyer": firm(buyer),
        "owner": {"sale": firm(seller), "purchase": firm(buyer), None: None}[side], "side": side,
        "currency": "CNY", "amount_fen": i.total_fen, "tax_fen": 0, "total_fen": i.total_fen,
        "status": i.status, "reverses": i.reverses,
    }  # fmt: skip
