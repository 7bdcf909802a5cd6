"""Features of a firm's own books: size, steadiness, growth against the same season, red and void invoices."""

from typing import Any

import numpy as np

from graph.csr import Float64, Mask
from services.features.columns import Column, column, log10, ratio
from services.features.seen import LEAST_MONTHS, OLD_MONTHS, YEAR, Books, Seen, Side

#: Growth needs so many months of both years; steadiness so many months.
LEAST_PAIRS, LEAST_STEADY = 3, 6
#: Growth and margin beyond this say only that a figure is small.
MOST_GROWTH, LEAST_MARGIN = 10.0, -5.0

NO_BOOKS = {"sale": "no_sales_books", "purchase": "no_purchase_books"}
NOTHING = {"sale": "nothing_sold", "purchase": "nothing_bought"}
#: Why nobody on the other side has a name: who sells, sold to consumers alone.
NOBODY = {"sale": "no_named_customers", "purchase": "nothing_bought"}


def books(seen: Seen) -> dict[str, Column]:
    """Group `books`."""
    return {
        **_size(seen, "sale", "sales", ""),
        **_size(seen, "purchase", "purchases", "_purchases"),
        **_shares(seen, "sale", "sales"),
        **_shares(seen, "purchase", "purchases"),
        **_sold(seen),
        **_margins(seen),
        "books_months": column(seen.books("sale").span, *absent(seen, "sale")),
        "purchase_books_months": column(seen.books("purchase").span, *absent(seen, "purchase")),
        "seen_months": _tenure(seen),
    }


def absent(seen: Seen, side: Side) -> list[tuple[Mask, str]]:
    """No own books of that side."""
    return [(seen.unseen, "no_graph"), (~seen.books(side).there, NO_BOOKS[side])]


def short(seen: Seen, side: Side, least: int = LEAST_MONTHS) -> list[tuple[Mask, str]]:
    """No own books of that side over enough months, up to lately; or sales books with papers of too few of
    them: a shop with two invoices in a year has no yearly sales. Who buys twice a year may need no more."""
    own = seen.books(side)
    shown = (own.shown_year < LEAST_MONTHS) & (side == "sale")
    return [
        *absent(seen, side),
        (own.idle > OLD_MONTHS, "books_old"),
        ((own.span < least) | shown, "books_short"),
    ]


def few(seen: Seen, side: Side) -> list[tuple[Mask, str]]:
    """No own books of that side, or sales books that show papers of too few months, however long ago."""
    shown = (seen.books(side).shown < LEAST_MONTHS) & (side == "sale")
    return [*absent(seen, side), (shown, "books_short")]


def year_sum(own: Books) -> Float64:
    """float64[n]: net amount in fen of the last year of the books, brought to twelve months where they run
    over fewer."""
    months = np.minimum(own.span, YEAR)
    return np.asarray(own.amount[:, :YEAR].sum(axis=1) * ratio(YEAR, months))


def _size(seen: Seen, side: Side, word: str, end: str) -> dict[str, Column]:
    own = seen.books(side)
    months = np.minimum(own.span, YEAR)
    enough, ever = short(seen, side), [*few(seen, side), (own.span < LEAST_MONTHS, "books_short")]
    active = (own.invoices[:, :YEAR] > 0).sum(axis=1)
    invoices = own.invoices[:, :YEAR].sum(axis=1)
    return {
        f"log_{word}": column(log10(year_sum(own) / 100), *enough),
        f"log_{word}_all": column(log10(own.amount_all / 100 * ratio(YEAR, own.span)), *ever),
        f"months_active{end}": column(active, *enough),
        f"idle_months{end}": column(own.idle, *absent(seen, side)),
        f"{word}_growth": growth(seen, side),
        f"{word}_volatility": _volatility(seen, side),
        f"log_invoices{end}": column(log10(ratio(invoices, months)), *enough),
    }


def growth(seen: Seen, side: Side) -> Column:
    """Net amount of the last year's months against the same months a year before: 0.05 is 5 % more.

    Of months that the books cover in both years; January and February count together or not at all, for the
    lunar new year moves between them.
    """
    own = seen.books(side)
    now, then = own.amount[:, :YEAR], own.amount[:, YEAR:]
    both = own.inside[:, YEAR:] & _paired(seen, own)
    sum_now, sum_then = (now * both).sum(axis=1), (then * both).sum(axis=1)
    value = np.clip(ratio(sum_now, sum_then) - 1, -1, MOST_GROWTH)
    lacking = (both.sum(axis=1) < LEAST_PAIRS) | ~(sum_then > 0)
    return column(value, *short(seen, side), (lacking, "no_year_before"))


