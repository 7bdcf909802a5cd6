"""How soon the map, the explorer and an enterprise's page stand, for bench `pages`."""

import http.client
import json
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench.browsing import WINDOW

TRIES = 5
#: Enterprises that the explorer opens at once.
NODES = 2000
#: Milliseconds after which a page is given up, and of quiet after which it counts as complete.
PATIENCE, QUIET = 30_000, 600
_HAS = "name => performance.getEntriesByName(name).length > 0"
_MARK = "name => performance.getEntriesByName(name).map(one => [one.startTime, one.detail])[0]"
_STEPS = "() => performance.getEntriesByName('explore:step').map(one => one.detail.ms)"
#: Done when no block is on its way and nothing was asked or drawn anew for a while; the time is that of
#: the last change before the quiet.
_SETTLED = """quiet => new Promise(done => {
    let last = performance.now();
    const touched = () => { last = performance.now(); };
    const watch = new MutationObserver(touched);
    watch.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
    new PerformanceObserver(touched).observe({type: 'resource'});
    const look = () => {
        const waits = !document.querySelector('h1')
            || document.querySelector('.state[role=status], .chart [role=img]:empty, .wait');
        if (waits) touched();
        if (performance.now() - last > quiet) { watch.disconnect(); done(last); } else setTimeout(look, 16);
    };
    look();
})"""


def api(base: str, path: str) -> Any:
    """What the API says."""
    where = urlsplit(base)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
    connection.request("GET", f"/v1/{path}", headers={"Accept-Language": "zh"})
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"/v1/{path}: {answer.status}")
    return json.loads(told)


def biggest(base: str) -> str:
    """The chain with the most enterprises."""
    chains = api(base, "chains")["items"]
    return str(max(chains, key=lambda one: (one["enterprises"], one["id"]))["id"])


def firm(base: str) -> dict[str, Any]:
    """A supplier with its own books and a path of goods to its core enterprise: the one of most sales.

    RuntimeError where there is none among the first hundred.
    """
    chain = biggest(base)
    fits = "own_books=true&is_core=false&placed=true&basis=observed&level_from=2"
    rows: list[dict[str, Any]] = api(base, f"lists/screen?{fits}&chain={chain}&limit=100")["items"]
    for row in rows:
        seats = api(base, f"enterprises/{row['id']}/position")["positions"]
        if any(seat["path"] for seat in seats if seat["chain"]["id"] == chain):
            return row
    raise RuntimeError("no supplier with a path to a core enterprise")


def painted(opened: Any, base: str) -> float:
    """Milliseconds until the map of the largest chain is painted, cache empty: the median."""
    url = f"{base}/map/{biggest(base)}?lang=zh"
    return round(median(_map(opened, url) for _ in range(TRIES)), 1)


def _map(opened: Any, url: str) -> float:
    context, page = _open(opened, url)
    try:
        return float(_marked(page, "map:painted")[0])
    finally:
        context.close()


def explorer(opened: Any, base: str) -> tuple[float, float]:
    """Milliseconds until 2,000 enterprises are painted, and of one step of the camera: the medians.

    RuntimeError where the picture holds fewer.
    """
    url = f"{base}/explore?chain={biggest(base)}&top={NODES}&lang=zh"
    firsts, steps = zip(*(_explored(opened, url) for _ in range(TRIES)), strict=True)
    return round(median(firsts), 1), round(median(steps), 1)


def _explored(opened: Any, url: str) -> tuple[float, float]:
    context, page = _open(opened, url)
    try:
        first, detail = _marked(page, "explore:painted")
        if detail["nodes"] < NODES:
            raise RuntimeError(f"the picture holds {detail['nodes']} of {NODES} enterprises")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(QUIET)
        page.evaluate("() => performance.clearMarks('explore:step')")
        box = page.locator("canvas").last.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.wheel(0, -240)
        _marked(page, "explore:step")
        page.wait_for_timeout(QUIET)
        return float(first), float(max(page.evaluate(_STEPS)))
    finally:
        context.close()


def enterprise(opened: Any, base: str) -> float:
    """Milliseconds until every block of an enterprise's page has settled and nothing is asked any more."""
    url = f"{base}/enterprise/{firm(base)['id']}?lang=zh"
    return round(median(_settled(opened, url) for _ in range(TRIES)), 1)


def _settled(opened: Any, url: str) -> float:
    context, page = _open(opened, url)
    try:
        page.wait_for_selector("h1", state="attached")
        return float(page.evaluate(_SETTLED, QUIET))
    finally:
        context.close()


def _open(opened: Any, url: str) -> tuple[Any, Any]:
    """A context with an empty cache, and the page as soon as its navigation began."""
    context = opened.new_context(viewport=WINDOW)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url, wait_until="commit")
    return context, page


def _marked(page: Any, name: str) -> tuple[float, Any]:
    """When the page made a mark, and what it told with it."""
    page.wait_for_function(_HAS, arg=name, polling=20)
    at, detail = page.evaluate(_MARK, name)
    return float(at), detail
