"""Which firms a caller may see: a key may be bound to some, by name or through a portfolio.

Everything a bound key may call is listed in `SERVED`; whatever is not answers 403, so that a route
written later shows nothing before somebody has thought about it. Firms outside are answered exactly
as firms that do not exist: 404 with the same code. In what is shown of its own firms, any other firm
that is not a direct partner loses its id and its name.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from fastapi import Request

from graph.snapshot import Snapshot
from ledger.errors import Forbidden, NotFound
from ledger.state import State
from ledger.words import label

if TYPE_CHECKING:
    from api.principal import Principal

#: Operations that keep to the rows of a bound key: they ask `Asking` for each firm, or filter their list.
SERVED = frozenset(
    {
        *("search_enterprises", "unplaced_enterprises", "chain_enterprises", "enterprise", "neighbours"),
        *("evidence", "position", "enterprise_scores", "sales", "payments", "enterprise_features"),
        *("features", "cashflow_forecast", "receivables", "receivables_file", "list_claims"),
        *("mark_receivable", "hold_receivables", "wealth_match"),
        *("apply_for_credit", "list_applications", "application", "withdraw_application", "decide_credit"),
        *("list_decisions", "credit_decision", "replay_decision", "object_to_decision", "review_decision"),
        *("make_webhook", "list_webhooks", "end_webhook", "list_deliveries"),
    }
)
#: Operations on a portfolio that a key bound to that portfolio may call. None that changes who is in it:
#: a key must not widen its own rows.
OF_PORTFOLIO = frozenset({"portfolio", "portfolio_enterprises", "exposures", "list_warnings"})
_ID = re.compile("[0-9a-f]{16}")
#: What stands for the id of a firm that the caller may not see.
HIDDEN = "0" * 16


def check_served(request: Request, who: "Principal") -> None:
    """Whether a bound caller may call this operation. Raises Forbidden; NotFound for another portfolio."""
    operation = getattr(request.scope.get("route"), "operation_id", None)
    if operation in OF_PORTFOLIO and who.portfolio is not None:
        asked = str(request.path_params["portfolio"])
        if asked != who.portfolio:
            raise NotFound("portfolio_not_found", portfolio=asked[:16])
    elif operation not in SERVED:
        raise Forbidden("rows_not_kept", operation=operation or "-")


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
    from ledger.lending import portfolio_parties

    return sorted(portfolio_parties(state, who.portfolio))


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


def hide_others(body: bytes, snapshot: Snapshot, met: np.ndarray, lang: str) -> bytes:
    """`body`, a JSON answer, without ids and names of firms outside `met`, wherever they stand in it."""
    told, instead = json.loads(body), label("another_firm", lang)
    hidden: dict[str, str] = {}
    _hide(told, snapshot, met, instead, hidden)
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    for said in sorted(hidden, key=len, reverse=True):  # sentences and addresses name them too
        text = text.replace(json.dumps(said, ensure_ascii=False)[1:-1], hidden[said])
    return text.encode()


def _hide(value: Any, snapshot: Snapshot, met: np.ndarray, instead: str, hidden: dict[str, str]) -> None:
    if isinstance(value, list):
        for item in value:
            _hide(item, snapshot, met, instead, hidden)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if not isinstance(inner, str) or not _ID.fullmatch(inner):
            _hide(inner, snapshot, met, instead, hidden)
            continue
        row = _enterprise(snapshot, inner)
        if row is not None and not met[row]:
            value[key] = HIDDEN
            hidden[inner] = HIDDEN
            hidden[str(snapshot.enterprises["name"][row])] = instead
            if isinstance(value.get("name"), str):
                hidden[value["name"]] = instead


def _enterprise(snapshot: Snapshot, id_: str) -> int | None:
    index = snapshot.index_of(id_)
    if index is not None:
        return index
    found = snapshot.members.filter(pl.col("party") == id_)
    return int(found["enterprise"][0]) if found.height else None