def _paired(seen: Seen, own: Books) -> Mask:
    """bool[n, YEAR]: not a January or February whose other half has no year before."""
    number = _calendar(seen, own)
    january, february = number == 1, number == 2
    inside = own.inside[:, YEAR:]
    # February comes one month after January: one lag less.
    has_january = np.roll(inside & january, -1, axis=1)
    has_february = np.roll(inside & february, 1, axis=1)
    has_january[:, -1] = has_february[:, 0] = False
    return np.asarray(~january & ~february | (january & has_february) | (february & has_january))


def _calendar(seen: Seen, own: Books) -> Any:
    """int64[n, YEAR]: the calendar month of each lag."""
    first = int(seen.view.months[0][5:]) if seen.view.months else 1
    return (first - 1 + own.end[:, None].astype(np.int64) - np.arange(YEAR)[None, :]) % 12 + 1


def _volatility(seen: Seen, side: Side) -> Column:
    """Standard deviation of the months over their mean."""
    own = seen.books(side)
    inside = own.inside[:, :YEAR]
    months = inside.sum(axis=1)
    amount = own.amount[:, :YEAR] * inside
    mean = ratio(amount.sum(axis=1), months)
    spread = np.sqrt(ratio((((amount - np.nan_to_num(mean)[:, None]) * inside) ** 2).sum(axis=1), months))
    return column(ratio(spread, mean), *short(seen, side, LEAST_STEADY), (~(mean > 0), NOTHING[side]))


def _shares(seen: Seen, side: Side, word: str) -> dict[str, Column]:
    """Red and void invoices among all of the books, by number."""
    own = seen.books(side)
    every, found = own.invoices[:, :YEAR].sum(axis=1), {}
    for name in ("red", "void"):
        part, whole = getattr(own, name), getattr(own, f"{name}_all")
        old = (np.isnan(whole), "older_snapshot")
        recent = ratio(part[:, :YEAR].sum(axis=1), every)
        none = (~(every > 0), NOTHING[side])
        found[f"{word}_{name}_share"] = column(recent, *short(seen, side), old, none)
        share = ratio(whole, own.invoices_all)
        never = (~(own.invoices_all > 0), NOTHING[side])
        found[f"{word}_{name}_share_all"] = column(share, *few(seen, side), old, never)
    return found


def _sold(seen: Seen) -> dict[str, Column]:
    """What only sales tell: red amounts, consumers, size of an invoice."""
    own = seen.books("sale")
    enough = short(seen, "sale")
    whole = own.amount[:, :YEAR].sum(axis=1)
    none = (~(whole > 0), "nothing_sold")
    to_firms = np.bincount(seen.view.graph.src, seen.traded("sale").recent, seen.firms)
    invoiced = seen.invoiced
    red = seen.month_sums("sale", invoiced, "red_fen")[:, :YEAR].sum(axis=1)
    old = invoiced.height == 0 or invoiced["red_fen"].null_count() == invoiced.height
    normal = own.invoices[:, :YEAR].sum(axis=1)
    return {
        "returned_share": column(
            ratio(np.abs(red), whole - red), *enough, (np.full(seen.firms, old), "older_snapshot"), none
        ),
        "retail_share": column(np.clip(1 - ratio(to_firms, whole), 0, 1), *enough, none),
        "log_invoice": column(log10(ratio(whole, normal) / 100), *enough, none),
    }


def _margins(seen: Seen) -> dict[str, Column]:
    """What is left of sales after purchases, of months that the books of both sides run over."""
    sold, bought = seen.books("sale"), seen.books("purchase")
    lack = [*short(seen, "sale"), *short(seen, "purchase")]
    recent = 1 - ratio(year_sum(bought), year_sum(sold))
    every = 1 - ratio(bought.amount_all * ratio(1, bought.span), sold.amount_all * ratio(1, sold.span))
    none = [(~(sold.amount[:, :YEAR].sum(axis=1) > 0), "nothing_sold")]
    ever = [
        *few(seen, "sale"),
        *few(seen, "purchase"),
        (np.minimum(sold.span, bought.span) < LEAST_MONTHS, "books_short"),
        (~(sold.amount_all > 0), "nothing_sold"),
    ]
    return {
        "margin": column(np.maximum(recent, LEAST_MARGIN), *lack, *none),
        "margin_all": column(np.maximum(every, LEAST_MARGIN), *ever),
    }


def _tenure(seen: Seen) -> Column:
    """Months since the firm was first seen in anybody's papers."""
    flow, graph = seen.view.flow, seen.view.graph
    first = np.full(seen.firms, seen.months, np.int64)
    edge, month = flow["edge"].to_numpy(), flow["month"].to_numpy()
    for ends in (graph.src, graph.dst):
        np.minimum.at(first, ends[edge], month)
    for side in ("sale", "purchase"):
        own = seen.books(side)
        first = np.where(own.there, np.minimum(first, own.first), first)
    return column(seen.months - first + seen.behind, (seen.unseen, "no_graph"))
