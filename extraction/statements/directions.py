"""In or out? The readings of a statement's amounts that its columns allow, and the one its balances prove."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from extraction.statements.balances import Chain, chain
from extraction.statements.cells import amounts, flags
from extraction.statements.sections import Section

#: A swapped reading is believed when it explains so many balances and the plain one so few.
_MANY, _FEW = 0.6, 0.25


@dataclass(frozen=True)
class Reading:
    """One way to read the amounts: `signed` in fen (in positive, out negative)."""

    name: str
    signed: pl.Series


@dataclass(frozen=True)
class Decided:
    """The reading that holds, and its chain of balances. `swapped`: what the headings call in was out."""

    reading: Reading
    chain: Chain
    swapped: bool


def readings(
    section: Section, balance: pl.Series, own_account: str, hints: pl.Series, opening: int | None
) -> list[Reading]:
    """Every reading the columns allow, the plainest first. `hints`: 1 or -1 where words tell, else 0."""
    text, made = section.text, []
    if "out" in text.columns and "in" in text.columns:
        out, come = amounts(text["out"]), amounts(text["in"])
        if _all_minus(out):  # no reversals, but how this bank prints what goes out
            made.append(Reading("columns", _pair(-out, come)))
        made.append(Reading("columns", _pair(out, come)))
    if "amount" in text.columns:
        amount = amounts(text["amount"])
        if "flag" in text.columns and (mark := flags(text["flag"])).null_count() < len(mark):
            if _all_minus(amount.filter(mark == "out")):  # the minus says the same thing twice
                made.append(Reading("flag", _marked(amount.abs(), mark)))
            made.append(Reading("flag", _marked(amount, mark)))
            if (amount < 0).any():
                made += [Reading("flag", _marked(amount.abs(), mark)), Reading("signed", amount)]
            if mark.null_count() > 0.2 * len(mark):  # marks that nobody knows
                made += [Reading("steps", s) for s in _by_steps(amount.abs(), balance, hints, opening)]
        elif paid := _by_payer(section, amount.abs(), own_account):
            made += [paid] if paid.signed.null_count() < len(amount) else [paid, Reading("signed", amount)]
        elif (amount < 0).any() or text["amount"].str.contains(r"^\s*\+").any():
            made.append(Reading("signed", amount))
        elif balance.null_count() < len(balance):
            made += [Reading("steps", s) for s in _by_steps(amount, balance, hints, opening)]
        if not made:
            made.append(Reading("signed", amount))
    if not made:
        side = "out" if "out" in text.columns else "in"
        value = amounts(text[side])
        made.append(Reading("one_side", -value if side == "out" else value))
    return made


def decide(
    section: Section,
    balance: pl.Series,
    moment: pl.Series,
    own_account: str,
    hints: pl.Series,
    opening: int | None,
    closing: int | None,
) -> Decided:
    """The reading whose balances run through best; another than the plainest only where it clearly wins."""
    every = readings(section, balance, own_account, hints, opening)
    tried = [(r, chain(r.signed, balance, moment, opening, closing)) for r in every]
    first = max(tried, key=lambda item: item[1].matched)
    if first[1].matched < first[1].steps:
        swapped = Reading(first[0].name, -first[0].signed)
        other = chain(swapped.signed, balance, moment, opening, closing)
        steps = max(other.steps, 1)
        if other.matched >= _MANY * steps and first[1].matched <= _FEW * steps and other.matched > 1:
            return Decided(swapped, other, swapped=first[0].name != "steps")
    return Decided(*first, swapped=False)


def _all_minus(amount: pl.Series) -> bool:
    given = amount.filter((amount != 0).fill_null(False))
    return bool(given.len()) and bool((given < 0).all())


def _pair(out: pl.Series, come: pl.Series) -> pl.Series:
    """What came in less what went out; null where neither is given."""
    frame = pl.DataFrame({"out": out, "in": come})
    given = pl.col("out").is_not_null() | pl.col("in").is_not_null()
    net = pl.col("in").fill_null(0) - pl.col("out").fill_null(0)
    return frame.select(pl.when(given).then(net)).to_series()


def _marked(amount: pl.Series, mark: pl.Series) -> pl.Series:
    """Amounts with the sign of their mark; a minus already there reverses it."""
    value, side = pl.col("a"), pl.col("m")
    signed = pl.when(side == "in").then(value).when(side == "out").then(-value)
    return pl.DataFrame({"a": amount, "m": mark}).select(signed).to_series()


def _by_payer(section: Section, amount: pl.Series, own_account: str) -> Reading | None:
    """Out where the account itself pays, in where it is paid; None without columns of both sides. Which
    account (or name) is the owner's, the preamble says, else the one that stands on most rows."""
    for role, said in (("account", own_account), ("name", "")):
        sides = [section.column(f"{side}_{role}") for side in ("payer", "payee")]
        if any(s.null_count() == s.len() for s in sides):
            continue
        plain = [s.str.to_uppercase().str.replace_all(r"[\s*-]", "") for s in sides]
        own = "".join(filter(str.isalnum, said.upper())) or _commonest(
            pl.concat([p.rename("v") for p in plain])
        )
        frame = pl.DataFrame({"a": amount, "payer": plain[0], "payee": plain[1]})
        pays, paid = pl.col("payer") == own, pl.col("payee") == own
        signed = pl.when(pays).then(-pl.col("a")).when(paid).then(pl.col("a"))
        made = frame.select(signed).to_series()
        if made.null_count() < 0.5 * made.len():
            return Reading("payer", made)
    return None


def _commonest(values: pl.Series) -> str:
    counted = values.drop_nulls().value_counts(sort=True)
    return str(counted.item(0, 0)) if counted.height else ""


def _by_steps(
    amount: pl.Series, balance: pl.Series, hints: pl.Series, opening: int | None
) -> list[pl.Series]:
    """Amounts without a sign: the balances tell it, read downwards and upwards; of the first one the
    opening balance, or the words beside it."""
    value = amount.fill_null(0).to_numpy().astype(np.int64)
    after = balance.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    words = hints.to_numpy()
    start = np.nan if opening is None else float(opening)
    made = []
    for down in (True, False):
        turn = slice(None, None, 1 if down else -1)
        a, step = value[turn], np.diff(after[turn], prepend=start)
        sign = np.where(step == a, 1, np.where(step == -a, -1, words[turn]))
        signed = pl.Series((sign * a)[turn].astype(np.int64))
        unknown = pl.Series((sign[turn] == 0) & (value != 0))
        made.append(signed.set(unknown | amount.is_null(), None))
    return made
