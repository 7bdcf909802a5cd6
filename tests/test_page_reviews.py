"""The page of reviews in a real browser: pairs by keyboard, credit review, four eyes over loans, warnings.

The data folder is a tiny economy with pairs in its snapshot; decisions and loans are made through the API
by holders of keys, so that whoever entered something is refused in the browser as well.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from graph.snapshot import write_snapshot
from ledger import watch
from ledger.ledger import Ledger
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, Visit, overflow
from tests.test_api_access import nobody
from tests.tiny_graph import FIRMS, firm, invoices, tables, tiny

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser

PAIRS = [("A", "B", 90_000_00), ("C", "D", 50_000_00), ("E", "F", 30_000_00), ("H", "I", 10_000_00)]
#: Holder of a key → roles of the keys that they hold. Whoever enters also holds keys that review and approve.
HOLDERS = {
    "li.ming": ("analyst",),
    "wang.fang": ("credit", "reviewer", "approver"),
    "zhao.lei": ("reviewer",),
    "qian.yi": ("approver",),
}


@dataclass
class Desk:
    """A served data folder and the keys to it."""

    folder: Path
    client: httpx.Client
    keys: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.client.base_url).rstrip("/")

    def send(self, holder: str, role: str, path: str, body: Any, status: int = 201) -> Any:
        answer = self.client.post(f"/v1/{path}", json=body, headers=bearing(self.keys[holder, role]))
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, holder: str = "wang.fang", role: str = "credit") -> Any:
        answer = self.client.get(f"/v1/{path}", headers=bearing(self.keys[holder, role]))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def decided(self, letter: str) -> Any:
        """A decision on an application that wang.fang entered."""
        made = self.send("wang.fang", "credit", "applications", wish(letter))
        return self.send("wang.fang", "credit", "credit/decisions", {"application": made["id"]})

    def portfolio(self, name: str) -> str:
        body = {"name": name, "capital_fen": 10**11}
        made = self.send("wang.fang", "credit", "portfolios", body, 200)
        return str(made["portfolio"]["id"])

    def booked(self, decision: str, portfolio: str, **more: Any) -> Any:
        body = {"decision": decision, "portfolio": portfolio, **more}
        return self.send("wang.fang", "credit", "loans", body, 200)["loan"]


def wish(letter: str) -> dict[str, Any]:
    """An application of a firm for 100,000 yuan."""
    today = date.today()
    consent = {
        "text": "consent-2026-1", "scope": ["enterprise_graph", "invoices", "bank_statements"],
        "purpose": "credit_decision", "given_on": str(today), "until": str(today + timedelta(days=365)),
    }  # fmt: skip
    body = {"enterprise": firm(letter), "product": "working_capital", "amount_fen": 100_000_00}
    return {**body, "months": 12, "purpose": "raw_materials", "consent": consent}


def pairs() -> pl.DataFrame:
    """Pairs of firms by letters, with a score as a table."""
    rows = []
    for a, b, impact in PAIRS:
        low, high = sorted((a, b), key=firm)
        score = [
            {"name": "who_start", "gave": -4.0, "left": "12", "right": ""},
            {"name": "who_brand", "gave": 6.5, "left": FIRMS[low][0][:2], "right": FIRMS[high][0][:2]},
        ]
        ends = {"a": firm(low), "b": firm(high), "name_a": FIRMS[low][0], "name_b": FIRMS[high][0]}
        rows.append({**ends, "score": 2.5, "impact_fen": impact, "tie": a == "E", "features": score})
    return pl.DataFrame(rows)


def made(folder: Path) -> dict[tuple[str, str], str]:
    """The economy with its pairs, and everybody's keys."""
    tiny(folder)
    write_snapshot(folder, dataclasses.replace(tables(invoices()), reviews=pairs()))
    return {
        (holder, role): key_for(folder, role, holder) for holder, roles in HOLDERS.items() for role in roles
    }


