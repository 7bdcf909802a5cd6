"""A section of a statement as typed movements, in the order in which they happened, checked by balances."""

from dataclasses import dataclass, field, replace

import polars as pl

from extraction.findings import FINDING, Check, Findings
from extraction.statements.balances import Chain
from extraction.statements.cells import amounts, currencies, flags, moments
from extraction.statements.directions import Decided, decide
from extraction.statements.mending import mended
from extraction.statements.netting import idle_rows, netted, not_money, with_own_transfers
from extraction.statements.preamble import Preamble
from extraction.statements.sections import Section
from extraction.statements.sheets import PLACE
from extraction.statements.sums import Sums, filtered, without_sums
from extraction.statements.vocabulary import words
from ledger.errors import Problem
from ledger.money import yuan

_NUMBER = r"^[\s\d.,+\-()¥￥元]*$"
#: A number that a spreadsheet wrote in powers of ten: its last digits are lost.
CUT = r"^\d(?:\.\d+)?[Ee]\+?\d+$"
#: Faults of a row of text that the row's own cells judge better.
_BEARABLE = ("row_short",)


@dataclass
class Movements:
    """One account's movements: `frame` (typed, as they happened), what is said of the account, whether the
    balances run through (None: there are none) and where they do not; rows counted, rows rejected.

    Columns of `frame`: row, happened_on, known_at, signed (fen, out negative), fee_fen, balance_fen,
    currency, name, account_no, bank, summary, remark, type, serial.
    `followed` (row, follows) tells which rows their balance bears out (null: nothing tells), `ends_follow`
    the same of the opening and the closing balance printed; `places` and `roles` where cells stand.
    """

    frame: pl.DataFrame
    preamble: Preamble
    findings: Findings
    own: pl.DataFrame
    rows: int
    duplicates: int = 0
    opening: int | None = None
    closing: int | None = None
    reconciled: bool | None = None
    breaks: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    default_purpose: str | None = None
    followed: pl.DataFrame | None = None
    ends_follow: tuple[bool | None, bool | None] = (None, None)
    places: pl.DataFrame = field(default_factory=PLACE.to_frame)
    roles: dict[str, list[int]] = field(default_factory=dict)


def movements_of(section: Section, preamble: Preamble, file: str) -> Movements:
    """The movements of one account. Rows that carry over or add up are none; rows that cannot be read are
    rejected by `findings`."""
    section = mended(with_own_transfers(section), preamble.start)
    reasons, section = _without_idle(section)
    stamps = moments(section.column("date"), section.column("time"))
    section, sums = without_sums(replace(section, text=section.text.hstack(stamps)))
    preamble = replace(
        preamble,
        opening=preamble.opening if sums.opening is None else sums.opening,
        closing=preamble.closing if sums.closing is None else sums.closing,
    )
    section, found, repeated = _decided(section, preamble)
    made = _typed(section, found)
    made = made.filter(~(made["signed"] == 0).fill_null(False))
    result = Movements(
        made, preamble, _judged(made, section), section.own, made.height + repeated, repeated,
        opening=found.chain.opening, closing=found.chain.closing,
        default_purpose=None if preamble.channel == "bank" else "trade",
        places=section.places, roles=section.header.roles,
    )  # fmt: skip
    result.frame = made.filter(~pl.col("row").is_in(result.findings.fatal_rows().implode()))
    last = made["row"].tail(1).to_list() + made["row"].head(1).to_list()
    result.warnings += [p for p in section.doubtful if p.row in last]
    result.warnings += not_money(reasons, file)
    if _by_assumption(section, preamble, found):
        result.warnings.append(Problem("direction_by_bank_view", file, 0, "direction"))
    _reconcile(result, found, section.text["row"], file)
    _follow(result, found, section)
    _compare(result, sums, file)
    return result


def _decided(section: Section, preamble: Preamble) -> tuple[Section, Decided, int]:
    """(the section, how it is to be read, rows left out): rows that repeat another in every cell are left
    out where the balances run through without them only, or where each row has a number of its own."""
    found = _reading(section, preamble)
    cells = section.text.drop("row", "sequence", strict=False)
    first = cells.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    if first.all():
        return section, found, 0
    less = filtered(section, first)
    other = _reading(less, preamble)
    numbered = not section.column("serial").null_count() and not found.chain.steps
    if numbered or len(other.chain.breaks) < len(found.chain.breaks):
        return less, other, int((~first).sum())
    return section, found, 0


def _without_idle(section: Section) -> tuple[list[str], Section]:
    """(why rows were left out, the rows in which money moved): failed, or given back in full."""
    idle = idle_rows(section)
    rest = netted(section)
    gone = (amounts(rest.column("amount")) == 0) & (amounts(section.column("amount")) != 0)
    reason = idle.zip_with(~(gone.fill_null(False) & idle.is_null()), section.column("status"))
    reason = reason.zip_with(~(gone.fill_null(False) & reason.is_null()), pl.Series(["退款"]))
    return reason.drop_nulls().to_list(), filtered(rest, reason.is_null())


