"""Contracts of three houses: a maker's of sale, a purchasing centre's printed one, a village's lease."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Docx
from docx.table import Table

from seeds.contract import PaperContract
from seeds.kept_out import clauses
from seeds.kept_out.clauses import CENTRE, MAKER, VILLAGE, dotted_day, number_words, spaced_day, written_day
from seeds.kept_out.folio import Folio
from seeds.paper import Party, plain

_PAY = ("payment", "retention")
_MAKER_TITLES = {"sales": "产品销售合同", "framework": "产品长期供货框架合同", "order": "产品订单"}
_CENTRE_TITLES = {"sales": "货物销售合同书", "framework": "货物采购框架协议书", "order": "货物采购订单"}


def contract_docx(contract: PaperContract) -> bytes:
    """A maker's contract between 出卖人 and 买受人, who tell about themselves only where they sign."""
    document = Document()
    document.add_heading(_MAKER_TITLES.get(contract.kind, "产品订货合同"), 1)
    head = [("合同号", contract.number, "签约日期", dotted_day(contract.signed))]
    if contract.place or contract.parent:
        head.append(("签约地点", contract.place, "所属框架合同号", contract.parent or "/"))
    _grid(document, head)
    document.add_paragraph(f"出卖人（下称卖方）：{contract.seller.name}")
    document.add_paragraph(f"买受人（下称买方）：{contract.buyer.name}")
    document.add_paragraph("卖方同意出售、买方同意购买下列产品，双方经协商订立条款如下。")
    for number, (title, texts) in enumerate(_maker_articles(contract), 1):
        document.add_paragraph(f"{number}  {title}", style="Heading 2")
        if number == 1 and contract.lines:
            _maker_goods(document, contract)
        for nth, text in enumerate(texts, 1):
            document.add_paragraph(f"{number}.{nth}  {text}。")
    _grid(document, _maker_signatures(contract))
    document.add_paragraph("注：本件为合成数据，仅供软件测试。")
    return _saved(document)


def lease_docx(contract: PaperContract) -> bytes:
    """A village's lease between 发租方 and 租用方, seen by a third who keeps a copy."""
    document = Document()
    document.add_heading("资产发租协议", 1)
    for role, party in (("发租方（简称甲方）", contract.seller), ("租用方（简称乙方）", contract.buyer)):
        document.add_paragraph(f"{role}：{'，'.join([party.name, *_about(party)])}")
    document.add_paragraph("为盘活闲置资产，经民主议事同意，甲方将资产发租给乙方使用，双方订立协议如下：")
    for number, (title, text) in enumerate(_lease_articles(contract), 1):
        document.add_paragraph(f"第{number_words(number)}条　{title}：{text}")
    day = written_day(contract.signed)
    place = f"订立地点：{contract.place}　" if contract.place else ""
    document.add_paragraph(f"{place}订立时间：{day}　协议编号：{contract.number}（合成数据）")
    names = (contract.seller.name, contract.buyer.name, "")
    rows = [("甲方（公章）", "乙方（公章）", "见证方（公章）"), names, ("经手人：",) * 3]
    _grid(document, rows)
    return _saved(document)


def contract_pdf(contract: PaperContract) -> bytes:
    """A purchasing centre's contract: parties below each other, articles, seals, the goods as an annex."""
    page = Folio()
    page.line(_CENTRE_TITLES.get(contract.kind, "货物采购合同书"), 18, "centre")
    page.line("（合成数据，不具有法律效力）", 9, "centre")
    page.line(f"合同编号：{contract.number}", 10.5)
    for role, party in (("采购人（甲方）", contract.buyer), ("供应商（乙方）", contract.seller)):
        page.paragraph(f"{role}：{party.name}")
        for text in _about(party):
            page.paragraph(f"　　{text}")
    where = f"在{contract.place}" if contract.place else ""
    page.paragraph(f"　　甲乙双方于 {spaced_day(contract.signed)} {where}签订本合同，共同遵守以下约定。")
    for number, (title, texts) in enumerate(_centre_articles(contract), 1):
        page.paragraph(f"第{number_words(number)}条　{title}")
        marks = ("",) if len(texts) == 1 else [f"（{number_words(i)}）" for i in range(1, len(texts) + 1)]
        for mark, text in zip(marks, texts, strict=True):
            page.paragraph(f"　　{mark}{text}。")
    page.seals(contract)
    page.annex(contract)
    return page.data()


