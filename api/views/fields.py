"""Values of a document as answers, and a person's corrections of them.

A correction is a judgement in the ledger. Where the document's reader takes corrections up, the
document is read anew at once and its facts follow; where not yet, the correction is kept and shown.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256 as digest_of
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from api.models_documents import (
    Correction,
    DocumentField,
    DocumentFields,
    FieldChange,
    FieldsCorrected,
    Spoken,
)
from api.paging import Cursor
from api.views.notes import shown_of
from extraction.corrections import METHOD, corrections_in
from extraction.personal import masked_text
from extraction.reader import InvoiceReader
from extraction.readers import reader_for
from extraction.rereading import Said, put_in_place, read_again, worse
from extraction.rows import Reader
from extraction.source import Source
from graph.snapshot import Snapshot
from ledger import audit
from ledger.errors import Busy, InputError, Problem
from ledger.ledger import Ledger
from ledger.state import State
from ledger.words import labels, message

LISTING = "fields"
KEYS = 1
#: Seconds that one correction waits for another.
PATIENCE_S = 30.0
_INVOICE = re.compile(r"^invoices\[\d{1,4}\]\.")
#: Values that may look like a telephone's or a card's number and are to stand as said.
NUMBERED = frozenset({"phone", "account", "number", "code", "serial"})
#: Marks that a value of several lines may hold.
BREAKS = frozenset("\n\r\t")
PARTY = ("code", "name", "address", "phone", "account")
#: Values of an invoice that a person may add where nothing was read.
HEADER = frozenset(
    {
        *("number", "code", "issued", "amount", "tax", "total", "words", "remark", "currency"),
        *(f"seller.{what}" for what in PARTY),
        *(f"buyer.{what}" for what in PARTY),
    }
)


@dataclass(frozen=True)
class Desk:
    """Where corrections are made: the facts, the audit chain, the readers, and by whom."""

    ledger: Ledger
    state: State
    readers: Sequence[Reader]
    by: str


def values_of(ledger: Ledger, row: dict[str, Any]) -> pl.DataFrame:
    """The stored values of a committed document, with those that a person added."""
    stored = ledger.tables.scan("fields").filter(pl.col("reading") == row["reading"]).collect()
    said = corrections_in(ledger.judgements()).get(row["sha256"], ())
    added = [path for path, _ in said if path not in set(stored["path"])]
    extra = pl.DataFrame(
        {"path": added, "method": [METHOD] * len(added)}, schema={"path": pl.String, "method": pl.String}
    )
    return pl.concat([stored, extra], how="diagonal")


def shown(values: pl.DataFrame, ledger: Ledger, sha256: str, lang: str) -> list[DocumentField]:
    """Stored values as answers, each with its correction."""
    said = _corrections(ledger, sha256)
    return [_field(row, said.get(row["path"]), lang) for row in values.iter_rows(named=True)]


def page_of_fields(
    ledger: Ledger,
    snapshot: Snapshot | None,
    row: dict[str, Any],
    limit: int,
    after: Cursor | None,
    lang: str,
) -> DocumentFields:
    """A page of a document's values."""
    values = values_of(ledger, row)
    start = after.key[0] if after else 0
    if start < 0:
        raise InputError("cursor_invalid")
    page = values.slice(start, limit)
    more = start + limit < values.height
    return DocumentFields(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=shown(page, ledger, row["sha256"], lang),
        total=values.height,
        next=Cursor(LISTING, "", (start + limit,)).text() if more else None,
        note=shown_of(page.height, values.height, lang) if page.height < values.height else None,
    )


def correct(
    desk: Desk, snapshot: Snapshot | None, row: dict[str, Any], changes: Sequence[FieldChange], lang: str
) -> FieldsCorrected:
    """Correct values of a document; all of them or, where one cannot be, none.

    Raises InputError naming each value that cannot stand, also where rows that were read before would
    be rejected with it; Busy while somebody else corrects.
    """
    ledger, sha256 = desk.ledger, row["sha256"]
    with _turn(ledger):
        there = set(values_of(ledger, row)["path"])
        added = any(change.path not in there for change in changes)
        _check(changes, there, added and _holds_invoices(desk, row))
        before = corrections_in(ledger.judgements()).get(sha256, ())
        after = _changed(before, changes)
        read = read_again(ledger, sha256, after, desk.readers)
        if read is not None:
            was = read_again(ledger, sha256, before, desk.readers)
            if was is not None and (problems := worse(was.facts, read.facts)):
                raise InputError("correction_rejected", problems)
        for change in changes:
            _judge(desk, sha256, change)
        if read is not None:
            put_in_place(ledger, read)
    paths = {change.path for change in changes}
    row = row | {"reading": ledger.documents().filter(pl.col("sha256") == sha256)["reading"][0]}
    told = values_of(ledger, row).filter(pl.col("path").is_in(paths))
    follows = read is not None
    return FieldsCorrected(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=shown(told, ledger, sha256, lang),
        total=told.height,
        next=None,
        follows=follows,
        message=message("correction_follows" if follows else "correction_shown_only", lang),
    )


