"""Features of what would be left of a firm's business without its best partners and its best months.

Two firms of equal sales differ where one lives on a single order. All figures here look at the whole of the
books, which a thin file needs; where growth and lost customers count, `books` and `partners` say them.
"""

from typing import Any

import numpy as np

from graph.csr import Float64, Mask
from services.features.books import NOBODY, NOTHING, absent, few
from services.features.columns import Column, column, log10, ratio
from services.features.partners import owner_of
from services.features.seen import LEAST_MONTHS, Seen, Side

#: A month or a partner counts as steady business in so many months.
STEADY = 3
#: A month of real business, in yuan.
SMALL, LARGE = 10_000, 100_000
_WORDS: tuple[tuple[Side, str, str], ...] = (
    ("sale", "sales", "customer"),
    ("purchase", "purchases", "supplier"),
)


def strength(seen: Seen) -> dict[str, Column]:
    """Group `strength`."""
    found: dict[str, Column] = {}
    months = {side: by_month(seen, side) for side, _, _ in _WORDS}
    for side, word, partner in _WORDS:
        found |= _of_months(seen, side, word, months[side])
        found |= _of_partners(seen, side, word, partner)
        found |= _of_invoices(seen, side, word)
    return found | _of_both(seen, months["sale"], months["purchase"])


def by_month(seen: Seen, side: Side) -> Float64:
    """float64[n, months]: net yuan of each month that the books run over, NaN outside."""
    own = seen.books(side)
    firm, month, amount = seen.amounts(side)
    place = firm.astype(np.int64) * seen.months + month
    size = seen.firms * seen.months
    whole = np.bincount(place, amount, size).reshape(seen.firms, seen.months) / 100
    at = np.arange(seen.months)[None, :]
    inside = own.there[:, None] & (at >= own.first[:, None]) & (at <= own.end[:, None])
    return np.where(inside, whole, np.nan)


def _of_months(seen: Seen, side: Side, word: str, months: Float64) -> dict[str, Column]:
    none, enough = absent(seen, side), few(seen, side)
    span = (seen.books(side).span < LEAST_MONTHS, "books_short")
    inside = ~np.isnan(months)
    yuan = np.where(inside, months, 0.0)
    total, active = yuan.sum(axis=1), yuan > 0
    best = -np.partition(-yuan, min(STEADY, yuan.shape[1] - 1), axis=1)[:, :STEADY] if yuan.size else yuan
    count = inside.sum(axis=1)
    mean = ratio(total, count)
    spread = np.sqrt(ratio(((yuan - np.nan_to_num(mean)[:, None]) ** 2 * inside).sum(axis=1), count))
    return {
        f"log_{word}_total": column(log10(total), *none),
        f"log_{word}_beyond_month": column(log10(total - best.max(axis=1, initial=0.0)), *none),
        f"log_{word}_beyond_months": column(log10(total - best.sum(axis=1)), *none),
        f"log_{word}_best_months": column(log10(best.sum(axis=1)), *none),
        f"log_{word}_median_month": column(log10(_median(yuan, active)), *enough),
        f"{word}_months_small": column((yuan > SMALL).sum(axis=1), *none),
        f"{word}_months_large": column((yuan > LARGE).sum(axis=1), *none),
        f"{word}_volatility_all": column(
            np.minimum(ratio(spread, np.abs(mean)), 10.0), *enough, span, (~(np.abs(mean) > 0), NOTHING[side])
        ),
        f"{word}_idle_share": column(1 - ratio(active.sum(axis=1), count), *enough),
    }  # fmt: skip


