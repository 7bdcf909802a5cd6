"""Small worlds told event by event, as tables of a snapshot: what comes later can be told otherwise."""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from graph.snapshot import SnapshotTables
from tests.graphs import firm_id

MONTHS = [f"2025-{m:02d}" for m in range(1, 7)]
ITEMS = ["聚酰胺切片", "绝缘护套", "连接线束", "整车", "包装绳", "仓储服务"]


@dataclass(frozen=True)
class World:
    """`sales`: month, seller, buyer (None: consumers), product, fen. `ties`: kind, src (a person: text),
    dst, share, first, until, known_on. `said`: firm, name, value, happened_on, until."""

    sales: list[tuple] = field(default_factory=list)
    ties: list[tuple] = field(default_factory=list)
    said: list[tuple] = field(default_factory=list)
    undated: int = 0  # what columns without days say; no day's view may depend on it

    def firms(self) -> list[int]:
        """Everybody who is named, in the order of ids."""
        named = {f for s in self.sales for f in s[1:3] if f is not None}
        named |= {f for t in self.ties for f in t[1:3] if isinstance(f, int)} | {s[0] for s in self.said}
        return sorted(named, key=firm_id)

    def tables(self) -> SnapshotTables:
        """The snapshot that a build of this world would publish, as far as learning reads it."""
        firms = self.firms()
        row = {f: i for i, f in enumerate(firms)}
        product = {p: i for i, p in enumerate(sorted({s[3] for s in self.sales}))}
        pairs = sorted({(row[s[1]], row[s[2]]) for s in self.sales if s[2] is not None})
        edge = {pair: e for e, pair in enumerate(pairs)}
        flow: dict = {}
        items: dict = {}
        for month, src, dst, what, fen in self.sales:
            key = (month, row[src], None if dst is None else row[dst], product[what])
            items[key] = items.get(key, 0) + fen
            if dst is not None:
                at = (edge[row[src], row[dst]], month)
                flow[at] = (flow.get(at, (0, 0))[0] + fen, flow.get(at, (0, 0))[1] + 1)
        months = MONTHS[: max([s[0] for s in self.sales], default=0) + 1]
        ids = [firm_id(f) for f in firms]
        return SnapshotTables(
            as_of=date(2025, 6, 30),
            months=months,
            synthetic=True,
            enterprises=pl.DataFrame(
                {
                    "id": ids,
                    "size": str(self.undated),
                    "sales_fen": self.undated,
                    "hub": self.undated % 2 == 1,
                }
            ),
            edges=pl.DataFrame(pairs, schema=["src", "dst"], orient="row").with_columns(
                amount_fen=self.undated
            ),
            flow=pl.DataFrame(
                [(e, m, fen, n) for (e, m), (fen, n) in flow.items()],
                schema=["edge", "month", "amount_fen", "count"],
                orient="row",
            ).sort("month", "edge"),
            item_flow=pl.DataFrame(
                [(*key, fen) for key, fen in items.items()],
                schema={
                    "month": pl.Int32,
                    "src": pl.Int32,
                    "dst": pl.Int32,
                    "product": pl.Int32,
                    "amount_fen": pl.Int64,
                },
                orient="row",
            ),
            products=pl.DataFrame(
                {
                    "id": [f"{p:016x}" for p in product],
                    "tax_category": [f"10{p}0101010000000000" for p in product],
                    "item": [ITEMS[p % len(ITEMS)] for p in product],
                }
            ),
            relations=pl.DataFrame(
                [
                    (
                        kind,
                        src if isinstance(src, str) else firm_id(src),
                        isinstance(src, str),
                        firm_id(dst),
                        *rest,
                    )
                    for kind, src, dst, *rest in self.ties
                ],
                schema={
                    "kind": pl.String,
                    "src": pl.String,
                    "src_is_person": pl.Boolean,
                    "dst": pl.String,
                    "share": pl.Float64,
                    "first": pl.Date,
                    "until": pl.Date,
                    "known_on": pl.Date,
                },
                orient="row",
            ),
            attributes=pl.DataFrame(
                [(row[f], *rest) for f, *rest in self.said],
                schema={
                    "enterprise": pl.Int32,
                    "name": pl.String,
                    "value": pl.String,
                    "happened_on": pl.Date,
                    "until": pl.Date,
                },
                orient="row",
            ),
            chains=[
                {
                    "id": "nev",
                    "name": {"zh": "新能源汽车", "en": "cars"},
                    "cores": [],
                    "segments": [
                        {"id": "a", "name": {"zh": "线束"}, "tier": 1, "role": "manufacture", "feeds": ["b"]},
                        {"id": "b", "name": {"zh": "整车"}, "tier": 0, "role": "manufacture", "feeds": []},
                    ],
                }
            ],
        )


def layered(firms: int = 90, months: int = 4, seed: int = 3) -> tuple[World, dict[str, str]]:
    """Three layers, each selling its own goods to the next, partly in words nobody knows; id → layer."""
    import numpy as np

    rng = np.random.default_rng(seed)
    layer = rng.integers(0, 3, firms)
    sales = []
    for seller in range(firms):
        below = np.flatnonzero(layer == (layer[seller] + 1) % 3)
        for buyer in rng.choice(below, 4, replace=False).tolist():
            what = int(layer[seller]) if rng.random() < 0.7 else 5
            first = int(rng.integers(0, months))
            sales += [
                (m, seller, buyer, what, int(rng.integers(1, 9)) * 100_000) for m in range(first, months)
            ]
    return World(sales), {firm_id(i): "abc"[layer[i]] for i in range(firms)}
