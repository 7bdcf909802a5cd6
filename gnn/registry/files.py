"""Files of a model as they reach the disk: whole or not at all."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


def flush(path: Path, content: bytes) -> None:
    """Write and force to disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """Replace a small file at once: a reader sees what was there or what comes."""
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)
    _settle(path.parent)


def put(making: Path, home: Path) -> None:
    """Rename a finished folder to its place; an equal one that stands there stays, a damaged one goes."""
    if home.exists():
        if _same(making, home):
            return
        leaving = home.with_name(f".leaving-{home.name}")
        shutil.rmtree(leaving, ignore_errors=True)
        home.rename(leaving)
        making.rename(home)
        shutil.rmtree(leaving)
    else:
        making.rename(home)
    home.chmod(0o755)
    _settle(home.parent)


def _same(one: Path, other: Path) -> bool:
    """Whether both folders hold the same files."""
    names = [sorted(path.name for path in folder.iterdir()) for folder in (one, other)]
    return names[0] == names[1] and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names[0]
    )


def _settle(folder: Path) -> None:
    """Forces a folder's entries to disk; where folders cannot be opened, the rename has to do."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
