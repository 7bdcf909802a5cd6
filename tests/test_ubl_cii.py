"""UBL and Cross Industry Invoice: types, signs, currencies, rates, charges, whose number it is."""

import pytest

from extraction.source import Source
from extraction.ubl_cii import CiiReader, UblReader
from tests.ledgers import whole

CBC = 'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
CAC = 'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'


def party(name, code="", country="DE", extra=""):
    tax = f"<cac:PartyTaxScheme><cbc:CompanyID>{code}</cbc:CompanyID></cac:PartyTaxScheme>" if code else ""
    return (
        f"<cac:Party>{extra}<cac:PostalAddress><cac:Country><cbc:IdentificationCode>{country}"
        "</cbc:IdentificationCode>"
        f"</cac:Country></cac:PostalAddress>{tax}<cac:PartyLegalEntity><cbc:RegistrationName>{name}"
        "</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party>"
    )


def ubl(
    kind="380",
    root="Invoice",
    buyer="",
    charges="",
    taxes="<cbc:TaxAmount currencyID='EUR'>29.00</cbc:TaxAmount>",
):
    line = "InvoiceLine" if root == "Invoice" else "CreditNoteLine"
    quantity = "InvoicedQuantity" if root == "Invoice" else "CreditedQuantity"
    return (
        f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" {CBC} {CAC}>'
        f"<cbc:ID>INV 1</cbc:ID><cbc:IssueDate>2025-01-31</cbc:IssueDate>"
        f"<cbc:{root}TypeCode>{kind}</cbc:{root}TypeCode>"
        f"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>INV 0</cbc:ID>"
        "</cac:InvoiceDocumentReference>"
        "</cac:BillingReference>"
        f"<cac:AccountingSupplierParty>{party('Seller', 'DE123456789')}</cac:AccountingSupplierParty>"
        f""
        f"<cac:AccountingCustomerParty>{buyer or party('Buyer', 'FR12345678901', 'FR')}"
        "</cac:AccountingCustomerParty>"
        f"{charges}<cac:TaxTotal>{taxes}"
        "<cac:TaxSubtotal><cbc:TaxableAmount>100</cbc:TaxableAmount><cbc:TaxAmount>19</cbc:TaxAmount>"
        "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>"
        "<cac:TaxSubtotal><cbc:TaxableAmount>100</cbc:TaxableAmount><cbc:TaxAmount>10</cbc:TaxAmount>"
        "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>10</cbc:Percent>"
        "</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"
        "<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>200</cbc:TaxExclusiveAmount>"
        "<cbc:TaxInclusiveAmount>229</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>"
        f"<cac:{line}><cbc:{quantity} unitCode='EA'>500</cbc:{quantity}>"
        "<cbc:LineExtensionAmount>200</cbc:LineExtensionAmount><cac:Item><cbc:Name>Rope</cbc:Name>"
        "<cac:ClassifiedTaxCategory><cbc:Percent>19</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>"
        "<cac:Price><cbc:PriceAmount>40</cbc:PriceAmount><cbc:BaseQuantity>100</cbc:BaseQuantity></cac:Price>"
        f"</cac:{line}></{root}>"
    )


def cii(kind="380"):
    space = "urn:un:unece:uncefact:data:standard:"
    return (
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{space}CrossIndustryInvoice:100" '
        f""
        f'xmlns:ram="{space}ReusableAggregateBusinessInformationEntity:100" '
        f'xmlns:udt="{space}UnqualifiedDataType:100">'
        f"<rsm:ExchangedDocument><ram:ID>C-1</ram:ID><ram:TypeCode>{kind}</ram:TypeCode><ram:IssueDateTime>"
        '<udt:DateTimeString format="102">20250131</udt:DateTimeString>'
        "</ram:IssueDateTime></rsm:ExchangedDocument>"
        "<rsm:SupplyChainTradeTransaction><ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct>"
        "<ram:Name>Rope</ram:Name></ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement>"
        "<ram:NetPriceProductTradePrice><ram:ChargeAmount>8</ram:ChargeAmount>"
        "</ram:NetPriceProductTradePrice>"
        "</ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        '<ram:BilledQuantity unitCode="C62">100'
        "</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement>"
        "<ram:ApplicableTradeTax>"
        "<ram:RateApplicablePercent>25</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>800</ram:LineTotalAmount>"
        "</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>"
        "</ram:IncludedSupplyChainTradeLineItem><ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty>"
        "<ram:Name>S</ram:Name><ram:SpecifiedTaxRegistration>"
        '<ram:ID schemeID="FC">9</ram:ID></ram:SpecifiedTaxRegistration>'
        '<ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DK1</ram:ID></ram:SpecifiedTaxRegistration>'
        "</ram:SellerTradeParty><ram:BuyerTradeParty><ram:ID>77</ram:ID>"
        "<ram:Name>B</ram:Name></ram:BuyerTradeParty>"
        "</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeSettlement>"
        "<ram:InvoiceCurrencyCode>DKK</ram:InvoiceCurrencyCode><ram:SpecifiedTradeAllowanceCharge>"
        "<ram:ChargeIndicator><udt:Indicator>true</udt:Indicator></ram:ChargeIndicator>"
        "<ram:ActualAmount>100</ram:ActualAmount>"
        "<ram:Reason>Freight</ram:Reason></ram:SpecifiedTradeAllowanceCharge>"
        "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        "<ram:TaxBasisTotalAmount>900</ram:TaxBasisTotalAmount>"
        '<ram:TaxTotalAmount currencyID="EUR">30</ram:TaxTotalAmount>'
        '<ram:TaxTotalAmount currencyID="DKK">225</ram:TaxTotalAmount>'
        "<ram:GrandTotalAmount>1125</ram:GrandTotalAmount>"
        "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        "</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    )


