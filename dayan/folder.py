"""The id of a data folder: random, made once, kept in the folder; a copy of the folder keeps it.

It tells a shared database whose graph it holds. It is no fact and enters no snapshot.
"""

import json
import secrets
from pathlib import Path


def folder_id(folder: Path) -> str:
    """The id of data folder `folder`, made now where it has none yet."""
    path = folder / "folder.json"
    try:
        return str(json.loads(path.read_text("utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    made = secrets.token_hex(8)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "folder.json.part"
    partial.write_text(json.dumps({"id": made}) + "\n", "utf-8")
    partial.replace(path)
    return made
