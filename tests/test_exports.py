"""What an analyst takes away: graph files, tables for Excel, and a page that asks nobody for anything."""

import csv
import re
import xml.etree.ElementTree as ET

import networkx as nx
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from graph.export_tables import people_tables, write_csv, write_xlsx
from graph.exports import write_gexf, write_graphml, write_html
from graph.snapshot import write_snapshot
from graph.to_networkx import to_networkx
from ledger.errors import NotFound
from ledger.words import label
from tests.graphs import tables

NASTY = "=cmd|' /C calc'!A0</script><script>alert(1)</script><a href='http://x.example'>\x07厂"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    given = tables(30)
    firms = given.enterprises.with_columns(
        name=pl.when(pl.col("id") == pl.col("id").first()).then(pl.lit(NASTY)).otherwise("name"),
        code=pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("00123456789012345678")).otherwise("code"),
        sales_fen=pl.when(pl.int_range(pl.len()) == 2).then(-123_456_789_012_305).otherwise("sales_fen"),
        hub=pl.int_range(pl.len()) == 0,
    )
    ties = pl.DataFrame(
        {
            "kind": ["OWNS", "CONTROLS"],
            "src": [given.enterprises["id"][4], "a" * 16],
            "src_is_person": [False, True],
            "src_label": [None, "张*"],
            "dst": [given.enterprises["id"][5], given.enterprises["id"][5]],
            "share": [0.6, None],
        }
    )
    return write_snapshot(tmp_path_factory.mktemp("data"), tables(30, enterprises=firms, relations=ties))


def names(graph):
    return list(graph.nodes)


def test_an_ego_graph_holds_what_is_within_reach_and_does_not_pass_hubs(snapshot):
    ids = snapshot.enterprises["id"].to_list()
    graph = to_networkx(snapshot, ego=ids[10], hops=1)
    # Firm 10 buys of 9 and of the hub 0, and sells to 11; ties bring in nobody from outside.
    assert names(graph)[0] == ids[10]
    assert set(graph.nodes) == {ids[10], ids[9], ids[0], ids[11]}
    wider = to_networkx(snapshot, ego=ids[10], hops=2)
    assert set(wider.nodes) == {ids[i] for i in (0, 8, 9, 10, 11, 12)}
    assert len(to_networkx(snapshot, ego=ids[0], hops=1)) == 30, "a hub itself may be asked for"


def test_edges_follow_the_goods_and_carry_the_amounts_of_the_table(snapshot):
    graph = to_networkx(snapshot)
    supplies = {k: (a, b, v) for a, b, k, v in graph.edges(keys=True, data=True) if v["kind"] == "SUPPLIES"}
    assert len(supplies) == snapshot.counts["edges"]
    for e, row in enumerate(snapshot.edges.iter_rows(named=True)):
        seller, buyer, values = supplies[f"SUPPLIES:{e}"]
        assert (seller, buyer) == (snapshot.id_of(row["src"]), snapshot.id_of(row["dst"]))
        assert values["amount_fen"] == row["amount_fen"]
        assert values["first"] == row["first"].isoformat()


def test_ties_and_the_people_who_hold_them_are_there(snapshot):
    graph = to_networkx(snapshot, people=True)
    ids = snapshot.enterprises["id"]
    assert "a" * 16 not in to_networkx(snapshot)
    assert graph.edges[ids[4], ids[5], "OWNS:1"]["share"] == 0.6
    assert graph.nodes["a" * 16] == {"kind": "Person", "label": "张*"}


def test_a_cut_says_how_many_of_how_many_and_keeps_the_largest(snapshot):
    graph = to_networkx(snapshot, limit=4)
    largest = snapshot.enterprises.sort("sales_fen", descending=True, maintain_order=True)["id"][:4]
    assert graph.graph["note"] == "4 of 30"
    assert list(graph.nodes) == largest.to_list()


def test_chain_and_segment_narrow_and_unknown_ones_are_told(snapshot):
    graph = to_networkx(snapshot, chain="nev", segment="s1")
    firms = [v for _, v in graph.nodes(data=True)]
    assert len(firms) == 10
    assert {v["segment"] for v in firms} == {"s1"}
    for wrong in ({"chain": "x"}, {"segment": "x"}, {"ego": "0" * 16}):
        with pytest.raises(NotFound):
            to_networkx(snapshot, **wrong)


@pytest.mark.parametrize(("write", "read"), [(write_graphml, nx.read_graphml), (write_gexf, nx.read_gexf)])
def test_graph_files_come_back_with_names_and_large_amounts(snapshot, tmp_path, write, read):
    graph = to_networkx(snapshot)
    write(graph, tmp_path / "g.xml")
    back = read(tmp_path / "g.xml")
    assert set(back.nodes) == set(graph.nodes)
    assert back.number_of_edges() == graph.number_of_edges()
    ids = snapshot.enterprises["id"]
    assert back.nodes[ids[0]]["name"] == NASTY.replace("\x07", "")
    assert back.nodes[ids[1]]["code"] == "00123456789012345678"
    assert back.nodes[ids[2]]["sales_fen"] == -123_456_789_012_305
    edges = [e.get("id") for e in ET.parse(tmp_path / "g.xml").iter() if e.tag.endswith("}edge")]
    assert len(edges) == len(set(edges)) == graph.number_of_edges()


