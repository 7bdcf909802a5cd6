"""The exported picture in a real browser that may ask nobody: it is drawn, and says what it is."""

from pathlib import Path
from typing import Any

import pytest

from graph.exports import write_html
from graph.snapshot import write_snapshot
from graph.to_networkx import to_networkx
from tests.graphs import tables

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("合成数据", "5 家，共 30 家")), ("en", ("synthetic", "5 of 30"))]
)
def test_the_file_is_drawn_without_a_network(
    browser: Any, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    snapshot = write_snapshot(tmp_path / "data", tables(30))
    path = tmp_path / "chain.html"
    write_html(to_networkx(snapshot), path, "橡胶", lang, limit=5)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector("#network canvas")
    page.wait_for_timeout(300)
    drawn = page.evaluate(
        "() => { const one = document.querySelector('canvas');"
        " const all = one.getContext('2d').getImageData(0, 0, one.width, one.height).data;"
        " return all.filter((value, at) => at % 4 === 3 && value > 0).length; }"
    )
    head = page.locator("header").inner_text()
    context.close()
    assert asked == [path.as_uri()]
    assert wrong == []
    assert drawn > 500
    assert snapshot.as_of.isoformat() in head
    for word in words:
        assert word.lower() in head.lower()
