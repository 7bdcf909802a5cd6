"""Every document behind a path, whole and in memory: plain files, members of zips, gzipped files.

Nothing is raised for one bad file or member: its error comes in its place, and the rest goes on.
What a file is, is told by its first bytes, never by its name.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from extraction.archive import Archive, Limits
from ledger.errors import FileUnreadable, InputError, UnsafeFile

__all__ = ["Limits", "Source", "sources"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP = b"\x1f\x8b\x08"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: What file managers leave inside archives; nobody means these as documents.
_DROSS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Source:
    """One document: the name people know it by (`file.xml`, `a.zip/b.xml`) and its bytes."""

    name: str
    data: bytes

    @cached_property
    def sha256(self) -> str:
        """The document's id."""
        return sha256(self.data).hexdigest()


@dataclass
class _Budget:
    """Bytes that everything unpacked from one path may still come to, nested archives together."""

    left: int


def sources(path: Path, limits: Limits = Limits()) -> Iterator[Source | InputError]:  # noqa: B008
    """The documents behind `path` (a file, or a folder in sorted order), each or its error."""
    if path.is_dir():
        for inner in sorted(p for p in path.rglob("*") if not _is_dross(p.name)):
            name = shown_name(inner.relative_to(path.parent))
            if inner.is_symlink() and not _leads_inside(inner, path):
                yield FileUnreadable("link_outside", file=name)
            elif inner.is_file():
                yield from _file(inner, name, limits)
    else:
        yield from _file(path, shown_name(Path(path.name)), limits)


def shown_name(path: Path) -> str:
    """A path as text that can be stored and printed. File systems keep names as bytes: those that are
    not UTF-8 are read as GB18030, and failing that the bytes are written out."""
    return "/".join(_readable(os.fsencode(part)) for part in path.parts)


def _readable(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "backslashreplace")


def _leads_inside(link: Path, folder: Path) -> bool:
    """Whether a link ends inside the folder it was found in; one that runs in a circle ends nowhere."""
    try:
        return link.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _file(path: Path, name: str, limits: Limits) -> Iterator[Source | InputError]:
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            yield FileUnreadable("file_too_large", file=name, bytes=size, limit=limits.file_bytes)
            return
        data = path.read_bytes()
    except FileNotFoundError:
        yield FileUnreadable("file_not_found", file=name)
    except OSError as error:
        yield FileUnreadable("file_malformed", file=name, detail=error.strerror or type(error).__name__)
    else:
        yield from _open(name, data, limits, 0, _Budget(limits.unpacked_bytes))


def _open(
    name: str, data: bytes, limits: Limits, depth: int, budget: _Budget
) -> Iterator[Source | InputError]:
    """What `data` holds: itself, or what is packed in it."""
    if not data:
        yield FileUnreadable("file_empty", file=name)
    elif data.startswith(_GZIP):
        yield from _gunzip(name, data, limits, depth, budget)
    elif data.startswith(_ZIP):
        yield from _unzip(name, data, limits, depth, budget)
    elif data.startswith(_OLE) and _OLE_ENCRYPTED in data:
        yield FileUnreadable("file_encrypted", file=name)
    else:
        yield Source(name, data)


def _unzip(
    name: str, data: bytes, limits: Limits, depth: int, budget: _Budget
) -> Iterator[Source | InputError]:
    try:
        archive = Archive(data, name, limits)
        if archive.is_document():
            archive.check()
            yield Source(name, data)
            return
        if depth >= limits.depth:
            raise UnsafeFile("zip_too_deep", file=name)
        budget.left -= archive.unpacked
        if budget.left < 0:
            raise UnsafeFile("zip_bomb", file=name)
        if not archive.members:
            raise FileUnreadable("file_empty", file=name)
    except InputError as error:
        yield error
        return
    for member, content in archive.each():
        if isinstance(content, InputError):
            yield content
        elif not _is_dross(member.name):
            yield from _open(f"{name}/{member.name}", content, limits, depth + 1, budget)


def _gunzip(
    name: str, data: bytes, limits: Limits, depth: int, budget: _Budget
) -> Iterator[Source | InputError]:
    inner = name[:-3] if name.lower().endswith(".gz") else name
    try:
        if depth >= limits.depth:
            raise UnsafeFile("zip_too_deep", file=name)
        content = _inflate(name, data, limits)
        budget.left -= len(content)
        if budget.left < 0:
            raise UnsafeFile("zip_bomb", file=name)
    except InputError as error:
        yield error
        return
    yield from _open(inner, content, limits, depth + 1, budget)


def _inflate(name: str, data: bytes, limits: Limits) -> bytes:
    """The content of a gzip file, which may be several joined ones; stops at the limits."""
    allowed = min(limits.file_bytes, max(limits.ratio_from, limits.ratio * len(data)))
    parts: list[bytes] = []
    room, rest = allowed, data
    while rest.startswith(_GZIP):
        stream = zlib.decompressobj(wbits=31)
        try:
            part = stream.decompress(rest, room + 1)
        except zlib.error as error:
            raise FileUnreadable("file_truncated", file=name) from error
        room -= len(part)
        if room < 0:
            raise UnsafeFile("zip_bomb", file=name)
        if not stream.eof:
            raise FileUnreadable("file_truncated", file=name)
        parts.append(part)
        rest = stream.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _is_dross(name: str) -> bool:
    return name.startswith(_DROSS[0]) or name.rsplit("/", 1)[-1] in _DROSS
