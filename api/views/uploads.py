"""An upload as a job: queued once whatever is sent twice, and told file by file."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.models_jobs import Upload, Uploaded
from api.uploads import Handed
from api.views.jobs import fault
from extraction.ingest import owner_code
from extraction.personal import masked_text
from graph.snapshot import Snapshot
from ledger import audit, jobs, replays
from ledger.errors import Forbidden, InputError, Problem
from ledger.state import State

ROUTE = "POST /v1/documents"


@dataclass(frozen=True)
class Asked:
    """The id of the job to come, who asks, and the key under which a repetition is known.

    `rows`: the firms that a bound caller hands in for, None for who sees all; `codes`: their tax numbers.
    """

    job: str
    by: str
    key: str | None
    rows: dict[str, Any] | None = None
    codes: frozenset[str] = frozenset()


def folder_for(data: Path, job: str) -> Path:
    """Where the files of the upload `job` are put, closed to other users."""
    folder = data / "uploads" / job
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    return folder


def take_in(state: State, asked: Asked, handed: Handed) -> dict[str, Any]:
    """Queue the job that reads what was handed in: {job, files, refused}, or what was told before.

    Raises InputError, Conflict `idempotency_key_reused`, Forbidden where a bound caller names another firm.
    """
    owner = _owner(handed.values.get("owner") or None)
    if asked.rows is not None:
        owner = _own(owner, asked.codes)
    build = _yes(handed.values.get("build", "true"))
    files = list(zip(handed.names, handed.digests, strict=True))
    told: dict[str, Any] = {"job": asked.job, "files": files, "refused": handed.refused}
    request = handed.fingerprint()
    with state.writing() as connection:
        if asked.key is not None:
            before = replays.remembered(connection, asked.by, ROUTE, asked.key, request)
            if before is not None:
                return before
        params = {"files": handed.names, "refused": handed.refused, "owner": owner, "build": build}
        params |= {} if asked.rows is None else {"rows": asked.rows}
        jobs.add(connection, "ingest", asked.by, params, asked.job)
        for name, digest in files:
            audit.append(connection, asked.by, "document_uploaded", digest, name=name, job=asked.job)
        if asked.key is not None:
            replays.remember(connection, asked.by, ROUTE, asked.key, request, told)
    return told


def told(taken: dict[str, Any], snapshot: Snapshot | None, lang: str) -> Upload:
    """The answer to an upload."""
    accepted = [Uploaded(name=n, sha256=digest, accepted=True, error=None) for n, digest in taken["files"]]
    refused = [
        Uploaded(name=entry["name"], sha256=None, accepted=False, error=fault(entry, lang))
        for entry in taken["refused"]
    ]
    return Upload(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        job=taken["job"],
        location=f"/v1/jobs/{taken['job']}",
        files=[*accepted, *refused],
    )


def _owner(text: str | None) -> str | None:
    """The owner as it is kept. One that is or holds a citizen's number is refused: the queue keeps none."""
    plain = "".join((text or "").split()).upper()
    hidden = masked_text(plain, contacts=False, taxpayers=True)
    if hidden != plain:
        raise InputError("owner_personal", value=hidden)
    return owner_code(text)


def _own(owner: str | None, codes: frozenset[str]) -> str | None:
    """Whose books a bound caller hands in: those of a firm of theirs; the only one where nobody is named.

    Nobody lays books at another firm's door.
    """
    if owner is None and len(codes) == 1:
        with suppress(InputError):  # a number that a register would not give is no owner of books
            return owner_code(next(iter(codes)))
    if owner is not None and owner not in codes:
        raise Forbidden("owner_not_own", value=owner)
    return owner


def _yes(text: str) -> bool:
    if text not in ("true", "false"):
        problem = Problem("parameter_not_boolean", field="build", value=text)
        raise InputError("request_invalid", (problem,))
    return text == "true"
