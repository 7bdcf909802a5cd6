"""Every figure on the pages opens what it rests on, or is named here with the reason why it opens nothing.

A figure that is added later without a proof makes the walk over its room fail.
"""

import re
from typing import Any

import pytest

from tests.page_axe import violations
from tests.page_figures import untraced
from tests.page_server import LANGS, Visit, api
from tests.test_page_reviews import Desk, desk, enter  # noqa: F401 - fixtures

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser

#: What opens nothing on the enterprise page: selector → why.
ENTERPRISE = {
    "details > summary": "how many stand in the list right below it",
    ".choice": "how many partners a side has: the head opens the same figure",
    "p.cut": "how many rows of a list are shown",
    "p.versions": "versions, which are the ground themselves",
    ".events small": "how often the same entry of the audit chain stands there",
    "details .stands li > small": "the article of law that a rule names",
    "details .stands .hint": "what an assumption means; its value beside it opens the what-if",
    "details .stands li.hint": "what the what-if leaves out",
    ".ladder small": "a day",
    ".notes li": "the free words of a colleague",
}
LISTS = {
    ".candidates .hint": "the matcher's word on a candidate, whose name beside it opens the firm",
    ".grid td:first-child": "the number of the line that was pasted",
    ".toolbar strong": "how many rows or lines there are",
    ".watchlists": "how many firms a watchlist holds, listed below once it is opened",
    ".conditions": "a condition that the reader set",
    ".field .hint": "the most that a field takes",
    "p.cut": "how many rows of a list are shown",
}
REVIEWS = {
    ".legend-keys": "a key of the keyboard",
    "h3 small": "how many people have spoken, listed below",
    ".wordform": "the form of whoever decides, with the most that may be entered",
    "details > summary": "how many rules are listed below",
    "p.versions": "versions, which are the ground themselves",
    "p.cut": "how many rows of a list are shown",
    ".stands .hint": "free words of whoever decided, and the day",
    ".pairtable td:not(.number), .pairtable th": "what two papers say, compared; its points open the papers",
    ".tile .hint": "the place in the queue",
    "td:last-child .hint": "whether a reason raises risk",
}
SHEETS = ("overview", "partners", "receivables", "cash", "credit", "wealth", "whatif", "history")


@pytest.fixture(scope="module")
def one(base: str, chain: str) -> dict[str, Any]:
    """A firm with own books and customers that stands above a core enterprise."""
    listed = api(base, f"lists/screen?own_books=true&chain={chain}&limit=100")["items"]
    return next(row for row in listed if (row["level"] or 0) >= 1 and row["customers"])


def opened(page: Any) -> None:
    """Everything of a sheet in sight: tables instead of charts, details unfolded."""
    page.wait_for_load_state("networkidle")
    for table in page.locator("figure.chart .choice label:last-of-type").all():
        table.click()
    page.locator("main details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    page.wait_for_timeout(200)


def decided(page: Any) -> None:
    form = page.locator("form.applying")
    form.get_by_label("Version or number of the consent").fill("consent-1")
    form.get_by_text("The firm agreed in writing").click()
    form.get_by_role("button", name="Decide").click()
    page.wait_for_url(re.compile("decision=[0-9a-f]{16}"), timeout=60_000)
    page.wait_for_selector(".filled", state="attached")


def planned(page: Any) -> None:
    page.get_by_label("Opening balance").fill("5000")
    page.get_by_label("Assessed by").fill("branch 12")
    page.get_by_role("button", name="Work out").click()
    page.wait_for_selector(".ladder, .tiles.figures ~ p", timeout=60_000)


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_figure_of_an_enterprise_opens_its_proof(visit: Visit, one: dict[str, Any], sheet: str) -> None:
    balance = "&opening=5000" if sheet in ("cash", "whatif") else ""
    page = visit(f"/enterprise/{one['id']}?sheet={sheet}{balance}", lang="en")
    page.wait_for_load_state("networkidle")
    if sheet == "credit":
        decided(page)
    if sheet == "wealth":
        planned(page)
    opened(page)
    assert untraced(page, ENTERPRISE) == []
    assert page.locator("main a.traced").count() > (5 if sheet != "history" else 0)


def test_the_walk_finds_a_figure_without_a_proof(visit: Visit, one: dict[str, Any]) -> None:
    page = visit(f"/enterprise/{one['id']}?sheet=partners", lang="en")
    page.locator("main table a.traced").first.evaluate("one => one.replaceWith(one.textContent)")
    (found,) = untraced(page, ENTERPRISE)
    assert re.search(r"\d", found)


@pytest.mark.parametrize("lang", LANGS)
def test_every_kind_of_proof_opens_and_leads_on(
    visit: Visit, base: str, one: dict[str, Any], lang: str
) -> None:
    """Each kind of proof on the sheets is opened once: it says what it rests on, and leads further down."""
    kinds: dict[str, str] = {}
    for sheet in ("overview", "partners", "receivables", "cash", "whatif"):
        page = visit(f"/enterprise/{one['id']}?sheet={sheet}", lang=lang)
        opened(page)
        for href in page.locator("main a.traced[href*='proof=worked']").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        ):
            kinds.setdefault(re.search(r"proof=worked%3A([a-z]+)", href)[1], href)  # type: ignore[index]
    assert {"cash", "receivables", "momentum", "score", "seat", "late"} <= set(kinds)
    for kind, href in kinds.items():
        page = visit(href.replace(f"&lang={lang}", ""), lang=lang)
        page.wait_for_selector("aside.proof h3", timeout=60_000)
        assert page.locator("aside.proof .state.failed").count() == 0, kind
        assert "undefined" not in page.inner_text("aside.proof"), kind
        assert page.locator("aside.proof a").count() >= 1, kind
        assert violations(page) == [], kind


def test_a_sum_of_receivables_leads_down_to_the_paper(visit: Visit, one: dict[str, Any]) -> None:
    page = visit(f"/enterprise/{one['id']}?sheet=receivables", lang="en")
    page.locator(".stacked .tiles a.traced").first.click()
    page.locator("aside.proof table a.traced").first.click()
    page.locator("aside.proof .stands a[href*='/document/']").first.click()
    page.wait_for_url(re.compile("/document/[0-9a-f]{64}"))


def test_every_figure_of_a_list_opens_its_proof(visit: Visit, base: str, chain: str) -> None:
    page = visit(f"/lists?chain={chain}", lang="en")
    page.wait_for_selector(".grid tbody a")
    assert untraced(page, LISTS) == []
    assert page.locator(".grid a.traced").count() > 10
    firms = api(base, f"lists/screen?chain={chain}&limit=2")["items"]
    page = visit("/lists?sheet=paste", lang="en")
    page.locator("textarea").fill("\n".join(one["name"] for one in firms))
    page.locator("main .button.main").click()
    page.wait_for_selector(".grid .tag.good", timeout=40_000)
    assert untraced(page, LISTS) == []
    page = visit("/lists?sheet=watch", lang="en")
    assert untraced(page, LISTS) == []


def test_every_figure_of_the_reviews_opens_its_proof(desk: Desk, enter: Any) -> None:  # noqa: F811
    desk.decided("D")
    for role, sheet in (("analyst", "who"), ("reviewer", "credit")):
        holder = {"analyst": "li.ming", "reviewer": "zhao.lei"}[role]
        page = enter(desk, holder, role, f"/reviews?sheet={sheet}")
        page.wait_for_selector("article")
        opened(page)
        assert untraced(page, REVIEWS) == [], sheet
        assert page.locator("article a.traced").count() > 3, sheet
