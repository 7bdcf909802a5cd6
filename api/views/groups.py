"""Groups of an enterprise, and one group, from the snapshot; the papers behind the ties from the ledger."""

from typing import Any

import numpy as np
import polars as pl

from api.models import Named
from api.models_groups import DependsOn, EnterpriseGroups, Group, GroupAnswer, GroupMember, Tie, TiePaper
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger.errors import NotFound
from ledger.ledger import Ledger
from ledger.words import label, message

#: The order in which a person reads them.
KINDS = ("control", "one_entity", "guarantee_circle", "guarantee_cycle", "dependent", "suspected")
#: Members of each group in a list of groups; one group alone shows as many as are asked for.
IN_A_LIST = 40
#: Ties shown a member, papers a tie.
_TIES, _PAPERS = 20, 3


def groups_of(snapshot: Snapshot, ledger: Ledger, firm: int, limit: int, lang: str) -> EnterpriseGroups:
    """The groups that the firm in row `firm` is in, and on whom it depends."""
    mine = snapshot.group_members[np.flatnonzero(snapshot.column("group_members", "enterprise") == firm)]
    every = snapshot.groups.filter(pl.col("id").is_in(mine["group"].unique().implode()))
    rank = pl.col("kind").replace_strict(list(KINDS), list(range(len(KINDS))), return_dtype=pl.Int8)
    shown = every.sort(rank, "id").head(limit)
    return EnterpriseGroups(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=_groups(snapshot, ledger, shown, (firm, IN_A_LIST), lang),
        total=every.height,
        note=shown_of(shown.height, every.height, lang) if shown.height < every.height else None,
        dependence=_dependence(snapshot, firm, lang),
    )


def group(snapshot: Snapshot, ledger: Ledger, id_: str, limit: int, lang: str) -> GroupAnswer:
    """The group of that id, with up to `limit` members. Raises NotFound."""
    found = snapshot.groups.filter(pl.col("id") == id_)
    if found.is_empty():
        raise NotFound("group_not_found", group=id_)
    (one,) = _groups(snapshot, ledger, found, (None, limit), lang)
    return GroupAnswer(snapshot=snapshot.id, as_of=snapshot.as_of, group=one)


def _groups(
    snapshot: Snapshot, ledger: Ledger, rows: pl.DataFrame, first: tuple[int | None, int], lang: str
) -> list[Group]:
    """`rows` of the table as answers; `first`: whose members to show ahead of others, and how many."""
    ties = snapshot.group_members.filter(pl.col("group").is_in(rows["id"].implode()))
    parts = ties.partition_by("group", as_dict=True)
    shown = {row["id"]: _shown(parts[row["id"],], row["head"], first) for row in rows.iter_rows(named=True)}
    told = _Told(snapshot, ledger, [tie for members in shown.values() for m in members for tie in m], lang)
    return [_group(told, row, shown[row["id"]]) for row in rows.iter_rows(named=True)]


def _shown(ties: pl.DataFrame, head: int | None, first: tuple[int | None, int]) -> list[list[dict[str, Any]]]:
    """The ties of the members to be shown, member by member: the head, the firm asked for, then by row."""
    firm, limit = first
    ahead = [who for who in dict.fromkeys((head, firm)) if who is not None]
    members = ties["enterprise"].unique().sort().to_list()
    order = [*(who for who in ahead if who in set(members)), *(who for who in members if who not in ahead)]
    kept = ties.filter(pl.col("enterprise").is_in(order[:limit]))
    of = kept.partition_by("enterprise", as_dict=True)
    return [of[who,].head(_TIES).to_dicts() for who in order[:limit]]


