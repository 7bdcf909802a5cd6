"""What proofs are put together from: rows that open further, parts that say what they leave off, grounds."""

from collections.abc import Iterable, Sequence

from api.asking import Asking
from api.models import Named
from api.models_proofs import Onward, ProofGround, ProofPart, ProofRow, What
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger.words import Lang, label

#: Rows told of one part.
ROWS = 60


def part(name: str, rows: Sequence[ProofRow], lang: Lang, total: int | None = None) -> ProofPart:
    """The first rows of a part, with how many there are."""
    whole = len(rows) if total is None else total
    shown = list(rows[:ROWS])
    return ProofPart(
        name=name,
        label=label(f"proof_{name}", lang),
        rows=shown,
        total=whole,
        note=shown_of(len(shown), whole, lang) if len(shown) < whole else None,
    )


def parts(wanted: Iterable[ProofPart]) -> list[ProofPart]:
    """Those that hold anything."""
    return [one for one in wanted if one.rows]


def grounds(asked: Asking, **told: object) -> list[ProofGround]:
    """What it was worked out by, by name, and the snapshot that all of it was read from."""
    snapshot = asked.snapshot
    said = {**told, "snapshot": f"{snapshot.id} · {snapshot.as_of}"}
    return [
        ProofGround(name=name, label=label(f"proof_by_{name}", asked.lang), text=str(value))
        for name, value in said.items()
        if value is not None and value != ""
    ]


def firm(snapshot: Snapshot, row: int) -> Named:
    """An enterprise."""
    return Named(id=snapshot.id_of(row), name=str(snapshot.enterprises["name"][row]))


def link(seller: str, buyer: str) -> Onward:
    """The papers behind a link."""
    return Onward(of="link", id=seller, partner=buyer)


def fact(id_: str | None) -> Onward | None:
    """A fact, where there is one."""
    return None if id_ is None else Onward(of="fact", id=id_)


def worked(what: What, **given: object) -> Onward:
    """Another proof."""
    told = {name: str(value) for name, value in given.items() if value is not None}
    return Onward(of="worked", what=what, given=told)
