"""Saved queries as answers: their list, what a phrase means, and the rows of one."""

from datetime import date
from typing import Any

from pydantic import JsonValue

from api import models_queries as told
from api.asking import Asking
from api.models import Named
from api.saved_queries import MOST, USUAL, ParamKind, SavedQuery, meant_by, saved_queries
from api.views import search
from api.views.chains import chain_named
from ledger.errors import InputError, NotFound, Problem
from ledger.names import normal_form
from ledger.words import label, labels, message

#: Candidates told for one part of a phrase.
CANDIDATES = 5
#: Columns that hold ids of enterprises, by statement; of the others nothing is known.
_ENTERPRISES = {
    **dict.fromkeys(("suppliers", "customers", "common_suppliers", "top_buyers", "search"), ("id",)),
    **dict.fromkeys(("enterprise", "enterprise_by_code", "segment_enterprises"), ("id",)),
    **dict.fromkeys(("guarantors", "owners"), ("id",)),
    **dict.fromkeys(("guarantee_circles", "shortest_path"), ("ids",)),
}


def listed(asked: Asking, phrase: str | None) -> told.SavedQueries:
    """Every saved query; with a phrase, what it may mean."""
    snapshot = asked.snapshot_or_none
    items = [_info(query, asked.lang) for query in saved_queries().values()]
    found = meant_by(phrase) if phrase and snapshot else []
    return told.SavedQueries(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=items,
        total=len(items),
        meant=[_meant(asked, one.query, one.said) for one in found[:CANDIDATES]],
    )


def answer(asked: Asking, query: SavedQuery, given: dict[str, str | int]) -> told.QueryAnswer:
    """The rows of a query. Raises InputError for parameters that do not fit, NotFound, StoreUnavailable."""
    params = _params(asked, query, given)
    rows = asked.store.run(query.name, **params)
    names = list(rows[0]) if rows else []
    firms = _ENTERPRISES.get(query.name, ())
    asked.listed(sorted({str(row["id"]) for row in rows if "id" in firms and row.get("kind") != "Person"}))
    limit = params.get("limit")
    snapshot = asked.snapshot
    return told.QueryAnswer(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        name=query.name,
        title=label(f"query_{query.name}", asked.lang),
        columns=[_column(name, firms, asked.lang) for name in names],
        rows=[[_cell(value) for value in row.values()] for row in rows],
        total=len(rows),
        note=message("query_capped", asked.lang, shown=limit) if limit and len(rows) >= int(limit) else None,
    )


def _params(asked: Asking, query: SavedQuery, given: dict[str, str | int]) -> dict[str, Any]:
    wrong = [Problem("query_param_unknown", field=name) for name in sorted(set(given) - set(query.params))]
    found: dict[str, Any] = {}
    for name, kind in query.params.items():
        if name not in given and kind != "limit":
            wrong.append(Problem("parameter_missing", field=name))
            continue
        value = given.get(name, USUAL)
        if kind == "limit":
            if not isinstance(value, int) or not 1 <= value <= MOST:
                wrong.append(Problem("query_limit", field=name, value=str(value), params={"most": MOST}))
            found[name] = value
        else:
            text = str(value).strip()
            if not text or len(text) > 200:
                wrong.append(Problem("parameter_invalid", field=name, value=text))
            found[name] = text
    if wrong:
        raise InputError("request_invalid", tuple(wrong))
    return {name: _resolved(asked, kind, found[name]) for name, kind in query.params.items()}


def _resolved(asked: Asking, kind: ParamKind, value: Any) -> Any:
    """A value as the statement takes it: ids of enterprises as they are now. Raises NotFound."""
    if kind == "enterprise":
        return asked.snapshot.id_of(asked.partner(value))
    if kind == "chain":
        return chain_named(asked.snapshot, value)["id"]
    if kind == "segment" and value not in {s["id"] for c in asked.snapshot.chains for s in c["segments"]}:
        raise NotFound("segment_not_found", chain="-", segment=value)
    return value.upper() if kind == "code" else value


def _meant(asked: Asking, query: SavedQuery, said: dict[str, str]) -> told.PhraseMeant:
    parts = [
        told.SaidParam(name=name, said=text, meant=_candidates(asked, query.params[name], text))
        for name, text in said.items()
    ]
    return told.PhraseMeant(
        name=query.name,
        title=label(f"query_{query.name}", asked.lang),
        clear=all(part.meant for part in parts),
        params={part.name: part.meant[0].id for part in parts if part.meant},
        said=parts,
    )


def _candidates(asked: Asking, kind: ParamKind, text: str) -> list[Named]:
    """What a part of a phrase may mean, the likeliest first."""
    snapshot = asked.snapshot
    if kind in ("code", "text"):
        return [Named(id=text, name=text)]
    if kind == "enterprise":
        if snapshot.enterprises.height > search.LARGEST:
            matches = search.search_store(snapshot, asked.store, text, CANDIDATES, asked.lang)
        else:
            index = asked.data.worked_out.get(("search", snapshot.id), lambda: search.build_index(snapshot))
            matches = search.search(snapshot, index, text, CANDIDATES, asked.lang)
        exact = [one for one in matches.items if normal_form(one.name) == normal_form(text)]
        return [Named(id=one.id, name=one.name) for one in exact or matches.items]
    declared = snapshot.chains if kind == "chain" else [s for c in snapshot.chains for s in c["segments"]]
    wanted = normal_form(text)
    held = [
        (wanted not in (normal_form(name) for name in one["name"].values()), one)
        for one in declared
        if wanted == normal_form(one["id"])
        or any(wanted in normal_form(name) for name in one["name"].values())
    ]
    ordered = sorted(held, key=lambda pair: pair[0])
    return [Named(id=one["id"], name=one["name"][asked.lang]) for _, one in ordered[:CANDIDATES]]


def _info(query: SavedQuery, lang: str) -> told.SavedQueryInfo:
    params = [
        told.QueryParam(
            name=name, label=label(f"query_param_{kind}", lang), kind=kind, required=kind != "limit"
        )
        for name, kind in query.params.items()
    ]
    spoken = {name: f"‹{label(f'query_param_{kind}', lang)}›" for name, kind in query.params.items()}
    return told.SavedQueryInfo(
        name=query.name,
        title=label(f"query_{query.name}", lang),
        phrases=[phrase.format(**spoken) for phrase in query.phrases[lang]],
        params=params,
    )


def _column(name: str, firms: tuple[str, ...], lang: str) -> told.QueryColumn:
    key = f"query_column_{name}"
    kind = "text"
    if name in firms:
        kind = "list" if name == "ids" else "enterprise"
    elif name.endswith("_fen"):
        kind = "money"
    text = label(key, lang) if key in labels() else (label(name, lang) if name in labels() else name)
    return told.QueryColumn(name=name, label=text, kind=kind)  # type: ignore[arg-type]


def _cell(value: Any) -> JsonValue:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_cell(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