def _holds_invoices(desk: Desk, row: dict[str, Any]) -> bool:
    """Whether the document reads as invoices, which have values that may be said where none was read."""
    source = Source(row["name"], desk.ledger.originals.read(row["sha256"]))
    return isinstance(reader_for(source, desk.readers), InvoiceReader)


def _check(changes: Sequence[FieldChange], there: set[str], invoices: bool) -> None:
    problems = []
    seen: set[str] = set()
    for change in changes:
        if change.path in seen:
            problems.append(Problem("correction_twice", field=change.path))
        seen.add(change.path)
        if change.path not in there and not (invoices and _may_be_added(change.path, there)):
            problems.append(Problem("correction_path_unknown", field=change.path))
        if any(_is_control(c) for c in f"{change.value or ''}{change.why}"):
            problems.append(Problem("correction_control", field=change.path))
        if (
            change.value is not None
            and masked_text(change.value, contacts=False, taxpayers=True) != change.value
        ):
            # What a person says is kept as said; a citizen's number is kept nowhere.
            problems.append(Problem("correction_personal", field=change.path))
    if problems:
        raise InputError("correction_invalid", tuple(problems))


def _may_be_added(path: str, there: set[str]) -> bool:
    """Whether an invoice's value may be said where none was read; of several invoices in one file, of one
    that is there."""
    of = _INVOICE.match(path)
    prefix = of[0] if of else ""
    several = any(_INVOICE.match(each) for each in there)
    if bool(prefix) != several or (prefix and not any(each.startswith(prefix) for each in there)):
        return False
    return path[len(prefix) :] in HEADER


def _is_control(mark: str) -> bool:
    return mark not in BREAKS and unicodedata.category(mark) == "Cc"


def _said(change: FieldChange) -> str | None:
    """The value as it is kept: no telephone and no card, but where such numbers are what is asked for."""
    if change.value is None:
        return None
    numbered = change.path.rpartition(".")[2] in NUMBERED
    return masked_text(change.value.strip(), contacts=not numbered)


def _changed(before: Said, changes: Sequence[FieldChange]) -> Said:
    after = dict(before)
    for change in changes:
        after.pop(change.path, None)
        if (said := _said(change)) is not None:
            after[change.path] = said
    return tuple(sorted(after.items()))


def _judge(desk: Desk, sha256: str, change: FieldChange) -> None:
    """Enter the chain first, then judge: nothing stands that the chain does not tell of. The chain, which
    cannot be changed, holds the value's hash."""
    why = masked_text(change.why)
    value = _said(change)
    seal = None if value is None else digest_of(value.encode()).hexdigest()
    audit.note(desk.state, desk.by, "field_corrected", sha256, path=change.path, value_sha256=seal, why=why)
    if value is not None:
        desk.ledger.judge("field", sha256, change.path, desk.by, why, value)
        return
    mine = (pl.col("kind") == "field") & (pl.col("subject") == sha256) & (pl.col("object") == change.path)
    for judgement in desk.ledger.judgements().filter(mine)["judgement"]:
        desk.ledger.judge("undo", judgement, "", desk.by, why)


def _corrections(ledger: Ledger, sha256: str) -> dict[str, dict[str, Any]]:
    """Path → the judgement that counts for it."""
    mine = ledger.judgements().filter(pl.col("kind") == "field", pl.col("subject") == sha256)
    return {row["object"]: row for row in mine.iter_rows(named=True)}


def _field(row: dict[str, Any], said: dict[str, Any] | None, lang: str) -> DocumentField:
    box = [float(x) for x in row["box"].split(",")] if row["box"] else None
    correction = said and Correction(
        value=masked_text(said["value"]),
        by=said["by"],
        at=said["at"],
        why=said["why"] or "",
        applied=row["method"] == METHOD and row["value"] is not None,
    )
    return DocumentField(
        path=row["path"],
        value=correction.value if correction and not correction.applied else row["value"],
        page=row["page"],
        box=box,
        method=_spoken("method", METHOD if correction else row["method"], lang),
        confidence=1.0 if correction else row["confidence"],
        checks=[_spoken("check", code, lang) for code in row["checks"] or ()],
        corrected=correction or None,
    )


def _spoken(what: str, code: str, lang: str) -> Spoken:
    """A code with its label; the code itself where a newer version wrote it."""
    named = labels().get(f"{what}_{code}") or labels().get(code)
    return Spoken(code=code, text=named["zh" if lang == "zh" else "en"] if named else code)


@contextmanager
def _turn(ledger: Ledger) -> Iterator[None]:
    """One correction after another: two at once would each read the document without the other's."""
    (ledger.folder / "run").mkdir(parents=True, exist_ok=True)
    lock = FileLock(ledger.folder / "run" / "corrections.lock")
    try:
        lock.acquire(timeout=PATIENCE_S)
    except Timeout:
        raise Busy("corrections_busy") from None
    try:
        yield
    finally:
        lock.release()
