"""The industry map in a real browser: colours, two dates, several cells, the way to the core, files."""

import re
from datetime import date
from typing import Any

import pytest

from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, Visit, api, biggest, overflow

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser

COLORS = ("count", "amount", "risk", "growth", "region")


def marked(page: Any) -> dict[str, tuple[str, str]]:
    """Cell → its class of colour and what stands in it."""
    found = page.locator("a.cell").evaluate_all(
        """all => all.map(one => [one.dataset.cell, one.getAttribute("class").split(" ")[1],
            one.querySelector("text:not(.star)").textContent])"""
    )
    return {cell: (tone, text) for cell, tone, text in found}


def opened(visit: Visit, path: str, **options: Any) -> Any:
    page = visit(path, **options)
    page.wait_for_selector(".picture")
    return page


def a_year_before(day: str) -> str:
    return date(int(day[:4]) - 1, int(day[5:7]), 28).isoformat()


def core_bound(base: str, chain: str) -> str:
    """An enterprise of the chain some levels above the core."""
    items = api(base, f"chains/{chain}/enterprises?limit=200")["items"]
    return max((one for one in items if one["level"] and one["segment"]), key=lambda one: one["level"])["id"]


@pytest.mark.parametrize("color", COLORS)
def test_a_colour_shows_the_values_of_the_api(visit: Visit, base: str, chain: str, color: str) -> None:
    page = opened(visit, f"/map/{chain}?color={color}")
    told = {
        f"{c['segment']}@{c['depth']}": c for c in api(base, f"chains/{chain}/map?color={color}")["cells"]
    }
    drawn = marked(page)
    assert drawn.keys() == told.keys()
    for key, (tone, text) in drawn.items():
        value = told[key]["value"]
        if color == "count":
            assert text == f"{told[key]['enterprises']:,}"
        elif color == "risk":
            assert text.rstrip("%") in {str(int(value * 100)), str(round(value * 100)), f"{value * 100:.0f}"}
        elif color == "growth":
            assert (tone == "none") == (value is None)
            assert value is None or abs(value) < 0.005 or text[0] == ("+" if value > 0 else "−")
        elif color == "region" and told[key]["category_text"]:
            assert text.rstrip("…")[:1] == told[key]["category_text"][:1]
            assert tone.startswith("kind")
    assert page.locator(f".tools input[value={color}]").is_checked()


def test_the_colour_is_chosen_and_stands_in_the_address(visit: Visit, chain: str) -> None:
    page = opened(visit, f"/map/{chain}")
    before = marked(page)
    page.get_by_role("radio", name="增长").check()
    page.wait_for_selector(".swatch.more1, .swatch.same")
    assert "color=growth" in page.url
    page.wait_for_function(
        "() => document.querySelector('a.cell').classList.toString().match(/less|same|more|none/)"
    )
    assert marked(page) != before


def test_the_legend_lights_its_cells_alone(visit: Visit, chain: str) -> None:
    page = opened(visit, f"/map/{chain}")
    first = page.locator(".swatch").first
    first.click()
    page.wait_for_selector(".cell.away")
    assert first.get_attribute("aria-pressed") == "true"
    lit = page.locator("a.cell:not(.away)")
    assert lit.count() == page.locator("a.cell.shade0").count() < page.locator("a.cell").count()
    page.get_by_role("button", name="选中这些格").click()
    page.wait_for_selector(".chosenbar")
    assert page.locator("a.cell.picked").count() == lit.count()
    page.get_by_role("button", name="全部点亮").click()
    page.wait_for_function("() => !document.querySelector('.cell.away')")


@pytest.mark.parametrize("lang", LANGS)
def test_two_dates_show_the_difference(visit: Visit, base: str, chain: str, lang: str) -> None:
    before = a_year_before(api(base, "chains")["as_of"])
    page = opened(visit, f"/map/{chain}?before={before}&color=amount", lang=lang)
    told = api(base, f"chains/{chain}/map/compare?before={before}", lang)
    drawn = marked(page)
    assert drawn.keys() == {f"{c['segment']}@{c['depth']}" for c in told["cells"]}
    for cell in told["cells"]:
        tone, text = drawn[f"{cell['segment']}@{cell['depth']}"]
        if (change := cell["change"]) is None:
            assert text in {"新", "new", "0"}
        elif abs(change) > 0.0051:
            assert text[0] == ("+" if change > 0 else "−")
            assert tone.startswith(("more" if change > 0 else "less", "same"))
    assert told["before"]["until"] in page.locator(".tools").inner_text()
    assert told["note"] in page.locator(".legend").inner_text()
    assert page.locator(".tools input[value=risk]").count() == 0


