"""Movements of accounts → the ledger's tables statements, bank_flows and parties, and what was rejected."""

from dataclasses import dataclass, field

import polars as pl

from extraction.credit_codes import is_synthetic
from extraction.parties import MENTION, identify, is_person
from extraction.people import covered_cells, people_in
from extraction.personal import masked
from extraction.rows import Facts, facts_frame
from extraction.statements.flows import Movements
from extraction.statements.preamble import Preamble
from extraction.statements.purposes import concluded, is_inner
from ledger.errors import Problem
from ledger.ids import stable_ids
from ledger.keys import account_id
from ledger.names import masked_person, normal_form
from ledger.records import PROBLEM, TABLES

_NOBODY = pl.lit(None, dtype=pl.String)


@dataclass
class Part:
    """The tables that one account of a document makes."""

    statement: pl.DataFrame
    flows: pl.DataFrame
    parties: pl.DataFrame
    rejects: pl.DataFrame
    rows: int
    duplicates: int
    owner: str | None
    synthetic: bool
    warnings: list[Problem] = field(default_factory=list)


def part_of(movements: Movements, document: str, own_accounts: frozenset[str], file: str) -> Part:
    """One account's facts. `document` is the SHA-256, `own_accounts` are the owner's in this document."""
    preamble = movements.preamble
    who = _owner(preamble)
    owner = None if who is None else str(who["party"])
    account = account_key(preamble.account)
    scope = account or f"{owner or document}/{preamble.bank}/{preamble.account}"
    flows, known = _flows(movements, owner, account, scope, own_accounts)
    flows = flows.unique("fact", keep="first", maintain_order=True)
    return Part(
        statement=_statement(movements, owner, account, scope, flows.height),
        flows=flows,
        parties=_parties(who, preamble, known),
        rejects=_rejects(movements),
        rows=movements.rows,
        duplicates=movements.duplicates + movements.frame.height - flows.height,
        owner=owner,
        synthetic=preamble.invented or is_synthetic(preamble.code),
        warnings=[*movements.warnings, *_told(movements, file)],
    )


def account_key(number: str) -> str | None:
    """The id of an account; None for a number that is masked or none at all, which must not meet others."""
    plain = "".join(c for c in number if c.isalnum())
    return account_id(number) if len(plain) >= 5 and "*" not in number else None


def shown_account(number: str) -> str:
    """The number as people may see it: its first four and last four characters."""
    plain = number.strip()
    return plain if len(plain) <= 8 else f"{plain[:4]}{'*' * (len(plain) - 8)}{plain[-4:]}"


def joined(parts: list[Part], name: str, version: int) -> Facts:
    """The accounts of one document as its facts; the same movement on two sheets is one."""
    flows = pl.concat([p.flows for p in parts])
    distinct = flows.unique("fact", keep="first", maintain_order=True)
    owners = {p.owner for p in parts}
    tables = {
        "statements": pl.concat([p.statement for p in parts]).unique(
            "fact", keep="first", maintain_order=True
        ),
        "bank_flows": distinct,
        "parties": pl.concat([p.parties for p in parts]).unique().sort(pl.all()),
        "rejects": pl.concat([p.rejects for p in parts]),
    }
    return Facts(
        tables=tables,
        rows=sum(p.rows for p in parts),
        duplicates=sum(p.duplicates for p in parts) + flows.height - distinct.height,
        rejected=tables["rejects"].height,
        format=name,
        version=version,
        owner=owners.pop() if len(owners) == 1 else None,
        synthetic=any(p.synthetic for p in parts),
        warnings=[w for p in parts for w in p.warnings],
    )


def _owner(preamble: Preamble) -> dict[str, object] | None:
    """Who the holder is; None where nobody is named, or a person."""
    mention = pl.DataFrame(
        [("owner", preamble.code or None, preamble.holder or None, None, None, None)],
        schema=dict.fromkeys(MENTION, pl.String),
        orient="row",
    )
    found = identify(mention).row(0, named=True)
    return found if found["party"] else None


