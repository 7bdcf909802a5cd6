"""The generated economy: its sizes, its papers, its story, and that it can be found again."""

import csv
import hashlib
import json
import zipfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import python_calamine
from stdnum.cn import uscc

from ledger.errors import InputError
from seeds.chains import load_chains
from seeds.codes import REGION, synthetic_codes
from seeds.economy import generate
from seeds.firms import STORY, plan_firms
from seeds.goods import world_of
from seeds.knowledge import lunar_new_year
from seeds.links import CROSS, HUB, KIND_NAMES, MAIN, SAME, SKIP, plan_links
from seeds.streams import stream
from seeds.trade import plan_trade

LISTED = Path(__file__).parents[2] / "shared/data/names/listed_company_names.json"
SIZE = (2000, 9000)


@pytest.fixture(scope="module")
def economy(tmp_path_factory) -> Path:
    """A small economy on disk."""
    folder = tmp_path_factory.mktemp("economy")
    generate(folder, *SIZE, seed=3)
    return folder


@pytest.fixture(scope="module")
def books(economy) -> pl.DataFrame:
    """All rows of all agencies, with the side of the book and the file they stand in."""
    frames = []
    for path in sorted((economy / "documents").glob("代账机构*.csv")):
        data = path.read_bytes()
        text = data.decode("utf-8-sig" if int(path.name[4:7]) % 2 == 0 else "gb18030")
        head, *rows = list(csv.reader(text.splitlines()))
        side = "sale" if "销项" in path.name else "purchase"
        frames.append(pl.DataFrame(rows, schema=head, orient="row").with_columns(side=pl.lit(side)))
    money = [pl.col(c).cast(pl.Decimal(20, 2)) for c in ("金额", "税额", "价税合计")]
    number = pl.when(pl.col("数电发票号码") == "--").then(pl.col("发票代码") + pl.col("发票号码"))
    return pl.concat(frames).with_columns(*money, number=number.otherwise(pl.col("数电发票号码")))


@pytest.fixture(scope="module")
def plan():
    """An economy of the demo's size, planned but not written."""
    world = world_of(load_chains())
    firms = plan_firms(world, 20_000, 1)
    links = plan_links(world, firms, 100_000, 1)
    return world, firms, links, plan_trade(firms, links, 1)


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.slow
def test_same_seed_same_bytes(tmp_path):
    generate(tmp_path / "a", 1000, 4000, seed=5)
    generate(tmp_path / "b", 1000, 4000, seed=5)
    generate(tmp_path / "c", 1000, 4000, seed=6)
    first, again, other = (_digest(tmp_path / name) for name in "abc")
    assert first == again
    assert first["labels.parquet"] != other["labels.parquet"]
    generate(tmp_path / "c", 1000, 4000, seed=5)  # over the other one: nothing of it is left
    assert _digest(tmp_path / "c") == first


def test_streams_do_not_touch_each_other():
    before = stream(1, "a").random(5)
    stream(1, "b").random(100)
    assert (stream(1, "a").random(5) == before).all()
    assert not (stream(1, "a", 1).random(5) == before).any()
    assert not (stream(2, "a").random(5) == before).any()


def test_the_manifest_tells_the_sizes(economy, books):
    manifest = json.loads((economy / "economy.json").read_text("utf-8"))
    assert manifest["synthetic"] is True and manifest["complete"] is True
    assert manifest["enterprises"] == SIZE[0]
    assert SIZE[1] * 0.98 <= manifest["links"] <= SIZE[1]
    files = [p for p in (economy / "documents").rglob("*") if p.is_file()]
    assert manifest["documents"] == len(files)
    assert manifest["rows"] > len(books) > manifest["invoices"]
    truth = pl.read_parquet(economy / "truth/links.parquet")
    assert (truth["kind"] != "utility").sum() == manifest["links"]


def test_too_small_an_economy_is_refused(tmp_path):
    for size in ((100, 1000), (2000, 3000)):
        with pytest.raises(InputError, match="1000"):
            generate(tmp_path, *size)
    assert not list(tmp_path.iterdir())


def test_progress_is_told_in_words(tmp_path):
    from ledger.words import label

    told = []
    generate(tmp_path, 1000, 4000, progress=lambda *step: told.append(step))
    assert {word for word, _, _ in told} >= {"economy_books", "economy_papers"}
    assert all(label(word, "zh") and 0 <= done <= total for word, done, total in told)
    assert told[-1][1] == told[-1][2]


