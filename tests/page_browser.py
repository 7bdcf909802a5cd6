"""A real browser over a real server, for tests of the pages: take `visit` to open one.

Everything expected is read from the API at `base`, so the same tests hold for any data:
`DAYAN_TEST_PAGES=http://127.0.0.1:8000` looks at a server that is already running; without it the
smallest demo economy is made and served. Every test also fails on a request to another origin, on a
breach of the content security policy, and on a script error.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page_server import ARGS, NAMES, WIDE, Visit, api, copied, serving


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest demo, made once a run by the command; whoever serves it takes a copy (`copied`)."""
    folder = tmp_path_factory.mktemp("small") / "data"
    size = ("--enterprises", "1000", "--links", "4000")
    command = [sys.executable, "-m", "dayan", "demo", "--no-serve", "--data", str(folder), *size]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the server whose pages are looked at."""
    running = os.environ.get("DAYAN_TEST_PAGES")
    if running:
        yield running.rstrip("/")
        return
    folder = copied(request.getfixturevalue("small_demo"), tmp_path_factory.mktemp("pages"))
    with serving("serve", "--data", str(folder), "--port", "18731") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    program = os.environ.get("DAYAN_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("needs a Chromium: `apt-get install chromium`, or DAYAN_TEST_CHROMIUM=/path/to/one")
    with playwright.sync_playwright() as play:
        yield play.chromium.launch(executable_path=program, args=list(ARGS))


@pytest.fixture
def visit(browser: Any, base: str) -> Iterator[Visit]:
    """Opens a page: visit("/map/nev", lang="en", size=PHONE). Breaches are told when the test ends."""
    contexts, breaches = [], []

    def open_(
        path: str, lang: str = "zh", size: dict[str, int] = WIDE, at: str = base, **options: Any
    ) -> Any:
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "request",
            lambda r: breaches.append(r.url) if not r.url.startswith((at, "data:", "blob:")) else None,
        )
        page.on("pageerror", lambda error: breaches.append(str(error)))
        page.on("console", lambda m: breaches.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(f"{at}{path}{'&' if '?' in path else '?'}lang={lang}")
        page.wait_for_selector("h1", state="attached")
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert breaches == []


@pytest.fixture(scope="module")
def chain(base: str) -> str:
    """The chain with the most enterprises."""
    return max(api(base, "chains")["items"], key=lambda item: item["enterprises"])["id"]
