"""The industry of an enterprise: the same numbers as scikit-learn, reasons that name goods, "unknown"."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gnn.calibration import Curve
from gnn.industry.classifier import Industry, calibrated, fit, load
from gnn.industry.fit import Settings
from gnn.industry.text import Firms, held, learn_grams, named
from ledger.errors import InputError
from ledger.words import message

TRADES = {
    "1101": ("玉米种子", "小麦种子", "蔬菜种子", "水稻良种"),
    "1102": ("冷冻鱼片", "鲜活海鱼", "养殖海虾", "鱼粉"),
    "2701": ("集成电路", "存储芯片", "芯片封装", "晶圆代工"),
    "2702": ("印制电路板", "柔性电路板", "覆铜电路板", "电路板组装"),
}
BROAD = {code: code[:2] for code in TRADES}


def world(seed: int = 0, each: int = 30) -> tuple[Firms, list[str]]:
    """Firms of four trades; each sells three goods of its trade and one line that is no goods."""
    draw = np.random.default_rng(seed)
    sold, names, codes = [], [], []
    for code, goods in TRADES.items():
        for _ in range(each):
            firm = len(codes)
            for item in draw.choice(goods, 3, replace=False):
                sold.append((firm, str(item), float(draw.uniform(0.05, 0.5))))
            sold.append((firm, "平衡项目", 0.9))
            names.append(f"{draw.choice(['华东', '宏远', '长兴'])}{goods[0][-2:]}股份有限公司")
            codes.append(code)
    frame = pl.DataFrame(sold, schema=["firm", "item", "share"], orient="row")
    return Firms(len(codes), frame, pl.Series(names)), codes


@pytest.fixture(scope="module")
def model() -> Industry:
    return fit(*world(), BROAD)


def one(*sold: tuple[str, float | None], name: str = "") -> Firms:
    frame = pl.DataFrame(
        [(0, *s) for s in sold],
        schema={"firm": pl.Int64, "item": pl.String, "share": pl.Float64},
        orient="row",
    )
    return Firms(1, frame, pl.Series([name], dtype=pl.String))


def test_new_firms_are_placed(model: Industry) -> None:
    firms, codes = world(seed=7)
    told = model.predict(firms)
    assert np.mean(np.array(model.fine)[told.fine.argmax(axis=1)] == codes) > 0.95
    assert np.allclose(told.fine.sum(axis=1), 1)
    assert np.allclose(told.broad.sum(axis=1), 1)
    assert told.best.columns == ["fine", "fine_p", "broad", "broad_p"]


def test_words_never_seen_are_unknown(model: Industry) -> None:
    told = model.predict(one(("ZZZ", 1.0)))
    assert told.best.row(0, named=True)["fine"] is None
    assert told.best.row(0, named=True)["broad"] is None
    assert model.reasons(one(("ZZZ", 1.0)), 0, "2701") == []
    empty = model.predict(Firms(1, one(("x", 1.0)).sold.head(0), pl.Series([None], dtype=pl.String)))
    assert empty.best["fine"].to_list() == [None]


def test_reasons_name_goods_and_the_name(model: Industry) -> None:
    firms = one(("存储芯片", 0.8), ("鱼粉", 0.05), ("平衡项目", 1.0), name="华东电路股份有限公司")
    assert model.predict(firms).best["fine"].to_list() == ["2701"]
    said = model.reasons(firms, 0, "2701", most=9)
    assert (said[0].kind, said[0].text) == ("sells", "存储芯片")
    assert len(said[0].part) > 1
    assert said[0].part in said[0].text
    assert {s.text for s in said} <= {"存储芯片", "华东电路"}
    assert sum(s.share for s in said) == pytest.approx(1)
    assert "存储芯片" in said[0].sentence("zh")
    assert "鱼粉" in model.reasons(firms, 0, "11")[0].text


def test_more_revenue_speaks_louder(model: Industry) -> None:
    chance = [
        model.predict(one(("存储芯片", share), ("鱼粉", 0.3))).fine[0, model.fine.index("2701")]
        for share in (0.01, 0.3, 0.9)
    ]
    assert chance[0] < chance[1] < chance[2]


def test_a_saved_model_says_the_same(model: Industry, tmp_path: Path) -> None:
    model.save(tmp_path / "a")
    again = load(tmp_path / "a")
    firms, _ = world(seed=3)
    assert np.array_equal(again.predict(firms).fine, model.predict(firms).fine)
    assert again.predict(firms).best.equals(model.predict(firms).best)
    fit(*world(), BROAD).save(tmp_path / "b")
    for name in ("weights.safetensors", "model.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.slow  # importing scikit-learn
def test_same_numbers_as_scikit_learn() -> None:
    pytest.importorskip("sklearn")
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.kernel_ridge import KernelRidge

    firms, codes = world()
    model = fit(firms, codes, BROAD, settings=Settings(name=0, sharpen=0))
    goods = held(firms)
    counts = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4)).fit(goods.items.to_list())
    x = np.log1p((goods.weight @ (counts.transform(goods.items.to_list()) > 0).astype(float)).toarray())
    often = (x > 0).sum(axis=0)
    blank = np.array([not word.strip() for word in counts.get_feature_names_out()])
    kept = (often >= 2) & ~blank
    x = x[:, kept] * (np.log((1 + len(x)) / (1 + often[kept])) + 1)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    part, steepness = model.about["broad_part"], model.about["steepness"]
    signs = {
        c: np.where(np.char.startswith(np.array(codes), c), 1.0, -1.0) for c in (*model.fine, *model.broad)
    }
    y = np.stack([signs[c] + part * signs[c[:2]] for c in model.fine], axis=1)
    ridge = KernelRidge(alpha=0.4).fit(x, y - y.mean(axis=0))
    scores = steepness * (ridge.predict(x) + y.mean(axis=0))
    ours = model.sold.vectors(goods) @ model.weights[: len(model.sold.keys)] + model.bias
    assert np.abs(ours - scores).max() < 1e-4


def test_lines_that_are_no_goods_and_legal_forms_are_not_read() -> None:
    firms, _ = world()
    assert "平衡项目" not in held(firms).items.to_list()
    assert held(one(("平衡项目", 1.0))).items.to_list() == ["平衡项目"]
    assert named(one(("x", 1.0), name="平湖尼龙（集团）有限公司")).items.to_list() == ["平湖尼龙"]


def test_an_ngram_reads_as_it_was_written() -> None:
    grams = learn_grams(held(world()[0]))
    words = {grams.text(i) for i in range(len(grams.keys))}
    assert {"芯片", "电路板", "鱼"} <= words
    assert "" not in words


def test_words_of_firms_without_a_label_are_read_but_not_judged() -> None:
    firms, codes = world()
    more = one(("碳化硅衬底", 0.5), ("存储芯片", 0.5))
    both = Firms(
        2, pl.concat([more.sold, more.sold.with_columns(firm=pl.lit(1, pl.Int64))]), pl.Series(["", ""])
    )
    model = fit(firms, codes, BROAD, others=both)
    assert model.about["unlabelled"] == 2
    told = model.predict(one(("碳化硅衬底", 1.0))).fine[0]
    assert model.fine[told.argmax()] == "2701"


def test_calibration_keeps_order_and_sums() -> None:
    told = np.random.default_rng(0).dirichlet(np.ones(6), 50)
    for true in ([0.0, 0.4], [0.5, 1.0], [0.2, 0.9]):
        moved = calibrated(told, Curve(np.array([0.0, 1.0]), np.array(true)))
        assert np.allclose(moved.sum(axis=1), 1)
        assert (moved.argmax(axis=1) == told.argmax(axis=1)).all()
        aim = np.maximum(np.interp(told.max(axis=1), [0, 1], true), 1.01 / 6)
        assert np.allclose(moved.max(axis=1), aim)


def test_labels_that_cannot_be_learnt_from_are_refused(model: Industry) -> None:
    firms, codes = world(each=2)
    with pytest.raises(InputError, match="Cannot learn"):
        fit(firms, codes[:-1], BROAD)
    with pytest.raises(InputError, match="two industries"):
        fit(firms, ["1101"] * firms.count, BROAD)
    with pytest.raises(InputError, match="no industry 9999"):
        model.reasons(firms, 0, "9999")
    assert message("industry_sells", "zh", text="a", part="b", percent=1)
