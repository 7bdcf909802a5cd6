"""The way of a firm's owner from the first photograph to the offer on a telephone, for bench `pages`."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.browsing import browser
from bench.pages_times import api
from bench.serving import server, until_warm
from ledger import access
from ledger.state import State
from seeds.paper import PaperInvoice, PaperLine, Party
from seeds.papers_pdf import write_pdf

PHONE = {"width": 390, "height": 844}
SIZE = ("--enterprises", "1000", "--links", "4000")
#: Firms that are tried until one is offered money; what was tapped for the others does not count.
FIRMS = 4
MAIN = ".onward .button.main"
PATIENCE = 120_000


@dataclass
class Thumb:
    """Counts what an owner taps and types."""

    page: Any
    taps: int = 0
    typed: list[str] = field(default_factory=list)

    def tap(self, selector: str) -> None:
        """One tap."""
        self.taps += 1
        self.page.locator(selector).first.click()

    def type(self, selector: str, text: str) -> None:
        """One field."""
        self.typed.append(selector)
        self.page.locator(selector).first.fill(text)

    def photograph(self, name: str, data: bytes) -> None:
        """One tap opens the camera, one takes the paper."""
        self.taps += 2
        paper = {"name": name, "mimeType": "application/pdf", "buffer": data}
        self.page.locator(".hand input").first.set_input_files([paper])


def owner() -> tuple[float, float]:
    """Typed fields and taps of one owner, done for real on a demo of its own.

    RuntimeError where nobody is offered money.
    """
    with tempfile.TemporaryDirectory(prefix="dayan-bench-") as scratch:
        folder = Path(scratch) / "data"
        made = [sys.executable, "-m", "dayan", "demo", "--no-serve", "--data", str(folder), *SIZE]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        with server(folder, "/health") as port:
            firms = _firms(f"http://127.0.0.1:{port}")
        state = State(folder)
        keys = [
            access.make(state, "bench", access.NewKey(f"owner.{n}", "owner", parties=(firm["id"],)))[1]
            for n, firm in enumerate(firms)
        ]
        with server(folder, "/health") as port, browser() as opened:
            until_warm(port)
            for n, key in enumerate(keys):
                counted = _way(opened, f"http://127.0.0.1:{port}", key, _paper(firms[n], firms[n - 1], n))
                if counted:
                    return counted
    raise RuntimeError(f"none of {FIRMS} firms was offered money")


def _firms(base: str) -> list[dict[str, Any]]:
    """Firms with own books of most months, the largest first."""
    rows = api(base, "lists/screen?own_books=true&limit=60")["items"]
    whole = (api(base, f"enterprises/{row['id']}") for row in rows if not row["hub"])
    full = (one for one in whole if len(one["own_books"]["sales"]) >= 9)
    return [one for one, _ in zip(full, range(FIRMS), strict=False)]


def _paper(seller: dict[str, Any], buyer: dict[str, Any], number: int) -> bytes:
    line = PaperLine(
        "*塑料制品*高温尼龙切片", 10000, 1300, Decimal("0.13"), Decimal(4), Decimal(25), "千克", "PA46"
    )
    sold, bought = (Party(one["name"], one["code"]) for one in (seller, buyer))
    issued = datetime(2025, 12, 4)
    return write_pdf(PaperInvoice(f"2599{number:016d}", issued, sold, bought, (line,), drawer="合成一"))


def _way(opened: Any, base: str, key: str, paper: bytes) -> tuple[float, float] | None:
    """Consent, one paper, what is proven, one typed number, the answer. None where it is no offer."""
    context = opened.new_context(viewport=PHONE, has_touch=True)
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{base}/sign-in?next=/owner&lang=zh")
        page.locator("input[type=password]").fill(key)
        page.locator("form .button.main").click()
        page.locator(f"main.owner {MAIN}").first.click()
        page.locator(".pledge").wait_for()
        page.locator(MAIN).click()
        page.locator(".hand").first.wait_for()
        thumb = Thumb(page)
        thumb.photograph("发票.pdf", paper)
        page.locator(".slip.good, .slip.check").first.wait_for()
        page.locator(f"{MAIN}:not([data-disabled])").wait_for()
        thumb.tap(MAIN)
        page.locator(".proves").wait_for()
        thumb.tap(MAIN)
        page.locator(".wish").wait_for()
        thumb.type(".wish input[type=text]", "10")
        thumb.tap(MAIN)
        page.locator(".bargain, .wanted, .homeward a").first.wait_for()
        page.wait_for_load_state("networkidle")
        offered = page.locator(".bargain").count() > 0
        return (float(len(thumb.typed)), float(thumb.taps)) if offered else None
    finally:
        context.close()
