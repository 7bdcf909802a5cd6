"""The cells of written statements: what each column of a bank's layout prints of a movement."""

from collections.abc import Callable
from dataclasses import dataclass

from seeds.paper import plain
from seeds.statement import Movement, PaperStatement

#: What every invented paper says.
MARK = "合成数据"


@dataclass(frozen=True)
class Row:
    """One movement as a row: the statement, its place from 0, and the balance after it."""

    statement: PaperStatement
    index: int
    movement: Movement | None
    balance_fen: int

    @property
    def at(self) -> Movement:
        """The movement of a row that is one."""
        if self.movement is None:
            raise ValueError("not a movement")
        return self.movement


def rows_of(statement: PaperStatement) -> list[Row]:
    """The movements with their balances."""
    pairs = zip(statement.movements, statement.balances(), strict=True)
    return [Row(statement, index, movement, balance) for index, (movement, balance) in enumerate(pairs)]


def cell(key: str, row: Row) -> str:
    """What the column `key` prints."""
    return CELLS[key](row)


def comma(fen: int) -> str:
    """Fen as yuan with thousands separators."""
    return f"{fen // 100:,}.{fen % 100:02d}" if fen >= 0 else f"-{comma(-fen)}"


def _side(direction: str, write: Callable[[int], str], other: str = "") -> Callable[[Row], str]:
    return lambda row: write(row.at.amount_fen) if row.at.direction == direction else other


def _signed(row: Row) -> int:
    return row.at.amount_fen if row.at.direction == "in" else -row.at.amount_fen


def _total(row: Row, direction: str) -> str:
    return plain(sum(m.amount_fen for m in row.statement.movements if m.direction == direction))


def _edge(row: Row, last: bool) -> str:
    movements = row.statement.movements
    return f"{movements[-1 if last else 0].at:%Y-%m-%d}" if movements else ""


def _payer(row: Row, mine: str, other: str, paying: bool) -> str:
    holder, movement = row.statement.holder, row.at
    own = (movement.direction == "out") == paying
    return str(getattr(holder, mine) if own else getattr(movement, other))


CELLS: dict[str, Callable[[Row], str]] = {
    "empty": lambda _: "",
    "account": lambda row: row.statement.holder.account,
    "name": lambda row: row.statement.holder.name,
    "bank": lambda row: row.statement.holder.bank,
    "code": lambda row: row.statement.holder.code,
    "currency": lambda _: "人民币",
    "currency_code": lambda row: row.statement.holder.currency,
    "opening": lambda row: plain(row.statement.opening_fen),
    "closing": lambda row: plain((row.statement.balances() or [row.statement.opening_fen])[-1]),
    "total_out": lambda row: _total(row, "out"),
    "total_in": lambda row: _total(row, "in"),
    "from": lambda row: _edge(row, last=False),
    "until": lambda row: _edge(row, last=True),
    "sequence": lambda row: str(row.index + 1),
    "stamp": lambda row: f"{row.at.at:%Y-%m-%d %H:%M:%S}",
    "stuck": lambda row: f"{row.at.at:%Y%m%d %H:%M:%S}",
    "day": lambda row: f"{row.at.at:%Y-%m-%d}",
    "slashed": lambda row: f"{row.at.at.year}/{row.at.at.month}/{row.at.at.day}",
    "compact": lambda row: f"{row.at.at:%Y%m%d}",
    "clock": lambda row: f"{row.at.at:%H:%M:%S}",
    "in": _side("in", plain),
    "out": _side("out", plain),
    "in_zero": _side("in", plain, "0.00"),
    "out_zero": _side("out", plain, "0.00"),
    "minus_out": lambda row: plain(min(0, _signed(row))) if row.at.direction == "out" else "0.00",
    "in_comma": _side("in", comma),
    "out_comma": _side("out", comma),
    "amount": lambda row: plain(row.at.amount_fen),
    "signed": lambda row: plain(_signed(row)),
    "signed_comma": lambda row: comma(_signed(row)),
    "flag": lambda row: "贷" if row.at.direction == "in" else "借",
    "side": lambda row: "收入" if row.at.direction == "in" else "支出",
    "balance": lambda row: plain(row.balance_fen),
    "balance_comma": lambda row: comma(row.balance_fen),
    "other": lambda row: row.at.counterparty,
    "other_account": lambda row: row.at.counterparty_account,
    "other_bank": lambda row: row.at.counterparty_bank,
    "summary": lambda row: row.at.summary,
    "remark": lambda row: row.at.remark,
    "summary_remark": lambda row: " ".join(filter(None, (row.at.summary, row.at.remark))),
    "serial": lambda row: row.at.serial,
    "channel": lambda _: "支付宝",
    "boc_type": lambda row: "来账" if row.at.direction == "in" else "往账",
    "payer": lambda row: _payer(row, "name", "counterparty", True),
    "payee": lambda row: _payer(row, "name", "counterparty", False),
    "payer_account": lambda row: _payer(row, "account", "counterparty_account", True),
    "payee_account": lambda row: _payer(row, "account", "counterparty_account", False),
    "payer_bank": lambda row: _payer(row, "bank", "counterparty_bank", True),
    "payee_bank": lambda row: _payer(row, "bank", "counterparty_bank", False),
}

#: Columns of amounts, which stand right and may be numbers in a workbook.
AMOUNTS = frozenset(k for k in CELLS if k.startswith(("in", "out", "signed", "balance", "amount", "minus")))
