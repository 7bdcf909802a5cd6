"""The rows of a score as a person reads them, and the one that says most against a candidate."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extraction.who.answers import Feature
from extraction.who.places import places
from extraction.who.weights import FEATURES

#: Why something is no name → the sentence.
NO_NAME = {
    "code": "who_name_is_code",
    "masked": "who_name_masked",
    "generic": "who_name_generic",
    "empty": "who_no_name",
}
#: Which part of a name stands in which row.
_PART = {
    "whole": "whole",
    "brand": "brand",
    "trade": "trade",
    "form": "ending",
    "branch": "branch",
    "short": "stem",
}
#: The row that speaks loudest against → the sentence; others fall under `who_too_little`.
_AGAINST = {
    "brand": "who_other_brand",
    "trade": "who_other_trade",
    "place": "who_other_place",
    "form": "who_other_form",
    "group": "who_other_group",
    "branch": "who_is_branch",
    "code": "who_other_code",
    "judged": "who_judged_different",
}
_LOUD = -1.5


def table(
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    gave: NDArray[np.float32],
    told: Mapping[str, tuple[str, str]],
) -> tuple[Feature, ...]:
    """The rows that gave anything: `left` and `right` are parts of the two names, `told` the rest."""
    rows = []
    for name, given in zip(FEATURES, gave.tolist(), strict=True):
        if given == 0:
            continue
        ends = told.get(name) or _ends(name, left, right)
        rows.append(Feature(f"who_{name}", round(given, 2), *ends))
    return tuple(rows)


def _ends(name: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[str, str]:
    if name == "place":
        return _place(left), _place(right)
    if name == "group":
        return ("集团" if left["group"] else "", "集团" if right["group"] else "")
    part = _PART.get(name)
    return (str(left[part] or ""), str(right[part] or "")) if part else ("", "")


def _place(parts: Mapping[str, Any]) -> str:
    short = places().short
    return "/".join(short.get(code, str(code)) for code in (parts["place"], parts["place2"]) if code)


def why_not(rows: tuple[Feature, ...]) -> Feature:
    """The row that speaks loudest against a candidate, named by its sentence instead of its label."""
    against = [row for row in rows if row.name[4:] in _AGAINST and row.gave <= _LOUD]
    if not against:
        return Feature("who_too_little", 0.0, "", "")
    worst = min(against, key=lambda row: row.gave)
    return replace(worst, name=_AGAINST[worst.name[4:]])