def test_two_dates_are_chosen_in_the_page(visit: Visit, chain: str) -> None:
    page = opened(visit, f"/map/{chain}", lang="en")
    page.get_by_role("button", name=re.compile("^Time")).click()
    page.get_by_role("radio", name="Compare two dates").check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_selector(".swatch.less2")
    assert "before=" in page.url
    page.go_back()
    page.wait_for_selector(".swatch.shade0")


def test_bands_are_filtered(visit: Visit, chain: str) -> None:
    page = opened(visit, f"/map/{chain}?bands=all")
    every, back = page.locator(".band").count(), page.locator("path.band.back").count()
    assert opened(visit, f"/map/{chain}?bands=none").locator(".bands .band").count() == 0
    against = opened(visit, f"/map/{chain}?bands=back").locator(".bands .band")
    assert against.count() <= back
    assert opened(visit, f"/map/{chain}").locator(".bands .band").count() <= every


def drag_over_all(page: Any) -> None:
    box = page.locator(".picture").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 100, steps=4)
    assert page.locator(".choosing").count() == 1
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=6)
    page.mouse.up()


def test_dragging_chooses_cells_and_adds_them_up(visit: Visit, base: str, chain: str) -> None:
    page = opened(visit, f"/map/{chain}", size={"width": 1280, "height": 1100})
    told = api(base, f"chains/{chain}/map")
    drag_over_all(page)
    page.wait_for_selector(".chosenbar")
    assert page.locator(".panel").count() == 0
    assert page.locator("a.cell.picked").count() == len(told["cells"])
    placed = sum(cell["enterprises"] for cell in told["cells"])
    assert f"{placed:,}" in page.locator(".chosenbar").inner_text()
    page.get_by_role("link", name="看名单").click()
    page.wait_for_selector(".found strong")
    page.wait_for_function(
        "n => document.querySelector('.found strong').innerText.includes(n)", arg=f"{placed:,}"
    )


def test_the_keyboard_chooses_a_block(visit: Visit, base: str, chain: str) -> None:
    page = opened(visit, f"/map/{chain}")
    cell = biggest(api(base, f"chains/{chain}/map")["cells"])
    page.locator(f'a.cell[data-cell="{cell["segment"]}@{cell["depth"]}"]').focus()
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".chosenbar")
    assert page.locator("a.cell.picked").count() == 1
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_function("() => document.querySelectorAll('a.cell.picked').length > 1")
    assert ("已选中" in page.locator("a.cell.picked").first.get_attribute("aria-label")) is True
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.chosenbar')")


def test_chosen_cells_are_watched(visit: Visit, base: str, chain: str) -> None:
    cell = min(api(base, f"chains/{chain}/map")["cells"], key=lambda cell: cell["enterprises"])
    page = opened(visit, f"/map/{chain}?cells={cell['segment']}:{cell['depth']}")
    page.get_by_role("button", name="存为关注名单").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("地图上的几格")
    page.get_by_role("dialog").get_by_role("button", name="保存", exact=True).click()
    page.wait_for_function("() => document.querySelector('[role=dialog]').innerText.includes('已保存')")
    page.keyboard.press("Escape")
    nodes = page.get_by_role("link", name="在图谱中看").get_attribute("href")
    assert re.search(r"nodes=[0-9a-f]{16}", nodes)


def test_the_way_of_goods_is_drawn_and_opens_its_papers(visit: Visit, base: str, chain: str) -> None:
    far = core_bound(base, chain)
    page = opened(visit, f"/map/{chain}?enterprise={far}", size={"width": 1440, "height": 900})
    page.wait_for_selector(".told .steps li")
    way = api(base, f"enterprises/{far}/paths?to=core&chain={chain}&limit=3")["items"][0]["hops"]
    assert page.locator(".steps li").count() == len(way) + 1
    steps = page.locator(".steps").inner_text()
    assert [hop["from"]["name"] for hop in way if hop["from"]["name"] not in steps] == []
    page.wait_for_selector(".trailstop")
    assert page.locator(".trailstop").count() >= 2
    page.locator(".steps .traced").first.click()
    page.wait_for_function("() => location.search.includes('proof=link')")
    assert f"{way[0]['from']['id']}" in page.url


def test_a_way_that_cannot_be_read_says_so(visit: Visit, base: str, chain: str) -> None:
    page = visit("/chains", lang="en")
    page.route("**/paths?*", lambda route: route.abort())
    page.goto(f"{base}/map/{chain}?enterprise={core_bound(base, chain)}&lang=en")
    page.wait_for_selector("main [role=alert]")


def svg_of(page: Any) -> tuple[str, str]:
    page.get_by_role("button", name=re.compile("^(导出|Export)")).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile("SVG")).click()
    return download.value.suggested_filename, download.value.path().read_text("utf-8")


