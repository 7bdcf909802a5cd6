"""Layouts of purchase and sales contracts, orders and framework agreements: wording, tables, signatures."""

from seeds.contract import PaperContract
from seeds.contracts_blocks import MARK, Block, Grid, Pair, Text
from seeds.contracts_words import day, delivers, money, number, part_of, payments, pays, percent, when, words
from seeds.paper import Party

_NUMERALS = "一二三四五六七八九十"


def _account(party: Party) -> tuple[str, str]:
    bank, _, account = party.account.rpartition(" ")
    return bank, account


def _tax(contract: PaperContract) -> str:
    kind = "含税" if contract.basis == "with_tax" else "不含税"
    rate = "" if contract.rate is None else f"，增值税税率{percent(contract.rate)}"
    return f"以上价格为{kind}价{rate}。"


def _goods(contract: PaperContract, headings: tuple[str, ...], total: str, keys: str) -> Grid:
    """The subject table; `keys` picks the columns by the first letter of what they hold."""
    rows = [headings]
    for n, line in enumerate(contract.lines, 1):
        value = {
            "n": str(n),
            "i": line.item,
            "s": line.specification,
            "u": line.unit,
            "q": number(line.quantity),
            "p": number(line.price),
            "a": money(line.amount_fen),
            "d": day(line.deliver_on, 1) if line.deliver_on else "",
            "r": "",
        }
        rows.append(tuple(value[k] for k in keys))
    amount = contract.amount_fen or 0
    at = keys.index("a")
    last = ["" for _ in keys]
    spans: tuple[tuple[int, int, int], ...] = ()
    if total == "words":
        last[0] = f"合计人民币金额（大写）：{words(amount)}（小写）¥{money(amount)}"
        spans = ((len(rows), 0, len(keys) - 1),)
    elif total == "row":
        last[0], last[at] = "合计", money(amount)
    rows.append(tuple(last))
    wide = {"i": 2.2, "s": 1.7, "n": 0.6, "u": 0.7, "a": 1.5, "p": 1.2, "d": 1.3}
    weights = [wide.get(k, 1.0) for k in keys]
    widths = tuple(w / sum(weights) for w in weights)
    return Grid(tuple(rows), widths, spans)


def parties(contract: PaperContract) -> list[Block]:
    """甲方 (the buyer) and 乙方 in running text, clauses numbered 第一条; signatures side by side."""
    buyer, seller = contract.buyer, contract.seller
    bank, account = _account(seller)
    total = contract.amount_fen or 0
    made: list[Block] = [
        Text("采购合同" if contract.kind == "purchase" else "销售合同", title=True),
        Text(f"合同编号：{contract.number}"),
        Text(f"甲方（买方）：{buyer.name}"),
        Text(f"统一社会信用代码：{buyer.code}"),
        Text(f"地址：{buyer.address}"),
        Text(f"乙方（卖方）：{seller.name}"),
        Text(f"统一社会信用代码：{seller.code}"),
        Text(f"地址：{seller.address}"),
        Text(
            "根据《中华人民共和国民法典》及有关法律规定，甲乙双方在平等自愿的基础上，经协商一致，订立本合同，以资共同遵守。"
        ),
        Text("第一条  合同标的"),
        _goods(
            contract,
            ("序号", "产品名称", "规格型号", "单位", "数量", "单价（元）", "金额（元）"),
            "row",
            "nisuqpa",
        ),
        Text("第二条  合同价款"),
        Text(f"合同总金额为人民币{money(total)}元（大写：{words(total)}）。{_tax(contract)}"),
        Text("第三条  交货"),
        Text(delivers(contract) + "，运费由乙方承担。" if delivers(contract) else "交货时间由双方另行商定。"),
        Text("第四条  付款方式"),
    ]
    made += [Text(f"{n}、{pays(t, n, '甲方')}；") for n, t in enumerate(payments(contract), 1)]
    made += [
        Text(f"乙方收款账户：户名：{seller.name}，开户行：{bank}，账号：{account}"),
        Text("第五条  质量要求与验收：按国家标准执行，甲方应在收货后7日内验收。"),
        Text(f"第六条  违约责任：{contract.penalty or '按法律规定承担责任'}。"),
        Text("第七条  争议解决：协商不成的，向甲方所在地人民法院起诉。"),
        *(Text(remark) for remark in contract.remarks),
        Pair(f"甲方（盖章）：{buyer.name}", f"乙方（盖章）：{seller.name}"),
        Pair("法定代表人或授权代表：", "法定代表人或授权代表："),
        Pair(f"日期：{day(contract.signed)}", f"日期：{day(contract.signed)}"),
        Text(MARK),
    ]
    return made


