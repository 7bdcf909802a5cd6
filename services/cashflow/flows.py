"""A known flow to come: what it is, when, how much, and what says so."""

from dataclasses import dataclass
from datetime import date

#: Kinds of known flows, in the order they are told.
KINDS = (
    *("receivable", "payable", "contract", "rent", "bill"),
    *("wages", "social", "tax", "fee", "interest", "trade", "vat"),
)
#: What a known flow rests on.
BASES = ("statements", "not_proven", "contract", "overdue", "bill", "history", "computed")


@dataclass(frozen=True)
class KnownFlow:
    """`on`: the banking day it is expected on, the first of `count` until `until`; `amount_fen` with tax,
    never negative; `partner`: row of the other firm; `fact`: the paper's id; `spread`: standard deviation of
    its amount as a share; `late`: mean days it may come late."""

    kind: str
    direction: str
    on: date
    amount_fen: int
    basis: str
    partner: int | None = None
    fact: str | None = None
    count: int = 1
    until: date | None = None
    spread: float = 0.0
    late: float = 0.0
