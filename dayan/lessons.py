"""`dayan train`, `evaluate` and `models`: what is learned from a folder's own graph, and how good it is."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from rich.table import Table

from dayan.console import out, steps, table
from ledger.errors import InputError, NotFound
from ledger.words import label, message

if TYPE_CHECKING:
    from api.settings import Settings
    from gnn.registry.folder import Trained
    from graph.snapshot import Snapshot

#: What can be trained, in the order in which one stands on the other.
MODELS = ("positions", "links", "credit")


def train(
    settings: "Settings",
    name: str,
    labels: Path | None,
    seed: int,
    *,
    use: bool,
    out_folder: Path | None = None,
) -> None:
    """Train, register under DATA/models and say how good it is; `use` promotes it if it beats its rival.

    `out_folder`: write the model there instead (how the shipped ones are made).
    """
    from gnn.registry.folder import promote, register, write_model
    from graph.snapshot import open_snapshot

    with steps(settings.lang) as step:
        step("training", word=f"model_{_known(name)}")
        trained = _lesson(settings, open_snapshot(settings.data), name, labels, seed)
    if out_folder is not None:
        version = write_model(out_folder, name, trained)
    else:
        version = register(settings.data, name, trained)
    out.print(_figures(trained.metrics, trained.ablations, settings.lang))
    out.print(message("model_registered", settings.lang, name=name, version=version), markup=False)
    if use and out_folder is None:
        promote(settings.data, name, version)
        out.print(message("model_promoted", settings.lang, name=name, version=version), markup=False)


def _lesson(
    settings: "Settings", snapshot: "Snapshot", name: str, labels: Path | None, seed: int
) -> "Trained":
    from dayan.target import target_of
    from gnn.view import view_of

    if name == "credit":
        from services.credit.models.lesson import lesson as credit_lesson

        loans = _labels(settings, labels, "loan_labels.parquet")
        return credit_lesson(snapshot, loans, snapshot.id, snapshot.synthetic, seed)
    view, chains = view_of(snapshot), target_of(settings).load_chains()
    if name == "positions":
        from gnn.positions.lesson import lesson

        return lesson(view, _labels(settings, labels), chains, snapshot.id, snapshot.synthetic, seed)
    from gnn.links.lesson import lesson as link_lesson

    return link_lesson(view, chains, snapshot.id, snapshot.synthetic, seed)


def evaluate(settings: "Settings", name: str, version: str | None, labels: Path | None) -> None:
    """Measure a model on the published snapshot, and say how far its firms have moved since training."""
    from dayan.learning import links_model, positions_model
    from dayan.target import target_of
    from gnn.registry.folder import in_use, load
    from gnn.view import view_of
    from graph.snapshot import open_snapshot

    snapshot = open_snapshot(settings.data)
    if _known(name) == "credit":
        _evaluate_credit(settings, snapshot, version, labels)
        return
    found = load(settings.data, name, version) if version else in_use(settings.data, name)
    view, chains = view_of(snapshot), target_of(settings).load_chains()
    if name == "positions":
        from gnn.positions.lesson import evaluate as measured

        known = unseen(_labels(settings, labels), snapshot.enterprises, found.weights)
        out.print(message("evaluate_unseen", settings.lang, rows=f"{known.height:,}"), markup=False)
        now = measured(view, known, chains, positions_model(found))
    else:
        from gnn.links.lesson import evaluate as links_measured

        if found.about["saw"]["snapshot"] == snapshot.id:
            out.print(message("evaluate_seen", settings.lang), markup=False)
        now = links_measured(view, chains, links_model(found))
    before = {"in_training": found.metrics["figures"]}
    out.print(_figures(now, before, settings.lang, first="now"))
    if name == "positions":
        from gnn.positions.drift import drift_now

        _tell_drift(drift_now(found.weights, view, chains), settings.lang)
    _tell_embedding(settings, snapshot, str(found.about["saw"]["snapshot"]))


def _evaluate_credit(
    settings: "Settings", snapshot: "Snapshot", version: str | None, labels: Path | None
) -> None:
    """The credit model on loans booked after those it was trained on."""
    from services.credit.models.lesson import evaluate as measured
    from services.credit.models.model import model_of, registered

    found = registered(settings.data, version)
    since = None
    if found.about["saw"]["snapshot"] == snapshot.id or labels is None:
        since = date.fromisoformat(found.about["model"]["asked_from"])
    loans = _labels(settings, labels, "loan_labels.parquet")
    now = measured(snapshot, loans, model_of(found), since)
    out.print(_figures(now, {"in_training": found.metrics["figures"]}, settings.lang, first="now"))


def show_models(settings: "Settings") -> None:
    """Every model: which is in use, its figure and its rival's."""
    from gnn.registry.folder import models
    from services.credit.models.model import SHIPPED

    lang, found = settings.lang, models(settings.data)
    more = models(settings.data, with_shipped=SHIPPED).filter(pl.col("place") == "shipped")
    found = pl.concat([found, more])
    own = set(found.filter("current")["name"].to_list())
    used = pl.col("current") | ((pl.col("place") == "shipped") & ~pl.col("name").is_in(list(own)))
    found = found.with_columns(current=used)
    heads = ("model", "version", "place", "figure", "value", "rival", "rival_value", "synthetic")
    rows = [
        [
            row["name"], row["version"],
            label(f"place_{row['place']}", lang) + (" *" if row["current"] else ""),
            label(f"figure_{row['figure']}", lang) if row["figure"] else message(row["problem"], lang, **row),
            _number(row["value"]), label(f"ablation_{row['rival']}", lang) if row["rival"] else "",
            _number(row["rival_value"]), label("synthetic_short", lang) if row["synthetic"] else "",
        ]
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    out.print(table([label(f"models_{h}", lang) for h in heads], rows))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _figures(
    metrics: Mapping[str, float], rivals: Mapping[str, Mapping[str, float]], lang: str, first: str = "learned"
) -> Table:
    """One row a rival, one column a figure."""
    every = {first: metrics, **rivals}
    names = list(metrics)
    rows = [[label(f"ablation_{k}", lang), *(_number(v.get(n)) for n in names)] for k, v in every.items()]
    return table(["", *(label(f"figure_{n}", lang) for n in names)], rows, right=names)


def _tell_drift(report: pl.DataFrame, lang: str) -> None:
    """PSI of each sign between training and now."""
    for row in report.iter_rows(named=True):
        psi = "-" if row["psi"] is None else f"{row['psi']:.3f}"
        text = message(row["sentence"], lang, feature=label(row["feature"], lang), psi=psi)
        out.print(text, markup=False)


def _tell_embedding(settings: "Settings", snapshot: "Snapshot", seen: str) -> None:
    """How far embeddings have moved since the snapshot that the model saw, where that one is still kept."""
    from gnn.drift import Sample, drift_report
    from gnn.embeddings.propagation import from_bf16
    from graph.snapshot import open_snapshot

    try:
        before = open_snapshot(settings.data, seen)
    except NotFound:
        out.print(message("drift_no_snapshot", settings.lang, snapshot=seen), markup=False)
        return
    if before.embedding is None or snapshot.embedding is None:
        return
    samples = [
        Sample(one.enterprises["id"], embedding=from_bf16(values))
        for one, values in ((before, before.embedding), (snapshot, snapshot.embedding))
    ]
    report = drift_report(*samples)
    bands = dict(report.group_by("band").agg(pl.len()).iter_rows())
    counts = {band: bands.get(band, 0) for band in ("stable", "watch", "act", "unsure")}
    worst = max(report["psi"].to_list(), default=0.0)
    text = message("drift_embedding", settings.lang, snapshot=seen, worst=f"{worst:.3f}", **counts)
    out.print(text, markup=False)


def _known(name: str) -> str:
    if name not in MODELS:
        raise InputError("model_unknown", name=name, known=", ".join(MODELS))
    return name


def unseen(labels: pl.DataFrame, firms: pl.DataFrame, weights: Mapping[str, Any]) -> pl.DataFrame:
    """The labels of firms that the model was neither fitted nor calibrated on; all of a model that kept none.

    InputError where nobody remains: a figure on what a model has seen says nothing.
    """
    from gnn.positions.lesson import FITTED, keys_of

    if FITTED not in weights or "code" not in labels.columns:
        return labels
    both = pl.concat([firms.select("id", code="code"), firms.select("id", code="id")]).drop_nulls("code")
    known = both.filter(pl.Series(np.isin(keys_of(both["id"]), weights[FITTED])))
    left = labels.join(known.select("code"), on="code", how="anti")
    if left.is_empty():
        raise InputError("evaluate_all_seen", rows=labels.height)
    return left


def _labels(settings: "Settings", path: Path | None, of_economy: str = "labels.parquet") -> pl.DataFrame:
    """Known seats (columns code and segment) or loans (code, booked_on, defaulted): a CSV or Parquet file,
    else those of the demo economy."""
    path = path or settings.data / "economy" / of_economy
    if not path.is_file():
        raise NotFound("labels_none", file=path.name)
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        text = path.read_bytes()
        decoded = text.decode("utf-8-sig") if _is_utf8(text) else text.decode("gb18030")
        return pl.read_csv(decoded.encode(), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InputError("labels_unreadable", file=path.name, detail=str(error).splitlines()[0]) from None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True
