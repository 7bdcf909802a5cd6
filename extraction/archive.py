"""Zip archives opened with suspicion: sizes, ratios, names and encryption checked before a byte is used.

Declared sizes can be believed afterwards, because `zipfile` never hands out more than was declared
and fails on the check sum where that was a lie.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from ledger.errors import FileUnreadable, InputError, UnsafeFile

#: What the standard library raises on broken, foreign or encrypted archives.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    struct.error,
)
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True)
class Limits:
    """How much one path may ask of us. A ratio counts only from `ratio_from` bytes on: small files of
    repeated lines compress very well and harm nobody.
    """

    file_bytes: int = 512 * 1024**2
    unpacked_bytes: int = 2 * 1024**3
    ratio: int = 200
    ratio_from: int = 8 * 1024**2
    depth: int = 3
    members: int = 20_000


@dataclass(frozen=True)
class Member:
    """One file of an archive: its name as people see it, and where it lies."""

    name: str
    info: zipfile.ZipInfo


class Archive:
    """A zip held in memory. Opening it checks the whole; reading checks the member."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        """UnsafeFile for a bomb, FileUnreadable for a broken file."""
        self.name, self.limits = name, limits
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            self.members = [
                Member(_name_of(i), i) for i in self._zip.infolist() if not i.filename.endswith("/")
            ]
        except BROKEN as error:
            raise FileUnreadable("file_truncated", file=name) from error
        if len(self.members) > limits.members:
            raise UnsafeFile("zip_too_many", file=name, members=len(self.members), limit=limits.members)
        self.unpacked = sum(m.info.file_size for m in self.members)
        packed = max(len(data), 1)
        if self.unpacked > limits.unpacked_bytes or (
            self.unpacked > limits.ratio_from and self.unpacked / packed > limits.ratio
        ):
            raise UnsafeFile("zip_bomb", file=name)

    @property
    def names(self) -> list[str]:
        """Names of the files, in the archive's order."""
        return [m.name for m in self.members]

    def is_document(self) -> bool:
        """Whether the zip is itself one document (OFD, or Office such as XLSX)."""
        return any(n == "[Content_Types].xml" or n.upper() == "OFD.XML" for n in self.names)

    def read(self, member: Member) -> bytes:
        """The bytes of one member. UnsafeFile or FileUnreadable, naming archive and member."""
        full = f"{self.name}/{member.name}"
        if escapes(member.name):
            raise UnsafeFile("zip_path_escapes", file=self.name, member=member.name)
        if member.info.flag_bits & _ENCRYPTED:
            raise FileUnreadable("file_encrypted", file=full)
        if member.info.file_size > self.limits.file_bytes:
            raise FileUnreadable(
                "file_too_large", file=full, bytes=member.info.file_size, limit=self.limits.file_bytes
            )
        try:
            return self._zip.read(member.info)
        except BROKEN as error:
            raise FileUnreadable("file_truncated", file=full) from error

    def check(self) -> None:
        """Unpack every member once and keep nothing: proves declared sizes, for readers that unpack
        the file themselves. UnsafeFile or FileUnreadable.
        """
        for member in self.members:
            if member.info.flag_bits & _ENCRYPTED:
                raise FileUnreadable("file_encrypted", file=self.name)
            for _ in self.chunks(member):
                pass

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The bytes of one member, a piece at a time. FileUnreadable when it is broken."""
        try:
            with self._zip.open(member.info) as stream:
                while chunk := stream.read(1 << 20):
                    yield chunk
        except BROKEN as error:
            raise FileUnreadable("file_truncated", file=self.name) from error

    def each(self) -> Iterator[tuple[Member, bytes | InputError]]:
        """Every member with its bytes, or with the error that befell it."""
        for member in self.members:
            try:
                yield member, self.read(member)
            except InputError as error:
                yield member, error


def escapes(name: str) -> bool:
    """Whether a member's name points outside the archive."""
    return name.startswith("/") or bool(_DRIVE.match(name)) or ".." in name.split("/")


def _name_of(info: zipfile.ZipInfo) -> str:
    """The member's name. Without the UTF-8 flag, Chinese systems write GBK or bare UTF-8."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/").split("\0", 1)[0]
