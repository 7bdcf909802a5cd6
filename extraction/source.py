"""Every document behind a path, whole and in memory: plain files, members of zips, gzipped files.

Nothing is raised for one bad file or member: its error comes in its place, and the rest goes on.
What a file is, is told by its first bytes, never by its name.
"""

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from extraction.archive import Archive, Limits
from extraction.personal import masked_name
from ledger.errors import FileUnreadable, InputError, UnsafeFile

__all__ = ["Limits", "Source", "Walk", "Walked", "prove", "sources"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP = b"\x1f\x8b\x08"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: What file managers leave inside archives; nobody means these as documents.
_DROSS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
#: What a document costs beside its bytes, in bytes: that of an ordinary small one.
EACH = 20_000
#: A file of a walk: path, the name people know it by, size, and what is wrong with it.
_File = tuple[Path, str, int, InputError | None]


@dataclass(frozen=True)
class Source:
    """One document: the name people know it by (`file.xml`, `a.zip/b.xml`) and its bytes; and which of its
    values a person corrected: (path, value), see `extraction.corrections`. A personal number in the name
    is hidden: names are kept and shown."""

    name: str
    data: bytes
    corrections: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", masked_name(self.name))

    @cached_property
    def sha256(self) -> str:
        """The document's id."""
        return sha256(self.data).hexdigest()


@dataclass
class _Budget:
    """Bytes that everything unpacked from one path may still come to, nested archives together."""

    left: int


@dataclass
class Walked:
    """How far a walk has come: `passed` of `total`, in bytes and a fixed part for every document. What an
    archive holds is counted when it is opened, so `total` may grow; `found` counts documents."""

    found: int = 0
    passed: int = 0
    total: int = 0

    def expect(self, sizes: Iterable[int]) -> None:
        """Documents of these sizes are to come."""
        self.total += sum(size + EACH for size in sizes)

    def leave(self, size: int) -> None:
        """One of that size is behind us."""
        self.passed += size + EACH

    def seconds_left(self, spent: float) -> float:
        """How long the rest will take at the pace of the first `spent` seconds."""
        return spent * (self.total - self.passed) / max(self.passed, 1)


class Walk:
    """The documents behind paths (files, and folders in sorted order), one by one, each or its error.

    `without` is a folder that is left out wherever it lies: the ledger's own. With `unchecked` documents
    that are archives themselves (OFD, XLSX) come as they are, and who reads them proves them first
    (`prove`). `walked` says how far the walk has come.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        limits: Limits = Limits(),  # noqa: B008
        *,
        without: Path | None = None,
        unchecked: bool = False,
    ) -> None:
        self.limits, self.unchecked, self.walked = limits, unchecked, Walked()
        self._without = without.resolve() if without else None
        self._files: Iterator[_File] = (file for path in paths for file in self._below(path))
        if isinstance(paths, Sequence):  # known beforehand, so the walk is too
            every = list(self._files)
            self.walked.expect(size for *_, size, _ in every)
            self._files = iter(every)
        self._known = isinstance(paths, Sequence)

    def __iter__(self) -> Iterator[Source | InputError]:
        for path, name, size, error in self._files:
            if not self._known:
                self.walked.expect([size])
            for source in (error,) if error else _file(path, name, self):
                self.walked.found += 1
                yield source
            self.walked.leave(size)

    def _below(self, path: Path) -> Iterator[_File]:
        """The files at or below `path`; those that cannot be told from nothing come with their error."""
        if not path.is_dir():
            name = shown_name(Path(path.name))
            yield path, name, path.stat().st_size if path.is_file() else 0, None
            return
        refused: list[OSError] = []
        found = [
            Path(folder, file) for folder, files in self._folders(path, refused.append) for file in files
        ]
        for inner in sorted(found):
            name = shown_name(inner.relative_to(path.parent))
            if inner.is_symlink() and not _leads_inside(inner, path):
                yield inner, name, 0, FileUnreadable("link_outside", file=name)
            elif inner.is_file():
                yield inner, name, inner.stat().st_size, None
        for error in refused:
            folder = Path(str(error.filename))
            name = shown_name(folder.relative_to(path.parent))
            yield folder, name, 0, FileUnreadable("file_malformed", file=name, detail=error.strerror or "")

    def _folders(self, path: Path, refused: Callable[[OSError], None]) -> Iterator[tuple[str, list[str]]]:
        for folder, inner, files in os.walk(path, onerror=refused):
            here = Path(folder)
            links = [name for name in inner if (here / name).is_symlink()]
            inner[:] = [n for n in inner if n not in links and not self._is_left_out(here / n)]
            yield folder, [name for name in (*files, *links) if not _is_dross(name)]

    def _is_left_out(self, folder: Path) -> bool:
        return _is_dross(f"{folder.name}/") or (
            self._without is not None
            and folder.name == self._without.name
            and folder.resolve() == self._without
        )


def sources(path: Path, limits: Limits = Limits()) -> Iterator[Source | InputError]:  # noqa: B008
    """The documents behind `path` (a file, or a folder in sorted order), each or its error."""
    yield from Walk([path], limits)


def prove(source: Source, limits: Limits) -> None:
    """Unpack a document that is an archive itself once: FileUnreadable or UnsafeFile when it is broken."""
    if source.data.startswith(_ZIP):
        Archive(source.data, source.name, limits).check()


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


def _file(path: Path, name: str, walk: Walk) -> Iterator[Source | InputError]:
    allowed = walk.limits.file_bytes
    try:
        size = path.stat().st_size
        if size > allowed:
            yield FileUnreadable("file_too_large", file=name, bytes=size, limit=allowed)
            return
        data = path.read_bytes()
    except FileNotFoundError:
        yield FileUnreadable("file_not_found", file=name)
    except OSError as error:
        yield FileUnreadable("file_malformed", file=name, detail=error.strerror or type(error).__name__)
    else:
        yield from _open(name, data, walk, 0, _Budget(walk.limits.unpacked_bytes))


def _open(name: str, data: bytes, walk: Walk, depth: int, budget: _Budget) -> Iterator[Source | InputError]:
    """What `data` holds: itself, or what is packed in it."""
    if not data:
        yield FileUnreadable("file_empty", file=name)
    elif data.startswith(_GZIP):
        yield from _gunzip(name, data, walk, depth, budget)
    elif data.startswith(_ZIP):
        yield from _unzip(name, data, walk, depth, budget)
    elif data.startswith(_OLE) and _OLE_ENCRYPTED in data:
        yield FileUnreadable("file_encrypted", file=name)
    else:
        yield Source(name, data)


def _unzip(name: str, data: bytes, walk: Walk, depth: int, budget: _Budget) -> Iterator[Source | InputError]:
    try:
        archive = Archive(data, name, walk.limits)
        if archive.is_document():
            if not walk.unchecked:
                archive.check()
            yield Source(name, data)
            return
        if depth >= walk.limits.depth:
            raise UnsafeFile("zip_too_deep", file=name)
        budget.left -= archive.unpacked
        if budget.left < 0:
            raise UnsafeFile("zip_bomb", file=name)
        if not archive.members:
            raise FileUnreadable("file_empty", file=name)
    except InputError as error:
        yield error
        return
    walk.walked.expect(m.info.file_size for m in archive.members)
    for member, content in archive.each():
        if isinstance(content, InputError):
            yield content
        elif not _is_dross(member.name):
            yield from _open(f"{name}/{member.name}", content, walk, depth + 1, budget)
        walk.walked.leave(member.info.file_size)


def _gunzip(name: str, data: bytes, walk: Walk, depth: int, budget: _Budget) -> Iterator[Source | InputError]:
    inner = name[:-3] if name.lower().endswith(".gz") else name
    try:
        if depth >= walk.limits.depth:
            raise UnsafeFile("zip_too_deep", file=name)
        content = _inflate(name, data, walk.limits)
        budget.left -= len(content)
        if budget.left < 0:
            raise UnsafeFile("zip_bomb", file=name)
    except InputError as error:
        yield error
        return
    yield from _open(inner, content, walk, depth + 1, budget)


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
