"""Which firms a caller may see: a key may be bound to some, by name or through a portfolio.

Everything a bound key may call is listed in `SERVED`, each under the way in which it keeps rows;
whatever is not there answers 403, so that a route written later shows nothing before somebody has
thought about it. Firms outside are answered exactly as firms that do not exist: 404 with the same code.
In what is shown of its own firms, any other firm that is not a direct partner loses its id and its name
(`api.hiding`); a direct partner bears its name and what passed between the two, nothing else of its own.
Which papers and jobs are a bound caller's: `api.handed`.

A key of a role that must be bound (`roles.yaml`: the owner) sits outside the bank. It calls nothing of
`OF_STAFF`, `OF_DESK` or `OF_PORTFOLIO`, and what is the bank's own leaves its answers: names of people of
the bank and what they wrote, grades of partners, how much of a limit others use.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from fastapi import Request

from api.roles import roles
from graph.snapshot import Snapshot
from ledger.errors import Forbidden, NotFound
from ledger.state import State

if TYPE_CHECKING:
    from api.principal import Principal

#: The firm stands in the address, in the query or in the body: `Asking.enterprise` and `Asking.partner`
#: find only firms of the caller.
BY_FIRM = frozenset(
    {
        *("enterprise", "neighbours", "evidence", "position", "enterprise_scores", "sales", "payments"),
        *("enterprise_features", "features", "cashflow_forecast", "receivables", "receivables_file"),
        *("list_claims", "wealth_match", "apply_for_credit", "enterprise_proven"),
        "consent_text",  # of no firm: the same for everybody
    }
)
#: The list is cut to firms of the caller (`Asking.only`, or their parties in the question to the store).
BY_LIST = frozenset(
    {
        *("search_enterprises", "unplaced_enterprises", "chain_enterprises"),
        *("list_applications", "list_decisions", "list_loans"),
    }
)
#: What is asked for belongs to a firm; where that is not the caller's, it does not exist for them.
BY_SUBJECT = frozenset(
    {
        *("application", "withdraw_application", "decide_credit", "credit_decision", "replay_decision"),
        *(
            "object_to_decision",
            "accept_offer",
            "decline_offer",
            "decision_offer",
            "withdraw_consent",
            "loan",
            "loan_schedule",
            "loan_entries",
        ),
    }
)
#: Papers and jobs: those that the caller handed in for their firms, and papers that are about these alone.
BY_PAPER = frozenset(
    {
        *("upload_documents", "list_documents", "document", "document_fields", "document_pages"),
        *("document_facts", "document_rows"),
        *("document_page", "document_rejects", "document_original", "list_jobs", "job"),
    }
)
#: What belongs to the key itself.
BY_KEY = frozenset({"make_webhook", "list_webhooks", "end_webhook", "list_deliveries"})
#: Deeds of the bank about a firm: for keys of its own people, bound to some firms.
OF_STAFF = frozenset({"mark_receivable", "hold_receivables", "review_decision"})
#: Lists, maps, the explorer and reviews, for keys of the bank's own people: cut to their rows before anything
#: is counted, so that totals, orders and files tell of these rows alone. Links are shown that begin or end at
#: a firm of theirs; of what is kept under a name (watchlists), the caller's own.
OF_DESK = frozenset(
    {
        *("screen", "screen_file", "match_list", "match_list_file", "changes"),
        *("list_chains", "chain_map", "compare_maps", "chain_map_file", "paths"),
        *("expand", "open_nodes", "relations", "common_partners", "edge_months", "export_graph"),
        *("list_watchlists", "watchlist", "watchlist_alerts"),
        *("make_watchlist", "change_watchlist", "delete_watchlist"),
        *("list_reviews", "review", "decide_review"),
    }
)
SERVED = BY_FIRM | BY_LIST | BY_SUBJECT | BY_PAPER | BY_KEY | OF_STAFF | OF_DESK
#: Operations on a portfolio that a key bound to that portfolio may call. None that changes who is in it:
#: a key must not widen its own rows.
OF_PORTFOLIO = frozenset({"portfolio", "portfolio_enterprises", "exposures", "list_warnings"})


def check_served(request: Request, who: "Principal") -> None:
    """Whether a bound caller may call this operation. Raises Forbidden; NotFound for another portfolio."""
    operation = getattr(request.scope.get("route"), "operation_id", None)
    outside = is_outside(who)
    if operation in OF_PORTFOLIO and who.portfolio is not None and not outside:
        asked = str(request.path_params["portfolio"])
        if asked != who.portfolio:
            raise NotFound("portfolio_not_found", portfolio=asked[:16])
    elif operation not in _served(outside):
        raise Forbidden("rows_not_kept", operation=operation or "-")


def served(who: "Principal") -> frozenset[str] | None:
    """The operations that a bound caller may call, as far as their scopes reach; None where all of them."""
    if not who.bound:
        return None
    outside = is_outside(who)
    of_portfolio = OF_PORTFOLIO if who.portfolio is not None and not outside else frozenset()
    return _served(outside) | of_portfolio


def _served(outside: bool) -> frozenset[str]:
    return SERVED - OF_STAFF - OF_DESK if outside else SERVED


def is_outside(who: "Principal") -> bool:
    """Whether the caller sits outside the bank: bound, and of a role whose keys must be."""
    role = roles().get(who.role or "")
    return who.bound and (role is None or role.bound)


def visible(snapshot: Snapshot, state: State, who: "Principal") -> np.ndarray | None:
    """bool[enterprises]: the rows of `snapshot` that `who` may see; None where all of them."""
    if not who.bound:
        return None
    mask = np.zeros(snapshot.enterprises.height, bool)
    mask[list(_rows(snapshot, parties_of(state, who)))] = True
    return mask


def sees(snapshot: Snapshot, state: State, who: "Principal", party: str) -> bool:
    """Whether `who` may see the enterprise that `party` belongs to."""
    mask, row = visible(snapshot, state, who), _enterprise(snapshot, party)
    return mask is None or (row is not None and bool(mask[row]))


def parties_of(state: State, who: "Principal") -> list[str]:
    """The parties and enterprises that a bound caller may see, by id."""
    if who.portfolio is None:
        return list(who.parties or ())
    from ledger.portfolios import members

    with state.reading() as connection:
        try:
            return members(connection, who.portfolio)
        except NotFound:  # a key whose portfolio is not there sees nothing
            return []


def every_party(snapshot: Snapshot | None, state: State, who: "Principal") -> frozenset[str]:
    """Every party that a bound caller's firms are known by, their ids among them."""
    named = parties_of(state, who)
    if snapshot is None:  # nothing is built yet: nobody knows what belongs together
        return frozenset(named)
    rows = sorted(set(_rows(snapshot, named)))
    members = snapshot.members.filter(pl.col("enterprise").is_in(rows))["party"]
    return frozenset({*named, *members, *(snapshot.id_of(row) for row in rows)})


