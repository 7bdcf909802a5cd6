"""Values of a statement with the place they were read from → the ledger's table `fields`.

Paths: `account`, `holder`, `from`, `until`, `opening`, `closing` of the account, and `rows[7].date`,
`rows[7].amount`, `rows[7].balance` of a movement, 7 being its row in the ledger; where a document holds
several accounts, `statements[2].opening`. Tables of text with more than `MOST_ROWS` rows give the values of
the account only: there the number of a row is its place, and the movements themselves say the rest.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from extraction.cells import half_width
from extraction.paper_checks import confidence
from extraction.parties import is_person
from extraction.rows import facts_frame
from extraction.statements.cells import amounts, days
from extraction.statements.facts import shown_account
from extraction.statements.flows import Movements
from extraction.statements.preamble import day_of
from extraction.statements.sheets import PLACE
from ledger.money import fen_of, yuan
from ledger.names import masked_person

#: Rows of a table of text of which every value gets a place.
MOST_ROWS = 2_000
#: How sure a value is by itself: XBRL says what it is; a cell is exact, but its heading had to be
#: understood; in a PDF the column had to be found too.
_TAGGED, _CELL, _PRINTED = 1.0, 0.95, 0.9
#: Value of a row → the roles of the columns in which it may stand.
_ROLES = {
    "date": ("date",),
    "amount": ("amount", "in", "out", "order_amount", "refund_amount"),
    "balance": ("balance",),
    "number": ("number",),
    "due": ("due",),
}
_DATES = re.compile(r"20\d\d\D?\d{1,2}\D?\d{1,2}")
_MONEY = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
_VALUE = pl.Schema(
    {
        "row": pl.Int32(),
        "path": pl.String(),
        "value": pl.String(),
        "passed": pl.List(pl.String()),
        "failed": pl.Boolean(),
        "page": pl.Int32(),
        "box": pl.String(),
    }
)


def fields_of(accounts: Sequence[Movements], method: str) -> pl.DataFrame:
    """The values of the accounts of one document. `method`: xml for XBRL, else table."""
    whole = sum(m.rows for m in accounts)
    tables = []
    for number, account in enumerate(accounts, 1):
        start = f"statements[{number}]." if len(accounts) > 1 else ""
        tables.append(_heads(account, start, method))
        if whole <= MOST_ROWS or not account.places.is_empty():
            tables.append(_as_fields(_movements(account), account.places, method, start))
    return pl.concat(tables) if tables else _as_fields(_VALUE.to_frame(), PLACE.to_frame(), method)


def rows_as_fields(
    frame: pl.DataFrame, roles: dict[str, list[int]], places: pl.DataFrame, method: str
) -> pl.DataFrame:
    """The values of rows that are no movements (bills): `row` and columns named as in the path."""
    if frame.height > MOST_ROWS and places.is_empty():
        return _as_fields(_VALUE.to_frame(), PLACE.to_frame(), method)
    return _as_fields(_row_values(frame, roles, places), places, method)


def _movements(account: Movements) -> pl.DataFrame:
    frame = account.frame.select(
        "row", date="happened_on", amount=pl.col("signed").abs(), balance="balance_fen"
    )
    return _row_values(frame, account.roles, account.places, account.followed)


def _row_values(
    frame: pl.DataFrame,
    roles: dict[str, list[int]],
    places: pl.DataFrame,
    followed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`frame` (row, and a column a value) as rows of values with their checks, in the order of the rows."""
    follows = pl.lit(None, dtype=pl.Boolean).alias("follows")
    frame = frame.with_columns(follows) if followed is None else frame.join(followed, on="row", how="left")
    tables = []
    for name in frame.columns:
        if name in ("row", "follows"):
            continue
        value, borne = frame[name], name in ("amount", "balance")
        codes = pl.when(pl.col("follows")).then(pl.lit(["balance_follows"])) if borne else pl.lit(None)
        dated = pl.lit(["date_form"]) if value.dtype == pl.Date else codes
        made = frame.select(
            "row",
            path=pl.format("rows[{}].{}", "row", pl.lit(name)),
            value=_text(value),
            passed=pl.coalesce(dated.cast(pl.List(pl.String)), pl.lit([], dtype=pl.List(pl.String))),
            failed=(~pl.col("follows")).fill_null(False) if borne else pl.lit(False),
            key=pl.lit(value),
        ).filter(pl.col("key").is_not_null())
        columns = [c for role in _ROLES.get(name, ()) for c in roles.get(role, [])]
        tables.append(_placed(made, places, columns).drop("key").cast(_VALUE))
    return pl.concat(tables).sort("row", maintain_order=True) if tables else _VALUE.to_frame()


