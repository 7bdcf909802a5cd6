"""Stand-ins for the rooms that a credit decision asks, and a small world to decide in, all by hand."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from graph.snapshot import write_snapshot
from ledger.credit import Consent
from ledger.ledger import Ledger
from services.credit.desk import Asked, Desk
from services.credit.gather import Seen
from services.credit.inputs import Money
from services.credit.policy import read_policy, shipped
from services.credit.prepared import Prepared
from tests.learned_world import MONTHS, world

TODAY = date(2026, 11, 22)
#: The firms of the world.
A, B, C, D, E = (f"{i:016x}" for i in range(5))
NAMES = ("log_sales", "overdue_share", "seen_customers", "position_level")


@dataclass
class Model:
    """log odds = -3 - 0.2 (log_sales - 6) + 5 overdue_share - 0.1 seen_customers + 0.1 level; null adds 0."""

    names: tuple[str, ...] = NAMES
    version: str = "0123456789abcdef"
    weights: tuple[float, ...] = (-0.2, 5.0, -0.1, 0.1)
    base: float = -3.0

    @property
    def directions(self):
        return {name: 1 if weight > 0 else -1 for name, weight in zip(self.names, self.weights, strict=True)}

    def contributions(self, rows):
        return np.nan_to_num(np.asarray(rows, float) * np.array(self.weights), nan=0.0)

    def pd(self, rows):
        return 1 / (1 + np.exp(-(self.base + self.contributions(rows).sum(axis=1))))

    def score(self, pd):
        return int(np.clip(round(850 - 550 * pd), 300, 850))


RICH = Money((500_000_00, 800_000_00, 900_000_00), None, 200_000_00, 140_000_00, None, 300_000_00, None)


@dataclass
class Sources:
    """What each room says, to be changed by a test."""

    values: dict = field(
        default_factory=lambda: {
            "log_sales": 6.0, "overdue_share": 0.05, "seen_customers": 4.0, "position_level": 3.0
        }
    )  # fmt: skip
    inferred: tuple[str, ...] = ()
    money_is: Money = RICH
    uses_are: tuple = ()
    rate: Decimal | None = Decimal("0.0600")
    machine_most: int = 300_000_000
    its_model: Model = field(default_factory=Model)
    changes: dict = field(default_factory=lambda: {"seen_customers": 3.0})
    asked: list = field(default_factory=list)

    def features(self, firm, as_of):
        self.asked.append((firm, as_of))
        names = tuple(self.values)
        return Seen(
            "1", names, tuple(self.values.values()),
            {n: "no_sales_books" for n, v in self.values.items() if v is None},
            self.inferred, True,
            lambda edges: {e: dict(self.changes) for e in edges},
            lambda name: ("f" * 16,),
            lambda firms: dict.fromkeys(firms, 0.03),
        )  # fmt: skip

    def model(self, version=None):
        return self.its_model

    def keep_model(self, version):
        pass

    def churn(self):
        return "churn@1", "a table"

    def price(self, table):
        return lambda pd, lgd: self.rate

    def money(self, firm, as_of, months):
        return self.money_is

    def uses(self, firm, amount_fen):
        return self.uses_are, None

    def machine_most_fen(self, day):
        return self.machine_most


CONSENT = Consent(
    "consent-2026-1", ("enterprise_graph", "invoices", "bank_statements"), "credit_decision",
    TODAY - timedelta(days=3), TODAY + timedelta(days=300),
)  # fmt: skip


def wish(party: str, **changed) -> Asked:
    """An application for 100,000 yuan over a year."""
    asked = Asked(party, "working_capital", 100_000_00, 12, "raw_materials", CONSENT)
    return replace(asked, **changed)


def desk(snapshot, folder, state, sources=None, **more) -> Desk:
    """The desk over a snapshot with stand-in rooms."""
    return Desk(Prepared(snapshot, Ledger(folder)), sources or Sources(), state, today=lambda: TODAY, **more)


def snapshot_in(folder, **tables):
    """A → B → C, D → B; E trades with nobody; A, firm 0, has own sales books of all three months."""
    made = world({"a": "x", "b": "y", "c": None, "d": "z", "e": None}, [("a", "b"), ("b", "c"), ("d", "b")])
    made.coverage = pl.DataFrame(
        {"enterprise": [0] * 3, "side": ["sale"] * 3, "month": MONTHS, "invoices": [4] * 3}
    )
    parties = pl.DataFrame(
        {"enterprise": [0, 1], "party": ["00000000000000aa", f"{1:016x}"], "code": ["A1", "B1"]}
    )
    made.members = parties
    for name, frame in tables.items():
        setattr(made, name, frame)
    return write_snapshot(folder, made)


def policies(version="2026.4", **changed):
    """The shipped policies for a world of three months; changed ones are another version."""
    texts = [one.body.replace("own_months: 6", "own_months: 3") for one in shipped()]
    if changed:
        texts = [text.replace("2026.3", version) for text in texts]
    for old, new in changed.items():
        texts = [text.replace(old.replace("__", ": "), new) for text in texts]
    return tuple(read_policy(text) for text in texts)


def decided(made, party=A, **changed):
    """The answer to an application that is entered and decided."""
    application = made.apply(wish(party, **changed), "clerk")
    return json.loads(made.decide(application.id, "clerk").answer)
