"""Graphs for tests: hypothesis strategies, plain builders, and small snapshots of made-up firms."""

from datetime import date

import numpy as np
import polars as pl
from hypothesis import strategies as st

from graph.csr import Graph, build
from graph.snapshot import SnapshotTables

AS_OF = date(2025, 3, 15)
MONTHS = ["2025-01", "2025-02", "2025-03"]


@st.composite
def edge_lists(draw, nodes=12, edges=40):
    """(n, [(src, dst)] sorted, each once); loops may occur."""
    n = draw(st.integers(1, nodes))
    ends = st.integers(0, n - 1)
    return n, sorted(draw(st.sets(st.tuples(ends, ends), max_size=edges)))


def graph_of(n: int, pairs: list[tuple[int, int]]) -> Graph:
    return build(n, [a for a, _ in pairs], [b for _, b in pairs])


def relabelled(n: int, pairs, perm, *edge_values):
    """The same graph under new names perm[i], with values of edges carried along."""
    order = sorted(range(len(pairs)), key=lambda e: (perm[pairs[e][0]], perm[pairs[e][1]]))
    moved = [(perm[pairs[e][0]], perm[pairs[e][1]]) for e in order]
    return graph_of(n, moved), *(np.asarray(values)[order] for values in edge_values)


def firm_id(i: int) -> str:
    return f"{(i + 1) * 0x0FFF_0000_0000_0001 % 2**64:016x}"


def tables(n: int = 12, seed: int = 1, **changes) -> SnapshotTables:
    """A consistent set of tables of n firms: a chain of sales 0 → 1 → … and some sideways."""
    rng = np.random.default_rng(seed)
    ids = sorted(firm_id(i) for i in range(n))
    pairs = sorted({(i, i + 1) for i in range(n - 1)} | {(0, j) for j in range(2, n)})
    flow = [
        (e, m, int(rng.integers(1, 9)) * 100_00) for m in range(3) for e in range(len(pairs)) if (e + m) % 3
    ]
    amounts = np.zeros(len(pairs), np.int64)
    for e, _, fen in flow:
        amounts[e] += fen
    values = {
        "as_of": AS_OF,
        "months": MONTHS,
        "synthetic": True,
        "enterprises": pl.DataFrame(
            {
                "id": ids,
                "name": [f"第{i}号橡胶有限公司" for i in range(n)],
                "code": [f"{330000000000000000 + i}" for i in range(n)],
                "scheme": ["uscc"] * n,
                "region": ["330400"] * n,
                "role": ["manufacture"] * n,
                "hub": [False] * n,
                "sales_fen": np.bincount([a for a, _ in pairs], amounts, n).astype(np.int64),
                "first": [date(2025, 1, 2)] * n,
            }
        ),
        "members": pl.DataFrame(
            {"enterprise": list(range(n)), "party": ids, "scheme": "uscc", "code": ids, "name": ids}
        ),
        "edges": pl.DataFrame(
            {
                "src": [a for a, _ in pairs],
                "dst": [b for _, b in pairs],
                "gross_fen": amounts,
                "red_fen": 0,
                "amount_fen": amounts,
                "count": 2,
                "first": date(2025, 1, 2),
                "last": date(2025, 3, 9),
                "attested": "seller",
            }
        ),
        "flow": pl.DataFrame(flow, schema=["edge", "month", "amount_fen"], orient="row").with_columns(
            count=1
        ),
        "positions": pl.DataFrame(
            {
                "enterprise": list(range(n)),
                "chain": "nev",
                "segment": [f"s{i % 3}" for i in range(n)],
                "membership": 1.0,
                "level": [n - 1 - i for i in range(n)],
                "depth": [float(n - 1 - i) for i in range(n)],
                "core": n - 1,
            }
        ),
        "relations": pl.DataFrame(
            {"kind": ["OWNS"], "src": [ids[0]], "src_is_person": [False], "dst": [ids[1]], "share": [0.6]}
        ),
        "evidence": pl.DataFrame(
            [(e, f"{int(rng.integers(0, 2**62)) * 4 + k:016x}") for e in range(n) for k in range(e % 3)],
            schema={"edge": pl.Int32, "fact": pl.String},
            orient="row",
        ),
        "chains": [{"id": "nev", "name": {"zh": "新能源汽车", "en": "new-energy vehicles"}, "segments": []}],
    }
    return SnapshotTables(**{**values, **changes})
