"""Requests that we send out: only to where a webhook may lead, never into the network behind us.

An address is https with a public host, or loopback where the server itself is for this machine alone.
The name is looked up once for each request and the connection goes to exactly the address that was
checked, so a name that changes its mind meanwhile leads nowhere else. Redirects are not followed, and
proxies of the environment are not used. A request ends after `SECONDS` in all, however slowly the other
side drips its answer: nobody who hears of events keeps others from hearing of theirs.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
import httpx

from ledger.errors import InputError

#: Names that mean this machine, written so.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_URL = 500
SECONDS = 10.0
#: Translates IPv6 to IPv4 wherever the last 32 bits lead.
_NAT64 = ip_network("64:ff9b::/96")


def check_url(url: str, loopback: bool) -> None:
    """Whether a webhook may lead to `url`. Raises InputError `webhook_address`, which says why."""
    parts = _parts(url)
    host = (parts.hostname or "").lower()
    if host in LOOPBACK:
        if not loopback:
            raise InputError("webhook_address", why="loopback")
    elif parts.scheme != "https":
        raise InputError("webhook_address", why="not https")
    elif _literal(host) is not None:
        _check([host], loopback=False)


def post(url: str, body: bytes, headers: dict[str, str], *, loopback: bool) -> int:
    """Send `body`; returns the status, whatever it is. Raises InputError where the address may not be
    reached, OSError where it is not."""
    check_url(url, loopback)
    backend = _Checked(loopback)
    sent = list(
        {
            "Content-Type": "application/json",
            "User-Agent": "dayan-webhooks/1",
            **headers,
        }.items()
    )
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
    context = httpx.create_ssl_context(trust_env=False)
    with httpcore.ConnectionPool(ssl_context=context, network_backend=backend, retries=0) as pool:
        try:
            with pool.stream(
                "POST", url, headers=sent, content=body, extensions={"timeout": timeout}
            ) as answer:
                return answer.status
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise OSError(type(error).__name__) from error


class _Checked(httpcore.SyncBackend):
    """Connects to the checked address of a name."""

    def __init__(self, loopback: bool) -> None:
        super().__init__()
        self.loopback, self.until = loopback, time.monotonic() + SECONDS

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Look `host` up, refuse every address that is not public, connect to the first."""
        local = host.lower() in LOOPBACK
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:  # the latter for a name that can be none
            raise httpcore.ConnectError("name not found") from error
        addresses = [str(entry[4][0]) for entry in found]
        _check(addresses, loopback=self.loopback and local)
        opened = super().connect_tcp(
            addresses[0], port, _left(self.until, timeout), local_address, socket_options
        )
        return _Timed(opened, self.until)


class _Timed(httpcore.NetworkStream):
    """A connection on which nothing waits beyond one moment for all of it."""

    def __init__(self, opened: httpcore.NetworkStream, until: float) -> None:
        self._opened, self._until = opened, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes. Raises ReadTimeout."""
        return self._opened.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes. Raises WriteTimeout."""
        self._opened.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        """Let go of the connection."""
        self._opened.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection under TLS."""
        return _Timed(
            self._opened.start_tls(ssl_context, server_hostname, _left(self._until, timeout)), self._until
        )

    def get_extra_info(self, info: str) -> Any:
        """What the connection tells of itself."""
        return self._opened.get_extra_info(info)


def _left(until: float, most: float | None) -> float:
    """Seconds left until a moment, at most so many. Raises ReadTimeout where none are."""
    left = min(until - time.monotonic(), SECONDS if most is None else most)
    if left <= 0:
        raise httpcore.ReadTimeout("the answer took too long")
    return left


def _check(addresses: Iterable[str], loopback: bool) -> None:
    for text in addresses:
        address = ip_address(text.partition("%")[0])
        allowed = address.is_loopback if loopback else _is_public(address)
        if not allowed:
            raise InputError("webhook_address", why="not a public address")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether nothing of ours lies behind `address`: the IPv4 address inside an IPv6 one counts."""
    inner: list[IPv4Address | IPv6Address] = [address]
    if isinstance(address, IPv6Address):
        teredo = address.teredo
        inner += [a for a in (address.ipv4_mapped, address.sixtofour, *(teredo or ())) if a is not None]
        if address in _NAT64:
            inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return all(a.is_global and not a.is_multicast and not a.is_reserved for a in inner)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _named(parts: SplitResult) -> bool:
    """Whether the host can be one: an address, or labels of 1 to 63 marks."""
    host = (parts.hostname or "").removesuffix(".")
    return _literal(host) is not None or all(1 <= len(part) <= 63 for part in host.split("."))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise InputError("webhook_address", why="no address") from None
    odd = parts.username is not None or parts.password is not None or parts.fragment or len(url) > LONGEST_URL
    if not sound or odd or any(not "!" <= c <= "~" for c in url) or "\\" in url or not _named(parts):
        raise InputError("webhook_address", why="no address")
    return parts
