"""The firm the demo tells about, a small maker of high-temperature nylon in Pinghu, and its papers.

Its own ledger is an export of the tax portal (XLSX); a few hundred of its invoices and of its
partners' are written as papers: 数电票 XML, OFD, and UBL for a foreign supplier. Some lie in zips.
"""

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from seeds.books import PORTAL, SOURCE, portal_rows
from seeds.firms import STORY, Firms
from seeds.goods import EXEMPT, Goods
from seeds.groups import NOTE
from seeds.knowledge import places
from seeds.papers import PaperInvoice, PaperLine, Party, write_digital_xml, write_ofd, write_ubl
from seeds.papers_pdf import write_pdf
from seeds.streams import stream

#: What the demo says of the firm beside its invoices.
FACTS: dict[str, Any] = {
    "plant_square_metres": 500,
    "patents": 12,
    "product": {"zh": "高温尼龙", "en": "high-temperature nylon"},
    "buys_most": [4, 8],
    "ships_most": [9],
    "paid_in": [12],
    "fixed_outlays": "every month",
}
ORDER_SIGNED, ORDER_FEN = date(2025, 10, 20), 300_000_000
OWN_PAPERS, PARTNER_PAPERS, FOREIGN = 200, 120, 12
PDF_LAYOUTS = ("digital", "digital_glued", "digital_letters", "digital_centred", "digital_hybrid")
_HEADER = tuple(
    name
    for name in PORTAL
    if name
    not in ("税收分类编码", "特定业务类型", "货物或应税劳务名称", "规格型号", "单位", "数量", "单价", "税率")
)
_SUMS = ("金额", "税额", "价税合计")


def write_portal_export(path: Path, lines: pl.DataFrame, firms: Firms, goods: Goods) -> int:
    """The story firm's own books as the tax portal exports them: two sheets. Returns the rows of lines."""
    rows = portal_rows(lines, firms, goods)
    key = rows.select("发票代码", "发票号码", "数电发票号码").with_row_index("at")
    summed = pl.concat([key, lines.select("amount", "tax")], how="horizontal")
    heads = summed.group_by("发票代码", "发票号码", "数电发票号码", maintain_order=True).agg(
        pl.col("at").first(), pl.col("amount").sum(), pl.col("tax").sum()
    )
    header = rows[heads["at"].to_numpy()].with_columns(
        (heads["amount"].cast(pl.Decimal(20, 2)) / 100).cast(pl.Decimal(20, 2)).cast(pl.String).alias("金额"),
        (heads["tax"].cast(pl.Decimal(20, 2)) / 100).cast(pl.Decimal(20, 2)).cast(pl.String).alias("税额"),
        ((heads["amount"] + heads["tax"]).cast(pl.Decimal(20, 2)) / 100)
        .cast(pl.Decimal(20, 2)).cast(pl.String).alias("价税合计"),
    )  # fmt: skip
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2026, 1, 5), "comments": NOTE})
        _sheet(book, "发票基础信息", _HEADER, header)
        _sheet(book, "信息汇总表", PORTAL, rows)
    return len(rows)


def _sheet(book: Any, name: str, columns: tuple[str, ...], rows: pl.DataFrame) -> None:
    """All cells as text, as the portal writes them, with a row of totals at the bottom."""
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, columns)
    for at, row in enumerate(rows.select(columns[1:]).iter_rows(), start=1):
        sheet.write_string(at, 0, str(at))
        for column, value in enumerate(row, start=1):
            sheet.write_string(at, column, value)
    sheet.write_string(len(rows) + 1, 0, "合计")
    for title in _SUMS:
        total = rows[title].cast(pl.Decimal(20, 2)).sum()
        sheet.write_string(len(rows) + 1, columns.index(title), f"{total:.2f}")


