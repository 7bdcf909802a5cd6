"""Jobs: what runs, how far it is, what became of each document; and how to stop one."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_jobs import Job, Jobs, JobState, NewJob
from api.paging import read_cursor
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views import jobs as views
from ledger import jobs

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], dependencies=[requires("documents:read")])
writing = APIRouter(prefix="/v1/jobs", tags=["jobs"], dependencies=[requires("documents:write")])
JobId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a job")]


@router.get("", response_model=Jobs, operation_id="list_jobs")
def list_jobs(
    asked: Asked,
    state: Annotated[JobState | None, Query(description="Only jobs in this state")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Jobs, newest first; a key bound to firms sees its own uploads."""
    after = read_cursor(cursor, views.LISTING, views.KEYS)
    store, snapshot, page = asked.data.state, asked.snapshot_or_none, (state, limit, after, asked.lang)
    if asked.handed is not None:
        return asked.answer(views.own_jobs(store, snapshot, asked.handed.jobs, *page))
    return asked.answer(views.job_list(store, snapshot, *page))


@router.get("/{job}", response_model=Job, operation_id="job")
def one_job(asked: Asked, job: JobId, limit: Limit = 100, cursor: NextPage = None) -> Response:
    """One job: its progress, its result, and what became of each document, a page at a time."""
    after = read_cursor(cursor, views.OUTCOMES, views.KEYS)
    if asked.handed is not None:
        asked.handed.job(job)
    return asked.answer(views.job(asked.data.state, asked.snapshot_or_none, job, limit, after, asked.lang))


@writing.post("", response_model=Job, operation_id="start_job", status_code=202)
def start_job(asked: Asked, wanted: Annotated[NewJob, Body()]) -> Response:
    """Queue a build of the graph; one that waits already is answered as it is."""
    state = asked.data.state
    id_ = jobs.queue_build(state, asked.by, force=wanted.force)
    answer = asked.answer(views.job(state, asked.snapshot_or_none, id_, 1, None, asked.lang))
    answer.status_code = 202
    return answer


@writing.post("/{job}/stop", response_model=Job, operation_id="stop_job")
def stop_job(asked: Asked, job: JobId) -> Response:
    """Stop a job. What it has read by then stays read; one that has ended answers 409."""
    state = asked.data.state
    jobs.stop(state, job, asked.by)
    return asked.answer(views.job(state, asked.snapshot_or_none, job, 100, None, asked.lang))