class _Told:
    """What one answer names: firms of the snapshot, documents of the ledger."""

    def __init__(self, snapshot: Snapshot, ledger: Ledger, ties: list[dict[str, Any]], lang: str) -> None:
        self.lang = lang
        self._snapshot = snapshot
        sources = sorted({tie["source"] for tie in ties if tie["source"]})
        self._papers: dict[str, list[TiePaper]] = {}
        if facts := [source for source in sources if len(source) == 16]:
            for row in ledger.facts("relations", facts).iter_rows(named=True):
                self._note(row["fact"], TiePaper(id=row["sha256"], name=row["name"], row=row["row"]))
        if hashes := [source for source in sources if len(source) == 64]:
            documents = ledger.documents().filter(pl.col("sha256").is_in(hashes))
            for sha256, name in documents.select("sha256", "name").iter_rows():
                self._note(sha256, TiePaper(id=sha256, name=name, row=None))

    def _note(self, source: str, paper: TiePaper) -> None:
        self._papers.setdefault(source, []).append(paper)

    def papers(self, source: str | None) -> list[TiePaper]:
        """The documents that say so, the first few."""
        return self._papers.get(source or "", [])[:_PAPERS]

    def firm(self, row: int) -> Named:
        """A firm by its row."""
        return Named(id=self._snapshot.id_of(row), name=self._snapshot.enterprises["name"][row])

    def end(self, id_: str | None, is_person: bool | None, text: str | None) -> Named | None:
        """Whoever stands at the other end: a person by the masked name, a firm by its own."""
        if id_ is None:
            return None
        row = None if is_person else self._snapshot.index_of(id_)
        return Named(id=id_, name=text or id_) if row is None else self.firm(row)


def _group(told: _Told, row: dict[str, Any], members: list[list[dict[str, Any]]]) -> Group:
    lang = told.lang
    notes = [shown_of(len(members), row["size"], lang)] if len(members) < row["size"] else []
    if row["complete"] is False:
        notes.append(message("cycles_not_listed", lang))
    return Group(
        **{name: row[name] for name in ("id", "kind", "form", "size", "amount_fen", "cycles")},
        kind_text=label(f"group_{row['kind']}", lang),
        form_text=label(f"form_{row['form']}", lang) if row["form"] else None,
        head=None if row["head"] is None else told.firm(row["head"]),
        controller=told.end(row["controller"], row["controller_is_person"], row["controller_label"]),
        controller_is_person=bool(row["controller_is_person"]),
        complete=row["complete"] is not False,
        members=[_member(told, ties) for ties in members],
        note="; ".join(notes) or None,
    )


def _member(told: _Told, ties: list[dict[str, Any]]) -> GroupMember:
    firm = told.firm(ties[0]["enterprise"])
    return GroupMember(id=firm.id, name=firm.name, ties=[_tie(told, tie) for tie in ties])


def _tie(told: _Told, row: dict[str, Any]) -> Tie:
    return Tie(
        **{name: row[name] for name in ("tie", "share", "amount_fen", "until")},
        text=label(f"tie_{row['tie']}", told.lang),
        to=told.end(row["to"], row["to_is_person"], row["to_label"]),
        to_is_person=bool(row["to_is_person"]),
        since=row["first"],
        papers=told.papers(row["source"]),
    )


def _dependence(snapshot: Snapshot, firm: int, lang: str) -> list[DependsOn]:
    rows = snapshot.dependence[np.flatnonzero(snapshot.column("dependence", "enterprise") == firm)]
    return [_depends(snapshot, row, lang) for row in rows.iter_rows(named=True)]


def _depends(snapshot: Snapshot, row: dict[str, Any], lang: str) -> DependsOn:
    partner = Named(id=snapshot.id_of(row["partner"]), name=snapshot.enterprises["name"][row["partner"]])
    share = row["share"]
    text = message(
        f"dependence_{row['outcome']}",
        lang,
        partner=partner.name,
        side=label(f"side_{row['side']}", lang),
        share="" if share is None else f"{share:.1%}",
        amount=f"{row['amount_fen'] / 100:,.2f}",
    )
    kept = {name: row[name] for name in ("side", "share", "amount_fen", "outcome")}
    return DependsOn(**kept, partner=partner, text=text)
