"""An invented account statement as one description, from which every bank's export of it is written."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Holder:
    """The account of the statement."""

    name: str
    account: str
    bank: str  # e.g. 中国工商银行平湖支行
    code: str = ""  # unified social credit code, where the export prints it
    currency: str = "CNY"


@dataclass(frozen=True)
class Movement:
    """One movement of money; amounts in fen. `direction`: in | out. `way` and `purpose` as in the ledger's
    table bank_flows: what a reader should conclude from the words the export prints."""

    at: datetime
    direction: str
    amount_fen: int
    counterparty: str = ""  # name
    counterparty_account: str = ""
    counterparty_bank: str = ""
    summary: str = ""  # 摘要
    remark: str = ""  # 附言 / 用途
    serial: str = ""
    way: str = "transfer"
    purpose: str = "trade"
    fee_fen: int = 0
    pays: tuple[str, ...] = ()  # numbers of the invoices it pays: the truth of matching, not printed as such


@dataclass(frozen=True)
class PaperStatement:
    """One statement to be written, in the order in which things happened."""

    holder: Holder
    opening_fen: int
    movements: tuple[Movement, ...]

    def balances(self) -> list[int]:
        """The balance after each movement, in fen."""
        balance, after = self.opening_fen, []
        for movement in self.movements:
            balance += movement.amount_fen if movement.direction == "in" else -movement.amount_fen
            after.append(balance)
        return after
