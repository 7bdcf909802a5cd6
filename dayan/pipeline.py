"""From facts to the published graph: match, build, snapshot, database. One build at a time a folder.

The snapshot is published first, then the database receives the difference; a build that is killed in
between is finished by the next. A build whose inputs are those of the last one changes nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from dayan import __version__
from dayan.target import Target
from extraction.matching import Evidence, match_books
from graph.build import Decided, build_tables
from graph.project import project
from graph.publish import publish
from graph.snapshot import Snapshot, SnapshotTables, open_snapshot, write_snapshot
from ledger.errors import Busy, NotFound
from ledger.ledger import Ledger
from seeds.chains import Chain
from seeds.knowledge import utilities

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """A build's result. `fresh` is False when nothing had changed since the last one."""

    snapshot: Snapshot
    evidence: Evidence | None
    fresh: bool


def build(target: Target, progress: Progress = lambda _: None, *, force: bool = False) -> Built:
    """Build and publish the graph of `target`. Raises Busy while another build runs."""
    with build_lock(target.folder):
        ledger, chains = target.ledger(), target.load_chains()
        mark = _fingerprint(ledger, chains, target)
        if not force and _built(target.folder) == mark:
            return Built(open_snapshot(target.folder), None, fresh=False)
        if ledger.documents().is_empty():
            raise NotFound("nothing_to_build")
        tables, evidence = compute(ledger, chains, progress)
        progress("snapshot")
        previous = _current(target.folder)
        snapshot = write_snapshot(target.folder, tables)
        progress("publishing")
        with target.connect() as store:
            publish(
                store,
                project(snapshot),
                project(previous) if previous else None,
                snapshot.id,
                previous_id=previous.id if previous else None,
            )
        _mark_built(target.folder, mark)
        return Built(snapshot, evidence, fresh=True)


def compute(
    ledger: Ledger, chains: Sequence[Chain], progress: Progress = lambda _: None
) -> tuple[SnapshotTables, Evidence]:
    """The tables of the snapshot and the evidence they rest on; nothing is written."""
    progress("matching")
    attested = ledger.scan("invoices").collect()
    evidence = match_books(attested)
    decided = Decided(evidence.same_party, evidence.same_fact, chains, _utility_signs())
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
    return _built(target.folder) == _fingerprint(target.ledger(), target.load_chains(), target)


def _utility_signs() -> tuple[list[str], list[str]]:
    """What utilities and general services sell: item words and tax category prefixes."""
    known = utilities()
    words = [item for u in known for item in u.items]
    return words, [prefix for u in known for prefix in u.tax_categories]


def _current(folder: Path) -> Snapshot | None:
    try:
        return open_snapshot(folder)
    except NotFound:
        return None


def _fingerprint(ledger: Ledger, chains: Sequence[Chain], target: Target) -> str:
    """What the graph depends on: documents and their readers, judgements, chains, version, database."""
    documents = ledger.documents().select("sha256", "reader_version").rows()
    judged = sorted(ledger.judgements()["judgement"].to_list())
    parts = [__version__, repr(documents), repr(judged), repr(chains), target.store_uri or "embedded"]
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