@pytest.fixture(scope="module")
def base(desk: Desk) -> str:
    """Pages over our own folder, not over the demo."""
    return desk.address


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("reviews")
    keys = made(folder)
    with serving_folder(folder, store=nobody, values={"rate": "0"}) as client:
        yield Desk(folder, client, keys)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Desk]:
    """A desk of the test's own, for what leaves traces."""
    keys = made(tmp_path)
    with serving_folder(tmp_path, store=nobody, values={"rate": "0"}) as client:
        yield Desk(tmp_path, client, keys)


@pytest.fixture
def enter(visit: Visit) -> Any:
    """Signs a browser in with a key and opens a page: enter(desk, "li.ming", "analyst", "/reviews")."""

    def open_(
        desk: Desk, holder: str, role: str, path: str = "/reviews", lang: str = "en", **how: Any
    ) -> Any:
        page = visit("/sign-in", lang=lang, at=desk.address, **how)
        page.locator("input[type=password]").fill(desk.keys[holder, role])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(f"{desk.address}{path}{'&' if '?' in path else '?'}lang={lang}")
        page.wait_for_selector("h1")
        page.wait_for_load_state("networkidle")
        return page

    return open_


def settles(page: Any, desk: Desk, kinds: list[str]) -> None:
    """Waits until these judgements stand, and no others."""
    found: list[str] = []
    for _ in range(50):
        found = sorted(Ledger(desk.folder).judgements()["kind"])
        if found == kinds:
            return
        page.wait_for_timeout(100)
    assert found == kinds


def names(a: str, b: str) -> set[str]:
    return {FIRMS[a][0], FIRMS[b][0]}


def stands(page: Any, a: str, b: str) -> None:
    """Waits until the pair of these letters is the open one."""
    for name in names(a, b):
        page.locator(".onepair h2", has_text=name).wait_for()


# Who is who


def test_pairs_are_decided_by_keyboard_and_undone_by_one_key(fresh: Desk, enter: Any) -> None:
    page = enter(fresh, "li.ming", "analyst")
    stands(page, "A", "B")
    assert page.locator(".waiting li").count() == 4
    page.keyboard.press("s")
    stands(page, "C", "D")
    page.get_by_role("button", name="Different firms").click()  # keys go on from a button as well
    stands(page, "E", "F")
    page.keyboard.press("l")
    stands(page, "H", "I")
    settles(page, fresh, ["different", "later", "same"])
    assert "Open 1" in page.locator(".choice").nth(2).inner_text()
    page.keyboard.press("u")
    stands(page, "E", "F")
    page.keyboard.press("u")
    stands(page, "C", "D")
    settles(page, fresh, ["same"])
    assert page.locator(".waiting li").count() == 3
    assert [i["impact_fen"] for i in fresh.get("reviews")["items"]] == [50_000_00, 30_000_00, 10_000_00]


def test_the_queue_is_walked_and_stands_in_the_address(fresh: Desk, enter: Any) -> None:
    page = enter(fresh, "li.ming", "analyst")
    stands(page, "A", "B")
    for key, pair in (("j", "CD"), ("ArrowDown", "EF"), ("k", "CD"), ("ArrowUp", "AB"), ("k", "AB")):
        page.keyboard.press(key)
        stands(page, *pair)
    page.keyboard.press("j")
    stands(page, "C", "D")
    page.reload()
    stands(page, "C", "D")
    settles(page, fresh, [])


def test_letters_typed_as_a_reason_decide_nothing(fresh: Desk, enter: Any) -> None:
    page = enter(fresh, "li.ming", "analyst")
    stands(page, "A", "B")
    reason = page.get_by_label("Reason (optional)")
    reason.click()
    page.keyboard.type("sdlu same desk")
    stands(page, "A", "B")
    settles(page, fresh, [])
    page.keyboard.press("Escape")
    page.locator(".search input").click()
    page.keyboard.type("sdl")
    page.wait_for_timeout(200)
    stands(page, "A", "B")
    settles(page, fresh, [])
    page.keyboard.press("Escape")
    page.locator(".onepair h2").click()
    page.keyboard.press("s")
    stands(page, "C", "D")
    settles(page, fresh, ["same"])
    (kept,) = Ledger(fresh.folder).judgements().iter_rows(named=True)
    assert (kept["kind"], kept["by"], kept["why"]) == ("same", "li.ming", "sdlu same desk")
    assert reason.input_value() == ""
    page.get_by_text("Keys on").click()
    page.locator("kbd", has_text="J ↓").wait_for(state="detached")
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    stands(page, "C", "D")
    settles(page, fresh, ["same"])


