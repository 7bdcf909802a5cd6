"""Layouts of papers kept out of development: no reader's writer looks here; benches measure."""

from seeds.kept_out.contracts import contract_docx, contract_pdf, lease_docx
from seeds.kept_out.invoices import invoice_pdf
from seeds.kept_out.statements import statements

__all__ = ["contract_docx", "contract_pdf", "invoice_pdf", "lease_docx", "statements"]
