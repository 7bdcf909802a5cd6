"""Reader of fully digitalised e-invoices (数电票) as XML: root `EInvoice`, any version.

Elements are found by their exact path, never by a piece of their name: `InvoiceNumber` must not find
`PlateNumber`, nor an amount with tax one without. Layout: GB/T 42965 and files of versions 0.2 to 0.37.
"""

from lxml import etree

from extraction.paper import Paper, Value, line
from extraction.paper_kinds import kind_of_label
from extraction.reader import PaperReader
from extraction.source import Source
from extraction.xml_safe import child, children, local, parse, peek, text, texts

_PARTY = {
    "seller": ("SellerInformation", "Seller"),
    "buyer": ("BuyerInformation", "Buyer"),
}
_VAT = {"01": "digital_special", "02": "digital_ordinary"}
_LINE = {
    "item": "ItemName",
    "tax_category": "TaxClassificationCode",
    "specification": "SpecMod",
    "unit": "MeaUnits",
    "quantity": "Quantity",
    "price": "UnPrice",
    "amount": "Amount",
    "rate": "TaxRate",
    "tax": "ComTaxAm",
    "total": "TotaltaxIncludedAmount",
}
_BASIC = {
    "amount": "TotalAmWithoutTax",
    "tax": "TotalTaxAm",
    "total": "TotalTax-includedAmount",
    "words": "TotalTax-includedAmountInChinese",
    "drawer": "Drawer",
}
#: Blocks of SpecificInformation that make a kind of their own.
_BLOCK_KIND = {"Toll": "toll"}
#: People's names and papers in travel blocks: personal, and no evidence for anything we ask.
_PEOPLE = frozenset({"Traveler", "ValidIDNumber", "TypeOfPassengerDocument"})


class DigitalXmlReader(PaperReader):
    """数电票 XML."""

    name = "digital_xml"
    version = 2

    def recognises(self, source: Source) -> bool:
        """By the root's exact name; the older layout writes `eInvoice`."""
        return peek(source)[0] == "EInvoice"

    def paper(self, source: Source) -> Paper:
        """The invoice. FileUnreadable when it is not well-formed."""
        return digital_paper(parse(source.data, source.name))


def digital_paper(root: etree._Element) -> Paper:
    """The invoice below an `EInvoice` element."""
    paper, data = Paper(), child(root, "EInvoiceData")
    basic, supervision = child(data, "BasicInformation"), child(root, "TaxSupervisionInfo")
    paper.put("number", text(supervision, "InvoiceNumber") or text(root, "Header", "EIid"))
    paper.put("issued", text(supervision, "IssueTime") or text(basic, "RequestTime"))
    for side, (block, prefix) in _PARTY.items():
        _put_party(paper, side, child(data, block), prefix)
    said = texts(basic)
    for path, tag in _BASIC.items():
        paper.put(path, said.get(tag, ""))
    paper.put("remark", text(data, "AdditionalInformation", "Remark") or text(data, "AdditionalInformation"))
    paper.put_people()
    for item in children(data, "IssuItemInformation"):
        said = texts(item)
        paper.lines.append(line(**{path: said.get(tag, "") for path, tag in _LINE.items()}))
    _put_specific(paper, child(data, "SpecificInformation"))
    _put_labels(paper, child(root, "Header"))
    return paper


def _put_party(paper: Paper, side: str, block: etree._Element | None, prefix: str) -> None:
    said = texts(block)
    for path, tag in (("code", "IdNum"), ("name", "Name"), ("address", "Addr"), ("phone", "TelNum")):
        paper.put(f"{side}.{path}", said.get(f"{prefix}{tag}", ""))
    bank, account = said.get(f"{prefix}BankName", ""), said.get(f"{prefix}BankAccNum", "")
    paper.put(f"{side}.account", f"{bank} {account}")


def _put_labels(paper: Paper, header: etree._Element | None) -> None:
    """Kind and colour. A trade block already seen wins over special or ordinary."""
    inherent = child(header, "InherentLabel")
    blue = text(inherent, "InIssuType", "LabelCode").upper()
    if blue in {"Y", "N"}:
        paper.derived["positive"] = {"Y": "是", "N": "否"}[blue]
    for label in children(child(header, "UndefinedLabel"), "Label"):
        if kind := kind_of_label(text(label, "LabelName")):
            paper.derived.setdefault("kind", kind)
    if vat := _VAT.get(text(inherent, "GeneralOrSpecialVAT", "LabelCode").zfill(2)):
        paper.derived.setdefault("kind", vat)


def _put_specific(paper: Paper, block: etree._Element | None) -> None:
    """The blocks of special trades: red letter, toll, freight, building …, each value a field."""
    for trade in () if block is None else block:
        if kind := _BLOCK_KIND.get(local(trade)):
            paper.derived.setdefault("kind", kind)
        for leaf in trade.iter():
            words = (leaf.text or "").strip()
            if len(leaf) == 0 and words and local(leaf) not in _PEOPLE:
                paper.extra.setdefault(f"specific.{local(trade)}.{local(leaf)}", Value(words))
    paper.put("reverses.number", text(block, "RedEInvoice", "OriginalInvoiceCode"))
    paper.put("red_letter", text(block, "RedEInvoice", "CreditNoteNumber"))
