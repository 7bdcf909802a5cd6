"""A piece of text that means something: where it stands, what it is, how sure that is and who said so."""

from collections.abc import Iterable
from dataclasses import dataclass

#: What rules find, in the order in which one wins over another at the same place.
RULE_LABELS = (
    *("credit_code", "invoice_number", "contract_number", "account", "money", "term", "date", "period"),
    *("rate", "company"),
)
#: What the shipped model finds.
MODEL_LABELS = ("company", "short_name", "product", "person", "place")
#: Every label there is; `span_<label>` in `ledger/words_prose.yaml` names it in both languages.
LABELS = (*RULE_LABELS, *(label for label in MODEL_LABELS if label not in RULE_LABELS))


@dataclass(frozen=True, order=True)
class Span:
    """`text` is exactly what stands from `start` to `end` of the source; `confidence` lies in 0 to 1.

    `method` in the words of the ledger: rule | crf (the trained model) | llm (the user's endpoint) | door
    (another finder of the user's own).
    """

    start: int
    end: int
    label: str
    text: str
    confidence: float = 1.0
    method: str = "rule"

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


def apart(spans: Iterable[Span]) -> list[Span]:
    """The spans in the order of the text, without overlaps: whoever comes first in `spans` stays."""
    kept: list[Span] = []
    taken: set[int] = set()
    for span in spans:
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            kept.append(span)
            taken.update(places)
    return sorted(kept)