def _flows(
    movements: Movements, owner: str | None, account: str | None, scope: str, own_accounts: frozenset[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(bank_flows, who the other sides are)."""
    frame = movements.frame.with_columns(
        direction=pl.when(pl.col("signed") < 0).then(pl.lit("out")).otherwise(pl.lit("in")),
        amount_fen=pl.col("signed").abs(),
    )
    names = frame["name"].unique().drop_nulls().sort().to_list()
    inner = [n for n in names if is_inner(n)]
    people = [n for n in names if n not in set(inner) and (is_person(n) or "*" in n)]
    named_so = _same_firm(frame["name"], movements.preamble.holder)
    own = named_so | frame["account_no"].is_in(list(own_accounts)).fill_null(False)
    frame = concluded(frame.with_columns(own=own, named_so=named_so), movements.default_purpose)
    holder = normal_form(movements.preamble.holder)
    known = _identified([n for n in names if n not in {*inner, *people} and normal_form(n) != holder])
    frame = frame.join(known.select("name", "party"), on="name", how="left", maintain_order="left")
    person = pl.col("name").is_in(people)
    nobody = person | pl.col("name").is_in(inner)
    keys = _keys(frame["account_no"])
    shown = pl.Series([masked_person(n) for n in people], dtype=pl.String)
    frame = frame.with_columns(
        counterparty=pl.when("named_so").then(pl.lit(owner)).when(~nobody.fill_null(False)).then("party"),
        counterparty_name=pl.col("name").replace(pl.Series(people, dtype=pl.String), shown),
        counterparty_account=pl.when(~person.fill_null(False)).then(keys),
        counterparty_bank="bank",
        summary=_without_names(masked(frame["summary"]), people),
        remark=_without_names(masked(frame["remark"]), people),
        fact=_facts(frame, scope, bool(movements.reconciled) or _mostly(movements)),
    )
    warned = movements.findings.by_row(fatal=False).rename({"problems": "warnings"})
    frame = frame.join(warned, on="row", how="left", maintain_order="left")
    table = frame.with_columns(
        pl.lit(owner, dtype=pl.String).alias("owner"),
        pl.lit(movements.preamble.channel).alias("channel"),
        pl.lit(account, dtype=pl.String).alias("account"),
        pl.col("warnings").fill_null(pl.lit([], dtype=pl.List(PROBLEM))),
    ).select(c for c in TABLES["bank_flows"] if c != "reading")
    details = _details(frame, known, people)
    return facts_frame("bank_flows", table), details


def _same_firm(names: pl.Series, holder: str) -> pl.Series:
    """Whether each name is the holder's."""
    form = normal_form(holder)
    same = [n for n in names.unique().drop_nulls() if form and normal_form(n) == form]
    return names.is_in(same).fill_null(False)


def _without_names(texts: pl.Series, people: list[str]) -> pl.Series:
    """Summaries and remarks in which a person named on the other side is named again."""
    long = sorted({*(n for n in people if len(n) >= 2), *people_in(people)}, key=lambda n: (-len(n), n))
    if not long or texts.null_count() == len(texts):
        return texts
    return texts.str.replace_many(long, [masked_person(n) for n in long], leftmost=True)


def _mostly(movements: Movements) -> bool:
    """Whether balances may serve as part of a key: they run through but for a few places."""
    return movements.reconciled is False and len(movements.breaks) * 2 < movements.frame.height


def _facts(frame: pl.DataFrame, scope: str, by_balance: bool) -> pl.Expr:
    """Ids of movements: account, day, direction, currency, amount, and the balance after it (which every
    export of the account prints alike); without balances the serial number; and the how-manieth of its
    like it is."""
    fields = ["happened_on", "direction", "currency", "amount_fen"]
    usable = by_balance & frame["balance_fen"].is_not_null()
    mark = pl.DataFrame(
        [frame["balance_fen"].cast(pl.String).alias("b"), frame["serial"].alias("s"), usable.alias("u")]
    ).select(
        pl.when("u")
        .then(pl.concat_str(pl.lit("b"), "b"))
        .otherwise(pl.concat_str(pl.lit("s"), "s"))
        .alias("mark")
    )["mark"]
    keyed = frame.select(*fields).with_columns(mark)
    turn = keyed.with_columns(n=pl.int_range(pl.len()).over(*fields, "mark"))["n"]
    ids = keyed.with_columns(turn.cast(pl.String).alias("n")).select(
        stable_ids(pl.lit("flow"), pl.lit(scope), *(pl.col(f) for f in fields), pl.col("mark"), pl.col("n"))
    )
    return pl.lit(ids.to_series())


def _keys(numbers: pl.Series) -> pl.Series:
    distinct = numbers.unique().drop_nulls()
    table = pl.Series([account_key(n) for n in distinct], dtype=pl.String)
    return numbers.replace_strict(distinct, table, default=None, return_dtype=pl.String)


def _identified(names: list[str]) -> pl.DataFrame:
    """The firms behind names, each with its party."""
    mentions = pl.DataFrame({"name": names}, schema={"name": pl.String}).with_columns(
        role=pl.lit("counterparty"), code=_NOBODY, scope=_NOBODY, book=_NOBODY, owner=_NOBODY
    )
    return identify(mentions.select(MENTION)).filter(pl.col("party").is_not_null())


def _details(frame: pl.DataFrame, known: pl.DataFrame, people: list[str]) -> pl.DataFrame:
    """Known other sides with the account at which they are paid."""
    seen = frame.filter(pl.col("party").is_not_null() & ~pl.col("name").is_in(people)).select(
        "party", "account_no", "bank"
    )
    said = pl.concat_str(pl.col("bank").fill_null(""), pl.col("account_no"), separator=" ").str.strip_chars()
    full = pl.col("account_no").str.contains(r"^[0-9A-Za-z -]{5,}$").fill_null(False)
    seen = seen.select("party", account=pl.when(full).then(said)).unique(maintain_order=True)
    seen = seen.with_columns(masked(seen["account"]))  # of a party without a code, a card is a person's
    bare = pl.col("account").is_null() & (pl.len().over("party") > 1)
    return known.join(seen.filter(~bare), on="party", how="left", maintain_order="left")


def _parties(who: dict[str, object] | None, preamble: Preamble, known: pl.DataFrame) -> pl.DataFrame:
    columns = ("party", "scheme", "party_scope", "shown", "shown_name", "legal_form")
    rows = [known.select(*columns, "account")]
    if who is not None:
        number = preamble.account if account_key(preamble.account) and preamble.channel == "bank" else ""
        account = f"{preamble.bank} {number}".strip() if number else None
        own = pl.DataFrame([{c: who[c] for c in columns}], schema=dict.fromkeys(columns, pl.String))
        rows.insert(0, own.with_columns(account=pl.lit(account, dtype=pl.String)))
    table = pl.concat(rows).rename({"party_scope": "scope", "shown": "code", "shown_name": "name"})
    return facts_frame("parties", table).unique(maintain_order=True)


def _statement(
    movements: Movements, owner: str | None, account: str | None, scope: str, count: int
) -> pl.DataFrame:
    preamble, days = movements.preamble, movements.frame["happened_on"].drop_nulls()
    first, last = (days.min(), days.max()) if len(days) else (None, None)
    record = {
        "row": 0,
        "owner": owner,
        "channel": preamble.channel,
        "bank": preamble.bank or None,
        "account": account,
        "account_shown": shown_account(preamble.account) or None,
        "currency": movements.frame["currency"].drop_nulls().head(1).to_list()[0]
        if movements.frame.height
        else preamble.currency or "CNY",
        # A title may name less than the rows hold.
        "from": min((day for day in (preamble.start, first) if day), default=None),
        "until": max((day for day in (preamble.end, last) if day), default=None),
        "opening_fen": movements.opening,
        "closing_fen": movements.closing,
        "flows": count,
        "reconciled": movements.reconciled,
        "breaks": [{"code": p.code, "field": p.field, "value": p.value} for p in movements.breaks],
    }
    frame = pl.DataFrame(
        [record],
        schema_overrides={"breaks": pl.List(PROBLEM), "from": pl.Date, "until": pl.Date},
        strict=False,
    )
    named = ("from", "until", "opening_fen", "closing_fen", "flows", "currency")
    fact = stable_ids(pl.lit("statement"), pl.lit(scope), *(pl.col(c) for c in named))
    return facts_frame("statements", frame.with_columns(fact=fact))


def _rejects(movements: Movements) -> pl.DataFrame:
    problems = movements.findings.by_row(fatal=True)
    own = movements.own.join(problems.select("row"), on="row", how="semi")
    raw = covered_cells(own).select("row", raw=pl.struct(pl.exclude("row")).struct.json_encode())
    return facts_frame("rejects", problems.join(raw, on="row", how="left").sort("row"))


def _told(movements: Movements, file: str) -> list[Problem]:
    """What a person hears at ingest: that the balances break, where first, how often."""
    if not movements.breaks:
        return []
    first = movements.breaks[0]
    return [
        Problem(
            "statement_breaks",
            file,
            first.row,
            "balance",
            first.value,
            {"count": len(movements.breaks), "at": first.row},
        )
    ]
