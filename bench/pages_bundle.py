"""What the first page loads, for bench `pages`."""

import gzip
from typing import Any

from bench.browsing import WINDOW

KINDS = ("document", "script", "stylesheet")


def bundle(opened: Any, base: str) -> float:
    """kB of gzip: the page, its scripts and style sheets, until the home page stands, cache empty."""
    context = opened.new_context(viewport=WINDOW)
    try:
        page = context.new_page()
        loaded: list[Any] = []
        page.on("response", lambda one: loaded.extend([one]))
        page.goto(f"{base}/?lang=zh")
        page.wait_for_selector("h1")
        page.wait_for_load_state("networkidle")
        loaded = [one for one in loaded if one.request.resource_type in KINDS]
        if len(loaded) < 3:
            raise RuntimeError(f"only {len(loaded)} files were loaded")
        return round(sum(len(gzip.compress(one.body(), 6)) for one in loaded) / 1000, 1)
    finally:
        context.close()