def _median(yuan: Float64, active: Mask) -> Float64:
    """float64[n]: of the months with business, 0 where there are none."""
    ranked = np.sort(np.where(active, yuan, np.inf), axis=1)
    count = active.sum(axis=1)
    row = np.arange(len(yuan))
    low, high = ranked[row, np.maximum(count - 1, 0) // 2], ranked[row, count // 2 * (count > 0)]
    middle = np.where(count % 2 == 1, low, (low + high) / 2)
    return np.where(count > 0, middle, 0.0)


def _of_partners(seen: Seen, side: Side, word: str, partner: str) -> dict[str, Column]:
    n, enough = seen.firms, few(seen, side)
    firm, _ = owner_of(seen, side)
    yuan = np.maximum(seen.traded(side).whole, 0) / 100
    months = months_of(seen, side)
    whole = np.bincount(firm, yuan, n)
    traded = yuan > 0
    count = np.bincount(firm[traded], minlength=n)
    steady = traded & (months >= STEADY)
    order = np.lexsort((-yuan, firm))
    ranked, values = firm[order], yuan[order]
    rank = np.arange(len(ranked)) - np.searchsorted(ranked, np.arange(n))[ranked]
    top = {k: np.bincount(ranked[rank < k], values[rank < k], n) for k in (1, STEADY)}
    nobody = (~(whole > 0), NOBODY[side])
    told = [*absent(seen, side), nobody]
    square = np.bincount(firm, (yuan / np.maximum(whole, 1)[firm]) ** 2, n)
    return {
        f"log_{word}_beyond_top1": column(log10(whole - top[1]), *told),
        f"log_{word}_beyond_top3": column(log10(whole - top[STEADY]), *told),
        f"log_{word}_steady": column(log10(np.bincount(firm[steady], yuan[steady], n)), *told),
        f"steady_{partner}_share": column(
            ratio(np.bincount(firm[steady], yuan[steady], n), whole), *enough, nobody
        ),
        f"once_{partner}_share": column(
            ratio(np.bincount(firm[traded & (months <= 1)], minlength=n), count), *enough, nobody
        ),
        f"hhi_{partner}s_all": column(square, *enough, nobody),
        f"top1_{partner}_all": column(ratio(top[1], whole), *enough, nobody),
        f"longest_{partner}": column(_most(firm, months, n), *told),
    }


def months_of(seen: Seen, side: Side) -> Any:
    """int64[m]: months with goods over each link that the owner's books of that side run over."""
    view, own = seen.view, seen.books(side)
    owner, _ = owner_of(seen, side)
    edge, month = view.flow["edge"].to_numpy(), view.flow["month"].to_numpy()
    good = view.flow["amount_fen"].to_numpy() > 0
    firm = owner[edge]
    inside = good & own.there[firm] & (month >= own.first[firm]) & (month <= own.end[firm])
    return np.bincount(edge[inside], minlength=view.graph.edges)


def _most(firm: Any, months: Any, n: int) -> Any:
    most = np.zeros(n, np.int64)
    np.maximum.at(most, firm, months)
    return most


def _of_invoices(seen: Seen, side: Side, word: str) -> dict[str, Column]:
    """By which rate of tax, and on which days: from the valid blue invoices of the books."""
    rows, none = seen.covered(side), few(seen, side)
    firm = rows["enterprise"].to_numpy()

    def whole(name: str) -> Float64:
        # A null (of a snapshot written before the column was) must not read as nothing: it is NaN here.
        values = rows[name].cast(float).to_numpy()
        return np.asarray(np.bincount(firm, values, seen.firms), np.float64)

    blue, rated = whole("blue"), whole("rated_fen")
    old = (np.isnan(blue), "older_snapshot")
    empty, untold = (~(blue > 0), NOTHING[side]), (~(rated > 0), "not_stated")
    return {
        f"{word}_weekend_share": column(ratio(whole("weekend"), blue), *none, old, empty),
        f"{word}_month_end_share": column(ratio(whole("month_end"), blue), *none, old, empty),
        f"{word}_full_rate_share": column(ratio(whole("full_rate_fen"), rated), *none, old, empty, untold),
        f"{word}_low_rate_share": column(ratio(whole("low_rate_fen"), rated), *none, old, empty, untold),
    }


def _of_both(seen: Seen, sold: Float64, bought: Float64) -> dict[str, Column]:
    """Months in which more was bought than sold, and in which it only bought, of those in either book."""
    seen_either = ~np.isnan(sold) | ~np.isnan(bought)
    sold, bought = np.nan_to_num(sold), np.nan_to_num(bought)
    either = seen_either & ((sold > 0) | (bought > 0))
    count = either.sum(axis=1)
    none = [*few(seen, "sale"), *few(seen, "purchase"), (count == 0, "nothing_sold")]
    return {
        "loss_months_share": column(ratio((either & (bought > sold)).sum(axis=1), count), *none),
        "buying_only_share": column(ratio((either & (bought > 0) & (sold <= 0)).sum(axis=1), count), *none),
        "log_sales_over_purchases": column(
            log10(np.maximum(sold.sum(axis=1), 0)) - log10(np.maximum(bought.sum(axis=1), 0)), *none
        ),
    }
