"""The explorer in a real browser: growing, narrowing, relating, undoing, saving, taking away."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, Visit, api, overflow, serving

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser


def ask(base: str, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{base}/v1/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Accept-Language": "zh"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def firm(base: str, chain: str) -> dict[str, Any]:
    """A supplier of this chain with suppliers and customers of its own, not a core enterprise."""
    rows = api(base, f"lists/screen?chain={chain}&level_from=1&sort=suppliers&descending=true&limit=20")
    return next(row for row in rows["items"] if not row["is_core"] and row["customers"] > 0)


def counts(page: Any) -> tuple[int, int]:
    """Nodes and links as the page says them."""
    page.wait_for_selector(".counts")
    nodes, edges = re.findall(r"[\d,]+", page.locator(".counts").inner_text())[:2]
    return int(nodes.replace(",", "")), int(edges.replace(",", ""))


def nodes_of(page: Any) -> list[str]:
    found = re.search(r"[?&]nodes=([0-9a-f.]+)", page.url)
    return found[1].split(".") if found else []


def grown(page: Any, than: int) -> None:
    page.wait_for_function(
        "than => Number((document.querySelector('.counts')?.innerText ?? '').replace(/,/g, '')"
        ".match(/\\d+/)?.[0] ?? 0) > than",
        arg=than,
    )


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_chosen_says_what_to_do(visit: Visit, lang: str) -> None:
    page = visit("/explore", lang=lang)
    page.wait_for_selector(".start a")
    assert page.locator("h1").count() == 1
    assert violations(page) == []


def test_a_firm_is_typed_added_and_expanded_with_the_cap_told(
    visit: Visit, base: str, firm: dict[str, Any]
) -> None:
    page = visit("/explore")
    page.locator(".explorebar [role=combobox]").fill(firm["code"])
    page.locator(".explorebar [role=option]").first.click()
    page.wait_for_selector(".panel h2")
    assert page.locator(".panel h2").inner_text() == firm["name"]
    assert nodes_of(page) == [firm["id"]]
    told = ask(
        base,
        "graph/expand",
        {"enterprises": [firm["id"]], "side": "suppliers", "kinds": ["supply"], "limit": 40},
    )
    page.locator(".panel .deeds button", has_text="供应商").first.click()
    page.wait_for_selector(".caps li")
    assert told["expanded"][0]["note"] in page.locator(".caps").inner_text()
    grown(page, 1)
    assert counts(page)[0] == len(told["nodes"])


def test_path_to_the_core_is_two_clicks_after_typing(visit: Visit, base: str, chain: str) -> None:
    far = api(base, f"lists/screen?chain={chain}&level_from=2&sort=sales_fen&descending=true&limit=1")[
        "items"
    ][0]
    way = api(base, f"enterprises/{far['id']}/paths?to=core&chain={chain}&limit=3")["items"]
    page = visit("/explore")
    page.locator(".explorebar [role=combobox]").fill(far["code"])
    page.locator(".explorebar [role=option]").first.click()
    page.locator(".panel .button.main").click()
    page.wait_for_selector(".panel .way")
    assert page.locator(".panel .way").count() == len(way)
    grown(page, 1)
    assert {hop["to"]["id"] for one in way for hop in one["hops"]} <= set(nodes_of(page))


def test_undo_and_redo_by_key(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?nodes={firm['id']}&chosen={firm['id']}")
    page.wait_for_selector(".panel h2")
    page.locator(".panel .deeds button", has_text="客户").first.click()
    grown(page, 1)
    after = counts(page)[0]
    page.locator(".canvas").focus()
    page.keyboard.press("Control+z")
    page.wait_for_function("() => document.querySelector('.counts').innerText.startsWith('1 ')")
    assert nodes_of(page) == [firm["id"]]
    page.keyboard.press("Control+y")
    grown(page, 1)
    assert counts(page)[0] == after


def test_the_keyboard_walks_and_opens_the_panel(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?from={firm['id']}")
    page.wait_for_selector(".stage")
    grown(page, 1)
    page.locator(".canvas").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator(".stage [aria-live]")
    page.wait_for_function("() => document.querySelector('.stage [aria-live]').innerText !== ''")
    first = said.inner_text()
    for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)
        if said.inner_text() != first:
            break
    assert said.inner_text() != first
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel h2")
    page.wait_for_function("() => document.activeElement.id === 'explore-panel'")
    assert page.locator(".panel h2").inner_text() in said.inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector(".panel", state="detached")


def test_a_number_opens_its_papers(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?from={firm['id']}&view=table")
    page.wait_for_selector(".twins .traced")
    page.locator(".twins .traced").first.click()
    page.wait_for_selector(".proof h2")
    assert "proof=link" in page.url


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_twin_holds_what_the_picture_holds(visit: Visit, firm: dict[str, Any], lang: str) -> None:
    page = visit(f"/explore?from={firm['id']}&view=table", lang=lang)
    page.wait_for_selector(".twins")
    nodes, edges = counts(page)
    totals = [int(text) for text in page.locator(".twins h2 small").all_inner_texts()]
    assert totals == [nodes, edges]
    assert violations(page) == []


def test_filters_hold_back_and_say_so(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?from={firm['id']}&kinds=ownership")
    assert counts(page)[1] == 0
    assert "筛选隐去" in page.locator(".counts").inner_text()
    wide = visit(f"/explore?from={firm['id']}")
    grown(wide, 1)
    nodes, edges = counts(wide)
    assert edges > 0
    ids = nodes_of(wide)
    assert len(ids) == nodes
    again = visit(f"/explore?nodes={','.join(ids)}")
    grown(again, 1)
    assert counts(again) == (nodes, edges)


def test_the_time_slider_narrows_by_keyboard(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?from={firm['id']}")
    thumb = page.locator(".times input[type=range]").first
    thumb.wait_for(state="attached")
    thumb.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('since=')")
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    assert "since=" in page.url
    page.locator(".timebar button").click()
    page.wait_for_function("() => !location.search.includes('since=')")


def test_groups_fold_into_one_node(visit: Visit, chain: str) -> None:
    page = visit(f"/explore?chain={chain}&top=80")
    grown(page, 1)
    before = counts(page)[0]
    page.locator(".explorebar button", has_text="分组").click()
    page.locator(".filters .select").click()
    page.get_by_role("option", name="环节").click()
    page.get_by_role("button", name="全部合并").click()
    page.wait_for_function("() => location.search.includes('folded=')")
    page.keyboard.press("Escape")
    assert counts(page)[0] < before


def test_relations_and_common_partners_of_chosen_firms(visit: Visit, base: str, firm: dict[str, Any]) -> None:
    buyers = ask(
        base,
        "graph/expand",
        {"enterprises": [firm["id"]], "side": "customers", "kinds": ["supply"], "limit": 5},
    )
    other = next(n["id"] for n in buyers["nodes"] if n["id"] != firm["id"] and not n["hub"])
    page = visit(f"/explore?nodes={firm['id']}.{other}&chosen={firm['id']}.{other}")
    page.wait_for_selector(".picked li")
    assert page.locator(".picked li").count() == 2
    told = ask(base, "graph/relations", {"enterprises": [firm["id"], other]})
    page.get_by_role("button", name="查找").click()
    page.wait_for_selector(".panel .found li")
    assert told["pairs"][0]["text"] in page.locator(".panel .found").inner_text()
    page.get_by_role("button", name="共同供应商").click()
    shared = ask(base, "graph/common", {"enterprises": [firm["id"], other], "side": "suppliers"})
    page.wait_for_function("() => document.querySelectorAll('.panel .found').length > 1")
    assert shared["total"] == 0 or shared["note"] in page.locator(".panel").inner_text()


def test_a_view_is_saved_and_opened_by_its_address(visit: Visit, base: str, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?from={firm['id']}&basis=both")
    grown(page, 1)
    seen = counts(page)
    page.locator(".explorebar button", has_text="视图").click()
    page.get_by_role("menuitem", name="保存视图").click()
    page.get_by_label("视图名称").fill("复核用")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_function("() => location.search.includes('view_id=')")
    again = visit(page.url.removeprefix(base))
    grown(again, 1)
    assert counts(again) == seen
    assert "复核用" in again.locator(".explorebar").inner_text()


@pytest.mark.parametrize("name", ["SVG", "PNG", "GraphML", "GEXF", "JSON", "CSV：节点", "CSV：关系"])
def test_the_very_same_view_is_taken_away(visit: Visit, firm: dict[str, Any], name: str) -> None:
    page = visit(f"/explore?from={firm['id']}")
    grown(page, 1)
    nodes, edges = counts(page)
    page.locator(".explorebar button", has_text="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name=name).click()
    data = waiting.value.path().read_bytes()
    if name == "SVG":
        assert data.count(b"<circle") + data.count(b'<path class="node"') == nodes
        assert data.count(b"<line") == edges
    elif name == "PNG":
        assert data.startswith(b"\x89PNG")
    elif name == "JSON":
        told = json.loads(data)
        assert (len(told["nodes"]), len(told["edges"])) == (nodes, edges)
    elif name.startswith("CSV"):
        assert len(data.decode("utf-8-sig").strip().splitlines()) - 1 == (nodes if "节点" in name else edges)
    else:
        assert data.count(b"<node ") == nodes
        assert data.count(b"<edge ") == edges


def test_a_question_in_words_becomes_rows_and_nodes(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit("/explore")
    page.get_by_role("button", name="问一句").click()
    page.get_by_label("一句话").fill(f"{firm['name']}的供应商")
    page.locator(".askbar button").click()
    page.wait_for_selector(".asked tbody tr, .dialog .wrong")
    assert page.locator(".dialog .wrong").count() == 0
    page.get_by_role("button", name="加到图中").click()
    page.keyboard.press("Escape")
    grown(page, 0)
    assert counts(page)[0] >= 1


def test_inferred_links_are_drawn_dashed_and_the_legend_says_so(visit: Visit, firm: dict[str, Any]) -> None:
    def inferred(route: Any) -> None:
        """What the server says, as if no paper showed any of the links."""
        told = route.fetch().json()
        for edge in told["edges"]:
            edge |= {"type": "INFERRED", "basis": "inferred", "amount_fen": None, "probability": 0.6}
        route.fulfill(json=told)

    page = visit(f"/explore?from={firm['id']}", lang="en")
    grown(page, 1)
    address = page.url
    page.route("**/v1/graph/nodes", inferred)
    page.goto(f"{address}&basis=both")
    page.wait_for_function("() => performance.getEntriesByName('explore:painted').length === 1")
    assert counts(page)[1] > 0
    assert "dashed" in page.locator(".legendbox").inner_text()
    page.locator(".explorebar button", has_text="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="SVG").click()
    assert b"stroke-dasharray" in waiting.value.path().read_bytes()


def test_many_nodes_paint_and_step(visit: Visit, chain: str) -> None:
    page = visit(f"/explore?chain={chain}&top=2000")
    page.wait_for_function("() => performance.getEntriesByName('explore:painted').length === 1")
    nodes, _ = counts(page)
    assert page.evaluate("performance.getEntriesByName('explore:painted')[0].detail.nodes") == nodes > 60
    before = page.evaluate("performance.getEntriesByName('explore:step').length")
    page.locator(".zooms button").first.click()
    page.wait_for_function(
        "before => performance.getEntriesByName('explore:step').length > before", arg=before
    )


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_the_panel_open(
    visit: Visit, firm: dict[str, Any], lang: str, scheme: str
) -> None:
    page = visit(f"/explore?from={firm['id']}&chosen={firm['id']}", lang=lang, color_scheme=scheme)
    page.wait_for_selector(".panel h2")
    page.wait_for_selector(".times")
    assert violations(page) == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_phone_shows_it_without_sideways_scrolling(visit: Visit, firm: dict[str, Any], lang: str) -> None:
    for path in (
        f"/explore?from={firm['id']}",
        f"/explore?from={firm['id']}&chosen={firm['id']}",
        "/explore",
    ):
        page = visit(path, lang=lang, size=PHONE)
        assert overflow(page) <= 0
        page.context.close()


@pytest.mark.parametrize("lang", LANGS)
def test_an_empty_store_leads_to_the_papers(visit: Visit, tmp_path: Path, lang: str) -> None:
    with serving("serve", "--data", str(tmp_path), "--port", "18773") as address:
        page = visit("/explore", at=address, lang=lang)
        page.wait_for_selector('.state a[href^="/documents"]')
        assert violations(page) == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_link_of_unknown_firms_says_so_and_leads_on(visit: Visit, lang: str) -> None:
    page = visit("/explore?nodes=0123456789abcdef.fedcba9876543210", lang=lang)
    page.wait_for_selector(".start a")
    said = {"zh": "图中一个也没有", "en": "is in the graph"}[lang]
    assert said in page.locator(".state").first.inner_text()
    assert page.locator(".stage").count() == 0
    assert violations(page) == []


def test_names_in_the_free_layout_do_not_lie_over_each_other(visit: Visit, chain: str) -> None:
    page = visit(f"/explore?chain={chain}&top=60&layout=free")
    grown(page, 1)
    page.wait_for_function("() => !document.querySelector('.counts').innerText.includes('…')")
    page.wait_for_timeout(500)
    page.locator(".explorebar button", has_text="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="SVG").click()
    svg = waiting.value.path().read_text(encoding="utf-8")
    found = re.findall(r'<text class="name" x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]+)<', svg)
    boxes = [(float(x), float(y), 11.0 * len(text)) for x, y, text in found]
    assert len(boxes) > 10
    for at, (x, y, wide) in enumerate(boxes):
        for other_x, other_y, other_wide in boxes[at + 1 :]:
            apart = x + wide <= other_x or other_x + other_wide <= x or abs(y - other_y) >= 12
            assert apart, (x, y, other_x, other_y)


def test_several_are_chosen_by_taps(visit: Visit, firm: dict[str, Any]) -> None:
    page = visit(f"/explore?from={firm['id']}", size=PHONE, has_touch=True)
    page.wait_for_selector(".stage")
    grown(page, 1)
    page.wait_for_timeout(500)
    several = page.get_by_role("button", name="点选多家")
    several.tap()
    assert several.get_attribute("aria-pressed") == "true"
    page.locator(".explorebar button", has_text="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="SVG").click()
    dots = re.findall(
        r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', waiting.value.path().read_text(encoding="utf-8")
    )
    page.locator(".stage").scroll_into_view_if_needed()
    box = page.locator(".sigma").bounding_box()
    for x, y in dots[:2]:
        page.touchscreen.tap(box["x"] + float(x), box["y"] + float(y))
        page.wait_for_timeout(400)
    page.wait_for_function("() => /chosen=[0-9a-f]{16}\\.[0-9a-f]{16}/.test(location.search)")
    assert page.locator(".panel").count() == 0
    assert "已选" in page.locator(".stage [aria-live]").inner_text()
    page.get_by_role("button", name="看所选").tap()
    page.wait_for_selector(".panel .picked li")
    assert page.locator(".panel .picked li").count() == 2
