"""What the command line shows: steps in words, tables, errors; and in which language."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from ledger.errors import DayanError
from ledger.words import label, message

if TYPE_CHECKING:
    from extraction.outcome import Outcome, Summary

out = Console()
err = Console(stderr=True)
#: A document's line in the report is folded away when there are more than this many.
MOST_LINES = 30


@contextmanager
def steps(lang: str) -> Iterator[Callable[..., None]]:
    """A line and a bar for each thing that is done: call it with a step's code and what fills its sentence.

    `word`, a label's key, fills `{what}`. A step that can be counted is called again with `done` of
    `total`: its bar moves; one that cannot has a bar that only says that something goes on.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=False) as bar:
        current, shown = None, ""

        def end() -> None:
            if current is not None:
                bar.update(current, total=1, completed=1)

        def step(
            code: str, *, word: str = "", done: int = 0, total: int | None = None, **params: object
        ) -> None:
            nonlocal current, shown
            text = message(f"step_{code}", lang, what=label(word, lang) if word else "", **params)
            if current is None or text != shown:
                end()
                current, shown = bar.add_task(text, total=None), text
            if total is not None:
                bar.update(current, completed=done, total=total)

        yield step
        end()


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> Table:
    """A plain table; columns named in `right` are numbers."""
    made = Table(show_edge=False, pad_edge=False)
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if v is None else str(v) for v in row))
    return made


def summary_table(summary: "Summary", lang: str) -> Table:
    """Read, new, duplicate and rejected rows and invoices with warnings, a line a document (folded when
    there are many) and the total."""
    heads = ("document", "format", "result", "rows", "new", "duplicates", "rejected", "warnings")
    counts = ("rows", "new", "duplicates", "rejected", "warned")
    names = [label(k, lang) for k in heads]
    shown = summary.outcomes if len(summary.outcomes) <= MOST_LINES else _notable(summary.outcomes)
    rows: list[Sequence[object]] = [
        (
            o.name,
            o.format,
            _result(o, lang),
            *(f"{getattr(o, c):,}" for c in counts),
        )
        for o in shown
    ]
    if hidden := len(summary.outcomes) - len(shown):
        rows.append((f"… + {hidden:,}", *[""] * (len(names) - 1)))
    totals = (f"{summary.total(c):,}" for c in counts)
    rows.append((label("total", lang), "", f"{len(summary.outcomes):,}", *totals))
    return table(names, rows, right=names[3:])


def _notable(outcomes: Sequence["Outcome"]) -> Sequence["Outcome"]:
    """What a person wants to see of many: failures and rejects first, then the largest."""
    ranked = sorted(outcomes, key=lambda o: (o.state != "failed", o.rejected == 0, -o.rows, o.name))
    return ranked[:MOST_LINES]


def _result(outcome: "Outcome", lang: str) -> str:
    name = label(outcome.state, lang)
    return f"[red]{name}[/]" if outcome.error else name


def tell(error: DayanError, lang: str) -> None:
    """An error and its details, on the error stream."""
    err.print(f"[red]{error.text(lang)}[/]", highlight=False)
    for problem in error.problems[:20]:
        where = ":".join(str(p) for p in (problem.file, problem.row or "", problem.field) if p != "")
        err.print(f"  {where} {problem.text(lang)}", highlight=False, markup=False)
