"""The pages of documents in a real browser: handing in, boxes beside values, corrections, up and down."""

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from seeds.papers_ofd import write_ofd
from seeds.papers_pdf import write_pdf
from seeds.sample_invoices import sample_invoices
from tests.ledgers import SELLER, csv_bytes, line, table
from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, WIDE, Visit, overflow, serving

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser

INVOICES = list(sample_invoices(4, seed=11, most=3))
LEDGER = csv_bytes(table([line(1), line(2), line(3, 金额="broken")]))
Files = list[tuple[str, bytes]]


def hand_in(base: str, files: Files, **values: str) -> dict[str, str]:
    """Hand in through the API and wait until it is read and built: name → document."""
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
        given = [("files", (name, data)) for name, data in files]
        job = client.post("/v1/documents", files=given, data=values).json()["job"]
        told = ended(client, job)
        if (told["result"] or {}).get("build"):
            ended(client, told["result"]["build"])
        return {item["name"]: item["sha256"] for item in told["items"]}


def ended(client: httpx.Client, job: str) -> dict[str, Any]:
    patience = time.monotonic() + 240
    while time.monotonic() < patience:
        told: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
        if told["state"] not in ("queued", "running"):
            assert told["state"] == "done", told
            return told
        time.sleep(0.2)
    raise AssertionError("the job does not end")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over an empty store."""
    folder = str(tmp_path_factory.mktemp("bare") / "data")
    with serving("serve", "--data", folder, "--port", "18741") as address:
        yield address


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Address of a server over a few papers, and their documents by name."""
    folder = str(tmp_path_factory.mktemp("papers") / "data")
    with serving("serve", "--data", folder, "--port", "18751") as address:
        files = [
            ("a.pdf", write_pdf(INVOICES[0])),
            ("b.pdf", write_pdf(INVOICES[1])),
            ("two.pdf", write_pdf(INVOICES[2:], "digital_two")),
            ("c.ofd", write_ofd(INVOICES[1])),
            ("账.csv", LEDGER),
        ]
        yield address, hand_in(address, files, owner=SELLER)


