"""A chain's map at two dates beside each other."""

from pydantic import Field

from api.models import Answer, Model, Named, Place


class CellCompared(Place):
    """A cell at two dates."""

    enterprises_before: int
    enterprises_after: int
    amount_before_fen: int
    amount_after_fen: int
    change: float | None = Field(
        description="Of the amount (0.05: 5 % more); null where there was none before"
    )


class FlowCompared(Model):
    """Trade between two cells at two dates."""

    from_: Place = Field(serialization_alias="from")
    to: Place
    amount_before_fen: int
    amount_after_fen: int
    links_before: int
    links_after: int


class MonthsOf(Model):
    """The months that one side of the comparison counts."""

    since: str
    until: str
    months: int


class MapCompared(Answer):
    """A chain at two dates; cells and flows of either."""

    chain: Named
    before: MonthsOf
    after: MonthsOf
    cells: list[CellCompared]
    flows: list[FlowCompared]
    note: str
