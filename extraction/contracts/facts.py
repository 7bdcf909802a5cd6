"""A contract as facts of the ledger: contract, lines, terms, parties, leases, and every value as a field."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from extraction.contracts.agreement import Agreement
from extraction.contracts.document import Document
from extraction.contracts.found import Found
from extraction.contracts.instalment import Instalment
from extraction.contracts.parties import Mention
from extraction.credit_codes import is_synthetic
from extraction.parties import Identity, is_person, who_is
from extraction.people import covered, people_in
from extraction.personal import masked_account, masked_text
from extraction.rows import Facts, no_facts
from extraction.source import Source
from ledger.errors import Problem
from ledger.ids import party_id, stable_id
from ledger.names import masked_person, normal_form

TABLES = (
    "contracts",
    "contract_lines",
    "contract_terms",
    "parties",
    "relations",
    "links",
    "fields",
    "rejects",
)
_EMPTY = {name: no_facts(name) for name in TABLES}
#: Values of a party that people may see as they are; names of people are masked.
_PEOPLE = frozenset({"representative", "agent"})
#: Values of a party that name a person or a firm.
_HOLDERS = frozenset({"account_name", "contact", "payee"})


@dataclass
class _Side:
    """One party as the ledger names it; nobody where only a person or nothing is named."""

    identity: Identity | None = None
    party: str | None = None
    person: str | None = None
    label: str | None = None


@dataclass
class _Made:
    """The records of each table while they are gathered."""

    document: Document
    people: list[str]
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def put(self, table: str, **values: Any) -> None:
        self.records[table].append(values)

    def tables(self) -> dict[str, pl.DataFrame]:
        return {
            name: pl.DataFrame(records, schema=_EMPTY[name].schema) if records else _EMPTY[name]
            for name, records in self.records.items()
        }


def facts_of(made: Agreement, document: Document, source: Source, name: str, version: int) -> Facts:
    """The facts of one contract. One that names nobody is rejected, with what was read of it."""
    sha256, file = source.sha256, source.name
    sides = {side: _side(made, side, sha256) for side in ("seller", "buyer")}
    out = _Made(document, _people(made))
    _fields(made, out)
    problems = [Problem(p.code, file, 1, p.field, p.value) for p in made.problems]
    known = any(s.party or s.person for s in sides.values())
    if known:
        _contract(made, sides, sha256, out)
    else:
        raw = {f["path"]: f["value"] for f in out.records["fields"]}
        told = [
            p for p in problems if p.code.startswith("contract_party") or p.code == "contract_role_unclear"
        ]
        out.put(
            "rejects",
            row=1,
            raw=json.dumps(raw, ensure_ascii=False),
            problems=[{"code": p.code, "field": p.field, "value": covered(p.value, out.people)} for p in told]
            or [{"code": "contract_party_missing", "field": "seller", "value": ""}],
        )
    codes = [s.identity.key for s in sides.values() if s.identity]
    return Facts(
        tables=out.tables(),
        rows=1,
        duplicates=0,
        rejected=0 if known else 1,
        format=name,
        version=version,
        synthetic="合成数据" in document.text or any(is_synthetic(code) for code in codes),
    )


def contract_fact(number: str, seller: str | None, buyer: str | None, document: str) -> str:
    """The id of a contract: its number and parties, so that both copies are one; without a number it is the
    document's own."""
    if number and (seller or buyer):
        return stable_id("contract", normal_form(number), seller or "", buyer or "")
    return stable_id("contract", document)


def known_at(signed: date | None) -> datetime | None:
    """The instant of signing: 00:00 in Beijing of that day, as UTC."""
    if signed is None:
        return None
    return datetime(signed.year, signed.month, signed.day, tzinfo=UTC) - timedelta(hours=8)


def _side(made: Agreement, side: str, sha256: str) -> _Side:
    found = made.parties.get(side)
    if found is None:
        return _Side()
    mention = found.value
    name = mention.name.value if mention.name else None
    code = mention.details["code"].value if "code" in mention.details else None
    who = who_is("owner", code, name, None, sha256, None)
    if who is not None and who.legal_form != "person":
        return _Side(who, party_id(who.scheme, who.scope, who.key))
    if name and is_person(name):
        return _Side(None, None, stable_id("person", name, sha256), masked_person(name))
    return _Side()