def test_decided_pairs_are_seen_with_who_and_why_and_taken_back(fresh: Desk, enter: Any) -> None:
    page = enter(fresh, "li.ming", "analyst")
    stands(page, "A", "B")
    page.keyboard.press("d")
    stands(page, "C", "D")
    page.get_by_role("radio", name="Decided 1").click()
    stands(page, "A", "B")
    assert "decided: different firms" in page.locator(".stood").inner_text()
    assert "li.ming" in page.locator(".stood").inner_text()
    assert "state=decided" in page.url
    page.keyboard.press("u")
    stands(page, "A", "B")
    assert "state=" not in page.url
    assert page.locator(".stood").count() == 0
    settles(page, fresh, [])


def test_the_address_of_a_pair_holds_after_it_was_decided(fresh: Desk, enter: Any) -> None:
    page = enter(fresh, "li.ming", "analyst")
    stands(page, "A", "B")
    pair = fresh.get("reviews")["items"][0]["id"]
    page.keyboard.press("s")
    stands(page, "C", "D")
    settles(page, fresh, ["same"])
    page.goto(f"{fresh.address}/reviews?pair={pair}&lang=en")
    stands(page, "A", "B")
    assert "decided: same firm" in page.locator(".stood").inner_text()
    assert "shown by itself" in page.locator(".onepair").inner_text()
    assert page.locator(".waiting [aria-current]").count() == 0
    page.keyboard.press("j")
    stands(page, "C", "D")
    # The next build asks it no more: only the decision stands, and no figure is made up.
    write_snapshot(fresh.folder, tables(invoices()))
    page.goto(f"{fresh.address}/reviews?pair={pair}&lang=en")
    page.locator(".onepair", has_text="asks it no more").wait_for()
    assert violations(page) == []


def test_the_amount_that_would_move_opens_the_papers_behind_it(desk: Desk, enter: Any) -> None:
    page = enter(desk, "li.ming", "analyst")
    stands(page, "A", "B")
    page.locator(".onepair .tile a.traced").first.click()
    page.wait_for_selector("aside.proof .why")
    text = page.inner_text("aside.proof")
    assert FIRMS["A"][0] in text
    assert FIRMS["B"][0] in text
    assert "0.09" in page.inner_text("aside.proof .large")


def test_what_the_server_does_not_keep_comes_back(fresh: Desk, enter: Any) -> None:
    page = enter(fresh, "li.ming", "analyst")
    stands(page, "A", "B")
    problem = '{"code": "busy", "detail": "somebody else is writing"}'
    page.route("**/v1/reviews/*", lambda route: route.fulfill(status=503, body=problem))
    page.keyboard.press("s")
    page.get_by_role("alert").get_by_text("somebody else is writing").wait_for()
    assert page.locator(".waiting li").count() == 4
    settles(page, fresh, [])


@pytest.mark.parametrize("lang", LANGS)
def test_a_pair_shows_what_was_compared(desk: Desk, enter: Any, lang: str) -> None:
    page = enter(desk, "li.ming", "analyst", lang=lang)
    stands(page, "A", "B")
    table = page.locator(".pairtable")
    text = table.inner_text()
    for letter in "AB":
        assert FIRMS[letter][0] in text
        assert firm(letter) in text
    rows = desk.client.get(
        "/v1/reviews", headers={**bearing(desk.keys["li.ming", "analyst"]), "Accept-Language": lang}
    )
    for row in rows.json()["items"][0]["features"]:
        assert row["text"] in text
    assert "+6.50" in text
    assert "−4.00" in text
    assert "+2.50" in text
    legend = page.locator(".legend-keys kbd").all_inner_texts()
    assert legend == ["S", "D", "L", "U", "J ↓", "K ↑"]
    table.locator("a[href*='proof=feature']").first.click()
    page.locator(".proof h2").wait_for()
    assert "proof=feature" in page.url


