"""Originals: every document's bytes, kept once under the SHA-256 of its content."""

import secrets
from pathlib import Path

from ledger.errors import NotFound


class Originals:
    """A content-addressed folder: `ab/abcdef…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, sha256: str, data: bytes) -> None:
        """Store `data`; nothing happens when it is there already. Appears whole or not at all."""
        target = self.path(sha256)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{secrets.token_hex(6)}.part")
        partial.write_bytes(data)
        partial.replace(target)

    def path(self, sha256: str) -> Path:
        """Where the document lies, there or not. Only hex digits make a path."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound("document_not_found", document=sha256)
        return self.folder / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The document's bytes. Raises NotFound."""
        path = self.path(sha256)
        if not path.exists():
            raise NotFound("document_not_found", document=sha256)
        return path.read_bytes()
