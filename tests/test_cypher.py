"""Every statement, on both engines, against answers worked out by hand from `tests/store_graph.py`."""

from typing import Any

import polars as pl
import pytest

from cypher import statement, statements
from cypher.loader import parse
from graph.bulk_statements import FOLDER, files
from graph.model import DTYPES, EDGES, KINDS, NODES, EdgeKind, NodeKind
from graph.publish import publish
from graph.store import Store
from ledger.errors import InputError
from tests.neo4j.launcher import raw
from tests.store_graph import FIRST, LAST, tables

A, B, C, D, E, H = [
    "平湖甲尼龙有限公司",
    "嘉兴乙化工有限公司",
    "丙汽车零部件有限公司",
    "丁贸易",
    "戊汽车集团",
    "市供电公司",
]


CODE_B, CODE_C, CODE_E = "91990000MA00000B02", "91990000MA00000C03", "91990000MA00000E05"


def link(amount: int) -> dict[str, Any]:
    return {"amount_fen": amount, "gross_fen": amount + 500, "red_fen": 500, "count": 3, "first": FIRST,
            "last": LAST, "attested": "both"}  # fmt: skip


def partner(id: str, name: str, amount: int, hub: bool = False) -> dict[str, Any]:
    return {"id": id, "name": name, **link(amount), "hub": hub}


def hit(id: str, name: str, code: str | None, match: str) -> dict[str, Any]:
    return {"id": id, "name": name, "code": code, "match": match}


def step(at: str, next: str, amount: int) -> dict[str, Any]:
    return {"at": at, "next": next, "amount_fen": amount}


def standing(
    id: str, name: str, region: str | None, level: int | None, depth: float, sales: int
) -> dict[str, Any]:
    return {"id": id, "name": name, "region": region, "level": level, "depth": depth, "confidence": 0.9,
            "membership": 0.8, "basis": "observed", "sales_fen": sales}  # fmt: skip


def owner(id: str, name: str, kind: str, tie: str, share: float | None) -> dict[str, Any]:
    return {"id": id, "name": name, "kind": kind, "tie": tie, "share": share, "first": FIRST, "until": None}


def guarantor(id: str, name: str, kind: str, amount: int) -> dict[str, Any]:
    return {"id": id, "name": name, "kind": kind, "amount_fen": amount, "first": FIRST, "until": None}


def segment(id: str, name: str, name_en: str, tier: int, enterprises: int) -> dict[str, Any]:
    return {"id": id, "name": name, "name_en": name_en, "tier": tier, "role": "manufacture",
            "enterprises": enterprises}  # fmt: skip


def counts(**of_kind: int) -> list[dict[str, Any]]:
    return [{"kind": kind, "count": count} for kind, count in of_kind.items()]


