"""Jobs as answers: codes and numbers of the queue in the reader's words."""

from typing import Any

from api.models_jobs import Counted, Fault, Job, JobOutcome, Jobs, JobSummary, Progress
from api.paging import Cursor
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger import jobs
from ledger.errors import Problem
from ledger.state import State
from ledger.words import label, message, messages

LISTING, OUTCOMES = "jobs", "outcomes"
KEYS = 1


def job_list(
    state: State, snapshot: Snapshot | None, state_is: str | None, limit: int, after: Cursor | None, lang: str
) -> Jobs:
    """A page of jobs, newest first."""
    found = jobs.listed(state, limit + 1, after.key[0] if after else None, state_is)
    return _page(state, snapshot, (found, jobs.count(state, state_is)), limit, lang)


def own_jobs(
    state: State,
    snapshot: Snapshot | None,
    own: list[jobs.Job],
    state_is: str | None,
    limit: int,
    after: Cursor | None,
    lang: str,
) -> Jobs:
    """A page of `own`, newest first."""
    wanted = [job for job in own if state_is in (None, job.state)]
    rest = [job for job in wanted if after is None or job.number < after.key[0]]
    return _page(state, snapshot, (rest[: limit + 1], len(wanted)), limit, lang)


def _page(
    state: State, snapshot: Snapshot | None, of: tuple[list[jobs.Job], int], limit: int, lang: str
) -> Jobs:
    """The first `limit` of some jobs, and how many there are in all."""
    found, total = of
    page, more = found[:limit], len(found) > limit
    return Jobs(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=[JobSummary(**_told(state, job, lang)) for job in page],
        total=total,
        next=Cursor(LISTING, "", (page[-1].number,)).text() if more else None,
        note=shown_of(len(page), total, lang) if len(page) < total else None,
    )


def job(
    state: State, snapshot: Snapshot | None, id_: str, limit: int, after: Cursor | None, lang: str
) -> Job:
    """One job and a page of its documents. Raises NotFound."""
    found = jobs.get(state, id_)
    told = _told(state, found, lang)
    outcomes = jobs.outcomes_of(state, id_, limit + 1, after.key[0] if after else 0)
    page, total = outcomes[:limit], sum(told["documents"].values())
    more = len(outcomes) > limit
    return Job(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        **told,
        items=[_outcome(outcome, lang) for outcome in page],
        total=total,
        next=Cursor(OUTCOMES, "", (page[-1].number,)).text() if more else None,
        note=shown_of(len(page), total, lang) if len(page) < total else None,
    )


def _told(state: State, found: jobs.Job, lang: str) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind,
        "kind_text": label(f"job_{found.kind}", lang),
        "state": found.state,
        "state_text": label(f"job_{found.state}", lang),
        "stopping": found.stopping and found.state not in jobs.ENDED,
        "by": found.owner,
        "created": found.created,
        "started": found.started,
        "ended": found.ended,
        "progress": Progress(
            step=_step(found.step, lang),
            done=found.done,
            total=found.total,
        ),
        "documents": jobs.outcome_counts(state, found.id),
        "result": found.result,
        "error": fault(found.error, lang),
    }


def _step(code: str | None, lang: str) -> str | None:
    """A step in words: those of the queue, else those of the command line that leave nothing to be filled."""
    for key in (f"job_step_{code}", f"step_{code}"):
        if key in messages() and "{" not in (text := message(key, lang)):
            return text
    return code


def fault(error: dict[str, Any] | None, lang: str) -> Fault | None:
    """A stored error in words."""
    if error is None:
        return None
    return Fault(code=error["code"], message=_sentence(error["code"], error["params"], lang))


def _outcome(outcome: jobs.DocumentOutcome, lang: str) -> JobOutcome:
    body = outcome.body
    counts = {
        name: body.get(name, 0) for name in ("rows", "facts", "new", "duplicates", "rejected", "warned")
    }
    return JobOutcome(
        name=outcome.name,
        sha256=outcome.sha256 or None,
        state=outcome.state,  # type: ignore[arg-type]
        format=body.get("format") or None,
        **counts,
        synthetic=body.get("synthetic", False),
        error=fault(body.get("error"), lang),
        warnings=[_warning(warning, lang) for warning in body.get("warnings", ())],
    )


def _warning(warning: dict[str, Any], lang: str) -> Counted:
    code, field, value = warning["code"], warning["field"] or "", warning["value"] or ""
    known = code in messages()
    text = Problem(code, field=field, value=value, params=warning["params"]).text(lang) if known else code
    return Counted(code=code, message=text, field=field, value=value, count=warning["count"])


def _sentence(code: str, params: dict[str, Any], lang: str) -> str:
    """An error in words; its code where a newer version wrote it."""
    return message(code, lang, **params) if code in messages() else code
