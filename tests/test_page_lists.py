"""The lists in a browser: screening, sorting, pasting, watchlists, files."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, Visit, api, overflow

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser
NAMES = ".grid tbody tr a"


def settled(page: Any) -> None:
    page.wait_for_selector(NAMES)
    page.wait_for_load_state("networkidle")


def names(page: Any, most: int = 8) -> list[str]:
    texts = page.locator(f"{NAMES} bdi, {NAMES}").all_inner_texts()[:most]
    return [text.replace("★", "").strip() for text in texts]


@pytest.mark.parametrize("lang", LANGS)
def test_a_screen_is_what_the_api_says_and_a_permalink(
    visit: Visit, base: str, chain: str, lang: str
) -> None:
    page = visit(f"/lists?chain={chain}&size=small", lang=lang)
    settled(page)
    told = api(base, f"lists/screen?chain={chain}&size=small&sort=sales_fen&descending=true&limit=8", lang)
    assert f"{told['total']:,}" in page.locator(".found strong").inner_text()
    assert page.locator(NAMES).first.inner_text().replace("★", "").strip() == told["items"][0]["name"]
    assert violations(page) == []


def test_a_click_on_a_heading_sorts_and_again_turns_round(visit: Visit, base: str) -> None:
    page = visit("/lists")
    settled(page)
    for turn, down in (("descending", "true"), ("ascending", "false")):
        page.locator("th .sorter", has_text="客户").click()
        page.wait_for_selector(f"th[aria-sort={turn}]")
        settled(page)
        first = api(base, f"lists/screen?sort=customers&descending={down}&limit=1")["items"][0]
        assert page.locator(NAMES).first.inner_text().replace("★", "").strip() == first["name"]
    assert "sort=customers" in page.url


def test_what_is_typed_narrows_after_a_pause_and_nonsense_is_left_out(visit: Visit, base: str) -> None:
    page = visit("/lists?sort=nonsense&region=abc&chain=%00")
    settled(page)
    assert page.locator("[role=alert]").count() == 0
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/lists/screen" in one.url else None)
    page.get_by_label("名称或代码").press_sequentially("科技有限", delay=20)
    page.wait_for_function("() => location.search.includes('q=')")
    settled(page)
    total = api(base, "lists/screen?q=%E7%A7%91%E6%8A%80%E6%9C%89%E9%99%90&limit=1")["total"]
    assert f"{total:,}" in page.locator(".found strong").inner_text()
    assert len(asked) == 1, "asked once, not at every key"


def test_conditions_that_nobody_fits_say_so(visit: Visit) -> None:
    page = visit("/lists?q=zzzzqqqq", lang="en")
    page.locator(".state").wait_for()
    assert "Loosen" in page.locator(".state").inner_text()


@pytest.mark.parametrize("lang", LANGS)
def test_pasted_lines_are_matched_chosen_saved_and_taken_away(
    visit: Visit, base: str, chain: str, lang: str
) -> None:
    firms = api(base, f"lists/screen?chain={chain}&limit=3")["items"]
    three = [firms[0]["name"], firms[1]["code"], f"{firms[2]['name']}\t{firms[2]['code']}"]
    doubtful = {
        "row": 4, "name": "有两家的名字", "code": "", "status": "ambiguous", "way": "alike",
        "way_text": "alike", "score": 0.6, "enterprise": firms[0], "again": False,
        "candidates": [
            {"id": one["id"], "name": one["name"], "code": one["code"], "score": 0.6} for one in firms[:2]
        ],
    }  # fmt: skip

    def doubt(route: Any) -> None:
        """What the server says, with the fourth line made one that may mean two firms."""
        told = route.fetch().json()
        if len(told["items"]) < 4:  # the question for the chosen firm's row
            route.fulfill(json=told)
            return
        told["items"][3] = doubtful
        told |= {"matched": 3, "ambiguous": 1, "unmatched": 1}
        route.fulfill(json=told)

    page = visit("/lists?sheet=paste", lang=lang)
    page.set_default_timeout(40_000)  # a name that nobody bears is compared with all of them
    page.route("**/v1/lists/match", doubt)
    page.locator("textarea").fill("\n".join([*three, "有两家的名字", "没有这家企业qqzz"]))
    page.locator("main .button.main").click()
    page.wait_for_selector(".grid .tag.warn")
    assert [page.locator(f".grid .tag.{kind}").count() for kind in ("good", "warn", "red")] == [3, 1, 1]
    save = page.locator(".toolbar button", has_text="3")
    save.wait_for()
    assert violations(page) == []
    page.locator(".grid button").first.click()  # which of the two is meant
    page.locator(".candidates input").nth(1).check()
    page.keyboard.press("Escape")
    page.locator(".candidates").wait_for(state="detached")
    # The row of the chosen firm is filled: its name, level, chain, as in the line that named it.
    row = page.locator(".grid tbody tr").nth(3)
    row.locator("td a", has_text=firms[1]["name"]).first.wait_for()
    told = api(base, f"lists/screen?q={quote(firms[1]['code'])}&limit=1", lang)["items"][0]
    assert told["chain_name"] in row.inner_text()
    # The chosen one is the second firm, which is there already: still three.
    save.click()
    page.locator("[role=dialog] input[type=text]").fill(f"样本 {lang}")
    assert violations(page) == []
    page.locator("[role=dialog] .button.main").click()
    page.locator("[role=dialog] [role=status]").wait_for()
    page.locator("[role=dialog] [role=status] a").click()
    card = page.locator(".watchlists .card", has_text=f"样本 {lang}")
    card.wait_for()
    assert "3" in card.inner_text()
    card.locator("h2 a").click()
    settled(page)
    assert "3" in page.locator(".found strong").inner_text()
    assert violations(page) == []
    (kept,) = [one for one in api(base, "watchlists")["items"] if one["name"] == f"样本 {lang}"]
    card.locator("button").first.click()  # for colleagues too
    page.wait_for_function("() => document.querySelectorAll('.watchlists .tag').length >= 2")
    assert next(one for one in api(base, "watchlists")["items"] if one["id"] == kept["id"])["shared"]
    card.locator("button").last.click()
    page.locator("[role=dialog] .button.grave").click()
    card.wait_for(state="detached")
    assert kept["id"] not in [one["id"] for one in api(base, "watchlists")["items"]]


def test_looking_at_another_sheet_loses_nothing_that_was_pasted(visit: Visit) -> None:
    page = visit("/lists?sheet=paste")
    page.locator("textarea").fill("甲\n乙")
    page.locator("[role=tab]").first.click()
    page.wait_for_selector(".conditions")
    page.locator("[role=tab]").nth(1).click()
    assert page.locator("textarea").input_value() == "甲\n乙"


def test_the_files_are_of_the_very_question(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/lists?chain={chain}&sort=name&up=1")
    settled(page)
    page.locator(".found .button", has_text="导出").click()
    link = page.locator("[role=menuitem]").last.get_attribute("href")
    asked = parse_qs(urlsplit(link).query)
    assert asked["chain"] == [chain]
    assert (asked["sort"], asked["format"]) == (["name"], ["csv"])
    body = page.request.get(base + link).body().decode("utf-8-sig").splitlines()
    total = api(base, f"lists/screen?chain={chain}&limit=1")["total"]
    assert len(body) == total + 1


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_wider_than_a_telephone(visit: Visit, lang: str) -> None:
    for sheet in ("", "?sheet=paste", "?sheet=watch"):
        page = visit(f"/lists{sheet}", lang=lang, size=PHONE)
        assert overflow(page) == 0
        assert violations(page) == []
