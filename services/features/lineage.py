"""What a feature of a firm rests on: links with their months and invoices, statements, and ids of facts.

Nothing after the day is named. The index behind a snapshot says which invoices stand behind a link, but not
when: those of a link that has months outside are only told with the ledger at hand, which knows their days.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from graph.csr import Int64, Mask, starts
from graph.snapshot import Snapshot
from ledger.ledger import Ledger
from services.features.catalogue import CATALOGUE
from services.features.payment import RECENT
from services.features.seen import LAGS, YEAR, Seen, Side
from services.features.ties import OWNERSHIP, running

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


def lineage(
    seen: Seen, firm: int, rests_on: str, ledger: Ledger | None = None, name: str | None = None
) -> Lineage:
    """What features of the firm in row `firm` rest on; `rests_on`: the word of the catalogue for it.

    `name`: only what enters that one feature: its side, its months, its partners.
    """
    if rests_on in _FACTS:
        facts = _facts(seen, rests_on, name).of(firm)
        none: dict[str, list[Any]] = {column: [] for column in LINKS}
        return Lineage(firm, rests_on, none, 0, 0, (), tuple(facts[:NAMED_FACTS]), len(facts))
    links, months = _links(seen, firm, rests_on, name)
    named, total = _evidence(seen, links, ledger)
    top = {column: values[:NAMED_LINKS].tolist() for column, values in links.items() if column in LINKS}
    for column in ("first", "last"):
        top[column] = [seen.view.months[month] for month in top[column]]
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


def within(seen: Seen, firm: int, name: str) -> list[tuple[int, int, int]] | None:
    """The links that enter a feature, the largest first: (row of the source's edges, first and last month of
    those that count); None where it rests on facts that stand behind no link."""
    rests_on = CATALOGUE[name].lineage
    if rests_on in _FACTS:
        return None
    links, _ = _links(seen, firm, rests_on, name)
    return list(zip(*(links[c].tolist() for c in ("edge", "from", "until")), strict=True))


def _sides(rests_on: str, name: str | None) -> tuple[Side, ...]:
    if rests_on in ("sales", "buyers") or (rests_on == "links" and "customer" in (name or "")):
        return ("sale",)
    if rests_on in ("purchases", "suppliers") or (rests_on == "links" and "supplier" in (name or "")):
        return ("purchase",)
    return ("sale", "purchase")


def _window(seen: Seen, firm: int, side: Side, rests_on: str, name: str | None) -> tuple[int, int] | None:
    """The first and last month that count, None where there are no own books."""
    first, last = 0, seen.months - 1
    if rests_on in ("buyers", "suppliers"):
        return max(seen.months + seen.behind - YEAR, 0), last
    if rests_on not in ("sales", "purchases", "books"):
        return first, last
    books = seen.books(side)
    first, last = int(books.first[firm]), int(books.end[firm])
    return None if last < 0 else (max(first, last - _span(name) + 1), last)


def _span(name: str | None) -> int:
    """Months before the end of the books that a feature of own books looks at."""
    if name is None or name.endswith("_growth") or name.startswith(("new_", "lost_")):
        return LAGS
    if name.startswith("idle_months"):
        return 1
    whole = CATALOGUE[name].group == "strength" or name.endswith(("_all", "books_months"))
    return _EVER if whole else YEAR


#: More months than any books have; and of how many partners, the largest, a feature speaks.
_EVER = 1 << 20
_TOP = {"top1_": 1, "top5_": 5, "depends_on_": 1}


def _links(seen: Seen, firm: int, rests_on: str, name: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The firm's links that count, the largest first, as columns LINKS (months by number) with the window
    `from`, `until` of each, and the months of its books. Plain arrays: an answer asks for many firms one by
    one."""
    found, months = [], set()
    for side in _sides(rests_on, name):
        window = _window(seen, firm, side, rests_on, name)
        if window is None:
            continue
        if rests_on in ("sales", "purchases", "books"):
            months |= set(seen.view.months[window[0] : window[1] + 1])
        found.append(_of_side(seen, firm, side, *window))
    columns = (*LINKS, "from", "until")
    rows = {c: np.concatenate([np.empty(0, np.int64), *(one[c] for one in found)]) for c in columns}
    order = np.lexsort((rows["edge"], -rows["amount_fen"]))
    most = next((k for begin, k in _TOP.items() if (name or "").startswith(begin)), len(order))
    return {c: values[order[:most]] for c, values in rows.items()}, tuple(sorted(months))


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
        "from": np.full(len(at), first, np.int64),
        "until": np.full(len(at), last, np.int64),
    }


def _evidence(seen: Seen, links: dict[str, Any], ledger: Ledger | None) -> tuple[list[str], int | None]:
    """Ids of invoices behind the links, those of the first ones, none outside their months; and how many."""
    source, edges = seen.source, links["edge"].tolist()
    if not isinstance(source, Snapshot) or not edges:
        return [], None if edges else 0
    first = edges[:NAMED_LINKS]
    behind = {edge: source.evidence(edge) for edge in first}
    told = {name: links[name][:NAMED_LINKS] for name in ("edge", "from", "until")}
    window = dict(zip(first, zip(told["from"].tolist(), told["until"].tolist(), strict=True), strict=True))
    outside = seen.goes_on[told["edge"]] | _outside(seen, told["edge"], told["from"], told["until"])
    apart = [edge for edge, out in zip(first, outside.tolist(), strict=True) if out]
    if apart and ledger is not None:
        known = _known(ledger, pl.Series([fact for edge in apart for fact in behind[edge]]), seen)
        months = {edge: {seen.view.months[m] for m in range(a, b + 1)} for edge, (a, b) in window.items()}
        behind |= {edge: [fact for fact in behind[edge] if known.get(fact) in months[edge]] for edge in apart}
    elif apart:
        behind = {edge: facts for edge, facts in behind.items() if edge not in set(apart)}
    named = [fact for facts in behind.values() for fact in facts]
    whole = len(edges) <= NAMED_LINKS and (not apart or ledger is not None)
    return named[:NAMED_FACTS], len(named) if whole else None