def _of_debit(section: Section) -> bool:
    """Whether the two columns of amounts are headed debit and credit."""
    heads = section.header.cells
    return all(
        any(at < len(heads) and mark in heads[at] for at in section.header.roles.get(role, []))
        for role, mark in (("out", "借"), ("in", "贷"))
    )


def _by_assumption(section: Section, preamble: Preamble, found: Decided) -> bool:
    """Whether nothing but custom tells that debit is what went out."""
    bank = bool(preamble.bank or preamble.account) or preamble.journal
    return _of_debit(section) and not found.chain.steps and not bank and not (_hints(section) != 0).any()


def _reading(section: Section, preamble: Preamble) -> Decided:
    """Debit is out in a bank's view; in a firm's own journal it is in: its title, or its words, tell."""
    debit = _of_debit(section)
    if not (debit and preamble.journal):
        found = _read_as(section, preamble)
        if not debit or found.chain.steps:
            return found
        sense = found.reading.signed.fill_null(0).sign() * _hints(section)
        against, along = int((sense < 0).sum()), int((sense > 0).sum())
        if against <= along:
            return found
    text = section.text
    turned = replace(section, text=text.rename({"out": "in", "in": "out"}))
    return _read_as(turned, preamble)


def _read_as(section: Section, preamble: Preamble) -> Decided:
    local = section.text["known_at"].dt.offset_by("8h").dt.replace_time_zone(None)
    ends = (preamble.opening, preamble.closing)
    return decide(section, _balance(section), local, preamble.account, _hints(section), *ends)


def _balance(section: Section) -> pl.Series:
    """Balances; overdrawn ones are negative where a column says so."""
    frame = pl.DataFrame(
        {"b": amounts(section.column("balance")), "m": flags(section.column("balance_flag"))}
    )
    if frame["m"].drop_nulls().n_unique() == 2 and not (frame["b"] < 0).any():
        overdrawn = pl.when(pl.col("m") == "out").then(-pl.col("b")).otherwise("b")
        frame = frame.with_columns(b=overdrawn)
    return frame["b"]


def _hints(section: Section) -> pl.Series:
    """1 where the words of a row speak of money that came, -1 of money that went, else 0."""
    cells = [section.column(r).fill_null("").alias(r) for r in ("summary", "remark")]
    said = pl.DataFrame(cells).select(t=pl.concat_str(pl.all(), separator=" "))
    come, gone = (pl.col("t").str.contains(w) for w in (words().in_words, words().out_words))
    sense = pl.when(come & ~gone).then(1).when(gone & ~come).then(-1).otherwise(0)
    return said.select(sense.cast(pl.Int64)).to_series()


def _typed(section: Section, found: Decided) -> pl.DataFrame:
    """The rows typed, in the order in which they happened, with the texts to judge them by."""
    text = section.text
    cells = [section.column(r).alias(r) for r in ("amount", "out", "in")]
    frame = pl.DataFrame(
        [
            *(text[c] for c in ("row", "happened_on", "known_at")),
            found.reading.signed.alias("signed"),
            amounts(section.column("fee")).alias("fee_fen"),
            _balance(section).alias("balance_fen"),
            currencies(section.column("currency")).alias("currency"),
            _other(section, found, "name").alias("name"),
            _whole(_other(section, found, "account")).alias("account_no"),
            _other(section, found, "account").alias("account_text"),
            _other(section, found, "bank").alias("bank"),
            *(section.column(r).alias(r) for r in ("summary", "remark", "type", "status")),
            _serial(section),
            section.column("date").alias("date_text"),
            section.column("balance").alias("balance_text"),
            flags(section.column("flag")).alias("sense"),
            pl.DataFrame(cells).select(pl.coalesce(pl.all()).alias("amount_text")).to_series(),
        ]
    )
    return frame[found.chain.order.tolist()] if frame.height else frame


def _whole(numbers: pl.Series) -> pl.Series:
    """Numbers of accounts; one that a spreadsheet cut to 6.22202E+15 is none."""
    return numbers.set(numbers.str.contains(CUT).fill_null(False), None)


def _serial(section: Section) -> pl.Series:
    """Numbers of movements; noughts, and one number on every row, are none."""
    serial = section.column("serial")
    if serial.len() > 1 and serial.n_unique() == 1:
        return serial.clear(serial.len())
    return serial.set(serial.str.contains(r"^0*$").fill_null(False), None)


