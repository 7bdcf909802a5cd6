"""Keys for tests: made straight in the state store of a data folder, as `dayan keys make` does."""

from pathlib import Path
from typing import Any

from ledger import access
from ledger.state import State


def key_for(folder: Path, role: str = "analyst", holder: str = "li.ming", **wanted: Any) -> str:
    """The whole text of a new key."""
    return access.make(State(folder), "test", access.NewKey(holder, role, **wanted))[1]


def bearing(text: str, **more: str) -> dict[str, str]:
    """The headers that show a key."""
    return {"Authorization": f"Bearer {text}", **more}
