"""Writer of invented contracts as DOCX and PDF, in several makers' manners; the description is the truth.

`LAYOUTS` names the manners; `layouts_for` those that fit a kind of contract.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seeds.contract import PaperContract
from seeds.contracts_blocks import MARK, Block, to_docx, to_pdf
from seeds.contracts_forms import framework, market, order, parties, supply
from seeds.contracts_leases import plant, shop


@dataclass(frozen=True)
class Layout:
    """A manner: which kinds of contract it is for, how the paper reads, and as which file it comes."""

    kinds: frozenset[str]
    blocks: Callable[[PaperContract], list[Block]]
    file: str  # docx | pdf


_TRADE = frozenset({"purchase", "sales"})
_FORMS: dict[str, tuple[frozenset[str], Callable[[PaperContract], list[Block]]]] = {
    "parties": (_TRADE, parties),
    "supply": (_TRADE, supply),
    "market": (_TRADE, market),
    "order": (frozenset({"order"}), order),
    "framework": (frozenset({"framework"}), framework),
    "plant": (frozenset({"lease"}), plant),
    "shop": (frozenset({"lease"}), shop),
}

LAYOUTS: dict[str, Layout] = {
    f"{name}_{file}": Layout(kinds, blocks, file)
    for name, (kinds, blocks) in _FORMS.items()
    for file in ("docx", "pdf")
}


def layouts_for(kind: str) -> tuple[str, ...]:
    """Names of the layouts for a kind of contract."""
    return tuple(name for name, layout in LAYOUTS.items() if kind in layout.kinds)


def write_contract(contract: PaperContract, layout: str) -> bytes:
    """The contract as a file; `layout` is a key of LAYOUTS. The same contract gives the same bytes."""
    manner = LAYOUTS[layout]
    blocks = manner.blocks(contract)
    return to_docx(blocks) if manner.file == "docx" else to_pdf(blocks, f"{MARK} {contract.number}")