def write_papers(
    folder: Path, lines: pl.DataFrame, firms: Firms, goods: Goods, seed: int
) -> list[tuple[Path, int]]:
    """Papers of digital invoices among `lines` (the story firm's and its partners'), and foreign ones."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = [*_digital(lines, firms, goods, seed), *_foreign(firms, seed)]
    written: list[tuple[Path, int]] = []
    bundle: list[tuple[str, bytes]] = []
    for number, paper in enumerate(papers):
        name, data = _paper(number, paper)
        if number % 8 == 5:
            bundle.append((name, data))
        elif number % 8 == 6:
            path = folder / f"{name.rsplit('.', 1)[0]}.zip"
            path.write_bytes(_zipped([(name, data)]))
            written.append((path, len(paper.lines)))
        else:
            (folder / name).write_bytes(data)
            written.append((folder / name, len(paper.lines)))
    inner = _zipped(bundle[: len(bundle) // 2])
    path = folder / "邮箱附件.zip"
    path.write_bytes(_zipped([("附件/更早的附件.zip", inner), *bundle[len(bundle) // 2 :]]))
    written.append((path, len(bundle)))
    return written


def _paper(number: int, paper: PaperInvoice) -> tuple[str, bytes]:
    """File name and bytes: foreign ones UBL, of four others two XML, an OFD and a PDF."""
    if paper.kind == "foreign":
        return f"{paper.number}.xml", write_ubl(paper)
    name = f"dzfp_{paper.number}_{paper.seller.name}_{paper.issued:%Y%m%d%H%M%S}"
    if number % 4 == 2:
        return f"{name}.ofd", write_ofd(paper)
    if number % 4 == 3:
        return f"{name}.pdf", write_pdf(paper, PDF_LAYOUTS[number // 4 % len(PDF_LAYOUTS)])
    return f"{name}.xml", write_digital_xml(paper)


def _digital(lines: pl.DataFrame, firms: Firms, goods: Goods, seed: int) -> list[PaperInvoice]:
    digital = lines.filter((pl.col("kind") < 2) & (pl.col("dst") >= 0))
    own = (pl.col("src") == STORY) | (pl.col("dst") == STORY)
    found = digital.select("inv", own.alias("own")).unique(maintain_order=True)
    luck = stream(seed, "papers").random(len(found))
    drawn = found.with_columns(luck=pl.Series(luck)).sort("luck")
    chosen = pl.concat(
        [
            drawn.filter("own").head(OWN_PAPERS)["inv"],
            drawn.filter(~pl.col("own")).head(PARTNER_PAPERS)["inv"],
        ]
    )
    mine = digital.filter(pl.col("inv").is_in(chosen.implode())).sort("inv", "line")
    texts = portal_rows(mine, firms, goods)
    both = pl.concat(
        [mine.select("inv", "src", "dst", "amount", "tax", "rate", "kind"), texts], how="horizontal"
    )
    return [_invoice(group, firms) for _, group in both.group_by("inv", maintain_order=True)]


def _invoice(group: pl.DataFrame, firms: Firms) -> PaperInvoice:
    rows = group.to_dicts()
    head = rows[0]
    named = re.search(r"号码：(\d{20})", head["备注"])
    return PaperInvoice(
        number=head["数电发票号码"],
        issued=datetime.fromisoformat(head["开票日期"]),
        seller=party(firms, head["src"]),
        buyer=party(firms, head["dst"]),
        lines=tuple(_line(row) for row in rows),
        kind=("digital_special", "digital_ordinary")[head["kind"]],
        reverses=named.group(1) if named else "",
        remark=f"{head['备注']} {SOURCE} synthetic".strip(),
        drawer=head["开票人"],
    )


def _line(row: dict[str, Any]) -> PaperLine:
    return PaperLine(
        item=row["货物或应税劳务名称"],
        amount_fen=row["amount"],
        tax_fen=row["tax"],
        rate=None if row["rate"] == EXEMPT else Decimal(row["rate"]) / 100,
        quantity=Decimal(row["数量"]),
        price=Decimal(row["单价"]),
        unit=row["单位"],
        specification=row["规格型号"],
        tax_category=row["税收分类编码"],
    )


def _foreign(firms: Firms, seed: int) -> list[PaperInvoice]:
    """A German maker of additives invoices the story firm in euro, without Chinese tax."""
    rng = stream(seed, "foreign")
    seller = Party(
        "Lindenhof Additive GmbH (synthetic)", "DE990000017", "Werkstr. 9, Musterstadt", country="DE"
    )
    papers = []
    for number in range(FOREIGN):
        kilos, cents = int(rng.integers(4, 40)) * 25, int(rng.integers(900, 1400))
        line = PaperLine(
            item="Heat stabiliser for polyamide 6T", amount_fen=kilos * cents, tax_fen=0, rate=Decimal(0),
            quantity=Decimal(kilos), price=Decimal(cents) / 100, unit="KGM",
        )  # fmt: skip
        papers.append(
            PaperInvoice(
                number=f"LA-{2024 + number // 6}-{number + 1:04d}",
                issued=date(2024 + number // 6, 2 * (number % 6) + 2, int(rng.integers(3, 25))),
                seller=seller, buyer=party(firms, STORY), lines=(line,), kind="foreign", currency="EUR",
                remark=f"{SOURCE} synthetic",
            )
        )  # fmt: skip
    return papers


def party(firms: Firms, number: int) -> Party:
    """Firm `number` as a paper prints it; address, telephone and account are invented."""
    place = places()[int(firms.place[number])]
    street = "经纬安康新华建设创业工业环城"[number % 7 * 2 : number % 7 * 2 + 2]
    return Party(
        name=firms.name[number],
        code=firms.code[number],
        address=f"{place.name}{street}路{number % 900 + 1}号",
        phone=f"0990-99{number % 100_000:05d}",
        account=f"合成银行{place.short}支行 9900{number:012d}",
    )


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    """A zip with one fixed date, so that its bytes do not depend on the day."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 0, 0, 0)), data)
    return buffer.getvalue()
