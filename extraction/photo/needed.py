"""Packages of the extra `ocr`, which the core does without: imported only when a picture is read."""

import warnings
from importlib import import_module
from typing import Any

from ledger.errors import MissingExtra

#: What the extra brings, by the names under which it is imported.
PACKAGES = ("rapidocr", "onnxruntime", "cv2", "zxingcpp")


def needed(package: str, file: str) -> Any:
    """`package`. MissingExtra, which names `file` and what to hand in instead, where it is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the packages' own, told on import: none is about our code
        try:
            return import_module(package)
        except ImportError as error:
            missing = error.name or package
            raise MissingExtra("ocr_extra_missing", extra="ocr", package=missing, file=file) from None