def test_codes_and_names_are_nobodys(economy):
    firms = pl.read_parquet(economy / "truth/firms.parquet")
    assert firms["code"].n_unique() == firms["name"].n_unique() == len(firms)
    assert all(uscc.is_valid(code) for code in firms["code"])
    assert firms["code"].str.slice(2, 6).unique().to_list() == [REGION]
    assert set(firms["code"].str.slice(0, 2).unique()) == {"91", "92", "93"}
    many = synthetic_codes(np.full(3000, 92), np.arange(99_997_000, 100_000_000))
    assert len(set(many)) == 3000 and all(uscc.is_valid(code) for code in many)


@pytest.mark.data
def test_no_firm_bears_the_name_of_a_listed_company(plan):
    if not LISTED.exists():
        pytest.skip(f"no list of real names at {LISTED.name}")
    entries = json.loads(LISTED.read_text("utf-8"))["data"]
    listed = {entry[key] for entry in entries for key in ("secFullName", "secShortName")}
    assert not listed & set(plan[1].name)


def test_links_follow_the_chains_with_the_stated_departures(plan):
    world, firms, links, _ = plan
    business = links.kind != HUB
    assert business.sum() == 100_000
    share = {kind: float((links.kind[business] == kind).mean()) for kind in (MAIN, SAME, SKIP, CROSS)}
    assert share[SAME] + share[SKIP] == pytest.approx(0.20, abs=0.002)
    assert share[CROSS] == pytest.approx(0.10, abs=0.002)
    assert (firms.second >= 0).mean() == pytest.approx(0.05, abs=0.001)
    assert len(np.unique(links.src * firms.count + links.dst)) == len(links.src)
    assert (links.src != links.dst).all()
    steps = {MAIN: {1}, SAME: {0}, SKIP: {2}}
    for kind, allowed in steps.items():
        mine = np.flatnonzero(links.kind == kind)
        tier = world.tier_of[links.via[mine]]
        seats = [
            np.where(s[links.dst[mine]] >= 0, s[links.dst[mine]], 0) for s in (firms.segment, firms.second)
        ]
        fits = np.zeros(len(mine), dtype=bool)
        for seat in seats:
            same = world.chain_of[seat] == world.chain_of[links.via[mine]]
            fits |= same & np.isin(tier - world.tier_of[seat], list(allowed))
        assert fits.all(), KIND_NAMES[kind]


