"""What people decide on the command line: naming a core enterprise."""

from getpass import getuser

from dayan.pipeline import Target, find_party
from ledger.errors import NotFound


def add_core(target: Target, enterprise: str, chain: str, why: str) -> None:
    """Record that `enterprise` (code or full name) is a core enterprise of `chain`.

    Raises NotFound for an unknown chain or enterprise.
    """
    if chain not in {c.id for c in target.load_chains()}:
        raise NotFound("chain_not_found", chain=chain)
    ledger = target.ledger()
    party = find_party(ledger, enterprise)
    ledger.judge("core", party, chain, by=_who(), why=why)


def _who() -> str:
    try:
        return getuser()
    except OSError:
        return "local"
