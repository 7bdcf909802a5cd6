"""Who is who as models: what is asked and answered by `match`, and what people are asked to review."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.models import Answer, Model

Verdict = Literal["accept", "ask", "reject", "none"]
Decision = Literal["same", "different", "later", "undo"]


class MatchQuery(Model):
    """What is known of a firm. At least a name or a code."""

    name: str = Field("", max_length=200)
    code: str = Field("", max_length=40)
    address: str = Field("", max_length=300)
    phone: str = Field("", max_length=60)
    account: str = Field("", max_length=60)
    region: str = Field("", max_length=12)


class MatchQuestion(Model):
    """Up to 1,000 queries, answered in their order."""

    queries: list[MatchQuery] = Field(min_length=1, max_length=1_000)
    limit: int = Field(5, ge=1, le=20, description="Most candidates for one query")


class ScoreRow(Model):
    """A row of the score's table: a feature, what it gave, and what was compared."""

    feature: str
    text: str
    gave: float
    left: str
    right: str


class Why(Model):
    """A reason as a stable code and a sentence."""

    code: str
    message: str


class MatchCandidate(Model):
    """A firm that may be meant."""

    party: str
    enterprise: str | None = Field(description="Null where the party came after the last build")
    name: str
    code: str | None
    score: float
    confidence: float | None
    verdict: Verdict
    why: Why
    features: list[ScoreRow] | None = Field(description="The score's table; only with ?explain=true")


class MatchResult(Model):
    """The answer to one query. `ask`: a person should decide; `tie`: two fit equally well."""

    verdict: Verdict
    tie: bool
    why: Why
    accepted: str | None = Field(description="Party that is meant")
    candidates: list[MatchCandidate]


class MatchResults(Answer):
    """The answers, in the order of the queries."""

    items: list[MatchResult]
    total: int


class ReviewSide(Model):
    """One of the two that may be one firm."""

    party: str
    name: str
    code: str | None
    enterprise: str | None


class ReviewDecision(Model):
    """What a person decided of a pair."""

    decision: Literal["same", "different", "later"]
    by: str
    at: datetime
    why: str


class Review(Model):
    """Two names that may be one firm, and what would move in the graph if they were."""

    id: str
    left: ReviewSide
    right: ReviewSide
    score: float
    impact_fen: int = Field(description="Amounts that would move")
    tie: bool
    features: list[ScoreRow]
    decided: ReviewDecision | None


class Reviews(Answer):
    """What waits for a person, the largest impact first."""

    items: list[Review]
    total: int
    next: str | None
    note: str | None = None


class ReviewOne(Answer):
    """One review by itself, also after it was decided and the next build no longer asks it."""

    id: str
    left: ReviewSide
    right: ReviewSide
    score: float | None = Field(description="Null where the published build does not ask it")
    impact_fen: int | None = Field(description="Amounts that would move; null as `score`")
    tie: bool
    features: list[ScoreRow]
    decided: ReviewDecision | None
    state: Literal["open", "later", "decided"]
    asked: bool = Field(description="Whether the published build asks it")


class ReviewAnswer(Model):
    """A person's decision; `undo` takes the last one back."""

    decision: Decision
    why: str = Field("", max_length=500)


class ReviewDone(Answer):
    """The review as it stands after the decision."""

    id: str
    decided: ReviewDecision | None
    judgement: str | None = Field(description="Id of the judgement; null after an undo")
    message: str
