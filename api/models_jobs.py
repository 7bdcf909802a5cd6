"""The answers about jobs as models."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.models import Answer, Model

JobKind = Literal["ingest", "build"]
JobState = Literal["queued", "running", "done", "failed", "stopped"]


class Fault(Model):
    """What went wrong, as a stable code and a sentence."""

    code: str
    message: str


class Counted(Fault):
    """A warning of a document: an example of it, and how often it came."""

    field: str
    value: str
    count: int


class Progress(Model):
    """How far a job is: `done` of `total` things; null where nobody can say."""

    step: str | None = Field(description="What is being done, in words")
    done: int
    total: int | None


class JobOutcome(Model):
    """What became of one document that was handed in."""

    name: str
    sha256: str | None = Field(description="The document's id; null where there is no document")
    state: Literal["read", "known", "failed"]
    format: str | None
    rows: int
    facts: int
    new: int = Field(description="Facts that the ledger did not hold before")
    duplicates: int
    rejected: int
    warned: int = Field(description="Facts with warnings")
    synthetic: bool
    error: Fault | None
    warnings: list[Counted]


class JobSummary(Model):
    """One job."""

    id: str
    kind: JobKind
    kind_text: str
    state: JobState
    state_text: str
    stopping: bool = Field(description="It was asked to stop and has not stopped yet")
    by: str
    created: datetime
    started: datetime | None
    ended: datetime | None
    progress: Progress
    documents: dict[str, int] = Field(description="Documents by what became of them: read, known, failed")
    result: dict[str, Any] | None = Field(description="Counts, and `build`: the job that builds after it")
    error: Fault | None


class Job(Answer, JobSummary):
    """One job with what became of its documents, a page at a time."""

    items: list[JobOutcome]
    total: int
    next: str | None
    note: str | None = None


class Jobs(Answer):
    """Jobs, newest first."""

    items: list[JobSummary]
    total: int
    next: str | None
    note: str | None = None


class Uploaded(Model):
    """One file of an upload as it came in; what is in it is told by the job."""

    name: str
    sha256: str | None = Field(description="Of the file itself; an archive's documents have their own")
    accepted: bool
    error: Fault | None


class Upload(Answer):
    """An upload that was taken in: the job that reads it, and its files."""

    job: str
    location: str = Field(description="Where the job is told of")
    files: list[Uploaded]


class NewJob(Model):
    """A job to be queued."""

    kind: Literal["build"]
    force: bool = Field(False, description="Build even when nothing has changed")
