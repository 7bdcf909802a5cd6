"""Reviews: pairs of names that may be one firm, and a person's decision on each."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models_match import ReviewAnswer, ReviewDone, ReviewOne, Reviews
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views import reviews as views

router = APIRouter(prefix="/v1/reviews", tags=["reviews"], dependencies=[requires("graph:read")])
writing = APIRouter(prefix="/v1/reviews", tags=["reviews"], dependencies=[requires("graph:judge")])


@router.get("", response_model=Reviews, operation_id="list_reviews")
def list_reviews(
    asked: Asked,
    state: Annotated[
        Literal["open", "later", "decided"],
        Query(description="open: nobody decided yet; later: put off; decided: same or different"),
    ] = "open",
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """What waits for a person, that first which would move the largest amounts in the graph."""
    after = asked.from_page(cursor, views.LISTING, views.KEYS)
    return asked.answer(views.reviews(asked.snapshot, asked.ledger, state, limit, after, _reader(asked)))


@router.get("/{review}", response_model=ReviewOne, operation_id="review")
def review(
    asked: Asked, review: Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a review")]
) -> Response:
    """One review by itself: what waits, what was put off, what was decided, whatever the build asks now."""
    return asked.answer(views.review(asked.snapshot, asked.ledger, review, _reader(asked)))


@writing.post("/{review}", response_model=ReviewDone, operation_id="decide_review")
def decide_review(
    asked: Asked,
    review: Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a review")],
    answer: Annotated[ReviewAnswer, Body()],
) -> Response:
    """Decide whether two are one firm, put it off, or take a decision back. The next build uses it."""
    deciding = views.Deciding(asked.ledger, asked.data.state, asked.by, asked.parties)
    done = views.decide(deciding, asked.snapshot_or_none, review, answer.decision, answer.why, asked.lang)
    return asked.answer(done)


def _reader(asked: Asking) -> views.Reader:
    return views.Reader(asked.lang, asked.by, asked.parties)
