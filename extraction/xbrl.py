"""Reader of the Ministry of Finance's XBRL for electronic vouchers (电子凭证会计数据标准).

The namespace is http://xbrl.mof.gov.cn/taxonomy/<date>/<voucher>: the date changes with every edition,
so only the last segment counts. Read: `inv` (VAT invoices, tolls), `einv` (fully digitalised, as the
receiver books them), `rai` (rail) and `atr` (air).
"""

import re
from decimal import Decimal, InvalidOperation

from lxml import etree

from extraction.paper import Paper, Value, line, split_phone
from extraction.paper_kinds import kind_of_code
from extraction.reader import PaperReader
from extraction.source import Source
from extraction.xml_safe import children, local, parse, peek, space, text

_TAXONOMY = "xbrl.mof.gov.cn/taxonomy/"
_VOUCHER = re.compile(r"xbrl\.mof\.gov\.cn/taxonomy/[\d-]+/(\w+)")
_CODE = "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOf"
_UNIFIED = "UnifiedSocialCreditCodeOf"

#: Voucher → path of a value → names of its element, the first present one counts.
_HEADERS: dict[str, dict[str, tuple[str, ...]]] = {
    "inv": {
        "code": ("CodeOfInvoice",),
        "number": ("NumberOfInvoice",),
        "issued": ("DateOfIssue",),
        "check_code": ("IdentifyingCode",),
        "machine_no": ("NumberOfInvoiceMachine",),
        "kind_word": ("TypeOfInvoice",),
        "seller.name": ("NameOfSeller",),
        "seller.code": (f"{_CODE}Seller", f"{_UNIFIED}Seller"),
        "seller.account": ("DepositBankAndAccountNumberOfSeller",),
        "buyer.name": ("NameOfPurchaser",),
        "buyer.code": (f"{_CODE}Purchaser", f"{_UNIFIED}Purchaser"),
        "buyer.account": ("DepositBankAndAccountNumberOfPurchaser",),
        "amount": ("TotalAmountExcludingTax",),
        "tax": ("TotalTaxAmount",),
        "total": ("TaxIncludedAmountInFigures",),
        "words": ("TaxIncludedAmountInWords",),
        "remark": ("Remarks",),
        "payee": ("Payee",),
        "reviewer": ("Reviewer",),
        "drawer": ("Issuer",),
    },
    "einv": {
        "number": ("InvoiceNumber", "NumberOfInvoice"),
        "issued": ("IssueTime", "DateOfIssue", "RequestTime"),
        "seller.name": ("SellerName",),
        "seller.code": ("SellerIdNum",),
        "buyer.name": ("BuyerName", "NameOfAccountingEntity"),
        "buyer.code": ("BuyerIdNum", "UnifiedSocialCreditCodeOfAccountingEntity"),
        "amount": ("TotalAmWithoutTax",),
        "tax": ("TotalTaxAm",),
        "total": ("TotalTax-includedAmount",),
        "contract": ("ContractNumber",),
        "bank_receipt": ("NumberOfBankElectronicReceipt",),
        "factored": ("WhetherEinvoiceHasBeenFactoredSoldOrSecuritized",),
        "red": ("WhetherEinvoiceIsRedEinvoice",),
        "booked": ("WhetherEinvoiceHasBeenBooked",),
        "paid": ("WhetherEinvoiceHasBeenPaid",),
    },
    "rai": {
        "number": ("ElectronicInvoiceRailwayETicketNumber",),
        "issued": ("DateOfIssue",),
        "kind_word": ("TypeOfVoucher",),
        "seller.name": ("IssueParty",),
        "buyer.name": ("NameOfPurchaser",),
        "buyer.code": (f"{_UNIFIED}Purchaser", f"{_CODE}Purchaser"),
        "amount": ("TotalAmountExcludingTax",),
        "tax": ("TaxAmount",),
        "total": ("Fare",),
    },
    "atr": {
        "number": ("ElectronicInvoiceAirTransportReceiptNumber",),
        "issued": ("IssueDate", "DateOfIssue"),
        "seller.name": ("NameOfSeller",),
        "seller.code": (f"{_UNIFIED}Seller", f"{_CODE}Seller"),
        "buyer.name": ("NameOfPurchaser",),
        "buyer.code": (f"{_UNIFIED}Purchaser", f"{_CODE}Purchaser"),
        "tax": ("VatTaxAmount",),
        "total": ("TotalAmount",),
        "fare": ("Fare",),
    },
}
_LINES = "InformationOfTaxableGoodsOrServicesDetailItemsTuple"
_LINE = {
    "item": "NameOfTaxableGoodsOrServices",
    "tax_category": "TaxClassificationCode",
    "specification": "Specification",
    "unit": "UnitOfGoodsOrServices",
    "quantity": "QuantityOfGoodsOrServices",
    "price": "UnitPriceOfGoodsOrServices",
    "amount": "AmountExcludingTax",
    "rate": "TaxRate",
    "tax": "TaxAmount",
}
_KIND = {"rai": "rail", "atr": "air", "inv_tlf": "toll"}
_ENTRY_KIND = {"einv_spcl": "digital_special", "einv_ord": "digital_ordinary"}