#: statement → [(parameters, rows)]; rows in their order.
ANSWERS: dict[str, list[tuple[dict[str, Any], list[dict[str, Any]]]]] = {
    "enterprise": [
        (
            {"id": "c"},
            [{"id": "c", "name": C, "code": "91990000MA00000C03", "region": "330482", "industry": None,
              "size": None, "taxpayer": None, "legal_form": None, "role": None, "hub": False,
              "sales_fen": 50_000, "purchases_fen": 41_000, "synthetic": True, "suppliers": 3,
              "customers": 1}],
        ),
        ({"id": "nobody"}, []),
    ],
    "enterprise_by_code": [
        ({"code": "91990000MA00000B02"}, [{"id": "b", "name": B, "code": "91990000MA00000B02"}]),
        ({"code": "91990000"}, []),
    ],
    "search": [
        ({"q": "汽车", "limit": 10}, [hit("c", C, CODE_C, "name"), hit("e", E, CODE_E, "name")]),
        ({"q": "汽车", "limit": 1}, [hit("c", C, CODE_C, "name")]),
        ({"q": "Qiche", "limit": 10}, [hit("c", C, CODE_C, "pinyin"), hit("e", E, CODE_E, "pinyin")]),
        ({"q": "PHJ", "limit": 10}, [hit("a", A, "91990000MA00000A01", "initials")]),
        ({"q": "91990000ma00000b", "limit": 10}, [hit("b", B, CODE_B, "code")]),
        ({"q": "车汽", "limit": 10}, []),
        ({"q": "丁", "limit": 10}, [hit("d", D, None, "name")]),
    ],
    "suppliers": [
        ({"id": "c", "limit": 2}, [partner("b", B, 30_000), partner("a", A, 10_000)]),
        ({"id": "b", "limit": 9}, [partner("e", E, 2_000)]),
        ({"id": "a", "limit": 9}, []),
    ],
    "customers": [
        ({"id": "a", "limit": 9}, [partner("c", C, 10_000), partner("d", D, 5_000),
                                   partner("h", H, 1_000, True)]),
    ],
    "partner_counts": [
        ({"id": "e"}, [{"suppliers": 3, "customers": 1}]),
        ({"id": "a"}, [{"suppliers": 0, "customers": 3}]),
        ({"id": "nobody"}, []),
    ],
    "common_suppliers": [
        (
            {"a": "c", "b": "d", "limit": 9},
            [{"id": "a", "name": A, "amount_a_fen": 10_000, "amount_b_fen": 5_000, "hub": False},
             {"id": "h", "name": H, "amount_a_fen": 1_000, "amount_b_fen": 1_000, "hub": True}],
        ),
    ],
    "top_buyers": [
        ({"limit": 2}, [{"id": "e", "name": E, "purchases_fen": 58_000},
                        {"id": "c", "name": C, "purchases_fen": 41_000}]),
    ],
    "shortest_path": [
        ({"start": "b", "goal": "e"}, [{"ids": ["b", "c", "e"], "names": [B, C, E], "links": 2}]),
        ({"start": "b", "goal": "a"}, []),
    ],
    "onward": [
        ({"ids": ["a", "d"]}, [step("a", "c", 10_000), step("a", "d", 5_000), step("d", "e", 7_000)]),
        ({"ids": []}, []),
    ],
    "backward": [
        ({"ids": ["c", "a"]}, [step("c", "b", 30_000), step("c", "a", 10_000)]),
    ],
    "links": [
        (
            {"pairs": [["c", "e"], ["a", "c"], ["c", "a"]]},
            [{"src": "a", "src_name": A, "dst": "c", "dst_name": C, **link(10_000)},
             {"src": "c", "src_name": C, "dst": "e", "dst_name": E, **link(50_000)}],
        ),
    ],
    "chain_list": [({}, [{"id": "nev", "name": "新能源汽车", "name_en": "new-energy vehicles",
                            "segments": 3}])],
    "chain_segments": [
        (
            {"chain": "nev"},
            [segment("nev-nylon", "尼龙", "nylon", 2, 3), segment("nev-parts", "零部件", "parts", 1, 1),
             segment("nev-car", "整车", "cars", 0, 1)],
        ),
        ({"chain": "none"}, []),
    ],
    "segment_enterprises": [
        (
            {"segment": "nev-nylon", "limit": 9},
            [standing("b", B, "330402", 2, 2.0, 30_000), standing("a", A, "330482", 2, 2.1, 15_000),
             standing("d", D, None, None, 1.5, 7_000)],
        ),
    ],
    "positions_of": [
        (
            {"id": "a"},
            [{"chain": "nev", "segment": "nev-nylon", "name": "尼龙", "level": 2, "depth": 2.1,
              "confidence": 0.9, "membership": 0.8, "basis": "observed"}],
        ),
    ],
    "owners": [
        (
            {"id": "c"},
            [owner("o", "王*", "Person", "CONTROLS", None), owner("o", "王*", "Person", "OWNS", 0.6),
             owner("b", B, "Enterprise", "OWNS", 0.4)],
        ),
    ],
    "guarantors": [
        (
            {"id": "c"},
            [guarantor("e", E, "Enterprise", 500), guarantor("d", D, "Enterprise", 300),
             guarantor("o", "王*", "Person", 100)],
        ),
    ],
    "guarantee_circles": [
        (
            {"id": "c", "limit": 9},
            [{"ids": ["c", "d", "c"], "names": [C, D, C], "links": 2},
             {"ids": ["c", "d", "e", "c"], "names": [C, D, E, C], "links": 3},],
        ),
        ({"id": "a", "limit": 9}, []),
    ],
    "build": [({}, [{"snapshot": "s1"}])],
    "node_counts": [
        ({}, counts(Account=1, Build=1, Chain=1, Enterprise=6, Person=1, Product=1, Region=2, Segment=3)),
    ],
    "edge_counts": [
        ({}, counts(BUYS=1, CONTROLS=1, FEEDS=2, GUARANTEES=5, LOCATED_IN=2, MAKES=1, OWNS=2, PART_OF=3,
                    STANDS_IN=5, SUPPLIES=11)),
    ],
}  # fmt: skip
#: Tested as a group below, by kind.
OPERATIONS = ("create", "merge", "keys", "release", "delete")
BULK = {s.name for s in statements() if s.folder == "bulk"}
#: Has a test of its own below.
MARKING = {"mark_build", "build_marker"}


