"""Mixed files for bench `bulk`: papers, ledgers, statements, zips, copies under other names, broken ones."""

import csv
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import xlsxwriter

from seeds.books import KIND_WORDS, PORTAL, SOURCE
from seeds.paper import PaperInvoice, percent, plain
from seeds.papers import write_digital_xml, write_ofd, write_ubl
from seeds.sample_invoices import sample_invoices

#: Shares of all files, in percent. Kinds whose generator is not there go to the first.
SHARES = {
    "xml": 45,
    "ofd": 10,
    "ubl": 8,
    "pdf": 12,
    "csv": 4,
    "xlsx": 3,
    "statement": 4,
    "return": 1,
    "contract": 2,
    "zipped": 4,
    "copy": 4,
    "broken": 3,
}
#: Invoices of a ledger, and documents of a zip.
LEDGER, ZIP = 30, 25
_FIRST = datetime(2025, 1, 1, 8)
_Make = Callable[[int], tuple[str, bytes]]


def write_files(folder: Path, count: int, seed: int = 1) -> dict[str, int]:
    """About `count` documents below `folder`; returns how many of each kind. A seed gives the same bytes."""
    draw = random.Random(seed)
    makers = _makers(seed)
    wanted = {kind: count * share // 100 for kind, share in SHARES.items()}
    lacking = [k for k in wanted if k not in makers and k not in ("zipped", "copy", "broken")]
    wanted["xml"] += sum(wanted.pop(kind) for kind in lacking)
    written: list[Path] = []
    for kind, make in makers.items():
        for number in range(wanted[kind]):
            name, data = make(number)
            place = folder / kind / f"{number % 40:02}" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            written.append(place)
    _write_zips(folder / "zipped", wanted["zipped"], makers["xml"], wanted["xml"])
    for number, original in enumerate(draw.sample(written, wanted["copy"])):
        _write(folder / "copy" / f"{number:04} (2){original.suffix}", original.read_bytes())
    for number, original in enumerate(draw.sample(written, wanted["broken"])):
        _write(folder / "broken" / f"{number:04}{original.suffix}", _broken(draw, original.read_bytes()))
    return wanted


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _makers(seed: int) -> dict[str, _Make]:
    """What can be made here, by kind: number → (file name, bytes). Later rooms are taken where they are."""
    invoices = _endless(seed, "digital")
    makers: dict[str, _Make] = {
        "xml": lambda n: (f"{n:05}.xml", write_digital_xml(next(invoices))),
        "ofd": lambda n: (f"{n:05}.ofd", write_ofd(next(invoices))),
        "ubl": lambda n: (f"{n:05}.xml", write_ubl(next(invoices))),
        "csv": lambda n: (f"{n:05}.csv", _csv([next(invoices) for _ in range(LEDGER)])),
        "xlsx": lambda n: (f"{n:05}.xlsx", _xlsx([next(invoices) for _ in range(LEDGER)])),
    }
    if pdf := _there("seeds.papers_pdf"):
        layouts = sorted(name for name, layout in pdf.LAYOUTS.items() if layout.era == "digital")
        makers["pdf"] = lambda n: (
            f"{n:05}.pdf",
            pdf.write_pdf(next(invoices), layouts[n % len(layouts)]),
        )
    if (bank := _there("seeds.statements")) and (samples := _there("seeds.sample_statements")):
        banks = sorted(bank.LAYOUTS)

        def statement(number: int) -> tuple[str, bytes]:
            suffix, data = bank.write_statement(samples.sample_statement(number), banks[number % len(banks)])
            return f"{number:05}.{suffix}", data

        makers["statement"] = statement
    if (contracts := _there("seeds.contracts")) and (drafts := _there("seeds.sample_contracts")):
        signed = drafts.sample_contracts(10**9, seed)

        def contract(number: int) -> tuple[str, bytes]:
            paper = next(signed)
            layouts = contracts.layouts_for(paper.kind)
            layout = layouts[number % len(layouts)]
            return f"{number:05}.{contracts.LAYOUTS[layout].file}", contracts.write_contract(paper, layout)

        makers["contract"] = contract
    if returns := _there("seeds.declarations"):
        makers["return"] = lambda n: (f"{n:05}.xlsx", _return(returns, next(invoices), n))
    return makers


def _return(returns: Any, invoice: PaperInvoice, number: int) -> bytes:
    """A VAT return of the seller of some invoice, for a month of 2025."""
    begins = date(2025, 1 + number % 9, 1)
    ends = date(2025, begins.month + 1, 1) - timedelta(days=1)
    sold = 100_000 + 7_919 * number
    made: bytes = returns.vat_return_xlsx(
        returns.PaperReturn(invoice.seller, begins, ends, ends + timedelta(days=12), 3 * sold, 2 * sold, sold)
    )
    return made


def _there(module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError:
        return None


def _endless(seed: int, era: str) -> Iterator[PaperInvoice]:
    """Invoices of one to five lines, none dated later than a year after the first."""
    number = 0
    while True:
        for invoice in sample_invoices(2_000, seed + number, era, most=5):
            issued = _FIRST + timedelta(minutes=37 * (number % 14_000))
            reverses = f"2499{number:016d}" if invoice.reverses else ""
            yield replace(invoice, number=f"2599{number:016d}", issued=issued, reverses=reverses)
            number += 1


def _rows(invoices: list[PaperInvoice]) -> list[list[str]]:
    """Invoices as the tax portal's export has them, one row a line."""
    rows = [list(PORTAL)]
    for invoice in invoices:
        for line in invoice.lines:
            cells = {
                "数电发票号码": invoice.number,
                "销方识别号": invoice.seller.code,
                "销方名称": invoice.seller.name,
                "购方识别号": invoice.buyer.code,
                "购买方名称": invoice.buyer.name,
                "开票日期": f"{invoice.issued:%Y-%m-%d %H:%M:%S}",
                "货物或应税劳务名称": line.item,
                "规格型号": line.specification,
                "单位": line.unit,
                "数量": "" if line.quantity is None else f"{line.quantity:f}",
                "单价": "" if line.price is None else f"{line.price:f}",
                "金额": plain(line.amount_fen),
                "税率": percent(line.rate),
                "税额": plain(line.tax_fen),
                "价税合计": plain(line.amount_fen + line.tax_fen),
                "发票来源": SOURCE,
                "发票票种": KIND_WORDS[invoice.kind],
                "发票状态": "正常",
                "是否正数发票": "否" if invoice.total_fen < 0 else "是",
                "备注": invoice.full_remark,
            }
            rows.append([cells.get(column, "") for column in PORTAL])
    return rows


def _csv(invoices: list[PaperInvoice]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(_rows(invoices))
    return out.getvalue().encode("gb18030")


def _xlsx(invoices: list[PaperInvoice]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _FIRST})
        sheet = book.add_worksheet("发票基础信息")
        for i, row in enumerate(_rows(invoices)):
            for j, cell in enumerate(row):
                if cell:
                    sheet.write_string(i, j, cell)
    return out.getvalue()


def _write_zips(folder: Path, count: int, make: _Make, first: int) -> None:
    for start in range(0, count, ZIP):
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(start, min(start + ZIP, count)):
                name, data = make(first + number)
                archive.writestr(zipfile.ZipInfo(name), data)
        _write(folder / f"{start:05}.zip", out.getvalue())


def _broken(draw: random.Random, data: bytes) -> bytes:
    """A file as a failed download or a bad disk leaves it."""
    match draw.randrange(4):
        case 0:
            return b""
        case 1:
            return data[: len(data) // 2]
        case 2:
            return b"\x00" * 512 + data[512:]
        case _:
            return draw.randbytes(4_000)
