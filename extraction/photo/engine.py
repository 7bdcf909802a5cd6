"""The writing on a picture, line by line with the corners it stands in: one engine a process, made when the
first picture comes. The models lie in the package; nothing is ever fetched.

One thread: a bulk load has a process a core already, and the same picture gives the same text.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from extraction.photo.needed import needed
from extraction.photo.picture import Matrix, Pixels
from ledger.errors import MissingExtra

_MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
#: The engine keeps state that threads must not share.
_LOCK = Lock()


@dataclass(frozen=True)
class Spot:
    """A run of writing: its text, how sure (0 to 1), its corners `(4, 2)` in pixels from the top left, with
    the clock; `letters` is each letter with where its middle lies along the run, 0 to 1."""

    text: str
    score: float
    corners: Matrix
    letters: tuple[tuple[str, float], ...] = ()


def spots_of(pixels: Pixels, file: str) -> list[Spot]:
    """All writing on a picture (RGB). MissingExtra without the extra `ocr`."""
    engine = _engine(file)
    with _LOCK:
        found = engine(
            np.ascontiguousarray(pixels[:, :, ::-1]),
            use_cls=False,
            return_word_box=True,
            return_single_char_box=True,
        )
    if found.boxes is None or found.txts is None:
        return []
    words = found.word_results or [()] * len(found.txts)
    return [
        Spot(text, float(score), np.asarray(box, dtype=np.float64), _letters(box, parts))
        for box, text, score, parts in zip(found.boxes, found.txts, found.scores, words, strict=True)
        if text.strip()
    ]


def _letters(corners: Any, words: Any) -> tuple[tuple[str, float], ...]:
    """Parts of a run with where each begins and ends, as shares of its length."""
    box = np.asarray(corners, dtype=np.float64)
    start, along = box[0], box[1] - box[0]
    long = float(along @ along) or 1.0
    return tuple(
        (text, float((np.asarray(place, dtype=np.float64).mean(axis=0) - start) @ along / long))
        for text, _, place in words
        if text.strip()
    )


def _engine(file: str) -> Any:
    package = needed("rapidocr", file)
    needed("onnxruntime", file)
    return _made(Path(package.__file__).parent / "models", file)


@lru_cache(maxsize=1)
def _made(models: Path, file: str) -> Any:
    paths = {f"{part}.model_path": str(models / name) for part, name in _MODELS.items()}
    for path in paths.values():
        if not Path(path).is_file():  # a package without its models would go and fetch them
            raise MissingExtra("ocr_extra_missing", extra="ocr", package=Path(path).name, file=file)
    return needed("rapidocr", file).RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": 4_000,  # pictures come in the size they are to be read in
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            **paths,
        }
    )