def test_every_statement_has_an_expectation():
    assert {s.name for s in statements()} == set(ANSWERS) | BULK | MARKING
    assert {f"{path}.cypher" for path in BULK} == set(files())


@pytest.fixture
def filled(store: Store) -> Store:
    publish(store, tables(), None, "s1")
    return store


def test_queries_answer_what_was_worked_out_by_hand(filled: Store):
    for name, cases in ANSWERS.items():
        for params, rows in cases:
            assert filled.run(name, **params) == rows, f"{name} {params}"


def test_other_peoples_nodes_and_edges_are_in_no_answer(filled: Store):
    stranger = {"id": "x", "name": "汽车外人", "code": CODE_B, "purchases_fen": 10**9}
    raw(filled, "CREATE (x:Enterprise) SET x = $props", props=stranger)
    for tie in ("[:SUPPLIES {amount_fen: 9}]", "[:OWNS]", "[:GUARANTEES]"):
        raw(filled, f"MATCH (x {{id: 'x'}}), (c:Enterprise {{id: 'c'}}) CREATE (x)-{tie}->(c)")
    raw(filled, "MATCH (x {id: 'x'}), (c:Enterprise {id: 'c'}) CREATE (c)-[:GUARANTEES]->(x)")
    partners = ("suppliers", "partner_counts", "backward", "owners", "guarantors", "guarantee_circles")
    found = ("search", "top_buyers", "enterprise", "enterprise_by_code", "node_counts", "edge_counts")
    for name in (*partners, *found):
        for params, rows in ANSWERS[name]:
            assert filled.run(name, **params) == rows, f"{name} {params}"


def test_the_marker_is_one_and_says_how_far_a_build_got(store: Store):
    store.schema()
    assert (store.run("build_marker"), store.run("build")) == ([], [])
    for state, done in (("writing", []), ("ready", [{"snapshot": "s"}])):
        assert store.write("mark_build", snapshot="s", state=state, model="m", folder=None) == 1
        marker = {"snapshot": "s", "state": state, "model": "m", "folder": None}
        assert store.run("build_marker") == [marker]
        assert store.run("build") == done


def test_the_marker_is_not_given_from_one_folder_to_another(store: Store):
    store.schema()
    told = {"state": "ready", "model": "m"}
    assert store.write("mark_build", snapshot="s0", folder=None, **told) == 1  # as older versions left it
    assert store.write("mark_build", snapshot="s1", folder="f", **told) == 1
    assert store.write("mark_build", snapshot="s2", folder="g", **told) == 0
    assert store.write("mark_build", snapshot="s2", folder=None, **told) == 0
    assert store.write("mark_build", snapshot="s3", folder="f", **told) == 1
    assert store.run("build_marker") == [{"snapshot": "s3", "folder": "f", **told}]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_bulk_statements_of(kind: NodeKind | EdgeKind, store: Store):
    store.schema()
    low, name = kind.name.lower(), kind.name
    if isinstance(kind, NodeKind):
        keys, find = ["n1", "n2"], f"MATCH (n:{name}) RETURN n.id AS key, properties(n) AS props ORDER BY key"
        rows, gone, listed = [[k] for k in keys], [["n1"]], {"id": keys, "ours": [True, True]}
        schema = pl.Schema({"id": pl.String(), "ours": pl.Boolean()})
    else:
        rows, gone, listed, schema = _with_ends(store, kind)
        keys = [f"{r[0]}>{r[1]}" for r in rows]
        find = (
            f"MATCH (a)-[e:{name}]->(b) RETURN a.id + '>' + b.id AS key, properties(e) AS props ORDER BY key"
        )
    properties = [p for p in kind.properties if p.name != "id"]
    first, second = ({p.name: _sample(p.type, v) for p in properties} for v in (0, 1))
    assert store.write(f"create_{low}", [[*r, *first.values()] for r in rows]) == 2
    assert _found(store, find) == [(k, first) for k in keys]
    assert store.write(f"merge_{low}", [[*r, *second.values()] for r in rows]) == 2
    assert _found(store, find) == [(k, second) for k in keys]
    assert (
        store.frame(f"keys_{low}", schema).sort(*list(schema)[: len(rows[0])]).to_dict(as_series=False)
        == listed
    )
    if isinstance(kind, NodeKind):
        raw(store, f"MATCH (n:{name} {{id: 'n2'}}) CREATE (n)-[:NOTES]->(:Mine)")
        assert store.write(f"release_{low}", [["n1"], ["n2"]]) == 1
        assert store.write(f"delete_{low}", [["n1"], ["n2"]]) == 1
        assert store.frame(f"keys_{low}", schema).rows() == [("n2", False)]
        assert store.write(f"merge_{low}", [["n2", *second.values()]]) == 1
        assert store.frame(f"keys_{low}", schema).rows() == [("n2", True)]
    else:
        assert store.write(f"delete_{low}", gone) == 1
        assert [key for key, _ in _found(store, find)] == keys[1:]


