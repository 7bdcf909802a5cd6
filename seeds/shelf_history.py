"""Daily flows and holders of the generated products: what a manager would see, all of it invented."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: Trading days turn over this share of a product, roughly; closed days a tenth of it.
_TURNED = 0.006


def history(product: str, size_fen: int, open_days: list[bool], first: date) -> Ints:
    """Subscriptions and redemptions of each day from `first` on, int64[2, days] in fen; `open_days`: whether
    the exchange is open. The same product and day give the same flow whatever the stretch asked for."""
    flows = np.empty((2, len(open_days)))
    number = int.from_bytes(product.encode()[-6:], "big")
    base = np.random.default_rng([number, 7]).uniform(0.6, 1.6, 2) * _TURNED
    for i, is_open in enumerate(open_days):
        day = first + timedelta(days=i)
        rng = np.random.default_rng([number, day.toordinal()])
        week = np.random.default_rng([number, day.toordinal() // 7]).normal(0, 0.12, 2)
        quarter_end = day.month % 3 == 0 and day.day >= 17
        month_begin = day.day <= 5
        effect = np.array([0.25 * month_begin + 0.1 * (day.weekday() == 0), 0.45 * quarter_end])
        effect += (-2.2 if not is_open else 0.0) + week + rng.normal(0, 0.28, 2)
        flows[:, i] = base * size_fen * np.exp(effect)
    return np.maximum(flows, 100).astype(np.int64)


def holders(product: str, size_fen: int, enterprises: list[str], known: int) -> list[tuple[str, int]]:
    """`known` of the product's holders with what each holds, in fen: drawn by the product's id."""
    if not enterprises or known <= 0:
        return []
    number = int.from_bytes(product.encode()[-6:], "big")
    rng = np.random.default_rng([number, 11])
    chosen = rng.choice(len(enterprises), min(known, len(enterprises)), replace=False)
    shares = rng.dirichlet(np.ones(len(chosen))) * 0.25
    return [(enterprises[int(i)], int(size_fen * s)) for i, s in zip(chosen, shares, strict=True)]
