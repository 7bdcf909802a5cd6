"""`names_in`: everything in a text that has a name or a figure, by rules alone or with a model and doors."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from extraction.prose.companies import companies
from extraction.prose.folding import folded
from extraction.prose.rules import found
from extraction.prose.spans import Span, apart

if TYPE_CHECKING:
    from extraction.prose.model import NameModel


_SURE = 0.95


class Door(Protocol):
    """Whatever else of the user's own finds names: it is asked after the rules and before the model."""

    def spans(self, text: str) -> list[Span]:
        """What it found, every span verbatim in `text`."""


def by_rules(text: str) -> list[Span]:
    """What rules find: codes with their check digit, numbers behind their headings, money, dates,
    periods, terms, and firms by their legal form. Needs no extra."""
    source = folded(text)
    sure = [(a, b, label, confidence) for a, b, label, confidence in found(source.text)]
    firms = [(a, b, "company", confidence) for a, b, confidence in companies(source.text)]
    spans = []
    for start, end, label, confidence in (*sure, *firms):
        a, b = source.back(start, end)
        spans.append(Span(a, b, label, text[a:b], confidence, "rule"))
    return apart(spans)


def names_in(
    text: str, model: "NameModel | None" = None, doors: Iterable[Door] = (), minimum: float = 0.5
) -> list[Span]:
    """Spans of `text` without overlaps, in its order: what rules found, then what `doors` and `model`
    (of at least `minimum` confidence) add where the rules found nothing.

    Without `model` the rules speak alone, and nothing but the core is needed; `model.shipped()` is the
    one that comes with the package.
    """
    spans = by_rules(text)
    for door in doors:
        spans = apart([*spans, *door.spans(text)])
    if model is None:
        return spans
    learned = [span for span in model.spans(text) if span.confidence >= minimum]
    return apart([*_begun_better(spans, learned), *learned])


def _begun_better(spans: list[Span], learned: list[Span]) -> list[Span]:
    """Where a name ends, its legal form says; where it begins, a model that is sure knows better."""
    begins = {s.end: s for s in learned if s.label == "company" and s.confidence >= _SURE}
    better = []
    for span in spans:
        other = begins.get(span.end) if span.label == "company" else None
        better.append(other if other and span.start < other.start else span)
    return better
