"""A written statement as the Ministry of Finance's XBRL of bank statements (bkrs)."""

from html import escape

from seeds.paper import plain
from seeds.statement import PaperStatement
from seeds.statements_cells import MARK, Row, rows_of

_SPACES = (
    'xmlns="http://www.xbrl.org/2003/instance" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:bkrs="http://xbrl.mof.gov.cn/taxonomy/2021-11-30/bkrs"'
)


def write_bkrs(statement: PaperStatement, rows: list[Row] | None = None, *, pairs: bool = True) -> bytes:
    """The statement, or some rows of it; `pairs`: each movement comes with a second entry, of the other
    side, that holds 0."""
    holder = statement.holder
    head = {
        "Currency": holder.currency,
        "CustomerSettlementBankAccount": holder.account,
        "NameOfCustomerAccount": holder.name,
        "NameOfBankBranch": f"{holder.bank} {MARK}",
    }
    parts = [_element(name, value) for name, value in head.items()]
    for row in rows_of(statement) if rows is None else rows:
        movement, side = row.at, "1" if row.at.direction == "in" else "0"
        values = {
            "DateOfBookkeeping": f"{movement.at:%Y-%m-%d}",
            "NotesOfBankElectronicReceipt": " ".join(filter(None, (movement.summary, movement.remark))),
            "IdentificationOfCreditOrDebit": side,
            "TransactionAmount": plain(movement.amount_fen),
            "DebitOrCreditOfBalance": "1",
            "AccountBalance": plain(row.balance_fen),
            "AccountOfCounterparty": movement.counterparty_account,
            "NameOfCounterparty": movement.counterparty,
            "DepositoryBankOfCounterparty": movement.counterparty_bank,
            "TimeOfBookkeeping": f"{movement.at:%H:%M:%S}",
            "JournalAccountOfBookkeeping": movement.serial,
        }
        empty = values | {
            "IdentificationOfCreditOrDebit": "0" if side == "1" else "1",
            "TransactionAmount": "0",
        }
        parts += [_tuple(v) for v in ([empty, values] if pairs else [values])]
    closing = (statement.balances() or [statement.opening_fen])[-1]
    parts.append(_element("AccountBalanceAtTheEndOfReconciliationCycleAmount", plain(closing)))
    body = "\n".join(parts)
    schema = '<link:schemaRef xlink:href="bkrs_entry.xsd"/>'
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<xbrl {_SPACES}>{schema}\n{body}\n</xbrl>'
    return text.encode()


def _element(name: str, value: str) -> str:
    return f"<bkrs:{name}>{escape(value)}</bkrs:{name}>"


def _tuple(values: dict[str, str]) -> str:
    inner = "".join(_element(name, value) for name, value in values.items() if value)
    return f"<bkrs:InformationOfReconcileDetailsTuple>{inner}</bkrs:InformationOfReconcileDetailsTuple>"
