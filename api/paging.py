"""Keyset cursors: where a page ended, in which snapshot, as text the caller hands back unread.

A cursor holds the last sort key of a page, so a later page costs no more than the first; and the
snapshot it was cut from, so that a list begun stays one list while a new build is published.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from json import dumps, loads

from ledger.errors import InputError

LONGEST = 400


@dataclass(frozen=True)
class Cursor:
    """The end of a page: the list it belongs to, its snapshot, and the last row's sort key."""

    listing: str
    snapshot: str
    key: tuple[int, ...]

    def text(self) -> str:
        """The cursor as sent: base64 without padding."""
        raw = dumps([self.listing, self.snapshot, *self.key], separators=(",", ":"))
        return urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(text: str | None, listing: str, keys: int) -> Cursor | None:
    """The cursor in `text`, None where there is none.

    Raises InputError `cursor_invalid` where it is none of ours, of another list, or of other length.
    """
    if text is None:
        return None
    try:
        if len(text) > LONGEST:
            raise ValueError
        parts = loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        whose, snapshot, *key = parts
    except (ValueError, TypeError):
        raise InputError("cursor_invalid") from None
    sound = isinstance(snapshot, str) and all(type(k) is int and abs(k) < 2**63 for k in key)
    if whose != listing or not sound or len(key) != keys:
        raise InputError("cursor_invalid")
    return Cursor(listing, snapshot, tuple(key))
