"""Invented loans to the firms of a synthetic economy, and which of them defaulted within twelve months.

Every month a firm fails with the hazard

    λ = exp(c + own + CONTAGION · Σ_j weight_j · (weak_j + FALLEN · failed_j))

over its buyers j: `own` is what its books show (size, growth, how much hangs on one buyer, trade) and what
they do not; `weight_j` is the buyer's share of its sales, times 1 + EXTRA from DEPENDENT on; `weak_j` is how
feeble buyer j's own business is, which makes it pay late; `failed_j` says that it failed in the last twelve
months. So trouble runs up the supply links, hardest where one buyer is most of the sales. All of it is
invented and says so (`synthetic`); the constants are choices and no estimates.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from seeds.firms import Firms
from seeds.goods import Floats, Ints
from seeds.links import HUB, Links
from seeds.seasons import FIRST, GROWTH, growth_of
from seeds.streams import stream
from seeds.trade import Trade

#: Months simulated from FIRST on, the first in which loans are booked and the month after the last.
MONTHS, BOOKED_FROM, BOOKED_TO = 37, 3, 24
TERM = 12
BORROWERS = 0.8
#: Mean share of firms that fail in a year as long as none of their buyers has.
YEARLY = 0.08
CONTAGION, FALLEN, EXTRA, DEPENDENT = 1.6, 2.0, 0.8, 0.3
_SIZE, _GROWTH, _TOP, _TRADER, _HIDDEN = -0.6, -0.4, 0.3, 0.2, 0.3


@dataclass(frozen=True)
class Spread:
    """Links along which trouble runs: the supplier, its buyer, and the weight of that buyer's trouble."""

    supplier: Ints
    buyer: Ints
    weight: Floats


def loans_of(firms: Firms, links: Links, trade: Trade, seed: int) -> pl.DataFrame:
    """One row a loan, sorted by code: code, loan, booked_on (a month's last day), months, amount_fen,
    defaulted, defaulted_on, known_on (when the outcome was known), synthetic.

    A firm has one loan at most; who failed before borrows no more. Same arguments, same rows.
    """
    failed = failures(firms, links, trade, seed)
    rng = stream(seed, "loans")
    wants = (rng.random(firms.count) < BORROWERS) & (firms.segment >= 0)
    wants[firms.cores] = False
    booked = rng.integers(BOOKED_FROM, BOOKED_TO, firms.count)
    share = rng.uniform(0.05, 0.25, firms.count)
    day = rng.integers(0, 28, firms.count)
    who = np.flatnonzero(wants & (failed > booked))
    late = (failed - booked)[who]
    bad = late <= TERM
    ends = [_month_end(int(m)) for m in booked[who]]
    within = zip(failed[who], day[who], strict=True)
    fallen = [_month_end(int(m) - 1) + timedelta(days=int(d) + 1) for m, d in within]
    closed = [_month_end(int(m) + TERM) for m in booked[who]]
    amount = np.maximum(np.round(trade.sales[who] * share[who] / 10_000), 1.0) * 1_000_000
    table = pl.DataFrame(
        {
            "code": firms.code.gather(who),
            "loan": pl.Series([f"SYN-{seed}-{n:06d}" for n in who]),
            "booked_on": ends,
            "months": np.full(len(who), TERM, np.int32),
            "amount_fen": np.minimum(amount, 1e9).astype(np.int64),
            "defaulted": bad,
            "defaulted_on": pl.Series(fallen, dtype=pl.Date),
            "known_on": pl.Series(closed, dtype=pl.Date),
            "synthetic": np.ones(len(who), np.bool_),
        }
    )
    happened = pl.when("defaulted").then("defaulted_on")
    known = pl.coalesce("defaulted_on", "known_on")
    return table.with_columns(defaulted_on=happened).with_columns(known_on=known).sort("code")


def failures(firms: Firms, links: Links, trade: Trade, seed: int, contagion: float = CONTAGION) -> Ints:
    """int64[n]: the month, 0 = that of FIRST, in which each firm fails; MONTHS where it does not."""
    own, weak = _own(firms, links, trade, seed), weakness(firms, trade, seed)
    spread = spread_of(links, trade)
    able = firms.segment >= 0
    lasting = own + contagion * np.bincount(spread.supplier, spread.weight * weak[spread.buyer], firms.count)
    base = np.log(YEARLY / 12) - np.log(np.exp(lasting[able]).mean())
    rng = stream(seed, "failures")
    failed = np.full(firms.count, MONTHS, np.int64)
    for month in range(MONTHS):
        recent = (failed < month) & (failed >= month - TERM)
        trouble = spread.weight * (weak + FALLEN * recent)[spread.buyer]
        caught = np.bincount(spread.supplier, trouble, firms.count)
        hazard = np.exp(base + own + contagion * caught)
        falls = (rng.random(firms.count) < 1 - np.exp(-hazard)) & able & (failed == MONTHS)
        falls[firms.cores] = False
        failed[falls] = month
    return failed


def spread_of(links: Links, trade: Trade) -> Spread:
    """The supply links; a weight is the buyer's share of the supplier's sales, more from DEPENDENT on."""
    kept = links.kind != HUB
    supplier, buyer, amount = links.src[kept], links.dst[kept], trade.amount[kept]
    whole = np.bincount(supplier, amount, len(trade.sales)) + trade.retail * 2
    share = amount / np.maximum(whole[supplier], 1.0)
    return Spread(supplier, buyer, share * (1 + EXTRA * (share >= DEPENDENT)))


def weakness(firms: Firms, trade: Trade, seed: int) -> Floats:
    """float64[n]: how feeble each firm's business is as its suppliers feel it; 0 is the average firm."""
    size = _standard(np.log(np.maximum(trade.sales, 1.0)))
    grows = _standard(np.array(GROWTH)[growth_of(firms)])
    hidden = stream(seed, "weakness").normal(0, 0.3, firms.count)
    return np.asarray(np.clip(-0.8 * size - 0.6 * grows + hidden, -1.5, 2.5), np.float64)


def _own(firms: Firms, links: Links, trade: Trade, seed: int) -> Floats:
    """float64[n]: logarithm of a firm's own hazard beside the average's."""
    spread = spread_of(links, trade)
    top = np.zeros(firms.count)
    np.maximum.at(top, spread.supplier, spread.weight)
    hidden = stream(seed, "fragility").normal(0, _HIDDEN, firms.count)
    size = _standard(np.log(np.maximum(trade.sales, 1.0)))
    grows = _standard(np.array(GROWTH)[growth_of(firms)])
    return np.asarray(
        _SIZE * size + _GROWTH * grows + _TOP * _standard(top) + _TRADER * firms.trader + hidden, np.float64
    )


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-9))


def _month_end(month: int) -> date:
    """The last day of a month, 0 = that of FIRST."""
    following = FIRST.year * 12 + FIRST.month + month
    return date(following // 12, following % 12 + 1, 1) - timedelta(days=1)
