"""Writer of invoices as PDF with a text layer, in several makers' manners; the description is the truth.

`LAYOUTS` names the manners. Layouts of an era take invoices of that era: older ones have a code and a
number of eight digits, fully digitalised ones a number of twenty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seeds import papers_pdf_digital as digital
from seeds import papers_pdf_old as old
from seeds.paper import PaperInvoice
from seeds.papers_pdf_digital import DigitalForm, draw_digital
from seeds.papers_pdf_old import OldForm, draw_old
from seeds.papers_pdf_sheet import Sheet
from seeds.papers_xml import write_digital_xml


@dataclass(frozen=True)
class Layout:
    """One maker's manner: the form, how it is drawn, how many forms share a page, whether XML is attached."""

    form: DigitalForm | OldForm
    apart: bool = False
    letters: bool = False
    a_page: int = 1
    attached: bool = False

    @property
    def era(self) -> str:
        """`digital` or `old`."""
        return "digital" if isinstance(self.form, DigitalForm) else "old"


LAYOUTS: dict[str, Layout] = {
    "digital": Layout(DigitalForm(), apart=True),
    "digital_glued": Layout(DigitalForm(glued=True, ruled=True, downloads=True)),
    "digital_letters": Layout(DigitalForm(ruled=True), letters=True),
    "digital_centred": Layout(DigitalForm(centred=True, watermark=True), apart=True),
    "digital_two": Layout(DigitalForm(), apart=True, a_page=2),
    "digital_hybrid": Layout(DigitalForm(), apart=True, attached=True),
    "building": Layout(DigitalForm(trade="建筑服务"), apart=True),
    "old": Layout(OldForm(), apart=True),
    "old_spaced": Layout(OldForm(spaced=True, seal=True)),
    "old_letters": Layout(OldForm(spaced=True), letters=True, apart=True),
}


def write_pdf(invoices: PaperInvoice | Sequence[PaperInvoice], layout: str = "digital") -> bytes:
    """One or several invoices in one file; `layout` is a key of LAYOUTS."""
    manner = LAYOUTS[layout]
    papers = [invoices] if isinstance(invoices, PaperInvoice) else list(invoices)
    room = digital if manner.era == "digital" else old
    sheet = Sheet(room.WIDTH, room.HEIGHT * manner.a_page, manner.apart, manner.letters)
    for number, invoice in enumerate(papers):
        place = number % manner.a_page
        if number and not place:
            sheet.next_page()
        if place:
            sheet.move(place * room.HEIGHT)
        if isinstance(manner.form, DigitalForm):
            draw_digital(sheet, invoice, manner.form)
        else:
            draw_old(sheet, invoice, manner.form)
    if manner.attached:
        sheet.attach(f"dzfp_{papers[0].number}.xml", write_digital_xml(papers[0]))
    return sheet.done()
