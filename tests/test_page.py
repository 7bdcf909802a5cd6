"""The pages in a real browser, over a real server: maps, lists, search, switches, states."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.page_server import (
    LANGS,
    PHONE,
    WIDE,
    Visit,
    api,
    biggest,
    counts,
    one_of_each,
    overflow,
    sentence,
    serving,
)

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", LANGS)
def test_cards_tell_what_the_api_tells(visit: Visit, base: str, lang: str) -> None:
    page = visit("/chains", lang=lang)
    chains = api(base, "chains", lang)
    cards = page.locator(".card")
    assert cards.count() == chains["total"] > 0
    for at, item in enumerate(sorted(chains["items"], key=lambda item: item["enterprises"] == 0)):
        text = cards.nth(at).inner_text()
        assert sentence(item["name"]) in text
        assert f"{item['enterprises'] or item['segments']:,}" in text
        assert ("合成数据" in text or "Synthetic" in text) is (item["synthetic"] and item["enterprises"] > 0)
    assert chains["as_of"] in page.locator(".asof").inner_text()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_map_counts_equal_the_api(
    visit: Visit, base: str, chain: str, lang: str, size: dict[str, int]
) -> None:
    page = visit(f"/map/{chain}", lang=lang, size=size)
    page.wait_for_selector(".picture")
    told = api(base, f"chains/{chain}/map", lang)
    drawn = page.locator("a.cell").evaluate_all(
        "all => all.map(one => [one.dataset.cell, Number(one.dataset.count)])"
    )
    assert sorted(map(tuple, drawn)) == sorted(
        (f"{c['segment']}@{c['depth']}", c["enterprises"]) for c in told["cells"]
    )
    if size is WIDE:
        printed = page.locator("a.cell > text:not(.star)").all_text_contents()
        assert sorted(printed) == sorted(f"{c['enterprises']:,}" for c in told["cells"])
    assert f"{told['total']:,}" in page.locator(".tiles").inner_text()
    assert f"{told['unplaced']['enterprises']:,}" in page.locator(".tiles").inner_text()


def test_upstream_stands_left(visit: Visit, chain: str) -> None:
    page = visit(f"/map/{chain}")
    page.wait_for_selector(".picture")
    ticks = [int(text.replace("−", "-")) for text in page.locator(".picture .tick").all_text_contents()]
    assert ticks == sorted(ticks, reverse=True)
    lefts = page.locator(".picture .tick").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().left)"
    )
    assert lefts == sorted(lefts)


def test_equal_data_draw_equal_pictures(visit: Visit, chain: str) -> None:
    first, second = (visit(f"/map/{chain}").locator(".picture") for _ in range(2))
    assert first.evaluate("one => one.outerHTML") == second.evaluate("one => one.outerHTML")


def test_table_twin_holds_the_same_counts(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/map/{chain}?view=table")
    page.wait_for_selector(".twin")
    assert counts(page, ".twin a[data-count]") == sorted(
        c["enterprises"] for c in api(base, f"chains/{chain}/map")["cells"]
    )


def open_cell(page: Any, cell: dict[str, Any]) -> None:
    page.locator(f'a.cell[data-cell="{cell["segment"]}@{cell["depth"]}"]').click()
    page.wait_for_selector(".panel .rows")


def test_click_through_to_the_documents_and_back(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/map/{chain}")
    cell = biggest(api(base, f"chains/{chain}/map")["cells"])
    open_cell(page, cell)
    assert f"{cell['enterprises']:,}" in page.locator(".panel h2").inner_text()
    page.locator(".panel .rows .main").first.click()
    page.wait_for_selector(".panel .seat")
    enterprise = api(base, f"enterprises/{page.url.split('enterprise=')[1].split('&')[0]}")
    assert page.locator(".panel h2").inner_text() == enterprise["name"]
    assert page.locator("a.cell.seated").get_attribute("data-cell") == f"{cell['segment']}@{cell['depth']}"
    page.wait_for_selector(".panel .rows .main")
    page.locator(".panel .rows .main").first.click()
    page.wait_for_selector(".invoice")
    original = page.locator(".invoice .papers a").first.get_attribute("href")
    assert page.request.get(base + original).ok
    for expected in (".panel .seat", ".panel .rows", ".picture"):
        page.go_back()
        page.wait_for_selector(expected)
    assert page.locator(".panel").count() == 0


def test_list_of_a_cell_is_read_to_its_end(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/map/{chain}")
    page.route(
        "**/enterprises?*limit=40*",
        lambda route: route.continue_(url=route.request.url.replace("limit=40", "limit=4")),
    )
    cell = biggest(api(base, f"chains/{chain}/map")["cells"])
    open_cell(page, cell)
    rows = page.locator(".panel .rows tbody tr .main")
    while (more := page.locator(".panel .more button")).count():
        before = rows.count()
        more.click()
        page.wait_for_function("n => document.querySelectorAll('.panel .rows .main').length > n", arg=before)
    firms = rows.evaluate_all("all => all.map(one => one.href)")
    assert len(firms) == len(set(firms)) == cell["enterprises"] > 4


def test_permalink_opens_the_same_panel(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/map/{chain}")
    open_cell(page, biggest(api(base, f"chains/{chain}/map")["cells"]))
    page.locator(".panel .rows .main").first.click()
    page.wait_for_selector(".panel .seat")
    title = page.locator(".panel h2").inner_text()
    again = visit(page.url.removeprefix(base))
    again.wait_for_selector(".panel .seat")
    assert again.locator(".panel h2").inner_text() == title


def test_permalink_by_credit_code_finds_its_enterprise(visit: Visit, base: str, chain: str) -> None:
    sample = next(one for one in api(base, f"chains/{chain}/enterprises?limit=50")["items"] if one["code"])
    page = visit(f"/map/{chain}?enterprise={sample['code']}")
    page.wait_for_selector(".panel .seat")
    assert page.locator(".panel h2").inner_text() == sample["name"]
    assert f"enterprise={sample['id']}" in page.url
    unknown = visit(f"/map/{chain}?enterprise=nobody")
    unknown.wait_for_selector(".panel .state")
    assert "nobody" in unknown.locator(".panel .state").inner_text()


def test_keyboard_alone_reaches_a_cell_and_comes_back(visit: Visit, chain: str) -> None:
    page = visit(f"/map/{chain}")
    page.wait_for_selector("a.cell")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.cell')"):
            break
    here = page.evaluate("document.activeElement.dataset.cell")
    assert here
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    there = page.evaluate("document.activeElement.dataset.cell")
    assert there not in (None, here)
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel .rows")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Escape")
    page.wait_for_function("there => document.activeElement.dataset.cell === there", arg=there)


def test_search_by_keyboard(visit: Visit, base: str, chain: str) -> None:
    sample = api(base, f"chains/{chain}/enterprises?limit=1")["items"][0]
    page = visit(f"/map/{chain}")
    page.keyboard.press("/")
    page.keyboard.type(sample["name"])
    page.wait_for_selector("[role=option]")
    box = page.locator("[role=combobox]")
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    active = page.locator(f'[id="{box.get_attribute("aria-activedescendant")}"]')
    assert sample["name"] in active.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel h2")
    assert page.locator(".panel h2").inner_text() == sample["name"]


def test_search_says_when_nothing_is_found(visit: Visit) -> None:
    page = visit("/chains", lang="en")
    page.locator("[role=combobox]").fill("zzzzqqqq")
    page.wait_for_selector(".search .none")
    assert "zzzzqqqq" in page.locator(".search .none").inner_text()


def test_language_is_switched_kept_and_sent(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/map/{chain}")
    sent: list[str] = []
    page.on(
        "request", lambda r: sent.append(r.headers.get("accept-language", "")) if "/v1/" in r.url else None
    )
    page.get_by_role("radio", name="EN").check()
    page.wait_for_function("document.documentElement.lang === 'en'")
    page.wait_for_load_state("networkidle")
    assert "lang=en" in page.url
    assert sent
    assert all(lang.startswith("en") for lang in sent)
    page.wait_for_function(
        "name => document.querySelector('h1').innerText === name",
        arg=sentence(api(base, f"chains/{chain}/map", "en")["chain"]["name"]),
    )
    page.goto(base)
    page.wait_for_function("document.documentElement.lang === 'en'")


def test_unit_switch_changes_figures_and_their_headings(visit: Visit, base: str) -> None:
    fen = api(base, "chains")["items"][0]["amount_fen"]
    page = visit("/chains")
    card = page.locator(".card").first
    assert "（万元）" in card.inner_text()
    assert f"{round(fen / 10_000) / 100:,.2f}" in card.inner_text()
    page.get_by_role("radio", name="亿元").check()
    assert "（亿元）" in card.inner_text()
    assert f"{round(fen / 100_000_000) / 100:,.2f}" in card.inner_text()


def test_unplaced_is_a_tile_that_opens(visit: Visit, base: str, chain: str) -> None:
    unplaced = api(base, f"chains/{chain}/map")["unplaced"]["enterprises"]
    page = visit(f"/map/{chain}")
    page.locator('.tiles a[href*="unplaced=1"]').click()
    page.wait_for_selector(".panel .rows" if unplaced else ".panel .state")
    assert f"{unplaced:,}" in page.locator(".panel h2").inner_text()


def test_chain_without_a_core_says_so_and_offers_buyers(visit: Visit, base: str, chain: str) -> None:
    told = api(base, f"chains/{chain}/map")
    buyers = [
        {"id": one["id"], "name": one["name"], "amount_fen": 10**11 - at}
        for at, one in enumerate(api(base, f"chains/{chain}/enterprises?limit=3")["items"])
    ]
    coreless = told | {"core_known": False, "cores": [], "candidates": buyers}
    page = visit("/chains")
    page.route(f"**/chains/{chain}/map*", lambda route: route.fulfill(json=coreless))
    page.locator(f'.card a[href*="/map/{chain}"]').click()
    page.wait_for_selector(".nocore")
    assert page.locator(".nocore li a").all_inner_texts() == [one["name"] for one in buyers]
    assert "★" not in page.locator(".picture").text_content()
    command = page.locator(".command code")
    assert command.inner_text() == f'dayan core add "{buyers[0]["name"]}" --chain {chain}'
    page.locator(".nocore li input").nth(1).check()
    assert buyers[1]["name"] in command.inner_text()


@pytest.mark.parametrize("lang", LANGS)
def test_errors_are_told_in_the_apis_words(visit: Visit, base: str, lang: str) -> None:
    page = visit("/map/no-such-chain", lang=lang)
    page.wait_for_selector("[role=alert]")
    request = urllib.request.Request(f"{base}/v1/chains/no-such-chain/map", headers={"Accept-Language": lang})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    with raised.value as answer:
        detail = json.load(answer)["detail"]
    assert detail in page.locator("[role=alert]").inner_text()


def test_a_silent_service_is_told_and_asked_again(visit: Visit) -> None:
    page = visit("/nowhere", lang="en")
    page.route("**/v1/**", lambda route: route.abort())
    page.locator("main a").first.click()
    page.wait_for_selector("[role=alert]")
    assert "dayan serve" in page.locator("[role=alert]").inner_text()
    page.unroute("**/v1/**")
    page.locator("[role=alert] button").click()
    page.wait_for_selector(".card")


def test_an_empty_store_says_what_to_do(visit: Visit, tmp_path: Path) -> None:
    with serving("serve", "--data", str(tmp_path), "--port", "18771") as address:
        page = visit("/chains", at=address)
        page.wait_for_selector(".state code")
        assert "dayan ingest" in page.locator(".state").inner_text()


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_is_wider_than_the_window(visit: Visit, base: str, chain: str, lang: str) -> None:
    wider = {}
    for place in one_of_each(base, chain):
        page = visit(place, lang=lang, size=PHONE)
        for size in (PHONE, WIDE):
            page.set_viewport_size(size)
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            wider[place, size["width"]] = overflow(page)
        page.context.close()
    assert {at: pixels for at, pixels in wider.items() if pixels} == {}


def test_light_and_dark_follow_the_system_until_chosen(visit: Visit) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light, dark = (visit("/chains", color_scheme=scheme).evaluate(ground) for scheme in ("light", "dark"))
    assert light != dark
    page = visit("/chains", color_scheme="dark", lang="en")
    page.get_by_role("button", name="Appearance").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert page.evaluate(ground) == light


def test_paper_shows_the_map_without_the_bar(visit: Visit, chain: str) -> None:
    page = visit(f"/map/{chain}")
    page.wait_for_selector(".picture")
    page.emulate_media(media="print")
    assert not page.locator(".bar").is_visible()
    assert page.locator(".picture").is_visible()
