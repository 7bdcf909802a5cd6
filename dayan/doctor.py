"""`dayan doctor`: what is missing or wrong on this machine, and how to mend it."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files

import psutil

from api.settings import Settings
from dayan.console import out, table
from dayan.pipeline import held_elsewhere
from dayan.target import target_of
from graph.snapshot import open_snapshot
from ledger import audit
from ledger.errors import DayanError, NotFound
from ledger.state import State
from ledger.tables import Tables
from ledger.words import label, message


@dataclass(frozen=True)
class Finding:
    """One thing examined: what was found, and the code of the remedy when it is wrong."""

    what: str
    found: str
    remedy: str | None = None


def examine(settings: Settings) -> bool:
    """Print every finding; True when nothing is wrong."""
    findings = list(_findings(settings))
    lang = settings.lang
    rows = [
        (f.what, f.found, message(f.remedy, lang) if f.remedy else message("doctor_ok", lang))
        for f in findings
    ]
    out.print(table([label(k, lang) for k in ("check", "result", "remedy")], rows))
    return not any(f.remedy for f in findings)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield _python()
    yield _folder(settings)
    yield _disk(settings)
    yield _memory()
    yield _ledger(settings)
    yield _guarded("audit", lambda: _audit(settings), "doctor_state_unusable")
    yield _guarded("store", lambda: _store(settings), "doctor_store_down")
    yield _pages()


def _python() -> Finding:
    found = sys.version.split()[0]
    return Finding("Python", found, None if sys.version_info >= (3, 11) else "doctor_python_old")


def _folder(settings: Settings) -> Finding:
    try:
        (settings.data / "run").mkdir(parents=True, exist_ok=True)
        probe = settings.data / "run" / ".doctor"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return Finding("folder", f"{settings.data}: {error.strerror}", "doctor_folder_readonly")
    return Finding("folder", str(settings.data))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data).free / 1e9
    return Finding("disk", f"{free:.1f} GB", None if free >= 2 else "doctor_disk")


def _memory() -> Finding:
    total = psutil.virtual_memory().total / 1e9
    return Finding("memory", f"{total:.1f} GB", None if total >= 3.5 else "doctor_memory")


def _ledger(settings: Settings) -> Finding:
    unknown = Tables(settings.data / "ledger").unknown_columns()
    shown = ", ".join(f"{t}.{c}" for t, columns in unknown.items() for c in columns)
    return Finding("ledger", shown or "1", "doctor_newer_ledger" if unknown else None)


def _audit(settings: Settings) -> Finding:
    """Whether every entry of the audit chain is as it was written."""
    state = State(settings.data)
    if not state.path.exists():
        return Finding("audit", "-")
    broken = audit.verify(state)
    return Finding("audit", audit.head(state)[:16], "doctor_audit_broken" if broken else None)


def _store(settings: Settings) -> Finding:
    engine, target = "neo4j" if settings.store else "embedded", target_of(settings)
    try:
        snapshot = open_snapshot(settings.data)
    except NotFound:  # nothing was built yet: that it answers is all there is to ask
        target.connect().close()
        return Finding("store", engine)
    found = held_elsewhere(target, snapshot)
    if found is None:
        return Finding("store", engine)
    why, marker = found
    held = f"{marker.snapshot} ({marker.state})" if marker else "-"
    remedy = "doctor_store_foreign" if why == "foreign" else "doctor_snapshot_stale"
    return Finding("store", f"{engine}: {held} ≠ {snapshot.id}", remedy)


def _pages() -> Finding:
    there = files("api").joinpath("pages").joinpath("index.html").is_file()
    return Finding("pages", "api/pages" if there else "-", None if there else "doctor_pages_missing")


def _guarded(what: str, probe: Callable[[], Finding], remedy: str) -> Finding:
    try:
        return probe()
    except DayanError as error:
        return Finding(what, error.text("en"), remedy)