# Credit review


def referred(page: Any, letter: str) -> None:
    page.locator(".decision h2", has_text=FIRMS[letter][0]).wait_for()


def write(page: Any, kind: str, words: str) -> None:
    form = page.locator(".wordform")
    form.locator(".select").click()
    page.get_by_role("option", name=kind).click()
    form.locator("textarea").fill(words)


def test_who_entered_it_may_not_review_it_and_another_may(fresh: Desk, enter: Any) -> None:
    first, second = fresh.decided("D")["decision_id"], fresh.decided("G")["decision_id"]
    page = enter(fresh, "wang.fang", "reviewer", "/reviews?sheet=credit")
    referred(page, "G")
    write(page, "further papers seen", "the bank statements were handed in")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("alert").get_by_text("does not decide on it: wang.fang").wait_for()
    assert fresh.get(f"credit/decisions/{second}")["status"] == "manual_review"

    page = enter(fresh, "zhao.lei", "reviewer", "/reviews?sheet=credit")
    referred(page, "G")
    page.keyboard.press("a")
    page.keyboard.type("seen: january to june of 2025")
    write(page, "further papers seen", "seen: january to june of 2025")
    page.get_by_label("Limit (CNY)").fill("8,000.50")
    page.locator(".wordform textarea").press("Control+Enter")
    referred(page, "D")  # the next one comes up by itself
    assert "Approved" in page.locator(".said").inner_text()
    now = fresh.get(f"credit/decisions/{second}")
    assert (now["status"], now["limit"]["amount_fen"]) == ("approved", 800_050)
    (event,) = now["events"]
    assert (event["by"], event["override"], event["reason"]) == ("zhao.lei", False, "papers_seen")

    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    write(page, "papers in doubt", "the books end in may")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("All are reviewed.").wait_for()
    assert fresh.get(f"credit/decisions/{first}")["status"] == "declined"


def test_a_review_against_the_machine_says_so_before_it_is_sent(desk: Desk, enter: Any) -> None:
    desk.decided("L")
    page = enter(desk, "zhao.lei", "reviewer", "/reviews?sheet=credit")
    referred(page, "L")
    amount = page.get_by_label("Limit (CNY)")
    assert amount.input_value() == "40.00"
    note = page.locator(".wordform .notice")
    assert note.count() == 0
    amount.fill("500")
    note.wait_for()
    amount.fill("1000000")
    page.get_by_text("at most the 100,000.00 asked for").wait_for()
    amount.fill("five hundred")
    page.get_by_text("Write a number").wait_for()
    assert page.get_by_role("button", name="Submit").is_disabled()


@pytest.mark.parametrize("lang", LANGS)
def test_a_referred_decision_shows_what_it_rests_on(desk: Desk, enter: Any, lang: str) -> None:
    told = desk.decided("C")
    desk.send(
        "wang.fang", "credit", f"credit/decisions/{told['decision_id']}/objection",
        {"why": "会计换了人，账还没补齐"}, 200,
    )  # fmt: skip
    path = f"/reviews?sheet=credit&decision={told['decision_id']}"
    page = enter(desk, "zhao.lei", "reviewer", path, lang=lang)
    referred(page, "C")
    head = {**bearing(desk.keys["zhao.lei", "reviewer"]), "Accept-Language": lang}
    said = desk.client.get(f"/v1/credit/decisions/{told['decision_id']}", headers=head).json()
    text = page.locator(".decision").inner_text()
    assert "会计换了人，账还没补齐" in text
    assert str(said["score"]) in text
    assert said["without_person"] == "approved"
    assert {"zh": "若无需人工，会批准", "en": "would approve if nobody had to look"}[lang] in text
    for one in said["reasons"]:
        assert one["text"] in text
    for use in said["exposures"]:
        assert use["dimension_text"] in text
    for dealing in said["dealings"]:
        assert dealing["partner"]["name"] in text
    assert said["advice_text"] is None or said["advice_text"] in text
    page.locator(".decision a[href*='proof=link']").first.click()
    page.locator(".proof table").first.wait_for()
    page.go_back()
    page.locator(".decision .tile a[href*='proof=decision']").first.click()
    page.locator(".proof h2").wait_for()
    assert violations(page) == []