def _with_ends(store: Store, kind: EdgeKind):
    """Nodes for two edges, the first from the first kind of source, the second from the last."""
    ends = {"src1": kind.sources[0], "src2": kind.sources[-1], "dst": kind.target}
    for id_, label in ends.items():
        width = len(NODES[label].properties) - 1
        store.write(f"create_{label.lower()}", [[id_, *[None] * width]])
    rows = [["src1", "dst"], ["src2", "dst"]]
    listed = {"src": ["src1", "src2"], "dst": ["dst", "dst"]}
    return rows, rows[:1], listed, pl.Schema({"src": pl.String(), "dst": pl.String()})


def _sample(type_: str, version: int) -> Any:
    samples = {
        "string": ["值", "b"],
        "integer": [2**53, -5],
        "float": [0.25, 1e300],
        "boolean": [True, False],
    }
    return {**samples, "date": [FIRST, LAST]}[type_][version]


def _found(store: Store, query: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for row in raw(store, query):
        props = {k: v.to_native() if hasattr(v, "to_native") else v for k, v in row["props"].items()}
        assert props.pop("dayan") is True
        props.pop("id", None)
        found.append((row["key"], props))
    return found


def test_bulk_files_are_what_the_model_says():
    on_disk = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.cypher")}
    assert on_disk == files(), "run python -m graph.bulk_statements"


def test_statements_keep_to_the_dialect():
    for s in statements():
        text = s.text.upper()
        assert not any(
            word in text for word in ("APOC.", "GDS.", "IN TRANSACTIONS", "ELEMENTID", "DETACH")
        ), s.name
        assert "*]" not in s.text.replace(" ", ""), f"{s.name}: unbounded length"
        changes = any(word in text.split() for word in ("CREATE", "MERGE", "SET", "DELETE", "REMOVE"))
        assert changes == (s.mode == "write"), s.name
        assert set(s.params) == {p.strip("(),:[]}") for p in _dollars(s.text)}, s.name


def _dollars(text: str) -> set[str]:
    return {word.split("$")[1].split(")")[0].split("}")[0] for word in text.split() if "$" in word}


@pytest.mark.parametrize(
    "source",
    [
        "MATCH (n) RETURN n",
        "// answers: x\n// mode: both\n// params:\nRETURN 1",
        "// answers: x\n// mode: read\n// params:",
    ],
)
def test_a_file_without_its_header_is_refused(source: str):
    with pytest.raises(ValueError, match="wants a statement"):
        parse("odd", "", source)


def test_parameters_must_be_the_declared_ones(store: Store):
    assert statement("suppliers").params == ("id", "limit")
    for given in ({"id": "a"}, {"id": "a", "limit": 1, "more": 2}):
        with pytest.raises(InputError, match="id, limit"):
            store.run("suppliers", **given)
    with pytest.raises(ValueError, match="write statement"):
        store.run("mark_build", snapshot="s", state="ready", model="m", folder=None)


def test_every_declared_type_is_a_column_type():
    for kind in KINDS:
        assert {p.type for p in kind.properties} <= set(DTYPES)
        assert list(kind.schema)[: 1 if kind.name in NODES else 2] == (
            ["id"] if kind.name in NODES else ["src", "dst"]
        )
    assert not set(NODES) & set(EDGES)  # a label and an edge type never share a name
