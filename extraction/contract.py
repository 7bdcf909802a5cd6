"""Reader of contracts as DOCX and as PDF with a text layer: purchase, sales, orders, frameworks, leases."""

import re

from extraction.contracts.agreement import agreement_of, is_agreement
from extraction.contracts.bounded import bounded
from extraction.contracts.document import Document
from extraction.contracts.facts import facts_of
from extraction.contracts.lexicon import lexicon
from extraction.contracts.pdf_text import read_pdf_text
from extraction.docx_text import is_docx, read_docx
from extraction.pdf_words import is_pdf, read_pdf
from extraction.rows import Facts
from extraction.source import Source
from ledger.errors import FileUnreadable, InputError

#: What a PDF must say somewhere before its geometry is looked at.
_TELLING = re.compile(
    r"合同|协议|订单|采购单|契约|合约|约定书|合\s*同|协\s*议|订\s*单|contract|agreement|order", re.IGNORECASE
)


class ContractReader:
    """Contracts: what the reader takes is a title that says so and two parties named by their role."""

    name = "contract"
    version = 1

    def recognises(self, source: Source) -> bool:
        """Whether the text is a contract's. A broken file is none of ours to complain about."""
        try:
            document = self._document(source)
            return document is not None and is_agreement(bounded(document))
        except InputError:
            return False

    def facts(self, source: Source) -> Facts:
        """The contract. FileUnreadable when there is none, or the container is broken."""
        document = self._document(source)
        made = None if document is None else agreement_of(bounded(document))
        if document is None or made is None:
            raise FileUnreadable("contract_none", file=source.name)
        return facts_of(made, document, source, self.name, self.version)

    def _document(self, source: Source) -> Document | None:
        if is_docx(source):
            return read_docx(source)
        if is_pdf(source):
            text = read_pdf(source).text
            if _TELLING.search(text) and lexicon().role.search(text):
                return read_pdf_text(source)
        return None
