"""Worlds of a few firms for tests of features: invoices, books, ties, payments, contracts as tables.

A firm is a letter and its id sorts like the letter, so that a firm who comes later pushes the others' rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from graph.build import chains_json
from graph.snapshot import SnapshotTables
from tests.learned_world import chain

CHAIN = chain("car", ore="metal", metal="part", part="car")
GOODS = ("ORE", "METAL", "PART", "CAR", "SODA")
FIRST = date(2024, 1, 1)


@dataclass(frozen=True)
class Sold:
    """One invoice; `buyer` None: a consumer. `month` counts from FIRST; `fen` without tax, 13 % on it."""

    seller: str
    buyer: str | None
    month: int
    fen: int
    good: str = "PART"
    status: str = "normal"

    @property
    def day(self) -> date:
        """When it was issued."""
        return day_in(self.month)


@dataclass(frozen=True)
class World:
    """`own`: whose books of which side are in, as "A:sale"; `paid`: seller, buyer, month of the invoice, day
    of the payment, fen with tax; `ties`: kind, src, dst, first, known_on, until; `stated`: firm, name, value,
    from, until; `signed`: seller, buyer, day, until, fen; `statements`: firms whose statements are in."""

    sold: Sequence[Sold]
    own: frozenset[str] = frozenset()
    paid: Sequence[tuple[str, str, int, date, int]] = ()
    ties: Sequence[tuple[str, str, str, date, date | None, date | None]] = ()
    stated: Sequence[tuple[str, str, str, date | None, date | None]] = ()
    signed: Sequence[tuple[str, str, date, date | None, int]] = ()
    statements: frozenset[str] = frozenset()
    cores: Sequence[str] = ("Z",)
    more: Sequence[str] = field(default_factory=tuple)

    def plus(self, **later: Sequence[object]) -> "World":
        """With more of the same kinds."""
        return replace(self, **{name: [*getattr(self, name), *rows] for name, rows in later.items()})

    @property
    def firms(self) -> list[str]:
        """Letters of all firms, in the order of their rows."""
        named = {f for one in self.sold for f in (one.seller, one.buyer) if f}
        named |= {f for row in [*self.paid, *self.signed] for f in row[:2]} | {row[0] for row in self.stated}
        named |= {f for row in self.ties for f in row[1:3] if len(f) == 1} | {*self.cores, *self.more}
        return sorted(named)

    def row(self, letter: str) -> int:
        """The row of a firm."""
        return self.firms.index(letter)


def day_in(month: int, day: int = 15) -> date:
    """A day of a month counted from FIRST."""
    return date(FIRST.year + month // 12, month % 12 + 1, day)


def end_of(month: int) -> date:
    """The last day of a month counted from FIRST."""
    return day_in(month + 1, 1) - timedelta(days=1)


def id_of(letter: str) -> str:
    """The id of a firm."""
    return f"{ord(letter):016x}"


def _end(named: str) -> str:
    """The id at an end of a tie: letters are firms, everything longer is a person."""
    return id_of(named) if len(named) == 1 else named


def tables(world: World) -> SnapshotTables:
    """What a build would hand over, positions and scores apart."""
    firms = world.firms
    at = {letter: i for i, letter in enumerate(firms)}
    valid = [one for one in world.sold if one.status != "void"]
    last = max(one.month for one in world.sold)
    months = [f"{day_in(m):%Y-%m}" for m in range(last + 1)]
    pairs = sorted({(at[one.seller], at[one.buyer]) for one in valid if one.buyer})
    edge = {pair: e for e, pair in enumerate(pairs)}
    rows = pl.DataFrame(
        [
            (
                at[one.seller], buyer, edge.get((at[one.seller], -1 if buyer is None else buyer)),
                one.month, one.day, one.fen, GOODS.index(one.good),
            )
            for one in valid
            for buyer in [at.get(one.buyer or "")]
        ],
        schema={
            "src": pl.Int32, "dst": pl.Int32, "edge": pl.Int32, "month": pl.Int32, "day": pl.Date,
            "amount_fen": pl.Int64, "product": pl.Int32,
        },
        orient="row",
    )  # fmt: skip
    linked = rows.drop_nulls("edge")
    amount = pl.col("amount_fen")
    return SnapshotTables(
        as_of=max(one.day for one in world.sold),
        months=months,
        synthetic=True,
        enterprises=pl.DataFrame(
            {
                "id": [id_of(f) for f in firms],
                "name": [f"{f}有限公司" for f in firms],
                "code": firms,
                "hub": False,
            }
        ),
        coverage=_coverage(world, at),
        edges=linked.group_by("edge", "src", "dst")
        .agg(
            amount.sum(),
            gross_fen=amount.filter(amount > 0).sum(),
            red_fen=amount.filter(amount <= 0).sum(),
            count=pl.len(),
            first=pl.col("day").min(),
            last=pl.col("day").max(),
        )
        .sort("edge")
        .drop("edge")
        .with_columns(attested=pl.lit("seller")),
        flow=linked.group_by("edge", "month").agg(amount.sum(), count=pl.len()),
        products=pl.DataFrame({"id": [f"{i:016x}" for i in range(len(GOODS))], "item": GOODS}),
        item_flow=rows.group_by("month", "src", "dst", "product").agg(amount.sum()),
        sales=_sales(world, at),
        settlements=pl.DataFrame(
            [
                (at[s], at[b], f"{i:016x}", day, day_in(m), fen, "proven")
                for i, (s, b, m, day, fen) in enumerate(world.paid)
            ],
            schema={
                "seller": pl.Int32, "buyer": pl.Int32, "payment": pl.String, "happened_on": pl.Date,
                "invoiced_on": pl.Date, "amount_fen": pl.Int64, "basis": pl.String,
            },
            orient="row",
        ),
        relations=pl.DataFrame(
            [
                (kind, _end(s), len(s) > 1, id_of(d), 0.6, 10_000_00, first, until, known, f"{i:016x}")
                for i, (kind, s, d, first, known, until) in enumerate(world.ties)
            ],
            schema={
                "kind": pl.String, "src": pl.String, "src_is_person": pl.Boolean, "dst": pl.String,
                "share": pl.Float64, "amount_fen": pl.Int64, "first": pl.Date, "until": pl.Date,
                "known_on": pl.Date, "fact": pl.String,
            },
            orient="row",
        ),
        attributes=pl.DataFrame(
            [
                (at[firm], name, value, a, b, f"{i:016x}")
                for i, (firm, name, value, a, b) in enumerate(world.stated)
            ],
            schema={
                "enterprise": pl.Int32, "name": pl.String, "value": pl.String, "happened_on": pl.Date,
                "until": pl.Date, "fact": pl.String,
            },
            orient="row",
        ),
        contracts=pl.DataFrame(
            [(at[s], at[b], f"{i:016x}", a, b2, fen) for i, (s, b, a, b2, fen) in enumerate(world.signed)],
            schema={
                "seller": pl.Int32, "buyer": pl.Int32, "contract": pl.String, "happened_on": pl.Date,
                "until": pl.Date, "amount_fen": pl.Int64,
            },
            orient="row",
        ),
        chains=chains_json([CHAIN], {"toy": [at[c] for c in world.cores]}),
    )  # fmt: skip


def _coverage(world: World, at: dict[str, int]) -> pl.DataFrame:
    rows = []
    for one in world.sold:
        for firm, side in ((one.seller, "sale"), (one.buyer, "purchase")):
            if firm and f"{firm}:{side}" in world.own:
                blue = one.status == "normal" and one.fen > 0
                rows.append((at[firm], side, f"{one.day:%Y-%m}", one.status, blue, one.fen if blue else 0))
    schema = {
        "enterprise": pl.Int32, "side": pl.String, "month": pl.String, "status": pl.String,
        "is_blue": pl.Boolean, "fen": pl.Int64,
    }  # fmt: skip
    status = pl.col("status")
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by("enterprise", "side", "month")
        .agg(
            invoices=pl.len().cast(pl.Int32),
            void=(status == "void").sum().cast(pl.Int32),
            red=(status == "red").sum().cast(pl.Int32),
            blue=pl.col("is_blue").sum().cast(pl.Int32),
            weekend=pl.lit(0, pl.Int32),
            month_end=pl.lit(0, pl.Int32),
            rated_fen=pl.col("fen").sum(),
            full_rate_fen=pl.col("fen").sum(),
            low_rate_fen=pl.lit(0, pl.Int64),
        )
    )


def _sales(world: World, at: dict[str, int]) -> pl.DataFrame:
    sums: dict[tuple[str, int], list[int]] = {}
    for one in world.sold:
        if one.status != "void":
            found = sums.setdefault((one.seller, one.month), [0, 0, 0])
            found[0] += one.fen
            found[1] += min(one.fen, 0)
            found[2] += one.fen * 113 // 100
    came: dict[tuple[str, int], int] = {}
    for seller, _, _, day, fen in world.paid:
        month = (day.year - FIRST.year) * 12 + day.month - 1
        came[seller, month] = came.get((seller, month), 0) + fen
    rows = [
        (
            at[firm], f"{day_in(month):%Y-%m}", *found, "own" if f"{firm}:sale" in world.own else "seen",
            came.get((firm, month), 0) if firm in world.statements else None,
            "own" if firm in world.statements else None,
        )
        for (firm, month), found in sums.items()
    ]  # fmt: skip
    schema = {
        "enterprise": pl.Int32, "month": pl.String, "invoiced_fen": pl.Int64, "red_fen": pl.Int64,
        "invoiced_total_fen": pl.Int64, "invoiced_from": pl.String, "received_fen": pl.Int64,
        "received_from": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
