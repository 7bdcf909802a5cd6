"""The queue of jobs: work that outlives a request, one row each, taken up again when its worker died.

queued → running → done | failed | stopped. A worker says every few seconds that it lives
(`heartbeat`); a running job that nobody speaks for is queued work again, for every kind of job may be
done twice without harm. Of an ingest each document has a row in `outcomes`.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger import audit, webhooks
from ledger.errors import Conflict, NotFound
from ledger.state import State

KINDS = ("ingest", "build")
STATES = ("queued", "running", "done", "failed", "stopped")
ENDED = ("done", "failed", "stopped")
#: Seconds without a heartbeat after which a running job's worker counts as dead.
SILENT_S = 30.0
#: So often is a job begun before it counts as one that kills its workers.
ATTEMPTS = 4


@dataclass(frozen=True)
class Job:
    """One job. `done` of `total` things are done (None: nobody can say), `step` says which thing."""

    number: int
    id: str
    kind: str
    state: str
    stopping: bool
    owner: str
    params: dict[str, Any]
    step: str | None
    done: int
    total: int | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    worker: str | None
    attempts: int
    created: str
    started: str | None
    ended: str | None
    heartbeat: str | None


@dataclass(frozen=True)
class DocumentOutcome:
    """What became of one document: `state` read | known | failed, and `body`, which tells the rest."""

    name: str
    sha256: str
    state: str
    body: dict[str, Any] = field(default_factory=dict)
    number: int = 0


def new_id() -> str:
    """The id of a job to come."""
    return secrets.token_hex(8)


def add(
    connection: sqlite3.Connection, kind: str, owner: str, params: Mapping[str, Any], id_: str | None = None
) -> str:
    """Queue a job in the transaction of `connection` (`State.writing`) and return its id."""
    if kind not in KINDS:
        raise ValueError(kind)
    made = id_ or new_id()
    connection.execute(
        "INSERT INTO jobs (id, kind, state, owner, params, created) VALUES (?, ?, 'queued', ?, ?, ?)",
        (made, kind, owner, json.dumps(dict(params), ensure_ascii=False), _now()),
    )
    return made


def queue_build(state: State, owner: str, *, force: bool = False) -> str:
    """The id of a build that will begin after now: one that waits already, else a new one."""
    with state.writing() as connection:
        waiting = connection.execute(
            "SELECT id FROM jobs WHERE kind = 'build' AND state = 'queued' ORDER BY number"
        ).fetchone()
        if waiting is None:
            return add(connection, "build", owner, {"force": force})
        if force:
            connection.execute("UPDATE jobs SET params = ? WHERE id = ?", ('{"force": true}', waiting["id"]))
        return str(waiting["id"])


def get(state: State, id_: str) -> Job:
    """The job `id_`. Raises NotFound."""
    with state.reading() as connection:
        return _get(connection, id_)


def listed(state: State, limit: int, before: int | None = None, state_is: str | None = None) -> list[Job]:
    """Jobs, newest first, those that came before number `before`."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM jobs WHERE number < ? AND (? IS NULL OR state = ?) ORDER BY number DESC LIMIT ?",
            (before or 2**62, state_is, state_is, limit),
        )
        return [_job(row) for row in rows]


def count(state: State, state_is: str | None = None) -> int:
    """How many jobs there are, or are in one state."""
    with state.reading() as connection:
        row = connection.execute(
            "SELECT count(*) FROM jobs WHERE ? IS NULL OR state = ?", (state_is, state_is)
        ).fetchone()
    return int(row[0])


def of_owner(state: State, owner: str) -> list[Job]:
    """Every job of one who asked for it, newest first."""
    with state.reading() as connection:
        rows = connection.execute("SELECT * FROM jobs WHERE owner = ? ORDER BY number DESC", (owner,))
        return [_job(row) for row in rows]


def documents_of(state: State, ids: Iterable[str]) -> frozenset[str]:
    """SHA-256 of the documents that these jobs read, or knew already."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT DISTINCT sha256 FROM outcomes WHERE sha256 != '' AND state != 'failed'"
            " AND job IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return frozenset(str(row["sha256"]) for row in rows)


def stop(state: State, id_: str, by: str) -> Job:
    """Ask a job to end: one that waits ends at once, one that runs when its worker hears of it.

    Raises NotFound, Conflict `job_ended`.
    """
    with state.writing() as connection:
        job = _get(connection, id_)
        if job.state in ENDED:
            raise Conflict("job_ended", job=id_, state=job.state)
        if job.state == "queued":
            connection.execute("UPDATE jobs SET stopping = 1 WHERE id = ?", (id_,))
            _end(connection, id_, "stopped", _now())
        else:
            connection.execute("UPDATE jobs SET stopping = 1 WHERE id = ?", (id_,))
        if not job.stopping:
            audit.append(connection, by, "job_stopped", id_)
        return _get(connection, id_)


# The worker's side


def take(state: State, worker: str) -> Job | None:
    """The oldest job that nobody works on, now this worker's; None where there is none.

    One that was begun too often without an end is failed on the way: it kills its workers.
    """
    silent = (datetime.now(UTC) - timedelta(seconds=SILENT_S)).isoformat()
    with state.writing() as connection:
        while True:
            row = connection.execute(
                "SELECT * FROM jobs WHERE state = 'queued' OR (state = 'running' AND heartbeat < ?)"
                " ORDER BY number LIMIT 1",
                (silent,),
            ).fetchone()
            if row is None:
                return None
            job, now = _job(row), _now()
            if job.stopping:
                _end(connection, job.id, "stopped", now)
            elif job.attempts >= ATTEMPTS:
                _end(connection, job.id, "failed", now, error={"code": "job_keeps_dying", "params": {}})
            else:
                connection.execute(
                    "UPDATE jobs SET state = 'running', worker = ?, attempts = attempts + 1,"
                    " started = coalesce(started, ?), heartbeat = ? WHERE id = ?",
                    (worker, now, now, job.id),
                )
                return _get(connection, job.id)


def abandon(state: State) -> None:
    """Say that no worker lives: what runs may be taken at once. For who holds the worker's lock."""
    with state.writing() as connection:
        connection.execute("UPDATE jobs SET heartbeat = '' WHERE state = 'running'")


