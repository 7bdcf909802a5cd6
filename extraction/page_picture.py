"""Pages of a PDF, or a photograph, as pictures, drawn by a process of its own: a file that breaks the
drawing, or never ends it, costs that process and nothing else.

`python -m extraction.page_picture FILE PAGE SCALE` writes a line of JSON and after it the PNG; page 0
asks for the sizes of all pages only.
"""

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from extraction.photo.picture import is_picture, size_in_points, upright
from ledger.errors import FileUnreadable, NotFound

#: Seconds and bytes of memory that one page may take.
PATIENCE_S, MEMORY = 20.0, 2 << 30
#: Pixels along the longer side of a picture.
LONGEST_SIDE = 4_000


@dataclass(frozen=True)
class Picture:
    """A page as PNG; its size is in points, for boxes are."""

    png: bytes
    width: float
    height: float
    pages: int


def sizes(path: Path, name: str) -> list[tuple[float, float]]:
    """Width and height in points of every page of the PDF or picture at `path`. Raises FileUnreadable."""
    told, _ = _drawn(path, name, 0, 1.0)
    return [(float(w), float(h)) for w, h in told["sizes"]]


def picture(path: Path, name: str, page: int, scale: float) -> Picture:
    """Page `page` (from 1), `scale` pixels a point. Raises FileUnreadable, NotFound `page_not_found`."""
    told, png = _drawn(path, name, page, scale)
    if "width" not in told:
        raise NotFound("page_not_found", page=page, pages=told["pages"])
    return Picture(png, told["width"], told["height"], told["pages"])


def _drawn(path: Path, name: str, page: int, scale: float) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, "-m", "extraction.page_picture", str(path), str(page), str(scale)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False,
            cwd=Path(__file__).parents[1],
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise FileUnreadable("page_takes_too_long", file=name) from None
    if done.returncode:
        raise FileUnreadable("file_malformed", file=name, detail="PDF")
    line, _, png = done.stdout.partition(b"\n")
    return json.loads(line), png


def _draw(path: Path, number: int, scale: float) -> tuple[dict[str, Any], bytes]:
    import pypdfium2 as pdfium

    data = path.read_bytes()
    if is_picture(data):
        return _draw_picture(data, path.name, number, scale)
    document = pdfium.PdfDocument(data)
    pages = len(document)
    if number == 0:
        return {"sizes": [document.get_page_size(i) for i in range(pages)], "pages": pages}, b""
    if not 1 <= number <= pages:
        return {"pages": pages}, b""
    page = document[number - 1]
    width, height = page.get_size()
    out = BytesIO()
    scale = min(scale, LONGEST_SIDE / max(width, height, 1.0))
    page.render(scale=scale, may_draw_forms=False).to_pil().save(out, "PNG")
    return {"width": width, "height": height, "pages": pages}, out.getvalue()


def _draw_picture(data: bytes, name: str, number: int, scale: float) -> tuple[dict[str, Any], bytes]:
    image = upright(data, name)
    width, height = size_in_points(image.size)
    if number == 0:
        return {"sizes": [(width, height)], "pages": 1}, b""
    if number != 1:
        return {"pages": 1}, b""
    scale = min(scale, LONGEST_SIDE / max(width, height))
    out = BytesIO()
    size = round(width * scale), round(height * scale)
    if size[0] < image.width:
        image = image.resize(size)
    image.save(out, "PNG")
    return {"width": width, "height": height, "pages": 1}, out.getvalue()


def _main() -> None:
    with suppress(ImportError, ValueError, OSError):  # only where the system can bound a process
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    told, png = _draw(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + png)


if __name__ == "__main__":
    _main()
