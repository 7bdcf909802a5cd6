"""The pictures of the README, taken of a served demo: `python docs/pictures.py http://127.0.0.1:8000`.

Map, explorer and an enterprise at 1440×900, the owner's page at 390×844; a palette keeps each file below
250 kB. The server must hold demo data, and its user must need no key.
"""

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.browsing import WINDOW, browser
from bench.pages_times import api, biggest, firm

HERE = Path(__file__).parent
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 250_000
#: Colours of the palette, the first that fits is taken.
COLOURS = (256, 128, 64, 32)


def around(base: str, one: str) -> str:
    """A firm, its path to the core enterprise, and its largest partners, as the explorer's address."""
    hops = [
        end["id"]
        for seat in api(base, f"enterprises/{one}/position")["positions"]
        if seat["path"]
        for hop in seat["path"]["hops"]
        for end in (hop["from"], hop["to"])
    ]
    core = hops[-1]
    near = [(one, "suppliers", 8), (one, "customers", 4), (core, "suppliers", 6), (core, "customers", 6)]
    found = [
        partner["id"]
        for id_, side, limit in near
        for partner in api(base, f"enterprises/{id_}/neighbours?side={side}&limit={limit}")["items"]
    ]
    nodes = dict.fromkeys([one, *hops, *found])
    return f"/explore?nodes={'.'.join(nodes)}&chosen={one}"


def views(base: str) -> list[tuple[str, str, dict[str, int]]]:
    """Name, address and window of each picture."""
    chain, one = biggest(base), firm(base)["id"]
    return [
        ("map", f"/map/{chain}?enterprise={one}", WINDOW),
        ("explorer", around(base, one), WINDOW),
        ("enterprise", f"/enterprise/{one}", WINDOW),
        ("owner", f"/owner?firm={one}&step=consent", PHONE),
    ]


def taken(opened: Any, url: str, window: dict[str, int]) -> bytes:
    """A picture of the window once the page is at rest."""
    context = opened.new_context(viewport=window, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("h1", state="attached")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.mouse.move(0, 0)
    picture: bytes = page.screenshot()
    context.close()
    return picture


def small(picture: bytes) -> bytes:
    """The same with a palette, at most 250 kB. ValueError where no palette is small enough."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        written = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() <= MOST_BYTES:
            return written.getvalue()
    raise ValueError("the picture does not fit")


def main(base: str) -> None:
    """Take and write all of them."""
    with browser() as opened:
        for name, path, window in views(base):
            picture = small(taken(opened, f"{base}{path}{'&' if '?' in path else '?'}lang=zh", window))
            (HERE / f"{name}.png").write_bytes(picture)
            print(f"docs/{name}.png {len(picture) // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
