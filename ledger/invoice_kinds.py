"""The declared table of invoice kinds (`invoice_kinds.yaml`) as Python values."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class InvoiceKind:
    """One kind: who issues it, and whether it means a supply of goods or an expense."""

    code: str
    zh: str
    en: str
    issuer: str  # seller | buyer | bureau
    meaning: str  # supply | expense
    deductible: bool
    ledger: tuple[str, ...]  # words that ledger exports use for it


@cache
def invoice_kinds() -> dict[str, InvoiceKind]:
    """Code → kind, in the order of the file."""
    raw = yaml.safe_load((Path(__file__).parent / "invoice_kinds.yaml").read_text("utf-8"))
    return {
        code: InvoiceKind(code, **{**entry, "ledger": tuple(entry["ledger"])}) for code, entry in raw.items()
    }


@cache
def kind_of_word() -> dict[str, str]:
    """Word in a ledger's 发票票种 column → kind code."""
    return {word: kind.code for kind in invoice_kinds().values() for word in (kind.zh, *kind.ledger)}


def expense_kinds() -> list[str]:
    """Codes of the kinds that never make a SUPPLIES edge."""
    return [kind.code for kind in invoice_kinds().values() if kind.meaning == "expense"]