def _text(values: pl.Series) -> pl.Expr:
    """As people write it: yuan of fen, days as ISO."""
    if values.dtype != pl.Int64:
        return pl.lit(values.cast(pl.String))
    size = values.abs()
    sign = pl.when(pl.lit(values) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = pl.lit((size % 100).cast(pl.String).str.zfill(2))
    return pl.concat_str(sign, pl.lit((size // 100).cast(pl.String)), pl.lit("."), cents)


def _placed(values: pl.DataFrame, places: pl.DataFrame, columns: list[int]) -> pl.DataFrame:
    """`values` with page and box of the cell, in one of `columns`, that says the same."""
    cells = places.filter(pl.col("column").is_in(columns))
    text, dtype = cells["text"], values.schema["key"]
    if dtype == pl.Int64:
        said = amounts(text).abs()
        values = values.with_columns(pl.col("key").abs())
    elif dtype == pl.Date:
        said = days(text)
    else:
        said = text.str.replace_all(r"[\s-]", "")
    cells = cells.with_columns(said.alias("key")).unique(["row", "key"], keep="first", maintain_order=True)
    found = values.join(
        cells.select("row", "key", "page", "box"), on=["row", "key"], how="left", maintain_order="left"
    )
    pages = places.group_by("row").agg(on=pl.col("page").first())
    found = found.join(pages, on="row", how="left", maintain_order="left")
    return found.with_columns(page=pl.coalesce("page", "on")).drop("on")


def _heads(account: Movements, start: str, method: str) -> pl.DataFrame:
    """What is printed of the account itself; nothing that was only worked out."""
    said = account.preamble
    outside = account.places.join(account.frame.select("row"), on="row", how="anti")
    opened, closed = account.ends_follow
    holder = masked_person(said.holder) if said.holder and is_person(said.holder) else said.holder
    values = [
        ("account", shown_account(said.account), _with_letters(account.places, outside, said.account), None),
        ("holder", holder, _with_words(account.places, outside, said.holder), None),
        ("from", _iso(said.start), _with_day(outside, said.start), None),
        ("until", _iso(said.end), _with_day(outside, said.end), None),
        ("opening", _yuan(said.opening), _with_money(outside, said.opening), opened),
        ("closing", _yuan(said.closing), _with_money(outside.reverse(), said.closing), closed),
    ]
    rows = [
        (0, path, value, ["balance_follows"] if held else [], held is False, *place)
        for path, value, place, held in values
        if value
    ]
    how = "text" if not account.places.is_empty() else method
    return _as_fields(pl.DataFrame(rows, schema=_VALUE, orient="row"), account.places, how, start)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _yuan(fen: int | None) -> str:
    return "" if fen is None else yuan(fen).replace(",", "")


def _first(cells: pl.DataFrame) -> tuple[int | None, str | None]:
    found = cells.select("page", "box").head(1).rows()
    return found[0] if found else (None, None)


def _with_letters(places: pl.DataFrame, outside: pl.DataFrame, number: str) -> tuple[int | None, str | None]:
    """The cell that holds a number, whatever blanks and marks stand in it; outside the rows first."""
    plain = re.sub(r"[^0-9A-Za-z*]", "", number)
    text = pl.col("text").str.replace_all(r"[^0-9A-Za-z*]", "")
    return _first(pl.concat([outside, places]).filter(text.str.contains(plain, literal=True)))


def _with_words(places: pl.DataFrame, outside: pl.DataFrame, name: str) -> tuple[int | None, str | None]:
    cells = pl.concat([outside, places])
    cells = cells.with_columns(half_width(cells["text"]).alias("text"))
    plain = half_width(pl.Series([name], dtype=pl.String))[0]
    return _first(cells.filter(pl.col("text").str.contains(plain, literal=True)))


def _with_day(cells: pl.DataFrame, day: date | None) -> tuple[int | None, str | None]:
    return _first(cells.filter(_any(cells, lambda text: any(day_of(t) == day for t in _DATES.findall(text)))))


def _with_money(cells: pl.DataFrame, fen: int | None) -> tuple[int | None, str | None]:
    return _first(cells.filter(_any(cells, lambda text: fen in map(fen_of, _MONEY.findall(text)))))


def _any(cells: pl.DataFrame, holds: Callable[[str], bool]) -> pl.Series:
    return pl.Series([holds(text) for text in cells["text"]], dtype=pl.Boolean)


def _as_fields(values: pl.DataFrame, places: pl.DataFrame, method: str, start: str = "") -> pl.DataFrame:
    """Values as rows of the ledger's table; how sure each is, by how it was read and what it passed."""
    given = _TAGGED if method == "xml" else _CELL if places.is_empty() else _PRINTED
    passed = pl.col("passed").list.len() > 0
    doubted, borne_out = confidence(given, 0, failed=True), confidence(given, 1, failed=False)
    sure = pl.when("failed").then(doubted).when(passed).then(borne_out).otherwise(given)
    made = values.with_columns(
        path=pl.concat_str(pl.lit(start), "path"), method=pl.lit(method), confidence=sure, checks="passed"
    )
    return facts_frame(
        "fields", made.select("path", "value", "page", "box", "method", "confidence", "checks")
    )