def references(page: str) -> list[str]:
    """What a browser would fetch: attributes of tags, style sheets, imports."""
    tags = re.findall(r"<(?:script|link|img|iframe|base|source|object|embed)\b[^>]*>", page)
    found = [t for t in tags if re.search(r"\b(?:src|href|data)\s*=", t)]
    return found + re.findall(r"@import|url\((?!\s*['\"]?(?:data:|#))[^)]{1,60}", page)


def test_the_page_stands_alone_and_says_what_it_left_out(snapshot, tmp_path):
    path = tmp_path / "page.html"
    assert write_html(to_networkx(snapshot), path, "</title>橡胶<b>", "en", limit=5) == (5, 30)
    page = path.read_text("utf-8")
    assert references(page) == []
    assert "default-src 'none'" in page
    assert ">5 of 30<" in page
    assert "</title>橡胶<b>" not in page
    assert "<script>alert" not in page, "a name never becomes markup"
    assert page.count('"physics": {"enabled": false}') == 1
    assert len(re.findall(r'"label": ', page)) == 5


def test_the_page_speaks_chinese(snapshot, tmp_path):
    write_html(to_networkx(snapshot, limit=3), tmp_path / "page.html", "橡胶", "zh")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert '<html lang="zh">' in page
    assert "显示 " in page
    assert "合成数据" in page


def read_csv(path):
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel garbles Chinese without it"
    return list(csv.reader(raw.decode("utf-8-sig").splitlines()))


def test_csv_keeps_digits_and_runs_no_formula(snapshot, tmp_path):
    written = {e.table: e for e in write_csv(snapshot, tmp_path, "zh")}
    assert set(written) == set(people_tables(snapshot))
    head, *rows = read_csv(tmp_path / "enterprises.csv")
    assert head[1] == "名称"
    assert rows[1][head.index("代码")] == "\t00123456789012345678"
    assert rows[0][1] == "\t" + NASTY
    assert rows[2][head.index("销售额（元，不含税）")] == "-1234567890123.05"
    assert len(rows) == written["enterprises"].rows == 30
    head, *rows = read_csv(tmp_path / "supplies.csv")
    assert len(rows) == snapshot.counts["edges"]
    assert (rows[0][1], rows[0][3]) == ("\t" + NASTY, "第1号橡胶有限公司")


def test_evidence_and_flow_name_both_ends(snapshot):
    shown = people_tables(snapshot)
    evidence, flow = shown["evidence"].collect(), shown["flow"].collect()
    by_hand = [fact for e in range(snapshot.counts["edges"]) for fact in snapshot.evidence(e)]
    assert evidence["fact"].to_list() == by_hand
    first = snapshot.flow.row(0, named=True)
    edge = snapshot.edges.row(first["edge"], named=True)
    assert flow.row(0, named=True)["seller_id"] == snapshot.id_of(edge["src"])
    assert flow.row(0, named=True)["buyer_id"] == snapshot.id_of(edge["dst"])
    assert flow["month"].to_list() == [snapshot.months[m] for m in snapshot.flow["month"]]


def test_xlsx_keeps_types_and_spreads_long_tables_over_sheets(snapshot, tmp_path):
    steps = []
    path = tmp_path / "all.xlsx"
    written = write_xlsx(snapshot, path, "en", progress=lambda *s: steps.append(s), sheet_rows=25)
    book = CalamineWorkbook.from_path(path)
    firms = next(e for e in written if e.table == "enterprises")
    assert firms.sheets == ("enterprises", "enterprises (2)")
    parts = [book.get_sheet_by_name(s).to_python() for s in firms.sheets]
    assert [len(p) for p in parts] == [1 + 25, 1 + 5]
    assert parts[0][0] == parts[1][0], "each sheet has its heading"
    head = parts[0][0]
    assert parts[0][1][1] == NASTY or parts[0][1][1] == NASTY.replace("\x07", "_x0007_")
    assert parts[0][2][head.index(label("column_code"))] == "00123456789012345678"
    assert parts[0][3][head.index(label("column_sales_fen"))] == -1_234_567_890_123.05
    about = "\n".join(
        " ".join(map(str, row)) for row in book.get_sheet_by_name(book.sheet_names[0]).to_python()
    )
    for words in (snapshot.id, snapshot.as_of.isoformat(), "30 rows", "enterprises, enterprises (2)", "CNY"):
        assert words in about
    assert steps[-1][1] == steps[-1][2]
    assert [s[1:] for s in steps if s[0] == "enterprises"] == [(25, 30), (30, 30)]


def test_every_column_and_table_has_a_heading_in_both_languages(snapshot):
    for table, query in people_tables(snapshot).items():
        for key in (f"table_{table}", *(f"column_{c}" for c in query.collect_schema())):
            assert label(key, "zh")
            assert label(key, "en")
