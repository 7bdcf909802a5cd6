"""A small invented economy behind the API's contract, so that the pages can be looked at alone.

Run as a program: it serves the built pages and `/v1`, and prints its address. Nine chains, the first
of them large; one without a core enterprise. Equal calls give equal bytes. `--empty` has no chain.
"""

import argparse
import json
import math
import random
import re
import sys
from collections import defaultdict
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PAGES = Path(__file__).parent.parent / "api" / "pages"
CSP = "default-src 'self'; img-src 'self' data:; style-src 'self'"
STAMP = {"snapshot": "5f0c1d2ab34e77aa", "as_of": "2026-10-31"}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}

NEV = """
nev-lithium 6 锂矿采选|Lithium mining|manufacture>nev-salt
nev-petro 6 石化基础原料|Basic petrochemicals|manufacture>nev-monomer,nev-electrolyte
nev-salt 5 锂盐与前驱体|Lithium salts and precursors|manufacture>nev-cathode,nev-electrolyte
nev-monomer 5 己二胺等尼龙单体|Hexamethylenediamine and nylon monomers|manufacture>nev-nylon
nev-cathode 4 正极材料|Cathode materials|manufacture>nev-cell
nev-anode 4 负极材料|Anode materials|manufacture>nev-cell
nev-separator 4 隔膜|Separators|manufacture>nev-cell
nev-electrolyte 4 电解液|Electrolytes|manufacture>nev-cell
nev-nylon 4 高温尼龙与工程塑料|High-temperature nylon and engineering plastics|manufacture>nev-connector
nev-cell 3 动力电芯|Traction cells|manufacture>nev-pack
nev-connector 3 连接器与绝缘件|Connectors and insulation parts|manufacture>nev-harness,nev-pack
nev-motor 2 驱动电机与电控|Drive motors and controllers|manufacture>nev-drive
nev-pack 2 电池包与热管理|Battery packs and thermal management|manufacture>nev-vehicle
nev-harness 2 高低压线束|High- and low-voltage harnesses|manufacture>nev-drive,nev-vehicle
nev-drive 1 电驱动总成|E-drive assemblies|manufacture>nev-vehicle
nev-vehicle 0 新能源整车|New-energy vehicles|manufacture>nev-dealer
nev-dealer -1 汽车经销|Car dealers|trade>nev-shop
nev-shop -2 门店、充电与维修|Shops, charging and repair|service>
"""
WEIGHTS = [60, 70, 130, 60, 150, 90, 80, 90, 110, 120, 210, 140, 160, 190, 90, 26, 150, 74]
OTHERS = {
    "medicine": (
        "医药",
        "Medicine",
        310,
        [
            "原料药中间体|Intermediates",
            "原料药|Active ingredients",
            "制剂|Finished medicines",
            "医药流通|Wholesale",
            "药店|Pharmacies",
        ],
    ),
    "construction": (
        "建筑",
        "Construction",
        640,
        [
            "矿石与石灰石|Ores and limestone",
            "水泥与钢材|Cement and steel",
            "预制构件|Precast parts",
            "施工总承包|General contractors",
            "物业服务|Property services",
        ],
    ),
    "electronics": (
        "消费电子",
        "Consumer electronics",
        720,
        [
            "电子化学品|Electronic chemicals",
            "元器件|Components",
            "模组|Modules",
            "手机与电脑|Telephones and computers",
            "零售|Retail",
        ],
    ),
    "solar": (
        "光伏",
        "Photovoltaics",
        280,
        [
            "工业硅|Silicon metal",
            "硅片|Wafers",
            "电池组件|Cells and modules",
            "电站|Power plants",
            "运维|Operation",
        ],
    ),
    "equipment": (
        "装备制造",
        "Equipment",
        530,
        [
            "铸锻件|Castings and forgings",
            "基础零部件|Basic parts",
            "功能部件|Assemblies",
            "成套设备|Machines",
            "代理服务|Agents",
        ],
    ),
    "food": (
        "食品与农业",
        "Food and agriculture",
        460,
        [
            "种植养殖|Farming",
            "初加工|First processing",
            "配料|Ingredients",
            "食品制造|Food makers",
            "商超|Supermarkets",
        ],
    ),
    "textiles": (
        "纺织服装",
        "Textiles",
        390,
        ["纤维|Fibres", "纱线|Yarns", "面料印染|Fabrics and dyeing", "服装|Garments", "门店|Shops"],
    ),
    "chemicals": (
        "化工新材料",
        "Chemicals and new materials",
        350,
        [
            "基础化学品|Basic chemicals",
            "单体|Monomers",
            "聚合物|Polymers",
            "改性材料|Compounds",
            "化工贸易|Chemical trade",
        ],
    ),
}
NAMELESS = "textiles"
PLACES = [
    *("嘉兴平湖", "宁波北仑", "苏州昆山", "常州溧阳", "佛山顺德", "东莞长安"),
    *("合肥肥西", "宜春宜丰", "湖州长兴", "台州玉环", "无锡宜兴", "惠州仲恺"),
]
FIRST = [
    *("恒瑞", "鼎盛", "华远", "金泰", "宏达", "嘉禾", "天启", "博众"),
    *("明辉", "东岳", "瑞丰", "永信", "新程", "海川", "凯德", "启明"),
    *("安达", "中奕", "立诚", "方圆", "佳音", "广润", "同济", "万合"),
]


