"""Readers of international e-invoices: UBL 2 Invoice and CreditNote, UN/CEFACT Cross Industry Invoice.

Both carry the model of EN 16931. Credit notes (381, 396, 261 …) come out negative; self-billed ones
(389, 261) are issued by the buyer and still run from the seller. Charges and allowances of the whole
document become lines of their own, so that the lines add up to the amount without tax.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from lxml import etree

from extraction.paper import Paper, Value, line
from extraction.reader import PaperReader
from extraction.source import Source
from extraction.xml_safe import child, children, parse, peek, text
from ledger.money import decimal_of

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:"
#: UNTDID 1001: document types that lower what is owed, and those that the buyer issues.
_CREDIT = frozenset({"81", "83", "261", "296", "308", "381", "396", "420", "458", "532"})
_SELF_BILLED = frozenset({"261", "389", "527"})
_SIGNED_HEADER = ("amount", "tax", "total")
_SIGNED_LINE = ("quantity", "amount", "tax", "total")


class UblReader(PaperReader):
    """UBL Invoice and CreditNote."""

    name = "ubl"
    version = 2

    def recognises(self, source: Source) -> bool:
        """By root and namespace."""
        root, space, _ = peek(source)
        return root in {"Invoice", "CreditNote"} and space.startswith(f"{_UBL}{root}-")

    def paper(self, source: Source) -> Paper:
        """The invoice; negative when it is a credit note."""
        return ubl_paper(parse(source.data, source.name))


class CiiReader(PaperReader):
    """Cross Industry Invoice, as in ZUGFeRD 2, Factur-X and XRechnung."""

    name = "cii"
    version = 2

    def recognises(self, source: Source) -> bool:
        """By root and namespace."""
        root, space, _ = peek(source)
        return root == "CrossIndustryInvoice" and space.startswith(_CII)

    def paper(self, source: Source) -> Paper:
        """The invoice; negative when it is a credit note."""
        return cii_paper(parse(source.data, source.name))


def ubl_paper(root: etree._Element) -> Paper:
    """The invoice below a UBL `Invoice` or `CreditNote`."""
    paper, totals = Paper(), child(root, "LegalMonetaryTotal")
    note = child(root, "CreditNoteTypeCode") is not None or str(root.tag).endswith("}CreditNote")
    kind = child(root, "CreditNoteTypeCode" if note else "InvoiceTypeCode")
    currency = text(root, "DocumentCurrencyCode")
    paper.put("number", text(root, "ID"))
    issued = f"{text(root, 'IssueDate')[:10]} {text(root, 'IssueTime')[:8]}"
    paper.put("issued", issued)
    paper.put("type", text(kind))
    paper.put("kind_word", "" if kind is None else kind.get("name", ""))
    paper.put("currency", currency)
    for side, role in (("seller", "AccountingSupplierParty"), ("buyer", "AccountingCustomerParty")):
        _put_ubl_party(paper, side, child(root, role, "Party"))
    account = child(root, "PaymentMeans", "PayeeFinancialAccount")
    bank = text(account, "FinancialInstitutionBranch", "Name")
    paper.put("seller.account", f"{bank} {text(account, 'ID')}")
    paper.put("amount", text(totals, "TaxExclusiveAmount"))
    paper.put("total", text(totals, "TaxInclusiveAmount"))
    taxes = [child(t, "TaxAmount") for t in children(root, "TaxTotal")]
    paper.put("tax", _in_currency(taxes, currency))
    paper.put("remark", "\n".join(filter(None, (text(n) for n in children(root, "Note")))))
    paper.put("preceding", text(root, "BillingReference", "InvoiceDocumentReference", "ID"))
    _put_rates(paper, [s for t in children(root, "TaxTotal") for s in children(t, "TaxSubtotal")], _ubl_rate)
    for item in children(root, "CreditNoteLine" if note else "InvoiceLine"):
        paper.lines.append(_ubl_line(item))
    for extra in children(root, "AllowanceCharge"):
        sign = "" if text(extra, "ChargeIndicator") == "true" else "-"
        reason = text(extra, "AllowanceChargeReason") or text(extra, "AllowanceChargeReasonCode")
        rate = _rate(text(extra, "TaxCategory", "Percent"))
        paper.lines.append(line(item=reason, amount=_signed(sign, text(extra, "Amount")), rate=rate))
    return _finish(paper, credit=note or text(kind) in _CREDIT)


def cii_paper(root: etree._Element) -> Paper:
    """The invoice below a `CrossIndustryInvoice`."""
    paper, document = Paper(), child(root, "ExchangedDocument")
    trade = child(root, "SupplyChainTradeTransaction")
    agreement = child(trade, "ApplicableHeaderTradeAgreement")
    settled = child(trade, "ApplicableHeaderTradeSettlement")
    totals = child(settled, "SpecifiedTradeSettlementHeaderMonetarySummation")
    currency = text(settled, "InvoiceCurrencyCode")
    paper.put("number", text(document, "ID"))
    paper.put("issued", _date(text(document, "IssueDateTime", "DateTimeString")))
    paper.put("type", text(document, "TypeCode"))
    paper.put("currency", currency)
    for side, role in (("seller", "SellerTradeParty"), ("buyer", "BuyerTradeParty")):
        _put_cii_party(paper, side, child(agreement, role))
    means = child(settled, "SpecifiedTradeSettlementPaymentMeans", "PayeePartyCreditorFinancialAccount")
    paper.put("seller.account", text(means, "IBANID") or text(means, "ProprietaryID"))
    paper.put("amount", text(totals, "TaxBasisTotalAmount"))
    paper.put("tax", _in_currency(list(children(totals, "TaxTotalAmount")), currency))
    paper.put("total", text(totals, "GrandTotalAmount"))
    notes = (text(n, "Content") for n in children(document, "IncludedNote"))
    paper.put("remark", "\n".join(filter(None, notes)))
    paper.put("preceding", text(settled, "InvoiceReferencedDocument", "IssuerAssignedID"))
    _put_rates(paper, children(settled, "ApplicableTradeTax"), _cii_rate)
    for item in children(trade, "IncludedSupplyChainTradeLineItem"):
        paper.lines.append(_cii_line(item))
    for extra in children(settled, "SpecifiedTradeAllowanceCharge"):
        sign = "" if text(extra, "ChargeIndicator", "Indicator") == "true" else "-"
        reason = text(extra, "Reason") or text(extra, "ReasonCode")
        rate = _rate(text(extra, "CategoryTradeTax", "RateApplicablePercent"))
        paper.lines.append(line(item=reason, amount=_signed(sign, text(extra, "ActualAmount")), rate=rate))
    return _finish(paper, credit=paper.text("type") in _CREDIT)


def _put_ubl_party(paper: Paper, side: str, party: etree._Element | None) -> None:
    taxes = [t for t in children(party, "PartyTaxScheme") if text(t, "TaxScheme", "ID") in {"VAT", ""}]
    country = text(party, "PostalAddress", "Country", "IdentificationCode")
    paper.put(f"{side}.code", _bare(text(taxes[0], "CompanyID")) if taxes else "")
    paper.put(f"{side}.code", _registered(text(party, "PartyLegalEntity", "CompanyID"), country))
    _put_listed(paper, side, child(party, "PartyIdentification", "ID"))
    paper.put(f"{side}.name", text(party, "PartyLegalEntity", "RegistrationName"))
    paper.put(f"{side}.name", text(party, "PartyName", "Name"))
    address = child(party, "PostalAddress")
    parts = [text(address, tag) for tag in ("StreetName", "AdditionalStreetName", "PostalZone", "CityName")]
    paper.put(f"{side}.address", ", ".join(filter(None, parts)))
    paper.put(f"{side}.country", country)
    paper.put(f"{side}.phone", text(party, "Contact", "Telephone"))


def _put_cii_party(paper: Paper, side: str, party: etree._Element | None) -> None:
    numbers = {i.get("schemeID"): text(i) for r in children(party, "SpecifiedTaxRegistration") for i in r}
    country = text(party, "PostalTradeAddress", "CountryID")
    paper.put(f"{side}.code", _bare(numbers.get("VA", "")))
    paper.put(f"{side}.code", _registered(text(party, "SpecifiedLegalOrganization", "ID"), country))
    _put_listed(paper, side, child(party, "GlobalID"))
    _put_listed(paper, side, child(party, "ID"))
    paper.put(f"{side}.name", text(party, "Name"))
    address = child(party, "PostalTradeAddress")
    parts = [text(address, tag) for tag in ("LineOne", "LineTwo", "PostcodeCode", "CityName")]
    paper.put(f"{side}.address", ", ".join(filter(None, parts)))
    paper.put(f"{side}.country", country)
    contact = child(party, "DefinedTradeContact", "TelephoneUniversalCommunication")
    paper.put(f"{side}.phone", text(contact, "CompleteNumber"))


def _bare(code: str) -> str:
    """A tax number without the points and blanks that people write into it."""
    return re.sub(r"[^0-9A-Za-z]", "", code).upper()


def _registered(code: str, country: str) -> str:
    """A register's number, which holds inside its country only; Chinese ones hold by themselves."""
    code = _bare(code)
    return code if not code or country in {"", "CN"} or code.startswith(country) else f"{country}{code}"