def _outside(seen: Seen, edges: Int64, first: Int64, last: Int64) -> Mask:
    """bool[k]: which links have months that count outside of their window."""
    at = np.searchsorted(seen.view.edge_of, edges.astype(seen.view.edge_of.dtype))
    begins, ends = seen.link_months
    return np.asarray((begins[at] < first) | (ends[at] > last))


def _known(ledger: Ledger, facts: pl.Series, seen: Seen) -> dict[str, str]:
    """Those of the invoices that had happened and were known on the day, with their month."""
    known = pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date() <= pl.lit(seen.day)
    rows = ledger.scan("invoices").filter(
        pl.col("fact").is_in(facts.implode()) & (pl.col("happened_on") <= pl.lit(seen.until)) & known
    )
    told = rows.group_by("fact").agg(pl.col("happened_on").min().dt.strftime("%Y-%m"))
    return dict(told.collect().iter_rows())


@dataclass(frozen=True)
class _Facts:
    """Facts by the firm that they speak of: those of firm i lie at begin[i] … begin[i + 1]."""

    begin: Int64
    facts: list[str]

    def of(self, firm: int) -> list[str]:
        """Of one firm, each once."""
        return sorted(set(self.facts[self.begin[firm] : self.begin[firm + 1]]))


def _facts(seen: Seen, rests_on: str, name: str | None) -> _Facts:
    """Worked out once a day."""
    kept: dict[str, Any] = seen.kept
    key = rests_on if name is None else f"{rests_on} {name}"
    if key not in kept:
        parts = [part.cast(_FACT) for part in _FACTS[rests_on](seen, name)]
        rows = pl.concat(parts).drop_nulls().sort("firm", "fact")
        kept[key] = _Facts(starts(rows["firm"].to_numpy(), seen.firms), rows["fact"].to_list())
    found: _Facts = kept[key]
    return found


_FACT = pl.Schema({"firm": pl.Int32, "fact": pl.String})


def _payments(seen: Seen, name: str | None) -> list[pl.DataFrame]:
    """Of both sides; of one feature those of its side, and for days those of the last year."""
    rows = seen.paid
    if name is not None and name.startswith("days_"):
        rows = rows.filter((pl.lit(seen.day) - pl.col("happened_on")).dt.total_days() < RECENT)
    ends = ("seller", "buyer") if name is None else ("buyer",) if name == "days_paying" else ("seller",)
    return [rows.select(firm=who, fact="payment") for who in ends]


#: Feature → the kinds of ties that enter it, and at which end the firm stands.
_TIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "group_size": (OWNERSHIP, ("src", "dst")),
    "guarantee_circle": (("GUARANTEES",), ("src", "dst")),
    "log_guarantees_given": (("GUARANTEES",), ("src",)),
    "log_guarantees_received": (("GUARANTEES",), ("dst",)),
    "registered_years": (OWNERSHIP, ("dst",)),
}


def _relations(seen: Seen, name: str | None) -> list[pl.DataFrame]:
    index = seen.view.enterprises.select("id").with_row_index("firm")
    kinds, ends = _TIES.get(name or "", (None, ("src", "dst")))
    rows = seen.view.relations
    if kinds is not None:
        rows = rows.filter(pl.col("kind").is_in(kinds))
    return [rows.join(index, left_on=end, right_on="id").select("firm", "fact") for end in ends]


def _contracts(seen: Seen, name: str | None) -> list[pl.DataFrame]:
    """Of both sides; of one feature those that the firm sells by and that still run."""
    signed = seen.table("contracts").filter(pl.col("happened_on") <= seen.day)
    if name is None:
        return [signed.select(firm=who, fact="contract") for who in ("seller", "buyer")]
    if name != "log_due_soon":
        signed = signed.filter(running(seen.day))
    return [signed.select(firm="seller", fact="contract")]


#: Feature → the name of the statement that it reads.
_STATED = {
    "size_class": "size",
    "general_taxpayer": "taxpayer",
    "is_individual_business": "legal_form",
    "log_employees": "employees",
    "industry_code": "industry",
    "region_code": "region",
}


def _attributes(seen: Seen, name: str | None) -> list[pl.DataFrame]:
    """All that was stated until the day; of one feature the statement that holds, the latest."""
    begun = (pl.col("happened_on") <= seen.day).fill_null(True)
    rows = seen.attributes.filter(begun)
    if name is not None:
        held = (pl.col("until") >= pl.lit(seen.day)).fill_null(True)
        rows = rows.filter((pl.col("name") == _STATED[name]) & held)
        rows = rows.sort("enterprise", "happened_on", "fact", nulls_last=False)
        rows = rows.unique("enterprise", keep="last", maintain_order=True)
    return [rows.select("fact", firm="enterprise").select("firm", "fact")]


#: What rests on facts that stand behind no link.
_FACTS: dict[str, Callable[[Seen, str | None], list[pl.DataFrame]]] = {
    "payments": _payments,
    "relations": _relations,
    "contracts": _contracts,
    "attributes": _attributes,
}
