"""Who asks, and what they may: every route declares one scope and takes its Principal from here.

Until there are keys, the caller is the local user with every scope; `Settings` then refuses any
address but loopback.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from ledger.errors import Forbidden

#: Scope → what it lets its holder do. `public` needs nobody to be known.
SCOPES = {
    "public": "health, the API's own description, labels",
    "graph:read": "chains, enterprises, positions, links",
    "documents:read": "facts line by line, original documents, jobs",
    "documents:write": "handing in documents, correcting what was read, starting and stopping jobs",
    "graph:judge": "deciding who is who",
}


@dataclass(frozen=True)
class Principal:
    """Who asks: a name for the log and the scopes they hold."""

    name: str
    scopes: frozenset[str]


LOCAL_USER = Principal("local", frozenset(SCOPES))


async def current_principal() -> Principal:
    """The caller. The one place that will read keys."""
    return LOCAL_USER


@dataclass(frozen=True)
class Scope:
    """A dependency that lets a caller pass who holds `name`; tests read `name` off the routes."""

    name: str

    async def __call__(self, request: Request, who: Principal = Depends(current_principal)) -> Principal:
        """The caller, noted on the request for the access log. Raises Forbidden."""
        request.state.principal = who.name
        if self.name not in who.scopes:
            raise Forbidden("scope_missing", scope=self.name)
        return who


def requires(scope: str) -> Any:
    """The dependency of a route that needs `scope`: `dependencies=[requires("graph:read")]`."""
    if scope not in SCOPES:
        raise KeyError(scope)
    check: Callable[..., Any] = Scope(scope)
    return Depends(check)
