"""What a worker does for each kind of job: read uploaded documents, build the graph.

The same functions serve the command line (`dayan ingest`, `dayan build`); what is here only carries
their progress and their results into the queue.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.settings import Settings
from dayan.turn import Turn
from extraction.personal import masked_name, masked_text
from ledger import jobs
from ledger.errors import Busy, Problem
from ledger.jobs import DocumentOutcome
from ledger.ledger import Ledger

if TYPE_CHECKING:
    from extraction.ingest import Outcome

#: What uploads of a job lie in, below the data folder: `uploads/<job>/<number>/<name>`.
UPLOADS = "uploads"
#: Seconds between two looks at whether another build has ended.
BUILD_WAIT_S = 1.0
#: Documents are read in a process of its own: one that kills or hangs its reader fails alone.
ISOLATED = True
#: What fills a sentence and is the name of a file.
NAMES = ("file", "document", "member")
#: Warnings of one document that its outcome repeats.
WARNINGS_SHOWN = 20


def run(settings: Settings, turn: Turn) -> dict[str, Any]:
    """Do the turn's job and return its result. Raises Interrupted, or what went wrong."""
    return TASKS[turn.job.kind](settings, turn)


def clean_up(folder: Path, job: str) -> None:
    """Remove the files that were handed in with a job that has ended."""
    shutil.rmtree(folder / UPLOADS / job, ignore_errors=True)


def _ingest(settings: Settings, turn: Turn) -> dict[str, Any]:
    """Read what was handed in; then ask for a build, where any of it is new."""
    from extraction.ingest import ingest
    from extraction.readers import all_readers
    from extraction.source import Limits

    params = turn.job.params
    for refused in params.get("refused", ()):
        turn.note(_refused(refused))
    given = settings.data / UPLOADS / turn.job.id
    paths = [given / str(place) / name for place, name in enumerate(params["files"])]
    limits = Limits(file_bytes=settings.max_file_bytes, unpacked_bytes=settings.max_unpacked_bytes)
    summary = ingest(
        paths,
        Ledger(settings.data),
        limits,
        lambda outcome: turn.note(told(outcome)),
        all_readers(*([settings.layouts] if settings.layouts else [])),
        owner=params.get("owner"),
        processes=settings.processes or 1,
        isolated=ISOLATED,
        stop=turn.stopping,
        watch=lambda tally: turn.say("reading", round(100 * tally.share), 100),
    )
    turn.go_on()
    counts = ("rows", "facts", "new", "duplicates", "rejected", "warned")
    result: dict[str, Any] = {name: summary.total(name) for name in counts}
    fresh = any(o.state == "read" and o.facts for o in summary.outcomes)
    if params.get("build") and fresh:
        result["build"] = jobs.queue_build(turn.state, turn.job.owner)
    return result


def told(outcome: "Outcome") -> DocumentOutcome:
    """An outcome as the queue keeps it: codes and numbers, no sentences, no personal numbers."""
    body: dict[str, Any] = {
        name: getattr(outcome, name)
        for name in ("format", "rows", "facts", "new", "duplicates", "rejected", "warned", "synthetic")
    }
    shown = [*outcome.warnings, *outcome.examples.values()]
    body["warnings"] = [_problem(p, outcome.warned_for.get(p.code)) for p in shown[:WARNINGS_SHOWN]]
    if outcome.error is not None:
        body["error"] = {"code": outcome.error.code, "params": _hidden(outcome.error.params)}
    return DocumentOutcome(masked_name(outcome.name), outcome.sha256, outcome.state, body)


def _problem(problem: Problem, count: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {"code": problem.code, "field": problem.field, "value": masked_text(problem.value)}
    return told | {"params": _hidden(problem.params), "count": count or 1}


def _hidden(params: Mapping[str, Any]) -> dict[str, Any]:
    """What fills a sentence, with personal numbers hidden: names of members of archives among it."""
    shown = dict(params)
    for key, value in params.items():
        if isinstance(value, str):
            shown[key] = (masked_name if key in NAMES else masked_text)(value)
    return shown


def _refused(entry: dict[str, Any]) -> DocumentOutcome:
    error = {"code": entry["code"], "params": _hidden(entry["params"])}
    return DocumentOutcome(masked_name(entry["name"]), "", "failed", {"error": error})


def _build(settings: Settings, turn: Turn) -> dict[str, Any]:
    """Build and publish the graph; wait while another build runs."""
    from dayan.pipeline import build
    from dayan.target import target_of

    def progress(code: str, *, done: int = 0, total: int | None = None, **_: object) -> None:
        turn.say(code, done, total)
        turn.go_on()

    while True:
        try:
            built = build(target_of(settings), progress, force=bool(turn.job.params.get("force")))
        except Busy as error:
            if error.code != "build_running":
                raise
            turn.pause(BUILD_WAIT_S)
            continue
        return {"snapshot": built.snapshot.id, "fresh": built.fresh}


TASKS: dict[str, Callable[[Settings, Turn], dict[str, Any]]] = {"ingest": _ingest, "build": _build}
