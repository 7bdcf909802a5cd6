"""What the columns of a table are when its headings do not say: told by content and by its balances.

A table is a statement when one column of amounts runs through as the balance of one or two others. That
is a strong sign: it does not happen by chance over several rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

import polars as pl

from extraction.sheet import Sheet
from extraction.statements.balances import chain
from extraction.statements.cells import amounts, days
from extraction.statements.headings import Header, find_header, roles_of
from extraction.statements.vocabulary import plain, words

#: Rows that are looked at, and the fewest steps of a balance that prove anything.
_LOOKED, _FEWEST = 39, 3
_MONEY = r"^[+-]?(?:\d{1,12}|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?-?$"
_AMOUNTS = ("balance", "amount", "out", "in", "flag")


@dataclass(frozen=True)
class _Guess:
    """Roles of the columns of amounts, and how many balances they explain."""

    matched: int
    steps: int
    roles: dict[str, int]


def guess_header(sheet: Sheet) -> Header | None:
    """The header of a statement by what stands below it; None where no balance runs through."""
    head = sheet.head
    first = next((i for i, row in enumerate(head) if _is_data(row)), None)
    if first is None:
        return None
    last = next((i for i in range(first - 1, -1, -1) if sum(bool(c.strip()) for c in head[i]) >= 3), None)
    keys = [] if last is None else [plain(c) for c in head[last]]
    if any(k in words().never for k in keys) or _is_book(head[:first]):
        return None
    if last is not None and (signed := _signed(head, last, keys)):
        return signed
    return _by_balance(head, first, last, keys) if len(head) - first >= _FEWEST else None


def _by_balance(head: list[list[str]], first: int, last: int | None, keys: list[str]) -> Header | None:
    """The header by the columns whose balances run through; data begin at `first`."""
    width = max(len(row) for row in head[first:])
    keys += [""] * (width - len(keys))
    columns = _columns(head[first : first + _LOOKED], width)
    roles = roles_of("account", keys)
    if not _with_day(roles, columns):
        return None
    best = _amounts(roles, columns)
    if best is None:
        return None
    for role in ("balance", "amount", "out", "in"):
        roles.pop(role, None)
    roles |= {role: [column] for role, column in best.roles.items()}
    _with_texts(roles, columns)
    cells = tuple(head[last]) if last is not None else tuple([""] * width)
    return Header("account", -1 if last is None else last, 0 if last is None else 1, cells, roles)


def _signed(head: list[list[str]], last: int, keys: list[str]) -> Header | None:
    """A header of day, other side and one amount is a statement's where amounts say + as well as -."""
    roles = roles_of("account", keys)
    if not {"date", "amount", "name"} <= roles.keys():
        return None
    place = roles["amount"][0]
    marks = {row[place].strip(" \t`'\"=")[:1] for row in head[last + 1 :] if len(row) > place}
    return Header("account", last, 1, tuple(head[last]), roles) if {"+", "-"} <= marks else None


def header_of(sheet: Sheet) -> Header | None:
    """The header by its headings; where its columns of amounts do not bear each other out but others do,
    with those; else what the content tells."""
    header = find_header(sheet)
    if header is None:
        return guess_header(sheet)
    if header.kind != "account" or not (header.has("balance") and header.has("date")):
        return header
    rows = [row for row in sheet.head[header.last + 1 :] if _is_data(row)]
    columns = _columns(rows, len(header.cells))
    if rows:
        header = replace(header, roles=_with_days(header.roles, columns))
    if len(rows) < _FEWEST or _borne_out(header.roles, columns):
        return header
    best = _amounts(header.roles, columns)
    if best is None or best.steps < 2 * _FEWEST:
        return header
    kept = {role: places for role, places in header.roles.items() if role not in _AMOUNTS}
    moved = set(best.roles.values())
    kept = {role: [p for p in places if p not in moved] for role, places in kept.items()}
    roles = {role: places for role, places in kept.items() if places}
    return replace(header, roles=roles | {role: [place] for role, place in best.roles.items()})


def _borne_out(roles: dict[str, list[int]], columns: list[pl.Series]) -> bool:
    """Whether some step of the balance is what some column of amounts says, in either direction."""
    balance = amounts(columns[roles["balance"][0]])
    step = balance.diff().abs()
    sides = [amounts(columns[roles[r][0]]).abs() for r in ("amount", "out", "in") if r in roles]
    moved = pl.DataFrame([s.fill_null(0).alias(str(i)) for i, s in enumerate(sides)]).sum_horizontal()
    hits = ((step == moved) | (step == moved.shift(1))).fill_null(False)
    one_sided = len(sides) == 1 and "amount" not in roles
    return int(hits.sum()) >= 0.5 * (len(step) - 1) and not (one_sided and (moved == 0).any())


