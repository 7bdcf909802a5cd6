"""Who may say yes to how much (审贷分离): approvals by amount; who had a part in it never approves."""

from datetime import date

from services.lending.policy import Policy, policy_on


def approvals_needed(amount_fen: int, rules: Policy, override: bool = False, reviewed: bool = False) -> int:
    """How many people who had no part in it must approve a loan, where its borrower owes that amount in all.

    None for what a machine alone approved within its authority. What a person decided (`reviewed`) needs at
    least one; what was decided against the machine or is booked against the decision (`override`) one more.
    """
    needed = 0
    for row in rules.rows("authority"):
        needed = int(row["approvals"])
        if row["up_to_fen"] is None or amount_fen <= row["up_to_fen"]:
            break
    needed += int(rules.value("override_approvals")) if override else 0
    return max(needed, 1) if reviewed else needed


def machine_most_fen(day: date) -> int:
    """The largest amount that nobody but the machine need approve; 0 where every one needs a person."""
    rows = policy_on(day).rows("authority")
    return max((row["up_to_fen"] for row in rows if row["approvals"] == 0 and row["up_to_fen"]), default=0)
