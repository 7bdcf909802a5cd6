"""Firms with the place they have in a chain, and kinds of goods by name: what scores and what-if name."""

from collections.abc import Iterable

import polars as pl

from api.models import Named
from api.models_scores import Seated
from graph.snapshot import Snapshot
from ledger.words import Lang, label, message


class Seats:
    """Firms of a snapshot as answers. In `chain`, or else in the chain that holds most of the firm."""

    def __init__(self, snapshot: Snapshot, firms: Iterable[int], chain: str | None, lang: Lang) -> None:
        self._snapshot, self._lang = snapshot, lang
        self._segments = {
            s["id"]: s["name"][lang] for c in snapshot.chains for s in c["segments"]
        }  # ids of segments are unique over all chains
        self._traders = {s["id"] for c in snapshot.chains for s in c["segments"] if s["role"] == "trade"}
        wanted = pl.col("enterprise").is_in(sorted(set(firms)))
        of_chain = pl.lit(True) if chain is None else pl.col("chain") == chain
        rows = (
            snapshot.positions.filter(wanted & of_chain)
            .sort("enterprise", "membership", "chain", descending=[False, True, False], nulls_last=True)
            .unique("enterprise", keep="first", maintain_order=True)
        )
        if "basis" not in rows.columns:  # a snapshot from before any were inferred
            rows = rows.with_columns(basis=pl.lit(None, pl.String))
        placed = pl.col("basis").fill_null("observed")
        columns = ("enterprise", "segment", "level", placed)
        self._rows = {e: place for e, *place in rows.select(columns).iter_rows()}

    def seat(self, firm: int) -> Seated:
        """A firm with its segment and level."""
        segment, level, placed = self._rows.get(firm, (None, None, None))
        named = self.named(firm)
        return Seated(id=named.id, name=named.name, segment=self.segment(segment), level=level, placed=placed)

    def name(self, firm: int) -> str:
        """Its name; its id where no paper names it."""
        return str(self._snapshot.enterprises["name"][firm] or self._snapshot.id_of(firm))

    def named(self, firm: int) -> Named:
        """Its id and name."""
        return Named(id=self._snapshot.id_of(firm), name=self.name(firm))

    def segment(self, id_: str | None) -> Named | None:
        """A segment by name, its id where the snapshot's chains do not name it."""
        return None if id_ is None else Named(id=id_, name=self._segments.get(id_, id_))

    def goods(self, segment: str | None, product: int | None) -> Named | None:
        """A kind of goods: a segment's, or one product."""
        if segment is not None or product is None:
            return self.segment(segment)
        row = self._snapshot.products.row(product, named=True)
        return Named(id=row["id"], name=row["item"] or row["id"])

    def goods_text(self, segment: str | None, product: int | None) -> str:
        """Its name, or that no paper names the goods."""
        goods = self.goods(segment, product)
        if goods is None:
            return label("goods_unknown", self._lang)
        if segment in self._traders:
            return message("goods_of_traders", self._lang, segment=goods.name)
        return goods.name
