"""The owner's page on a telephone, signed in with a real owner's key: from consent and a photograph to the
offer, a refusal, an objection, and taking consent back."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger import audit
from ledger.state import State
from seeds.paper import PaperInvoice, PaperLine, Party
from seeds.papers_pdf import write_pdf
from tests.access_keys import bearing, key_for
from tests.page_axe import violations
from tests.page_server import LANGS, PHONE, WIDE, Visit, api, copied, overflow, serving

pytest_plugins = ("tests.page_browser",)
pytestmark = [pytest.mark.browser, pytest.mark.slow]
#: Firms with own books that the tests take, one each.
NEEDED = 6
#: How long reading papers and adding them up may take on a busy machine.
PATIENCE_MS = 600_000
MAIN = ".onward .button.main"


@dataclass(frozen=True)
class World:
    """A server with keys, one without, and firms with own books."""

    keyed: str
    local: str
    folder: Path
    firms: tuple[dict[str, Any], ...]

    def owner(self, n: int) -> str:
        """A key of the owner of firm `n`."""
        return key_for(self.folder, "owner", holder=f"owner.{n}", parties=(self.firms[n]["id"],))

    def ask(self, key: str, path: str, body: Any = None, lang: str = "zh") -> Any:
        headers = bearing(key, **{"Accept-Language": lang, "Content-Type": "application/json"})
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.keyed}/v1/{path}", data=sent, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def world(small_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, keyed = (copied(small_demo, tmp_path_factory.mktemp(name)) for name in ("owner", "keyed"))
    with serving("serve", "--data", str(folder), "--port", "18741") as local:
        rows = api(local, "lists/screen?limit=200")["items"]
        whole = (api(local, f"enterprises/{row['id']}") for row in rows)
        sells = (one for one in whole if len(one["own_books"]["sales"]) >= 9 and not one["hub"])
        found = tuple(one for one, _ in zip(sells, range(NEEDED), strict=False))
        assert len(found) == NEEDED
        key_for(keyed)  # from now on nobody enters without one
        with serving("serve", "--data", str(keyed), "--port", "18742") as served:
            yield World(served, local, keyed, found)


@pytest.fixture(scope="module")
def base(world: World) -> str:
    """The server that `visit` opens."""
    return world.keyed


@dataclass
class Thumb:
    """Counts what an owner taps and types."""

    page: Any
    taps: int = 0
    typed: list[str] = field(default_factory=list)

    def tap(self, selector: str, n: int = 0) -> None:
        self.taps += 1
        self.page.locator(selector).nth(n).click()

    def type(self, selector: str, text: str) -> None:
        self.typed.append(selector)
        self.page.locator(selector).first.fill(text)

    def photograph(self, *files: tuple[str, bytes]) -> None:
        """One tap opens the camera or the files, one takes each paper."""
        self.taps += 1 + len(files)
        kinds = {"pdf": "application/pdf", "jpg": "image/jpeg"}
        given = [
            {"name": name, "mimeType": kinds.get(name[-3:], "application/octet-stream"), "buffer": data}
            for name, data in files
        ]
        self.page.locator(".hand input").nth(0 if len(given) == 1 else 1).set_input_files(given)


def invoice(world: World, n: int, number: int, tax_fen: int = 1300) -> bytes:
    """A PDF invoice that firm `n` issued to the next one."""
    seller, buyer = (Party(one["name"], one["code"]) for one in (world.firms[n], world.firms[n - 1]))
    line = PaperLine(
        "*塑料制品*高温尼龙切片", 10000, tax_fen, Decimal("0.13"), Decimal(4), Decimal(25), "千克", "PA46"
    )
    issued = datetime(2025, 12, 4)
    return write_pdf(PaperInvoice(f"2599{number:016d}", issued, seller, buyer, (line,), drawer="合成一"))


def signed_in(visit: Visit, key: str, lang: str, size: dict[str, int] = PHONE) -> Any:
    page = visit("/sign-in?next=/owner", lang=lang, size=size)
    page.set_default_timeout(PATIENCE_MS)  # the first decision on a new build works everything out
    page.locator("input[type=password]").fill(key)
    page.locator("form .button.main").click()
    page.locator("main.owner h1").wait_for()
    page.locator(MAIN).first.wait_for()
    return page


def sound(page: Any) -> None:
    """Nothing that axe finds, nothing beside the window, nothing too small for a thumb."""
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert overflow(page) == 0
    small = page.locator("main.owner :is(a, button, .hand, .picks label)").evaluate_all(
        "all => all.map(one => [one.innerText, one.getBoundingClientRect()])"
        ".filter(([, box]) => box.width && (box.height < 44 || box.width < 44)).map(([text]) => text)"
    )
    assert small == []


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def wait_settled(page: Any) -> None:
    page.locator(f"{MAIN}:not([data-disabled])").wait_for(timeout=PATIENCE_MS)


def consented(page: Any) -> None:
    page.locator(MAIN).click()
    page.locator(".pledge").wait_for()
    page.locator(MAIN).click()
    page.locator(".hand").first.wait_for()


def apply_for(page: Any, amount: str) -> None:
    """From the papers to the answer, nothing handed in."""
    page.locator(MAIN).click()
    page.locator(".proves").wait_for()
    page.locator(MAIN).click()
    page.locator(".wish input[type=text]").fill(amount)
    page.locator(MAIN).click()
    page.locator(".homeward a").wait_for()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("lang", LANGS)
def test_from_the_first_photograph_to_the_offer(visit: Visit, world: World, lang: str) -> None:
    n = LANGS.index(lang)
    key = world.owner(n)
    page = signed_in(visit, key, lang)
    assert world.firms[n]["name"] in page.locator("main").inner_text()
    sound(page)
    page.locator(MAIN).click()
    page.locator(".pledge").wait_for()
    shown = world.ask(key, "consent", lang=lang)
    assert page.locator(".pledge dd").all_inner_texts() == [part["text"] for part in shown["parts"]]
    sound(page)
    page.locator(MAIN).click()
    page.locator(".hand").first.wait_for()
    sound(page)

    thumb = Thumb(page)
    thumb.photograph(
        ("发票.pdf", invoice(world, n, 10 + n)),
        ("税额不符.pdf", invoice(world, n, 20 + n, tax_fen=1200)),
        ("照片.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(40)),
    )
    page.locator(".slip.bad").wait_for(timeout=PATIENCE_MS)
    wait_settled(page)
    page.locator(".slip.check .cutout img").wait_for()
    picture = page.locator(".slip.check .cutout img")
    picture.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert picture.evaluate("one => one.naturalWidth") > 0
    assert "12.00" in page.locator(".slip.check figcaption").inner_text()
    assert page.locator(".slip.good").count() == 1
    refused = page.locator(".slip.bad").inner_text()
    assert "OFD" in refused
    sound(page)
    page.reload()  # nothing is lost
    page.locator(".slip").nth(2).wait_for(timeout=PATIENCE_MS)
    wait_settled(page)

    thumb.tap(MAIN)
    page.locator(".proves").wait_for()
    told = world.ask(key, f"enterprises/{world.firms[n]['id']}/proven", lang=lang)
    printed = page.locator(".proves li > span:last-child").all_inner_texts()
    for line, text in zip(told["lines"], printed, strict=True):
        assert text.startswith(line["text"])
    assert page.locator(".proves .yes").count() == sum(line["proven"] for line in told["lines"]) > 0
    assert told["best"]["text"] in page.locator(".wanted").inner_text()
    sound(page)

    thumb.tap(MAIN)
    page.locator(".wish").wait_for()
    thumb.tap(MAIN)  # nothing typed yet: told, and nothing sent
    page.locator(".wish .wrong").wait_for()
    thumb.type(".wish input[type=text]", "10" if lang == "zh" else "100000")
    if lang == "en":
        thumb.tap(".wish .sum .picks label", 1)
    thumb.tap(".picks label:has-text('6 ')")
    thumb.tap(".picks label:has-text('工资'), .picks label:has-text('wages')")
    sound(page)
    thumb.tap(MAIN)
    page.locator(".bargain").wait_for()
    sound(page)

    (made,) = world.ask(key, "applications")["items"]
    assert (made["amount_fen"], made["months"], made["purpose"]) == (10_000_000, 6, "wages")
    assert len(made["documents"]) == 2
    assert made["consent"]["text"] == shown["version"]
    offer = world.ask(key, f"credit/decisions/{made['decision']}/offer", lang=lang)
    text = page.locator(".bargain").inner_text()
    way = offer["ways"][0]
    figures = (yuan(offer["amount_fen"]), yuan(way["first_fen"]), yuan(way["interest_fen"]))
    for figure in (*figures, way["first_due_on"], offer["valid_until"], f"{float(offer['rate']) * 100:g}%"):
        assert figure in text, figure
    assert ("年化利率（单利）" if lang == "zh" else "Annualised rate (simple)") in text
    thumb_before = thumb.taps
    page.locator(".bargain .picks label").nth(1).click()
    assert yuan(offer["ways"][1]["first_fen"]) in page.locator(".bargain").inner_text()
    print(f"owner_fields={len(thumb.typed)} owner_taps={thumb_before}")
    assert len(thumb.typed) <= 3
    assert thumb_before <= 15
    page.reload()
    page.locator(".bargain").wait_for()
    page.go_back()
    page.locator(".wish").wait_for()
    assert page.locator(".wish input[type=text]").input_value() in ("10", "100000")


@pytest.mark.parametrize("lang", LANGS)
def test_a_refusal_says_one_thing_to_do_and_a_person_can_be_asked_for(
    visit: Visit, world: World, lang: str
) -> None:
    n = 2 + LANGS.index(lang)
    reviewer = key_for(world.folder, "reviewer", holder="zhao")
    rows = "code,name,list,since,until,source,reason\n"
    rows += f"{world.firms[n]['code']},,own_black,2025-01-01,,风控部,合成\n"
    world.ask(reviewer, "credit/lists", {"name": f"black{n}.csv", "csv": rows})
    key = world.owner(n)
    page = signed_in(visit, key, lang)
    consented(page)
    apply_for(page, "10")
    page.locator(".wanted").wait_for()
    sound(page)
    (made,) = world.ask(key, "applications")["items"]
    decision = world.ask(key, f"credit/decisions/{made['decision']}", lang=lang)
    assert decision["status"] == "declined"
    text = page.locator("main").inner_text()
    assert decision["advice_text"] in text and decision["reapply_text"] in text
    assert page.locator(".wanted .what").count() == 1
    assert 1 <= page.locator(".whys li").count() <= 4
    page.locator(".undo .button").first.click()
    page.locator(".sure textarea").fill("请看合同")
    assert violations(page) == []
    page.locator(".sure .button.main").click()
    page.locator(".sure").wait_for(state="detached")
    title = "现在由人来决定" if lang == "zh" else "A person decides now"
    page.locator("h1", has_text=title).wait_for()
    sound(page)
    decision = world.ask(key, f"credit/decisions/{made['decision']}")
    assert (decision["status"], decision["events"][0]["why"]) == ("manual_review", "请看合同")


def test_consent_is_taken_back(visit: Visit, world: World) -> None:
    key = world.owner(4)
    page = signed_in(visit, key, "zh")
    consented(page)
    apply_for(page, "5")
    page.locator(".bargain").wait_for()
    page.locator(".homeward a").first.click()
    page.locator(".given .button").click()
    page.locator(".sure .button.grave").click()
    page.locator(".sure").wait_for(state="detached")
    page.wait_for_load_state("networkidle")
    sound(page)
    (made,) = world.ask(key, "applications")["items"]
    assert made["state"] == "withdrawn"
    assert made["consent_ended"]
    entered = [
        e for e in audit.entries(State(world.folder), limit=100_000) if e.action == "consent_withdrawn"
    ]
    assert [(e.subject, e.by) for e in entered] == [(made["id"], "owner.4")]
    page.locator(MAIN).click()  # asked for anew
    page.locator(".pledge").wait_for()


def test_an_offer_is_taken_and_then_withdrawn(visit: Visit, world: World) -> None:
    key = world.owner(5)
    page = signed_in(visit, key, "zh", WIDE)
    consented(page)
    apply_for(page, "5")
    page.locator(".bargain .picks label").nth(1).click()
    page.locator(MAIN).click()  # one tap takes it
    page.locator(".taken").wait_for()
    assert page.locator(".taken li").count() == 3
    sound(page)
    (made,) = world.ask(key, "applications")["items"]
    said = made["offer_answer"]
    assert (said["said"], said["by"], said["method"]) == ("accepted", "owner.5", "interest_bullet")
    assert page.locator(MAIN).count() == 0  # not taken twice
    page.locator(".undo .button.grave").click()
    page.locator(".sure .button.grave").click()
    page.locator(".sure").wait_for(state="detached")
    page.locator("h1", has_text="申请已撤回").wait_for()
    sound(page)
    (made,) = world.ask(key, "applications")["items"]
    assert made["state"] == "withdrawn"


def test_an_offer_is_turned_down(visit: Visit, world: World) -> None:
    key = world.owner(5)
    page = signed_in(visit, key, "zh")
    consented(page)
    apply_for(page, "6")
    page.locator(".undo .button.grave").click()
    page.locator(".sure textarea").fill("利息高")
    assert violations(page) == []
    page.locator(".sure .button.grave").click()
    page.locator("h1", has_text="您没有要这笔贷款").wait_for()
    sound(page)
    made = world.ask(key, "applications")["items"][0]
    assert (made["state"], made["offer_answer"]["said"], made["offer_answer"]["why"]) == (
        "withdrawn",
        "declined",
        "利息高",
    )


def test_an_owner_finds_no_other_firm(visit: Visit, world: World) -> None:
    other = world.firms[1]["id"]
    page = signed_in(visit, world.owner(0), "zh")
    page.goto(f"{world.keyed}/owner?firm={other}&lang=zh")
    page.locator("main.owner h1").wait_for()
    page.wait_for_load_state("networkidle")
    assert world.firms[1]["name"] not in page.locator("main").inner_text()
    assert page.locator("main .search").count() == 0


@pytest.mark.parametrize("lang", LANGS)
def test_the_user_of_this_machine_chooses_a_firm(visit: Visit, world: World, lang: str) -> None:
    page = visit("/owner", at=world.local, lang=lang, size=PHONE)
    page.locator(".owner input").fill(world.firms[0]["name"])
    page.locator(".choices .button").first.click()
    page.locator(MAIN).wait_for()
    assert world.firms[0]["name"] in page.locator("main").inner_text()
    sound(page)


@pytest.mark.parametrize("lang", LANGS)
def test_a_stranger_is_asked_to_sign_in(visit: Visit, lang: str) -> None:
    page = visit("/owner", lang=lang, size=PHONE)
    assert page.locator("main a.button.main").count() == 1
    sound(page)
