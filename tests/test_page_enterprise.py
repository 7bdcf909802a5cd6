"""The enterprise page in a real browser: every sheet, both languages, figures that open their proof."""

import re

import pytest

from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, api, overflow

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser

SHEETS = ("overview", "partners", "receivables", "cash", "credit", "wealth", "whatif", "history")


@pytest.fixture(scope="module")
def one(base, chain):
    """The firm of the chain with own books that sells most and stands above the core."""
    listed = api(base, f"lists/screen?own_books=true&chain={chain}&limit=100")["items"]
    found = [row for row in listed if (row["level"] or 0) >= 1 and row["customers"]]
    assert found
    return found[0]


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_is_whole_narrow_and_free_of_axe_violations(visit, one, lang):
    page = visit(f"/enterprise/{one['id']}", lang=lang, size=PHONE)
    for sheet in SHEETS:
        page.get_by_role("tab").nth(SHEETS.index(sheet)).click()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(200)
        assert page.locator(".state.failed").count() == 0, sheet
        assert overflow(page) <= 0, sheet
        assert violations(page) == [], sheet
        text = page.inner_text("main")
        assert "undefined" not in text and "NaN" not in text, sheet
        if sheet != "overview":
            assert f"sheet={sheet}" in page.url


def test_a_credit_code_leads_to_its_enterprise(visit, one):
    page = visit(f"/enterprise/{one['code']}")
    page.wait_for_url(re.compile(f"/enterprise/{one['id']}"))
    assert page.inner_text("h1") == one["name"]
    nobody = visit("/enterprise/91990000MA0000000X")
    nobody.wait_for_selector(".state")
    assert "91990000MA0000000X" in nobody.inner_text(".state")


def test_a_figure_opens_its_link_its_fact_and_its_paper(visit, one):
    page = visit(f"/enterprise/{one['id']}?sheet=partners")
    page.locator("main table .traced").first.click()
    page.wait_for_selector("aside.proof table .traced")
    page.locator("aside.proof table .traced").first.click()
    page.wait_for_selector("aside.proof .stands a[href*='/document/']")
    page.locator("aside.proof .stands a[href*='/document/']").first.click()
    page.wait_for_url(re.compile("/document/[0-9a-f]{64}"))


def test_the_path_of_goods_opens_each_step(base, visit, one):
    path = api(base, f"enterprises/{one['id']}/position")["positions"][0]["path"]
    page = visit(f"/enterprise/{one['id']}")
    page.wait_for_selector(".standings")
    steps = page.locator(".standings > li").first.locator(".arrow > .traced")
    assert steps.count() == (len(path["hops"]) if path else 0)
    if path:
        steps.first.click()
        page.wait_for_selector("aside.proof")


def test_a_note_is_written_and_taken_away(visit, one):
    page = visit(f"/enterprise/{one['id']}", lang="en")
    page.get_by_label("Write a note").fill("called the owner")
    page.get_by_role("button", name="Save note").click()
    page.wait_for_selector(".notes >> text=called the owner")
    page.locator(".notes").get_by_role("button", name="Delete").click()
    page.wait_for_selector(".notes >> text=called the owner", state="detached")


def test_an_application_is_decided_and_replayed_on_the_page(visit, one):
    page = visit(f"/enterprise/{one['id']}?sheet=credit", lang="en")
    form = page.locator("form.applying")
    form.get_by_role("button", name="Decide").click()
    assert form.locator(".wrong").count() >= 1  # consent and its version are asked for
    form.get_by_label("Version or number of the consent").fill("consent-1")
    form.get_by_text("The firm agreed in writing").click()
    form.get_by_role("button", name="Decide").click()
    page.wait_for_url(re.compile("decision=[0-9a-f]{16}"), timeout=60_000)
    page.get_by_role("button", name="Replay").click()
    page.wait_for_selector("text=the same byte for byte", timeout=60_000)
    assert violations(page) == []


def test_the_report_is_one_click_and_a_word_document(visit, one):
    page = visit(f"/enterprise/{one['id']}", lang="en")
    page.get_by_role("button", name="Credit report").click()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("menuitem", name=re.compile("DOCX")).click()
    assert download.value.suggested_filename.endswith(".docx")


def test_a_late_buyer_is_told_in_words_and_drawn(visit, one):
    page = visit(f"/enterprise/{one['id']}?sheet=whatif", lang="en")
    page.wait_for_selector(".verdict", timeout=60_000)
    assert "30 days late" in page.inner_text(".verdict")
    page.wait_for_selector(".chart svg")
