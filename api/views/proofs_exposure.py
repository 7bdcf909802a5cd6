"""The use of a limit: the loans and approvals that make it, firm by firm, and the rule that sets it."""

from api.asking import Asking
from api.models_proofs import Onward, ProofRow, WorkedProof
from api.views.amounts import amount_text, share_text
from api.views.proofs import firm, grounds, part, parts
from api.views.sources import source_text
from ledger import at_risk, portfolios
from ledger.errors import NotFound
from ledger.words import label, message
from services.lending.exposure import OVER, LimitUse, uses_of
from services.lending.policy import policy_on, today
from services.lending.receivables import parties_of
from services.lending.subjects import UNKNOWN, subject_of
from services.lending.ties import rows_of, ties

#: Kinds of ties that every firm of a subject has a proof of: the papers of relations, links and positions.
_PAPERS = {"group": "group_size", "guarantor": "guarantee_circle", "industry": "industry_code",
           "region": "region_code", "dependent": "depends_on_buyer"}  # fmt: skip


def exposure(
    asked: Asking, firm_: int, dimension: str, subject: str, over: str | None, portfolio: str | None
) -> WorkedProof:
    """What makes the use of a limit that loans to the firm in row `firm_` hang on, as it is now.

    Raises NotFound where the firm hangs on no such limit.
    """
    source, lang = asked.snapshot, asked.lang
    rules = policy_on(source.as_of)
    with asked.data.state.reading() as connection:
        named = None if portfolio is None else portfolios.portfolio(connection, portfolio)
        own = named or portfolios.open_for(connection, [source.id_of(firm_), *parties_of(source, firm_)])
        uses = uses_of(connection, source, rules, firm_, 0, own)
        use = _use(uses, dimension, subject, over)
        items = at_risk.items(connection, today())
    rows = rows_of(source, sorted({one.party for one in items}))
    hangs = _hanging(asked, dimension, subject, set(rows.values()))
    counted = [
        one
        for one in items
        if (rows.get(one.party) in hangs if dimension != UNKNOWN else one.party not in rows)
        and (use.over == "house" or (own is not None and one.portfolio == own.id))
    ]
    called = subject_of(source, dimension, subject)
    share = share_text(use.before_fen / use.limit_fen, lang) if use.limit_fen else "-"
    return WorkedProof(
        snapshot=source.id,
        as_of=source.as_of,
        what="exposure",
        title=f"{label(f'exposure_{dimension}', lang)} · {called.text(lang)}",
        about=firm(source, firm_),
        amount_fen=use.before_fen,
        text=message(
            "proof_exposure",
            lang,
            n=len(counted),
            used=amount_text(use.before_fen, lang),
            limit=amount_text(use.limit_fen, lang),
            share=share,
            on=str(today()),
        ),
        parts=parts(
            [
                part("loans", [_row(asked, one, rows) for one in sorted(counted, key=_order)], lang),
                part("ties", _tie_rows(asked, firm_, dimension), lang),
            ]
        ),
        grounds=grounds(
            asked,
            policy=rules.version,
            limit=amount_text(use.limit_fen, lang),
            over=label(f"over_{use.over}", lang),
            rule=source_text(use.source, lang),
            effect=label(f"proof_effect_{use.effect}", lang),
        ),
    )


def _use(uses: list[LimitUse], dimension: str, subject: str, over: str | None) -> LimitUse:
    """The limit asked for; that over the house where nothing is said. Raises NotFound."""
    found = [one for one in uses if (one.dimension, one.subject) == (dimension, subject)]
    found.sort(key=lambda one: (one.over != over, OVER.index(one.over)))
    if not found:
        raise NotFound("limit_not_found", dimension=dimension, subject=subject[:80])
    return found[0]


def _hanging(asked: Asking, dimension: str, subject: str, firms: set[int]) -> set[int]:
    """Those of the firms that hang on the subject."""
    frame = ties(asked.snapshot, sorted(firms)) if firms else None
    if frame is None:
        return set()
    here = (frame["dimension"] == dimension) & (frame["subject"] == subject)
    return set(frame.filter(here)["firm"].to_list())


def _row(asked: Asking, one: at_risk.Item, rows: dict[str, int]) -> ProofRow:
    row = rows.get(one.party)
    return ProofRow(
        text=one.party if row is None else firm(asked.snapshot, row).name,
        hint=message(f"proof_risk_{one.kind}", asked.lang, until=one.until or "-", id=one.id[:8]),
        amount_fen=one.fen,
        opens=Onward(of="decision", id=one.decision),
    )


def _order(one: at_risk.Item) -> tuple[int, str]:
    return -one.fen, one.id


def _tie_rows(asked: Asking, firm_: int, dimension: str) -> list[ProofRow]:
    """Why the firm hangs on the subject, where papers say so."""
    id_ = asked.snapshot.id_of(firm_)
    if dimension in ("core", "chain"):
        given = {"enterprise": id_}
        opens = Onward(of="worked", what="seat", given=given)
    elif dimension in _PAPERS:
        opens = Onward(of="feature", id=id_, name=_PAPERS[dimension])
    else:
        return []
    return [ProofRow(text=message(f"proof_tie_{dimension}", asked.lang), opens=opens)]
