"""The loan book in the state store: loans, their instalments, approvals, and entries that always balance.

An entry is a handful of postings that add up to nothing: a debit is above 0, a credit below. The store
refuses one that does not, and refuses to change any. An entry's id is made of what it stands for, so that
the same booking or repayment sent twice is one entry. All of a step is one transaction: a process that is
killed between two postings leaves neither.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ledger.errors import Conflict, NotFound
from ledger.ids import stable_id

#: Accounts: money out with borrowers, money moved, what was earned, what borrowers paid ahead, what is
#: granted and not drawn (memorandum, with its contra).
ACCOUNTS = (
    *("loan_principal", "cash", "interest_income", "penalty_income", "borrower_credit"),
    *("commitment", "commitment_contra"),
)
#: What an entry is for.
KINDS = ("granted", "drawn", "repaid", "credit_used", "commitment_ended")


@dataclass(frozen=True)
class Loan:
    """A loan as it was entered. Days are ISO dates, `rate` decimal text, `state` waiting | active | refused
    | closed. `override`: why it was entered against what was decided; None where it was not. `needed`: people
    who must approve it, as it was entered; None where it was entered before that was kept."""

    id: str
    decision: str
    portfolio: str
    party: str
    amount_fen: int
    rate: str
    method: str
    term_months: int
    starts_on: str
    ends_on: str
    policy: str
    request: str
    state: str
    entered_by: str
    entered_at: str
    override: str | None
    needed: int | None = None
    number: int = 0

    @property
    def annual_rate(self) -> Decimal:
        """The annual simple rate."""
        return Decimal(self.rate)


@dataclass(frozen=True)
class Due:
    """An instalment as it was agreed."""

    number: int
    starts_on: date
    due_on: date
    principal_fen: int
    interest_fen: int


@dataclass(frozen=True)
class Approval:
    """What a person said who had no part in the loan before."""

    by: str
    verdict: str
    why: str
    at: str


@dataclass(frozen=True)
class Entry:
    """One entry with its postings: account → fen, debit above 0. `cash_fen`: what moved."""

    id: str
    kind: str
    happened_on: date
    reference: str
    by: str
    at: str
    postings: dict[str, int]
    number: int = 0

    @property
    def cash_fen(self) -> int:
        """Money that moved, whichever way."""
        return abs(self.postings.get("cash", 0))


def now() -> str:
    """The moment, as it is stored."""
    return datetime.now(UTC).isoformat()


def loan_of_decision(connection: sqlite3.Connection, decision: str) -> Loan | None:
    """The loan that a decision was booked as, None before."""
    row = connection.execute("SELECT * FROM loans WHERE decision = ?", (decision,)).fetchone()
    return None if row is None else _loan(row)


def enter(connection: sqlite3.Connection, loan: Loan) -> None:
    """Keep a loan. `sqlite3.IntegrityError` where its decision is booked already."""
    names = [name for name in Loan.__dataclass_fields__ if name != "number"]
    slots = ", ".join("?" * len(names))
    connection.execute(
        f"INSERT INTO loans ({', '.join(names)}) VALUES ({slots})",  # noqa: S608
        tuple(getattr(loan, name) for name in names),
    )


def start(connection: sqlite3.Connection, id_: str, on: date, ends: date, dues: Sequence[Due]) -> None:
    """Let a loan run from a day, with its instalments."""
    connection.execute(
        "UPDATE loans SET state = 'active', starts_on = ?, ends_on = ? WHERE id = ?",
        (on.isoformat(), ends.isoformat(), id_),
    )
    rows = [
        (id_, d.number, d.starts_on.isoformat(), d.due_on.isoformat(), d.principal_fen, d.interest_fen)
        for d in dues
    ]
    connection.executemany("INSERT INTO instalments VALUES (?, ?, ?, ?, ?, ?)", rows)


def loan(connection: sqlite3.Connection, id_: str) -> Loan:
    """A loan. Raises NotFound."""
    row = connection.execute("SELECT * FROM loans WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("loan_not_found", loan=id_)
    return _loan(row)


def loans(
    connection: sqlite3.Connection,
    portfolio: str | None = None,
    parties: Sequence[str] | None = None,
    states: Sequence[str] = ("waiting", "active", "refused", "closed"),
    after: int = 0,
    limit: int = 1_000_000,
) -> list[Loan]:
    """Loans in the order they were entered, after number `after`."""
    rows = connection.execute(
        "SELECT * FROM loans WHERE number > ? AND state IN (SELECT value FROM json_each(?)) "
        "AND (? IS NULL OR portfolio = ?) "
        "AND (? IS NULL OR party IN (SELECT value FROM json_each(?))) ORDER BY number LIMIT ?",
        (
            *(after, json.dumps(list(states)), portfolio, portfolio),
            *((None, None) if parties is None else (1, json.dumps(list(parties)))),
            limit,
        ),
    ).fetchall()
    return [_loan(row) for row in rows]


def set_state(connection: sqlite3.Connection, id_: str, state: str) -> None:
    """Bring a loan to a state."""
    connection.execute("UPDATE loans SET state = ? WHERE id = ?", (state, id_))


def instalments(connection: sqlite3.Connection, id_: str) -> list[Due]:
    """What a loan pays when, as agreed."""
    rows = connection.execute("SELECT * FROM instalments WHERE loan = ? ORDER BY number", (id_,)).fetchall()
    return [
        Due(
            r["number"], date.fromisoformat(r["starts_on"]), date.fromisoformat(r["due_on"]),
            r["principal_fen"], r["interest_fen"],
        )
        for r in rows
    ]  # fmt: skip


def approve(connection: sqlite3.Connection, id_: str, by: str, verdict: str, why: str) -> None:
    """Keep what a person says of a loan that waits.

    Raises Conflict where it does not wait, `by` had a part in it (`loan_four_eyes`) or has spoken.
    """
    found = loan(connection, id_)
    if by in hands(connection, found):
        raise Conflict("loan_four_eyes", loan=id_, by=by)
    if found.state != "waiting":
        raise Conflict("loan_not_waiting", loan=id_, state=found.state)
    if any(one.by == by for one in approvals(connection, id_)):
        raise Conflict("spoken_already", loan=id_, by=by)
    cells = (id_, by, verdict, why, now())
    connection.execute("INSERT INTO loan_approvals VALUES (?, ?, ?, ?, ?)", cells)


def hands(connection: sqlite3.Connection, found: Loan) -> set[str]:
    """Who had a part in a loan: entered it or its application, objected to its decision or reviewed
    it, or answered its offer."""
    rows = connection.execute(
        "SELECT a.by FROM decisions d JOIN applications a ON a.id = d.application WHERE d.id = ? "
        "UNION SELECT by FROM decision_events WHERE decision = ? "
        "UNION SELECT by FROM offer_answers WHERE decision = ?",
        (found.decision,) * 3,
    ).fetchall()
    return {found.entered_by, *(row["by"] for row in rows)}


def approvals(connection: sqlite3.Connection, id_: str) -> list[Approval]:
    """What people said of a loan, oldest first."""
    rows = connection.execute("SELECT * FROM loan_approvals WHERE loan = ? ORDER BY at", (id_,)).fetchall()
    return [Approval(r["by"], r["verdict"], r["why"], r["at"]) for r in rows]


def overrides(connection: sqlite3.Connection, portfolio: str) -> int:
    """Loans of a portfolio that were entered against what was decided, or decided against the machine."""
    counted = (
        "SELECT COUNT(*) FROM loans WHERE portfolio = ? AND (override IS NOT NULL OR decision IN "
        "(SELECT decision FROM decision_events WHERE override = 1))"
    )
    return int(connection.execute(counted, (portfolio,)).fetchone()[0])


def post(
    connection: sqlite3.Connection,
    of: str,
    kind: str,
    on: date,
    reference: str,
    by: str,
    postings: dict[str, int],
) -> bool:
    """Write an entry of loan `of`; False where it stands already.

    Postings of 0 are left out. ValueError for an unknown kind or account; `sqlite3.IntegrityError` where it
    does not balance. Raises Conflict `entry_differs` where another entry bears the reference.
    """
    if kind not in KINDS or not set(postings) <= set(ACCOUNTS):
        raise ValueError(f"{kind}: {sorted(postings)}")
    id_ = stable_id("entry", of, kind, reference)
    lines = {account: fen for account, fen in postings.items() if fen}
    earlier = _entries(connection, "WHERE e.id = ?", id_)
    if earlier:
        if earlier[0].postings != lines or earlier[0].happened_on != on:
            raise Conflict("entry_differs", loan=of, reference=reference)
        return False
    for line, (account, fen) in enumerate(lines.items(), 1):
        connection.execute("INSERT INTO postings VALUES (?, ?, ?, ?, ?)", (id_, line, account, of, fen))
    cells = (id_, of, kind, on.isoformat(), reference, by, now())
    connection.execute(
        "INSERT INTO entries (id, loan, kind, happened_on, reference, by, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        cells,
    )
    return True


def entries(connection: sqlite3.Connection, of: str) -> list[Entry]:
    """Entries of a loan in the order they were written."""
    return _entries(connection, "WHERE e.loan = ?", of)


def entry(connection: sqlite3.Connection, of: str, kind: str, reference: str) -> Entry | None:
    """The entry of that reference, None where there is none."""
    found = _entries(connection, "WHERE e.id = ?", stable_id("entry", of, kind, reference))
    return found[0] if found else None


def balances(connection: sqlite3.Connection, portfolio: str | None = None) -> dict[str, int]:
    """Fen on every account, of one portfolio or all; they add up to nothing."""
    rows = connection.execute(
        "SELECT p.account, SUM(p.amount_fen) AS fen FROM postings p JOIN loans l ON l.id = p.loan "
        "WHERE (? IS NULL OR l.portfolio = ?) GROUP BY p.account",
        (portfolio, portfolio),
    ).fetchall()
    found = {row["account"]: int(row["fen"]) for row in rows}
    return {account: found.get(account, 0) for account in ACCOUNTS}


@dataclass(frozen=True)
class AtRisk:
    """What hangs on a party in a portfolio, in fen. `portfolio` None: approved and not booked in any yet."""

    party: str
    portfolio: str | None
    fen: int


#: Owed and still to be drawn; waiting for approval; approved by a decision that holds and is not booked.
_AT_RISK = """
SELECT party, portfolio, SUM(fen) AS fen FROM (
    SELECT l.party, l.portfolio, p.amount_fen AS fen FROM loans l JOIN postings p ON p.loan = l.id
        WHERE l.state = 'active' AND p.account IN ('loan_principal', 'commitment')
    UNION ALL
    SELECT party, portfolio, amount_fen FROM loans WHERE state = 'waiting' AND id IS NOT :loan
    UNION ALL
    SELECT d.party, NULL, COALESCE(e.limit_fen, json_extract(d.answer, '$.limit.amount_fen'))
        FROM applications a JOIN decisions d ON d.application = a.id
        LEFT JOIN decision_events e ON e.number =
            (SELECT MAX(number) FROM decision_events WHERE decision = d.id)
        WHERE a.state = 'decided' AND d.valid_until >= :day
        AND NOT EXISTS (SELECT 1 FROM loans r WHERE r.decision = d.id AND r.state = 'refused')
        AND COALESCE(e.status, d.status) = 'approved'
        AND d.number < COALESCE((SELECT number FROM decisions WHERE id = :decision), 9223372036854775807)
) GROUP BY party, portfolio HAVING SUM(fen) <> 0 ORDER BY party, portfolio
"""


def at_risk(
    connection: sqlite3.Connection, on: date, decision: str | None = None, loan: str | None = None
) -> list[AtRisk]:
    """What hangs on every party in every portfolio, in one query.

    A loan that waits for approval counts with its whole amount, and so does a decision that is approved and
    still valid `on` a day: two of them must not both pass under one limit. Left out is what is being booked:
    the `decision`, and those made after it, which counted it themselves; and the `loan` that waits.
    """
    given = {"day": on.isoformat(), "decision": decision, "loan": loan}
    rows = connection.execute(_AT_RISK, given).fetchall()
    return [AtRisk(row["party"], row["portfolio"], int(row["fen"])) for row in rows]


def _entries(connection: sqlite3.Connection, where: str, value: str) -> list[Entry]:
    joined = "SELECT e.*, p.account, p.amount_fen FROM entries e JOIN postings p ON p.entry = e.id"
    query = f"{joined} {where} ORDER BY e.number, p.line"
    rows = connection.execute(query, (value,)).fetchall()
    found: dict[str, Entry] = {}
    same = ("id", "kind", "reference", "by", "at", "number")
    for row in rows:
        if row["id"] not in found:
            day = date.fromisoformat(row["happened_on"])
            found[row["id"]] = Entry(**{n: row[n] for n in same}, happened_on=day, postings={})
        found[row["id"]].postings[row["account"]] = row["amount_fen"]
    return list(found.values())


def _loan(row: sqlite3.Row) -> Loan:
    return Loan(**{name: row[name] for name in Loan.__dataclass_fields__})
