"""A tiny economy by hand: twelve firms, a toy-car chain, a second chain without a core, a ledger behind them.

`tiny(folder)` commits its documents and publishes its snapshot; every number in it can be checked by
eye. Take it where a test needs the API's whole data folder and exact expectations.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from graph.snapshot import Snapshot, SnapshotTables, write_snapshot
from ledger.ids import party_id
from ledger.keys import strong_fact
from ledger.ledger import Ledger, Load
from ledger.names import initials, pinyin

YUAN = 100
#: letter → (name, chain segment, depth, level)
FIRMS: dict[str, tuple[str, str | None, float | None, int | None]] = {
    "A": ("平湖高温尼龙有限公司", "polymer", 3.0, 3),
    "B": ("宁波塑料粒子厂", "polymer", 3.4, 3),
    "C": ("慈溪齿轮有限公司", "part", 2.0, 2),
    "D": ("余姚轴承有限公司", "part", 2.5, 2),
    "E": ("上海电机股份有限公司", "module", 1.0, 1),
    "F": ("苏州电池有限公司", "module", 1.2, 1),
    "G": ("天行玩具汽车有限公司", "car", 0.0, 0),
    "H": ("童趣商店", "shop", -1.0, -1),
    "I": ("乐园玩具店", "shop", -1.5, -1),
    "J": ("万通贸易有限公司", None, None, None),
    "K": ("江南电力公司", None, None, None),
    "L": ("孤岛包装厂", "part", None, None),
}
#: seller and buyer → yuan without tax of each invoice between them, the last of them red where negative
TRADE: dict[str, list[int]] = {
    "AC": [1000, 2000, 3000, 4000, -500],
    "BC": [500],
    "BD": [700, 800],
    "CE": [5000, 6000],
    "DE": [900],
    "DF": [2500],
    "EG": [20000, 10000],
    "FG": [8000],
    "GH": [30000],
    "GI": [15000],
    "JD": [100],
    "LE": [200],
    **{f"K{buyer}": [10] for buyer in "ABCDEFGHIJL"},
}
#: In the order of the tiny products.
ITEMS = {
    "A": "*塑料制品*高温尼龙切片",
    "C": "*通用设备*齿轮",
    "D": "*通用设备*轴承",
    "E": "*电机*马达",
    "K": "*供电*电力",
}
FIRST_DAY = date(2025, 3, 10)
#: party of C in another book, joined by matching invoices
OTHER_PARTY_OF_C = party_id("scoped", "layout/X/seller", "C07")


def code(letter: str) -> str:
    """A made-up credit code; digits 3 to 8 belong to no registry."""
    return f"91990000TINY0000{ord(letter):02d}"


def firm(letter: str) -> str:
    """The enterprise id of a letter."""
    return party_id("uscc", "", code(letter))


@dataclass(frozen=True)
class Invoice:
    pair: str
    number: str
    day: date
    amount_fen: int

    @property
    def fact(self) -> str:
        return strong_fact(None, self.number)


@dataclass(frozen=True)
class Tiny:
    """The folder, its snapshot, and the SHA-256 of its documents by name."""

    folder: Path
    snapshot: Snapshot
    documents: dict[str, str]


def invoices() -> list[Invoice]:
    """Every invoice of the economy, a day apart within a pair."""
    found = []
    for p, (pair, amounts) in enumerate(TRADE.items()):
        for n, amount in enumerate(amounts):
            number = f"25{p:08d}{n:010d}"
            found.append(Invoice(pair, number, FIRST_DAY + timedelta(days=7 * p + 20 * n), amount * YUAN))
    return found


def tiny(folder: Path) -> Tiny:
    """Write the economy into the data folder `folder`."""
    every = invoices()
    documents = {
        "all.xlsx": _commit(folder, "all.xlsx", every, None, None),
        "慈溪齿轮进项.xlsx": _commit(
            folder, "账簿.zip/2025/慈溪齿轮进项.xlsx", [i for i in every if i.pair == "AC"], "C", "purchase"
        ),
    }
    return Tiny(folder, write_snapshot(folder, tables(every)), documents)


def _commit(folder: Path, name: str, rows: list[Invoice], owner: str | None, side: str | None) -> str:
    data = f"the bytes of {name}".encode()
    heads = [_head(i, n, owner, side) for n, i in enumerate(rows, 1)]
    lines = [_line(i, n) for n, i in enumerate(rows, 1)]
    load = Load(
        sha256=sha256(data).hexdigest(),
        name=name,
        data=data,
        format="tiny",
        reader_version=1,
        tables={"invoices": pl.DataFrame(heads), "invoice_lines": pl.DataFrame(lines)},
        rows=len(rows) + 1,
        facts=len(rows),
        rejected=1,
        synthetic=True,
    )
    Ledger(folder).commit([load])
    return load.sha256


def _head(invoice: Invoice, row: int, owner: str | None, side: str | None) -> dict[str, Any]:
    seller, buyer = invoice.pair
    tax = invoice.amount_fen * 13 // 100
    return {
        "row": row,
        "fact": invoice.fact,
        "weak": False,
        "kind": "digital_special",
        "number": invoice.number,
        "happened_on": invoice.day,
        "known_at": datetime(invoice.day.year, invoice.day.month, invoice.day.day, tzinfo=UTC),
        "seller": firm(seller),
        "buyer": firm(buyer),
        "owner": firm(owner) if owner else None,
        "side": side,
        "currency": "CNY",
        "amount_fen": invoice.amount_fen,
        "tax_fen": tax,
        "total_fen": invoice.amount_fen + tax,
        "status": "red" if invoice.amount_fen < 0 else "normal",
    }


def _line(invoice: Invoice, row: int) -> dict[str, Any]:
    return {
        "row": row,
        "fact": invoice.fact,
        "line": 1,
        "item": ITEMS.get(invoice.pair[0], "*杂项*货物"),
        "unit": "千克",
        "quantity": Decimal("12.50"),
        "price": Decimal(invoice.amount_fen) / Decimal(1250),
        "amount_fen": invoice.amount_fen,
        "rate": Decimal("0.13"),
        "tax_fen": invoice.amount_fen * 13 // 100,
    }


def tables(every: list[Invoice]) -> SnapshotTables:
    """The snapshot's tables."""
    order = sorted(FIRMS, key=firm)
    index = {letter: i for i, letter in enumerate(order)}
    pairs = sorted(TRADE, key=lambda pair: (index[pair[0]], index[pair[1]]))
    by_pair = {pair: [i for i in every if i.pair == pair] for pair in pairs}
    months = sorted({f"{i.day:%Y-%m}" for i in every})
    return SnapshotTables(
        as_of=max(i.day for i in every),
        months=months,
        synthetic=True,
        enterprises=_enterprises(order, every),
        members=_members(order),
        coverage=pl.DataFrame(
            {"enterprise": [index["C"]], "side": ["purchase"], "month": ["2025-03"], "invoices": [2]}
        ),
        edges=_edges(pairs, by_pair, index),
        flow=_flow(pairs, by_pair, months),
        evidence=pl.DataFrame(
            [{"edge": e, "fact": i.fact} for e, pair in enumerate(pairs) for i in by_pair[pair]]
        ).cast({"edge": pl.Int32}),
        products=pl.DataFrame(
            {
                "id": ["p-nylon", "p-gear", "p-bearing", "p-motor", "p-power", "p-other"],
                "tax_category": ["1070101", "1090101", None, None, None, None],
                "item": ["高温尼龙切片", "齿轮", "轴承", "马达", "电力", "货物"],
            }
        ),
        edge_products=_edge_products(pairs, by_pair),
        makes=_makes({"A": 0, "C": 1}, index),
        buys=_makes({"C": 0, "E": 1}, index),
        positions=_positions(index),
        relations=_relations(),
        chains=_chains(index),
    )


