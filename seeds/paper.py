"""An invented invoice as one description, from which every paper of it is written."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import cn2an


@dataclass(frozen=True)
class Party:
    """A firm as a paper prints it. `account` is bank and number with a space between."""

    name: str
    code: str
    address: str = ""
    phone: str = ""
    account: str = ""
    country: str = "CN"


@dataclass(frozen=True)
class PaperLine:
    """One line; amounts in fen, without tax and tax. `rate` None means exempt."""

    item: str
    amount_fen: int
    tax_fen: int
    rate: Decimal | None
    quantity: Decimal | None = None
    price: Decimal | None = None
    unit: str = ""
    specification: str = ""
    tax_category: str = ""


@dataclass(frozen=True)
class PaperInvoice:
    """One invoice to be written. Amounts are negative on a red one, which names the blue it reverses."""

    number: str
    issued: date | datetime
    seller: Party
    buyer: Party
    lines: tuple[PaperLine, ...]
    kind: str = "digital_special"
    currency: str = "CNY"
    reverses: str = ""
    remark: str = ""
    drawer: str = ""
    code: str = ""  # of ten or twelve digits, on older invoices
    check_code: str = ""  # twenty digits, on older electronic ones
    machine_no: str = ""
    payee: str = ""
    reviewer: str = ""

    @property
    def amount_fen(self) -> int:
        """Without tax."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def tax_fen(self) -> int:
        """The tax."""
        return sum(line.tax_fen for line in self.lines)

    @property
    def total_fen(self) -> int:
        """Including tax."""
        return self.amount_fen + self.tax_fen

    @property
    def full_remark(self) -> str:
        """The remark, on a red invoice with the sentence that names the blue one."""
        named = f"被红冲蓝字数电票号码：{self.reverses}" if self.reverses else ""
        if self.code and self.reverses:  # an older one is named by code and number
            named = f"对应正数发票代码:{self.reverses[:-8]}号码:{self.reverses[-8:]}"
        return self.remark if named in self.remark else " ".join(filter(None, (named, self.remark)))


def plain(fen: int) -> str:
    """Fen as a plain decimal of yuan, as machines write it."""
    sign, rest = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{rest // 100}.{rest % 100:02d}"


def percent(rate: Decimal | None) -> str:
    """A rate as people print it."""
    return "免税" if rate is None else f"{(rate * 100).normalize():f}%"


def in_words(fen: int) -> str:
    """An amount in words, as invoices print it: 壹佰圆整, （负数）伍佰圆整."""
    words = str(cn2an.an2cn(plain(abs(fen)), "rmb")).replace("元", "圆")
    return f"（负数）{words}" if fen < 0 else words
