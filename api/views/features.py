"""Features as answers: the words are put together once, so that one enterprise costs a few milliseconds."""

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from api.models import Named
from api.models_features import (
    EnterpriseFeatures,
    FeatureCatalogue,
    FeatureDeclared,
    FeatureLineage,
    FeatureLink,
)
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger.errors import InputError
from ledger.words import Lang, label, message
from services.features.catalogue import CATALOGUE, FEATURE_SET_VERSION, REASONS
from services.features.door import door
from services.features.frame import Features
from services.features.lineage import Lineage, lineage


def catalogue(snapshot: Snapshot | None, lang: Lang) -> FeatureCatalogue:
    """Every feature with what it is called and what it says."""
    return FeatureCatalogue(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        feature_set_version=FEATURE_SET_VERSION,
        items=[
            FeatureDeclared(
                **_said(name, lang),
                group_label=label(f"feature_group_{kept.group}", lang),
                kind=kept.kind,
                basis=kept.basis,  # type: ignore[arg-type]
            )
            for name, kept in CATALOGUE.items()
        ],
        total=len(CATALOGUE),
    )


@cache
def _said(name: str, lang: Lang) -> dict[str, Any]:
    kept = CATALOGUE[name]
    return {
        "name": name,
        "group": kept.group,
        "label": kept.label(lang),
        "text": kept.sentence(lang),
        "unit": kept.unit,
        "unit_label": label(f"feature_unit_{kept.unit}", lang),
        "version": kept.version,
        "rests_on": kept.lineage,
    }


def wanted_names(names: str | None) -> tuple[str, ...]:
    """The features named, in the order of the catalogue; all where none are. InputError on an unknown one."""
    if not names:
        return tuple(CATALOGUE)
    asked = {name.strip() for name in names.split(",")} - {""}
    for name in sorted(asked):
        if name not in CATALOGUE:
            raise InputError("feature_unknown", name=name)
    return tuple(name for name in CATALOGUE if name in asked)


def enterprise_features(
    snapshot: Snapshot, firm: int, as_of: date | None, names: Sequence[str], lang: Lang
) -> bytes:
    """The answer `EnterpriseFeatures`, serialised: its parts are checked where they are made."""
    opened = door(snapshot, as_of)
    seen = opened.seen
    found = opened.features(None if len(names) == len(CATALOGUE) else names)
    kinds = dict.fromkeys(CATALOGUE[name].lineage for name in names)
    head = EnterpriseFeatures(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        enterprise=_named(snapshot, firm),
        feature_set_version=found.version,
        day=seen.day,
        until=min(seen.until, seen.day),
        in_graph=not bool(seen.unseen[firm]),
        items=[],
        total=len(names),
        lineage=[_lineage(snapshot, lineage(seen, firm, kind), lang) for kind in kinds],
    )
    items = ",".join(_item(found, firm, name, lang) for name in names)
    # Inside a text the quotes would be escaped: this is the empty list itself.
    return head.model_dump_json(by_alias=True).replace('"items":[]', f'"items":[{items}]', 1).encode()


def _item(found: Features, firm: int, name: str, lang: Lang) -> str:
    """One item as JSON; `found` holds every firm, so that its row is the firm's."""
    column = found.columns[name]
    code = int(column.missing[firm])
    value = "null" if code else _json(column.values[firm])
    basis = CATALOGUE[name].basis
    if basis == "position":
        basis = "inferred" if found.inferred[firm] else "observed"
    return f'{_opened(name, lang)},"value":{value},{_why(code, lang)},"basis":"{basis}"}}'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(float(value))  # type: ignore[arg-type]


@cache
def _opened(name: str, lang: Lang) -> str:
    """What is the same of a feature for every enterprise, as JSON without its end."""
    return json.dumps(_said(name, lang), ensure_ascii=False, separators=(",", ":"))[:-1]


@cache
def _why(code: int, lang: Lang) -> str:
    reason = REASONS[code] or None
    text = reason and message(f"feature_missing_{reason}", lang)
    return f'"missing":{json.dumps(reason)},"missing_text":{json.dumps(text, ensure_ascii=False)}'


def _named(snapshot: Snapshot, firm: int) -> Named:
    return Named(id=snapshot.id_of(firm), name=str(snapshot.enterprises["name"][firm]))


def _lineage(snapshot: Snapshot, told: Lineage, lang: Lang) -> FeatureLineage:
    rows = [dict(zip(told.columns, row, strict=True)) for row in zip(*told.columns.values(), strict=True)]
    count = len(rows)
    return FeatureLineage(
        rests_on=told.rests_on,
        links=[_link(snapshot, told.firm, row) for row in rows],
        links_total=told.links_total,
        note=shown_of(count, told.links_total, lang) if count < told.links_total else None,
        invoices=told.invoices,
        months=list(told.months),
        facts=list(told.facts),
        facts_total=told.facts_total,
    )


def _link(snapshot: Snapshot, firm: int, row: dict[str, Any]) -> FeatureLink:
    sold = row["seller"] == firm
    partner = snapshot.id_of(row["buyer"] if sold else row["seller"])
    side = "customers" if sold else "suppliers"
    return FeatureLink(
        seller=_named(snapshot, row["seller"]),
        buyer=_named(snapshot, row["buyer"]),
        evidence=f"/v1/enterprises/{snapshot.id_of(firm)}/evidence?partner={partner}&side={side}",
        **{name: row[name] for name in ("amount_fen", "invoices", "first", "last")},
    )
