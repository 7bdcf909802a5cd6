"""The tables of the state store that hold what people keep at their desk: views, notes, watchlists.

Enterprises are named by party ids, which never change. What a note said is never rewritten: an edit adds
a version.
"""

MIGRATION = """
CREATE TABLE views (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('explorer', 'map', 'list')),
    body TEXT NOT NULL,
    shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
    snapshot TEXT,
    by TEXT NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;
CREATE INDEX views_by_owner ON views (by, number);
CREATE TABLE notes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    party TEXT NOT NULL,
    partner TEXT,
    shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
    by TEXT NOT NULL,
    created TEXT NOT NULL,
    deleted TEXT
) STRICT;
CREATE INDEX notes_by_party ON notes (party, number);
CREATE INDEX notes_by_partner ON notes (partner, number);
CREATE TABLE note_versions (
    note TEXT NOT NULL REFERENCES notes (id),
    version INTEGER NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (note, version)
) STRICT;
CREATE TRIGGER what_a_note_said_is_never_changed BEFORE UPDATE ON note_versions
    BEGIN SELECT RAISE(ABORT, 'an edit adds a version'); END;
CREATE TRIGGER what_a_note_said_is_never_cut BEFORE DELETE ON note_versions
    BEGIN SELECT RAISE(ABORT, 'what a note said is kept'); END;
CREATE TABLE watchlists (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
    alerts INTEGER NOT NULL CHECK (alerts IN (0, 1)),
    by TEXT NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;
CREATE INDEX watchlists_by_owner ON watchlists (by, number);
CREATE TABLE watchlist_members (
    watchlist TEXT NOT NULL REFERENCES watchlists (id),
    party TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (watchlist, party)
) STRICT;
CREATE INDEX watchlist_members_by_party ON watchlist_members (party);
"""
