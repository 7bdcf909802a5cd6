"""What the state store adds for consent: when it was taken back, which ends what may be done with it."""

MIGRATION = """
CREATE TABLE consent_ends (
    application TEXT PRIMARY KEY REFERENCES applications (id),
    by TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TRIGGER consent_ends_once BEFORE UPDATE ON consent_ends
    BEGIN SELECT RAISE(ABORT, 'consent that was taken back stays so'); END;
CREATE TRIGGER consent_ends_are_never_cut BEFORE DELETE ON consent_ends
    BEGIN SELECT RAISE(ABORT, 'consent that was taken back stays so'); END;
CREATE TRIGGER nothing_is_decided_without_consent BEFORE INSERT ON decisions
    WHEN EXISTS (SELECT 1 FROM consent_ends e WHERE e.application = NEW.application)
    BEGIN SELECT RAISE(ABORT, 'consent was taken back'); END;
"""
