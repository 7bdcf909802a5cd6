"""What people decide on the command line: naming a core enterprise; and whom they mean by a name."""

from getpass import getuser
from pathlib import Path

import polars as pl

from dayan.target import Target
from ledger import audit
from ledger.errors import NotFound
from ledger.ledger import Ledger
from ledger.names import normal_form
from ledger.state import State


def add_core(target: Target, enterprise: str, chain: str, why: str) -> None:
    """Record that `enterprise` (code or full name) is a core enterprise of `chain`.

    Raises NotFound for an unknown chain or enterprise.
    """
    if chain not in {c.id for c in target.load_chains()}:
        raise NotFound("chain_not_found", chain=chain)
    ledger = target.ledger()
    party = find_party(ledger, enterprise)
    ledger.judge("core", party, chain, by=_who(), why=why)


def find_party(ledger: Ledger, code_or_name: str) -> str:
    """The party a person means by a code or a full name. NotFound, also when several bear the name."""
    parties = ledger.scan("parties").select("party", "code", "name").unique().collect()
    wanted = code_or_name.strip()
    found = parties.filter(pl.col("code") == wanted.upper())["party"].unique()
    if found.is_empty():
        found = parties.filter(pl.col("code") == wanted)["party"].unique()
    if found.is_empty():
        form = normal_form(wanted)
        named = parties.filter(pl.col("name").is_not_null())
        same = pl.Series([normal_form(n) == form for n in named["name"]], dtype=pl.Boolean)
        found = named.filter(same)["party"].unique()
    if found.len() != 1:
        raise NotFound("party_not_found" if found.is_empty() else "party_ambiguous", party=wanted)
    return str(found[0])


def note_withdrawal(folder: Path, document: str, names: list[str]) -> None:
    """Enter a withdrawal in the audit chain."""
    audit.note(State(folder), _who(), "document_withdrawn", document, names=names)


def _who() -> str:
    try:
        return getuser()
    except OSError:
        return "local"