def _other(section: Section, found: Decided, role: str) -> pl.Series:
    """The other side: its own column, or payee where money went and payer where it came."""
    plain = section.column(role)
    sides = (f"payer_{role}", f"payee_{role}")
    if not any(s in section.text.columns for s in sides):
        return plain
    payer, payee = (section.column(s) for s in sides)
    frame = pl.DataFrame({"s": found.reading.signed, "p": plain, "payer": payer, "payee": payee})
    facing = pl.when(pl.col("s") < 0).then("payee").otherwise("payer")
    return frame.select(pl.coalesce("p", facing)).to_series()


def _judged(made: pl.DataFrame, section: Section) -> Findings:
    """What is wrong with rows."""
    findings = Findings()
    findings.run(made, _checks())
    unread = [p for p in section.broken if p.code not in _BEARABLE]
    here = set(made["row"].to_list())
    findings.add([p for p in unread if p.row in here], pl.Series([], dtype=pl.Int32))
    return findings


def _checks() -> list[Check]:
    """What a movement must have."""
    amount, unsigned = pl.col("amount_text"), pl.col("signed").is_null()
    neither = (pl.col("sense") == "neither").fill_null(False)
    number = amount.str.contains(_NUMBER).fill_null(True)
    balance = pl.col("balance_text")
    return [
        Check("date_unreadable", "date", pl.col("happened_on").is_null(), pl.col("date_text")),
        Check("flow_neither", "flag", unsigned & neither, amount),
        Check("amount_missing", "amount", unsigned & amount.is_null() & ~neither),
        Check("amount_unreadable", "amount", unsigned & ~number & ~neither, amount),
        Check(
            "flow_direction_unknown", "direction", unsigned & number & amount.is_not_null() & ~neither, amount
        ),
        Check(
            "account_cut", "account", pl.col("account_text").str.contains(CUT).fill_null(False),
            pl.col("account_text"), fatal=False,
        ),
        Check(
            "balance_unreadable", "balance", pl.col("balance_fen").is_null() & balance.is_not_null(), balance,
            fatal=False,
        ),
    ]  # fmt: skip


def _reconcile(result: Movements, found: Decided, rows: pl.Series, file: str) -> None:
    """Whether the balances run through, and each place at which one is not what it must be."""
    chain: Chain = found.chain
    result.reconciled = None if not chain.steps else not chain.breaks
    result.breaks = [
        Problem("balance_break", file, int(rows[p]), str(rows[p]), f"{yuan(want)} ≠ {yuan(seen)}")
        for p, want, seen in chain.breaks
    ]
    here = set(result.frame["row"].to_list())
    told = [(p.row, p.code, p.field, p.value, False) for p in result.breaks if p.row in here]
    if told:
        result.findings.parts.append(pl.DataFrame(told, schema=FINDING, orient="row"))
    if found.swapped:
        result.warnings.append(Problem("statement_sides_swapped", file, 0, "direction"))


def _follow(result: Movements, found: Decided, section: Section) -> None:
    """Which rows their balance bears out: it is the one before plus what moved. Rows without a balance
    count towards the next that has one."""
    printed = result.preamble
    cells = pl.DataFrame([section.text["row"], found.reading.signed.alias("s"), _balance(section).alias("b")])
    total, known = pl.col("s").fill_null(0).cum_sum(), pl.col("b").is_not_null()
    start = pl.lit(printed.opening, dtype=pl.Int64)
    before = pl.col("b").forward_fill().shift(1).fill_null(start)
    moved = pl.col("t") - pl.when(known).then("t").forward_fill().shift(1).fill_null(0)
    follows = pl.when(known).then((before + moved == pl.col("b")).cast(pl.Int8).fill_null(-1)).backward_fill()
    frame = cells[found.chain.order.tolist()].with_columns(t=total).select("row", f=follows)
    result.followed = frame.select("row", follows=pl.when(pl.col("f") >= 0).then(pl.col("f") == 1))
    if result.reconciled is None:
        return
    first = result.followed["follows"].head(1).to_list() if cells["b"].count() else [result.reconciled]
    closes = printed.closing == result.closing if cells["b"].count() else result.reconciled
    result.ends_follow = (
        None if printed.opening is None or not first else first[0],
        None if printed.closing is None else closes,
    )


def _compare(result: Movements, sums: Sums, file: str) -> None:
    """A row that sums up the whole must say what the rows come to, else rows are missing."""
    if len(sums.totals) != 1:
        return
    signed = result.frame["signed"]
    real = (-int(signed.filter(signed < 0).sum()), int(signed.filter(signed > 0).sum()))
    for side, said, summed in zip(("out", "in"), sums.totals[0], real, strict=True):
        if said is not None and abs(said) != summed:
            value = f"{yuan(abs(said))} ≠ {yuan(summed)}"
            result.warnings.append(Problem("totals_row_disagrees", file, 0, side, value))