def _enterprises(order: list[str], every: list[Invoice]) -> pl.DataFrame:
    def total(letter: str, end: int) -> int:
        return sum(i.amount_fen for i in every if i.pair[end] == letter)

    def partners(letter: str, end: int) -> int:
        return sum(pair[end] == letter for pair in TRADE)

    names = [FIRMS[letter][0] for letter in order]
    own = [FIRST_DAY if letter == "C" else None for letter in order]
    n = len(order)
    return pl.DataFrame(
        {
            "id": [firm(letter) for letter in order],
            "name": names,
            "pinyin": [pinyin(name) for name in names],
            "initials": [initials(name) for name in names],
            "code": [code(letter) for letter in order],
            "scheme": ["uscc"] * n,
            "region": ["330482" if letter == "A" else None for letter in order],
            "industry": [None] * n,
            "size": ["small"] * n,
            "taxpayer": ["general"] * n,
            "legal_form": ["company"] * n,
            "role": ["manufacture"] * n,
            "hub": [letter == "K" for letter in order],
            "own_sales_until": [None] * n,
            "own_purchases_until": own,
            "sales_fen": [total(letter, 0) for letter in order],
            "purchases_fen": [total(letter, 1) for letter in order],
            "retail_fen": [0] * n,
            "customers": [partners(letter, 0) for letter in order],
            "suppliers": [partners(letter, 1) for letter in order],
            "first": [FIRST_DAY] * n,
            "last": [max(i.day for i in every)] * n,
        },
        schema_overrides={"industry": pl.String, "own_sales_until": pl.Date, "own_purchases_until": pl.Date},
    )


def _members(order: list[str]) -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for i, letter in enumerate(order):
        rows.append((i, firm(letter), "uscc", code(letter), FIRMS[letter][0], None, 0))
        if letter == "C":
            rows.append((i, OTHER_PARTY_OF_C, "scoped", "C07", "慈溪齿轮", "same_invoice_in_both_books", 3))
    columns = ["enterprise", "party", "scheme", "code", "name", "reason", "evidence"]
    return pl.DataFrame(rows, schema=columns, orient="row").cast(
        {"enterprise": pl.Int32, "reason": pl.String}
    )


