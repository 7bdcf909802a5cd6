"""Lists of enterprises as tables: pasted ones matched, all of them screened."""

from typing import Literal

from pydantic import Field, model_validator

from api.models import Answer, Model, Named

#: Lines of one pasted list.
MOST_LINES = 5_000
Offer = Literal["none", "waiting", "approved", "expired", "declined"]
LoanState = Literal["none", "waiting", "active"]


class ListRow(Named):
    """An enterprise as a row of a table. What the caller's key may not see is null, and named in `hidden` of
    the answer."""

    code: str | None
    chain: str | None = Field(description="The chain it belongs to most, of those that fit the question")
    chain_name: str | None
    segment: str | None
    segment_name: str | None
    chains: int = Field(description="In how many chains it stands")
    level: int | None
    level_text: str
    depth: float | None
    confidence: float | None
    probability: float | None = Field(description="Calibrated, that it stands in this segment")
    basis: Literal["observed", "inferred"] | None
    core: Named | None = Field(description="The nearest core enterprise by observed links")
    is_core: bool
    hub: bool
    region: str | None
    region_name: str | None
    size: str | None
    size_text: str | None
    industry: str | None
    sales_fen: int = Field(description="Without tax, of the whole period")
    growth: float | None = Field(
        description="Of its sales against the same months of the year before (0.05: 5 % more); null where "
        "its own books do not cover both"
    )
    customers: int | None
    suppliers: int | None
    own_books: bool
    group: str | None
    group_text: str | None
    groups: int
    knock_outs: list[Named] = Field(
        description="Knock-out rules that the firm hits by itself: lists, standing, industry"
    )
    offer: Offer | None
    offer_text: str | None
    decision: str | None = Field(description="The decision that the offer rests on")
    loan: LoanState | None
    loan_text: str | None


class Hidden(Answer):
    """An answer of which columns may be hidden from the caller."""

    hidden: list[str] = Field(description="Columns that the caller's key may not see: null in every row")


class Screened(Hidden):
    """The enterprises that fit, a page at a time."""

    items: list[ListRow]
    total: int
    next: str | None
    note: str | None = Field(description="What was left off, such as `50 of 19,969`")
    day: str = Field(description="The day of the rules and offers (Asia/Shanghai)")


class ListQuery(Model):
    """A name, a code, or both."""

    name: str = Field("", max_length=200)
    code: str = Field("", max_length=40)
    enterprise: str | None = Field(
        None, pattern="^[0-9a-f]{16}$", description="Who is meant, where a person has chosen"
    )


class ListAsked(Model):
    """A pasted list: `text`, a line an enterprise (a name, a code, or both with a blank between), or
    `queries`. At most 5,000."""

    text: str = Field("", max_length=1_500_000)
    queries: list[ListQuery] = Field([], max_length=MOST_LINES)

    @model_validator(mode="after")
    def _one_of_both(self) -> "ListAsked":
        if bool(self.text.strip()) == bool(self.queries):
            raise ValueError("text or queries")
        return self


class ListCandidate(Named):
    """A firm that may be meant."""

    code: str | None
    score: float | None


class ListMatch(Model):
    """What one line means. `ambiguous`: `enterprise` is the best of several: a person should look."""

    row: int = Field(description="Line, from 1")
    name: str
    code: str
    status: Literal["matched", "ambiguous", "unmatched"]
    way: Literal["code", "name", "former_name", "letters", "alike", "chosen"] | None
    way_text: str | None
    score: float | None = Field(description="1 where a code or a name is equal, else how sure the matcher is")
    enterprise: ListRow | None
    candidates: list[ListCandidate] = Field(description="Told where it is ambiguous")
    again: bool = Field(description="A line before means the same enterprise")


class ListMatches(Hidden):
    """Every line in its order."""

    items: list[ListMatch]
    total: int
    matched: int
    ambiguous: int
    unmatched: int
    again: int
    day: str
