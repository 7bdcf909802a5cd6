"""A picture file → its pixels, upright: nothing is unpacked before its size is known to be bearable."""

import warnings
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from ledger.errors import FileUnreadable, UnsafeFile

#: Pixels of a picture, in all and along a side; a telephone's largest photographs have 200 million and are
#: refused, its ordinary ones 12 to 50.
MOST_PIXELS, LONGEST_SIDE = 64_000_000, 20_000
#: Pixels along the longer and the shorter side below which writing on an invoice cannot be read.
LEAST_SIDES = (600, 300)
#: Pixels along the longer side that are worked with; more makes reading slower and not better.
WORKED_SIDE = 2_400
#: Points along the longer side of a picture: boxes are told in points, as on a page of A4.
POINTS = 842.0
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_FORMATS = ("PNG", "JPEG", "WEBP")

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


def is_picture(data: bytes) -> bool:
    """Whether it is a picture of a kind that is read (PNG, JPEG, WEBP), by its first bytes."""
    return data.startswith(_STARTS) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def pixels_of(data: bytes, file: str) -> Pixels:
    """RGB pixels `(height, width, 3)`, turned as the camera says, no larger than `WORKED_SIDE`.

    UnsafeFile where it would unpack to too much, FileUnreadable where it is broken or too small to read.
    """
    image = upright(data, file)
    if max(image.size) < LEAST_SIDES[0] or min(image.size) < LEAST_SIDES[1]:
        raise FileUnreadable("picture_too_small", file=file, width=image.width, height=image.height)
    image.thumbnail((WORKED_SIDE, WORKED_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image, dtype=np.uint8)


def upright(data: bytes, file: str) -> Image.Image:
    """The picture in RGB, turned as the camera says. Raises as `pixels_of`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a picture's notes is no business of ours
            image: Image.Image = Image.open(BytesIO(data), formats=_FORMATS)
            _check(image.size, file)
            image.draft("RGB", (WORKED_SIDE, WORKED_SIDE))  # a JPEG may come in an eighth of its size
            image.load()
            return ImageOps.exif_transpose(_on_white(image))
    except (UnsafeFile, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise UnsafeFile("picture_too_large", file=file, limit=MOST_PIXELS // 1_000_000) from error
    except Exception as error:
        raise FileUnreadable("picture_broken", file=file) from error


def size_in_points(size: tuple[int, int]) -> tuple[float, float]:
    """Width and height in points of a picture of that many pixels."""
    scale = POINTS / max(size)
    return round(size[0] * scale, 2), round(size[1] * scale, 2)


def _check(size: tuple[int, int], file: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS or max(size) > LONGEST_SIDE:
        raise UnsafeFile("picture_too_large", file=file, limit=MOST_PIXELS // 1_000_000)


def _on_white(image: Image.Image) -> Image.Image:
    """As RGB; what is transparent is paper. The notes stay, for they say which way is up."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        turned: Any = image.convert("RGB")
    else:
        layer = image.convert("RGBA")
        turned = Image.new("RGB", layer.size, "white")
        turned.paste(layer, mask=layer.getchannel("A"))
    turned.info |= {k: v for k, v in image.info.items() if k in ("exif", "xmp")}
    return turned  # type: ignore[no-any-return]