def read(reader, text):
    source = Source("a.xml", text.encode())
    assert reader.recognises(source)
    return reader.read(source)


def test_a_ubl_invoice_with_two_rates():
    rows = read(UblReader(), ubl())
    row = whole(rows).row(0, named=True)
    assert (row["number"], row["issued"], row["currency"], row["kind"]) == (
        "INV 1",
        "2025-01-31",
        "EUR",
        "foreign",
    )
    assert (row["seller_code"], row["buyer_code"]) == ("DE123456789", "FR12345678901")
    assert (row["invoice_amount"], row["invoice_tax"], row["invoice_total"]) == ("200", "29.00", "229")
    assert (row["item"], row["quantity"], row["price"], row["rate"]) == ("Rope", "500", "0.4", "19%")
    assert row["reverses_number"] is None
    fields = {f["path"]: f["value"] for f in rows.fields}
    assert (fields["rates[1].rate"], fields["rates[2].tax"], fields["preceding"]) == ("19%", "10", "INV 0")


@pytest.mark.parametrize(("root", "kind"), [("CreditNote", "381"), ("Invoice", "381"), ("CreditNote", "261")])
def test_a_credit_note_is_negative_and_names_what_it_reverses(root, kind):
    row = whole(read(UblReader(), ubl(kind, root))).row(0, named=True)
    assert (row["invoice_amount"], row["invoice_tax"], row["invoice_total"]) == ("-200", "-29.00", "-229")
    assert (row["quantity"], row["amount"], row["price"]) == ("-500", "-200", "0.4")
    assert (row["positive"], row["reverses_number"]) == ("否", "INV 0")


def test_a_corrected_invoice_is_not_negative():
    assert whole(read(UblReader(), ubl("384")))["invoice_total"][0] == "229"


@pytest.mark.parametrize(("reader", "write"), [(UblReader(), ubl), (CiiReader(), cii)])
def test_a_self_billed_one_still_runs_from_the_seller(reader, write):
    row = whole(read(reader, write("389"))).row(0, named=True)
    assert row["kind"] == "self_billed"
    assert row["seller_name"] in {"Seller", "S"}
    assert float(row["invoice_total"]) > 0


def test_charges_are_lines_and_lines_add_up():
    charge = (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>{}</cbc:ChargeIndicator><cbc:AllowanceChargeReason>{}"
        "</cbc:AllowanceChargeReason><cbc:Amount>30</cbc:Amount></cac:AllowanceCharge>"
    )
    frame = whole(
        read(UblReader(), ubl(charges=charge.format("true", "Freight") + charge.format("false", "Bonus")))
    )
    assert frame["item"].to_list() == ["Rope", "Freight", "Bonus"]
    assert frame["amount"].to_list() == ["200", "30", "-30"]


def test_the_tax_is_the_one_in_the_documents_currency():
    other = "<cbc:TaxAmount currencyID='SEK'>300</cbc:TaxAmount></cac:TaxTotal><cac:TaxTotal>"
    text = ubl(taxes=other + "<cbc:TaxAmount currencyID='EUR'>29</cbc:TaxAmount>")
    assert whole(read(UblReader(), text))["invoice_tax"][0] == "29"
    assert whole(read(CiiReader(), cii()))["invoice_tax"][0] == "225"


def test_a_number_of_the_other_firms_own_list_is_no_code():
    extra = (
        '<cac:PartyIdentification><cbc:ID schemeID="0088">5790000436057</cbc:ID></cac:PartyIdentification>'
    )
    rows = read(UblReader(), ubl(buyer=party("Buyer", extra=extra)))
    assert whole(rows)["buyer_code"][0] is None
    assert {f["path"]: f["value"] for f in rows.fields}["buyer.listed_as"] == "0088:5790000436057"


@pytest.mark.parametrize(
    ("code", "country", "read_as"),
    [("NL8200.98.395.B.01", "NL", "NL820098395B01"), ("DE 123 456 789", "DE", "DE123456789")],
)
def test_tax_numbers_without_points(code, country, read_as):
    assert whole(read(UblReader(), ubl(buyer=party("B", code, country))))["buyer_code"][0] == read_as


def test_a_cross_industry_invoice():
    frame = whole(read(CiiReader(), cii()))
    row = frame.row(0, named=True)
    assert (row["number"], row["issued"], row["currency"]) == ("C-1", "2025-01-31", "DKK")
    assert (row["seller_code"], row["buyer_code"], row["buyer_name"]) == ("DK1", None, "B")
    assert (row["quantity"], row["price"], row["amount"], row["rate"]) == ("100", "8", "800", "25%")
    assert frame["item"].to_list() == ["Rope", "Freight"]
    assert whole(read(CiiReader(), cii("381")))["amount"].to_list() == ["-800", "-100"]


def test_other_invoices_are_left_alone():
    assert not UblReader().recognises(Source("a.xml", b"<Invoice/>"))
    assert not CiiReader().recognises(Source("a.xml", ubl().encode()))
