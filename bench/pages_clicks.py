"""From a typed name to the path of a firm's goods to its core enterprise, for bench `pages`."""

from typing import Any

from bench.browsing import WINDOW
from bench.pages_times import api, firm

#: Where the path of goods stands on an enterprise's page.
PATH = "main ol.steps li"


def clicks(opened: Any, base: str) -> float:
    """Clicks after typing, done for real. RuntimeError where the path's end is not the core enterprise."""
    one = firm(base)
    seats = api(base, f"enterprises/{one['id']}/position")["positions"]
    ends = [seat["path"]["hops"][-1]["to"]["name"] for seat in seats if seat["path"]]
    context = opened.new_context(viewport=WINDOW)
    try:
        page = context.new_page()
        page.goto(f"{base}/?lang=zh")
        page.locator(".hero [role=combobox]").fill(one["name"])
        page.locator("[role=option]").first.click()
        done = 1
        page.wait_for_selector(PATH)
        page.wait_for_load_state("networkidle")
        path = page.locator(PATH).last.inner_text()
        if not any(name in path for name in ends):
            raise RuntimeError(f"the path does not end at the core enterprise: {path[:100]}")
        return float(done)
    finally:
        context.close()
