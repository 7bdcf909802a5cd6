"""What the state store adds for four eyes: how many must approve a loan, and who never may.

Whoever entered the application, objected to the decision or reviewed it had a part in it, as whoever entered
the loan had: none of them approves it, by whatever door.
"""

MIGRATION = """
ALTER TABLE loans ADD COLUMN needed INTEGER CHECK (needed >= 0);
CREATE TRIGGER who_had_a_part_never_approves BEFORE INSERT ON loan_approvals
    WHEN EXISTS (
        SELECT 1 FROM loans l JOIN decisions d ON d.id = l.decision
        JOIN applications a ON a.id = d.application WHERE l.id = NEW.loan AND a.by = NEW.by
    ) OR EXISTS (
        SELECT 1 FROM loans l JOIN decision_events e ON e.decision = l.decision
        WHERE l.id = NEW.loan AND e.by = NEW.by
    )
    BEGIN SELECT RAISE(ABORT, 'who had a part in it never approves'); END;
CREATE TRIGGER a_loan_starts_with_its_approvals BEFORE UPDATE OF state ON loans
    WHEN NEW.state = 'active' AND OLD.state = 'waiting' AND COALESCE(OLD.needed, 0) > (
        SELECT COUNT(*) FROM loan_approvals WHERE loan = OLD.id AND verdict = 'approved'
    )
    BEGIN SELECT RAISE(ABORT, 'a loan starts with its approvals'); END;
"""
