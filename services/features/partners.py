"""Features of a firm's partners: how many, how concentrated, who is new or gone; and of the links around."""

from typing import Any

import numpy as np

from graph.csr import Float64, Int32, Mask
from services.features.books import NO_BOOKS, NOBODY, NOTHING, absent, short
from services.features.columns import Column, Missing, column, log10, ratio
from services.features.seen import YEAR, Seen, Side

#: A regular partner has goods in so many months of a year.
REGULAR = 3
#: Who is new or gone shows where the books run over this many months at least.
LEAST_CHURN = 18


def partners(seen: Seen) -> dict[str, Column]:
    """Group `partners`."""
    return {**_side(seen, "sale", "customer"), **_side(seen, "purchase", "supplier"), **_regular(seen)}


def owner_of(seen: Seen, side: Side) -> tuple[Int32, Int32]:
    """Of every link the firm whose books are meant, and its partner."""
    graph = seen.view.graph
    return (graph.src, graph.dst) if side == "sale" else (graph.dst, graph.src)


def _side(seen: Seen, side: Side, word: str) -> dict[str, Column]:
    n, own = seen.firms, seen.books(side)
    firm, _ = owner_of(seen, side)
    traded = seen.traded(side)
    recent, before = np.maximum(traded.recent, 0), np.maximum(traded.before, 0)
    named = np.bincount(firm, recent, n)
    whole = np.maximum(own.amount[:, :YEAR].sum(axis=1), named)
    share = np.nan_to_num(ratio(recent, whole[firm]))
    enough = short(seen, side)
    # Where nobody has a name, there is none who could make up much or little: null, and not 0.
    none: Missing = [(~(whole > 0), NOTHING[side]), (~(named > 0), NOBODY[side])]
    count = np.bincount(firm[recent > 0], minlength=n)
    every = np.bincount(firm[traded.whole > 0], minlength=n)
    largest = _largest(firm, share, n)
    churn = [*short(seen, side, LEAST_CHURN)]
    was = np.bincount(firm, before, n)
    fresh = np.bincount(firm, recent * traded.fresh, n)
    gone = np.bincount(firm, before * (recent <= 0), n)
    return {
        f"{word}s": column(count, *enough),
        f"log_{word}s_all": column(log10(every), *absent(seen, side)),
        f"top1_{word}": column(largest[0], *enough, *none),
        f"top5_{word}s": column(largest[1], *enough, *none),
        f"hhi_{word}s": column(np.bincount(firm, share**2, n), *enough, *none),
        f"new_{word}s": column(ratio(fresh, named), *churn, *none),
        f"lost_{word}s": column(ratio(gone, was), *churn, (~(was > 0), "no_year_before")),
    }


def _largest(firm: Int32, share: Float64, n: int) -> tuple[Float64, Float64]:
    """float64[n] each: the share of the largest partner, and of the five largest."""
    order = np.lexsort((-share, firm))
    ranked = firm[order]
    start = np.searchsorted(ranked, np.arange(n))
    rank = np.arange(len(ranked)) - start[ranked]
    parts = [np.bincount(ranked[rank < k], share[order][rank < k], n) for k in (1, 5)]
    return np.minimum(parts[0], 1.0), np.minimum(parts[1], 1.0)


def _regular(seen: Seen) -> dict[str, Column]:
    firm, _ = owner_of(seen, "sale")
    traded = seen.traded("sale")
    recent = np.maximum(traded.recent, 0)
    whole = np.bincount(firm, recent, seen.firms)
    steady = np.bincount(firm, recent * (traded.months >= REGULAR), seen.firms)
    none = (~(whole > 0), "no_own_partners")
    return {"regular_customers": column(ratio(steady, whole), *short(seen, "sale"), none)}


def degrees(seen: Seen) -> tuple[Any, Any]:
    """int64[n] each: firms that each is seen to sell to, and to buy from."""
    graph, traded = seen.view.graph, seen.view.amount_fen > 0
    return tuple(np.bincount(ends[traded], minlength=seen.firms) for ends in (graph.src, graph.dst))  # type: ignore[return-value]


def links(seen: Seen, known: tuple[Any, Any] | None = None) -> dict[str, Column]:
    """Group `links`: over all months seen, whoever's papers show it; so everything is at least that much.

    `known`: the `degrees` of partners, where they have links that are not in `seen`.
    """
    graph, n = seen.view.graph, seen.firms
    traded = seen.view.amount_fen > 0
    src, dst = graph.src, graph.dst
    sells, buys = degrees(seen)
    sold_to, bought_from = known or (sells, buys)
    amount = np.maximum(seen.view.amount_fen, 0).astype(np.float64)
    unseen = (seen.unseen, "no_graph")
    # Without own books nobody seen means nothing.
    none = {
        "customer": ((sells == 0) & ~seen.books("sale").there, NO_BOOKS["sale"]),
        "supplier": ((buys == 0) & ~seen.books("purchase").there, NO_BOOKS["purchase"]),
    }
    found: dict[str, Column] = {
        "seen_customers": column(sells, unseen, none["customer"]),
        "seen_suppliers": column(buys, unseen, none["supplier"]),
        "both_ways": column(
            _both_ways(src[traded], dst[traded], n), unseen, none["customer"], none["supplier"]
        ),
    }
    sides: tuple[tuple[str, Int32, Any], ...] = (
        ("customer", src, bought_from[dst] > 1),
        ("supplier", dst, sold_to[src] > 1),
    )
    for word, firm, shared in sides:
        whole = np.bincount(firm, amount, n)
        alone = (~(whole > 0), "no_own_partners")
        count = np.bincount(firm[traded & shared], minlength=n)
        found[f"shared_{word}s"] = column(count, unseen, none[word])
        part = np.bincount(firm, amount * shared, n)
        found[f"shared_{word}_share"] = column(ratio(part, whole), unseen, none[word], alone)
    return found


def _both_ways(src: Int32, dst: Int32, n: int) -> Any:
    """int64[n]: partners that a firm both sells to and buys from."""
    forth = src.astype(np.int64) * n + dst
    back: Mask = np.isin(forth, dst.astype(np.int64) * n + src)
    return np.bincount(src[back], minlength=n)
