"""Invoice papers: one description of an invoice, and its writers as 数电票 XML, OFD and UBL.

The same invoice gives the same bytes on every machine. Invoices written here are invented; their
firms' codes lie in a region that no registry issues.
"""

from seeds.paper import PaperInvoice, PaperLine, Party, in_words
from seeds.papers_ofd import write_ofd
from seeds.papers_xml import write_digital_xml, write_ubl

__all__ = ["PaperInvoice", "PaperLine", "Party", "in_words", "write_digital_xml", "write_ofd", "write_ubl"]
