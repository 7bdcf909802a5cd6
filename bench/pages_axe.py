"""What axe finds on every page, for bench `pages`: rules of WCAG 2.2 A and AA and its best practices."""

from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from itertools import product
from typing import Any

from rich.console import Console

from bench.browsing import WINDOW
from bench.pages_times import api, biggest, firm

#: Milliseconds that a page gets to come to rest.
PATIENCE = 8_000
LANGS, SCHEMES = ("zh", "en"), ("light", "dark")


def places(base: str) -> Iterator[str]:
    """Addresses of every kind of page, with something on it."""
    chain, one = biggest(base), firm(base)["id"]
    yield from ("/", "/chains", f"/map/{chain}", f"/map/{chain}?view=table", f"/map/{chain}?enterprise={one}")
    yield from ("/explore", f"/explore?chain={chain}&top=60", f"/enterprise/{one}")
    sheets = ("partners", "receivables", "cash", "credit", "wealth", "whatif", "history")
    yield from (f"/enterprise/{one}?sheet={sheet}" for sheet in sheets)
    yield from ("/documents", "/reviews", "/lists", "/lists?sheet=paste", "/lists?sheet=watch", "/sign-in")
    yield from ("/owner", f"/owner?firm={one}", f"/owner?firm={one}&step=apply")
    papers = api(base, "documents?limit=1")["items"]
    yield from (f"/document/{paper['id']}" for paper in papers)


def axe(opened: Any, base: str) -> float:
    """Violations summed over every page, both languages, light and dark; each is printed."""
    from playwright.sync_api import TimeoutError

    script = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    found: list[str] = []
    addresses = list(places(base))
    for lang, scheme in product(LANGS, SCHEMES):
        context = opened.new_context(viewport=WINDOW, color_scheme=scheme)
        page = context.new_page()
        for path in addresses:
            page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={lang}")
            page.wait_for_selector("h1", state="attached")
            with suppress(TimeoutError):  # a page that watches jobs is never quite still
                page.wait_for_load_state("networkidle", timeout=PATIENCE)
            page.evaluate(script)
            told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            found += [f"{lang} {scheme} {path} {one['id']} {one['nodes'][0]['target'][0]}" for one in told]
        context.close()
    console = Console()
    for line in found:
        console.print(line, markup=False)
    console.print(f"axe: {len(addresses)} pages × {len(LANGS)} languages × {len(SCHEMES)}")
    return float(len(found))