class XbrlReader(PaperReader):
    """MOF XBRL of invoices and tickets."""

    name = "xbrl"
    version = 2

    def recognises(self, source: Source) -> bool:
        """By the root and a namespace of the ministry's taxonomy with a voucher we know."""
        root, _, head = peek(source)
        return root == "xbrl" and any(v.split("_")[0] in _HEADERS for v in _VOUCHER.findall(head))

    def paper(self, source: Source) -> Paper:
        """The voucher. FileUnreadable when it is not well-formed."""
        return xbrl_paper(parse(source.data, source.name))


def xbrl_paper(root: etree._Element) -> Paper:
    """The voucher below an `xbrl` element; empty when it is none we know."""
    paper, voucher = Paper(), _voucher(root)
    facts = {local(e): e for e in reversed(root)}
    for path, names in _HEADERS.get(voucher.split("_")[0], {}).items():
        paper.put(path, next((t for n in names if n in facts and (t := text(facts[n]))), ""))
    for item in children(root, _LINES):
        paper.lines.append(line(**{path: text(item, tag) for path, tag in _LINE.items()}))
    for side, who in (("seller", "Seller"), ("buyer", "Purchaser")):
        if (joined := facts.get(f"AddressPhoneNumberOf{who}")) is not None:
            address, phone = split_phone(text(joined))
            paper.put(f"{side}.address", address)
            paper.put(f"{side}.phone", phone)
    if kind := _KIND.get(voucher) or _entry_kind(facts) or kind_of_code(paper.text("code")):
        paper.derived["kind"] = kind
    if paper.text("red") in {"1", "是", "true"}:
        paper.derived["positive"] = "否"
    _without_tax(paper)
    return paper


def _voucher(root: etree._Element) -> str:
    """Last segment of the taxonomy's namespace, by the first element that is in it."""
    for element in root.iter():
        if isinstance(element.tag, str) and _TAXONOMY in space(element):
            return space(element).rstrip("/").rpartition("/")[2]
    return ""


def _entry_kind(facts: dict[str, etree._Element]) -> str:
    """Kind by the entry point's name: special and ordinary share one set of elements."""
    entry = facts.get("schemaRef")
    href = "" if entry is None else next((v for k, v in entry.items() if k.endswith("href")), "")
    name = href.rpartition("/")[2]
    return next((kind for start, kind in _ENTRY_KIND.items() if name.startswith(start)), "")


def _without_tax(paper: Paper) -> None:
    """Air tickets print total and tax only; the amount is their difference, exactly."""
    if "amount" in paper.header or "total" not in paper.header:
        return
    try:
        amount = Decimal(paper.text("total")) - Decimal(paper.text("tax") or "0")
    except InvalidOperation:
        return
    paper.header["amount"] = Value(str(amount), paper.header["total"].method, 0.9)
