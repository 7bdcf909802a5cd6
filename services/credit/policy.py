"""Credit policies as data: rules with version, days in force and source, from `policies/*.yaml`."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import InputError, NotFound
from services.credit.reapply import Reapply, read_reapply

FOLDER = Path(__file__).parent / "policies"


@dataclass(frozen=True)
class Product:
    """What can be applied for, within which bounds, and which figures bound its limit."""

    name: str
    least_months: int
    most_months: int
    least_fen: int
    most_fen: int
    limits: tuple[str, ...]


@dataclass(frozen=True)
class KnockOut:
    """A rule that comes before any model; a hit declines or refers."""

    code: str
    kind: str
    values: tuple[str, ...]
    effect: str
    advice: str
    source: str
    reread: bool


@dataclass(frozen=True)
class Grade:
    """A band of probabilities of default below `below`, with the most that is lent in it."""

    grade: str
    below: float
    cap_fen: int


@dataclass(frozen=True)
class Stale:
    """Most days from the data's cut-off, and from the end of the firm's own books, to the day of decision."""

    data_days: int
    books_days: int
    source: str


@dataclass(frozen=True)
class Policy:
    """One version of one policy. `version` names it in answers; `body` is its text as kept for replays."""

    version: str
    role: str
    since: date
    until: date | None
    products: dict[str, Product]
    consent_scope: tuple[str, ...]
    consent_purpose: str
    knock_outs: tuple[KnockOut, ...]
    related_groups: tuple[str, ...]
    partner_share: float
    own_months: int
    seen_months: int
    thin_cap_fen: int
    sold_months: int | None
    nothing_refers: bool
    stale: Stale | None
    approve_below: float
    decline_from: float
    grades: tuple[Grade, ...]
    cash_quantile: float
    cash_share: float
    sales_share: float
    order_share: float
    round_to_fen: int
    lgd: float
    least_rate: str
    most_rate: str
    valid_days: int
    max_level: int | None
    reapply: Reapply | None
    body: str

    def product(self, name: str) -> Product:
        """The product of that name. Raises InputError `product_unknown`."""
        if name not in self.products:
            raise InputError("product_unknown", product=name)
        return self.products[name]

    def grade_of(self, pd: float) -> Grade:
        """The band that a probability of default falls into."""
        return next((one for one in self.grades if pd < one.below), self.grades[-1])


def read_policy(body: str) -> Policy:
    """The policy that a text says. Raises InputError `policy_unreadable`, naming what is wrong."""
    try:
        raw = yaml.safe_load(body)
        return _policy(raw, body)
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("policy_unreadable", detail=f"{type(error).__name__}: {error}") from None


@cache
def shipped() -> tuple[Policy, ...]:
    """The policies of this room, champions first."""
    read = [read_policy(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
    return tuple(sorted(read, key=lambda one: (one.role != "champion", one.version)))


def champion(day: date, policies: tuple[Policy, ...] | None = None) -> Policy:
    """The champion in force on a day, the newest where several are. Raises NotFound `policy_none`."""
    held = [p for p in _in_force(day, policies) if p.role == "champion"]
    if not held:
        raise NotFound("policy_none", day=str(day))
    return max(held, key=lambda one: one.since)


def challengers(day: date, policies: tuple[Policy, ...] | None = None) -> tuple[Policy, ...]:
    """The challengers in force on a day."""
    return tuple(p for p in _in_force(day, policies) if p.role == "challenger")


def _in_force(day: date, policies: tuple[Policy, ...] | None) -> list[Policy]:
    every = shipped() if policies is None else policies
    return [p for p in every if p.since <= day and (p.until is None or day <= p.until)]


def _policy(raw: dict[str, Any], body: str) -> Policy:
    books, model, limit, price = (raw[k] for k in ("books", "model", "limit", "price"))
    made = Policy(
        version=f"{raw['id']}@{raw['version']}",
        role=raw["role"],
        since=raw["from"],
        until=raw["until"],
        products={name: _product(name, one) for name, one in raw["products"].items()},
        consent_scope=tuple(raw["consent"]["scope"]),
        consent_purpose=raw["consent"]["purpose"],
        knock_outs=tuple(_knock_out(one) for one in raw["knock_outs"]),
        related_groups=tuple(raw["related"]["groups"]),
        partner_share=float(raw["related"]["partner_share"]),
        own_months=int(books["own_months"]),
        seen_months=int(books["seen_months"]),
        thin_cap_fen=int(books["thin_cap_fen"]),
        sold_months=books.get("sold_months"),  # None in versions from before the rule
        nothing_refers=books["nothing"] == "refer",
        stale=_stale(raw.get("stale")),
        approve_below=float(model["approve_below"]),
        decline_from=float(model["decline_from"]),
        grades=tuple(Grade(str(g["grade"]), float(g["below"]), int(g["cap_fen"])) for g in model["grades"]),
        **{k: float(limit[k]) for k in ("cash_quantile", "cash_share", "sales_share")},
        order_share=float(limit["order_share"]),
        round_to_fen=int(limit["round_to_fen"]),
        lgd=float(price["lgd"]),
        least_rate=str(price["least_rate"]),
        most_rate=str(price["most_rate"]),
        valid_days=int(raw["valid_days"]),
        max_level=raw.get("max_level"),
        reapply=read_reapply(raw.get("reapply")),
        body=body,
    )
    _check(made)
    return made


def _product(name: str, raw: dict[str, Any]) -> Product:
    bounds = {k: int(raw[k]) for k in ("least_months", "most_months", "least_fen", "most_fen")}
    return Product(name, **bounds, limits=tuple(raw["limits"]))


def _stale(raw: dict[str, Any] | None) -> Stale | None:
    """None in versions from before the rule, which are kept for replays."""
    if raw is None:
        return None
    return Stale(int(raw["data_days"]), int(raw["books_days"]), str(raw["source"]))


def _knock_out(raw: dict[str, Any]) -> KnockOut:
    values = tuple(str(v) for v in raw["values"])
    told = {k: str(raw[k]) for k in ("code", "kind", "effect", "advice", "source")}
    return KnockOut(**told, values=values, reread=bool(raw["reread"]))


def _check(policy: Policy) -> None:
    """ValueError where the rules contradict each other."""
    below = [grade.below for grade in policy.grades]
    if below != sorted(set(below)) or below[-1] <= 1:
        raise ValueError("grades must ascend and cover every probability")
    if not 0 < policy.approve_below <= policy.decline_from <= 1.01:
        raise ValueError("approve_below must not lie above decline_from")
    if any(k.effect not in ("decline", "refer") for k in policy.knock_outs):
        raise ValueError("a knock-out declines or refers")
    if policy.role not in ("champion", "challenger"):
        raise ValueError(policy.role)
