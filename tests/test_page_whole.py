"""What the pages say of the whole graph and of one enterprise: totals, unplaced, books, evidence, paths."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.page_server import LANGS, PHONE, Visit, api, one_of_each, overflow, serving

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser


def test_the_whole_graph_is_counted_and_the_unplaced_are_listed(visit: Visit, base: str) -> None:
    totals = api(base, "chains")["totals"]
    page = visit("/chains")
    printed = page.locator(".whole .tile dd").all_inner_texts()
    assert [text.split()[0] for text in printed] == [
        f"{totals[name]:,}" for name in ("enterprises", "placed", "unplaced", "hubs")
    ]
    if not totals["unplaced"]:
        return
    page.locator('.whole a[href*="unplaced=1"]').click()
    page.wait_for_selector(".panel .rows")
    told = api(base, "enterprises/unplaced?limit=40")["items"]
    assert page.locator(".panel .rows .main").all_inner_texts() == [one["name"] for one in told]
    page.locator(".panel .rows .main").first.click()
    page.wait_for_selector(".panel .books")
    assert page.locator(".panel h2").inner_text() == told[0]["name"]


LEDGER = """企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态
E901,11459356,2023/8/4,B03711,9401.71,1598.29,11000.0,有效发票
E901,5076239,2023/8/9,B00844,8170.94,1389.06,9560.0,有效发票
E902,5076241,2023/9/10,B00845,81709.40,13890.60,95600.0,有效发票
"""


@pytest.fixture(scope="module")
def bare_books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over a ledger that names no items: nobody has a position."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "销项发票信息.csv").write_text(LEDGER, "utf-8")
    for command in (["ingest", str(folder / "销项发票信息.csv")], ["build"]):
        done = subprocess.run(
            [sys.executable, "-m", "dayan", *command, "--data", str(folder / "data")],
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    with serving("serve", "--data", str(folder / "data"), "--port", "18791") as address:
        yield address


@pytest.mark.parametrize("lang", LANGS)
def test_books_without_items_say_why_nobody_is_placed(visit: Visit, bare_books: str, lang: str) -> None:
    totals = api(bare_books, "chains")["totals"]
    assert (totals["placed"], totals["with_goods"]) == (0, 0)
    page = visit("/chains", at=bare_books, lang=lang, size=PHONE)
    guide = page.locator(".guide").inner_text()
    assert str(totals["enterprises"]) in guide
    assert ("商品名称" if lang == "zh" else "item names") in guide
    assert "DAYAN_CHAINS" in guide
    assert "dayan core add" in guide
    assert page.locator(".card.quiet").count() == page.locator(".card").count() > 0
    assert overflow(page) == 0


def test_a_chain_of_nobody_shows_no_empty_map(visit: Visit, bare_books: str) -> None:
    chain = api(bare_books, "chains")["items"][0]["id"]
    told = api(bare_books, f"chains/{chain}/map")
    page = visit(f"/map/{chain}", at=bare_books)
    page.wait_for_selector(".vacancy")
    assert page.locator(".picture, .legend, .axis").count() == 0
    assert page.locator(".vacancy li").count() == len(told["segments"])
    assert page.locator(".nocore li a").all_inner_texts() == [one["name"] for one in told["candidates"]]
    assert told["candidates"]


def opened_profile(visit: Visit, base: str, chain: str, lang: str = "en", **changes: Any) -> Any:
    """The panel of an enterprise whose profile the API would tell with `changes`."""
    sample = api(base, f"chains/{chain}/enterprises?limit=1")["items"][0]["id"]
    told = api(base, f"enterprises/{sample}") | changes
    page = visit("/chains", lang=lang)
    page.route(f"**/v1/enterprises/{sample}", lambda route: route.fulfill(json=told))
    page.goto(f"{base}/map/{chain}?enterprise={sample}&lang={lang}")
    page.wait_for_selector(".panel .books")
    return page


def test_sales_say_their_period_and_what_went_to_consumers(visit: Visit, base: str, chain: str) -> None:
    page = opened_profile(
        visit, base, chain,
        sales_fen=10**10, retail_fen=25 * 10**8, purchases_fen=0, first="2024-01-05", last="2024-04-30",
        own_books={
            "sales_until": "2024-04-02", "purchases_until": None, "purchases": [],
            "sales": [{"month": m, "invoices": 1} for m in ("2024-01", "2024-04")],
        },
    )  # fmt: skip
    sales, purchases = page.locator(".books tbody").all_inner_texts()
    assert "of which to consumers 25.00" in sales
    assert "2024-01-05 – 2024-04-30" in sales
    assert "2024-01-05 – 2024-04-30" in purchases
    assert "consumers" not in purchases
    assert "at least" not in sales
    assert "at least" in purchases
    assert "2 of 4 months in" in sales
    assert "missing 2024-02 to 2024-03" in sales.replace("\u2011", "-")
    assert page.locator(".strip i").count() == 4
    assert page.locator(".strip .in").count() == 2


@pytest.mark.parametrize("lang", LANGS)
def test_depths_keep_two_decimals(visit: Visit, base: str, chain: str, lang: str) -> None:
    position = {
        "chain": {"id": chain, "name": chain}, "segment": None, "confidence": 1, "membership": 1,
        "level": None, "level_text": "–", "depth": 5.4769, "depth_unweighted": 5.4999, "core": None,
    }  # fmt: skip
    page = opened_profile(visit, base, chain, lang, positions=[position])
    text = page.locator(".seat").inner_text()
    assert "5.48" in text
    assert "5.4999" in text  # two decimals would put it in the next column


def test_books_that_disagree_are_marked_with_both_amounts(visit: Visit, base: str, chain: str) -> None:
    place = next(place for place in one_of_each(base, chain) if "partner=" in place)
    page = visit("/chains", lang="en")

    def differing(route: Any) -> None:
        body = route.fetch().json()
        first = body["items"][0]
        paper = first["documents"][0]
        first["documents"] = [
            paper | {"amount_fen": fen, "total_fen": fen, "status": status}
            for fen, status in ((123_400, "normal"), (-567_800, "red"))
        ]
        first["disagrees"] = True
        first["warnings"] = [{"code": "w", "message": "The sum differs.", "field": "total", "value": "1"}]
        for other in body["items"][1:]:
            other["disagrees"], other["warnings"] = False, []
        route.fulfill(json=body)

    page.route("**/evidence?*", differing)
    page.goto(f"{base}{place}&lang=en")
    page.wait_for_selector(".invoice")
    text = page.locator(".invoice").first.inner_text()
    assert "Books disagree" in text
    assert "1,234.00" in text
    assert "−5,678.00" in text
    assert page.locator(".warnings").all_inner_texts() == ["The sum differs."]
    assert page.locator(".said").count() == 2


def test_units_are_marked_as_chinese(visit: Visit, base: str, chain: str) -> None:
    place = next(place for place in one_of_each(base, chain) if "partner=" in place)
    page = visit(place, lang="en")
    page.wait_for_selector(".invoice")
    left = page.locator(".lines td, .lines tbody th").evaluate_all(
        """all => all.flatMap(one => [...one.childNodes])
            .filter(node => node.nodeType === 3).map(node => node.data)"""
    )
    assert [text for text in left if re.search(r"[\u4e00-\u9fff]", text)] == []
    assert page.locator(".lines [lang=zh-CN]").count() > 0


def test_the_way_to_the_core_is_told_hop_by_hop(visit: Visit, base: str, chain: str) -> None:
    items = api(base, f"chains/{chain}/enterprises?limit=200")["items"]
    far = max((one for one in items if one["level"]), key=lambda one: one["level"])
    told = api(base, f"enterprises/{far['id']}/paths?to=core&chain={chain}&limit=3")
    hops = told["items"][0]["hops"]
    for hop in hops:
        hop |= {"feeds": True, "reason": None}
    hops[-1] |= {"feeds": False, "reason": "It bought later than it sold."}
    page = visit("/chains", lang="en")
    page.route("**/paths?*", lambda route: route.fulfill(json=told))
    page.goto(f"{base}/map/{chain}?enterprise={far['id']}&lang=en")
    page.locator(".seat summary").click()
    page.wait_for_selector(".way")
    way = page.locator(".way").first
    assert way.locator("li").count() == len(hops) + 1
    names = [hop["from"]["name"] for hop in hops] + [hops[-1]["to"]["name"]]
    assert [name for name in names if name not in way.inner_text()] == []
    assert "It bought later" in way.locator(".unsure").inner_text()
