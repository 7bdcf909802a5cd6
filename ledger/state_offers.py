"""What the state store adds for offers: what the customer said to an approved decision, once and for good;
who entered an application; and that an application is decided again when its loan was refused.
"""

MIGRATION = """
ALTER TABLE applications ADD COLUMN entered_as TEXT NOT NULL DEFAULT 'bank'
    CHECK (entered_as IN ('bank', 'owner'));
CREATE TABLE offer_answers (
    decision TEXT PRIMARY KEY REFERENCES decisions (id),
    said TEXT NOT NULL CHECK (said IN ('accepted', 'declined')),
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    method TEXT,
    said_on TEXT NOT NULL,
    by TEXT NOT NULL,
    for_customer INTEGER NOT NULL CHECK (for_customer IN (0, 1)),
    why TEXT NOT NULL,
    at TEXT NOT NULL,
    CHECK (for_customer = 0 OR length(why) > 0)
) STRICT;
CREATE TRIGGER offer_answers_are_never_changed BEFORE UPDATE ON offer_answers
    BEGIN SELECT RAISE(ABORT, 'what a customer said stands'); END;
CREATE TRIGGER offer_answers_are_never_cut BEFORE DELETE ON offer_answers
    BEGIN SELECT RAISE(ABORT, 'what a customer said stands'); END;
CREATE TRIGGER who_answered_for_a_customer_never_approves BEFORE INSERT ON loan_approvals
    WHEN EXISTS (
        SELECT 1 FROM loans l JOIN offer_answers o ON o.decision = l.decision
        WHERE l.id = NEW.loan AND o.by = NEW.by
    )
    BEGIN SELECT RAISE(ABORT, 'who had a part in it never approves'); END;
DROP TRIGGER applications_only_go_on;
CREATE TRIGGER applications_only_go_on BEFORE UPDATE ON applications
    WHEN NOT (OLD.state = 'applied' AND NEW.state IN ('decided', 'withdrawn')
        OR OLD.state = 'decided' AND NEW.state IN ('booked', 'withdrawn')
        OR OLD.state = 'booked' AND NEW.state = 'decided' AND EXISTS (
            SELECT 1 FROM loans l JOIN decisions d ON d.id = l.decision
            WHERE d.application = OLD.id AND l.state = 'refused'))
        OR OLD.party <> NEW.party OR OLD.amount_fen <> NEW.amount_fen OR OLD.consent <> NEW.consent
        OR OLD.months <> NEW.months OR OLD.by <> NEW.by OR OLD.entered_as <> NEW.entered_as
    BEGIN SELECT RAISE(ABORT, 'an application only goes on, and is never rewritten'); END;
UPDATE applications SET state = 'decided' WHERE state = 'booked' AND id IN (
    SELECT d.application FROM decisions d JOIN loans l ON l.decision = d.id WHERE l.state = 'refused');
"""
