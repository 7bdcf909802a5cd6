"""What a build learns from its graph: positions, groups, scores, links nobody reported, embeddings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from gnn.embeddings.embedding import embed
from gnn.groups.contacts import contacts
from gnn.groups.find import find_groups
from gnn.links.model import LinkModel, inferred_links
from gnn.links.model import from_arrays as links_from
from gnn.links.trade import NAMES
from gnn.positions.goods_paths import present
from gnn.positions.model import PositionModel, from_arrays, stand
from gnn.positions.plain import what_is_plain
from gnn.positions.signs import SIGNS, words_of
from gnn.positions.table import position_table
from gnn.positions.tables import path_table, sign_table
from gnn.production.knowledge import made_of
from gnn.registry.folder import Registered, in_use
from gnn.scores.chain import chain_scores
from gnn.view import view_of
from graph.snapshot_tables import SnapshotTables, shaped
from ledger.errors import Conflict
from ledger.ledger import Ledger
from seeds.chains import Chain

T = TypeVar("T")


@dataclass(frozen=True)
class Models:
    """The models a build uses, and their versions by name."""

    positions: PositionModel
    links: LinkModel
    versions: dict[str, str]


def models_of(folder: Path) -> Models:
    """The promoted models of a data folder, else the shipped ones. Conflict where one is damaged or newer."""
    found = {name: in_use(folder, name) for name in ("positions", "links")}
    versions = {name: str(model.about["version"]) for name, model in found.items()}
    return Models(positions_model(found["positions"]), links_model(found["links"]), versions)


def positions_model(found: Registered) -> PositionModel:
    """The registered model, ready to use. Conflict where it is of another kind or reads other signs."""
    return _as(found, from_arrays, "position", "signs", SIGNS)


def links_model(found: Registered) -> LinkModel:
    """The registered model, ready to use. Conflict where it is of another kind or reads other columns."""
    return _as(found, links_from, "links", "columns", NAMES)


def _as(
    found: Registered, made: Callable[[dict[str, Any]], T], kind: str, key: str, names: Sequence[str]
) -> T:
    if found.about["kind"] != kind or found.about["model"].get(key) != list(names):
        raise Conflict("model_of_other_make", name=found.about["name"], version=found.about["version"])
    try:
        return made(found.weights)
    except (KeyError, ValueError):
        raise Conflict("model_damaged", name=found.about["name"], file="weights.safetensors") from None


def learned(
    tables: SnapshotTables,
    ledger: Ledger,
    chains: Sequence[Chain],
    models: Models,
    progress: Callable[[str], None],
) -> SnapshotTables:
    """`tables` with everything that is learned from them. Same tables and models, same result."""
    progress("learning")
    whole = {name: shaped(name, getattr(tables, name)) for name in ("enterprises", "members", "coverage")}
    tables = replace(tables, **whole)  # type: ignore[arg-type]
    view = view_of(tables)
    plain = what_is_plain(view, chains)
    found = stand(view, plain, words_of(view, plain), models.positions)
    cores = {chain["id"]: [core["enterprise"] for core in chain["cores"]] for chain in tables.chains}
    positions = position_table(view, plain, found, models.positions, chains, cores)
    progress("groups")
    named = contacts(ledger, tables.members)
    groups = find_groups(view, tables.coverage, named, tables.enterprises["hub"].to_numpy())
    progress("scores")
    scores = chain_scores(view, positions, tables.enterprises, tables.coverage, chains)
    progress("embedding")
    embedding = embed(view)
    progress("links")
    made = made_of(view, plain)
    stands = present(plain, found.raw)
    links = inferred_links(view, plain, stands, embedding, made, tables.coverage, models.links)
    more = {
        "positions": positions,
        "position_signs": sign_table(found),
        "goods_paths": path_table(view, plain, found, cores),
        "inferred_links": links,
        "made_of": made,
        **groups,
        **scores,
        "embedding": embedding.values,
    }
    return replace(tables, **more)  # type: ignore[arg-type]
