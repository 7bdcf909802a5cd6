"""The graph as of a date: nothing later, rows as in the snapshot."""

from datetime import date

import polars as pl

from gnn.view import view_of
from graph.snapshot import write_snapshot
from tests.graphs import tables


def with_items():
    """The made-up firms, with goods on every link and month of the flow, and two ties."""
    whole = tables()
    edges = whole.edges.select("src", "dst").with_row_index("edge").cast({"edge": pl.Int64})
    items = whole.flow.join(edges, on="edge").select(
        "month", "src", "dst", pl.lit(0).alias("product"), "amount_fen"
    )
    ids = whole.enterprises["id"]
    ties = [
        ("OWNS", ids[0], ids[1], date(2025, 1, 1), None, None),
        ("OWNS", ids[0], ids[2], date(2025, 3, 1), None, None),  # began later
        ("OWNS", ids[0], ids[3], date(2025, 1, 1), date(2025, 1, 31), None),  # over
        ("OWNS", ids[0], ids[4], date(2025, 1, 1), None, date(2025, 3, 10)),  # known later
        ("OWNS", ids[0], ids[5], None, None, None),
    ]
    columns = {"kind": pl.String, "src": pl.String, "dst": pl.String}
    columns |= dict.fromkeys(("first", "until", "known_on"), pl.Date)
    relations = pl.DataFrame(ties, schema=columns, orient="row").with_columns(src_is_person=pl.lit(False))
    products = pl.DataFrame({"id": ["0" * 16], "tax_category": [None], "item": ["橡胶"]})
    return tables(item_flow=items, products=products, relations=relations)


def test_a_dated_view_holds_nothing_later():
    whole = with_items()
    view = view_of(whole, date(2025, 2, 27))  # February is not over
    assert view.months == ["2025-01"]
    assert view.flow["month"].unique().to_list() == [0] == view.items["month"].unique().to_list()
    january = whole.flow.filter(pl.col("month") == 0)
    assert view.edge_of.tolist() == january["edge"].sort().to_list()
    assert view.amount_fen.sum() == january["amount_fen"].sum()
    assert view.makes["amount_fen"].sum() == january["amount_fen"].sum() == view.buys["amount_fen"].sum()
    ids = whole.enterprises["id"].to_list()
    assert sorted(ids.index(one) for one in view.relations["dst"]) == [1, 5]


def test_the_last_day_of_a_month_counts_it():
    assert view_of(with_items(), date(2025, 2, 28)).months == ["2025-01", "2025-02"]


def test_links_keep_their_amounts_and_rows():
    whole = with_items()
    view = view_of(whole, date(2025, 1, 31))
    ends = whole.edges.select("src", "dst").rows()
    for e, row in enumerate(view.edge_of.tolist()):
        assert (view.graph.src[e], view.graph.dst[e]) == ends[row]
        here = view.flow.filter(pl.col("edge") == e)["amount_fen"].sum()
        assert here == view.amount_fen[e] == view.edge_items.filter(pl.col("edge") == e)["amount_fen"].sum()


def test_a_snapshot_and_its_tables_give_one_view(tmp_path):
    whole = with_items()
    published, straight = view_of(write_snapshot(tmp_path, whole)), view_of(whole)
    assert published.months == straight.months == whole.months
    for name in ("flow", "items", "enterprises", "makes", "buys", "edge_items", "relations"):
        assert getattr(published, name).equals(getattr(straight, name)), name
