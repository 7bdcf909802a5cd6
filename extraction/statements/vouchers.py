"""Readers of the Ministry of Finance's XBRL of bank statements (`bkrs`): alone, or inside an OFD or a PDF."""

import re

from lxml import etree

from extraction.archive import Archive, Limits
from extraction.pdf_words import is_pdf, read_pdf
from extraction.rows import Facts
from extraction.sheet import Sheet
from extraction.source import Source
from extraction.statements.reader import StatementReader
from extraction.statements.sheets import ListSheet
from extraction.xml_safe import children, local, parse, text
from ledger.errors import FileUnreadable, InputError

_SPACE = re.compile(rb"xbrl\.mof\.gov\.cn/taxonomy/[\d-]+/bkrs")
_TUPLE = "InformationOfReconcileDetailsTuple"
#: Element of a movement → heading that the reader of tables knows; free ones join the remark.
_COLUMNS = {
    "DateOfBookkeeping": "交易日期",
    "TimeOfBookkeeping": "交易时间",
    "IdentificationOfCreditOrDebit": "借贷标志",
    "TransactionAmount": "交易金额",
    "AccountBalance": "余额",
    "NameOfCounterparty": "对方户名",
    "AccountOfCounterparty": "对方账号",
    "DepositoryBankOfCounterparty": "对方开户行",
    "NotesOfBankElectronicReceipt": "摘要",
    "TypesOfBusinessProducts": "备注",
    "JournalAccountOfBookkeeping": "交易流水号",
}
_HEAD = {
    "CustomerSettlementBankAccount": "账号",
    "NameOfCustomerAccount": "户名",
    "NameOfBankBranch": "开户行",
    "Currency": "币种",
    "AccountBalanceAtTheBeginningOfReconciliationCycleAmount": "期初余额",
    "AccountBalanceAtTheEndOfReconciliationCycleAmount": "期末余额",
}
_LARGEST_PART = 64 << 20


class BkrsReader(StatementReader):
    """Bank statements as XBRL."""

    name = "bkrs"
    version = 1
    method = "xml"

    def recognises(self, source: Source) -> bool:
        """By the last segment of a namespace, in the file or in a file attached to it."""
        try:
            return bool(_documents(source))
        except InputError:
            return False

    def facts(self, source: Source) -> Facts:
        """What the statements say. FileUnreadable when none can be read."""
        sheets = tuple(_sheet(parse(data, source.name, mend=True)) for data in _documents(source))
        if not sheets:
            raise FileUnreadable("file_unknown", file=source.name)
        return self.facts_of(sheets, source)


def _documents(source: Source) -> list[bytes]:
    """The XBRL of statements that a file is or carries."""
    data = source.data
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return [data] if _is_statement(data) else []
    if data.startswith(b"PK") and b"ofd.xml" in data.lower():
        archive = Archive(data, source.name, Limits())
        names = [
            m
            for m in archive.members
            if m.name.lower().endswith((".xml", ".xbrl")) and m.info.file_size <= _LARGEST_PART
        ]
        parts = (archive.read(m) for m in names if "/attach" in f"/{m.name.lower()}")
        return [part for part in parts if _is_statement(part)]
    if is_pdf(source) and b"/EmbeddedFile" in data:
        return [a.data for a in read_pdf(source).attached if _is_statement(a.data)]
    return []


def _is_statement(data: bytes) -> bool:
    return bool(_SPACE.search(data[: 64 << 10])) and _TUPLE.encode() in data


def _sheet(root: etree._Element) -> Sheet:
    """The statement as a table. Entries without an amount, which come beside those that have one, are none
    (one bank writes each movement twice, once with 0)."""
    said = {local(e): (e.text or "").strip() for e in root if isinstance(e.tag, str)}
    rows = [[f"{label}：{said[name]}"] for name, label in _HEAD.items() if said.get(name)]
    rows.append(list(_COLUMNS.values()))
    for entry in children(root, _TUPLE):
        cells = [text(entry, name) for name in _COLUMNS]
        if cells[3] and re.search(r"[1-9]", cells[3]):
            rows.append(cells)
    return ListSheet("", rows)