def test_papers_dropped_in_an_empty_store_are_read_told_and_built(
    visit: Visit, bare: str, tmp_path: Path
) -> None:
    assert "No papers yet" in visit("/documents", at=bare, lang="en").locator("main").inner_text()
    page = visit("/documents", at=bare)
    assert "还没有单据" in page.locator("main").inner_text()
    files = {
        "a.pdf": write_pdf(INVOICES[0]),
        "账.csv": LEDGER,
        "notes.txt": "天气很好".encode(),
        "empty.pdf": b"",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    page.locator("label:has-text('税号') + input, .handin .field input").first.fill(SELLER)
    page.locator("input[type=file]").first.set_input_files([str(tmp_path / name) for name in files])
    page.wait_for_selector(".outcomes li >> nth=2", timeout=120_000)
    told = page.locator(".outcomes li").all_inner_texts()
    assert "notes.txt" in told[0]
    assert "未能读入" in told[0]
    assert "账.csv" in told[1]
    assert "读入 2 条事实，1 行未收" in " ".join(told[1].split())
    assert "有 1 个是空的" in page.locator(".handin").inner_text()
    page.wait_for_function("() => document.querySelector('.buildstate .tag.good')", timeout=240_000)
    snapshot = httpx.get(f"{bare}/v1/documents", trust_env=False).json()["snapshot"]
    assert snapshot[:8] in page.locator(".buildstate").inner_text()
    page.wait_for_function(
        "n => document.querySelectorAll('.listing tbody tr a[href^=\"/document/\"]').length === n", arg=2
    )
    with page.expect_download() as download:
        page.locator(".outcomes a[download]").first.click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert "错误" in rows[0]
    assert any("broken" in cell for cell in rows[1])
    # What failed is still at hand: it goes up again, and is told again.
    before = page.locator(".batch").count()
    page.locator(".outcomes button", has_text="重新提交").click()
    page.wait_for_function("n => document.querySelectorAll('.batch').length > n", arg=before, timeout=30_000)
    page.locator(".listing a", has_text="a.pdf").click()
    page.wait_for_selector(".boxes .place")


def test_the_same_files_again_are_known(
    visit: Visit, papers: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    base, _ = papers
    (tmp_path / "a.pdf").write_bytes(write_pdf(INVOICES[0]))
    page = visit("/documents", at=base, lang="en")
    page.locator("input[type=file]").first.set_input_files(str(tmp_path / "a.pdf"))
    page.wait_for_selector(".outcomes li", timeout=60_000)
    assert "known already" in page.locator(".outcomes li").first.inner_text()


def test_an_upload_that_breaks_off_is_sent_again_under_the_same_key(
    visit: Visit, papers: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    base, _ = papers
    (tmp_path / "b.pdf").write_bytes(write_pdf(INVOICES[1]))
    page = visit("/documents", at=base, lang="en")
    keys: list[str] = []

    def once(route: Any) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers["idempotency-key"])
        route.abort() if len(keys) == 1 else route.continue_()

    page.route("**/v1/documents", once)
    page.locator("input[type=file]").first.set_input_files(str(tmp_path / "b.pdf"))
    page.wait_for_selector(".handin [role=alert]")
    assert "1 file was not uploaded" in page.locator(".handin [role=alert]").inner_text()
    page.locator(".handin [role=alert] button").click()
    page.wait_for_selector(".outcomes li", timeout=60_000)
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_filters_stand_in_the_address(visit: Visit, papers: tuple[str, dict[str, str]]) -> None:
    base, _ = papers
    page = visit("/documents?state=partly", at=base)
    page.wait_for_selector(".listing tbody a")
    assert page.locator(".listing tbody a[href^='/document/']").all_inner_texts() == ["账.csv"]
    page.locator(".listing button", has_text="清除条件").click()
    page.locator(".listing .toolbar input").last.fill(".ofd")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelectorAll('.listing tbody a[href^=\"/document/\"]').length === 1"
    )
    assert "q=.ofd" in page.url
    page.reload()
    page.wait_for_selector(".listing tbody a")
    assert page.locator(".listing tbody a[href^='/document/']").all_inner_texts() == ["c.ofd"]


@pytest.mark.parametrize("lang", LANGS)
def test_boxes_stand_where_the_values_were_read(
    visit: Visit, papers: tuple[str, dict[str, str]], lang: str
) -> None:
    base, documents = papers
    page = visit(f"/document/{documents['a.pdf']}", at=base, lang=lang)
    page.wait_for_selector(".boxes .place")
    told = httpx.get(f"{base}/v1/documents/{documents['a.pdf']}/fields?limit=200", trust_env=False).json()
    size = httpx.get(f"{base}/v1/documents/{documents['a.pdf']}/pages", trust_env=False).json()["items"][0]
    picture = page.locator(".paperpage img").bounding_box()
    scale = picture["width"] / size["width"]
    for field in [one for one in told["items"] if one["box"]][:6]:
        left, top, _, bottom = field["box"]
        drawn = page.locator(f'.place[data-path="{field["path"]}"]').bounding_box()
        assert abs(drawn["x"] - (picture["x"] + (left - 1) * scale)) < 3
        assert abs(drawn["y"] - (picture["y"] + (top - 1) * scale)) < 3
        assert abs(drawn["height"] - (bottom - top + 2) * scale) < 4
    assert page.locator(".value").count() == told["total"]
    names = page.locator(".value .called").all_inner_texts()
    assert ("价税合计" if lang == "zh" else "Total incl. tax") in names
    assert not any("_" in name or "[" in name for name in names)


def test_a_value_lights_its_box_and_a_box_its_value(visit: Visit, papers: tuple[str, dict[str, str]]) -> None:
    base, documents = papers
    page = visit(f"/document/{documents['a.pdf']}", at=base)
    page.wait_for_selector(".boxes .place")
    page.locator('.value[data-path="total"]').hover()
    page.wait_for_selector('.place.chosen[data-path="total"]')
    page.locator('.place[data-path="number"]').click()
    page.wait_for_selector('.value[data-chosen][data-path="number"]')
    assert page.evaluate("document.activeElement.dataset.path") == "number"
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.dataset.path")
    assert second != "number"
    page.wait_for_selector(f'.place.chosen[data-path="{second}"]')
    page.wait_for_function(f"() => location.search.includes('field={second}')")


def test_a_correction_by_keyboard_alone_persists(visit: Visit, papers: tuple[str, dict[str, str]]) -> None:
    base, documents = papers
    page = visit(f"/document/{documents['b.pdf']}", at=base, lang="en")
    page.wait_for_selector(".value")
    page.locator('.value[data-path="drawer"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".mending input")
    page.keyboard.press("Escape")
    page.wait_for_selector(".mending", state="detached")
    assert page.evaluate("document.activeElement.dataset.path") == "drawer"
    page.keyboard.press("Enter")
    page.wait_for_selector(".mending input")
    page.keyboard.press("Control+a")
    page.keyboard.type("合成更正")
    page.keyboard.press("Enter")
    page.wait_for_selector('.value[data-path="drawer"] .mark-corrected')
    assert page.evaluate("document.activeElement.dataset.path") == "drawer"
    page.reload()
    page.wait_for_selector('.value[data-path="drawer"] .mark-corrected')
    shown = page.locator('.value[data-path="drawer"]').inner_text()
    assert "合成更正" in shown
    assert "corrected by" in shown
    assert "as the paper shows" in shown
    told = httpx.get(f"{base}/v1/documents/{documents['b.pdf']}/fields?limit=200", trust_env=False).json()
    kept = next(one for one in told["items"] if one["path"] == "drawer")
    assert (kept["value"], kept["corrected"]["why"]) == ("合成更正", "as the paper shows")
    page.locator('.value[data-path="drawer"]').focus()
    page.keyboard.press("Enter")
    page.locator(".mending button", has_text="Take the correction back").click()
    page.wait_for_selector('.value[data-path="drawer"] .mark-corrected', state="detached")


def test_what_cannot_stand_is_said_and_not_kept(visit: Visit, papers: tuple[str, dict[str, str]]) -> None:
    base, documents = papers
    page = visit(f"/document/{documents['a.pdf']}", at=base)
    page.wait_for_selector(".value")
    page.locator('.value[data-path="issued"]').click()
    page.locator(".mending input").first.fill("不是日期")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mending .wrong")
    assert page.locator(".mending .wrong").inner_text()
    assert page.locator(".mark-corrected").count() == 0


def test_a_table_shows_its_rows_and_why_one_was_rejected(
    visit: Visit, papers: tuple[str, dict[str, str]]
) -> None:
    base, documents = papers
    page = visit(f"/document/{documents['账.csv']}", at=base)
    page.wait_for_selector(".excerpt tbody tr")
    assert page.locator(".excerpt thead th").all_inner_texts()[1] == "序号"
    assert "broken" in page.locator(".excerpt .because td").last.inner_text()
    assert page.locator(".paperfindings a[download]").count() == 1
    page.locator(".excerpt tbody th a").nth(1).click()
    page.wait_for_selector(".excerpt tr[aria-current]")
    assert page.locator(".excerpt tr[aria-current] th").inner_text() == "3"
    assert "row=3" in page.url
    page.wait_for_selector(".rungs a")


def decided(base: str) -> tuple[str, str, str]:
    """A decision that names a fact of a paper as evidence of a figure: (fact, decision, feature)."""
    today = date.today()
    consent = {
        "text": "consent-2026-1",
        "scope": ["enterprise_graph", "invoices", "bank_statements"],
        "purpose": "credit_decision",
        "given_on": str(today),
        "until": str(today + timedelta(days=365)),
    }
    asked = {"product": "working_capital", "amount_fen": 50_000_000, "months": 12, "purpose": "raw_materials"}
    with httpx.Client(base_url=f"{base}/v1", timeout=60, trust_env=False) as client:
        firms = dict.fromkeys(
            firm
            for chain in client.get("/chains").json()["items"][:9]
            for firm in residents(client, chain["id"])
        )
        for firm in list(firms)[:60]:
            entered = client.post("/applications", json={**asked, "enterprise": firm, "consent": consent})
            if entered.status_code != 201:
                continue
            answer = client.post("/credit/decisions", json={"application": entered.json()["id"]})
            if answer.status_code != 201:
                continue
            decision = answer.json()
            for reason in decision["reasons"]:
                for fact in reason["evidence_ids"]:
                    if reason["feature"] and client.get(f"/facts/{fact}").json().get("link"):
                        return fact, decision["decision_id"], reason["feature"]
    pytest.skip("no decision of this economy names a fact")


def residents(client: httpx.Client, chain: str) -> list[str]:
    told = client.get(f"/chains/{chain}/enterprises", params={"limit": 40}).json()["items"]
    return [one["id"] for one in told if one["own_books"]]


@pytest.mark.parametrize("lang", LANGS)
def test_from_a_paper_up_to_a_decision_and_down_again_by_clicks(visit: Visit, base: str, lang: str) -> None:
    fact, decision, feature = decided(base)
    told = httpx.get(f"{base}/v1/facts/{fact}", trust_env=False).json()
    paper = told["papers"][0]
    row = f"&row={paper['row']}" if paper["row"] else ""
    start = f"/document/{paper['id']}?fact={fact}{row}"
    page = visit(start, lang=lang)
    # Up: the fact, the link (edge of the graph), the decision that names it.
    page.wait_for_selector(".rungs a")
    page.locator(".rungs a").first.click()
    page.wait_for_selector(".proof a[href*='proof=link']")
    page.locator(".proof a[href*='proof=link']").first.click()
    page.wait_for_selector(".proof a[href*='proof=fact']")
    page.go_back()
    page.locator(f".proof a[href*='decision%3A{decision}']").click()
    # Down: a reason's figure, what it was worked out from, a fact, its paper.
    page.locator(f".proof a[href*='{feature}']").first.click()
    page.wait_for_selector(".proof .large")
    page.locator(".proof a[href*='proof=fact%3A'], .proof a[href*='proof=link%3A']").first.click()
    page.wait_for_selector(".proof .stands a[href^='/document/'], .proof table a[href*='proof=fact']")
    if not page.locator(".proof .stands a[href^='/document/']").count():
        page.locator(".proof table a[href*='proof=fact']").first.click()
    page.locator(".proof .stands a[href^='/document/']").first.click()
    page.wait_for_selector(".upward .rungs a")
    assert "/document/" in page.url
    assert page.locator(".proof").count() == 0
    lit = page.locator(".excerpt tr[aria-current], .boxes .place")
    lit.first.wait_for(state="attached")
    # And back up, the way one came.
    page.go_back()
    page.wait_for_selector(".proof")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_is_wrong_with_the_pages(
    visit: Visit, papers: tuple[str, dict[str, str]], lang: str, size: dict[str, int]
) -> None:
    base, documents = papers
    paths = [
        "/documents",
        *(f"/document/{documents[name]}" for name in ("a.pdf", "two.pdf", "c.ofd", "账.csv")),
    ]
    for path in paths:
        page = visit(path, at=base, lang=lang, size=size)
        page.wait_for_selector(".listing tbody a, .value, .excerpt tbody tr")
        assert violations(page) == [], path
        assert overflow(page) <= 0, path
        if "/document/" in path and page.locator(".value").count():
            page.locator(".value").first.click()
            page.wait_for_selector(".mending input")
            assert violations(page) == [], path
        page.context.close()


def test_an_unknown_document_says_so(visit: Visit, papers: tuple[str, dict[str, str]]) -> None:
    base, _ = papers
    page = visit(f"/document/{'0' * 64}", at=base)
    page.wait_for_selector(".state.failed")
    assert json.dumps(page.locator(".state.failed").inner_text(), ensure_ascii=False)