def _put_listed(paper: Paper, side: str, number: etree._Element | None) -> None:
    """A location number, or one from the other firm's own list: told, but no name of a taxpayer."""
    if number is not None:
        paper.put(f"{side}.listed_as", f"{number.get('schemeID', '')}:{text(number)}".strip(":"))


def _ubl_line(item: etree._Element) -> dict[str, Value]:
    quantity = child(item, "InvoicedQuantity")
    quantity = child(item, "CreditedQuantity") if quantity is None else quantity
    goods, price = child(item, "Item"), child(item, "Price")
    return line(
        item=text(goods, "Name") or text(goods, "Description"),
        tax_category=text(goods, "CommodityClassification", "ItemClassificationCode"),
        specification=text(goods, "AdditionalItemProperty", "Value"),
        unit="" if quantity is None else quantity.get("unitCode", ""),
        quantity=text(quantity),
        price=_per_unit(text(price, "PriceAmount"), text(price, "BaseQuantity")),
        amount=text(item, "LineExtensionAmount"),
        rate=_rate(text(goods, "ClassifiedTaxCategory", "Percent")),
        tax=text(item, "TaxTotal", "TaxAmount"),
    )


def _cii_line(item: etree._Element) -> dict[str, Value]:
    goods, settled = child(item, "SpecifiedTradeProduct"), child(item, "SpecifiedLineTradeSettlement")
    quantity = child(item, "SpecifiedLineTradeDelivery", "BilledQuantity")
    price = child(item, "SpecifiedLineTradeAgreement", "NetPriceProductTradePrice")
    return line(
        item=text(goods, "Name") or text(goods, "Description"),
        tax_category=text(goods, "DesignatedProductClassification", "ClassCode"),
        specification=text(goods, "ApplicableProductCharacteristic", "Value"),
        unit="" if quantity is None else quantity.get("unitCode", ""),
        quantity=text(quantity),
        price=_per_unit(text(price, "ChargeAmount"), text(price, "BasisQuantity")),
        amount=text(settled, "SpecifiedTradeSettlementLineMonetarySummation", "LineTotalAmount"),
        rate=_rate(text(settled, "ApplicableTradeTax", "RateApplicablePercent")),
    )


