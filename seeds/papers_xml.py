"""Writers of invoices as XML: fully digitalised ones (数电票) and UBL 2.1."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from ledger.invoice_kinds import invoice_kinds
from seeds.paper import PaperInvoice, PaperLine, Party, in_words, plain

_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def write_digital_xml(invoice: PaperInvoice) -> bytes:
    """The invoice as 数电票 XML."""
    root = etree.Element("EInvoice")
    header, data = _add(root, "Header"), _add(root, "EInvoiceData")
    _add(header, "EIid", invoice.number)
    _add(header, "EInvoiceTag", "SWEI0000")
    _add(header, "Version", "0.37")
    _add_labels(header, invoice)
    for block, prefix, party in (
        ("SellerInformation", "Seller", invoice.seller),
        ("BuyerInformation", "Buyer", invoice.buyer),
    ):
        _add_party(_add(data, block), prefix, party)
    basic = _add(data, "BasicInformation")
    _add(basic, "TotalAmWithoutTax", plain(invoice.amount_fen))
    _add(basic, "TotalTaxAm", plain(invoice.tax_fen))
    _add(basic, "TotalTax-includedAmount", plain(invoice.total_fen))
    _add(basic, "TotalTax-includedAmountInChinese", in_words(invoice.total_fen))
    _add(basic, "Drawer", invoice.drawer)
    _add(basic, "RequestTime", _moment(invoice.issued))
    for line in invoice.lines:
        _add_line(_add(data, "IssuItemInformation"), line)
    if invoice.reverses:
        red = _add(_add(data, "SpecificInformation"), "RedEInvoice")
        _add(red, "OriginalInvoiceCode", invoice.reverses)
    _add(_add(data, "AdditionalInformation"), "Remark", invoice.full_remark)
    supervision = _add(root, "TaxSupervisionInfo")
    _add(supervision, "InvoiceNumber", invoice.number)
    _add(supervision, "IssueTime", _moment(invoice.issued))
    return _bytes(root)


def write_ubl(invoice: PaperInvoice) -> bytes:
    """The invoice as UBL 2.1; a red one as a credit note, whose figures are positive."""
    note = invoice.total_fen < 0
    name, sign = ("CreditNote", -1) if note else ("Invoice", 1)
    root = etree.Element(
        f"{{{_UBL}{name}-2}}{name}", nsmap={None: f"{_UBL}{name}-2", "cac": _CAC, "cbc": _CBC}
    )
    _cbc(root, "CustomizationID", "urn:cen.eu:en16931:2017")
    _cbc(root, "ID", invoice.number)
    _cbc(root, "IssueDate", f"{invoice.issued:%Y-%m-%d}")
    if isinstance(invoice.issued, datetime):
        _cbc(root, "IssueTime", f"{invoice.issued:%H:%M:%S}")
    code = "381" if note else "389" if invoice.kind == "self_billed" else "380"
    kind = _cbc(root, f"{name}TypeCode", code)
    if invoice.kind in invoice_kinds() and invoice.kind not in {"foreign", "unknown"}:
        kind.set("name", invoice_kinds()[invoice.kind].zh)
    if invoice.remark:
        _cbc(root, "Note", invoice.remark)
    _cbc(root, "DocumentCurrencyCode", invoice.currency)
    if invoice.reverses:
        _cbc(_cac(_cac(root, "BillingReference"), "InvoiceDocumentReference"), "ID", invoice.reverses)
    for role, party in (("Supplier", invoice.seller), ("Customer", invoice.buyer)):
        _add_ubl_party(_cac(_cac(root, f"Accounting{role}Party"), "Party"), party)
    if invoice.seller.account:
        means = _cac(root, "PaymentMeans")
        _cbc(means, "PaymentMeansCode", "30")
        _cbc(_cac(means, "PayeeFinancialAccount"), "ID", invoice.seller.account)
    _add_ubl_totals(root, invoice, sign)
    for number, line in enumerate(invoice.lines, 1):
        _add_ubl_line(_cac(root, f"{name}Line"), number, line, invoice.currency, sign)
    return _bytes(root)


def _add_labels(header: etree._Element, invoice: PaperInvoice) -> None:
    """Colour of the invoice, and whether its tax may be deducted."""
    special = invoice_kinds()[invoice.kind].deductible
    labels = (
        ("InIssuType", "N" if invoice.total_fen < 0 else "Y", "是否蓝字发票标志"),
        ("EInvoiceType", "01", "电子发票"),
        ("GeneralOrSpecialVAT", *(("01", "增值税专用发票") if special else ("02", "普通发票"))),
    )
    inherent = _add(header, "InherentLabel")
    for tag, code, name in labels:
        label = _add(inherent, tag)
        _add(label, "LabelCode", code)
        _add(label, "LabelName", name)


def _add_party(block: etree._Element, prefix: str, party: Party) -> None:
    bank, _, account = party.account.rpartition(" ")
    for tag, value in (
        ("IdNum", party.code),
        ("Name", party.name),
        ("Addr", party.address),
        ("TelNum", party.phone),
        ("BankName", bank),
        ("BankAccNum", account),
    ):
        _add(block, f"{prefix}{tag}", value)


def _add_line(block: etree._Element, line: PaperLine) -> None:
    for tag, value in (
        ("ItemName", line.item),
        ("SpecMod", line.specification),
        ("MeaUnits", line.unit),
        ("Quantity", "" if line.quantity is None else f"{line.quantity:f}"),
        ("UnPrice", "" if line.price is None else f"{line.price:f}"),
        ("Amount", plain(line.amount_fen)),
        ("TaxRate", "免税" if line.rate is None else f"{line.rate:f}"),
        ("ComTaxAm", plain(line.tax_fen)),
        ("TotaltaxIncludedAmount", plain(line.amount_fen + line.tax_fen)),
        ("TaxClassificationCode", line.tax_category),
    ):
        _add(block, tag, value)


def _add_ubl_party(block: etree._Element, party: Party) -> None:
    address = _cac(block, "PostalAddress")
    if party.address:
        _cbc(address, "StreetName", party.address)
    _cbc(_cac(address, "Country"), "IdentificationCode", party.country)
    if party.code:
        tax = _cac(block, "PartyTaxScheme")
        _cbc(tax, "CompanyID", party.code)
        _cbc(_cac(tax, "TaxScheme"), "ID", "VAT")
    _cbc(_cac(block, "PartyLegalEntity"), "RegistrationName", party.name)
    if party.phone:
        _cbc(_cac(block, "Contact"), "Telephone", party.phone)


def _add_ubl_totals(root: etree._Element, invoice: PaperInvoice, sign: int) -> None:
    sums: dict[Decimal | None, list[int]] = defaultdict(lambda: [0, 0])
    for line in invoice.lines:
        sums[line.rate][0] += line.amount_fen
        sums[line.rate][1] += line.tax_fen
    total = _cac(root, "TaxTotal")
    _money(total, "TaxAmount", sign * invoice.tax_fen, invoice.currency)
    for rate, (amount, tax) in sums.items():
        part = _cac(total, "TaxSubtotal")
        _money(part, "TaxableAmount", sign * amount, invoice.currency)
        _money(part, "TaxAmount", sign * tax, invoice.currency)
        _add_category(_cac(part, "TaxCategory"), rate)
    totals = _cac(root, "LegalMonetaryTotal")
    for tag, fen in (
        ("LineExtensionAmount", invoice.amount_fen),
        ("TaxExclusiveAmount", invoice.amount_fen),
        ("TaxInclusiveAmount", invoice.total_fen),
        ("PayableAmount", invoice.total_fen),
    ):
        _money(totals, tag, sign * fen, invoice.currency)


def _add_ubl_line(block: etree._Element, number: int, line: PaperLine, currency: str, sign: int) -> None:
    _cbc(block, "ID", str(number))
    if line.quantity is not None:
        tag = "InvoicedQuantity" if sign > 0 else "CreditedQuantity"
        quantity = _cbc(block, tag, f"{sign * line.quantity:f}")
        if line.unit:
            quantity.set("unitCode", line.unit)
    _money(block, "LineExtensionAmount", sign * line.amount_fen, currency)
    goods = _cac(block, "Item")
    _cbc(goods, "Name", line.item)
    if line.tax_category:
        _cbc(_cac(goods, "CommodityClassification"), "ItemClassificationCode", line.tax_category)
    _add_category(_cac(goods, "ClassifiedTaxCategory"), line.rate)
    if line.specification:
        extra = _cac(goods, "AdditionalItemProperty")
        _cbc(extra, "Name", "规格型号")
        _cbc(extra, "Value", line.specification)
    if line.price is not None:
        _cbc(_cac(block, "Price"), "PriceAmount", f"{line.price:f}").set("currencyID", currency)


def _add_category(block: etree._Element, rate: Decimal | None) -> None:
    _cbc(block, "ID", "E" if rate is None else "S")
    if rate is not None:
        _cbc(block, "Percent", f"{rate * 100:f}")
    _cbc(_cac(block, "TaxScheme"), "ID", "VAT")


def _money(block: etree._Element, tag: str, fen: int, currency: str) -> None:
    _cbc(block, tag, plain(fen)).set("currencyID", currency)


def _moment(issued: date | datetime) -> str:
    return f"{issued:%Y-%m-%d %H:%M:%S}" if isinstance(issued, datetime) else f"{issued:%Y-%m-%d}"


def _add(parent: etree._Element, tag: str, value: str = "") -> etree._Element:
    element = etree.SubElement(parent, tag)
    element.text = value or None
    return element


def _cbc(parent: etree._Element, tag: str, value: str) -> etree._Element:
    return _add(parent, f"{{{_CBC}}}{tag}", value)


def _cac(parent: etree._Element, tag: str) -> etree._Element:
    return _add(parent, f"{{{_CAC}}}{tag}")


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
