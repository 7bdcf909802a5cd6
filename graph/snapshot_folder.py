"""Versions of a published folder: complete or not there, named by content, CURRENT one of them.

    snapshots/
    ├── CURRENT        id of the published version, replaced atomically
    ├── <id>/          a version; `manifest.json` names its files with their SHA-256
    └── .making-…/     one being written; what a killed writer left is swept by the next

A version is written and flushed to disk under another name, then renamed: whoever sees <id>/
sees all of it. CURRENT changes after that, so a kill at any moment leaves the old version
published, or the new one.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

#: Versions that stay; older ones go when a new one is published.
KEPT = 7
_MAKING, _LEAVING = ".making-", ".leaving-"


def publish(root: Path, write: Callable[[Path], dict[str, Any]]) -> str:
    """Writes a version by `write(folder)`, publishes it and returns its id.

    `write` puts the data files into the folder and returns what the manifest shall say. The id is
    the hash of the data files and of that: the same input gives the same bytes and id, and
    publishing it again only moves CURRENT.
    """
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / ".lock"):
        _sweep(root)
        making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=root))
        making.chmod(0o755)
        body = {**write(making), "files": {p.name: _digest(p) for p in sorted(making.iterdir())}}
        name = sha256(_json(body)).hexdigest()[:16]
        (making / "manifest.json").write_bytes(_json({"id": name, **body}))
        _settle(making, root / name)
        _point(root, name)
        _retire(root, name)
    return name


def current(root: Path) -> str | None:
    """Id of the published version, None when there is none."""
    try:
        return (root / "CURRENT").read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def versions(root: Path) -> list[str]:
    """Ids of the versions that stand, the one published last first."""
    found = [path for path in root.glob("*/manifest.json") if not path.parent.name.startswith(".")]
    latest = sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.parent.name), reverse=True)
    return [path.parent.name for path in latest]


def damaged(folder: Path) -> list[str]:
    """Names of the files of a version that are missing or differ from its manifest."""
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    return [n for n, want in files.items() if not (folder / n).is_file() or _digest(folder / n) != want]


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _settle(making: Path, home: Path) -> None:
    """Moves a finished folder to its name, or drops it when that version already stands whole."""
    if home.exists() and not damaged(home):
        shutil.rmtree(making)
    else:
        for path in making.iterdir():
            _flush(path)
        _flush(making)
        if home.exists():
            _remove(home)
        making.rename(home)
    os.utime(home / "manifest.json")
    _flush(home.parent)


def _point(root: Path, name: str) -> None:
    handle, path = tempfile.mkstemp(prefix=".current-", dir=root)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(path).chmod(0o644)
    Path(path).replace(root / "CURRENT")
    _flush(root)


def _flush(path: Path) -> None:
    """Forces a file or folder to disk; where folders cannot be opened, the rename has to do."""
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _retire(root: Path, name: str) -> None:
    for old in versions(root)[KEPT:]:
        if old != name:
            _remove(root / old)


def _remove(folder: Path) -> None:
    """Takes a version away at once; readers that have its files mapped keep them."""
    leaving = folder.with_name(_LEAVING + folder.name)
    folder.rename(leaving)
    shutil.rmtree(leaving)


def _sweep(root: Path) -> None:
    """Clears what a killed writer left. Safe under the lock: nobody else is writing."""
    for path in root.iterdir():
        if path.name.startswith((_MAKING, _LEAVING)):
            shutil.rmtree(path)
        elif path.name.startswith(".current-"):
            path.unlink()
