"""The partners of an enterprise on one side, from the graph store, with how many there are in all."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from api.models import Neighbour, Neighbours
from api.views.notes import shown_of
from graph.snapshot import Snapshot

if TYPE_CHECKING:
    from graph.store import Store


@dataclass(frozen=True)
class Wanted:
    """Which side, and at most how many."""

    side: Literal["suppliers", "customers"]
    limit: int


def neighbours(snapshot: Snapshot, store: "Store", enterprise: str, wanted: Wanted, lang: str) -> Neighbours:
    """The largest partners by amount; the total comes from the snapshot, which the store holds too."""
    index = snapshot.index_of(enterprise)
    assert index is not None
    ends = snapshot.in_indptr if wanted.side == "suppliers" else snapshot.out_indptr
    total = int(ends[index + 1] - ends[index])
    rows = store.run(wanted.side, id=enterprise, limit=wanted.limit)
    items = [Neighbour.model_validate(row) for row in rows]
    return Neighbours(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=items,
        total=total,
        shown=len(items),
        note=shown_of(len(items), total, lang),
    )