def _is_data(row: list[str]) -> bool:
    """Whether a row holds a day and an amount."""
    series = pl.Series([c.strip(" \t`'\"=") for c in row], dtype=pl.String)
    day = days(series).is_not_null()
    money = series.str.contains(_MONEY).fill_null(False) & ~day
    return bool(money.any()) and bool(day.any())


def _is_book(above: list[list[str]]) -> bool:
    """Whether the lines above speak of an accounting book of something else than the bank."""
    text = "".join(c for row in above for c in row)
    return ("科目" in text or "明细账" in text or "应收" in text) and "银行" not in text


def _columns(rows: list[list[str]], width: int) -> list[pl.Series]:
    return [
        pl.Series(
            str(i), [r[i].strip(" \t`'\"=") or None if i < len(r) else None for r in rows], dtype=pl.String
        )
        for i in range(width)
    ]


def _with_day(roles: dict[str, list[int]], columns: list[pl.Series]) -> bool:
    """Give the role of the day to a column of days; whether there is one."""
    said = roles.get("date", [])
    if said and said[0] < len(columns) and _mostly(days(columns[said[0]]).is_not_null()):
        return True
    place = next((i for i, c in enumerate(columns) if _mostly(days(c).is_not_null())), None)
    if place is None:
        return False
    roles["date"] = [place]
    return True


def _with_days(said: dict[str, list[int]], columns: list[pl.Series]) -> dict[str, list[int]]:
    """The roles, with that of the day at a column of days: a heading may promise one and hold a clock,
    while the day stands under a heading nobody knows."""
    place = said["date"][0]
    if days(columns[place]).is_not_null().any():
        return said
    free = set(range(len(columns))) - {i for role, places in said.items() if role != "time" for i in places}
    day = next((i for i in sorted(free) if _mostly(days(columns[i]).is_not_null())), None)
    if day is None:
        return said
    others = {role: [p for p in places if p != day] for role, places in said.items() if role != "date"}
    return {"date": [day], "time": [place]} | {r: p for r, p in others.items() if p and r != "time"}


def _mostly(hits: pl.Series) -> bool:
    return hits.len() > 0 and float(hits.mean() or 0) > 0.7  # type: ignore[arg-type]


def _amounts(roles: dict[str, list[int]], columns: list[pl.Series]) -> _Guess | None:
    """The columns whose balances run through best."""
    taken = {i for role in ("date", "time", "serial", "account") for i in roles.get(role, [])}
    money = [i for i, c in enumerate(columns) if i not in taken and _is_money(c)][:7]
    values = {i: amounts(columns[i]) for i in money}
    moment = days(columns[roles["date"][0]]).cast(pl.Datetime("us"))
    best: _Guess | None = None
    for balance, signed, found in _candidates(values):
        made = chain(signed, values[balance], moment, None, None)
        guess = _Guess(made.matched, made.steps, found)
        if (
            made.steps >= _FEWEST - 1
            and made.matched >= 0.8 * made.steps
            and (best is None or guess.matched > best.matched)
        ):
            best = guess
    return best


def _is_money(column: pl.Series) -> bool:
    given = column.drop_nulls()
    if not given.len():
        return False
    return _mostly(given.str.contains(_MONEY)) and not _mostly(days(given).is_not_null())


def _candidates(values: dict[int, pl.Series]) -> Iterator[tuple[int, pl.Series, dict[str, int]]]:
    """(balance, signed movement, roles) for every way to read two or three columns of amounts."""
    for amount, balance in permutations(values, 2):
        roles = {"amount": amount, "balance": balance}
        yield balance, values[amount].fill_null(0), roles
        step = values[balance].diff()
        for way in (step, -step.shift(-1)):
            same = (way.abs() == values[amount].abs()).fill_null(False)
            if same.sum() >= max(_FEWEST, 0.8 * (same.len() - 1)):
                yield balance, way.fill_null(0), roles
    for out, come, balance in permutations(values, 3):
        both = (values[out].fill_null(0) != 0) & (values[come].fill_null(0) != 0)
        if not both.any():
            signed = values[come].fill_null(0) - values[out].fill_null(0)
            yield balance, signed, {"out": out, "in": come, "balance": balance}


def _with_texts(roles: dict[str, list[int]], columns: list[pl.Series]) -> None:
    """The other side's name and account by what they look like, where no heading tells."""
    named = {i for places in roles.values() for i in places}
    for i, column in enumerate(columns):
        given = column.drop_nulls()
        if i in named or not given.len():
            continue
        if "name" not in roles and _mostly(given.str.contains(words().firms.pattern)):
            roles["name"] = [i]
        elif (
            "account" not in roles
            and _mostly(given.str.contains(r"^\d[\d -]{8,31}$"))
            and given.n_unique() > 1
        ):
            roles["account"] = [i]
        elif "remark" not in roles and _mostly(given.str.contains(r"[\u4e00-\u9fff]")):
            roles["remark"] = [i]
