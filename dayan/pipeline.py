"""From facts to the published graph: match, build, snapshot, database. One build at a time a folder.

The snapshot is published first, then the database receives the difference; a build that is killed in
between is finished by the next. A build whose inputs are those of the last one computes nothing; where
the database meanwhile holds something else (wiped, restored), it is brought to the snapshot again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from dayan import __version__
from dayan.folder import folder_id
from dayan.learning import Models, learned, models_of
from dayan.settling import money_of, settle_payments
from dayan.target import Target
from extraction.matching import Evidence, match_books
from extraction.who import match_names
from graph.build import Decided, build_tables
from graph.enterprises import resolve
from graph.invoices import settle
from graph.project import project
from graph.publish import Marker, marker_of, publish
from graph.snapshot import Snapshot, SnapshotTables, open_snapshot, write_snapshot
from graph.snapshot_tables import TABLES
from ledger.errors import Busy, NotFound
from ledger.ledger import Ledger
from seeds.chains import Chain
from seeds.knowledge import utility_signs

#: Told a step's code; while it can be counted, also `done` and `total`, and `word`: a label's key.
Progress = Callable[..., None]


@dataclass(frozen=True)
class Built:
    """A build's result. `fresh` is False when nothing had changed since the last one, in the ledger or
    in the database; `evidence` is None when nothing was computed."""

    snapshot: Snapshot
    evidence: Evidence | None
    fresh: bool


def build(target: Target, progress: Progress = lambda *_, **__: None, *, force: bool = False) -> Built:
    """Build and publish the graph of `target`. Raises Busy while another build runs."""
    with build_lock(target.folder):
        ledger, chains, models = target.ledger(), target.load_chains(), models_of(target.folder)
        mark = _fingerprint(ledger, chains, target, models)
        previous = _current(target.folder)
        if not force and previous and _built(target.folder) == mark:
            return Built(previous, None, fresh=_republish(target, previous, progress))
        if ledger.documents().is_empty():
            raise NotFound("nothing_to_build")
        tables, evidence = compute(ledger, chains, progress)
        tables = learned(tables, ledger, chains, models, progress)
        progress("snapshot")
        snapshot = write_snapshot(target.folder, tables)
        progress("publishing")
        with target.connect() as store:
            publish(
                store,
                project(snapshot),
                project(previous) if previous else None,
                snapshot.id,
                _rows_of(progress),
                previous_id=previous.id if previous else None,
                folder=owner_of(target),
            )
        _mark_built(target.folder, mark)
        return Built(snapshot, evidence, fresh=True)


def _republish(target: Target, snapshot: Snapshot, progress: Progress) -> bool:
    """Bring a database that holds something else to `snapshot`; whether there was anything to do."""
    with target.connect() as store:
        marker = marker_of(store)
        if marker and marker.holds(snapshot.id) and marker.folder == owner_of(target):
            return False
        progress("publishing")
        publish(store, project(snapshot), None, snapshot.id, _rows_of(progress), folder=owner_of(target))
    return True


def owner_of(target: Target) -> str | None:
    """Whose graph the database holds: the folder's id; None for the embedded engine, which lies in it."""
    return folder_id(target.folder) if target.store_uri else None


def held_elsewhere(target: Target, snapshot: Snapshot) -> tuple[str, Marker | None] | None:
    """What is wrong with what the database holds: (`foreign` or `other`, its marker); None when nothing.

    `foreign`: the graph of another data folder. `other`: not `snapshot`, or not all of it.
    Raises StoreUnavailable.
    """
    with target.connect() as store:
        marker = marker_of(store)
    if marker and marker.folder not in (None, owner_of(target)):
        return "foreign", marker
    return None if marker and marker.holds(snapshot.id) else ("other", marker)


def _rows_of(progress: Progress) -> Callable[[str, int, int], None]:
    """A publication's progress, kind by kind, as that of a build."""
    return lambda kind, done, total: progress("writing", word=kind, done=done, total=total)


def compute(
    ledger: Ledger, chains: Sequence[Chain], progress: Progress = lambda *_, **__: None
) -> tuple[SnapshotTables, Evidence]:
    """The tables of the snapshot and the evidence they rest on; nothing is written."""
    progress("matching")
    attested, parties = ledger.scan("invoices").collect(), ledger.scan("parties").collect()
    proper = parties.filter(pl.col("scheme").is_in(["uscc", "tax"]))["party"].unique()
    evidence = match_books(attested, proper)
    progress("resolving")
    judgements = ledger.judgements()
    named = match_names(
        parties, ledger.scan("aliases").collect(), judgements, money_of(ledger, attested), evidence.same_party
    )
    same = pl.concat([evidence.same_party, named.same_party])
    resolved = resolve(parties, same, judgements, attested["owner"].drop_nulls().unique())
    invoices = settle(attested, ledger.documents(), evidence.same_fact, resolved.enterprise_of)
    progress("payments")
    paid = settle_payments(ledger, attested, invoices, evidence.same_fact, resolved)
    decided = Decided(resolved, evidence.same_fact, invoices, chains, utility_signs(), paid, asks=named.asks)
    return build_tables(ledger, attested, decided, progress), evidence


@contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Held by the one build of a data folder. Raises Busy when it is taken."""
    (folder / "run").mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "run" / "build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy("build_running", folder=str(folder)) from None
    try:
        yield
    finally:
        lock.release()


def is_current(target: Target) -> bool:
    """Whether the published graph was built from what the ledger holds now."""
    mark = _fingerprint(target.ledger(), target.load_chains(), target, models_of(target.folder))
    return _built(target.folder) == mark


def _current(folder: Path) -> Snapshot | None:
    try:
        return open_snapshot(folder)
    except NotFound:
        return None


def _fingerprint(ledger: Ledger, chains: Sequence[Chain], target: Target, models: Models) -> str:
    """What the graph depends on: documents and readers, judgements, chains, models, version, database."""
    documents = ledger.documents().select("sha256", "reader_version").rows()
    judged = sorted(ledger.judgements()["judgement"].to_list())
    form = repr(TABLES)  # a version that keeps more in a snapshot builds it anew
    parts = [__version__, form, repr(documents), repr(judged), repr(chains), target.store_uri or "embedded"]
    parts.append(repr(models.versions))
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _built(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / "run" / "built.json").read_text("utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError):
        return None


def _mark_built(folder: Path, mark: str) -> None:
    partial = folder / "run" / "built.json.part"
    partial.write_text(json.dumps({"fingerprint": mark}), "utf-8")
    partial.replace(folder / "run" / "built.json")
