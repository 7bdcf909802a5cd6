"""The tables of the state store that hold browser sessions. A session's token is in none of their columns.

`people` holds whom a provider's (issuer, subject) was called when they first came: a name that changes at
the provider later makes no second person of them.
"""

MIGRATION = """
CREATE TABLE people (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    holder TEXT NOT NULL UNIQUE,
    first TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;
CREATE TABLE sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    key TEXT REFERENCES keys (id),
    holder TEXT NOT NULL,
    role TEXT,
    parties TEXT,
    created TEXT NOT NULL,
    seen TEXT NOT NULL,
    expires TEXT NOT NULL,
    CHECK ((key IS NULL) <> (role IS NULL))
) STRICT;
"""
