"""A contract as values: what the parts of this package find in a document, put together and checked."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from extraction.contracts.checks import checked
from extraction.contracts.clauses import Clause, clauses_of
from extraction.contracts.delivery import Runs, deliveries, deposit_of, penalty_of, runs_of, warranty_days
from extraction.contracts.document import Document
from extraction.contracts.found import Found
from extraction.contracts.goods import Goods, goods_of
from extraction.contracts.heading import (
    changed_by,
    is_supplement,
    kind_of,
    names_parties,
    number_of_paper,
    parent_number,
    place_of,
    signed_on,
    starts_of_its_own,
    title_of,
)
from extraction.contracts.instalment import Instalment
from extraction.contracts.lease import premises_of, rent_terms
from extraction.contracts.lines import Line, Pair, lines_of, pairs_of
from extraction.contracts.parties import Mention, mentions_of
from extraction.contracts.payment import instalments
from extraction.contracts.roles import sides
from extraction.contracts.totals import Total, total_of
from ledger.errors import Problem

#: Words for both parties of a lease, where the title does not say that it is one.
_LETS = re.compile(r"出租|(?:发租|放租|招租)(?:方|人|单位)")
_HIRES = re.compile(r"承租|(?:租用|求租|租入)(?:方|人|单位)")
_SAYS_LITTLE = re.compile(r"(?:支付|付款|货款|预付|付清|月结)")


@dataclass
class Agreement:
    """One contract. What was not found is None or empty; `problems` say what is wrong or missing."""

    title: Found[str]
    kind: str
    supplement: bool = False
    number: Found[str] | None = None
    parent: Found[str] | None = None
    signed: Found[date] | None = None
    place: Found[str] | None = None
    parties: dict[str, Found[Mention]] = field(default_factory=dict)
    goods: Goods = field(default_factory=Goods)
    total: Total = field(default_factory=Total)
    terms: list[Instalment] = field(default_factory=list)
    deposit: Found[int] | None = None
    penalty: Found[str] | None = None
    subject: Found[str] | None = None
    runs: Runs = field(default_factory=Runs)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rate(self) -> Decimal | None:
        """The rate of value added tax, where one is named."""
        return self.total.rate.value if self.total.rate else None


def is_agreement(document: Document) -> bool:
    """Whether a document is a contract: a title that says so, and two parties named by role."""
    lines = lines_of(document)
    title = title_of(lines)
    if title is None:
        return False
    if names_parties(lines) >= 2:
        return True
    order = kind_of(title.value) == "order" and names_parties(lines) == 1
    return order and bool(goods_of(document).lines)


def agreement_of(document: Document) -> Agreement | None:
    """The contract in a document; None where it is none."""
    goods = goods_of(document)
    lines = lines_of(document, frozenset(goods.taken))
    title = title_of(lines)
    if title is None:
        return None
    pairs = [pair for line in lines for pair in pairs_of(line)]
    clauses = clauses_of(lines)
    made = Agreement(title, _kind(title.value, lines), goods=goods)
    _of_paper(made, lines, pairs)
    mentions = mentions_of(lines)
    made.parties = sides(mentions, lines, title.value)
    runs = runs_of(clauses, made.kind == "lease")
    made.runs = Runs(runs.starts or made.runs.starts, runs.until)
    _money(made, clauses)
    made.penalty = penalty_of(clauses)
    made.subject = premises_of(clauses) if made.kind == "lease" else _goods_in_a_word(goods)
    made.problems = checked(made, mentions, document)
    return made


def _kind(title: str, lines: list[Line]) -> str:
    kind = kind_of(title)
    if kind == "purchase" and not re.search(r"采购|购买|订购|订货|购货|买卖|购置|PURCHASE", title):
        text = "\n".join(line.text for line in lines[:40])
        if _LETS.search(text) and _HIRES.search(text):
            return "lease"
        if re.search(r"框架(?:协议|合同)", text[:200]):
            return "framework"
    return kind


def _of_paper(made: Agreement, lines: list[Line], pairs: list[Pair]) -> None:
    made.number = number_of_paper(pairs)
    made.parent = number_of_paper(pairs, "parent") or parent_number(
        lines, made.number.value if made.number else ""
    )
    made.supplement = is_supplement(made.title.value)
    if made.supplement:
        _supplement(made, lines)
    elif made.parent is not None and made.kind in ("purchase", "sales") and made.number is not None:
        made.kind = "order"
    made.signed = signed_on(lines, pairs, made.supplement) or made.signed
    made.place = place_of(pairs)


def _supplement(made: Agreement, lines: list[Line]) -> None:
    """What a supplement changes, and since when: its kind is that of the contract it belongs to."""
    changed = changed_by(lines, made.number.value if made.number else "")
    if changed is not None:
        made.parent = made.parent or changed[0]
        if made.kind == "purchase":
            made.kind = kind_of(made.title.value + changed[1])
    since = starts_of_its_own(lines)
    if since is not None:
        made.runs.starts = since
        made.signed = Found(since.value, since.text, since.place, "concluded")


def _money(made: Agreement, clauses: list[Clause]) -> None:
    """Total, terms of payment and delivery, deposit; rent instead where it is a lease."""
    if made.kind == "lease":
        made.deposit, deposit = deposit_of(clauses, None)
        made.terms = rent_terms(clauses, made.runs)
        made.terms += [deposit] if deposit else []
        made.total = Total()
        return
    made.total = total_of(clauses, made.goods)
    if made.kind == "framework" and (made.total.amount is None or made.total.amount.way == "concluded"):
        made.total.amount = None
    fen = made.total.amount.value if made.total.amount else None
    warranty = warranty_days(clauses)
    paying = [c for c in clauses if c.topic == "payment"]
    if not any(_SAYS_LITTLE.search(c.text) or re.search(r"\d", c.text) for c in paying):
        paying += [
            c for c in clauses if c.topic in ("price", "", "other", "deposit") and _SAYS_LITTLE.search(c.text)
        ]
    found = instalments(paying, warranty)
    if not found:
        loose = [c for c in clauses if c.topic not in ("penalty", "payment") and _SAYS_LITTLE.search(c.text)]
        found = instalments(loose, warranty)
    made.deposit, deposit = deposit_of([c for c in clauses if c.topic != "penalty"], fen)
    payments = [f for f in found if not (f.kind == "deposit" and f.surety)]
    made.terms = [*payments, *deliveries(clauses, made.goods)]
    if deposit is not None and not any(t.kind == "deposit" for t in made.terms):
        made.terms.append(deposit)
    _amounts(made, fen)


def _amounts(made: Agreement, total: int | None) -> None:
    """Amount from share and total, and share from amount, where the one follows exactly from the other."""
    if not total:
        return
    for term in made.terms:
        if term.share is not None and term.amount_fen is None:
            term.amount_fen = int((total * term.share).to_integral_value(ROUND_HALF_UP))
        elif term.share is None and term.amount_fen is not None and term.kind != "delivery":
            share = (Decimal(term.amount_fen) / total).quantize(Decimal("0.0001"))
            if share * total == term.amount_fen:
                term.share = share.normalize()
    rests = [t for t in made.terms if t.rest and t.amount_fen is None and t.share is None]
    known = [t.amount_fen for t in made.terms if t.kind in ("payment", "retention") and not t.rest]
    if len(rests) == 1 and None not in known and (left := total - sum(a or 0 for a in known)) > 0:
        rests[0].amount_fen = left
        share = (Decimal(left) / total).quantize(Decimal("0.0001"))
        rests[0].share = share.normalize() if share * total == left else None


def _goods_in_a_word(goods: Goods) -> Found[str] | None:
    """The goods in a word: the first item, 等 where there are more."""
    items = list(dict.fromkeys(line.text("item") or "" for line in goods.lines))
    if not items:
        return None
    first = goods.lines[0].values["item"]
    return Found(items[0] + ("等" if len(items) > 1 else ""), first.text, first.place, "table")
