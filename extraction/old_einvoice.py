"""Reader of the older electronic VAT invoice as XML: root `eInvoice`, as OFD files carry it attached.

The namespace http://www.edrm.org.cn/schema/e-invoice/2019 often stands on the children only, and
some platforms write an empty prefix (`<:eInvoice xmlns:="">`), which is put right before parsing.
"""

from lxml import etree

from extraction.paper import Paper, line, split_phone
from extraction.paper_kinds import kind_of_code
from extraction.reader import PaperReader
from extraction.source import Source
from extraction.xml_safe import child, children, local, parse, peek, text

#: Path of a value → where it stands. The tags of OFD invoices use the same names.
HEADER: dict[str, tuple[str, ...]] = {
    "code": ("InvoiceCode",),
    "number": ("InvoiceNo",),
    "issued": ("IssueDate",),
    "check_code": ("InvoiceCheckCode",),
    "machine_no": ("MachineNo",),
    "seller.code": ("Seller", "SellerTaxID"),
    "seller.name": ("Seller", "SellerName"),
    "buyer.code": ("Buyer", "BuyerTaxID"),
    "buyer.name": ("Buyer", "BuyerName"),
    "amount": ("TaxExclusiveTotalAmount",),
    "tax": ("TaxTotalAmount",),
    "total": ("TaxInclusiveTotalAmount",),
    "words": ("TaxInclusiveTotalAmountWithWords",),
    "remark": ("Note",),
    "drawer": ("InvoiceClerk",),
    "payee": ("Payee",),
    "reviewer": ("Checker",),
    "reverses.code": ("OriginalInvoiceCode",),
    "reverses.number": ("OriginalInvoiceNo",),
}
JOINED: dict[str, tuple[str, ...]] = {
    "seller": ("Seller", "SellerAddrTel"),
    "buyer": ("Buyer", "BuyerAddrTel"),
}
ACCOUNT: dict[str, tuple[str, ...]] = {
    "seller": ("Seller", "SellerFinancialAccount"),
    "buyer": ("Buyer", "BuyerFinancialAccount"),
}
LINE: dict[str, str] = {
    "item": "Item",
    "tax_category": "Code",
    "specification": "Specification",
    "unit": "MeasurementDimension",
    "quantity": "Quantity",
    "price": "Price",
    "amount": "Amount",
    "rate": "TaxScheme",
    "tax": "TaxAmount",
}
ROOTS = frozenset({"eInvoice", "e-invoice"})


class OldEInvoiceReader(PaperReader):
    """The older e-invoice XML, outside an OFD."""

    name = "old_einvoice"
    version = 2

    def recognises(self, source: Source) -> bool:
        """By the root's exact name; fully digitalised ones write `EInvoice`."""
        return peek(source)[0] in ROOTS

    def paper(self, source: Source) -> Paper:
        """The invoice. FileUnreadable when it is not well-formed and no known quirk explains it."""
        return old_paper(parse(source.data, source.name, mend=True))


def old_paper(root: etree._Element) -> Paper:
    """The invoice below an `eInvoice` element, or a wrapper around one."""
    wrapped = child(root, "eInvoice")
    root = root if wrapped is None else wrapped
    paper = Paper()
    for path, tags in HEADER.items():
        paper.put(path, text(root, *tags))
    for side, tags in JOINED.items():
        address, phone = split_phone(text(root, *tags))
        paper.put(f"{side}.address", address)
        paper.put(f"{side}.phone", phone)
    for side, tags in ACCOUNT.items():
        paper.put(f"{side}.account", text(root, *tags))
    # Some platforms put a picture of the QR code here instead of what it says.
    if (code := text(root, "GraphCode")) and "," in code:
        paper.put("qr", code)
    if kind := kind_of_code(paper.text("code")):
        paper.derived["kind"] = kind
    for goods in children(child(root, "GoodsInfos"), "GoodsInfo"):
        paper.lines.append(line(**{path: text(goods, tag) for path, tag in LINE.items()}))
    return paper


def is_old(root: etree._Element) -> bool:
    """Whether an element is the root of this layout."""
    return local(root) in ROOTS
