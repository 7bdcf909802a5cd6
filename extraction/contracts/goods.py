"""The subject table: goods with specification, unit, quantity, price, amount and day of delivery."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from extraction.contracts.document import Cell, Document, Place, Table, Text
from extraction.contracts.found import Found
from extraction.contracts.lexicon import column_of, plain
from extraction.contracts.values import Amount, amounts_in, dates_in, fen_of

_FIGURES = ("quantity", "price", "net_price", "amount", "net_amount")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_TOTAL = re.compile(
    r"(?:合\s*计|总\s*计|共\s*计|总\s*金\s*额|合同总|价税合计|合同金额|总\s*价|大写|小\s*计|TOTAL)",
    re.IGNORECASE,
)
_WAN = re.compile(r"万\s*元")
_MOST_LINES = 5_000


@dataclass
class GoodsLine:
    """One row of the table; what it does not print is missing."""

    values: dict[str, Found[str]] = field(default_factory=dict)
    quantity: Decimal | None = None
    price: Decimal | None = None
    amount_fen: int | None = None
    deliver_on: date | None = None
    rate: Decimal | None = None

    def text(self, key: str) -> str | None:
        """A value as text."""
        return self.values[key].value if key in self.values else None


@dataclass
class Goods:
    """All rows, the totals printed below them, and which rows of which blocks were read."""

    lines: list[GoodsLine] = field(default_factory=list)
    totals: list[tuple[Amount, Place]] = field(default_factory=list)
    net: bool = False  # the columns are without tax
    with_tax: bool = False  # the columns say so
    taken: set[tuple[int, int]] = field(default_factory=set)
    total_quantity: Decimal | None = None


@dataclass(frozen=True)
class _Heading:
    kinds: dict[int, tuple[str, int]]  # grid column → (kind, span)
    scale: dict[str, int]  # price and amount in yuan or 10,000 yuan
    rows: int = 1
    unit: str = ""
    net: bool = False
    with_tax: bool = False


def goods_of(document: Document) -> Goods:
    """Every goods table of a document; tables that continue one another count on."""
    goods = Goods()
    heading: _Heading | None = None
    before = ""
    for number, block in enumerate(document.blocks):
        if not isinstance(block, Table):
            before = block.text.text
            if len(plain(before)) > 30:
                heading = None
            continue
        heading = _table(block, number, goods, before, heading)
    return goods


def _table(table: Table, number: int, goods: Goods, before: str, carried: _Heading | None) -> _Heading | None:
    """Read one table; the heading is handed on, for a table may go on over a page."""
    heading: _Heading | None = None
    r = 0
    while r < len(table.rows):
        found = _heading(table, r, before)
        if found is not None:
            heading = found
            goods.net, goods.with_tax = goods.net or found.net, goods.with_tax or found.with_tax
            goods.taken |= {(number, r + i) for i in range(found.rows)}
            r += found.rows
            continue
        use = heading or (carried if r == 0 or (number, r - 1) in goods.taken else None)
        if use is not None and len(goods.lines) < _MOST_LINES:
            kept = _body(table, r, use, goods)
            if kept:
                goods.taken.add((number, r))
            elif heading is not None and not (_blank(table.rows[r]) or _sparse(table.rows[r])):
                below = bool(_figures_below(table, r)) and (number, r - 1) in goods.taken
                heading = heading if below else None
                goods.taken |= {(number, r)} if below else set()
        r += 1
    return heading or carried


def _figures_below(table: Table, r: int) -> bool:
    """Whether a row without figures is one more line of the heading: the next one has some."""
    return not _has_figures(table.rows[r]) and r + 1 < len(table.rows) and _has_figures(table.rows[r + 1])


def _blank(row: tuple[Cell, ...]) -> bool:
    return not any(cell.text.text.strip() for cell in row)


def _sparse(row: tuple[Cell, ...]) -> bool:
    return sum(bool(cell.text.text.strip()) for cell in row) <= 2


def _heading(table: Table, r: int, before: str) -> _Heading | None:
    """The heading in row `r`: goods and figures; one that goes over two rows is put together."""
    made = _columns(table.rows[r])
    rows = 1
    sure = {kind for kind, _, _ in made.values()} - {"sequence", "other"}
    if r + 1 < len(table.rows) and len(sure) >= 2 and not _has_figures(table.rows[r + 1]):
        below = _columns(table.rows[r + 1])
        named = sum(bool(cell.text.text.strip()) for cell in table.rows[r + 1])
        if below and named and len(below) >= min(2, named):
            made, rows = _over(made, below), 2
    kinds = {kind for kind, _, _ in made.values()}
    if "item" not in kinds and "specification" in kinds and kinds & set(_FIGURES):
        made = {c: ("item" if k == "specification" else k, s, t) for c, (k, s, t) in made.items()}
        kinds = {kind for kind, _, _ in made.values()}
    if "item" not in kinds or not kinds & set(_FIGURES) or len(kinds) < 3:
        return None
    texts = {kind: text for kind, _, text in made.values()}
    wan = "万元" in plain(before)[-40:] and "单位" in before
    scale = {k: 10_000 if _WAN.search(texts.get(k, "")) or (wan and "amount" in k) else 1 for k in _FIGURES}
    unit = next((u for k in ("price", "net_price", "quantity") if (u := _unit_in(texts.get(k, ""), k))), "")
    net = ("net_amount" in kinds or "net_price" in kinds) and not {"amount", "price"} & kinds
    taxed = any("含税" in plain(texts.get(k, "")) or "价税" in texts.get(k, "") for k in ("price", "amount"))
    return _Heading({c: (k, s) for c, (k, s, _) in made.items()}, scale, rows, unit, net, taxed)


def _columns(row: tuple[Cell, ...]) -> dict[int, tuple[str, int, str]]:
    """Grid column → (kind, span, heading); the first column of a kind counts."""
    made: dict[int, tuple[str, int, str]] = {}
    for cell in row:
        kind = column_of(cell.text.text.replace("\n", ""))
        if kind is not None and (kind == "other" or all(kind != k for k, _, _ in made.values())):
            made[cell.column] = (kind, cell.span, cell.text.text)
    return made


def _over(
    above: dict[int, tuple[str, int, str]], below: dict[int, tuple[str, int, str]]
) -> dict[int, tuple[str, int, str]]:
    """Two rows of a heading as one: the lower, finer one counts where it says something."""
    covered = {c for c, (_, span, _) in above.items() if span > 1 and any(c <= b < c + span for b in below)}
    kinds = {kind for kind, _, _ in below.values()}
    kept = {c: v for c, v in above.items() if c not in covered and c not in below and v[0] not in kinds}
    return kept | below


def _has_figures(row: tuple[Cell, ...]) -> bool:
    return any(re.search(r"\d", cell.text.text) for cell in row)


def _unit_in(heading: str, kind: str) -> str:
    """The unit that a heading names: 单价(元/吨), 数量(吨)."""
    word = plain(heading)
    pattern = r"元/([\u4e00-\u9fffA-Z0-9]{1,4})" if "price" in kind else r"[(/]([\u4e00-\u9fffA-Z]{1,3})\)?$"
    found = re.search(pattern, word)
    return found[1] if found and found[1] not in ("元", "万元", "含税") else ""


def _body(table: Table, r: int, heading: _Heading, goods: Goods) -> bool:
    """Read row `r` as goods or as a total; False where it is neither."""
    row = table.rows[r]
    text = "".join(plain(cell.text.text) for cell in row)
    if not text:
        return False
    if _is_total(row, heading):
        _total(row, heading, goods)
        return True
    line = GoodsLine()
    for cell in _with_reaching(table, r):
        kind = _kind_at(heading, cell)
        value = (
            " ".join(cell.text.text.split("\n")).strip(" -—/")
            if kind in ("rate", "deliver")
            else _flat(cell.text)
        )
        if kind is None or kind in ("other", "sequence") or not value.strip(" -—/\\"):
            continue
        line.values.setdefault(kind, Found(value.strip(), cell.text.text, cell.text.place(), "table"))
    if not _read(line, heading):
        return False
    goods.lines.append(line)
    return True


def _flat(text: Text) -> str:
    """The lines of a cell as one; a blank only where Latin words meet."""
    return re.sub(r"(?<=[A-Za-z])\n(?=[A-Za-z])", " ", text.text).replace("\n", "").replace("\t", " ")


def _with_reaching(table: Table, r: int) -> list[Cell]:
    """The cells of a row and those above that reach down into it."""
    reaching = [c for i in range(max(0, r - 64), r) for c in table.rows[i] if i + c.rows > r]
    return [*table.rows[r], *reaching]


def _kind_at(heading: _Heading, cell: Cell) -> str | None:
    exact = heading.kinds.get(cell.column)
    if exact:
        return exact[0]
    for column, (kind, span) in heading.kinds.items():
        if column <= cell.column < column + span:
            return kind
    return None


def _is_total(row: tuple[Cell, ...], heading: _Heading) -> bool:
    full = [cell for cell in row if cell.text.text.strip()]
    if not full or not _TOTAL.search("".join(plain(c.text.text) for c in full[:2])):
        return False
    first = plain(full[0].text.text)
    named = re.match(
        r"(?:本页|本单|货款|金额|含税|人民币|以上)?(?:合计|总计|小计|共计|总金额|总价|TOTAL|价税合计|合同总|大写|合同金额)",
        first,
    )
    item = next((c for c in full if _kind_at(heading, c) == "item"), None)
    return bool(named) or (
        item is not None and bool(_TOTAL.match(plain(item.text.text))) and len(plain(item.text.text)) < 8
    )


def _total(row: tuple[Cell, ...], heading: _Heading, goods: Goods) -> None:
    """What a total row says: figures under the amounts, amounts with their unit, words."""
    if re.match(r"\s*小\s*计", row[0].text.text):
        return
    full = [cell for cell in row if cell.text.text.strip()]
    for cell in full:
        kind, text = _kind_at(heading, cell), _flat(cell.text)
        place = cell.text.place()
        bare = re.sub(r"[¥元\s]", "", text)
        if kind in ("amount", "net_amount") and _NUMBER.fullmatch(bare):
            fen = fen_of(bare, heading.scale.get(kind, 1))
            if fen is not None:
                goods.totals.append((Amount(0, len(text), fen), place))
            continue
        if kind == "quantity" and (found := _NUMBER.match(text)):
            goods.total_quantity = Decimal(found[0].replace(",", ""))
        for amount in amounts_in(text):
            goods.totals.append((amount, place))
    last = _flat(full[-1].text)
    if len(full) >= 2 and not goods.totals and _NUMBER.fullmatch(bare := re.sub(r"[¥元\s]", "", last)):
        fen = fen_of(bare, heading.scale.get("amount", 1))
        if fen is not None:
            goods.totals.append((Amount(0, len(last), fen), full[-1].text.place()))


def _read(line: GoodsLine, heading: _Heading) -> bool:
    """Turn a row's cells into numbers; False where it is no row of goods."""
    if not line.text("item") or len(line.text("item") or "") > 200:
        return False
    if "amount" not in line.values and "net_amount" in line.values:
        line.values["amount"] = line.values.pop("net_amount")
    gross = any(kind == "amount" for kind, _ in heading.kinds.values())
    if "price" not in line.values and "net_price" in line.values and not gross:
        line.values["price"] = line.values.pop("net_price")  # else the price is on another basis
    line.quantity, unit = _measured(line.text("quantity"))
    line.price = _decimal(line.text("price"), heading.scale["price"])
    amount = _decimal(line.text("amount"), heading.scale["amount"])
    line.amount_fen = None if amount is None or amount * 100 != int(amount * 100) else int(amount * 100)
    if line.quantity is None and line.amount_fen is None and line.price is None:
        return False
    if not line.text("unit") and (unit or heading.unit):
        of = line.values.get("quantity") or line.values.get("price") or line.values["item"]
        line.values["unit"] = Found(unit or heading.unit, unit or heading.unit, of.place, "table")
    if days := dates_in(line.text("deliver") or ""):
        line.deliver_on = days[-1][2]
    if rate := re.search(r"(\d{1,2}(?:\.\d+)?)\s*%?", line.text("rate") or ""):
        value = Decimal(rate[1])
        line.rate = value / 100 if value >= 1 else value
    return True


def _measured(text: str | None) -> tuple[Decimal | None, str]:
    """A quantity with the unit behind it: 50吨."""
    found = re.fullmatch(
        rf"(?:约|共|计)?\s*({_NUMBER.pattern})\s*([\u4e00-\u9fffA-Za-z/²³]{{0,6}})", (text or "").strip()
    )
    if found is None:
        return None, ""
    return Decimal(found[1].replace(",", "")), found[2]


def _decimal(text: str | None, scale: int) -> Decimal | None:
    if not text:
        return None
    wan = 10_000 if re.search(r"万", text) else scale
    bare = re.sub(r"[¥元万整\s]|RMB|CNY|/[\u4e00-\u9fffA-Za-z]+$", "", text, flags=re.IGNORECASE)
    if not _NUMBER.fullmatch(bare):
        return None
    try:
        return Decimal(bare.replace(",", "")) * wan
    except InvalidOperation:
        return None