class Economy:
    """Everything the stub serves, made once from one seed."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.chains: dict[str, dict[str, Any]] = {}
        self.firms: dict[str, dict[str, Any]] = {}
        self.edges: dict[tuple[str, str], dict[str, Any]] = {}
        self._chain(
            "nev",
            ("新能源汽车", "New-energy vehicles"),
            [self._segment(line) for line in NEV.split("\n") if line],
            WEIGHTS,
        )
        for key, (zh, en, size, names) in OTHERS.items():
            segments = [
                {
                    "id": f"{key}-{at}",
                    "tier": 3 - at,
                    "name": tuple(name.split("|")),
                    "role": "manufacture",
                    "feeds": [f"{key}-{at + 1}"],
                }
                for at, name in enumerate(names)
            ]
            self._chain(key, (zh, en), segments, [size * part // 100 for part in (22, 30, 26, 4, 18)])

    @staticmethod
    def _segment(line: str) -> dict[str, Any]:
        left, feeds = line.split(">")
        key, tier, rest = left.split(" ", 2)
        zh, en, role = rest.split("|")
        return {
            "id": key,
            "tier": int(tier),
            "name": (zh, en),
            "role": role,
            "feeds": [f for f in feeds.split(",") if f],
        }

    def _chain(
        self, key: str, name: tuple[str, str], segments: list[dict[str, Any]], weights: list[int]
    ) -> None:
        inside: dict[str, list[str]] = defaultdict(list)
        for segment, weight in zip(segments, weights, strict=True):
            for _ in range(weight):
                inside[segment["id"]].append(self._firm(key, segment))
        unplaced = [self._firm(key, None) for _ in range(max(3, sum(weights) // 34))]
        for segment in segments:
            for firm in inside[segment["id"]]:
                self._trade(
                    firm,
                    [f for feed in segment["feeds"] for f in inside.get(feed, [])],
                    inside[segment["id"]],
                )
        end = next(s for s in segments if s["tier"] == 0)
        cores = (
            []
            if key == NAMELESS
            else sorted(inside[end["id"]], key=lambda f: -self.firms[f]["purchases"])[:5]
        )
        self.chains[key] = {
            "name": name,
            "segments": segments,
            "inside": inside,
            "unplaced": unplaced,
            "cores": cores,
        }

    def _firm(self, chain: str, segment: dict[str, Any] | None) -> str:
        r, at = self.random, len(self.firms)
        key = sha256(f"firm {at}".encode()).hexdigest()[:16]
        trade = segment["name"][0] if segment else "商贸"
        tier = segment["tier"] if segment else 2
        drift = r.choices([0, 1, -1], [80, 10, 10])[0] if tier > 0 else 0
        self.firms[key] = {
            "id": key,
            "name": "".join(
                (r.choice(PLACES), r.choice(FIRST), r.choice(FIRST), re.split("[与、]", trade)[0], "有限公司")
            ),
            "code": f"91990000MA{at:07d}{'0123456789ABCDEFGH'[at % 18]}"[:18],
            "chain": chain,
            "segment": segment,
            "own": r.random() < 0.3,
            "depth": round(min(6.4, max(-2.4, tier + drift + r.gauss(0, 0.33))), 2),
            "sales": 0,
            "purchases": 0,
            "out": [],
            "in": [],
        }
        return key

    def _trade(self, firm: str, buyers: list[str], peers: list[str]) -> None:
        r = self.random
        scale = math.exp(r.gauss(17.5, 1.2))
        for _ in range(min(len(buyers), 1 + int(r.expovariate(0.25)))):
            buyer = r.choice(buyers) if r.random() > 0.12 else r.choice(peers)
            if buyer == firm or (firm, buyer) in self.edges:
                continue
            amount, count = int(scale * r.uniform(0.2, 1) * 100), 1 + int(r.expovariate(0.08))
            red = amount // 50 if r.random() < 0.15 else 0
            self.edges[firm, buyer] = {"gross": amount + red, "red": red, "amount": amount, "count": count}
            self.firms[firm]["sales"] += amount
            self.firms[buyer]["purchases"] += amount
            self.firms[firm]["out"].append(buyer)
            self.firms[buyer]["in"].append(firm)

    @cached_property
    def maps(self) -> dict[str, Any]:
        """Cells and flows per chain, without words."""
        out = {}
        for key, chain in self.chains.items():
            cells: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
            for segment, firms in chain["inside"].items():
                for firm in firms:
                    cell = cells[segment, column(self.firms[firm])]
                    cell[0] += 1
                    cell[1] += self.firms[firm]["sales"]
            flows: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
            for (a, b), edge in self.edges.items():
                if self.firms[a]["chain"] == key:
                    flow = flows[self.cell(a), self.cell(b)]
                    flow[0] += edge["amount"]
                    flow[1] += 1
            out[key] = (cells, flows)
        return out

    def cell(self, firm: str) -> tuple[str, int]:
        return self.firms[firm]["segment"]["id"], column(self.firms[firm])


def column(firm: dict[str, Any]) -> int:
    """The map column of a firm: its depth, halves upwards."""
    return math.floor(firm["depth"] + 0.5)


class Answers:
    """The routes of the contract over one economy, in one language."""

    def __init__(self, economy: Economy, lang: str) -> None:
        self.e, self.at = economy, 0 if lang.startswith("zh") else 1

    def chains(self) -> dict[str, Any]:
        rows = []
        for key, chain in self.e.chains.items():
            firms = [f for inside in chain["inside"].values() for f in inside]
            rows.append(
                {
                    "id": key,
                    "name": chain["name"][self.at],
                    "enterprises": len(firms) + len(chain["unplaced"]),
                    "segments": len(chain["segments"]),
                    "unplaced": len(chain["unplaced"]),
                    "synthetic": True,
                    "amount_fen": sum(self.e.firms[f]["sales"] for f in firms),
                }
            )
        return listing(rows)

    def map(self, key: str) -> dict[str, Any]:
        chain, (cells, flows) = self.e.chains[key], self.e.maps[key]
        depths = [depth for _, depth in cells]
        buyers = sorted(
            chain["inside"][next(s["id"] for s in chain["segments"] if s["tier"] == 0)],
            key=lambda f: -self.e.firms[f]["purchases"],
        )
        place = lambda cell: {"segment": cell[0], "depth": cell[1]}  # noqa: E731
        return {
            "chain": {"id": key, "name": chain["name"][self.at]},
            "synthetic": True,
            "core_known": bool(chain["cores"]),
            "cores": [
                {"id": f, "name": self.e.firms[f]["name"], "segment": self.e.firms[f]["segment"]["id"]}
                for f in chain["cores"]
            ],
            "candidates": []
            if chain["cores"]
            else [
                {"id": f, "name": self.e.firms[f]["name"], "amount_fen": self.e.firms[f]["purchases"]}
                for f in buyers[:5]
            ],
            "segments": [
                {
                    "id": s["id"],
                    "name": s["name"][self.at],
                    "tier": s["tier"],
                    "role": s["role"],
                    "end": s["tier"] == 0,
                }
                for s in chain["segments"]
            ],
            "depths": list(range(max(depths), min(depths) - 1, -1)),
            "cells": [
                place(cell) | {"enterprises": n, "amount_fen": fen}
                for cell, (n, fen) in sorted(cells.items())
            ],
            "flows": [
                {"from": place(a), "to": place(b), "amount_fen": fen, "links": n}
                for (a, b), (fen, n) in sorted(flows.items())
            ],
            "unplaced": {"enterprises": len(chain["unplaced"]), "amount_fen": 0},
            "total": sum(n for n, _ in cells.values()) + len(chain["unplaced"]),
            **STAMP,
        }

    def residents(
        self, key: str, segment: str | None, depth: int | None, unplaced: bool, limit: int, start: int
    ) -> dict[str, Any]:
        chain = self.e.chains[key]
        firms = (
            chain["unplaced"]
            if unplaced
            else [f for s, inside in chain["inside"].items() if segment in (None, s) for f in inside]
        )
        rows = [
            self._resident(f) for f in firms if unplaced or depth is None or column(self.e.firms[f]) == depth
        ]
        return listing(sorted(rows, key=lambda row: -row["sales_fen"]), limit, start)

    def _resident(self, key: str) -> dict[str, Any]:
        firm = self.e.firms[key]
        segment = firm["segment"]
        return {
            "id": key,
            "name": firm["name"],
            "code": firm["code"],
            "region": "330482",
            "segment": segment and segment["id"],
            "confidence": 0.93 if segment else None,
            "depth": firm["depth"],
            "level": self._level(key),
            "sales_fen": firm["sales"],
            "own_books": firm["own"],
        }

    def _level(self, key: str) -> int | None:
        firm = self.e.firms[key]
        if not firm["segment"] or not self.e.chains[firm["chain"]]["cores"]:
            return None
        return firm["segment"]["tier"]

    def search(self, text: str, limit: int) -> dict[str, Any]:
        hits = [f for f in self.e.firms.values() if text in f["name"] or text.upper() in f["code"]][:limit]
        return listing(
            [
                {
                    "id": f["id"],
                    "name": f["name"],
                    "code": f["code"],
                    "match": "name" if text in f["name"] else "code",
                }
                for f in hits
            ]
        )

    def enterprise(self, key: str) -> dict[str, Any]:
        firm = self.e.firms[key]
        chain, segment = self.e.chains[firm["chain"]], firm["segment"]
        level, core = self._level(key), chain["cores"][0] if chain["cores"] else None
        until = STAMP["as_of"] if firm["own"] else None
        one = {
            "party": key,
            "scheme": "uscc",
            "code": firm["code"],
            "name": firm["name"],
            "reason": None,
            "evidence": 0,
        }
        return {
            "id": key,
            "name": firm["name"],
            "code": firm["code"],
            "scheme": "uscc",
            "region": "330482 嘉兴市平湖市",
            "industry": "C2651",
            "size": "micro",
            "taxpayer": "general",
            "legal_form": "enterprise",
            "role": segment["role"] if segment else None,
            "hub": False,
            "synthetic": True,
            "own_books": {"sales_until": until, "purchases_until": None},
            "sales_fen": firm["sales"],
            "purchases_fen": firm["purchases"],
            "customers": len(firm["out"]),
            "suppliers": len(firm["in"]),
            "first": "2023-01-09",
            "last": "2026-10-28",
            "members": [
                one,
                one
                | {
                    "party": f"{key}b",
                    "scheme": "scoped",
                    "code": "S0412",
                    "reason": "invoices_match",
                    "evidence": 76,
                },
            ],
            "positions": [
                {
                    "chain": {"id": firm["chain"], "name": chain["name"][self.at]},
                    "segment": segment and {"id": segment["id"], "name": segment["name"][self.at]},
                    "confidence": 0.93 if segment else None,
                    "membership": 0.88,
                    "level": level,
                    "depth": firm["depth"],
                    "depth_unweighted": firm["depth"] + 0.2,
                    "level_text": None,
                    "core": {"id": core, "name": self.e.firms[core]["name"]}
                    if core and level is not None
                    else None,
                }
            ],
            **STAMP,
        }

    def neighbours(self, key: str, side: str, limit: int) -> dict[str, Any]:
        others = self.e.firms[key]["out" if side == "customers" else "in"]
        rows = []
        for other in others:
            edge = self.e.edges[(key, other) if side == "customers" else (other, key)]
            rows.append(
                {
                    "id": other,
                    "name": self.e.firms[other]["name"],
                    "amount_fen": edge["amount"],
                    "gross_fen": edge["gross"],
                    "red_fen": edge["red"],
                    "count": edge["count"],
                    "first": "2024-03-02",
                    "last": "2026-10-19",
                    "attested": "both",
                    "hub": False,
                }
            )
        rows.sort(key=lambda row: (-row["amount_fen"], row["id"]))
        shown = rows[:limit]
        return {
            "items": shown,
            "total": len(rows),
            "shown": len(shown),
            "note": f"{len(shown)} of {len(rows)}",
            **STAMP,
        }

    def evidence(self, key: str, partner: str, side: str, limit: int, start: int) -> dict[str, Any]:
        pair = (key, partner) if side == "customers" else (partner, key)
        edge, r = self.e.edges[pair], random.Random(str(pair))
        rows = []
        for at in range(edge["count"]):
            red = at == edge["count"] - 1 and edge["red"] > 0
            fen = -edge["red"] if red else edge["gross"] // edge["count"]
            paper = sha256(f"{pair} {at % 3}".encode()).hexdigest()
            line = {
                "item": "*塑料制品*高温尼龙 PA6T 改性粒子",
                "quantity": "1250.000",
                "unit": "千克",
                "price": f"{fen / 125000:.6f}",
                "amount_fen": fen,
                "rate": "0.13",
            }
            rows.append(
                {
                    "fact": f"{r.getrandbits(64):016x}",
                    "number": f"2633{r.randrange(10**15):016d}",
                    "kind": "digital_special",
                    "kind_text": ("数电票（增值税专用发票）", "Fully digitalised e-invoice (special)")[
                        self.at
                    ],
                    "happened_on": f"2026-{1 + at % 10:02d}-{1 + at % 28:02d}",
                    "amount_fen": fen,
                    "tax_fen": fen * 13 // 100,
                    "total_fen": fen + fen * 13 // 100,
                    "status": "red" if red else "normal",
                    "lines": [line, line] if at % 4 == 0 else [line],
                    "documents": [
                        {
                            "id": paper,
                            "name": f"2026/销项发票-{1 + at % 3:02d}.xlsx",
                            "row": 12 + at,
                            "format": "ledger",
                        }
                    ],
                }
            )
        return listing(rows, limit, start)


def listing(rows: list[Any], limit: int = 1000, start: int = 0) -> dict[str, Any]:
    """One page of rows, with where the next one starts."""
    end = start + limit
    return {
        "items": rows[start:end],
        "total": len(rows),
        "next": str(end) if end < len(rows) else None,
        **STAMP,
    }


def answer(economy: Economy | None, lang: str, path: str, query: dict[str, str]) -> Any:
    """The body for one address under /v1. KeyError when there is no such thing."""
    if economy is None:
        return listing([])
    a, parts = Answers(economy, lang), path.strip("/").split("/")[1:]
    limit, start = int(query.get("limit", 40)), int(query.get("cursor", 0))
    match parts:
        case ["chains"]:
            return a.chains()
        case ["chains", key, "map"]:
            return a.map(key)
        case ["chains", key, "enterprises"]:
            depth = int(query["depth"]) if "depth" in query else None
            return a.residents(
                key, query.get("segment"), depth, query.get("unplaced") == "true", limit, start
            )
        case ["enterprises"]:
            return a.search(query.get("q", ""), limit)
        case ["enterprises", key]:
            return a.enterprise(key)
        case ["enterprises", key, "neighbours"]:
            return a.neighbours(key, query["side"], limit)
        case ["enterprises", key, "evidence"]:
            return a.evidence(key, query["partner"], query["side"], limit, start)
        case ["documents", key, "original"]:
            return {"id": key}
    raise KeyError(path)


class Handler(BaseHTTPRequestHandler):
    """Pages and API on one origin, under the policy the real one sends."""

    economy: Economy | None = None
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        if path.startswith("/v1/"):
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            try:
                self._send(
                    200,
                    "application/json",
                    json.dumps(
                        answer(self.economy, self.headers.get("Accept-Language", "en"), path, query)
                    ).encode(),
                )
            except KeyError:
                zh = self.headers.get("Accept-Language", "").startswith("zh")
                problem = {
                    "title": "Not Found",
                    "status": 404,
                    "code": "not_found",
                    "detail": f"没有找到：{path}" if zh else f"not found: {path}",
                }
                self._send(404, "application/problem+json", json.dumps(problem).encode())
            return
        file = (PAGES / path.lstrip("/")).resolve()
        if not file.is_relative_to(PAGES) or not file.is_file():
            file = PAGES / "index.html"
        self._send(200, TYPES.get(file.suffix, "application/octet-stream"), file.read_bytes())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", CSP),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing: the tests watch the browser, not this."""


def main() -> None:
    """Serves until ended; the first line printed is the address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--empty", action="store_true", help="an API that knows no chain yet")
    options = parser.parse_args()
    Handler.economy = None if options.empty else Economy()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
