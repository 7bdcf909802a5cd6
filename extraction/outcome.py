"""What became of documents: an outcome each, and the summary of a run."""

from collections import Counter
from dataclasses import dataclass, field

from ledger.errors import DayanError, Problem
from ledger.records import TABLES


@dataclass(slots=True)
class Outcome:
    """What became of one document. `state`: read | known | failed. Rows add up:
    rows = accepted + duplicates + rejected; of the accepted, `new` facts were not there before.
    `warned` facts have warnings: `warned_for` counts them by code, `examples` holds one of each.
    `number` is its place among all documents of the run."""

    name: str
    state: str
    format: str = ""
    sha256: str = ""
    rows: int = 0
    duplicates: int = 0
    rejected: int = 0
    facts: int = 0
    new: int = 0
    error: DayanError | None = None
    warnings: list[Problem] = field(default_factory=list)
    warned: int = 0
    warned_for: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Problem] = field(default_factory=dict)
    synthetic: bool = False
    number: int = 0


@dataclass
class Summary:
    """Everything that one run did, a line a document; `stopped` when it was told to end before the end."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: bool = False

    def total(self, what: str) -> int:
        """Sum of a count over all documents read."""
        return sum(getattr(o, what) for o in self.outcomes)

    def count(self, state: str) -> int:
        """Documents that ended in `state`."""
        return sum(o.state == state for o in self.outcomes)

    def warned_for(self) -> list[tuple[Problem, int]]:
        """Every warning that facts carry: an example, and how many carry one; the commonest first."""
        counts: Counter[str] = Counter()
        for outcome in self.outcomes:
            counts.update(outcome.warned_for)
        examples = {code: p for o in reversed(self.outcomes) for code, p in o.examples.items()}
        return [(examples[c], n) for c, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def failed(name: str, error: DayanError, number: int = 0, sha256: str = "") -> Outcome:
    """The outcome of a document that could not be read."""
    return Outcome(name, "failed", sha256=sha256, error=error, number=number)


def same_bytes(outcome: Outcome, name: str, number: int) -> Outcome:
    """The outcome of a document whose bytes were met before in the same run, under another name."""
    error = outcome.error
    if error is not None:
        params = error.params | ({"file": name} if "file" in error.params else {})
        again = failed(name, type(error)(error.code, error.problems, **params), number, outcome.sha256)
        again.format = outcome.format
        return again
    rows = outcome.rows
    return Outcome(name, "known", outcome.format, outcome.sha256, rows=rows, duplicates=rows, number=number)


def warnings_column(table: str) -> str | None:
    """The column of a table whose problems are warnings: `warnings`, or `breaks` of running balances."""
    return next((column for column in ("warnings", "breaks") if column in TABLES[table]), None)