def beat(state: State, job: Job, step: str | None = None, done: int = 0, total: int | None = None) -> bool:
    """Say that the worker lives and how far it is; False where it is to leave the job."""
    with state.writing() as connection:
        connection.execute(
            "UPDATE jobs SET heartbeat = ?, step = ?, done = ?, total = ? WHERE id = ? AND worker = ?"
            " AND state = 'running'",
            (_now(), step, done, total, job.id, job.worker),
        )
        return _is_mine(connection, job)


def enter(state: State, job: Job, outcomes: Iterable[DocumentOutcome]) -> None:
    """Keep what became of documents. A job done over finds known what it had read: `read` stays."""
    rows = [
        (job.id, o.name, o.sha256, o.state, json.dumps(o.body, ensure_ascii=False, default=str))
        for o in outcomes
    ]
    if not rows:
        return
    with state.writing() as connection:
        connection.executemany(
            "INSERT INTO outcomes (job, name, sha256, state, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (job, name, sha256) DO UPDATE SET state = excluded.state, body = excluded.body"
            " WHERE NOT (outcomes.state = 'read' AND excluded.state = 'known')",
            rows,
        )


def end(
    state: State,
    job: Job,
    how: str,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> bool:
    """End a job as done, failed or stopped; False where it is no longer this worker's."""
    if how not in ENDED:
        raise ValueError(how)
    with state.writing() as connection:
        mine = _is_mine(connection, job, stopping_too=True)
        if mine:
            _end(connection, job.id, how, _now(), result, error)
        return mine


def release(state: State, job: Job) -> None:
    """Put a job back into the queue: its worker goes, whoever comes next goes on."""
    with state.writing() as connection:
        connection.execute(
            "UPDATE jobs SET state = 'queued', worker = NULL, attempts = max(attempts - 1, 0)"
            " WHERE id = ? AND worker = ? AND state = 'running'",
            (job.id, job.worker),
        )


def outcomes_of(state: State, id_: str, limit: int, after: int = 0) -> list[DocumentOutcome]:
    """What became of a job's documents, in the order they ended."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM outcomes WHERE job = ? AND number > ? ORDER BY number LIMIT ?", (id_, after, limit)
        )
        return [
            DocumentOutcome(r["name"], r["sha256"], r["state"], json.loads(r["body"]), r["number"])
            for r in rows
        ]


def outcome_counts(state: State, id_: str) -> dict[str, int]:
    """Documents of a job by what became of them."""
    with state.reading() as connection:
        rows = connection.execute(
            "SELECT state, count(*) FROM outcomes WHERE job = ? GROUP BY state", (id_,)
        ).fetchall()
    return {row[0]: int(row[1]) for row in rows}


def unfinished(state: State) -> set[str]:
    """Ids of the jobs that wait or run."""
    with state.reading() as connection:
        return {
            r["id"] for r in connection.execute("SELECT id FROM jobs WHERE state IN ('queued', 'running')")
        }


def _is_mine(connection: sqlite3.Connection, job: Job, stopping_too: bool = False) -> bool:
    row = connection.execute("SELECT worker, state, stopping FROM jobs WHERE id = ?", (job.id,)).fetchone()
    mine = row is not None and row["worker"] == job.worker and row["state"] == "running"
    return mine and (stopping_too or not row["stopping"])


def _end(
    connection: sqlite3.Connection,
    id_: str,
    how: str,
    now: str,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    connection.execute(
        "UPDATE jobs SET state = ?, result = ?, error = ?, ended = ? WHERE id = ?",
        (how, _json(result), _json(error), now, id_),
    )
    webhooks.emit(connection, "job.done", id_, {"job": id_, "state": how})


def _get(connection: sqlite3.Connection, id_: str) -> Job:
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound("job_not_found", job=id_)
    return _job(row)


def _job(row: sqlite3.Row) -> Job:
    cells = dict(row)
    for name in ("params", "result", "error"):
        cells[name] = json.loads(cells[name]) if cells[name] is not None else None
    return Job(**{**cells, "stopping": bool(cells["stopping"])})


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False, default=str)


def _now() -> str:
    return datetime.now(UTC).isoformat()
