"""All that a decision is made from, as plain values: what is kept with it, and what a replay reads again."""

import json
from dataclasses import dataclass, field
from typing import Any

from services.freshness import Age
from services.lending.subjects import UNKNOWN


@dataclass(frozen=True)
class Wish:
    """What was applied for, and the days that count. Days are ISO dates, `party` a party id."""

    application: str
    party: str
    product: str
    amount_fen: int
    months: int
    purpose: str
    decided_on: str
    by_machine_refused: bool = False


@dataclass(frozen=True)
class Finding:
    """Something that a knock-out rule may be about: a list, a standing, an industry.

    `whom`: self | group | partner; `kind`: list | standing | industry; `share`: of the firm's sales or
    purchases, for partners; `appeal`: open, upheld (the entry no longer counts), dismissed.
    """

    whom: str
    party: str
    kind: str
    value: str
    since: str | None
    until: str | None
    source: str
    fact: str | None
    appeal: str | None = None
    tie: str | None = None
    share: float | None = None


@dataclass(frozen=True)
class Books:
    """Calendar months of the last twelve that own sales books show, or anybody's papers name the firm in.

    `sales_fen`: sold in them, to firms and to consumers; `sold_months`: months in which anybody's papers show
    it selling, None in older decisions.
    """

    own_months: int
    seen_months: int
    sales_fen: int | None
    sales_basis: str
    sold_months: int | None = None


@dataclass(frozen=True)
class Dealing:
    """One link of the firm, and its features as they would be without it (only those that change).

    `partner_pd`: what the same model says of the partner, None where nothing is known of it.
    """

    partner: str
    side: str
    count: int
    months: int
    amount_fen: int
    without: dict[str, float | None]
    evidence: tuple[str, ...]
    partner_pd: float | None = None


@dataclass(frozen=True)
class Money:
    """What the limit is worked out from. None with its reason where a figure is not known.

    `cash_net_fen`: net cash over the term, one number a scenario; with a `cash_reason` beside it, it is told
    and bounds nothing, for the path misses what no statement shows. `contracts_unknown`: signed contracts of
    which nobody can say what was invoiced already; they count for nothing.
    """

    cash_net_fen: tuple[int, ...] | None
    cash_reason: str | None
    receivables_fen: int | None
    receivables_advance_fen: int | None
    receivables_reason: str | None
    contracts_fen: int | None
    contracts_reason: str | None
    contracts_unknown: int = 0


@dataclass(frozen=True)
class Use:
    """A limit on exposure and what is used of it before this decision. `effect`: cut | refer; `over`: house
    | portfolio, empty in older decisions. Dimension `unknown`: of borrowers that nobody can place."""

    dimension: str
    subject: str
    limit_fen: int
    before_fen: int
    effect: str
    source: str
    over: str = ""

    @property
    def room_fen(self) -> int:
        """What is left of it."""
        return max(0, self.limit_fen - self.before_fen)

    def after(self, amount_fen: int) -> int:
        """What is used with a loan of that amount, which adds nothing to what nobody can place."""
        return self.before_fen + (0 if self.dimension == UNKNOWN else amount_fen)

    def breaks(self, amount_fen: int) -> bool:
        """Whether it does not hold with a loan of that amount."""
        return self.after(amount_fen) > self.limit_fen and (amount_fen > 0 or self.dimension == UNKNOWN)


@dataclass(frozen=True)
class Warned:
    """A warning about the borrower that nobody has lifted. `action`: freeze | cut | refer | note."""

    id: str
    code: str
    found_on: str
    action: str


@dataclass(frozen=True)
class Inputs:
    """A whole decision's inputs. `values` are in the order of `names`; None: null, `missing` says why.

    `inferred`: features that rest on inference for this firm. `kept`: features that are the same without any
    one link, for they were not worked out anew. `evidence`: feature → facts. `churn`: version of
    the table of customers lost by rate; `lpr`: the loan prime rate of the day as it was known. `warned`:
    warnings that stand, the strongest first. `age`: how old the data are on the day, None in older decisions.
    """

    wish: Wish
    enterprise: str
    as_of: str
    snapshot: str
    synthetic: bool
    feature_set: str
    names: tuple[str, ...]
    values: tuple[float | None, ...]
    missing: dict[str, str]
    inferred: tuple[str, ...]
    level: int | None
    in_graph: bool
    findings: tuple[Finding, ...]
    books: Books
    dealings: tuple[Dealing, ...]
    money: Money
    uses: tuple[Use, ...]
    uses_reason: str | None = None
    machine_most_fen: int = 0
    kept: tuple[str, ...] = ()
    churn: str = ""
    lpr: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warned: tuple[Warned, ...] = ()
    age: Age | None = None

    def text(self) -> str:
        """As one line of JSON, the same for the same inputs."""
        # `vars` and not `asdict`: the same bytes without a copy of every value.
        return json.dumps(vars(self), default=vars, ensure_ascii=False, sort_keys=True, allow_nan=False)


def read_inputs(text: str) -> Inputs:
    """The inputs that `Inputs.text` wrote."""
    raw: dict[str, Any] = json.loads(text)
    money = raw["money"]
    if money["cash_net_fen"] is not None:
        money["cash_net_fen"] = tuple(money["cash_net_fen"])
    age = raw.pop("age", None)
    for one in raw["dealings"]:
        one["evidence"] = tuple(one["evidence"])
    tuples: dict[str, Any] = {name: tuple(raw.pop(name)) for name in ("names", "values", "inferred", "kept")}
    return Inputs(
        wish=Wish(**raw.pop("wish")),
        findings=tuple(Finding(**one) for one in raw.pop("findings")),
        books=Books(**raw.pop("books")),
        dealings=tuple(Dealing(**one) for one in raw.pop("dealings")),
        money=Money(**raw.pop("money")),
        uses=tuple(Use(**one) for one in raw.pop("uses")),
        warned=tuple(Warned(**one) for one in raw.pop("warned", ())),
        age=None if age is None else Age(**age),
        evidence={name: tuple(facts) for name, facts in raw.pop("evidence").items()},
        **tuples,
        **raw,
    )