def _maker_articles(contract: PaperContract) -> Iterator[tuple[str, list[str]]]:
    """(title, sentences) of the maker's articles, goods first and money late."""
    goods = [_tax(contract, "上表价格")] if contract.lines else [_scope(contract), _tax(contract, "订单价格")]
    if contract.parent:
        goods.append(f"本订单依据{contract.parent}号框架合同下达，未列事项执行该合同")
    yield "产品、数量及价格", goods
    sent = "卖方将{}送至买方工厂，运杂费由卖方负担"
    whole = [(t, "产品" if t.share is None else MAKER.part(t, "产品")) for t in contract.terms]
    sending = [f"{MAKER.when(t)}，{sent.format(what)}" for t, what in whole if t.kind == "delivery"]
    yield "交货", sending or [sent.format("产品") + "，交货期按表列或双方约定"]
    yield "质量与包装", ["产品按卖方出厂标准检验，随附合格证；包装应适合长途运输"]
    if contract.penalty:
        yield "违约金", [contract.penalty.rstrip("。")]
    paid = clauses.deposit(contract, MAKER, "买方向卖方付定金", "合同总价")
    if paid:
        yield "定金", [f"{text}，交货后抵作货款" for text in paid]
    pay = [clauses.maker_payment(t, contract) for t in contract.terms if t.kind in _PAY]
    if pay:
        yield "货款支付", pay
    if contract.starts and contract.until:
        yield "有效期", [f"合同有效期{dotted_day(contract.starts)}至{dotted_day(contract.until)}"]
    yield "其他", [*_remarks(contract), "争议协商不成的，向卖方所在地人民法院起诉", "传真件、扫描件有效"]


def _centre_articles(contract: PaperContract) -> Iterator[tuple[str, list[str]]]:
    """(title, sentences) of the purchasing centre's articles."""
    subject = (
        ["乙方向甲方供应的货物见附件《货物清单》"]
        if contract.lines
        else [_scope(contract), _tax(contract, "订单价格")]
    )
    if contract.parent:
        subject.insert(0, f"本合同是编号为{contract.parent}的框架协议的成交合同，与其具有同等效力")
    yield "合同标的", subject
    yield "履行期限和地点", _centre_delivery(contract)
    yield "履约验收", ["甲方按国家标准及采购文件组织验收，并出具验收书"]
    if contract.amount_fen is not None:
        words, fen = clauses.yuan_words(contract.amount_fen), plain(contract.amount_fen)
        yield "合同价款", [f"合同价款（大写）：{words}，（小写）：¥{fen}", _tax(contract, "合同价款")]
    pay = [clauses.centre_payment(t, contract) for t in contract.terms if t.kind in _PAY]
    pay = [*clauses.deposit(contract, CENTRE, "甲方应向乙方交付定金", "合同价款"), *pay]
    if pay:
        yield "资金支付", pay
    if contract.starts and contract.until:
        begin, end = spaced_day(contract.starts), spaced_day(contract.until)
        yield "合同期限", [f"本合同期限为 {begin} 至 {end} "]
    if contract.penalty:
        yield "违约责任", [contract.penalty.rstrip("。")]
    yield "附则", [*_remarks(contract), "本合同壹式肆份，甲乙双方各执贰份，自双方盖章之日起生效"]


def _centre_delivery(contract: PaperContract) -> list[str]:
    texts = []
    for term in (t for t in contract.terms if t.kind == "delivery"):
        what = "全部货物" if term.share is None else CENTRE.part(term, "货物")
        texts.append(f"{CENTRE.when(term)}，乙方须将{what}运送至甲方指定地点并承担运费")
    if any(line.deliver_on for line in contract.lines):
        texts.append("各项货物的交付日期以附件所列为准")
    return texts or ["乙方按甲方通知将货物运送至甲方指定地点并承担运费"]