def test_every_firm_upstream_has_a_customer_one_tier_down_and_in_degrees_are_uneven(plan):
    _, firms, links, _ = plan
    main = links.kind == MAIN
    sells = np.bincount(links.src[main], minlength=firms.count)
    buys = np.bincount(links.dst[main], minlength=firms.count)
    assert (sells[(firms.tier >= -1) & (firms.segment >= 0)] > 0).all()
    assert (buys[(firms.tier < 0) & (firms.segment >= 0)] > 0).all()
    degree = np.sort(np.bincount(links.dst[links.kind != HUB], minlength=firms.count))[::-1]
    assert degree[0] > 100 and degree[: firms.count // 100].sum() > 0.1 * degree.sum()
    hub = np.bincount(links.src[links.kind == HUB], minlength=firms.count)
    assert hub.max() > 1000


def test_every_link_is_seen_and_some_from_both_sides(plan):
    _, firms, links, _ = plan
    by_seller, by_buyer = ~firms.small[links.src], firms.big[links.dst]
    assert (by_seller | by_buyer).all()
    assert (by_seller & by_buyer)[links.kind != HUB].mean() == pytest.approx(0.15, abs=0.02)
    assert (~firms.small).mean() == pytest.approx(0.70, abs=0.02)


def test_traders_sell_what_they_buy(economy):
    firms = pl.read_parquet(economy / "truth/firms.parquet")
    links = pl.read_parquet(economy / "truth/links.parquet").filter(pl.col("kind") != "utility")
    traders = firms.filter("trader")
    assert 0.02 < len(traders) / len(firms) < 0.05
    bought = links.join(traders, left_on="buyer", right_on="code", how="semi")
    assert bought["kind"].unique().to_list() == ["same_tier"]
    sums = bought.group_by("buyer").agg(pl.col("amount_fen").sum() / 2)
    ratio = sums.join(traders, left_on="buyer", right_on="code")
    assert ((ratio["sales_fen"] / ratio["amount_fen"]).is_between(1.03, 1.15)).mean() > 0.9


def _depth(src, dst, weight, end, count):
    """1 + weighted mean depth of the customers that lead to an end product; end products stand at 0."""
    leads = end.copy()
    while True:
        more = leads.copy()
        more[src[leads[dst]]] = True
        if (more == leads).all():
            break
        leads = more
    kept = leads[src] & leads[dst] & ~end[src]
    src, dst, weight = src[kept], dst[kept], weight[kept]
    total = np.bincount(src, weights=weight, minlength=count)
    depth = np.zeros(count)
    for _ in range(60):
        depth = np.bincount(src, weights=weight * (1 + depth[dst]), minlength=count)
        depth = np.where(end, 0.0, depth / np.maximum(total, 1e-9))
    return depth, leads & ~end


def test_planted_tiers_can_be_found_again(plan):
    world, firms, links, trade = plan
    ends = np.array([segment.end for segment in world.segments])
    right = seen = 0
    for chain in range(len(world.chains)):
        seat = np.where(world.chain_of[np.maximum(firms.segment, 0)] == chain, firms.segment, -1)
        second = (firms.second >= 0) & (world.chain_of[np.maximum(firms.second, 0)] == chain)
        seat = np.where(second, firms.second, seat)
        inside, tier = seat >= 0, world.tier_of[np.maximum(seat, 0)]
        end = inside & ends[np.maximum(seat, 0)]
        edge = inside[links.src] & inside[links.dst] & (links.kind != HUB)
        src, dst, amount = links.src[edge], links.dst[edge], trade.amount[edge]
        up, leads = _depth(src, dst, amount, end, firms.count)
        below = ~leads[src] & ~leads[dst]
        down, _ = _depth(dst[below], src[below], amount[below], end, firms.count)
        found = np.where(tier > 0, up, -down)
        right += int((np.abs(found - tier) <= 0.5)[inside].sum())
        seen += int(inside.sum())
        if world.chains[chain].id == "nev":
            assert abs(up[STORY] - 4) <= 0.5
    assert right / seen >= 0.95


def test_rows_add_up_as_printed(books):
    assert (books["金额"] + books["税额"] == books["价税合计"]).all()
    for row in books.sample(4000, seed=1).iter_rows(named=True):
        quantity, price, amount = Decimal(row["数量"]), Decimal(row["单价"]), row["金额"]
        assert abs(quantity * price - amount) <= Decimal("0.005")
        rate = Decimal(0) if row["税率"] == "免税" else Decimal(row["税率"][:-1]) / 100
        assert abs(amount * rate - row["税额"]) <= Decimal("0.005")
        assert len(row["税收分类编码"]) == 19 and row["货物或应税劳务名称"].count("*") == 2
        assert row["发票来源"] == "合成数据"
        assert (row["是否正数发票"] == "是") == (amount > 0)


def test_both_books_tell_the_same(books):
    columns = ["number", "销方识别号", "购方识别号", "开票日期", "货物或应税劳务名称", "金额", "发票状态"]
    sold, bought = (books.filter(side=side).select(columns) for side in ("sale", "purchase"))
    both = sold.join(bought, on="number", how="semi")
    again = bought.join(sold, on="number", how="semi")
    assert 0.05 * len(sold) < len(both) and both.sort(columns).equals(again.sort(columns))
    owners = books.with_columns(own=pl.when(side="sale").then("销方识别号").otherwise("购方识别号"))
    assert (owners["账套识别号"] == owners["own"]).all()


def test_a_number_is_one_invoice(books):
    one = books.group_by("number").agg(
        pl.col("销方识别号").n_unique(), pl.col("购方识别号").n_unique().alias("buyers"),
        pl.col("开票日期").n_unique().alias("moments"),
    )  # fmt: skip
    assert one["销方识别号"].max() == one["buyers"].max() == one["moments"].max() == 1
    digital = books.filter(pl.col("数电发票号码") != "--")
    assert digital["数电发票号码"].str.contains(r"^\d{20}$").all()
    older = books.filter(pl.col("数电发票号码") == "--")
    assert older["发票代码"].str.contains(r"^\d{10}(\d{2})?$").all() and len(older)
    assert older["发票号码"].str.contains(r"^\d{8}$").all()


def test_red_ones_take_back_part_or_all_of_a_blue_one(books):
    sold = books.filter(side="sale").unique(["number", "序号"])
    totals = sold.group_by("number").agg(
        pl.col("金额").sum(), pl.col("开票日期").first(), pl.col("发票状态").first(), pl.col("备注").first()
    )
    pattern = r"(?:被红冲蓝字数电票号码：(\d{20}))|(?:对应正数发票代码:(\d+)号码:(\d+))"
    named = pl.concat_str(
        pl.col("备注").str.extract(pattern, 1).fill_null(""),
        pl.col("备注").str.extract(pattern, 2).fill_null(""),
        pl.col("备注").str.extract(pattern, 3).fill_null(""),
    ).alias("blue")
    red = totals.filter(pl.col("金额") < 0).with_columns(named)
    assert len(red) > 100
    joined = red.join(totals, left_on="blue", right_on="number", how="left")
    assert joined["金额_right"].null_count() == 0
    assert (joined["开票日期"] > joined["开票日期_right"]).all()
    assert (joined["开票日期"].str.slice(0, 4) > joined["开票日期_right"].str.slice(0, 4)).any()
    back = joined.group_by("blue").agg(
        pl.col("金额").sum(), pl.col("金额_right").first(), pl.col("发票状态_right").first(), pl.len()
    )
    whole = back.filter(pl.col("发票状态_right") == "已红冲-全额")
    assert (whole["金额"] + whole["金额_right"] == 0).all() and len(whole)
    partly = back.filter(pl.col("发票状态_right") == "已红冲-部分")
    assert (partly["金额"] + partly["金额_right"] > 0).all() and len(partly)
    assert len(whole) + len(partly) == len(back) and back["len"].max() > 1


def test_only_older_kinds_are_void(books):
    void = books.filter(pl.col("发票状态") == "作废")
    assert len(void) and (void["数电发票号码"] == "--").all()


def test_ledgers_come_in_both_encodings_and_end_without_totals(economy):
    files = sorted((economy / "documents").glob("代账机构*_销项.csv"))
    starts = {path.read_bytes()[:3] == b"\xef\xbb\xbf" for path in files}
    plain = [path.read_bytes() for path in files if path.read_bytes()[:3] != b"\xef\xbb\xbf"]
    assert starts == {True, False}
    assert any("账套识别号".encode("gb18030") in data[:20] for data in plain)
    assert any("账套识别号".encode() in data[:20] for data in plain)


def test_little_is_done_at_the_lunar_new_year(books):
    days = books["开票日期"].str.slice(0, 10).str.to_date()
    usual = len(days) / 731
    for year in (2024, 2025):
        first = lunar_new_year()[year]
        within = days.is_between(first - timedelta(days=2), first + timedelta(days=6)).sum()
        assert within / 9 < 0.3 * usual  # utilities bill on
    assert days.min() >= date(2024, 1, 1) and days.max() <= date(2025, 12, 31)


def _story(economy) -> tuple[dict, pl.DataFrame]:
    story = json.loads((economy / "economy.json").read_text("utf-8"))["story"]
    (path,) = (economy / "documents").glob("*.xlsx")
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["发票基础信息", "信息汇总表"]
    head, *rows, totals = book.get_sheet_by_name("信息汇总表").to_python()
    assert len(head) == 27 and totals[0] == "合计"
    frame = pl.DataFrame(rows, schema=[str(name) for name in head], orient="row")
    assert all(isinstance(value, str) for value in rows[0])
    frame = frame.with_columns(pl.col("金额").cast(pl.Decimal(20, 2)))
    assert str(frame["金额"].sum()) == totals[16]
    return story, frame.with_columns(month=pl.col("开票日期").str.slice(5, 2).cast(pl.Int32))


def test_the_story_is_told_by_the_story_firms_books(economy):
    story, frame = _story(economy)
    assert (story["region"], story["tier"], story["patents"]) == ("330482", 4, 12)
    assert story["plant_square_metres"] == 500 and story["new_order"]["amount_fen"] == 300_000_000
    assert {s.split("-")[0] for s in story["segments"]} == {"nev", "ce"}
    sold = frame.filter(pl.col("销方识别号") == story["code"])
    bought = frame.filter(pl.col("购方识别号") == story["code"])
    assert len(sold) + len(bought) == len(frame)
    for year in ("2024", "2025"):
        amount = float(sold.filter(pl.col("开票日期").str.starts_with(year))["金额"].sum())
        assert 7e6 < amount < 13e6
    by_month = sold.group_by("month").agg(pl.col("金额").sum()).sort("金额")
    assert by_month["month"][-1] == 9
    assert any("高温尼龙切片" in item for item in sold["货物或应税劳务名称"])
    goods = bought.group_by("month").agg(pl.col("金额").sum()).sort("金额")
    assert set(goods["month"][-2:]) == {4, 8}
    rent = bought.filter(pl.col("货物或应税劳务名称").str.contains("电费") & (pl.col("是否正数发票") == "是"))
    assert rent["开票日期"].str.slice(0, 7).n_unique() == 24
    new = sold.filter(pl.col("购方识别号") == story["new_order"]["buyer"])
    assert new["开票日期"].min() >= "2025-11"


def test_the_story_firm_is_paid_at_the_years_end(economy):
    story = json.loads((economy / "economy.json").read_text("utf-8"))["story"]
    paid = pl.read_parquet(economy / "truth/payments.parquet").filter(pl.col("payee") == story["code"])
    december = paid.filter(pl.col("paid_on").dt.month() == 12)
    assert december["amount_fen"].sum() > 0.6 * paid["amount_fen"].sum()
    orders = pl.read_parquet(economy / "truth/orders.parquet")
    assert len(orders.filter(order="story", amount_fen=300_000_000)) == 1


def test_papers_are_real_files_of_invoices_in_the_books(economy, books):
    _, frame = _story(economy)
    known = set(frame["数电发票号码"]) | set(books["number"])
    folder = economy / "documents/票据"
    loose = [path for path in folder.iterdir() if path.suffix != ".zip"]
    assert len(list(folder.iterdir())) > 200
    assert {path.suffix for path in folder.iterdir()} == {".xml", ".ofd", ".pdf", ".zip"}
    numbers = [path.name.split("_")[1] for path in loose if path.name.startswith("dzfp_")]
    # Purchases of small firms' customers may stand in no book that we hold; the story's all do.
    assert sum(number in known for number in numbers) > 0.9 * len(numbers)
    text = next(path for path in loose if path.suffix == ".xml" and path.name.startswith("dzfp_"))
    assert "合成数据" in text.read_text("utf-8")
    with zipfile.ZipFile(folder / "邮箱附件.zip") as archive:
        assert any(name.endswith(".zip") for name in archive.namelist())


def test_labels_are_a_third_and_the_rest_is_apart(economy):
    labels = pl.read_parquet(economy / "labels.parquet")
    rest = pl.read_parquet(economy / "truth/positions.parquet")
    assert labels.columns == rest.columns and {"code", "chain", "segment", "tier"} <= set(labels.columns)
    assert not set(labels["code"]) & set(rest["code"])
    firms = labels["code"].n_unique() + rest["code"].n_unique()
    assert labels["code"].n_unique() / firms == pytest.approx(0.3, abs=0.04)
    seats = defaultdict(int)
    for code in [*labels["code"], *rest["code"]]:
        seats[code] += 1
    assert set(seats.values()) == {1, 2}


def test_the_registry_names_people_groups_and_circles(economy):
    table = pl.read_csv(economy / "documents/股权与担保.csv", infer_schema=False)
    assert set(table["关系类型"]) == {"法定代表人", "股东", "实际控制人", "对外担保"}
    people = table.filter(pl.col("证件标识").is_not_null())["证件标识"]
    assert people.str.contains(r"^990000\d{11}[\dX]$").all()
    assert (table["备注"] == "合成数据 synthetic").all()
    shares = table.filter(pl.col("比例").is_not_null()).with_columns(
        pl.col("比例").str.strip_suffix("%").cast(pl.Int64)
    )
    assert shares.group_by("企业识别号").agg(pl.col("比例").sum())["比例"].max() <= 100
    following = dict(
        table.filter(pl.col("关系类型") == "对外担保").select("企业识别号", "对方识别号").iter_rows()
    )
    assert any(_returns(following, start) for start in following)


def _returns(following: dict[str, str], start: str) -> bool:
    at = following.get(start)
    for _ in range(6):
        if at == start:
            return True
        at = following.get(at or "")
    return False
