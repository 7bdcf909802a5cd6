"""Answers about positions learned: where a firm stands and why, whom it is like, whom it may deal with."""

from pydantic import Field

from api.models import Answer, Hop, Model, Named


class GoodsPath(Model):
    """The path of goods between a firm and a core enterprise, in the direction of the goods."""

    upstream: bool = Field(description="True: goods lead from the firm to the core enterprise")
    core: Named = Field(description="Where it leads: by what the goods say, maybe not the nearest core")
    worth: float = Field(
        description="Product over the hops of how sure their goods are, how much the trade matters to either "
        "side and 0.9 for each hop; it ranks paths and is no probability"
    )
    hops: list[Hop]


class Standing(Model):
    """Where an enterprise stands in one chain, every part with how sure it is and on what basis."""

    chain: Named
    chain_probability: float | None = Field(description="Calibrated; null where an older build did not say")
    segment: Named | None
    tier: int | None = Field(description="Planned place of the segment in its chain: 0 the end product")
    probability: float | None = Field(description="Calibrated probability of the segment")
    basis: str = Field(description="observed: its own goods say so; inferred: its links, name, industry do")
    basis_text: str
    membership: float | None
    role: str | None
    level: int | None = Field(description="Observed links to the core enterprise; negative downstream")
    level_text: str
    depth: float | None
    core: Named | None = Field(description="The nearest core enterprise by observed links")
    path: GoodsPath | None = Field(description="Null where no path of goods leads to a core enterprise")


class Sign(Model):
    """One thing that speaks for (or against) the segment a firm was put into."""

    sign: str
    text: str
    gave: float = Field(description="Log odds against the mean of all segments")


class PositionAnswer(Answer):
    """Where an enterprise stands, in every chain it belongs to, and what speaks for it."""

    enterprise: Named
    placed: bool
    text: str = Field(description="The position in one sentence, or that it cannot be placed")
    positions: list[Standing]
    signs: list[Sign]


class Alike(Model):
    """A firm that trades alike."""

    id: str
    name: str
    similarity: float = Field(description="Cosine of the embeddings, at most 1")
    segment: Named | None
    level: int | None
    region: str | None
    shared_products: list[str] = Field(description="Goods that both sell, largest first")
    shared_customers: int
    shared_suppliers: int


class Similar(Answer):
    """Firms most like one, by what they trade, with whom, and who they are."""

    items: list[Alike]


class Witness(Model):
    """A path of three observed links that speaks for a suggested link: the supplier sells to a firm that
    also buys from somebody who sells to the customer."""

    shared_customer: Named
    rival: Named


class CounterPath(Model):
    """A path of observed links that speaks against a suggested link, in the direction of the goods."""

    kind: str = Field(
        description="reverse: goods flow from the buyer to the seller; elsewhere: a rival that shares a "
        "customer with the seller and does not supply the buyer; served: who sells the buyer these goods"
    )
    firms: list[Named]
    text: str


class SuggestedLink(Model):
    """A supply link that nobody reported, inferred. Never a customer, a receivable or an exposure."""

    partner: Named
    direction: str = Field(description="customer: the enterprise would sell to it; supplier: buy from it")
    probability: float
    basis: str = "inferred"
    way: str
    way_text: str
    product: str | None
    paths: list[Witness]
    of_paths: int = Field(description="How many such paths there are; `paths` holds the first")
    against_paths: list[CounterPath] = Field(description="Paths that speak against it, at most one of a kind")
    against: list[str] = Field(description="Books that would show it")


class SuggestedLinks(Answer):
    """Supply links that may exist though no book shows them."""

    note: str
    items: list[SuggestedLink]


class MadeOfGoods(Model):
    """That goods of a segment are made of something."""

    segment: Named
    input: Named
    input_is_segment: bool = Field(description="Whether the input is a segment's goods, else one product")
    score: float
    covered: float = Field(description="Share of the makers that buy it")
    makers: int
    basis: str = Field(description="learned: trade alone shows it; known: the chain's file says so as well")
    basis_text: str


class MadeOf(Answer):
    """What a chain's goods are made of."""

    items: list[MadeOfGoods]
