"""One payment (or delivery, deposit, rent) of a contract, and how the payments of one price fit together."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from extraction.contracts.document import Place
from extraction.contracts.triggers import spans_in

_HANDED_OVER = ("acceptance", "delivery", "completion")


@dataclass
class Instalment:
    """One payment as the clause has it. `rest`: what the others leave; `upto`: share is the sum so far."""

    kind: str
    text: str
    place: Place
    share: Decimal | None = None
    amount_fen: int | None = None
    trigger: str | None = None
    days: int | None = None
    working_days: bool = False
    due_on: date | None = None
    rest: bool = False
    upto: bool = False
    weak: bool = False  # nothing says which part of the price: all of it, where no other clause does
    surety: bool = False  # security, no part of the price
    every_months: int | None = None  # rent
    until: date | None = None  # rent
    checks: list[str] = field(default_factory=list)

    @property
    def timed(self) -> bool:
        """Whether it says how long after the event, or when."""
        return self.days is not None or self.due_on is not None


def warranted(made: list[Instalment], warranty_days: int | None) -> list[Instalment]:
    """Retentions paid after the warranty: so many days after acceptance, where the paper says how long."""
    for i, found in enumerate(made):
        if found.kind == "retention" and found.trigger is None:
            before = next(
                (m.trigger for m in reversed(made[:i]) if m.trigger in _HANDED_OVER and m.timed), None
            )
            found.trigger = before or "acceptance"
            found.days = found.days if found.days is not None else warranty_days
        if found.trigger is None or not found.trigger.startswith("warranty"):
            continue
        after = found.trigger.partition(":")[2] or "acceptance"
        own = [s.days for s in spans_in(found.text) if s.days >= 90]
        length = own[0] if own else warranty_days
        if length is None:
            found.trigger = "completion"  # the end of the warranty, of unknown length
        else:
            days = found.days or 0
            rest = days - length if days >= length else days if days < 90 else 0
            found.trigger, found.days = after, length + rest
    return made


def settled(made: list[Instalment]) -> list[Instalment]:
    """Instalments with 余款 and 付至 worked out, and what only repeats left out."""
    sure = [m for m in made if not m.weak]
    if any(m.share is not None or m.rest or m.amount_fen is not None for m in sure if not m.surety):
        made = sure
    elif len(made) > 1:
        best = max((m for m in made), key=lambda m: (m.timed, m.trigger is not None))
        made = [best]
    so_far = Decimal(0)
    for found in made:
        if found.surety or found.share is None or found.rest:
            continue
        if found.upto and found.share > so_far:
            found.share -= so_far
        so_far += found.share
    made = _unrepeated(made)
    so_far = sum((m.share for m in made if m.share and not m.rest and not m.surety), Decimal(0))
    rests = [m for m in made if m.rest]
    fixed = all(m.share is not None or m.rest or m.surety for m in made)
    if len(rests) == 1 and fixed and so_far < 1:
        rests[0].share = 1 - so_far
    return made


def _unrepeated(made: list[Instalment]) -> list[Instalment]:
    kept: list[Instalment] = []
    for found in made:
        if all(_said(found) != _said(other) for other in kept):
            kept.append(found)
    total = sum((k.share or Decimal(0) for k in kept if not k.surety), Decimal(0))
    if total > 1:  # the same price told twice, once in short and once at length
        kept = _within_one(kept)
    return kept


def _said(found: Instalment) -> tuple[object, ...]:
    return (
        *(found.kind, found.share, found.amount_fen, found.trigger),
        *(found.days, found.due_on, found.rest),
    )


def _within_one(made: list[Instalment]) -> list[Instalment]:
    """The run of instalments that comes to the whole price and says most about when, if there is one."""
    runs = []
    for i in range(len(made)):
        total = Decimal(0)
        for j in range(i, len(made)):
            total += made[j].share or Decimal(0)
            if total == 1:
                runs.append(made[i : j + 1])
    return max(runs, key=lambda run: sum(m.timed + (m.trigger is not None) for m in run), default=made)