def codes_of(snapshot: Snapshot | None, state: State, who: "Principal") -> frozenset[str]:
    """The tax numbers of a bound caller's firms."""
    if snapshot is None:
        return frozenset()
    rows = sorted(set(_rows(snapshot, parties_of(state, who))))
    return frozenset(code for code in snapshot.enterprises["code"].gather(rows) if code)


def _rows(snapshot: Snapshot, parties: list[str]) -> Iterator[int]:
    """The enterprises that the parties belong to now."""
    for party in parties:
        index = snapshot.index_of(party)
        if index is not None:
            yield index
    if parties:
        yield from snapshot.members.filter(pl.col("party").is_in(parties))["enterprise"]


def partners(snapshot: Snapshot, mask: np.ndarray) -> np.ndarray:
    """`mask` and the direct partners of its firms: whom they meet on their own invoices."""
    src, dst = (snapshot.edges[end].to_numpy() for end in ("src", "dst"))
    met = mask.copy()
    met[src[mask[dst]]] = True
    met[dst[mask[src]]] = True
    return met


def _enterprise(snapshot: Snapshot, id_: str) -> int | None:
    index = snapshot.index_of(id_)
    if index is not None:
        return index
    found = snapshot.members.filter(pl.col("party") == id_)
    return int(found["enterprise"][0]) if found.height else None
