"""A firm that a what-if hits: the links by which the shortage comes, and the assumptions it rests on."""

from api.asking import Asking
from api.models_proofs import ProofRow, WorkedProof
from api.models_scores import ShortOfGoods, ShortOfMoney, WhatIf
from api.views.proofs import grounds, link, part, parts, worked
from ledger.errors import NotFound
from ledger.words import label, message


def hit(asked: Asking, told: WhatIf, given: dict[str, object], side: str, id_: str | None) -> WorkedProof:
    """One firm that runs short of goods or money, or the sum over all of them. Raises NotFound."""
    lang = asked.lang
    effect = told.goods if side == "goods" else told.money
    found: list[ShortOfGoods | ShortOfMoney] = [*effect.items]
    one = next((each for each in found if each.id == id_), None)
    if id_ is not None and one is None:
        raise NotFound("hit_not_found")
    hops = [
        ProofRow(
            text=f"{hop.from_.name} → {hop.to.name}",
            hint=message(
                "proof_hop", lang, months=f"{hop.months[0]} – {hop.months[-1]}" if hop.months else "-"
            ),
            amount_fen=hop.amount_fen,
            opens=link(hop.from_.id, hop.to.id),
        )
        for path in (one.paths if one else ())
        for hop in path.hops
    ]
    firms = [
        ProofRow(
            text=each.name,
            hint=each.text,
            amount_fen=_fen(each),
            opens=worked("hit", **given, side=side, hit=each.id),
        )
        for each in (() if one else found)
    ]
    assumed = [
        ProofRow(text=each.label, hint=each.text, value=f"{each.value:g}") for each in told.assumptions
    ]
    short = told.goods.peak_fen if side == "goods" else told.money.short_fen
    return WorkedProof(
        snapshot=told.snapshot,
        as_of=told.as_of,
        what="hit",
        title=one.name if one else label(f"proof_short_{side}", lang),
        about=None,
        amount_fen=_fen(one) if one else short,
        text=one.text if one else message("proof_hits", lang, n=effect.total),
        parts=parts(
            [
                part("shortage", hops, lang),
                part("hits", firms, lang, effect.total),
                part("assumed", assumed, lang),
            ]
        ),
        grounds=grounds(asked),
    )


def _fen(one: ShortOfGoods | ShortOfMoney) -> int:
    return one.peak_fen if isinstance(one, ShortOfGoods) else one.short_fen
