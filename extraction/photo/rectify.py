"""A photographed sheet → the sheet as if it lay under a scanner, and the way back to the photograph.

The sheet is the largest bright four-cornered thing in the picture. Where none is found (the sheet fills the
picture, or lies on a table as bright) the picture is taken as it is: small leaning is set right later, on
the places of the words.
"""

from typing import Any

import numpy as np

from extraction.photo.needed import needed
from extraction.photo.picture import Matrix, Pixels

#: Pixels along the longer side in which corners are looked for.
_SMALL = 800
#: Share of the picture a sheet must fill, and how far it may fill it: more is the picture itself.
_LEAST, _MOST = 0.15, 0.985
#: Pixels along the longer side of a sheet that is read.
SHEET_SIDE = 1_800
#: Corners of a sheet may stand off right angles by this much (cosine).
_SLANTED = 0.5


def rectified(pixels: Pixels, file: str) -> tuple[Pixels, Matrix]:
    """The sheet's pixels, and the 3 × 3 matrix that takes its pixels to those of the picture."""
    cv2 = needed("cv2", file)
    corners = _corners(cv2, pixels)
    if corners is None:
        height, width = pixels.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
        return _scaled(cv2, pixels, corners)
    return _scaled(cv2, pixels, corners)


def moved(matrix: Matrix, points: Matrix) -> Matrix:
    """Points `(n, 2)` after a projective matrix."""
    flat = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    found: Matrix = flat[:, :2] / flat[:, 2:]
    return found


def _scaled(cv2: Any, pixels: Pixels, corners: Matrix) -> tuple[Pixels, Matrix]:
    """The sheet between its corners, stretched to the size its edges have in the picture."""
    top, right, bottom, left = (float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    width, height = max(top, bottom), max(left, right)
    scale = min(SHEET_SIDE / max(width, height), 2.0)
    width, height = round(width * scale), round(height * scale)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    there = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    manner = cv2.INTER_AREA if scale < 0.7 else cv2.INTER_CUBIC
    sheet = cv2.warpPerspective(pixels, there, (width, height), flags=manner, borderMode=cv2.BORDER_REPLICATE)
    return sheet, np.linalg.inv(np.asarray(there, dtype=np.float64))


def _corners(cv2: Any, pixels: Pixels) -> Matrix | None:
    """Corners of the sheet from the top left with the clock, in pixels of the picture."""
    height, width = pixels.shape[:2]
    scale = min(_SMALL / max(height, width), 1.0)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    best: tuple[float, Matrix] | None = None
    for mask in _masks(cv2, small):
        shapes, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for shape in sorted(shapes, key=cv2.contourArea, reverse=True)[:3]:
            hull = cv2.convexHull(shape)
            four = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
            area = cv2.contourArea(four) / (small.shape[0] * small.shape[1])
            if len(four) != 4 or not _LEAST < area < _MOST or (best and area <= best[0]):
                continue
            found = _ordered(four.reshape(4, 2).astype(np.float64))
            if _is_sheet(found) and cv2.contourArea(shape) > 0.85 * cv2.contourArea(four):
                best = area, found
    return None if best is None else best[1] / scale


def _masks(cv2: Any, small: Pixels) -> list[Any]:
    """What is bright, and what is bright and colourless: paper stands out by one or the other."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (7, 7), 0)
    pale = 255 - cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2HSV)[:, :, 1], (7, 7), 0)
    kernel = np.ones((15, 15), np.uint8)
    masks = []
    for plane in (grey, np.minimum(grey, pale)):
        _, mask = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        masks.append(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel))
    return masks


def _ordered(four: Matrix) -> Matrix:
    """From the top left with the clock."""
    middle = four.mean(axis=0)
    turned = four[np.argsort(np.arctan2(four[:, 1] - middle[1], four[:, 0] - middle[0]))]
    first = int(np.argmin(turned.sum(axis=1)))
    found: Matrix = np.roll(turned, -first, axis=0)
    return found


def _is_sheet(four: Matrix) -> bool:
    """Whether all four corners are about right angles."""
    edges = np.roll(four, -1, axis=0) - four
    edges /= np.linalg.norm(edges, axis=1, keepdims=True)
    return bool((np.abs((edges * np.roll(edges, -1, axis=0)).sum(axis=1)) < _SLANTED).all())
