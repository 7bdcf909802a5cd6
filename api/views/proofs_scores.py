"""Scores, the momentum of a segment, a seat: the firms, links and months they were worked out from."""

import polars as pl

from api.asking import Asking
from api.models_positions import Standing
from api.models_proofs import Onward, ProofRow, WorkedProof
from api.models_scores import Score, ScoreFirm
from api.views.amounts import amount_text, share_text
from api.views.chains import chain_names
from api.views.positions import position
from api.views.proofs import firm, grounds, link, part, parts, worked
from api.views.scores import enterprise_scores
from gnn.registry.folder import in_use
from gnn.scores.momentum import behind
from ledger.errors import NotFound
from ledger.words import label, message
from services.features.catalogue import CATALOGUE, FEATURE_SET_VERSION
from services.features.door import door

#: Score → the list of the answer that holds the firms behind it, and whether they stand as buyers.
_BEHIND = {
    **dict.fromkeys(("top1_customer", "top5_customers", "hhi_customers"), ("customers", True)),
    **dict.fromkeys(("top1_supplier", "top5_suppliers", "hhi_suppliers"), ("suppliers", False)),
    **dict.fromkeys(("share_of_customers", "sole_customers", "substitutes"), ("supplied", True)),
    "sole_downstream": ("downstream", True),
}


def score(asked: Asking, firm_: int, name: str, chain: str | None, segment: str | None) -> WorkedProof:
    """One score of a firm. Raises NotFound where it has none such."""
    snapshot, lang = asked.snapshot, asked.lang
    told = enterprise_scores(snapshot, firm_, lang)
    found = [one for one in told.items if one.name == name and _of(one) == (chain, segment)]
    if not found:
        raise NotFound("score_not_found", score=name)
    one, id_ = found[0], snapshot.id_of(firm_)
    which, sells = _BEHIND.get(name, ("supplied", True))
    firms: list[ScoreFirm] = getattr(told, which)
    rows = [_firm_row(id_, each, sells) for each in firms]
    links = part("links_of", [_links_row(id_, one, lang)], lang)
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="score",
        title=one.label,
        about=firm(snapshot, firm_),
        value=_value(one, lang),
        text=one.text,
        parts=parts([part("firms", rows, lang), links]),
        grounds=grounds(asked, months=one.months, books=label(f"proof_books_{one.basis}", lang)),
    )


def _of(one: Score) -> tuple[str | None, str | None]:
    return one.chain.id if one.chain else None, one.segment.id if one.segment else None


def _value(one: Score, lang: str) -> str:
    value = one.at_least if one.value is None else one.value
    if value is None:
        return "-"
    text = (
        share_text(value, lang)
        if one.unit == "share"
        else f"{value:,.0f}"
        if one.unit == "count"
        else f"{value:.3g}"
    )
    return text if one.value is not None else message("proof_at_least", lang, value=text)


def _firm_row(id_: str, one: ScoreFirm, sells: bool) -> ProofRow:
    """A firm behind a score; it opens its link with the firm, or the last link of the path to it."""
    ends = (id_, one.partner.id) if sells else (one.partner.id, id_)
    if len(one.path) > 1:
        ends = one.path[-2].id, one.path[-1].id
    return ProofRow(text=one.partner.name, hint=one.text, amount_fen=one.amount_fen, opens=link(*ends))


def _links_row(id_: str, one: Score, lang: str) -> ProofRow:
    """The links that the whole of it rests on: through the feature of that name, or its side's."""
    name = (
        one.name
        if one.name in CATALOGUE
        else "seen_suppliers"
        if "supplier" in one.name
        else "seen_customers"
    )
    return ProofRow(text=label(f"feature_{name}", lang), opens=Onward(of="feature", id=id_, name=name))


def momentum(asked: Asking, chain: str, segment: str) -> WorkedProof:
    """The firms of a segment with their sales in the months compared, each opening its links of those months.

    Raises NotFound where the snapshot tells of no such segment.
    """
    snapshot, lang = asked.snapshot, asked.lang
    mine = (pl.col("chain") == chain) & (pl.col("segment") == segment)
    told = snapshot.momentum.filter(mine)
    if told.is_empty():
        raise NotFound("momentum_not_found", chain=chain, segment=segment)
    row = told.row(0, named=True)
    months = list(row["months"] or ())
    stands = snapshot.positions.filter(mine).select("enterprise")
    firms = behind(door(snapshot, None).seen.view, snapshot.coverage, stands)
    chains, segments = chain_names(snapshot, lang)
    before = [_year_before(month) for month in months]
    rows = [
        ProofRow(
            text=firm(snapshot, one).name,
            hint=message("proof_sold_both", lang, now=amount_text(now, lang), before=amount_text(then, lang)),
            amount_fen=now - then,
            opens=worked("sold", enterprise=snapshot.id_of(one), months=",".join([*months, *before])),
        )
        for one, now, then in firms.iter_rows()
    ]
    value = "-" if row["value"] is None else share_text(row["value"], lang, signed=True)
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="momentum",
        title=f"{chains.get(chain, chain)} · {segments.get((chain, segment), segment)}",
        about=None,
        value=value,
        text=message(
            "proof_momentum", lang, months=", ".join(months) or "-", n=row["firms"], of=row["of_firms"],
            sales=amount_text(row["sales_fen"], lang), before=amount_text(row["before_fen"], lang),
        ),
        parts=parts([part("firms", rows, lang)]),
        grounds=grounds(asked, months=", ".join(months)),
    )  # fmt: skip


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1}{month[4:]}"


