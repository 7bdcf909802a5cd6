"""Who asks, and what they may: every route declares one scope and takes its Principal from here.

The caller is whom the key in `Authorization: Bearer dy_…` belongs to, or who signed in with the browser
that sends a session's cookie (`api.keyring`). While no key was ever made, and only on a loopback address,
it is the local user with every scope.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from api import rows
from ledger.access import LOCAL
from ledger.audit import Deed
from ledger.errors import Forbidden, NotKnown

#: Scope → what it lets its holder do. `public` needs nobody to be known.
SCOPES = {
    "public": "health, the API's own description, labels",
    "graph:read": "chains, enterprises, positions, links",
    "documents:read": "facts line by line, original documents, jobs",
    "documents:write": "handing in documents, correcting what was read, starting and stopping jobs",
    "graph:judge": "deciding who is who",
    "desk:write": "keeping views, notes and watchlists",
    "features:read": "features of an enterprise as of a date",
    "credit:read": "applications, decisions and their reasons",
    "credit:apply": "entering applications",
    "credit:decide": "asking for a decision",
    "credit:review": "deciding what was referred to a person",
    "credit:approve": "approving what somebody else entered",
    "cashflow:read": "forecasts of inflow, outflow and balance",
    "wealth:read": "matching products to a cash path",
    "portfolios:read": "portfolios, exposures, loans, receivables",
    "portfolios:write": "booking loans and repayments, pledging receivables",
    "personal:read": "numbers of people unmasked, original documents and pictures of their pages",
    "webhooks:write": "having own events sent to an address",
    "audit:read": "the audit chain",
    "access:admin": "making and revoking keys",
    "metrics:read": "figures of the running server",
}


@dataclass(frozen=True)
class Principal:
    """Who asks: a name for what is written down and the scopes they hold.

    `key` is the id of their key, `session` that of their browser's session. `parties` or `portfolio` bind
    them to firms: they see no other.
    """

    name: str
    scopes: frozenset[str]
    key: str | None = None
    role: str | None = None
    parties: tuple[str, ...] | None = None
    portfolio: str | None = None
    session: str | None = None

    @property
    def bound(self) -> bool:
        """Whether they see some firms only."""
        return self.parties is not None or self.portfolio is not None


LOCAL_USER = Principal(LOCAL, frozenset(SCOPES))
#: Who showed no key and has not signed in, where that is needed.
NOBODY = Principal("nobody", frozenset({"public"}))


async def current_principal(request: Request) -> Principal:
    """The caller. The one place that reads keys and cookies. Raises NotKnown, Forbidden, TooMany."""
    who: Principal = request.app.state.keyring.caller(request)
    return who


@dataclass(frozen=True)
class Scope:
    """A dependency that lets a caller pass who holds `name`; tests read `name` off the routes."""

    name: str

    async def __call__(self, request: Request, who: Principal = Depends(current_principal)) -> Principal:
        """The caller, noted on the request for the log and the audit chain. Raises NotKnown, Forbidden."""
        request.state.who, request.state.principal = who, who.name
        if self.name not in who.scopes:
            if who is NOBODY:
                raise NotKnown(getattr(request.state, "signed_out", "key_needed"))
            note(request, "read_refused", self.name)
            raise Forbidden("scope_missing", scope=self.name)
        if who.bound and self.name != "public":
            rows.check_served(request, who)
        if "sha256" in request.path_params and request.method == "GET":
            note(request, "document_read", str(request.path_params["sha256"])[:64])
        return who


def note(request: Request, action: str, subject: str, /, **detail: object) -> None:
    """Note a deed of this request for the audit chain; `api.security` enters it before the answer leaves."""
    who: Principal = request.state.who
    operation = getattr(request.scope.get("route"), "operation_id", None)
    by = {name: id_ for name in ("key", "session") if (id_ := getattr(who, name)) is not None}
    told = {"operation": operation, **by, **detail}
    if not hasattr(request.state, "deeds"):
        request.state.deeds = []
    request.state.deeds.append(Deed(who.name, action, subject, told))


def requires(scope: str) -> Any:
    """The dependency of a route that needs `scope`: `dependencies=[requires("graph:read")]`."""
    if scope not in SCOPES:
        raise KeyError(scope)
    check: Callable[..., Any] = Scope(scope)
    return Depends(check)
