"""A headless Chromium without a GPU, and how long a page takes until it shows what is waited for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
WINDOW = {"width": 1440, "height": 900}
#: Marks the frame in which something matching the selector first stands on the page.
_WATCH = """selector => new Promise(done => {
    const look = () => document.querySelector(selector)
        ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
        : requestAnimationFrame(look);
    look();
})"""


@contextmanager
def browser() -> Iterator[Any]:
    """RuntimeError where no Chromium is installed."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise RuntimeError("no Chromium found: " + ", ".join(NAMES))
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=program, args=list(ARGS))
        yield opened
        opened.close()


def shown(opened: Any, url: str, selector: str, tries: int = 5) -> float:
    """Milliseconds from the start of the navigation until `selector` is painted, cache empty: the median."""
    return round(median(once(opened, url, selector) for _ in range(tries)), 1)


def once(opened: Any, url: str, selector: str) -> float:
    """The same of one visit."""
    context = opened.new_context(viewport=WINDOW)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    taken = float(page.evaluate(_WATCH, selector))
    context.close()
    return taken