def _put_rates(
    paper: Paper, subtotals: list[etree._Element], read: Callable[[etree._Element], dict[str, str]]
) -> None:
    """The breakdown by rate, as fields: an invoice may carry several."""
    for number, subtotal in enumerate(subtotals, 1):
        for path, found in read(subtotal).items():
            if found:
                paper.extra[f"rates[{number}].{path}"] = Value(found)


def _ubl_rate(subtotal: etree._Element) -> dict[str, str]:
    category = child(subtotal, "TaxCategory")
    amounts = {"amount": text(subtotal, "TaxableAmount"), "tax": text(subtotal, "TaxAmount")}
    return amounts | {"rate": _rate(text(category, "Percent")), "category": text(category, "ID")}


def _cii_rate(tax: etree._Element) -> dict[str, str]:
    amounts = {"amount": text(tax, "BasisAmount"), "tax": text(tax, "CalculatedAmount")}
    rate = _rate(text(tax, "RateApplicablePercent"))
    return amounts | {"rate": rate, "category": text(tax, "CategoryCode")}


def _finish(paper: Paper, *, credit: bool) -> Paper:
    """Missing sums, signs and kind."""
    total, amount = decimal_of(paper.text("total")), decimal_of(paper.text("amount"))
    if "tax" not in paper.header and total is not None and amount is not None:
        paper.derived["invoice_tax"] = str(total - amount)
    if credit and total is not None and total > 0:
        for values, paths in [(paper.header, _SIGNED_HEADER), *((v, _SIGNED_LINE) for v in paper.lines)]:
            for path in paths:
                if path in values:
                    values[path] = Value(_signed("-", values[path].text))
        if "invoice_tax" in paper.derived:
            paper.derived["invoice_tax"] = _signed("-", paper.derived["invoice_tax"])
    if credit:
        paper.derived["positive"] = "否"
        # Other types name an earlier invoice too (a deposit, a correction) and cancel nothing.
        if "preceding" in paper.header:
            paper.derived["reverses_number"] = paper.text("preceding")
    if paper.text("type") in _SELF_BILLED:
        paper.derived["kind"] = "self_billed"
    elif paper.text("seller.country") != "CN":
        paper.derived["kind"] = "foreign"
    return paper


def _in_currency(amounts: list[etree._Element | None], currency: str) -> str:
    """The amount in the document's currency; a second one may stand in that of the tax office."""
    stated = [a for a in amounts if a is not None]
    return next((text(a) for a in stated if a.get("currencyID", currency) == currency), "")


def _rate(percent: str) -> str:
    return f"{percent}%" if percent else ""


def _per_unit(price: str, base: str) -> str:
    """Price of one unit: it may be stated for a hundred or a thousand."""
    amount, per = decimal_of(price), decimal_of(base)
    return f"{amount / per:f}" if amount is not None and per not in (None, Decimal(1), Decimal(0)) else price


def _signed(sign: str, amount: str) -> str:
    value = decimal_of(amount)
    return amount if value is None or not sign or not value else f"{-value:f}"


def _date(written: str) -> str:
    """Format 102 (YYYYMMDD) as an ISO date."""
    digits = written[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if digits.isdigit() and len(digits) == 8 else written
