"""A graph small enough to answer every query by hand, as the tables that `publish` takes.

a ──100──▶ c ──500──▶ e        o (a person) owns 60 % of c and guarantees for it
a ──50───▶ d ──70────▶ e       guarantees: c ▶ d ▶ c, and c ▶ d ▶ e ▶ c
b ──300──▶ c                   h is a hub: it supplies c, d, e and buys from a
e ──20───▶ b
"""

from datetime import date
from typing import Any

import polars as pl

from graph.model import EDGES, NODES
from graph.publish import GraphTables

FIRST, LAST = date(2025, 1, 3), date(2025, 11, 30)


def firm(id: str, name: str, code: str, pinyin: str, initials: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "code": code, "pinyin": pinyin, "initials": initials, **more}


FIRMS = [
    firm("a", "平湖甲尼龙有限公司", "91990000MA00000A01", "pinghu jia nilong", "phjnl", region="330482",
         industry="2659", size="small", taxpayer="general", legal_form="company", role="manufacture",
         hub=False, sales_fen=15_000, purchases_fen=0, synthetic=True),
    firm("b", "嘉兴乙化工有限公司", "91990000MA00000B02", "jiaxing yi huagong", "jxyhg", region="330402",
         hub=False, sales_fen=30_000, purchases_fen=2_000, synthetic=True),
    firm("c", "丙汽车零部件有限公司", "91990000MA00000C03", "bing qiche lingbujian", "bqclbj",
         region="330482", hub=False, sales_fen=50_000, purchases_fen=41_000, synthetic=True),
    firm("d", "丁贸易", None, "ding maoyi", "dmy", role="trade", hub=False, sales_fen=7_000,
         purchases_fen=6_000, synthetic=True),
    firm("e", "戊汽车集团", "91990000MA00000E05", "wu qiche jituan", "wqcjt", hub=False, sales_fen=2_000,
         purchases_fen=58_000, synthetic=True),
    firm("h", "市供电公司", "91990000MA00000H06", "shi gongdian gongsi", "sgdgs", hub=True, sales_fen=3_000,
         purchases_fen=1_000, synthetic=True),
]  # fmt: skip
LINKS = [("a", "c", 10_000), ("a", "d", 5_000), ("b", "c", 30_000), ("c", "e", 50_000), ("d", "e", 7_000)]
LINKS += [("e", "b", 2_000), ("h", "c", 1_000), ("h", "d", 1_000), ("h", "e", 1_000), ("a", "h", 1_000)]


def node_table(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=NODES[kind].schema)


def edge_table(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=EDGES[kind].schema)


def supplies(src: str, dst: str, amount: int) -> dict[str, Any]:
    sums = {"amount_fen": amount, "gross_fen": amount + 500, "red_fen": 500, "count": 3}
    known = {"basis": "observed", "confidence": 1.0, "attested": "both"}
    return {"src": src, "dst": dst, **sums, "first": FIRST, "last": LAST, **known}


def inferred(src: str, dst: str) -> dict[str, Any]:
    """A link nobody reported: whoever counts it as one that was seen gets other answers."""
    nothing = dict.fromkeys(("amount_fen", "gross_fen", "red_fen", "count", "first", "last", "attested"))
    return {"src": src, "dst": dst, **nothing, "basis": "inferred", "confidence": 0.4}


def tie(src: str, dst: str, share: float | None = None, amount: int | None = None) -> dict[str, Any]:
    return {"src": src, "dst": dst, "share": share, "amount_fen": amount, "first": FIRST, "until": None}


def stands(src: str, dst: str, level: int | None, depth: float) -> dict[str, Any]:
    return {"src": src, "dst": dst, "level": level, "depth": depth, "confidence": 0.9, "basis": "observed",
            "membership": 0.8}  # fmt: skip


def tables() -> GraphTables:
    return {
        "Enterprise": node_table("Enterprise", FIRMS),
        "Product": node_table("Product", [{"id": "p", "tax_category": "1070601", "item": "尼龙切片"}]),
        "Segment": node_table(
            "Segment",
            [
                {"id": "nev-nylon", "name": "尼龙", "name_en": "nylon", "tier": 2, "role": "manufacture"},
                {"id": "nev-parts", "name": "零部件", "name_en": "parts", "tier": 1, "role": "manufacture"},
                {"id": "nev-car", "name": "整车", "name_en": "cars", "tier": 0, "role": "manufacture"},
            ],
        ),
        "Chain": node_table("Chain", [{"id": "nev", "name": "新能源汽车", "name_en": "new-energy vehicles"}]),
        "Region": node_table(
            "Region", [{"id": "330482", "name": "平湖市"}, {"id": "330402", "name": "南湖区"}]
        ),
        "Person": node_table("Person", [{"id": "o", "name": "王*"}]),
        "Account": node_table("Account", [{"id": "k", "name": "6222****0001"}]),
        "SUPPLIES": edge_table("SUPPLIES", [*(supplies(*link) for link in LINKS), inferred("a", "e")]),
        "MAKES": edge_table("MAKES", [{"src": "a", "dst": "p", "amount_fen": 15_000, "share": 1.0}]),
        "BUYS": edge_table("BUYS", [{"src": "c", "dst": "p", "amount_fen": 10_000, "share": 0.25}]),
        "STANDS_IN": edge_table(
            "STANDS_IN",
            [
                stands("a", "nev-nylon", 2, 2.1),
                stands("b", "nev-nylon", 2, 2.0),
                stands("c", "nev-parts", 1, 1.0),
                stands("e", "nev-car", 0, 0.0),
                stands("d", "nev-nylon", None, 1.5),
            ],
        ),
        "FEEDS": edge_table(
            "FEEDS", [{"src": "nev-nylon", "dst": "nev-parts"}, {"src": "nev-parts", "dst": "nev-car"}]
        ),
        "PART_OF": edge_table(
            "PART_OF", [{"src": s, "dst": "nev"} for s in ("nev-nylon", "nev-parts", "nev-car")]
        ),
        "LOCATED_IN": edge_table(
            "LOCATED_IN", [{"src": "a", "dst": "330482"}, {"src": "c", "dst": "330482"}]
        ),
        "OWNS": edge_table("OWNS", [tie("o", "c", share=0.6), tie("b", "c", share=0.4)]),
        "CONTROLS": edge_table("CONTROLS", [tie("o", "c")]),
        "GUARANTEES": edge_table(
            "GUARANTEES",
            [
                tie("o", "c", amount=100),
                tie("c", "d", amount=200),
                tie("d", "c", amount=300),
                tie("d", "e", amount=400),
                tie("e", "c", amount=500),
            ],
        ),
    }
