"""All that a decision is made from, as plain values: what is kept with it, and what a replay reads again."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


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
    """Calendar months of the last twelve that own sales books show, or anybody's papers name the firm in."""

    own_months: int
    seen_months: int
    sales_fen: int | None
    sales_basis: str


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

    `cash_net_fen`: net cash over the term, one number a scenario.
    """

    cash_net_fen: tuple[int, ...] | None
    cash_reason: str | None
    receivables_fen: int | None
    receivables_advance_fen: int | None
    receivables_reason: str | None
    contracts_fen: int | None
    contracts_reason: str | None


@dataclass(frozen=True)
class Use:
    """A limit on exposure and what is used of it before this decision. `effect`: cut | refer."""

    dimension: str
    subject: str
    limit_fen: int
    before_fen: int
    effect: str
    source: str


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
    warnings that stand, the strongest first.
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

    def text(self) -> str:
        """As one line of JSON, the same for the same inputs."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, allow_nan=False)


def read_inputs(text: str) -> Inputs:
    """The inputs that `Inputs.text` wrote."""
    raw: dict[str, Any] = json.loads(text)
    money = raw["money"]
    if money["cash_net_fen"] is not None:
        money["cash_net_fen"] = tuple(money["cash_net_fen"])
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
        evidence={name: tuple(facts) for name, facts in raw.pop("evidence").items()},
        **tuples,
        **raw,
    )