def sold(asked: Asking, firm_: int, months: list[str]) -> WorkedProof:
    """What a firm sold in some months, customer by customer and month by month."""
    snapshot, lang = asked.snapshot, asked.lang
    places = {month: place for place, month in enumerate(snapshot.months) if month in months}
    edges = snapshot.customers(firm_)
    ends = snapshot.column("edges", "dst")
    flow = (
        snapshot.scan("flow")
        .filter(pl.col("edge").is_in(edges.tolist()), pl.col("month").is_in(list(places.values())))
        .select("edge", "month", "amount_fen", "count")
        .collect()
    )
    by = (
        flow.group_by("edge")
        .agg(pl.col("amount_fen", "count").sum())
        .sort("amount_fen", "edge", descending=[True, False])
    )
    id_ = snapshot.id_of(firm_)
    customers = []
    for edge, fen, count in by.iter_rows():
        buyer = firm(snapshot, int(ends[edge]))
        customers.append(
            ProofRow(
                text=buyer.name,
                hint=message("proof_invoices", lang, n=count),
                amount_fen=fen,
                opens=link(id_, buyer.id),
            )
        )
    sums = dict(flow.group_by("month").agg(pl.col("amount_fen").sum()).iter_rows())
    told = [ProofRow(text=month, amount_fen=sums.get(place, 0)) for month, place in places.items()]
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="sold",
        title=message("proof_sold_title", lang),
        about=firm(snapshot, firm_),
        amount_fen=int(by["amount_fen"].sum()),
        text=message("proof_sold", lang, months=", ".join(places)),
        parts=parts([part("months", told, lang), part("customers", customers, lang)]),
        grounds=grounds(asked),
    )


def seat(asked: Asking, firm_: int, chain: str | None) -> WorkedProof:
    """A firm's place in one chain: its path of goods, what speaks for it, the model that said so. Raises
    NotFound where it stands in no such chain."""
    snapshot, lang = asked.snapshot, asked.lang
    told = position(snapshot, firm_, lang)
    found = [one for one in told.positions if chain in (None, one.chain.id)]
    if not found:
        raise NotFound("seat_not_found", chain=chain or "-")
    one = found[0]
    hops = [
        ProofRow(
            text=f"{hop.from_.name} → {hop.to.name}",
            hint=message("proof_invoices", lang, n=hop.count),
            amount_fen=hop.amount_fen,
            opens=link(hop.from_.id, hop.to.id),
        )
        for hop in (one.path.hops if one.path else ())
    ]
    signs = [ProofRow(text=sign.text, value=f"{sign.gave:+.2f}".replace("-", "−")) for sign in told.signs]
    rests = [
        ProofRow(
            text=label(f"feature_{name}", lang), opens=Onward(of="feature", id=told.enterprise.id, name=name)
        )
        for name in ("level", "depth", "seen_customers", "seen_suppliers")
    ]
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="seat",
        title=f"{one.chain.name} · {one.segment.name if one.segment else '-'}",
        about=told.enterprise,
        value=one.level_text,
        text=_seat_text(one, lang),
        parts=parts([part("hops", hops, lang), part("signs", signs, lang), part("features", rests, lang)]),
        grounds=grounds(asked, model=_model(asked), features=FEATURE_SET_VERSION, basis=one.basis_text),
    )


def _seat_text(one: Standing, lang: str) -> str:
    def told(share: float | None) -> str:
        return "-" if share is None else f"{share:.1%}"

    depth = "-" if one.depth is None else f"{one.depth:.2f}"
    return message(
        "proof_seat", lang, depth=depth, sure=told(one.probability), chain=told(one.chain_probability),
        core=one.core.name if one.core else "-",
    )  # fmt: skip


def _model(asked: Asking) -> str:
    """The version of the model that places firms."""
    return str(in_use(asked.data.folder, "positions").about["version"])