def _edges(pairs: list[str], by_pair: dict[str, list[Invoice]], index: dict[str, int]) -> pl.DataFrame:
    rows = []
    for pair in pairs:
        amounts = [i.amount_fen for i in by_pair[pair]]
        rows.append(
            {
                "src": index[pair[0]],
                "dst": index[pair[1]],
                "gross_fen": sum(a for a in amounts if a > 0),
                "red_fen": sum(a for a in amounts if a < 0),
                "amount_fen": sum(amounts),
                "count": len(amounts),
                "first": by_pair[pair][0].day,
                "last": by_pair[pair][-1].day,
                "attested": "buyer" if pair == "AC" else "paper",
            }
        )
    return pl.DataFrame(rows).cast({"src": pl.Int32, "dst": pl.Int32})


def _flow(pairs: list[str], by_pair: dict[str, list[Invoice]], months: list[str]) -> pl.DataFrame:
    rows = [
        (e, months.index(f"{i.day:%Y-%m}"), i.amount_fen)
        for e, pair in enumerate(pairs)
        for i in by_pair[pair]
    ]
    frame = pl.DataFrame(
        rows, schema={"edge": pl.Int32, "month": pl.Int32, "amount_fen": pl.Int64}, orient="row"
    )
    summed = frame.group_by("edge", "month").agg(
        pl.col("amount_fen").sum(), pl.len().cast(pl.Int64).alias("count")
    )
    return summed.sort("month", "edge")


def _edge_products(pairs: list[str], by_pair: dict[str, list[Invoice]]) -> pl.DataFrame:
    """What each firm sells goes over all its links; what L sells nobody knows."""
    product = {letter: n for n, letter in enumerate(ITEMS)}
    rows = [
        (edge, product.get(pair[0], len(ITEMS)), sum(i.amount_fen for i in by_pair[pair]), 1)
        for edge, pair in enumerate(pairs)
        if pair[0] != "L"
    ]
    return pl.DataFrame(rows, schema=["edge", "product", "amount_fen", "rank"], orient="row")


def _makes(by_letter: dict[str, int], index: dict[str, int]) -> pl.DataFrame:
    rows = sorted((index[letter], product, 10_000 * YUAN, 1.0) for letter, product in by_letter.items())
    schema = {"enterprise": pl.Int32, "product": pl.Int32, "amount_fen": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _positions(index: dict[str, int]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "enterprise": index[letter],
            "chain": "toy-car",
            "segment": segment,
            "confidence": 0.9 if segment else None,
            "membership": 0.8,
            "level": level,
            "depth": depth,
            "depth_unweighted": depth,
            "core": None if level is None else index["G"],
        }
        for letter, (_, segment, depth, level) in FIRMS.items()
        if letter != "K"
    ]
    rows += [
        {
            "enterprise": index[letter],
            "chain": "watch",
            "segment": "gear" if letter == "C" else None,
            "confidence": 0.5,
            "membership": 0.2,
            "level": None,
            "depth": 1.0,
            "depth_unweighted": 1.0,
            "core": None,
        }
        for letter in "AC"
    ]
    kinds = {"enterprise": pl.Int32, "level": pl.Int32, "core": pl.Int32}
    return pl.DataFrame(rows, infer_schema_length=None).cast(kinds).sort("chain", "enterprise")  # type: ignore[arg-type]


def _relations() -> pl.DataFrame:
    row = {
        "kind": "GUARANTEES",
        "src": firm("E"),
        "src_is_person": False,
        "src_label": None,
        "dst": firm("F"),
        "share": None,
        "amount_fen": 1_000_000 * YUAN,
        "first": FIRST_DAY,
        "until": None,
    }
    overrides = {"src_label": pl.String, "share": pl.Decimal(38, 14), "until": pl.Date}
    return pl.DataFrame([row], schema_overrides=overrides)


def _chains(index: dict[str, int]) -> list[dict[str, Any]]:
    def segment(id_: str, zh: str, tier: int, feeds: list[str]) -> dict[str, Any]:
        role = "trade" if tier < 0 else "manufacture"
        name = {"zh": zh, "en": id_}
        return {"id": id_, "name": name, "tier": tier, "role": role, "end": tier == 0, "feeds": feeds}

    toy = [
        segment("polymer", "高分子材料", 3, ["part"]),
        segment("part", "零件", 2, ["module"]),
        segment("module", "总成", 1, ["car"]),
        segment("car", "玩具汽车", 0, ["shop"]),
        segment("shop", "商店", -1, []),
    ]
    return [
        {
            "id": "toy-car",
            "name": {"zh": "玩具汽车", "en": "Toy cars"},
            "segments": toy,
            "cores": [{"enterprise": index["G"]}],
        },
        {
            "id": "watch",
            "name": {"zh": "手表", "en": "Watches"},
            "segments": [segment("gear", "机芯", 0, [])],
            "cores": [],
        },
    ]