def supply(contract: PaperContract) -> list[Block]:
    """工矿产品购销合同: 供方 and 需方, clauses numbered 一、, both parties in a table at the end."""
    buyer, seller = contract.buyer, contract.seller
    sentences = "；".join(pays(t, 0, "需方").replace("卖方", "供方") for t in payments(contract))
    (b_bank, b_account), (s_bank, s_account) = _account(buyer), _account(seller)
    rows = (
        ("供  方", "需  方"),
        (f"单位名称（章）：{seller.name}", f"单位名称（章）：{buyer.name}"),
        (f"单位地址：{seller.address}", f"单位地址：{buyer.address}"),
        ("法定代表人：", "法定代表人："),
        (f"电话：{seller.phone}", f"电话：{buyer.phone}"),
        (f"开户银行：{s_bank}", f"开户银行：{b_bank}"),
        (f"账号：{s_account}", f"账号：{b_account}"),
        (f"税号：{seller.code}", f"税号：{buyer.code}"),
    )
    clauses = [
        f"质量要求、技术标准：符合国家标准。{_tax(contract)}",
        f"交（提）货时间、地点：{delivers(contract, 1) or '按需方通知'}，需方仓库。",
        "运输方式及费用负担：汽车运输，运费由供方承担。",
        "验收标准、方法及提出异议期限：货到后十日内提出。",
        f"结算方式及期限：{sentences}。",
        f"违约责任：{contract.penalty or '按《民法典》执行'}。",
        "解决合同纠纷的方式：双方协商解决，协商不成向供方所在地法院起诉。",
        "本合同一式两份，双方各执一份，传真件有效。",
    ]
    title = "工矿产品购销合同"
    return [
        Text(title, title=True),
        Pair(f"供方：{seller.name}", f"合同编号：{contract.number}"),
        Pair(f"需方：{buyer.name}", f"签订地点：{contract.place or '需方所在地'}"),
        Pair("", f"签订时间：{day(contract.signed)}"),
        Text("一、产品名称、规格型号、数量、金额、供货时间"),
        _goods(
            contract,
            ("产品名称", "规格型号", "计量单位", "数量", "单价", "总金额", "交货日期"),
            "words",
            "isuqpad",
        ),
        *(Text(f"{_NUMERALS[n]}、{text}") for n, text in enumerate(clauses, 1)),
        *(Text(remark) for remark in contract.remarks),
        Grid(rows),
        Text(MARK),
    ]


def market(contract: PaperContract) -> list[Block]:
    """买卖合同 with 出卖人 and 买受人, the payments as a table, the date in Chinese numerals."""
    buyer, seller = contract.buyer, contract.seller
    total = contract.amount_fen or 0
    rows: list[tuple[str, ...]] = [("期次", "付款条件", "付款比例", "金额（元）")]
    for n, term in enumerate(payments(contract), 1):
        name = {"retention": "质保金", "deposit": "定金"}.get(term.kind, f"第{n}期")
        share = "" if term.share is None else percent(term.share)
        fen = term.amount_fen if term.amount_fen is not None else part_of(total, term.share)
        rows.append((name, f"{when(term, 0)}支付".replace("，支付", ""), share, money(fen)))
    return [
        Text("买 卖 合 同", title=True),
        Text(f"合同编号：{contract.number}\t签订地点：{contract.place or '平湖市'}"),
        Text(f"出卖人：{seller.name}（以下简称“卖方”）"),
        Text(f"买受人：{buyer.name}（以下简称“买方”）"),
        Text("第一条 标的物"),
        _goods(
            contract,
            (
                "品名",
                "规格",
                "单位",
                "数量",
                "含税单价" if contract.basis == "with_tax" else "不含税单价",
                "金额",
            ),
            "row",
            "isuqpa",
        ),
        Text(f"第二条 合同总价：¥{money(total)}（大写：人民币{words(total)}）。{_tax(contract)}"),
        Text(f"第三条 交付：{delivers(contract) or '分批交付'}。"),
        Text("第四条 付款：买方按下列约定向卖方支付价款："),
        Grid(tuple(rows), (0.15, 0.5, 0.15, 0.2)),
        Text(f"第五条 违约责任：{contract.penalty or '依法承担'}。"),
        Text("第六条 本合同自双方签字盖章之日起生效。"),
        *(Text(remark) for remark in contract.remarks),
        Grid(
            (
                ("出卖人（章）", seller.name, "买受人（章）", buyer.name),
                ("统一社会信用代码", seller.code, "统一社会信用代码", buyer.code),
                ("住所", seller.address, "住所", buyer.address),
                ("开户银行", _account(seller)[0], "开户银行", _account(buyer)[0]),
                ("账号", _account(seller)[1], "账号", _account(buyer)[1]),
            ),
            (0.17, 0.33, 0.17, 0.33),
        ),
        Text(f"签订日期：{day(contract.signed, 2)}"),
        Text(MARK),
    ]


