"""What changed between two snapshots in the reader's words: firms, places, links, alerts."""

from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from api import models_changes as told
from api.asking import Asking
from api.models import Named
from api.views.chains import chain_names
from api.views.enterprises import level_text
from api.views.notes import shown_of
from api.views.tables import worded
from ledger import watch
from ledger.ids import stable_id
from ledger.words import label, message
from seeds.regions import region_name


class Words:
    """What changed in the reader's words."""

    def __init__(self, asked: Asking) -> None:
        self._asked, self._snapshot, self._lang = asked, asked.snapshot, asked.lang
        self._chains, self._segments = chain_names(asked.snapshot, asked.lang)
        self._names = asked.snapshot.enterprises["name"]
        self.named: set[str] = set()

    def firm(self, row: int) -> Named:
        """An enterprise by its row."""
        id_ = self._snapshot.id_of(row)
        self.named.add(id_)
        return Named(id=id_, name=self._names[row])

    def moved(self, rows: pl.DataFrame, limit: int, when: str) -> dict[str, Any]:
        """Enterprises that gained or lost a place."""
        tail = "" if when == "now" else "_before"
        items = [
            {
                "enterprise": self.firm(row["enterprise"]),
                "chain_name": self._chains.get(row[f"chain{tail}"]),
                "segment_name": self._segments.get((row[f"chain{tail}"], row[f"segment{tail}"])),
                "level_text": level_text(row[f"level{tail}"], self._lang),
                "new": row["new"],
            }
            for row in rows.head(limit).iter_rows(named=True)
        ]
        return {"items": items, "total": rows.height, "note": left_off(len(items), rows.height, self._lang)}

    def new(self, rows: np.ndarray, limit: int) -> dict[str, Any]:
        """Enterprises that were none before."""
        seats = self._snapshot.positions.filter(
            pl.col("enterprise").is_in(rows[:limit].tolist()) & pl.col("segment").is_not_null()
        ).sort("membership", nulls_last=False)
        place = {e: (c, s) for e, c, s in seats.select("enterprise", "chain", "segment").iter_rows()}
        firms = self._snapshot.enterprises
        items = []
        for row in rows[:limit].tolist():
            chain, segment = place.get(row, (None, None))
            items.append(
                {
                    **self.firm(row).model_dump(),
                    "region_name": region_name(firms["region"][row], self._lang),
                    "chain_name": self._chains.get(chain) if chain else None,
                    "segment_name": self._segments.get((chain, segment)) if chain and segment else None,
                    "sales_fen": firms["sales_fen"][row] or 0,
                }
            )
        return {"items": items, "total": len(rows), "note": left_off(len(items), len(rows), self._lang)}

    def links(self, rows: pl.DataFrame, limit: int) -> dict[str, Any]:
        """Links that were none before."""
        items = [
            {
                "seller": self.firm(src),
                "buyer": self.firm(dst),
                "amount_fen": amount,
                "count": count,
                "first": first,
            }
            for src, dst, amount, count, first in rows.head(limit).iter_rows()
        ]
        whole = int(rows["amount_fen"].sum())
        note = left_off(len(items), rows.height, self._lang)
        return {"items": items, "total": rows.height, "amount_fen": whole, "note": note}

    def place(self, row: dict[str, Any]) -> told.Alert:
        """A place gained, lost or changed."""
        before, after = (self._seat(row, tail) for tail in ("_before", ""))
        return self._alert(row["kind"], row["enterprise"], before=before, after=after)

    def came(self, row: int) -> told.Alert:
        """A new enterprise."""
        return self._alert("new_enterprise", row)

    def listed(self, row: dict[str, Any]) -> told.Alert:
        """A list that an enterprise came to stand on."""
        name = worded(f"knock_list_{row['list']}", row["list"], self._lang)
        return self._alert("listed", row["enterprise"], after=name)

    def linked(self, links: pl.DataFrame, watched: set[int]) -> list[told.Alert]:
        """New links of these firms, by amount."""
        made = []
        for src, dst, amount, _, first in links.iter_rows():
            firm, partner = (src, dst) if src in watched else (dst, src)
            side = label("alert_side_sale" if firm == src else "alert_side_purchase", self._lang)
            alert = self._alert("new_link", firm, partner=partner, amount_fen=amount, after=side)
            made.append(alert.model_copy(update={"on": first or alert.on}))
        return made

    def warnings(self, rows: dict[str, int], since: datetime | None) -> list[told.Alert]:
        """Warnings that stand and were raised since, for whom they may be shown."""
        if "portfolios:read" not in self._asked.who.scopes:
            return []
        parties = {self._snapshot.id_of(row): row for row in rows.values()} | rows
        with self._asked.data.state.reading() as connection:
            found = watch.warnings(connection, sorted(parties), standing=True)
        made = []
        for one in found:
            if since is None or datetime.fromisoformat(one.at) >= since:
                named = worded(f"warning_{one.code}", one.code, self._lang)
                does = worded(f"action_{one.action}", one.action, self._lang)
                alert = self._alert("warning", parties[one.party], before=named, after=does, key=one.id)
                made.append(alert.model_copy(update={"on": date.fromisoformat(one.found_on)}))
        return made

    def _seat(self, row: dict[str, Any], tail: str) -> str | None:
        chain, segment = row[f"chain{tail}"], row[f"segment{tail}"]
        if segment is None:
            return None
        words = (self._chains.get(chain), self._segments.get((chain, segment)))
        level = level_text(row[f"level{tail}"], self._lang)
        return " · ".join(word for word in (*words, level) if word)

    def _alert(
        self, kind: str, row: int, *, partner: int | None = None, amount_fen: int | None = None,
        before: str | None = None, after: str | None = None, key: str = "",
    ) -> told.Alert:  # fmt: skip
        firm = self.firm(row)
        other = None if partner is None else self.firm(partner)
        amount = "" if amount_fen is None else f"{amount_fen / 100:,.2f}"
        text = message(
            f"alert_{kind}", self._lang, firm=firm.name, partner=other.name if other else "", amount=amount,
            before=before or "–", after=after or "–",
        )  # fmt: skip
        parts = (kind, firm.id, other.id if other else "", key, self._snapshot.id, before or "", after or "")
        return told.Alert(
            id=stable_id("alert", *parts),
            kind=kind,  # type: ignore[arg-type]
            kind_text=label(f"alert_{kind}", self._lang),
            text=text,
            enterprise=firm,
            partner=other,
            amount_fen=amount_fen,
            before=before,
            after=after,
            on=self._snapshot.as_of,
        )


def left_off(shown: int, total: int, lang: str) -> str | None:
    """`40 of 1,312`; None where nothing was left off."""
    return shown_of(shown, total, lang) if shown < total else None
