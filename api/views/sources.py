"""Where a rule or figure comes from, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from ledger.words import label, labels


def source_text(source: str, lang: str) -> str:
    """What policy data name as their source; of one's own policies, as it is written there."""
    key = f"source:{source}"
    return label(key, lang) if key in labels() else source


def sourced(params: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """`params` with their `source`, if they name one, in the reader's words."""
    told = dict(params)
    if isinstance(told.get("source"), str):
        told["source"] = source_text(told["source"], lang)
    return told
