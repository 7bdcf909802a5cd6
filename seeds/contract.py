"""An invented contract as one description, from which every paper of it is written; it is its own truth."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from seeds.paper import Party

#: Triggers from which days are counted.
TRIGGERS = (
    "signing",
    "before_delivery",
    "delivery",
    "acceptance",
    "invoice",
    "statement",
    "date",
    "completion",
)


@dataclass(frozen=True)
class ContractLine:
    """Goods of the subject table; price and amount on the contract's basis."""

    item: str
    amount_fen: int
    quantity: Decimal | None = None
    price: Decimal | None = None
    unit: str = ""
    specification: str = ""
    deliver_on: date | None = None


@dataclass(frozen=True)
class Term:
    """What is due when: `share` of the amount (or `amount_fen`), `days` after `trigger`, or on `due_on`.

    Rent: every `every_months` months from `due_on` until `until`, `amount_fen` each time.
    """

    kind: str  # payment | delivery | rent | deposit | retention
    trigger: str = "date"
    share: Decimal | None = None
    amount_fen: int | None = None
    days: int | None = None
    working_days: bool = False
    due_on: date | None = None
    every_months: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class PaperContract:
    """One contract to be written. `seller` delivers (supplier, lessor), `buyer` pays (lessee).

    `kind`: purchase | sales | framework | order | lease; a framework has no amount, an order names its
    `parent`; a lease has no lines but a `subject` (what is let), `starts`, `until` and rent terms.
    """

    number: str
    kind: str
    signed: date
    seller: Party
    buyer: Party
    lines: tuple[ContractLine, ...] = ()
    terms: tuple[Term, ...] = ()
    basis: str = "with_tax"
    rate: Decimal | None = Decimal("0.13")
    parent: str = ""
    starts: date | None = None
    until: date | None = None
    deposit_fen: int | None = None
    penalty: str = ""  # e.g. 每逾期一日，按逾期金额的万分之五支付违约金
    subject: str = ""
    place: str = ""  # where signed
    remarks: tuple[str, ...] = field(default=())

    @property
    def amount_fen(self) -> int | None:
        """As agreed, on `basis`: what the lines come to; None where there are none."""
        return sum(line.amount_fen for line in self.lines) if self.lines else None
