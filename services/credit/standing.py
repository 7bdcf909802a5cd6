"""Findings for the knock-outs: lists and standing of a firm, of its groups and of its large partners."""

from datetime import date

from ledger.credit_lists import Listed, listed
from ledger.state import State
from services.credit.inputs import Finding
from services.credit.prepared import Entry, Prepared

#: Partners below this share of what is seen are not looked at; policies ask for more.
_LEAST_SHARE = 0.1


def findings(
    prepared: Prepared, state: State | None, firm: int, as_of: date, day: date
) -> tuple[Finding, ...]:
    """Everything that a knock-out rule may be about, the firm's own first. Entries that have ended by the
    day of decision, or have not begun, are left out; who its partners are is seen as of `as_of`."""
    snapshot = prepared.snapshot
    related = _related(prepared, firm, snapshot.months_until(as_of))
    imported = _imported(prepared, state, [firm, *related], day)
    industry = snapshot.enterprises["industry"][firm]
    found: list[Finding] = []
    if industry is not None:
        own = snapshot.id_of(firm)
        found.append(Finding("self", own, "industry", industry, None, None, "registry", None))
    found += _of(prepared, imported, firm, day, "self", None, None)
    for other, (whom, tie, share) in related.items():
        found += _of(prepared, imported, other, day, whom, tie, share)
    return tuple(found)


def _related(prepared: Prepared, firm: int, until: int) -> dict[int, tuple[str, str | None, float | None]]:
    """Members of its groups, and partners by their share of what is seen of that side."""
    found: dict[int, tuple[str, str | None, float | None]] = {
        other: ("group", kind, None) for kind, other in reversed(prepared.groups.get(firm, []))
    }
    traded = prepared.traded(firm, until)
    for side in ("customer", "supplier"):
        whole = sum(one.amount_fen for one in traded if one.side == side)
        for one in traded:
            share = one.amount_fen / whole if one.side == side and whole > 0 else 0.0
            if share >= _LEAST_SHARE and one.partner not in found:
                found[one.partner] = ("partner", side, round(share, 4))
    return found


def _imported(
    prepared: Prepared, state: State | None, firms: list[int], day: date
) -> dict[int, list[Listed]]:
    """Entries of the imported lists, by firm."""
    if state is None:
        return {}
    by_code = {code: firm for firm in reversed(firms) for code in prepared.codes(firm)}
    with state.reading() as connection:
        rows = listed(connection, tuple(by_code), day)
    found: dict[int, list[Listed]] = {}
    for row in rows:
        found.setdefault(by_code[row.code], []).append(row)
    return found


def _of(
    prepared: Prepared, imported: dict[int, list[Listed]], firm: int, day: date,
    whom: str, tie: str | None, share: float | None,
) -> list[Finding]:  # fmt: skip
    """The findings about one firm."""
    party = prepared.snapshot.id_of(firm)
    entries: list[Entry] = [e for e in prepared.entries.get(firm, []) if e.holds(day)]
    found = [
        Finding(
            whom, party, e.kind, e.value, _day(e.since), _day(e.until), e.source, e.fact, None, tie, share
        )
        for e in entries
    ]
    for one in imported.get(firm, []):
        days = (_day(one.since), _day(one.until))
        found.append(
            Finding(whom, party, "list", one.list, *days, one.source, one.id, one.appeal, tie, share)
        )
    return found


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