def _lease_articles(contract: PaperContract) -> Iterator[tuple[str, str]]:
    """(title, text) of the village's articles, what is let first and its time after the rent."""
    yield "租赁物", f"甲方自有的{contract.subject}，乙方已到现场查看，愿按现状租用。"
    rents = "".join(clauses.rent(t, contract) for t in contract.terms if t.kind == "rent")
    into = "".join(f"租金交入甲方账户（{text}）。" for text in _bank(contract.seller))
    yield "租金", f"{rents}{_tax(contract, '租金')}。{into}"
    for text in clauses.deposit(contract, VILLAGE, "乙方向甲方交租赁保证金", "一期租金"):
        yield "保证金", f"{text}，租期届满且费用结清后如数退还，不计利息。"
    if contract.starts and contract.until:
        span = f"{written_day(contract.starts)}起租，{written_day(contract.until)}到期"
        yield "租期", f"{span}。同等条件下乙方可优先续租。"
    for term in (t for t in contract.terms if t.kind == "delivery"):
        yield "交付", f"{VILLAGE.when(term)}，甲方将租赁物交给乙方。"
    for term in (t for t in contract.terms if t.kind in _PAY):
        yield "其他费用", f"{VILLAGE.when(term)}，乙方向甲方交付{VILLAGE.part(term, '应付费用')}。"
    yield "使用", "水电费由乙方自理；不得擅自转租，不得从事污染环境的生产。"
    if contract.penalty:
        yield "违约", f"{contract.penalty.rstrip('。')}。"
    yield "其他", "".join(f"{text}。" for text in _remarks(contract)) + "本协议一式三份，三方各留一份。"


def _tax(contract: PaperContract, what: str) -> str:
    rate = "" if contract.rate is None else f"，适用增值税税率{clauses.percentage(contract.rate)}"
    return f"{what}{'已包含增值税' if contract.basis == 'with_tax' else '未包含增值税'}{rate}"


def _scope(contract: PaperContract) -> str:
    goods = f"供货范围为{contract.subject}，" if contract.subject else ""
    return f"{goods}具体品种、数量、单价和金额以双方逐次签署的订单为准"


def _remarks(contract: PaperContract) -> list[str]:
    return [text.rstrip("。") for text in contract.remarks]


def _bank(party: Party) -> list[str]:
    bank, _, number = party.account.rpartition(" ")
    return [f"开户行：{bank}，账号：{number}"] if party.account else []


def _about(party: Party) -> list[str]:
    """What is known of a party beside its name."""
    abroad = "" if party.country == "CN" else party.country
    labelled = (("住所", party.address), ("联系电话", party.phone), ("国别", abroad))
    texts = [f"{label}：{text}" for label, text in labelled if text]
    return [f"统一社会信用代码：{party.code}", *texts, *_bank(party)]


def _maker_signatures(contract: PaperContract) -> list[tuple[str, ...]]:
    """Both parties side by side, one thing about them in each row."""
    rows = [("卖  方", "买  方")]
    both = contract.seller, contract.buyer
    accounts = [p.account.rpartition(" ") for p in both]
    details = [
        ("单位名称（章）", [p.name for p in both]),
        ("单位地址", [p.address for p in both]),
        ("委托代理人", ["", ""]),
        ("电话", [p.phone for p in both]),
        ("开户银行", [a[0] for a in accounts]),
        ("账号", [a[2] for a in accounts]),
        ("税号", [p.code for p in both]),
    ]
    if any(p.country != "CN" for p in both):
        details.append(("国别", [p.country for p in both]))
    return [*rows, *((f"{label}：{a}", f"{label}：{b}") for label, (a, b) in details)]


def _maker_goods(document: Docx, contract: PaperContract) -> None:
    """Type before name, a day of delivery per line, the sum in words below and in figures beside it."""
    basis = "含税" if contract.basis == "with_tax" else "未税"
    rows = [("型号规格", "产品名称", "单位", "数量", f"{basis}单价", f"{basis}总价（元）", "交货期")]
    for line in contract.lines:
        quantity = "" if line.quantity is None else f"{line.quantity.normalize():f}"
        price = "" if line.price is None else f"{line.price:,f}"
        amount = clauses.grouped(line.amount_fen).removeprefix("¥")
        day = "" if line.deliver_on is None else dotted_day(line.deliver_on)
        rows.append((line.specification, line.item, line.unit, quantity, price, amount, day))
    table = _grid(document, [*rows, ("",) * 7])
    total, last = contract.amount_fen or 0, table.rows[-1].cells
    last[0].merge(last[4]).text = f"合同总价（大写）：{clauses.yuan_words(total)}"
    last[5].merge(last[6]).text = f"（小写）{clauses.grouped(total)}"


def _grid(document: Docx, rows: Sequence[Sequence[str]]) -> Table:
    """A ruled table of these cells."""
    table: Table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    return table


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
