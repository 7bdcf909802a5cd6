"""The credit report of one enterprise: what the API tells its reader, in sections, every figure numbered."""

import json
from collections.abc import Sequence
from typing import Any

from api.asking import Asking
from api.models import Model
from api.views import pages
from api.views.amounts import amount_text
from api.views.report_sections import Sections
from ledger.errors import DayanError, Forbidden
from ledger.words import label, message
from services.report.content import Block, Evidence, Grid, Picture, Report, Section, Text

#: Facts whose papers are named for a piece of evidence; pages shown in all.
_FACTS, _PAGES, _SCALE = 3, 4, 1.0


def report(asked: Asking, firm: int) -> Report:
    """The report. Raises Forbidden for callers outside the bank."""
    if asked.outside:
        raise Forbidden("report_inside")
    lang, snapshot = asked.lang, asked.snapshot

    def told(answer: Model) -> Any:
        """An answer as this caller is told it: what is hidden or masked for them is so here."""
        return json.loads(bytes(asked.answer(answer).body))

    evidence = Evidence()
    made = Sections(asked, firm, told, evidence)
    sections = [*made.every(), _signed(lang)]
    papers = _papers(asked, evidence)
    sections += [_evidence_list(evidence, papers, lang), _pages_of(asked, evidence, papers)]
    profile = made.profile
    facts = [
        (label("report_code", lang), str(profile["code"] or "—")),
        (label("report_as_of", lang), str(snapshot.as_of)),
        (label("report_snapshot", lang), snapshot.id),
        *made.versions,
        (label("report_reader", lang), asked.by),
    ]
    lead = Section("", [Text(message("report_lead", lang))])
    marks = [f"{label('report_as_of', lang)} {snapshot.as_of}"]
    if profile["synthetic"]:
        marks.append(label("report_synthetic", lang))
    return Report(label("report_title", lang), str(profile["name"]), facts, marks, [lead, *sections])


def _signed(lang: str) -> Section:
    """Where those who answer for it sign: on paper two people look into a firm."""
    head = [label(f"report_{name}", lang) for name in ("investigator", "second", "signed_on")]
    return Section(label("report_signed", lang), [Grid(head, [["\n\n", "", ""]])])


def _papers(asked: Asking, evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Number, day, amount and paper of the facts that evidence names: fact → row of its first paper."""
    wanted = sorted({fact for _, facts in evidence.items for fact in facts[:_FACTS]})
    rows = asked.ledger.facts("invoices", wanted) if wanted else None
    found: dict[str, dict[str, Any]] = {}
    for row in rows.iter_rows(named=True) if rows is not None else ():
        found.setdefault(str(row["fact"]), row)
    return found


def _evidence_list(evidence: Evidence, papers: dict[str, dict[str, Any]], lang: str) -> Section:
    """Every piece with the first papers behind it."""
    rows = []
    for number, (text, facts) in enumerate(evidence.items, start=1):
        named = [_paper(papers[fact], lang) for fact in facts[:_FACTS] if fact in papers]
        rows.append([f"[{number}]", text, "\n".join(named) or "—"])
    head = [label(f"report_{name}", lang) for name in ("number", "rests_on", "papers")]
    return Section(label("report_evidence", lang), [Grid(head, rows, widths=(0.08, 0.42, 0.5))])


def _paper(row: dict[str, Any], lang: str) -> str:
    return message(
        "report_paper",
        lang,
        number=row["number"] or row["fact"],
        on=row["happened_on"],
        amount=amount_text(row["amount_fen"], lang),
        paper=str(row["name"]).rsplit("/", 1)[-1],
        row=row["row"],
    )


def _pages_of(asked: Asking, evidence: Evidence, papers: dict[str, dict[str, Any]]) -> Section:
    """The first pages of the papers named that have any, as far as the caller may see pictures."""
    lang = asked.lang
    title = label("report_pages", lang)
    if "personal:read" not in asked.who.scopes:
        return Section(title, [Text(message("report_pages_hidden", lang))])
    shown: dict[str, Block] = {}
    for number, (_, facts) in enumerate(evidence.items, start=1):
        for row in _rows(facts, papers):
            if len(shown) < _PAGES and row["sha256"] not in shown:
                picture = _picture(asked, row, number)
                if picture is not None:
                    shown[row["sha256"]] = picture
    return Section(title, list(shown.values()) or [Text(message("report_no_pages", lang))])


def _rows(facts: Sequence[str], papers: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [papers[fact] for fact in facts[:_FACTS] if fact in papers]


def _picture(asked: Asking, row: dict[str, Any], number: int) -> Picture | None:
    """The first page of a paper; None where it has none."""
    try:
        asked.unmasked_paper(row["sha256"])
        found = pages.picture(asked, row["sha256"], 1, _SCALE)
    except DayanError:  # a ledger or a table: it has no pages
        return None
    return Picture(found.png, f"[{number}] {_paper(row, asked.lang)}")
