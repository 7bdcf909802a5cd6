"""What a feature of a firm rests on: links with their months and invoices, statements, and ids of facts.

Nothing after the day is named. The index behind a snapshot says which invoices stand behind a link, but not
when: those of a link that went on later are only told with the ledger at hand, which knows their days.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from graph.csr import Int64, starts
from graph.snapshot import Snapshot
from ledger.ledger import Ledger
from services.features.seen import LAGS, YEAR, Seen, Side

#: Links and facts that are named; how many there are stands beside them.
NAMED_LINKS, NAMED_FACTS = 20, 20

LINKS = pl.Schema(
    {
        "edge": pl.Int32,  # row of the source's edges
        "seller": pl.Int32,
        "buyer": pl.Int32,
        "amount_fen": pl.Int64,  # net, without tax
        "invoices": pl.Int64,
        "first": pl.String,  # month
        "last": pl.String,
    }
)


@dataclass(frozen=True)
class Lineage:
    """What values rest on.

    `columns`: the links by the columns LINKS, the largest first, of `links_total`; `months`: the months of
    own books that count; `facts`: ids of invoices, payments, contracts, relations or statements, of
    `facts_total`; None where the days of so many are not known without the ledger.
    """

    firm: int
    rests_on: str
    columns: dict[str, list[Any]]
    links_total: int
    invoices: int
    months: tuple[str, ...]
    facts: tuple[str, ...]
    facts_total: int | None

    @property
    def links(self) -> pl.DataFrame:
        """The links as a frame."""
        return pl.DataFrame(self.columns, schema=LINKS)


def lineage(seen: Seen, firm: int, rests_on: str, ledger: Ledger | None = None) -> Lineage:
    """What features of the firm in row `firm` rest on; `rests_on`: the word of the catalogue for it."""
    if rests_on in _FACTS:
        facts = _facts(seen, rests_on).of(firm)
        none: dict[str, list[Any]] = {name: [] for name in LINKS}
        return Lineage(firm, rests_on, none, 0, 0, (), tuple(facts[:NAMED_FACTS]), len(facts))
    links, months = _links(seen, firm, rests_on)
    named, total = _evidence(seen, links["edge"].tolist(), ledger)
    top = {name: values[:NAMED_LINKS].tolist() for name, values in links.items()}
    for name in ("first", "last"):
        top[name] = [seen.view.months[month] for month in top[name]]
    return Lineage(
        firm=firm,
        rests_on=rests_on,
        columns=top,
        links_total=len(links["edge"]),
        invoices=int(links["invoices"].sum()),
        months=months,
        facts=tuple(named),
        facts_total=total,
    )


def _links(seen: Seen, firm: int, rests_on: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The firm's links that count, the largest first, as columns LINKS (months by number), and the months of
    its books. Plain arrays: an answer asks for many firms one by one."""
    sides: dict[str, tuple[Side, ...]] = {
        **dict.fromkeys(("sales", "buyers"), ("sale",)),
        **dict.fromkeys(("purchases", "suppliers"), ("purchase",)),
    }
    found, months = [], set()
    for side in sides.get(rests_on, ("sale", "purchase")):
        first, last = 0, seen.months - 1
        if rests_on in ("sales", "purchases", "books"):
            books = seen.books(side)
            first, last = int(books.first[firm]), int(books.end[firm])
            if last < 0:
                continue
            first = max(first, last - LAGS + 1)
            months |= set(seen.view.months[first : last + 1])
        elif rests_on in ("buyers", "suppliers"):
            first = max(seen.months + seen.behind - YEAR, 0)
        found.append(_of_side(seen, firm, side, first, last))
    rows = {name: np.concatenate([np.empty(0, np.int64), *(one[name] for one in found)]) for name in LINKS}
    order = np.lexsort((rows["edge"], -rows["amount_fen"]))
    return {name: values[order] for name, values in rows.items()}, tuple(sorted(months))