# Four eyes over loans


def test_a_loan_waits_for_somebody_who_had_no_part_in_it(fresh: Desk, enter: Any) -> None:
    portfolio = fresh.portfolio("小微")
    loan = fresh.booked(fresh.decided("A")["decision_id"], portfolio, override="房产抵押在办")
    assert (loan["state"], loan["approvals_needed"]) == ("waiting", 1)
    other = fresh.booked(fresh.decided("E")["decision_id"], portfolio, override="orders are signed")
    page = enter(fresh, "wang.fang", "approver", "/reviews?sheet=loans")
    page.locator(".decision h2", has_text=FIRMS["A"][0]).wait_for()
    text = page.locator(".decision").inner_text()
    assert "房产抵押在办" in text
    assert "wang.fang" in text
    assert "0 of 1 given" in text
    page.locator(".wordform textarea").fill("looks sound")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("alert").get_by_text("cannot approve the loan: wang.fang").wait_for()
    assert fresh.get(f"loans/{loan['id']}")["loan"]["state"] == "waiting"

    page = enter(fresh, "qian.yi", "approver", "/reviews?sheet=loans")
    page.locator(".decision h2", has_text=FIRMS["A"][0]).wait_for()
    page.keyboard.press("a")
    page.keyboard.type("the deed of the flat is in")
    page.keyboard.press("Control+Enter")
    page.locator(".decision h2", has_text=FIRMS["E"][0]).wait_for()
    assert fresh.get(f"loans/{loan['id']}")["loan"]["state"] == "active"
    page.keyboard.press("r")
    page.keyboard.type("orders were cancelled")
    page.keyboard.press("Control+Enter")
    page.get_by_text("All are dealt with.").wait_for()
    told = fresh.get(f"loans/{other['id']}")["loan"]
    assert (told["state"], told["approvals"][0]["why"]) == ("refused", "orders were cancelled")


def test_a_loan_tells_who_reviewed_its_decision_and_against_what(fresh: Desk, enter: Any) -> None:
    decision = fresh.decided("G")["decision_id"]
    review = {"status": "approved", "limit_fen": 950_000, "reason": "policy_exception", "why": "a new order"}
    assert fresh.send("zhao.lei", "reviewer", f"credit/decisions/{decision}/review", review, 200)
    loan = fresh.booked(decision, fresh.portfolio("reviewed"))
    assert loan["approvals_needed"] == 1
    page = enter(fresh, "qian.yi", "approver", "/reviews?sheet=loans")
    page.locator(".decision h2", has_text=FIRMS["G"][0]).wait_for()
    page.get_by_text("reviewed by zhao.lei").wait_for()
    assert "against the machine" in page.locator(".decision").inner_text()


# Warnings


def test_a_warning_is_lifted_with_a_reason_by_who_may(fresh: Desk, enter: Any) -> None:
    portfolio = fresh.portfolio("watched")
    body = {"enterprises": [firm("A"), firm("C")]}
    fresh.send("wang.fang", "credit", f"portfolios/{portfolio}/enterprises", body, 200)
    told = {"value": 0.42, "at_least": 0.3}
    with State(fresh.folder).writing() as connection:
        for letter, by in (("A", "qian.yi"), ("C", "patrol")):
            watch.raise_(connection, firm(letter), "invoicing_down", date(2025, 9, 1), "refer", told, by)
    page = enter(fresh, "zhao.lei", "reviewer", "/reviews?sheet=warnings")
    page.get_by_role("link", name=FIRMS["A"][0]).wait_for()
    assert page.get_by_role("button", name="Lift").count() == 0

    page = enter(fresh, "qian.yi", "approver", "/reviews?sheet=warnings")
    page.get_by_role("button", name=f"Lift: {FIRMS['A'][0]}").click()
    page.get_by_label("Why it is lifted").fill("the season only")
    page.get_by_role("dialog").get_by_role("button", name="Lift").click()
    page.get_by_role("alert").get_by_text("who raised a warning cannot lift it").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Lift: {FIRMS['C'][0]}").click()
    page.get_by_label("Why it is lifted").fill("the season only")
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Lift").click()
    page.get_by_text("Lifted: ").wait_for()
    page.get_by_role("link", name=FIRMS["C"][0]).wait_for(state="detached")
    page.get_by_role("radio", name="Lifted too").click()
    page.get_by_text("lifted by qian.yi").wait_for()
    items = fresh.get(f"portfolios/{portfolio}/warnings?standing=false")["items"]
    assert {i["borrower"]["id"]: i["lifted_why"] for i in items} == {
        firm("A"): None,
        firm("C"): "the season only",
    }


