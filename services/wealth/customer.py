"""Who may be shown what: the customer's assessment and class against each product's level and audience."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ledger.errors import InputError
from services.wealth.policy import Policy


@dataclass(frozen=True)
class Assessment:
    """A risk assessment: level C1–C5, who made it, when, and until when it holds."""

    level: str
    assessor: str
    assessed_on: date
    expires_on: date


@dataclass(frozen=True)
class Customer:
    """`professional`: declared 专业投资者; `natural_person`: a 个体工商户 counts as one."""

    assessment: Assessment | None
    professional: bool = False
    natural_person: bool = False


def highest_level(customer: Customer, day: date, policy: Policy) -> int:
    """The highest product level that may be proposed on `day`.

    Raises InputError where no assessment is in force: then nothing may be proposed.
    """
    found = customer.assessment
    if found is None:
        raise InputError("wealth_not_assessed")
    if found.assessed_on > day:
        raise InputError(
            "wealth_assessed_later", assessed_on=found.assessed_on.isoformat(), day=day.isoformat()
        )
    if found.expires_on < found.assessed_on:
        raise InputError("wealth_assessment_dates")
    last = min(found.expires_on, found.assessed_on + timedelta(days=policy.assessment_days))
    if day > last:
        raise InputError("wealth_assessment_expired", until=last.isoformat())
    if not found.assessor.strip():
        raise InputError("wealth_no_assessor")
    if found.level not in policy.levels:
        raise InputError("wealth_level_unknown", level=found.level)
    return policy.levels[found.level]


def suitable(shelf: pl.DataFrame, customer: Customer, day: date, policy: Policy) -> pl.DataFrame:
    """The products of the shelf that may be proposed to the customer on `day`, in the shelf's order."""
    most = highest_level(customer, day, policy)
    kind = "natural" if customer.natural_person else "institution"
    on_sale = (pl.col("on_sale_from").is_null() | (pl.col("on_sale_from") <= day)) & (
        pl.col("on_sale_until").is_null() | (pl.col("on_sale_until") >= day)
    )
    allowed = (pl.col("level") <= most) & pl.col("investors").is_in(["both", kind])
    if not customer.professional:
        allowed &= pl.col("audience") == "public"
    return shelf.filter(allowed & on_sale)