def _of_side(seen: Seen, firm: int, side: Side, first: int, last: int) -> dict[str, Any]:
    graph = seen.view.graph
    if side == "sale":
        edges = np.arange(graph.out_indptr[firm], graph.out_indptr[firm + 1])
    else:
        edges = graph.in_edges[graph.in_indptr[firm] : graph.in_indptr[firm + 1]]
    rows = seen.rows_of(edges)
    flow = seen.flow_columns
    rows = rows[(flow["month"][rows] >= first) & (flow["month"][rows] <= last)]
    at, place = np.unique(flow["edge"][rows], return_inverse=True)
    amount, invoices = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    np.add.at(amount, place, flow["amount_fen"][rows])
    np.add.at(invoices, place, flow["count"][rows])
    begin, end = np.full(len(at), seen.months, np.int64), np.full(len(at), -1, np.int64)
    np.minimum.at(begin, place, flow["month"][rows])
    np.maximum.at(end, place, flow["month"][rows])
    return {
        "edge": seen.view.edge_of[at],
        "seller": graph.src[at],
        "buyer": graph.dst[at],
        "amount_fen": amount,
        "invoices": invoices,
        "first": begin,
        "last": end,
    }


def _evidence(seen: Seen, edges: list[int], ledger: Ledger | None) -> tuple[list[str], int | None]:
    """Ids of invoices behind the links, those of the first ones, none after the day; and how many."""
    source = seen.source
    if not isinstance(source, Snapshot) or not edges:
        return [], None if edges else 0
    behind = {edge: source.evidence(edge) for edge in edges[:NAMED_LINKS]}
    later = [edge for edge in behind if seen.goes_on[edge]]
    if later and ledger is not None:
        known = _known(ledger, pl.Series([fact for edge in later for fact in behind[edge]]), seen)
        behind |= {edge: [fact for fact in behind[edge] if fact in known] for edge in later}
    elif later:
        behind = {edge: facts for edge, facts in behind.items() if edge not in set(later)}
    named = [fact for facts in behind.values() for fact in facts]
    whole = len(edges) <= NAMED_LINKS and (not later or ledger is not None)
    return named[:NAMED_FACTS], len(named) if whole else None


def _known(ledger: Ledger, facts: pl.Series, seen: Seen) -> set[str]:
    """Those of the invoices that had happened and were known on the day."""
    known = pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date() <= pl.lit(seen.day)
    rows = ledger.scan("invoices").filter(
        pl.col("fact").is_in(facts.implode()) & (pl.col("happened_on") <= pl.lit(seen.until)) & known
    )
    return set(rows.select("fact").unique().collect()["fact"].to_list())


@dataclass(frozen=True)
class _Facts:
    """Facts by the firm that they speak of: those of firm i lie at begin[i] … begin[i + 1]."""

    begin: Int64
    facts: list[str]

    def of(self, firm: int) -> list[str]:
        """Of one firm, each once."""
        return sorted(set(self.facts[self.begin[firm] : self.begin[firm + 1]]))


def _facts(seen: Seen, rests_on: str) -> _Facts:
    """Worked out once a day."""
    kept: dict[str, Any] = seen.kept
    if rests_on not in kept:
        rows = (
            pl.concat([part.cast(_FACT) for part in _FACTS[rests_on](seen)]).drop_nulls().sort("firm", "fact")
        )
        kept[rests_on] = _Facts(starts(rows["firm"].to_numpy(), seen.firms), rows["fact"].to_list())
    found: _Facts = kept[rests_on]
    return found


_FACT = pl.Schema({"firm": pl.Int32, "fact": pl.String})


def _payments(seen: Seen) -> list[pl.DataFrame]:
    return [seen.paid.select(firm=who, fact="payment") for who in ("seller", "buyer")]


def _relations(seen: Seen) -> list[pl.DataFrame]:
    index = seen.view.enterprises.select("id").with_row_index("firm")
    return [
        seen.view.relations.join(index, left_on=end, right_on="id").select("firm", "fact")
        for end in ("src", "dst")
    ]


def _contracts(seen: Seen) -> list[pl.DataFrame]:
    signed = seen.table("contracts").filter(pl.col("happened_on") <= seen.day)
    return [signed.select(firm=who, fact="contract") for who in ("seller", "buyer")]


def _attributes(seen: Seen) -> list[pl.DataFrame]:
    begun = (pl.col("happened_on") <= seen.day).fill_null(True)
    return [seen.attributes.filter(begun).select("fact", firm="enterprise").select("firm", "fact")]


#: What rests on facts that stand behind no link.
_FACTS: dict[str, Callable[[Seen], list[pl.DataFrame]]] = {
    "payments": _payments,
    "relations": _relations,
    "contracts": _contracts,
    "attributes": _attributes,
}
