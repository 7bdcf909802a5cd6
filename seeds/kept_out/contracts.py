"""Contracts in wordings of their own: a purchase agreement, a printed supply contract, a lease."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Docx

from seeds.contract import PaperContract
from seeds.kept_out.clauses import chinese_day, day, money, payment, rent, total
from seeds.kept_out.pages import Sheets, wrapped
from seeds.paper import Party

_SYNTHETIC = "（合成数据，仅供测试）"
_PAY = ("payment", "retention")


def contract_docx(contract: PaperContract) -> bytes:
    """A purchase agreement between 需求单位 and 供货单位, parties in a table, dated in Chinese numerals."""
    document = Document()
    document.add_heading("物资采购协议书", 0)
    document.add_paragraph(_SYNTHETIC)
    document.add_paragraph(f"协议编号：{contract.number}")
    if contract.parent:
        document.add_paragraph(f"本协议系编号{contract.parent}框架协议项下之订单。")
    _parties_table(document, ("需求单位", contract.buyer), ("供货单位", contract.seller))
    document.add_paragraph("双方在平等自愿的基础上，就下列物资的买卖达成一致：")
    _goods_table(document, contract)
    number = 1
    if contract.amount_fen is not None:
        document.add_paragraph(f"{number}. 价款  {total(contract)}")
        number += 1
    pay = [t for t in contract.terms if t.kind in _PAY]
    if pay:
        document.add_paragraph(f"{number}. 结算")
        for step, term in enumerate(pay, 1):
            document.add_paragraph(f"{number}.{step} {payment(term, contract)}；")
        number += 1
    for text in _rest(contract):
        document.add_paragraph(f"{number}. {text}")
        number += 1
    document.add_paragraph(f"本协议于{chinese_day(contract.signed)}签订{_at(contract)}，一式两份。")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "需求单位（盖章）", "供货单位（盖章）"
    table.cell(1, 0).text, table.cell(1, 1).text = contract.buyer.name, contract.seller.name
    return _saved(document)


def lease_docx(contract: PaperContract) -> bytes:
    """A lease between 出租人 and 承租人."""
    document = Document()
    document.add_heading("不动产租用合同", 0)
    document.add_paragraph(f"{_SYNTHETIC}    合同登记号 {contract.number}")
    for role, party in (("出租人", contract.seller), ("承租人", contract.buyer)):
        document.add_paragraph(f"{role}：{party.name}")
        document.add_paragraph(f"社会信用代码：{party.code}    住所：{party.address or '见营业执照'}")
    document.add_paragraph(f"一、出租人将{contract.subject}租给承租人用于生产经营。")
    if contract.starts and contract.until:
        document.add_paragraph(f"二、租用时间从{day(contract.starts)}开始，到{day(contract.until)}结束。")
    rents = [t for t in contract.terms if t.kind == "rent"]
    document.add_paragraph("三、" + "".join(rent(t) for t in rents))
    if contract.deposit_fen:
        paid = f"承租人应在签约时交付履约押金{money(contract.deposit_fen)}元，期满无息退还。"
        document.add_paragraph(f"四、{paid}")
    if contract.penalty:
        document.add_paragraph(f"五、{contract.penalty}。")
    document.add_paragraph("出租人（签章）：                承租人（签章）：")
    document.add_paragraph(f"签约日期：{day(contract.signed)}")
    return _saved(document)


def contract_pdf(contract: PaperContract) -> bytes:
    """A supply contract as a printed page: heading, two parties side by side, table, clauses, seals."""
    page = _Page(contract)
    page.parties()
    page.goods()
    clauses = [] if contract.amount_fen is None else [total(contract)]
    pay = [payment(t, contract) for t in contract.terms if t.kind in _PAY]
    if pay:
        clauses.append("付款安排：" + "；".join(f"（{i}）{text}" for i, text in enumerate(pay, 1)) + "。")
    for number, text in enumerate([*clauses, *_rest(contract)], 1):
        page.paragraph(f"{number}、{text}".replace("需求单位", "购货方").replace("供货单位", "销货方"))
    page.seals()
    return page.sheets.data()


def _rest(contract: PaperContract) -> list[str]:
    """Delivery, deposit, penalty, account and term, in that order."""
    texts = []
    for term in (t for t in contract.terms if t.kind == "delivery"):
        when = f"{day(term.due_on)}之前" if term.due_on else f"自签订之日起{term.days or 0}日内"
        texts.append(f"供货单位应在{when}将货物送达需求单位仓库，运费由供货单位承担。")
    if contract.deposit_fen:
        texts.append(f"需求单位于签订时交付定金{money(contract.deposit_fen)}元，履行后抵作货款。")
    if contract.penalty:
        texts.append(f"违约责任：{contract.penalty}。")
    if contract.starts and contract.until:
        texts.append(f"有效期：{day(contract.starts)}起至{day(contract.until)}止。")
    if contract.seller.account:
        texts.append(f"供货单位收款账户：{contract.seller.account}。")
    return texts


def _at(contract: PaperContract) -> str:
    return f"于{contract.place}" if contract.place else ""


def _parties_table(document: Docx, *parties: tuple[str, Party]) -> None:
    table = document.add_table(rows=1 + len(parties), cols=4)
    for x, title in enumerate(("当事人", "名称", "纳税人识别号", "地址电话")):
        table.cell(0, x).text = title
    for y, (role, party) in enumerate(parties, 1):
        cells = (role, party.name, party.code, f"{party.address} {party.phone}".strip())
        for x, text in enumerate(cells):
            table.cell(y, x).text = text


_TITLES = ("序", "物资名称", "规格", "计量单位", "数量", "单价（元）", "小计（元）")


def _goods_rows(contract: PaperContract) -> list[list[str]]:
    rows = []
    for number, line in enumerate(contract.lines, 1):
        quantity = "" if line.quantity is None else f"{line.quantity.normalize():f}"
        price = "" if line.price is None else f"{line.price:f}"
        amount = money(line.amount_fen).removeprefix("￥")
        rows.append([str(number), line.item, line.specification, line.unit, quantity, price, amount])
    return rows


def _goods_table(document: Docx, contract: PaperContract) -> None:
    if not contract.lines:
        return
    rows = [list(_TITLES), *_goods_rows(contract)]
    table = document.add_table(rows=len(rows) + 1, cols=len(_TITLES))
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    last = table.rows[-1].cells
    last[0].merge(last[5]).text = "总  计"
    last[6].text = money(contract.amount_fen or 0).removeprefix("￥")


def _saved(document: Docx) -> bytes:
    """The document with fixed dates inside, so that the same contract gives the same bytes."""
    raw, out = BytesIO(), BytesIO()
    document.save(raw)
    with ZipFile(raw) as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


class _Page:
    """A4, text flowing down, a new page where the old one is full."""

    def __init__(self, contract: PaperContract) -> None:
        self.contract, self.sheets, self.y = contract, Sheets(595, 842), 60.0
        self.sheets.text(297, self.y, "产品供销合同", 16, "centre")
        self.sheets.text(540, self.y + 22, f"NO. {contract.number}", 9, "right")
        self.sheets.text(56, self.y + 22, f"签订日期：{contract.signed:%Y-%m-%d}  {_SYNTHETIC}", 9)
        self.y += 46

    def parties(self) -> None:
        """Buyer left, seller right."""
        buyer, seller = self.contract.buyer, self.contract.seller
        left = [
            f"购货方：{buyer.name}",
            f"信用代码：{buyer.code}",
            f"地址：{buyer.address}",
            f"电话：{buyer.phone}",
        ]
        right = [
            f"销货方：{seller.name}",
            f"信用代码：{seller.code}",
            f"地址：{seller.address}",
            f"电话：{seller.phone}",
        ]
        for a, b in zip(left, right, strict=True):
            first, second = wrapped(a, 230, 10), wrapped(b, 230, 10)
            for i in range(max(len(first), len(second))):
                self.sheets.text(56, self.y, first[i] if i < len(first) else "", 10)
                self.sheets.text(306, self.y, second[i] if i < len(second) else "", 10)
                self.y += 15
        self.y += 10

    def goods(self) -> None:
        """The table of goods with rules between its rows."""
        if not self.contract.lines:
            return
        edges = (56, 80, 200, 280, 330, 390, 460, 540)
        rows = [list(_TITLES), *_goods_rows(self.contract)]
        rows.append(["", "合计", "", "", "", "", money(self.contract.amount_fen or 0).removeprefix("￥")])
        for row in rows:
            cells = [wrapped(t, edges[x + 1] - edges[x] - 6, 9) for x, t in enumerate(row)]
            height = 13 * max(len(c) for c in cells) + 4
            self._room(height)
            self.sheets.rule(56, self.y - 11, 540, self.y - 11)
            for x, cell in enumerate(cells):
                for i, text in enumerate(cell):
                    self.sheets.text(edges[x] + 3, self.y + 13 * i, text, 9)
            self.y += height
        self.sheets.rule(56, self.y - 11, 540, self.y - 11)
        self.y += 12

    def paragraph(self, text: str) -> None:
        """A clause, broken into lines."""
        for line in wrapped(text, 484, 10):
            self._room(16)
            self.sheets.text(56, self.y, line, 10)
            self.y += 16

    def seals(self) -> None:
        """Where both sign."""
        self._room(60)
        self.y += 20
        self.sheets.text(56, self.y, "购货方（公章）：", 10)
        self.sheets.text(306, self.y, "销货方（公章）：", 10)

    def _room(self, height: float) -> None:
        if self.y + height > 790:
            self.sheets.next()
            self.y = 60.0
