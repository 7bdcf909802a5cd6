"""The tables of the state store that hold keys and webhooks. No secret is among their columns."""

MIGRATION = """
    CREATE TABLE keys (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        hash TEXT NOT NULL,
        holder TEXT NOT NULL,
        role TEXT NOT NULL,
        scopes TEXT,
        parties TEXT,
        portfolio TEXT,
        rate REAL,
        note TEXT NOT NULL,
        created TEXT NOT NULL,
        created_by TEXT NOT NULL,
        expires TEXT NOT NULL,
        revoked TEXT,
        revoked_by TEXT
    ) STRICT;
    CREATE TABLE webhooks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL REFERENCES keys (id),
        url TEXT NOT NULL,
        events TEXT NOT NULL,
        created TEXT NOT NULL,
        ended TEXT
    ) STRICT;
    CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        webhook TEXT NOT NULL REFERENCES webhooks (id),
        event TEXT NOT NULL,
        subject TEXT NOT NULL,
        party TEXT,
        body TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'failed', 'dropped')),
        attempts INTEGER NOT NULL DEFAULT 0,
        due TEXT NOT NULL,
        status INTEGER,
        error TEXT,
        created TEXT NOT NULL,
        ended TEXT
    ) STRICT;
    CREATE INDEX deliveries_due ON deliveries (state, due);
    CREATE INDEX deliveries_of ON deliveries (webhook, number);
    CREATE INDEX audit_by_subject ON audit (subject, number);
"""
