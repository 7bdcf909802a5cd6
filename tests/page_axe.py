"""What axe finds wrong with a page: rules of WCAG 2.2 A and AA, and its best practices."""

from importlib.resources import files
from typing import Any

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js")


def violations(page: Any) -> list[str]:
    """Each violation as `rule: selector, selector`; [] where nothing is wrong."""
    page.evaluate(SCRIPT.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {', '.join(str(node['target'][0]) for node in one['nodes'][:5])}"
        for one in found["violations"]
    ]