def order(contract: PaperContract) -> list[Block]:
    """采购订单: a form, all of it in tables; the framework agreement by its number."""
    buyer, seller = contract.buyer, contract.seller
    total = contract.amount_fen or 0
    paid = "；".join(pays(t, 0, "采购方").replace("卖方", "供应商") for t in payments(contract))
    made: list[Block] = [
        Text(buyer.name, title=True),
        Text("采 购 订 单", title=True),
        Pair(f"订单编号：{contract.number}", f"下单日期：{day(contract.signed, 1)}"),
        Grid(
            (
                ("供应商", seller.name, "采购方", buyer.name),
                ("税号", seller.code, "税号", buyer.code),
                ("地址", seller.address, "地址", buyer.address),
                ("电话", seller.phone, "电话", buyer.phone),
            ),
            (0.13, 0.37, 0.13, 0.37),
        ),
    ]
    if contract.parent:
        made.append(Text(f"本订单根据双方签订的框架协议（编号：{contract.parent}）下达。"))
    made += [
        _goods(
            contract,
            ("行号", "物料名称", "规格", "单位", "数量", "单价", "金额", "交货日期"),
            "row",
            "nisuqpad",
        ),
        Text(f"订单总额（大写）：{words(total)}　小写：¥{money(total)}"),
        Text(_tax(contract)),
        Text(f"付款条件：{paid}。"),
        Text(f"交货要求：{delivers(contract) or '按交货日期'}。"),
        Text(f"违约责任：{contract.penalty or '按框架协议'}。"),
        *(Text(remark) for remark in contract.remarks),
        Pair("采购方确认（盖章）：", "供应商确认（盖章）："),
        Text(MARK),
    ]
    return made


def framework(contract: PaperContract) -> list[Block]:
    """年度采购框架协议: parties in the opening sentence, no amount, orders to follow."""
    buyer, seller = contract.buyer, contract.seller
    paid = "；".join(pays(t, 0, "甲方").replace("卖方", "乙方") for t in payments(contract))
    items = "、".join(line.item for line in contract.lines) or contract.subject or "原材料"
    return [
        Text("年度采购框架协议", title=True),
        Text(f"协议编号：{contract.number}"),
        Text(
            f"本协议由{buyer.name}（以下简称“甲方”）与{seller.name}（以下简称“乙方”）"
            f"于{day(contract.signed)}在{contract.place or '平湖市'}签订。"
        ),
        Text(f"1. 合作内容：甲方向乙方采购{items}，具体品种、数量、价格以采购订单为准。"),
        Text(f"2. 协议期限：自{day(contract.starts)}起至{day(contract.until)}止。"),
        Text("3. 订单：甲方以书面订单形式下达采购需求，订单为本协议的组成部分。"),
        Text(f"4. 付款方式：{paid}。"),
        Text(f"5. 违约责任：{contract.penalty or '依法承担'}。"),
        *(Text(remark) for remark in contract.remarks),
        Grid(
            (
                ("甲方", buyer.name, "乙方", seller.name),
                ("统一社会信用代码", buyer.code, "统一社会信用代码", seller.code),
                ("开户行及账号", buyer.account, "开户行及账号", seller.account),
            ),
            (0.17, 0.33, 0.17, 0.33),
        ),
        Text(MARK),
    ]
