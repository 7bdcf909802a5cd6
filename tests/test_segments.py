"""Segments by rule, hubs, and positions on a chain small enough to reckon by hand."""

import numpy as np
import polars as pl
import pytest

from graph.csr import build
from graph.hubs import find_hubs
from graph.positions import Placing, positions
from graph.segments import _without_empty_levels, place, score_products, segment_table
from seeds.chains import Chain, Segment


def segment(
    id: str, tier: int, items: list[str], feeds: list[str], role: str = "manufacture", tax: str = ""
) -> Segment:
    taxes = (tax,) if tax else ()
    return Segment(
        id, "car", {"zh": id, "en": id}, tier, role, tuple(items), taxes, (), tuple(feeds), end=tier == 0
    )


CAR = Chain(
    "car",
    {"zh": "汽车", "en": "cars"},
    (
        segment("nylon", 2, ["高温尼龙"], ["part"], tax="10702"),
        segment("part", 1, ["连接器", "护套"], ["car"]),
        segment("whole", 0, ["电动轿车"], ["dealer"]),
        segment("dealer", -1, ["电动轿车"], ["shop"], role="trade"),
        segment("shop", -2, ["电动轿车"], [], role="trade"),
    ),
    (),
)
SEGMENTS = segment_table([CAR])


def products(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"item": pl.String, "tax_category": pl.String}, orient="row")


def amounts(*rows: tuple[int, int, int]) -> pl.DataFrame:
    schema = {"enterprise": pl.Int32, "product": pl.Int32, "amount_fen": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(share=pl.col("amount_fen") / pl.col("amount_fen").sum().over("enterprise"))


def to_firms(*rows: tuple[int, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"enterprise": pl.Int32, "to_firms": pl.Float64}, orient="row")


def test_words_and_tax_categories_score_products() -> None:
    scored = score_products(
        products(("高温尼龙切片", "1070204010000000000"), ("茶叶", None), ("连接器", None)), [CAR]
    )
    assert scored.select("product", "segment").rows() == [(0, "nylon"), (2, "part")]


def test_a_tax_category_alone_places_a_product() -> None:
    scored = score_products(
        products(("PA46切片", "1070204010000000000"), ("PA46切片", "1080000000000000000")), [CAR]
    )
    assert scored.select("product", "segment").rows() == [(0, "nylon")]


def test_a_code_is_cut_at_whole_levels() -> None:
    assert [_without_empty_levels(p) for p in ("2020000", "1020402", "1010", "1000000000000000000")] == [
        "202",
        "1020402",
        "1010",
        "1",
    ]


def test_what_fits_nowhere_is_unplaced_and_lowers_confidence() -> None:
    scores = score_products(products(("高温尼龙", None), ("茶叶", None)), [CAR])
    sold = amounts((0, 0, 300), (0, 1, 700), (1, 1, 100))
    placed = place(sold, amounts(), scores, SEGMENTS, to_firms((0, 1.0), (1, 1.0)))
    assert placed.select("enterprise", "segment", "share").rows() == [(0, "nylon", pytest.approx(0.3))]


def test_role_tells_maker_distributor_and_shop_apart() -> None:
    scores = score_products(products(("电动轿车", None)), [CAR])
    sold = amounts((0, 0, 1000), (1, 0, 1000), (2, 0, 1000))
    bought = amounts((1, 0, 900), (2, 0, 900), (3, 0, 500))
    placed = place(sold, bought, scores, SEGMENTS, to_firms((0, 1.0), (1, 1.0), (2, 0.0)))
    assert dict(placed.select("enterprise", "segment").rows()) == {
        0: "whole",
        1: "dealer",
        2: "shop",
        3: "shop",
    }


def test_hubs_are_utilities_or_sell_to_everybody_but_no_segment_makes_one() -> None:
    goods = products(("电费", None), ("高温尼龙", None), ("杂项", None))
    recognised = score_products(goods, [CAR])
    makes = amounts((0, 0, 100), (1, 1, 100), (2, 2, 100), (4, 0, 100))
    hubs = find_hubs(np.array([40, 5000, 5000, 9, 3]), 10_000, makes, goods, recognised, (["电费"], []))
    assert hubs.tolist() == [True, False, True, False, False]


def chain_of(
    edges: list[tuple[int, int, int]], n: int, placed: dict[int, str], cores: list[int]
) -> pl.DataFrame:
    edges = sorted(edges)
    graph = build(n, np.array([e[0] for e in edges]), np.array([e[1] for e in edges]))
    traders = {"part-trader": "part"}
    rows = [
        (i, "car", traders.get(s, s), 1.0, "trade" if s in traders else "manufacture")
        for i, s in placed.items()
    ]
    frame = pl.DataFrame(
        rows,
        schema={
            "enterprise": pl.Int32,
            "chain": pl.String,
            "segment": pl.String,
            "share": pl.Float64,
            "role": pl.String,
        },
        orient="row",
    )
    every = np.ones(len(edges), bool)
    amount = np.array([e[2] for e in edges], np.int64)
    return positions(Placing(["car"], SEGMENTS, frame, {"car": cores}, graph, amount, every, every, every))


def test_depth_counts_from_the_end_product_and_level_from_the_core() -> None:
    #   0 nylon → 1 part → 2 car → 3 dealer → 4 shop, and 0 also sells a little to the car maker itself
    edges = [(0, 1, 900_00), (0, 2, 100_00), (1, 2, 500_00), (2, 3, 800_00), (3, 4, 800_00)]
    placed = {0: "nylon", 1: "part", 2: "whole", 3: "dealer", 4: "shop"}
    found = chain_of(edges, 5, placed, [2]).sort("enterprise")
    assert found["depth"].to_list() == pytest.approx([1.9, 1.0, 0.0, -1.0, -2.0])
    assert found["depth_unweighted"].to_list() == pytest.approx([1.5, 1.0, 0.0, -1.0, -2.0])
    assert found["level"].to_list() == [1, 1, 0, -1, -2]
    assert found["core"].to_list() == [2] * 5


def test_without_a_core_there_is_depth_but_no_level() -> None:
    edges = [(0, 1, 900_00), (1, 2, 500_00)]
    found = chain_of(edges, 3, {0: "nylon", 1: "part", 2: "whole"}, []).sort("enterprise")
    assert found["depth"].to_list() == pytest.approx([2.0, 1.0, 0.0])
    assert found["level"].null_count() == 3


def test_a_firm_of_no_segment_joins_by_its_dealings_and_is_unplaced() -> None:
    edges = [(0, 1, 900_00), (1, 2, 500_00), (3, 1, 200_00)]
    found = chain_of(edges, 4, {0: "nylon", 1: "part", 2: "whole"}, []).filter(pl.col("enterprise") == 3)
    assert found.select("segment", "confidence").rows() == [(None, 0.0)]
    assert found["depth"].to_list() == pytest.approx([2.0])


def test_a_trader_stands_where_its_goods_stand_and_adds_no_depth() -> None:
    #   0 nylon → 1 part → 3 trades parts → 2 car: the part maker is one step from the car all the same
    edges = [(0, 1, 900_00), (1, 3, 500_00), (3, 2, 500_00)]
    placed = {0: "nylon", 1: "part", 2: "whole", 3: "part-trader"}
    found = chain_of(edges, 4, placed, []).sort("enterprise")
    assert found["depth"].to_list() == pytest.approx([2.0, 1.0, 0.0, 1.0])