# Who sees what, and how it looks

SHEETS = {
    ("li.ming", "analyst"): ["who"],
    ("zhao.lei", "reviewer"): ["credit", "warnings"],
    ("qian.yi", "approver"): ["loans", "warnings"],
    ("wang.fang", "credit"): ["warnings"],
}
TITLES = {
    "zh": {"who": "谁是谁", "credit": "授信复核", "loans": "放款审批", "warnings": "预警"},
    "en": {"who": "Who is who", "credit": "Credit review", "loans": "Loan approval", "warnings": "Warnings"},
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("holder", "role"), SHEETS)
def test_each_role_sees_its_own_sheets(desk: Desk, enter: Any, holder: str, role: str, lang: str) -> None:
    page = enter(desk, holder, role, lang=lang)
    page.get_by_role("tab").first.wait_for()
    shown = [TITLES[lang][sheet] for sheet in SHEETS[holder, role]]
    assert page.get_by_role("tab").all_inner_texts() == shown
    other = next(sheet for sheet in ("who", "credit", "loans") if sheet not in SHEETS[holder, role])
    page.goto(f"{desk.address}/reviews?sheet={other}&lang={lang}")
    page.locator(".notyours", has_text=TITLES[lang][other]).wait_for()


def test_who_is_not_signed_in_is_shown_the_way_in(desk: Desk, visit: Visit) -> None:
    page = visit("/reviews?sheet=loans", lang="en", at=desk.address)
    page.wait_for_url("**/sign-in?**")
    page.get_by_label("Key", exact=True).wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_every_sheet_is_whole(desk: Desk, enter: Any, lang: str, size: dict[str, int] | None) -> None:
    if not desk.get("loans?state=waiting")["items"]:
        portfolio = desk.portfolio("whole")
        desk.booked(desk.decided("A")["decision_id"], portfolio, override="why not")
        with State(desk.folder).writing() as connection:
            watch.raise_(connection, firm("A"), "red_up", date(2025, 9, 2), "note", {"value": 0.2}, "patrol")
        desk.decided("G")
    how = {"size": size} if size else {}
    for (holder, role), sheets in list(SHEETS.items())[:3]:
        page = enter(desk, holder, role, lang=lang, **how)
        for sheet in sheets:
            page.goto(f"{desk.address}/reviews?sheet={sheet}&lang={lang}")
            page.locator(".onepair, .decision, .plain").first.wait_for()
            page.wait_for_load_state("networkidle")
            assert violations(page) == [], sheet
            assert overflow(page) <= 0, sheet
            text = page.locator("main").inner_text()
            assert "undefined" not in text
            assert "NaN" not in text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("built", [True, False], ids=["built", "bare"])
def test_an_empty_queue_says_so_and_what_fills_it(
    tmp_path: Path, visit: Visit, lang: str, built: bool
) -> None:
    if built:
        tiny(tmp_path)
    with serving_folder(tmp_path, store=nobody) as client:
        at = str(client.base_url).rstrip("/")
        for sheet in TITLES[lang]:
            page = visit(f"/reviews?sheet={sheet}", lang=lang, at=at)
            page.locator(".state:not(.failed)").wait_for()
            assert len(page.locator(".state").inner_text()) > 12
            assert violations(page) == [], sheet
