"""The tables of the state store that hold portfolios, receivables pledged and the loan book.

What must never happen is forbidden here and not only by whoever writes: an entry that does not balance, a
receivable held twice, one decision booked twice, an approval by whoever entered it.
"""

MIGRATION = """
CREATE TABLE portfolios (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    capital_fen INTEGER NOT NULL CHECK (capital_fen > 0),
    note TEXT,
    by TEXT NOT NULL,
    created TEXT NOT NULL,
    closed TEXT
) STRICT;
CREATE TABLE portfolio_members (
    portfolio TEXT NOT NULL REFERENCES portfolios (id),
    party TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (portfolio, party)
) STRICT;
CREATE TABLE receivable_marks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    fact TEXT NOT NULL,
    seller TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('confirmed', 'disputed', 'settled_dispute', 'collected')),
    amount_fen INTEGER,
    happened_on TEXT NOT NULL,
    proof TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX receivable_marks_by_seller ON receivable_marks (seller);
CREATE TABLE claims (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('pledge', 'purchase')),
    seller TEXT NOT NULL,
    holder TEXT NOT NULL,
    searched_on TEXT NOT NULL,
    search_number TEXT NOT NULL,
    search_result TEXT NOT NULL CHECK (search_result = 'free'),
    register_number TEXT,
    registered_on TEXT,
    amount_fen INTEGER NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    released TEXT,
    released_by TEXT,
    released_why TEXT
) STRICT;
CREATE INDEX claims_by_seller ON claims (seller);
CREATE TABLE claim_facts (
    claim TEXT NOT NULL REFERENCES claims (id),
    fact TEXT NOT NULL,
    canonical TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    held INTEGER NOT NULL DEFAULT 1 CHECK (held IN (0, 1)),
    PRIMARY KEY (claim, fact)
) STRICT;
CREATE UNIQUE INDEX one_claim_a_receivable ON claim_facts (fact) WHERE held = 1;
CREATE TABLE loans (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    decision TEXT NOT NULL UNIQUE,
    portfolio TEXT NOT NULL REFERENCES portfolios (id),
    party TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    rate TEXT NOT NULL,
    method TEXT NOT NULL,
    term_months INTEGER NOT NULL CHECK (term_months > 0),
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    policy TEXT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'refused', 'closed')),
    entered_by TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    override TEXT
) STRICT;
CREATE INDEX loans_by_party ON loans (party);
CREATE INDEX loans_by_portfolio ON loans (portfolio, number);
CREATE TABLE loan_approvals (
    loan TEXT NOT NULL REFERENCES loans (id),
    by TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'refused')),
    why TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (loan, by)
) STRICT;
CREATE TRIGGER who_enters_never_approves BEFORE INSERT ON loan_approvals
    WHEN EXISTS (SELECT 1 FROM loans WHERE id = NEW.loan AND entered_by = NEW.by)
    BEGIN SELECT RAISE(ABORT, 'who enters never approves'); END;
CREATE TABLE instalments (
    loan TEXT NOT NULL REFERENCES loans (id),
    number INTEGER NOT NULL,
    starts_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    principal_fen INTEGER NOT NULL CHECK (principal_fen >= 0),
    interest_fen INTEGER NOT NULL CHECK (interest_fen >= 0),
    PRIMARY KEY (loan, number)
) STRICT;
CREATE TABLE entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    loan TEXT NOT NULL REFERENCES loans (id),
    kind TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    reference TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX entries_by_loan ON entries (loan, number);
CREATE TABLE postings (
    entry TEXT NOT NULL REFERENCES entries (id) DEFERRABLE INITIALLY DEFERRED,
    line INTEGER NOT NULL,
    account TEXT NOT NULL,
    loan TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (entry, line)
) STRICT;
CREATE INDEX postings_by_loan ON postings (loan, account);
CREATE TRIGGER an_entry_balances BEFORE INSERT ON entries
    WHEN COALESCE((SELECT SUM(amount_fen) FROM postings WHERE entry = NEW.id), 1) <> 0
    BEGIN SELECT RAISE(ABORT, 'an entry must balance'); END;
CREATE TRIGGER an_entry_is_closed BEFORE INSERT ON postings
    WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.entry)
    BEGIN SELECT RAISE(ABORT, 'nothing is added to an entry'); END;
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the loan book is append-only'); END;
CREATE TRIGGER entries_are_never_cut BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the loan book is append-only'); END;
CREATE TRIGGER postings_are_never_changed BEFORE UPDATE ON postings
    BEGIN SELECT RAISE(ABORT, 'the loan book is append-only'); END;
CREATE TRIGGER postings_are_never_cut BEFORE DELETE ON postings
    BEGIN SELECT RAISE(ABORT, 'the loan book is append-only'); END;
CREATE TABLE warnings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    party TEXT NOT NULL,
    code TEXT NOT NULL,
    found_on TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('note', 'refer', 'cut', 'freeze')),
    detail TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    lifted TEXT,
    lifted_by TEXT,
    lifted_why TEXT,
    CHECK (lifted_by IS NULL OR lifted_by <> by)
) STRICT;
CREATE INDEX warnings_by_party ON warnings (party);
"""
