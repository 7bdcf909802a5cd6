"""Models that decided something, kept for replays: a copy of what was shipped beside the user's own."""

import shutil
import tempfile
from pathlib import Path

from gnn.registry.folder import load, shipped
from ledger.errors import Conflict, NotFound
from services.credit.models.model import NAME, SHIPPED, CreditModel, load_model, model_of


def model_in_use(folder: Path) -> CreditModel:
    """The model that decides now: the promoted one of the data folder, else the shipped one."""
    return load_model(folder)


def model_of_version(folder: Path, version: str) -> CreditModel:
    """A model that decided once. Raises Conflict `model_version_gone` where nobody kept it."""
    try:
        return model_of(load(folder, NAME, version))
    except NotFound:
        found = shipped(NAME, SHIPPED)
        if str(found.about["version"]) != version:
            raise Conflict("model_version_gone", version=version) from None
        return model_of(found)


def keep_model(folder: Path, version: str) -> None:
    """Copy the shipped model of that version into the data folder, unless it stands there: a later version
    of the program may ship another. It is not promoted."""
    home = folder / "models" / NAME / version
    source = SHIPPED / NAME
    if home.exists() or str(shipped(NAME, SHIPPED).about["version"]) != version:
        return
    home.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=home.parent))
    try:
        shutil.copytree(source, making / version)
        if not home.exists():
            (making / version).rename(home)
    except OSError:
        if not home.exists():  # somebody else kept it meanwhile: that is as good
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