def _contract(made: Agreement, sides: dict[str, _Side], sha256: str, out: _Made) -> None:
    seller, buyer = sides["seller"].party, sides["buyer"].party
    signed = made.signed.value if made.signed else None
    fact = contract_fact(made.number.value if made.number else "", seller, buyer, sha256)
    total, runs = made.total, made.runs
    out.put(
        "contracts",
        row=1,
        fact=fact,
        kind=made.kind,
        number=_value(made.number),
        parent=_value(made.parent),
        happened_on=signed,
        known_at=known_at(signed),
        seller=seller,
        buyer=buyer,
        currency=total.currency,
        amount_fen=_value(total.amount),
        basis=_value(total.basis),
        rate=made.rate,
        starts=_value(runs.starts),
        until=_value(runs.until),
        deposit_fen=_value(made.deposit),
        penalty=None if made.penalty is None else covered(made.penalty.value, out.people),
        subject=None if made.subject is None else covered(made.subject.value, out.people),
        account=_account(made),
        warnings=[
            {"code": p.code, "field": p.field, "value": covered(p.value, out.people)} for p in made.problems
        ],
    )
    for number, line in enumerate(made.goods.lines, 1):
        out.put(
            "contract_lines",
            row=1,
            fact=fact,
            line=number,
            item=covered(line.text("item") or "", out.people),
            specification=line.text("specification"),
            unit=line.text("unit"),
            quantity=line.quantity,
            price=line.price,
            amount_fen=line.amount_fen,
            deliver_on=line.deliver_on,
        )
    for number, term in enumerate(made.terms, 1):
        out.put("contract_terms", row=1, fact=fact, term=number, **_term(term, out.people))
    for side, who in sides.items():
        if who.identity is not None and who.party is not None:
            out.put("parties", **_party(made.parties[side].value, who, out.people))
    if made.kind == "lease" and sides["buyer"].party and (seller or sides["seller"].person):
        _lease(made, sides, out)
    if made.parent is not None and made.number is not None and (seller or buyer):
        parent = contract_fact(made.parent.value, seller, buyer, sha256)
        out.put(
            "links",
            kind="names" if made.supplement else "order_of",
            src=fact,
            dst=parent,
            reason="named_by_order",
        )


def _term(term: Instalment, people: list[str]) -> dict[str, Any]:
    trigger = term.trigger if term.trigger is None else term.trigger.partition(":")[0]
    return {
        "kind": term.kind,
        "share": term.share,
        "amount_fen": term.amount_fen,
        "trigger": trigger,
        "days": term.days,
        "working_days": term.working_days,
        "due_on": term.due_on,
        "every_months": term.every_months,
        "until": term.until,
        "text": covered(term.text, people),
    }


def _party(mention: Mention, who: _Side, people: list[str]) -> dict[str, Any]:
    assert who.identity is not None
    details = {key: found.value for key, found in mention.details.items()}
    joined = " ".join([*([details["bank"]] if "bank" in details else []), *_number(mention)])
    return {
        "party": who.party,
        "scheme": who.identity.scheme,
        "scope": who.identity.scope,
        "code": who.identity.shown,
        "name": None if who.identity.name is None else masked_text(who.identity.name),
        "address": covered(details["address"], people) if "address" in details else None,
        "phone": masked_text(details["phone"], contacts=False) if "phone" in details else None,
        "account": joined or None,
        "legal_form": who.identity.legal_form,
    }


def _account(made: Agreement) -> str | None:
    """Where the seller wants to be paid; a person's account is masked."""
    found = made.parties.get("seller")
    if found is None or "account" not in found.value.details:
        return None
    details = found.value.details
    return " ".join([*([details["bank"].value] if "bank" in details else []), *_number(found.value)])


