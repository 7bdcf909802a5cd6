"""A finder of names of the user's own as a door: a callable, a spaCy pipeline, a language model's answer.

Nothing it says is believed as such: a value must stand verbatim in the text, with a label we know,
or it is dropped and counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extraction.credit_codes import is_credit_code
from extraction.prose.folding import folded, verbatim
from extraction.prose.segmenter import needed
from extraction.prose.spans import LABELS, Span, apart
from ledger.errors import InputError

#: Longer than any name; what is longer is a passage.
LONGEST = 120
_MOST = 2_000  # values of one answer


@dataclass(frozen=True)
class Checked:
    """What of an answer stands in the text, and why (not_found, label, shape, too_many, check_digit)
    how many values were dropped."""

    spans: list[Span]
    dropped: Counter[str] = field(default_factory=Counter)


def checked(values: Iterable[Any], text: str, method: str, confidence: float) -> Checked:
    """The pairs (label, value) of `values` as spans of `text`: every place at which a value stands."""
    source = folded(text, blanks=False)
    spans: list[Span] = []
    dropped: Counter[str] = Counter()
    for number, pair in enumerate(values):
        if number >= _MOST:
            dropped["too_many"] += 1
            continue
        if why := _unfit(pair):
            dropped[why] += 1
            continue
        label, value = pair
        places = verbatim(value, source)
        if not places:
            dropped["not_found"] += 1
        spans += [Span(a, b, label, text[a:b], confidence, method) for a, b in places]
    longest_first = sorted(spans, key=lambda span: (span.start - span.end, span))
    return Checked(apart(longest_first), dropped)


def _unfit(pair: Any) -> str:
    if not isinstance(pair, tuple | list) or len(pair) != 2 or not all(isinstance(p, str) for p in pair):
        return "shape"
    label, value = pair
    if label not in LABELS:
        return "label"
    if not 2 <= len(value.strip()) <= LONGEST:
        return "shape"
    if label == "credit_code" and not is_credit_code(folded(value, blanks=False).text.upper()):
        return "check_digit"
    return ""


class CallableDoor:
    """A function from a text to (label, value) pairs, say a transformer's."""

    def __init__(self, finder: Callable[[str], Iterable[tuple[str, str]]], confidence: float = 0.7) -> None:
        self._finder, self._confidence = finder, confidence
        self.dropped: Counter[str] = Counter()

    def spans(self, text: str) -> list[Span]:
        """What of its answer stands in the text; the rest is counted in `dropped`."""
        found = checked(self._finder(text), text, "door", self._confidence)
        self.dropped += found.dropped
        return found.spans


def spacy_door(source: Path | Any, labels: Mapping[str, str], confidence: float = 0.7) -> CallableDoor:
    """The entities of a spaCy pipeline: one that is loaded, or the folder of one. `labels` tells its
    labels in ours; what is not there is not taken. MissingExtra where spaCy is not installed.

    A folder of somebody else's may hold code: only name one that you trust.
    """
    nlp = _loaded(source) if isinstance(source, str | Path) else source

    def finder(text: str) -> list[tuple[str, str]]:
        return [(labels[ent.label_], ent.text) for ent in nlp(text).ents if ent.label_ in labels]

    return CallableDoor(finder, confidence)


def _loaded(folder: str | Path) -> Any:
    spacy = needed("spacy")
    if not Path(folder).is_dir():  # a bare name would be looked for among installed packages
        raise InputError("names_model_unreadable", folder=str(folder), detail="config.cfg")
    try:
        return spacy.load(Path(folder))
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError("names_model_unreadable", folder=str(folder), detail=type(error).__name__) from None
