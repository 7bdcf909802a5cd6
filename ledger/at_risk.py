"""What hangs on whom, item by item: the loans and approvals whose sums `ledger.lending.at_risk` tells."""

import sqlite3
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Item:
    """A loan that runs or waits (`kind` loan, waiting: `id` is its own) or an approved decision that nobody
    booked yet (`approved`), in fen. `decision`: what it was entered on; `portfolio` None: in none yet."""

    kind: str
    id: str
    party: str
    portfolio: str | None
    decision: str
    until: str | None
    fen: int


#: The same three kinds as `ledger.lending.at_risk`, not summed over parties.
_ITEMS = """
SELECT 'loan' AS kind, l.id, l.party, l.portfolio, l.decision, l.ends_on AS until, SUM(p.amount_fen) AS fen
    FROM loans l JOIN postings p ON p.loan = l.id
    WHERE l.state = 'active' AND p.account IN ('loan_principal', 'commitment') GROUP BY l.id
UNION ALL
SELECT 'waiting', id, party, portfolio, decision, ends_on, amount_fen FROM loans WHERE state = 'waiting'
UNION ALL
SELECT 'approved', d.id, d.party, NULL, d.id, d.valid_until,
        COALESCE(e.limit_fen, json_extract(d.answer, '$.limit.amount_fen'))
    FROM applications a JOIN decisions d ON d.application = a.id
    LEFT JOIN decision_events e ON e.number =
        (SELECT MAX(number) FROM decision_events WHERE decision = d.id)
    WHERE a.state = 'decided' AND d.valid_until >= :day AND COALESCE(e.status, d.status) = 'approved'
    AND NOT EXISTS (SELECT 1 FROM loans r WHERE r.decision = d.id AND r.state = 'refused')
"""


def items(connection: sqlite3.Connection, on: date) -> list[Item]:
    """All of them, those of nothing left out; approvals that are still valid `on` a day."""
    rows = connection.execute(_ITEMS, {"day": on.isoformat()}).fetchall()
    return [Item(**{**dict(row), "fen": int(row["fen"])}) for row in rows if row["fen"]]