def _number(mention: Mention) -> list[str]:
    """The account as it may be stored, if there is one: hidden where its holder is a person; a bank card of a
    party without a code may be a person's."""
    details = mention.details
    if "account" not in details:
        return []
    number = details["account"].value
    holder = details["account_name"].value if "account_name" in details else ""
    name = holder or (mention.name.value if mention.name else "")
    if people_in([name]):
        return [masked_account(number)]
    return [masked_text(number, contacts="code" not in details)]


def _people(made: Agreement) -> list[str]:
    """Whom the paper names: parties, their representatives and agents, and whose the accounts are."""
    mentions = [party.value for party in made.parties.values()]
    said = [m.name.value for m in mentions if m.name is not None]
    for mention in mentions:
        said += [str(f.value) for key, f in mention.details.items() if key in _PEOPLE | _HOLDERS]
    return people_in(said)


def _lease(made: Agreement, sides: dict[str, _Side], out: _Made) -> None:
    seller, buyer = sides["seller"], sides["buyer"]
    starts, until = _value(made.runs.starts), _value(made.runs.until)
    signed = made.signed.value if made.signed else None
    src = seller.party or seller.person or ""
    fact = stable_id(
        "relation", "LEASES", src, buyer.party or "", str(starts or ""), str(until or ""), "", ""
    )
    out.put(
        "relations",
        row=1,
        fact=fact,
        kind="LEASES",
        src=src,
        src_is_person=seller.party is None,
        src_label=seller.label,
        dst=buyer.party,
        happened_on=starts or signed,
        known_at=known_at(signed),
        until=until,
        note=None if made.subject is None else covered(made.subject.value, out.people),
    )


def _value(found: "Found[Any] | None") -> Any:
    return None if found is None else found.value


def _fields(made: Agreement, out: _Made) -> None:
    """Every value with its place: `seller.code`, `lines[2].price`, `terms[1]`. Where the paper has no pages,
    the path goes on with @ and says in which paragraph, or row and cell, the value stands."""
    named = {
        "title": made.title,
        "number": made.number,
        "parent": made.parent,
        "signed": made.signed,
        "place": made.place,
        "amount": made.total.amount,
        "basis": made.total.basis,
        "rate": made.total.rate,
        "starts": made.runs.starts,
        "until": made.runs.until,
        "deposit": made.deposit,
        "penalty": made.penalty,
        "subject": made.subject,
    }
    for path, found in named.items():
        if found is not None and found.value != "":
            _put(out, path, found)
    for side, party in made.parties.items():
        mention = party.value
        if mention.name is not None:
            shown = Found(_shown_name(mention), mention.name.text, mention.name.place, mention.name.way)
            shown.checks = mention.name.checks
            _put(out, f"{side}.name", shown)
            words = "、".join(sorted(mention.roles))
            _put(out, f"{side}.role", Found(words, words, mention.name.place, party.way))
        for key, detail in sorted(mention.details.items()):
            _put(out, f"{side}.{key}", detail, _shown_detail(mention, key))
    for number, line in enumerate(made.goods.lines, 1):
        for key, cell in line.values.items():
            _put(out, f"lines[{number}].{key}", cell)
    for number, term in enumerate(made.terms, 1):
        found = Found(term.text, term.text, term.place, "prose", term.checks)
        _put(out, f"terms[{number}].{term.kind}", found)


def _shown_name(mention: Mention) -> str:
    name = mention.name.value if mention.name else ""
    return masked_person(name) if is_person(name) else masked_text(name)


def _shown_detail(mention: Mention, key: str) -> str | None:
    """A detail that names a person or is a person's, hidden; None for others."""
    value = str(mention.details[key].value)
    if key in _PEOPLE or (key in _HOLDERS and people_in([value])):
        return masked_person(value)
    return masked_text(_number(mention)[0]) if key == "account" else None


def _put(out: _Made, path: str, found: "Found[Any]", shown: str | None = None) -> None:
    place = out.document.shown(found.place)
    value = covered(_text(found.value), out.people) if shown is None else shown
    where = f"@{place.where}" if place.page is None and place.where else ""
    out.put(
        "fields",
        path=path + where,
        value=value,
        page=place.page,
        box=place.box,
        method=found.method,
        confidence=found.confidence,
        checks=sorted(set(found.checks)),
    )


def _text(value: Any) -> str:
    if isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
