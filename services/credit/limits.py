"""The limit: every figure that bounds it with its arithmetic, and which of them is the smallest."""

from dataclasses import dataclass

import numpy as np

from services.credit.inputs import Inputs
from services.credit.policy import Policy


@dataclass(frozen=True)
class Part:
    """One bound. `amount_fen` = `base_fen` × `share`; None where it is not known, with the reason.

    `applies`: whether this product's limit is bound by it; others are told for comparison, with a `reason`
    where the product looks at it and it is too partial to bind.
    """

    name: str
    base_fen: int | None
    share: float | None
    amount_fen: int | None
    applies: bool
    reason: str | None = None


@dataclass(frozen=True)
class Limit:
    """The amount, the part that binds it, and all parts."""

    amount_fen: int
    bound_by: str
    parts: tuple[Part, ...]

    def told(self) -> dict[str, object]:
        """As an answer holds it."""
        return {
            "amount_fen": self.amount_fen,
            "bound_by": self.bound_by,
            "parts": [dict(vars(part)) for part in self.parts],
        }


def limit(inputs: Inputs, policy: Policy, cap_fen: int, thin: bool) -> Limit:
    """The smallest of the request, the grade's cap, the cap of thin books and what the product looks at.

    A part that is not known does not bind, unless none of the product's own parts is known: then thin
    books' cap does. What the firm owes already is taken off every bound but its request: the same cash path
    pays back only once.
    """
    owed = owed_of(inputs)
    product = policy.product(inputs.wish.product)
    own = _own_parts(inputs, policy, set(product.limits))
    unknown = all(part.amount_fen is None for part in own if part.applies)
    parts = (
        Part("requested", inputs.wish.amount_fen, 1.0, inputs.wish.amount_fen, True),
        Part("product", product.most_fen, 1.0, product.most_fen, True),
        Part("grade", cap_fen, 1.0, cap_fen, True),
        Part("thin_books", policy.thin_cap_fen, 1.0, policy.thin_cap_fen, thin or unknown),
        *own,
        *([Part("owed", owed, 1.0, owed, False)] if owed else []),
    )
    known = [
        (part.amount_fen - (0 if part.name == "requested" else owed), i)
        for i, part in enumerate(parts)
        if part.applies and part.amount_fen is not None
    ]
    amount, at = min(known)
    return Limit(max(0, amount) // policy.round_to_fen * policy.round_to_fen, parts[at].name, parts)


def owed_of(inputs: Inputs) -> int:
    """What the firm owes already or may draw, as the limits on exposure count it."""
    return max((use.before_fen for use in inputs.uses if use.dimension == "borrower"), default=0)


def _own_parts(inputs: Inputs, policy: Policy, applied: set[str]) -> list[Part]:
    money, books = inputs.money, inputs.books
    cash = None
    if money.cash_net_fen is not None:
        # A quantile that is one of the scenarios, so that the figure can be shown.
        cash = int(np.quantile(np.array(money.cash_net_fen), policy.cash_quantile, method="lower"))
    advance = None  # each receivable has its own rate: this is their mean
    if money.receivables_fen and money.receivables_advance_fen is not None:
        advance = round(money.receivables_advance_fen / money.receivables_fen, 4)
    figures: tuple[tuple[str, int | None, float | None, str | None], ...] = (
        ("cash_path", cash, policy.cash_share, money.cash_reason),
        ("sales", books.sales_fen, policy.sales_share, "sales_unknown"),
        ("receivables", money.receivables_fen, advance, money.receivables_reason),
        ("contracts", money.contracts_fen, policy.order_share, money.contracts_reason),
    )
    return [
        Part(
            name,
            base,
            share,
            money.receivables_advance_fen if name == "receivables" else _times(base, share),
            name in applied and not (name == "cash_path" and base is not None and reason),
            None if base is not None and name != "cash_path" else reason,
        )
        for name, base, share, reason in figures
    ]


def _times(base: int | None, share: float | None) -> int | None:
    return None if base is None or share is None else int(base * share)
