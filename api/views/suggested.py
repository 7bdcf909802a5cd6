"""Supply links that nobody reported, with the observed paths that speak for each and what speaks against."""

from typing import Any

import polars as pl

from api.models_positions import CounterPath, SuggestedLink, SuggestedLinks, Witness
from api.views.enterprises import rows_of
from api.views.positions import named
from gnn.links.witnesses import Against, speaking_against, speaking_for
from graph.snapshot import Snapshot
from ledger.words import Lang, label, message

#: Paths shown of each link.
SHOWN = 3


def suggested(snapshot: Snapshot, firm: int, limit: int, lang: Lang) -> SuggestedLinks:
    """Links inferred from `firm` (customers) and to it (suppliers), likeliest first."""
    rows = [
        (row["probability"], side, row)
        for side, column in (("customer", "src"), ("supplier", "dst"))
        for row in rows_of(snapshot, "inferred_links", firm, column).iter_rows(named=True)
    ]
    rows.sort(key=lambda one: (-one[0], one[1], one[2]["src"], one[2]["dst"]))
    items = [_link(snapshot, side, row, lang) for _, side, row in rows[:limit]]
    note = message("suggested_note", lang, shown=len(items), of=len(rows))
    return SuggestedLinks(snapshot=snapshot.id, as_of=snapshot.as_of, note=note, items=items)


def _link(snapshot: Snapshot, side: str, row: dict[str, Any], lang: Lang) -> SuggestedLink:
    seller, buyer = row["src"], row["dst"]
    paths = speaking_for(snapshot, seller, buyer)
    against = speaking_against(snapshot, seller, buyer, row["product"])
    return SuggestedLink(
        partner=named(snapshot, buyer if side == "customer" else seller),
        direction=side,
        probability=round(row["probability"], 4),
        way=row["way"],
        way_text=label(f"link_way_{row['way']}", lang),
        product=None if row["product"] is None else snapshot.products["item"][row["product"]],
        paths=[
            Witness(shared_customer=named(snapshot, a), rival=named(snapshot, b)) for a, b in paths[:SHOWN]
        ],
        of_paths=len(paths),
        against_paths=[_counter(snapshot, one, lang) for one in against],
        against=_against(snapshot, row, lang),
    )


def _counter(snapshot: Snapshot, one: Against, lang: Lang) -> CounterPath:
    text = message(f"suggested_against_{one.kind}", lang, count=one.count, of=one.of)
    return CounterPath(kind=one.kind, firms=[named(snapshot, firm) for firm in one.firms], text=text)


def _against(snapshot: Snapshot, row: dict[str, Any], lang: Lang) -> list[str]:
    """Books that would show it if it were so."""
    coverage = snapshot.coverage
    said = []
    for firm, side in ((row["src"], "sale"), (row["dst"], "purchase")):
        months = coverage.filter((pl.col("enterprise") == firm) & (pl.col("side") == side)).height
        if months:
            said.append(message(f"suggested_against_{side}", lang, months=months))
    return said
