"""Files handed in as multipart/form-data, streamed to disk as they come: never a whole one in memory.

Each lands in `uploads/<id>/<number>/<name>` below the data folder, where the worker finds it. A file
that is too large is let pass by and named as refused; the others go on.
"""

import errno
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from extraction.personal import masked_name
from ledger.errors import Conflict, InputError

#: Files of one request, bytes of a plain form value, bytes of a file's name.
MOST_FILES, LONGEST_VALUE, LONGEST_NAME = 10_000, 1_000, 200
#: The form values that are understood beside `files`.
VALUES = ("owner", "build")
#: Bytes gathered before they are handed to the thread that writes them.
GATHER = 1 << 20


@dataclass
class Handed:
    """What was handed in: the names of the files in order, each with its SHA-256; the plain values; and
    the files that were refused, as {name, code, params}."""

    names: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def fingerprint(self) -> str:
        """The same for the same request, whatever the boundary between its parts."""
        told = [*zip(self.names, self.digests, strict=True), *sorted(self.values.items()), self.refused]
        return sha256(repr(told).encode()).hexdigest()


@dataclass
class _Part:
    """The part that is just coming in."""

    disposition: bytes = b""
    header: bytes = b""
    value: bytes = b""
    name: str = ""
    file: IO[bytes] | None = None
    shown: str = ""
    size: int = 0
    text: bytearray = field(default_factory=bytearray)


class Receiver:
    """Takes the bytes of one request and puts its files below `folder`."""

    def __init__(self, content_type: str, folder: Path, largest_file: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise InputError("upload_not_multipart")
        self.handed = Handed()
        self._folder, self._largest = folder, largest_file
        self._part = _Part()
        self._hash = sha256()
        self._names: set[str] = set()
        self._counts: dict[str, int] = {}
        self._parser = _parser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finished,
            },
        )
        self._whole = False

    def write(self, data: bytes) -> None:
        """The next bytes of the body. Raises InputError, Conflict `disk_full`."""
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise InputError("upload_malformed", detail=str(error)[:200]) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Conflict("disk_full") from error
            raise

    def finish(self) -> Handed:
        """What came, once all of it is there. Raises InputError."""
        if not self._whole:
            raise InputError("upload_malformed", detail="the last boundary is missing")
        if not self.handed.names and not self.handed.refused:
            raise InputError("upload_no_files")
        return self.handed

    def close(self) -> None:
        """Let go of a file that was not finished."""
        if self._part.file is not None:
            self._part.file.close()

    def _begin(self) -> None:
        self._part = _Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._part.header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _header_end(self) -> None:
        if self._part.header.lower() == b"content-disposition":
            self._part.disposition = self._part.value
        self._part.header = self._part.value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._part.disposition.decode("latin-1"))
        part = self._part
        part.name = readable(options.get(b"name", b""))
        if b"filename" not in options:
            if part.name not in VALUES:
                raise InputError("upload_field", field=part.name[:100])
            return
        if len(self._names) >= MOST_FILES:
            raise InputError("upload_too_many", limit=f"{MOST_FILES:,}")
        part.shown = distinct(safe_name(readable(options[b"filename"])), self._names, self._counts)
        self._names.add(part.shown)
        place = self._folder / str(len(self.handed.names))
        place.mkdir(mode=0o700, parents=True)
        part.file = (place / part.shown).open("wb")
        self._hash = sha256()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part, piece = self._part, data[start:end]
        part.size += len(piece)
        if part.shown:
            if part.file is not None and part.size > self._largest:
                part.file.close()
                part.file = None
                shutil.rmtree(self._folder / str(len(self.handed.names)))
            if part.file is not None:
                part.file.write(piece)
                self._hash.update(piece)
            return
        if part.size > LONGEST_VALUE:
            raise InputError("upload_value_long", field=part.name)
        part.text += piece

    def _end(self) -> None:
        part = self._part
        if not part.shown:
            self.handed.values[part.name] = readable(bytes(part.text)).strip()
        elif part.file is None:
            params = {"file": part.shown, "bytes": part.size, "limit": self._largest}
            self.handed.refused.append({"name": part.shown, "code": "file_too_large", "params": params})
        else:
            part.file.close()
            part.file = None
            self.handed.names.append(part.shown)
            self.handed.digests.append(self._hash.hexdigest())

    def _finished(self) -> None:
        self._whole = True


def _parser(boundary: bytes, callbacks: Any) -> MultipartParser:
    try:
        return MultipartParser(boundary, callbacks)
    except FormParserError as error:  # a boundary longer than any program makes
        raise InputError("upload_malformed", detail=str(error)[:200]) from error


async def receive(body: AsyncIterator[bytes], receiver: Receiver) -> Handed:
    """Read a request's whole body into `receiver`; the disk is written to in another thread."""
    waiting = bytearray()
    try:
        async for chunk in body:
            waiting += chunk
            if len(waiting) >= GATHER:
                piece, waiting = bytes(waiting), bytearray()
                await run_in_threadpool(receiver.write, piece)
        await run_in_threadpool(receiver.write, bytes(waiting))
        return receiver.finish()
    finally:
        receiver.close()


def readable(raw: bytes) -> str:
    """Bytes of a form as text: UTF-8, else GB18030, else spelt out."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def safe_name(name: str) -> str:
    """The last part of a file's name, fit for any file system and to be kept: no path, no control marks, no
    personal numbers, not too long."""
    last = masked_name(name.replace("\\", "/").rsplit("/", 1)[-1].replace("%22", '"'))
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 20:
        stem, suffix = kept, ""
    room = LONGEST_NAME - len(suffix.encode()) - 1
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return f"{stem}.{suffix}" if suffix and stem else stem or kept[: LONGEST_NAME // 4] or "document"


def distinct(name: str, taken: set[str], counts: dict[str, int]) -> str:
    """`name`, or `name (2)` and so on where it is taken: two files of one request never share a name.
    `counts` remembers the last number tried for a name, so that many of one name cost no search each."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        stem, dot, suffix = name, "", ""
    tried, number = name, counts.get(name, 1)
    while tried in taken:
        number += 1
        tried = f"{stem} ({number}){dot}{suffix}"
    counts[name] = number
    return tried
