"""A value found in a contract: what it is, as printed, where, how, and what speaks for it."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from extraction.contracts.document import Place

T = TypeVar("T")

#: How sure each way of finding is, before any check: a cell under its heading, a value behind its label,
#: a value told by the words around it, a conclusion from several such.
SURE = {"table": 0.95, "label": 0.95, "prose": 0.85, "concluded": 0.75}
#: How sure a value is that failed a check, as on invoices.
DOUBTED = 0.45


@dataclass
class Found(Generic[T]):
    """A value. `way` is a key of `SURE`; `checks` are codes of the checks it passed."""

    value: T
    text: str
    place: Place = field(default_factory=Place)
    way: str = "label"
    checks: list[str] = field(default_factory=list)
    doubted: bool = False  # it failed a check

    @property
    def method(self) -> str:
        """As the ledger's table `fields` names it."""
        return "table" if self.way == "table" else "rule"

    @property
    def confidence(self) -> float:
        """How sure: by the way it was found, and raised by every check it passed; one that it
        failed takes half, whatever else speaks for it."""
        if self.doubted:
            return DOUBTED
        doubt = 1.0 - SURE[self.way]
        return round(1.0 - doubt / (1 + 2 * len(set(self.checks))), 3)
