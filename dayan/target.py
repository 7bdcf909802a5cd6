"""Where things are: the data folder, the graph store, the user's own chains. Cheap to import."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from ledger.ledger import Ledger
from seeds.chains import Chain, load_chains

if TYPE_CHECKING:
    from graph.store import Store


@dataclass(frozen=True)
class Target:
    """One data folder and the graph store that belongs to it; `store_uri` None is the embedded engine."""

    folder: Path
    store_uri: str | None = None
    store_user: str | None = None
    store_password: str | None = None
    chains: Path | None = None

    def ledger(self) -> Ledger:
        """The ledger of the folder."""
        return Ledger(self.folder)

    def connect(self) -> "Store":
        """The graph store: a Neo4j by its address, else the embedded engine of the folder."""
        from graph.engine import connect

        return connect(
            self.store_uri or None, self.folder, user=self.store_user, password=self.store_password
        )

    def load_chains(self) -> Sequence[Chain]:
        """The bundled chains and the user's own."""
        return load_chains(None, *([self.chains] if self.chains else []))


def private_folder(folder: Path) -> Path:
    """Make the data folder, closed to other users of the machine: it holds people's papers."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def target_of(settings: Settings) -> Target:
    """Where the settings say things are."""
    return Target(
        folder=settings.data,
        store_uri=settings.store or None,
        store_user=settings.store_user,
        store_password=settings.store_password.get_secret_value() or None,
        chains=settings.chains,
    )
