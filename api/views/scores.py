"""Scores of an enterprise in the reader's words: each figure, its reason, and the firms behind it."""

from typing import Any

import polars as pl

from api.models import Named
from api.models_scores import EnterpriseScores, Momentum, Score, ScoreFirm
from api.views.amounts import amount_text, count_text, share_text
from api.views.chains import chain_names
from api.views.seats import Seats
from graph.snapshot import Snapshot
from ledger.words import Lang, label, message

#: How a figure counts; what is not here is a share.
UNITS = {
    **dict.fromkeys(("hhi_customers", "hhi_suppliers"), "index"),
    **dict.fromkeys(("sole_customers", "sole_downstream", "substitutes"), "count"),
}
#: The order figures are told in.
ORDER = (
    *("share_of_customers", "sole_customers", "sole_downstream", "substitutes", "segment_share"),
    *("top1_customer", "top5_customers", "hhi_customers"),
    *("top1_supplier", "top5_suppliers", "hhi_suppliers"),
)
_ARROW = {"zh": "→", "en": " → "}


def enterprise_scores(snapshot: Snapshot, firm: int, lang: Lang) -> EnterpriseScores:
    """Every score of the firm in row `firm`; none where the snapshot is from before there were any."""
    mine = pl.col("enterprise") == firm
    rows = snapshot.scan("scores").filter(mine).collect()
    firms = snapshot.scan("score_firms").filter(mine).collect()
    named = {firm, *rows["partner"].drop_nulls(), *firms["partner"]}
    named |= {one for path in firms["path"].drop_nulls() for one in path}
    told = _Told(snapshot, Seats(snapshot, named, None, lang), lang)
    order = {name: i for i, name in enumerate(ORDER)}
    kept = sorted(rows.iter_rows(named=True), key=lambda row: (order[row["name"]], row["chain"] or ""))
    by_name: dict[str, list[ScoreFirm]] = {}
    for row in firms.sort("name", "rank").iter_rows(named=True):
        by_name.setdefault(row["name"], []).append(told.firm(row))
    return EnterpriseScores(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[told.score(row) for row in kept],
        total=len(kept),
        customers=by_name.get("customers", []),
        suppliers=by_name.get("suppliers", []),
        supplied=by_name.get("supplied", []),
        downstream=by_name.get("sole_downstream", []),
        momentum=_momentum(snapshot, firm, lang),
    )


class _Told:
    """Rows of the tables as answers."""

    def __init__(self, snapshot: Snapshot, seats: Seats, lang: Lang) -> None:
        self._seats, self._lang = seats, lang
        self._chains, _ = chain_names(snapshot, lang)

    def score(self, row: dict[str, Any]) -> Score:
        """A row of `scores`."""
        chain, partner = row["chain"], row["partner"]
        same = ("name", "value", "at_least", "basis", "reason")
        return Score(
            **{name: row[name] for name in same},
            **{name: row[name] for name in ("amount_fen", "of_fen", "count", "of_count", "months")},
            label=label(f"score_{row['name']}", self._lang),
            chain=None if chain is None else Named(id=chain, name=self._chains.get(chain, chain)),
            segment=self._seats.segment(row["segment"]),
            unit=UNITS.get(row["name"], "share"),  # type: ignore[arg-type]
            text=self._reason(row),
            partner=None if partner is None else self._seats.seat(partner),
        )

    def _reason(self, row: dict[str, Any]) -> str:
        value = row["at_least"] if row["value"] is None else row["value"]
        unit = UNITS.get(row["name"], "share")
        shown = (
            count_text(value, self._lang)
            if unit == "count"
            else f"{value:.2f}"
            if unit == "index" and value is not None
            else share_text(value, self._lang)
        )
        partner = row["partner"]
        segment = self._seats.segment(row["segment"])
        return message(
            f"score_text_{row['reason']}",
            self._lang,
            value=shown,
            amount=amount_text(row["amount_fen"], self._lang),
            of=amount_text(row["of_fen"], self._lang),
            count=count_text(row["count"], self._lang),
            of_count=count_text(row["of_count"], self._lang),
            months=row["months"],
            goods=self._seats.goods_text(row["segment"], row["product"]),
            segment=segment.name if segment else "",
            partner="" if partner is None else self._seats.name(partner),
        )

    def firm(self, row: dict[str, Any]) -> ScoreFirm:
        """A row of `score_firms`."""
        same = ("amount_fen", "share", "sources", "sellers", "delivering", "nearby")
        path = row["path"] or ()
        return ScoreFirm(
            **{name: row[name] for name in same},
            partner=self._seats.seat(row["partner"]),
            goods=self._seats.goods(row["segment"], row["product"]),
            path=[self._seats.seat(one) for one in path],
            text=self._firm_text(row),
        )

    def _firm_text(self, row: dict[str, Any]) -> str:
        sentence = {"supplied": "score_firm_supplied", "sole_downstream": "score_firm_path"}
        path = _ARROW[self._lang].join(self._seats.name(one) for one in row["path"] or ())
        counts = {
            name: count_text(row[name], self._lang) for name in ("sources", "sellers", "delivering", "nearby")
        }
        return message(
            sentence.get(row["name"], "score_firm_partner"),
            self._lang,
            partner=self._seats.name(row["partner"]),
            goods=self._seats.goods_text(row["segment"], row["product"]),
            share=share_text(row["share"], self._lang),
            amount=amount_text(row["amount_fen"], self._lang),
            path=path,
            **counts,
        )


def _momentum(snapshot: Snapshot, firm: int, lang: Lang) -> list[Momentum]:
    """That of the segments the firm stands in."""
    stands = snapshot.positions.filter((pl.col("enterprise") == firm) & pl.col("segment").is_not_null())
    rows = snapshot.momentum.join(stands, on=["chain", "segment"], how="semi").sort("chain", "segment")
    chains, segments = chain_names(snapshot, lang)
    found = []
    for row in rows.iter_rows(named=True):
        segment = segments.get((row["chain"], row["segment"]), row["segment"])
        counts = ("firms", "of_firms", "growing", "gone", "came")
        months = row["months"] or []
        text = message(
            f"momentum_text_{row['reason']}",
            lang,
            segment=segment,
            months=", ".join(months),
            value=share_text(row["value"], lang, signed=True),
            sales=amount_text(row["sales_fen"], lang),
            before=amount_text(row["before_fen"], lang),
            **{name: count_text(row[name], lang) for name in counts},
        )
        same = ("value", "breadth", "basis", "reason", "sales_fen", "before_fen", *counts)
        found.append(
            Momentum(
                **{name: row[name] for name in same},
                chain=Named(id=row["chain"], name=chains.get(row["chain"], row["chain"])),
                segment=Named(id=row["segment"], name=segment),
                months=months,
                text=text,
            )
        )
    return found
