"""Packages of the extra `learn`, which the core does without: imported only when asked for."""

import warnings
from importlib import import_module
from typing import Any

from ledger.errors import MissingExtra

_EXTRA = ("torch", "torch_geometric", "lightgbm", "sklearn")


def needed(module: str) -> Any:
    """`module`: a package of the extra, or one of ours that needs it. MissingExtra where it is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the packages' own, told on import: none is about our code
        try:
            return import_module(module)
        except ImportError as error:
            missing = (error.name or module).split(".")[0]
            if missing not in _EXTRA:
                raise
            raise MissingExtra("learn_extra_missing", extra="learn", package=missing) from None