@pytest.mark.parametrize("lang", LANGS)
def test_equal_questions_give_equal_pictures(visit: Visit, base: str, chain: str, lang: str) -> None:
    path = f"/map/{chain}?color=growth"
    name, first = svg_of(opened(visit, path, lang=lang))
    other = opened(visit, path, lang=lang, size={"width": 1000, "height": 700}, color_scheme="dark")
    assert svg_of(other) == (name, first)
    told = api(base, f"chains/{chain}/map?color=growth", lang)
    assert told["as_of"] in first
    assert told["scale"]["note"] in first
    assert ("合成数据" if lang == "zh" else "Synthetic") in first
    assert not re.search(r"var\(|href|url\((?!#)", first)
    assert name == f"{chain}-growth-{told['as_of']}.svg"


def test_the_picture_leaves_as_png_and_the_cells_as_tables(visit: Visit, base: str, chain: str) -> None:
    page = opened(visit, f"/map/{chain}?color=region", lang="en")
    kept = {}
    for kind in ("PNG", "CSV", "XLSX"):
        page.get_by_role("button", name=re.compile("^Export")).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=re.compile(kind)).click()
        kept[kind] = download.value.path().read_bytes()
        assert download.value.suggested_filename.endswith(kind.lower())
    assert kept["PNG"].startswith(b"\x89PNG")
    assert len(kept["PNG"]) > 20_000
    assert kept["XLSX"].startswith(b"PK")
    lines = kept["CSV"].decode("utf-8-sig").splitlines()
    assert lines[0].startswith("segment,depth,enterprises")
    assert len(lines) == 1 + len(api(base, f"chains/{chain}/map")["cells"])


def test_the_table_keeps_step(visit: Visit, base: str, chain: str) -> None:
    picture = marked(opened(visit, f"/map/{chain}?color=risk"))
    page = visit(f"/map/{chain}?color=risk&view=table&only=0")
    page.wait_for_selector(".twin .under")
    unders = sorted(page.locator(".twin .under").all_text_contents())
    assert unders == sorted(text for _, text in picture.values())
    away = page.locator(".twin td.away").count()
    assert away == sum(tone != "shade0" for tone, _ in picture.values())


@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing_in_any_state(visit: Visit, base: str, chain: str, lang: str) -> None:
    cell = biggest(api(base, f"chains/{chain}/map")["cells"])
    before = a_year_before(api(base, "chains")["as_of"])
    states = (
        f"/map/{chain}?color=region",
        f"/map/{chain}?before={before}&color=count",
        f"/map/{chain}?view=table&color=growth&only=3",
        f"/map/{chain}?cells={cell['segment']}:{cell['depth']}&only=1",
        f"/map/{chain}?enterprise={core_bound(base, chain)}",
        "/chains",
    )
    found = {}
    for state in states:
        for scheme in ("light", "dark"):
            page = visit(state, lang=lang, color_scheme=scheme)
            page.wait_for_selector(".picture, .twin, .card")
            found[state, scheme] = violations(page)
            page.context.close()
    assert {state: rules for state, rules in found.items() if rules} == {}


def test_a_telephone_shows_every_state(visit: Visit, base: str, chain: str) -> None:
    cell = biggest(api(base, f"chains/{chain}/map")["cells"])
    before = a_year_before(api(base, "chains")["as_of"])
    for query in (f"before={before}", "color=region", f"cells={cell['segment']}:{cell['depth']}"):
        page = opened(visit, f"/map/{chain}?{query}", lang="en", size=PHONE)
        assert overflow(page) == 0
        page.context.close()
    page = opened(visit, f"/map/{chain}", size=PHONE, has_touch=True)
    page.get_by_role("button", name="多选").tap()
    page.locator("a.cell").first.tap()
    page.wait_for_selector(".chosenbar")
    assert page.locator(".panel").count() == 0


def test_the_first_paint_is_marked(visit: Visit, chain: str) -> None:
    page = opened(visit, f"/map/{chain}")
    page.wait_for_function("() => performance.getEntriesByName('map:painted').length")


def test_cards_show_the_shape_of_their_chain(visit: Visit, base: str) -> None:
    page = visit("/chains")
    for at, item in enumerate(item for item in api(base, "chains")["items"] if item["enterprises"]):
        bars = page.locator(".card").nth(at).locator(".density i")
        assert bars.count() == len(item["density"])
        assert sum(one["enterprises"] for one in item["density"]) == item["enterprises"] - item["unplaced"]


def test_a_time_of_which_nothing_is_known_leads_back(visit: Visit, chain: str) -> None:
    for query in ("as_of=2001-01-01", "before=2001-01-01"):
        page = visit(f"/map/{chain}?{query}", lang="en")
        page.wait_for_selector("[role=alert]")
        page.get_by_role("link", name="Show all of the time").click()
        page.wait_for_selector(".picture")
        page.context.close()
