"""The tables of the state store that hold applications and decisions."""

MIGRATION = """
    CREATE TABLE applications (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        party TEXT NOT NULL,
        product TEXT NOT NULL,
        amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
        months INTEGER NOT NULL CHECK (months > 0),
        purpose TEXT NOT NULL,
        consent TEXT NOT NULL,
        documents TEXT NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('applied', 'decided', 'booked', 'withdrawn'))
    ) STRICT;
    CREATE INDEX applications_by_party ON applications (party, number);
    CREATE INDEX applications_by_state ON applications (state, number);
    CREATE TRIGGER applications_only_go_on BEFORE UPDATE ON applications
        WHEN NOT (OLD.state = 'applied' AND NEW.state IN ('decided', 'withdrawn')
            OR OLD.state = 'decided' AND NEW.state IN ('booked', 'withdrawn'))
            OR OLD.party <> NEW.party OR OLD.amount_fen <> NEW.amount_fen OR OLD.consent <> NEW.consent
            OR OLD.months <> NEW.months OR OLD.by <> NEW.by
        BEGIN SELECT RAISE(ABORT, 'an application only goes on, and is never rewritten'); END;
    CREATE TRIGGER applications_are_never_cut BEFORE DELETE ON applications
        BEGIN SELECT RAISE(ABORT, 'applications are kept'); END;
    CREATE TABLE decisions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        application TEXT NOT NULL UNIQUE REFERENCES applications (id),
        party TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('approved', 'declined', 'manual_review')),
        valid_until TEXT NOT NULL,
        policy TEXT NOT NULL,
        model TEXT NOT NULL,
        snapshot TEXT NOT NULL,
        inputs TEXT NOT NULL,
        answer TEXT NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX decisions_by_party ON decisions (party, number);
    CREATE TRIGGER decisions_are_never_changed BEFORE UPDATE ON decisions
        BEGIN SELECT RAISE(ABORT, 'a decision stands as it was made'); END;
    CREATE TRIGGER decisions_are_never_cut BEFORE DELETE ON decisions
        BEGIN SELECT RAISE(ABORT, 'decisions are kept'); END;
    CREATE TABLE decision_events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        decision TEXT NOT NULL REFERENCES decisions (id),
        kind TEXT NOT NULL CHECK (kind IN ('objected', 'reviewed')),
        status TEXT NOT NULL CHECK (status IN ('approved', 'declined', 'manual_review')),
        limit_fen INTEGER,
        override INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL,
        why TEXT NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX decision_events_by_decision ON decision_events (decision, number);
    CREATE TRIGGER decision_events_are_never_changed BEFORE UPDATE ON decision_events
        BEGIN SELECT RAISE(ABORT, 'what was decided stands'); END;
    CREATE TRIGGER decision_events_are_never_cut BEFORE DELETE ON decision_events
        BEGIN SELECT RAISE(ABORT, 'what was decided stands'); END;
    CREATE TABLE challenger_answers (
        decision TEXT NOT NULL REFERENCES decisions (id),
        policy TEXT NOT NULL,
        status TEXT NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (decision, policy)
    ) STRICT;
    CREATE TABLE credit_policies (
        version TEXT PRIMARY KEY,
        body TEXT NOT NULL
    ) STRICT;
    CREATE TABLE standing_lists (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        code TEXT,
        name TEXT,
        list TEXT NOT NULL,
        since TEXT NOT NULL,
        until TEXT,
        source TEXT NOT NULL,
        reason TEXT NOT NULL,
        appeal TEXT CHECK (appeal IN ('open', 'upheld', 'dismissed')),
        appeal_why TEXT,
        by TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX standing_lists_by_code ON standing_lists (code);
"""
