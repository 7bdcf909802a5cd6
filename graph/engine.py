"""Opens the graph store: a Neo4j by its address, or the embedded engine of a data folder."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from graph import embedded
from graph.schema import EMBEDDED, NEO4J
from graph.store import Address, Store
from ledger.errors import InputError

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def connect(uri: str | None, folder: Path, *, user: str | None = None, password: str | None = None) -> Store:
    """The graph store, ready to answer.

    `uri`: `bolt://` or `neo4j://`, with or without `user:password@` and `/database`; None for the
    embedded engine under `folder`. Raises InputError for another address, StoreUnavailable when
    nobody answers there or the login is refused.
    """
    if uri is None:
        return Store(EMBEDDED, lambda: _embedded(folder))
    address = server_address(uri, user, password)
    return Store(NEO4J, lambda: address)


def server_address(uri: str, user: str | None = None, password: str | None = None) -> Address:
    """The parts of `uri`. The driver refuses credentials in it, and they must not reach a log."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InputError("store_uri", uri=_without_login(uri)) from None
    if parts.scheme not in SCHEMES or not host:
        raise InputError("store_uri", uri=_without_login(uri))
    host = f"[{host}]" if ":" in host else host
    return Address(
        uri=f"{parts.scheme}://{host}:{port or 7687}",
        user=unquote(parts.username) if parts.username else (user or "neo4j"),
        password=unquote(parts.password) if parts.password else password,
        database=parts.path.strip("/") or None,
    )


def _embedded(folder: Path) -> Address:
    seat = embedded.join(folder)
    return Address(
        seat.uri, seat.user, seat.password, seat.database, alive=seat.alive, leave=seat.leave, pid=seat.pid
    )


def _without_login(uri: str) -> str:
    """`uri` as it may be shown, even when it is no address at all."""
    scheme, slashes, rest = uri.partition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}" if slashes else uri.rpartition("@")[2]
