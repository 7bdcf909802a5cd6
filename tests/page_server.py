"""What tests of the pages ask a server, and how one is started; the fixtures are in `page_browser`."""

import json
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LANGS = ("zh", "en")

Visit = Callable[..., Any]


@contextmanager
def serving(*command: str) -> Iterator[str]:
    """Run a `dayan` command that serves; yields the address it says."""
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "dayan", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+(?=\s*$)", line):
                    break
            else:
                pytest.fail("the server did not start:\n" + "".join(lines[-20:]))
            address = found[0]
            urllib.request.urlopen(f"{address}/health").close()
            yield address
        finally:
            process.terminate()


def copied(made: Path, folder: Path) -> Path:
    """A copy of the data folder `made` in `folder`, without what belongs to a running server."""
    return shutil.copytree(made, folder / "data", ignore=shutil.ignore_patterns("run"))


def api(base: str, path: str, lang: str = "zh") -> Any:
    """What the API itself says."""
    request = urllib.request.Request(f"{base}/v1/{path}", headers={"Accept-Language": lang})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def biggest(cells: list[dict[str, Any]]) -> dict[str, Any]:
    return max(cells, key=lambda cell: (cell["enterprises"], cell["segment"]))


def sentence(name: str) -> str:
    return name[:1].upper() + name[1:]


def overflow(page: Any) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def counts(page: Any, selector: str) -> list[int]:
    return sorted(
        int(n) for n in page.locator(selector).evaluate_all("all => all.map(one => one.dataset.count)")
    )


def one_of_each(base: str, chain: str) -> list[str]:
    """Addresses of every kind of view: home, map, table, a cell, an enterprise, its documents."""
    cell = biggest(api(base, f"chains/{chain}/map")["cells"])
    inside = f"segment={cell['segment']}&depth={cell['depth']}"
    one = api(base, f"chains/{chain}/enterprises?{inside}&limit=1")["items"][0]["id"]
    side, partner = next(
        (side, items[0]["id"])
        for side in ("suppliers", "customers")
        if (items := api(base, f"enterprises/{one}/neighbours?side={side}&limit=1")["items"])
    )
    last = (
        f"view=table&{inside}",
        inside,
        f"{inside}&enterprise={one}",
        f"enterprise={one}&side={side}&partner={partner}",
    )
    plain = ["/", "/chains", "/lists", "/sign-in", f"/map/{chain}", f"/map/{chain}?view=table"]
    return [*plain, *(f"/map/{chain}?{query}" for query in last)]
