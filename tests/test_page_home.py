"""The first page and the shell: search, what changed, an empty store, proofs, language, theme."""

from pathlib import Path
from typing import Any

import pytest

from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, WIDE, Visit, api, overflow, sentence, serving

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_home_tells_the_chains_and_what_changed(
    visit: Visit, base: str, lang: str, size: dict[str, int]
) -> None:
    page = visit("/", lang=lang, size=size)
    page.wait_for_selector(".home .chains")
    told = sorted(
        (one for one in api(base, "chains", lang)["items"] if one["enterprises"]),
        key=lambda one: -one["enterprises"],
    )
    rows = page.locator(".home .chains tbody tr").all_inner_texts()
    for chain, row in zip(told, rows, strict=True):
        assert sentence(chain["name"]) in row
        assert f"{chain['enterprises']:,}" in row
    page.wait_for_selector(".home .box h3")
    changes = api(base, "changes", lang)
    assert sentence(changes["text"]) in page.locator(".home .two").inner_text()
    assert overflow(page) == 0
    assert violations(page) == []


def test_search_in_the_middle_has_the_focus_and_leads_to_a_firm(visit: Visit, base: str, chain: str) -> None:
    sample = api(base, f"chains/{chain}/enterprises?limit=1")["items"][0]
    page = visit("/")
    page.wait_for_function("() => document.activeElement.matches('.hero [role=combobox]')")
    page.keyboard.type(sample["code"])
    page.wait_for_selector("[role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("main.enterprise h1")
    assert sample["name"] in page.locator("main h1").inner_text()
    assert f"/enterprise/{sample['id']}" in page.url


@pytest.mark.parametrize("lang", LANGS)
def test_an_empty_store_says_what_to_do_on_home_and_lists(visit: Visit, tmp_path: Path, lang: str) -> None:
    with serving("serve", "--data", str(tmp_path), "--port", "18761") as address:
        for path in ("/", "/lists", "/chains", "/map/nev", "/enterprise/0123456789abcdef"):
            page = visit(path, at=address, lang=lang)
            link = page.locator("main a.button.main")
            link.wait_for()
            assert "/documents" in link.get_attribute("href")
            assert page.locator("[role=alert]").count() == 0
            assert violations(page) == []


def test_changes_are_listed_with_what_was_left_out(visit: Visit, base: str, chain: str) -> None:
    firm = api(base, f"chains/{chain}/enterprises?limit=1")["items"][0]
    told = api(base, "changes")
    move = {
        "enterprise": {"id": firm["id"], "name": firm["name"]},
        "chain": chain, "chain_name": "链", "segment": None, "segment_name": "环节",
        "level": 2, "level_text": "二级供应商",
    }  # fmt: skip
    given = told | {
        "compared": True,
        "before": {"snapshot": "0" * 16, "as_of": "2025-11-30"},
        "placed": {"items": [move], "total": 57, "note": "1 / 57"},
    }
    page = visit("/chains")
    page.route("**/v1/changes*", lambda route: route.fulfill(json=given))
    page.locator(".brand").click()
    kind = page.locator(".kind").first
    kind.wait_for()
    assert "57" in kind.inner_text()
    kind.locator("summary").click()
    assert firm["name"] in kind.inner_text()
    assert "1 / 57" in kind.inner_text()


def feature_of(base: str, chain: str) -> str:
    """A proof as an address holds it: sales of a firm with own books."""
    screened = api(base, f"lists/screen?chain={chain}&own_books=true&limit=1")["items"]
    return f"feature:{screened[0]['id']}:log_sales"


@pytest.mark.parametrize("lang", LANGS)
def test_a_proof_opens_from_the_address_and_escape_closes_it(
    visit: Visit, base: str, chain: str, lang: str
) -> None:
    page = visit(f"/chains?proof={feature_of(base, chain)}", lang=lang)
    drawer = page.locator("aside.proof")
    drawer.locator("h2").wait_for()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    drawer.locator("button").last.focus()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    assert "proof=" not in page.url
    page.go_back()
    drawer.wait_for()


@pytest.mark.parametrize("lang", LANGS)
def test_a_share_and_an_amount_are_written_as_such_in_their_proof(
    visit: Visit, base: str, chain: str, lang: str
) -> None:
    proof = feature_of(base, chain)
    page = visit(f"/chains?proof={proof}", lang=lang)
    page.wait_for_selector(".proof .large")
    assert ("万元" if lang == "zh" else "CNY m") in page.locator(".proof .large").inner_text()
    page.wait_for_selector(".proof .factline .number")
    page = visit(f"/chains?proof={proof.replace('log_sales', 'returned_share')}", lang=lang)
    page.wait_for_selector(".proof .large")
    assert "%" in page.locator(".proof .large").inner_text()


def test_a_table_is_moved_sideways_on_a_telephone_not_broken_letter_by_letter(
    visit: Visit, base: str, chain: str
) -> None:
    one = feature_of(base, chain).split(":")[1]
    for sheet in ("partners", "receivables", "history"):
        page = visit(f"/enterprise/{one}?sheet={sheet}", size=PHONE)
        page.wait_for_selector(".sheettab[aria-selected=true]")
        page.wait_for_timeout(100)
        heights = page.locator(".sideways tbody tr").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert max(heights, default=0) < 130
        left, right = page.locator(".sheettab[aria-selected=true]").evaluate(
            "one => [one.getBoundingClientRect().left, one.getBoundingClientRect().right]"
        )
        assert left >= 0
        assert right <= PHONE["width"]
        assert overflow(page) == 0


def test_a_proof_that_makes_no_sense_is_told(visit: Visit) -> None:
    page = visit("/chains?proof=nonsense")
    page.locator("aside.proof .state").wait_for()


def test_the_bar_leads_to_every_page_of_the_local_user(visit: Visit) -> None:
    page = visit("/chains", lang="en")
    page.wait_for_selector(".ways a")
    for at in range(page.locator(".ways a").count()):
        link = page.locator(".ways a").nth(at)
        wanted = link.get_attribute("href")
        link.click()
        page.wait_for_selector("main h1")
        assert page.url.split("?")[0].endswith(wanted.split("?")[0])
        assert page.locator(".ways a[aria-current=page]").count() == 1


def theme(page: Any) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_the_system_changes_its_mind_and_paper_is_light(visit: Visit) -> None:
    page = visit("/", color_scheme="dark")
    dark = theme(page)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(
        "dark => getComputedStyle(document.documentElement).backgroundColor !== dark", arg=dark
    )
    page.emulate_media(color_scheme="dark", media="print")
    assert theme(page) == "rgb(255, 255, 255)"


def test_theme_and_language_stay_on_the_next_page(visit: Visit) -> None:
    page = visit("/", lang="en", color_scheme="light")
    light = theme(page)
    for _ in range(3):
        if theme(page) != light:
            break
        page.locator("header .icon").first.click()
    dark = theme(page)
    assert dark != light
    page.locator(".ways a").first.click()
    page.wait_for_selector("main h1")
    assert theme(page) == dark
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    page.wait_for_selector("main h1")
    assert theme(page) == dark
