"""The answers of the API as models: what OpenAPI declares and what the routes send.

Amounts are int64 fen in fields named `*_fen`, without tax unless the name says `total`; prices,
quantities and rates are exact decimals as strings.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Attested = Literal["seller", "buyer", "both", "paper"]
Flow4 = Literal["proven", "partly", "not_seen"]


class Model(BaseModel):
    """Base of all: built once, never changed; `from` is spelt `from_` in Python."""

    model_config = ConfigDict(frozen=True)


class Answer(Model):
    """What every answer bears: the published snapshot it was read from and that one's data cut-off."""

    snapshot: str | None = Field(description="Id of the snapshot the answer was read from")
    as_of: date | None = Field(description="Data cut-off date (Asia/Shanghai)")


class Named(Model):
    """Something with an id and a name in the reader's language."""

    id: str
    name: str


class ProblemEntry(Model):
    """One thing wrong with one value."""

    file: str
    row: int
    field: str
    value: str
    code: str
    message: str


class ProblemDetails(Model):
    """The one shape of every error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="Stable; the texts are not")
    snapshot: str | None
    errors: list[ProblemEntry]


class DepthCount(Model):
    """How many enterprises stand at one depth."""

    depth: int
    enterprises: int


class ChainSummary(Named):
    """One industry chain in a list."""

    enterprises: int = Field(description="Enterprises in the chain, unplaced ones included")
    segments: int
    amount_fen: int = Field(description="Sales without tax of those enterprises")
    unplaced: int
    synthetic: bool
    density: list[DepthCount] = Field(default=[], description="Enterprises by depth, upstream first")


class ChainTotals(Model):
    """The whole graph, each enterprise counted once: placed, unplaced and hubs add up to `enterprises`."""

    enterprises: int
    placed: int = Field(description="With a segment in some chain; hubs are counted apart")
    unplaced: int = Field(description="Without a segment in any chain")
    hubs: int
    with_goods: int = Field(description="Enterprises whose papers name an item that they sell")


class Chains(Answer):
    """All industry chains, in their declared order, and what the whole graph holds."""

    items: list[ChainSummary]
    total: int
    next: str | None = None
    totals: ChainTotals


class CoreEnterprise(Named):
    """A core enterprise of a chain, and the segment it stands in."""

    segment: str | None


class Candidate(Named):
    """A large buyer, offered where no core enterprise is known: of the chain, or of all if it is empty."""

    amount_fen: int = Field(description="Purchases without tax")


class MapSegment(Named):
    """A row of the map."""

    tier: int
    role: str
    end: bool


class Place(Model):
    """Where a cell stands on the map."""

    segment: str
    depth: int


class Cell(Place):
    """The enterprises of one segment at one depth."""

    enterprises: int
    inferred: int = Field(default=0, description="Of these, placed by their links and names alone")
    amount_fen: int = Field(description="Their sales without tax")
    value: float | None = Field(default=None, description="What the map is coloured by; null: not known")
    of: int = Field(default=0, description="Enterprises behind the value")
    category: str | None = Field(default=None, description="By region: the province of most of them")
    category_text: str | None = None


class Flow(Model):
    """Trade between two cells of one map."""

    from_: Place = Field(serialization_alias="from")
    to: Place
    amount_fen: int
    links: int


class Unplaced(Model):
    """Enterprises of the chain that stand in no cell: no segment, or no depth."""

    enterprises: int
    amount_fen: int


class MapScale(Model):
    """What the cells of a map are coloured by, and how far its values reach."""

    color: str
    name: str
    unit: Literal["count", "fen", "share", "change", "category"]
    least: float | None
    most: float | None
    note: str | None


class ChainMap(Answer):
    """The industry map of a chain: segments by depth, aggregated. Cells and unplaced add up to `total`.

    At a time, only who traded in those months counts; places are those of the snapshot.
    """

    chain: Named
    synthetic: bool
    core_known: bool
    cores: list[CoreEnterprise]
    candidates: list[Candidate]
    segments: list[MapSegment]
    depths: list[int] = Field(description="Columns, upstream first")
    cells: list[Cell]
    flows: list[Flow]
    unplaced: Unplaced
    total: int
    scale: MapScale | None = None
    since: str | None = Field(default=None, description="First month that counts, of a map at a time")
    until: str | None = Field(default=None, description="Last month that counts")


class ChainEnterprise(Named):
    """An enterprise in the list of a chain or of one of its cells."""

    code: str | None
    region: str | None
    segment: str | None
    basis: str | None = Field(default=None, description="observed by its own goods, or inferred")
    confidence: float | None
    depth: float | None
    level: int | None
    sales_fen: int
    own_books: bool


class ChainEnterprises(Answer):
    """Enterprises of a chain, or those of none, by sales, a page at a time."""

    items: list[ChainEnterprise]
    total: int
    next: str | None
    note: str | None = Field(None, description="Says what was left off, such as `40 of 1,312`")


class Match(Named):
    """An enterprise found, and by what."""

    code: str | None
    match: Literal["code", "name", "initials", "pinyin"]


class Matches(Answer):
    """Enterprises found by name, pinyin, initials or code; exact codes and beginnings first."""

    items: list[Match]
    total: int
    next: str | None = None
    note: str | None = None


class OwnMonth(Model):
    """A month of which own books are in, and how many invoices they hold."""

    month: str
    invoices: int


class OwnBooks(Model):
    """Which own books of an enterprise are in, per side; null and empty where none are.

    A month that is not listed is only seen in others' papers: there a zero means nothing.
    """

    sales_until: date | None
    purchases_until: date | None
    sales: list[OwnMonth] = []
    purchases: list[OwnMonth] = []


class Member(Model):
    """A party that belongs to an enterprise, and why."""

    party: str
    scheme: str
    code: str | None
    name: str | None
    reason: str | None = Field(description="Null for the party the enterprise is named by")
    reason_text: str | None = Field(default=None, description="The reason in the reader's language")
    evidence: int = Field(description="Matching invoices behind the reason")


class Position(Model):
    """Where an enterprise stands in one chain."""

    chain: Named
    segment: Named | None
    confidence: float | None
    probability: float | None = Field(
        default=None, description="Calibrated, that it stands in this segment; null where no build said so"
    )
    basis: str | None = Field(default=None, description="observed by its own goods, or inferred")
    membership: float | None
    level: int | None = Field(description="Links to the core enterprise; negative downstream")
    level_text: str
    depth: float | None
    depth_unweighted: float | None
    core: Named | None


class EnterpriseProfile(Answer):
    """One enterprise: what is known of it, its members and its positions."""

    id: str
    name: str
    code: str | None
    scheme: str
    region: str | None
    industry: str | None
    size: str | None
    taxpayer: str | None
    legal_form: str | None
    role: str | None
    hub: bool
    synthetic: bool
    own_books: OwnBooks
    sales_fen: int
    purchases_fen: int
    retail_fen: int
    customers: int
    suppliers: int
    first: date | None
    last: date | None
    members: list[Member]
    positions: list[Position]


class Neighbour(Named):
    """A partner and the sum of the link to it."""

    amount_fen: int
    gross_fen: int
    red_fen: int
    count: int
    first: date | None
    last: date | None
    attested: Attested | None
    hub: bool


class Neighbours(Answer):
    """The largest partners on one side, by amount; `note` says how many there are."""

    items: list[Neighbour]
    total: int
    shown: int
    note: str


class Hop(Model):
    """One link of a path of goods."""

    from_: Named = Field(serialization_alias="from")
    to: Named
    amount_fen: int
    count: int
    first: date | None
    last: date | None
    months: list[str] = Field(description="Months in which the link was invoiced, e.g. 2025-03")
    items: list[str] = Field(description="What went over the link, largest first; empty where it is unknown")
    feeds: bool | None = Field(
        description="Whether what the seller bought on the hop before feeds what it sells here, by segments "
        "and dates; true on a first hop, null where it cannot be judged"
    )
    reason: str | None = Field(description="Why `feeds` is not true")


class Path(Model):
    """Links from the seller onwards, in the direction of the goods."""

    hops: list[Hop]


class Paths(Answer):
    """Shortest paths of goods; an empty list says that there is none within the bound."""

    items: list[Path]
    longest: int = Field(description="Links within which paths were looked for")
    cut: bool = Field(description="True where the search gave up before it had looked everywhere")


class EvidenceLine(Model):
    """One line of an invoice."""

    item: str | None
    quantity: str | None
    unit: str | None
    price: str | None
    amount_fen: int | None
    rate: str | None


class EvidenceDocument(Named):
    """A document that attests a fact; its id is its SHA-256."""

    row: int = Field(description="Row in it, from 1; 0 = the document as a whole")
    format: str
    amount_fen: int | None = Field(description="As this document states it")
    total_fen: int | None = Field(description="Including tax, as this document states it")
    status: str = Field(description="As this document states it")


class Warned(Model):
    """What a reader found odd about one value of an invoice that it accepted."""

    code: str
    message: str
    field: str
    value: str


class FourFlows(Model):
    """Which of the four flows of a sale are proven; null: no paper that could prove it is read."""

    contract: Flow4 | None = Field(
        description="proven: the invoice names the contract; partly: amounts agree"
    )
    goods: Flow4 | None = Field(description="Null until papers of delivery are read")
    invoice: Flow4 | None = Field(description="proven: seller and buyer both attest it; partly: one does")
    cash: Flow4 | None = Field(description="proven: paid but for a bank's fee; partly: some, or perhaps")
    contract_fact: str | None = None
    settled_fen: int = Field(default=0, description="Proven payments for it, with tax")
    assumed_fen: int = Field(default=0, description="Payments put on it by order alone, with tax")


class EvidenceFact(Model):
    """One invoice behind a link as the graph counts it, with the documents that attest it, the one that
    counts first: void before red before normal, then the seller's book, a paper, the buyer's book."""

    fact: str
    number: str | None
    kind: str
    kind_text: str
    happened_on: date | None
    amount_fen: int | None
    tax_fen: int | None
    total_fen: int | None = Field(description="Including tax")
    currency: str | None
    status: str
    lines: list[EvidenceLine]
    documents: list[EvidenceDocument]
    disagrees: bool = Field(description="The documents state different amounts or standing")
    warnings: list[Warned]
    flows: FourFlows


class Evidence(Answer):
    """The invoices behind a link, a page at a time."""

    items: list[EvidenceFact]
    total: int
    next: str | None
    note: str | None = None
    withdrawn: int = Field(0, description="Facts whose documents were withdrawn since the build; not shown")


class DocumentInfo(Answer):
    """A document as the ledger counts it."""

    id: str
    name: str
    format: str
    bytes: int
    rows: int
    facts: int
    rejected: int
    duplicates: int
    synthetic: bool


class PropertyKind(Model):
    """A property of a node or edge kind, as declared."""

    name: str
    label: str
    type: Literal["string", "integer", "float", "boolean", "date"]


class NodeKindInfo(Model):
    """A kind of node, as declared. Its key is `id`."""

    name: str
    label: str
    properties: list[PropertyKind]


class EdgeKindInfo(NodeKindInfo):
    """A kind of edge, as declared: it points from one of `sources` to `target`."""

    sources: list[str]
    target: str
    direction: str = Field(description="What the arrow means, from whom to whom")


class Kinds(Answer):
    """Node and edge kinds of the graph with their labels."""

    nodes: list[NodeKindInfo]
    edges: list[EdgeKindInfo]


class Words(Answer):
    """Every label in the reader's language."""

    labels: dict[str, str]


class Health(Model):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class Ready(Answer):
    """What the process can answer from."""

    ready: bool
    store: Literal["answering", "unavailable"]
    store_snapshot: str | None = Field(description="The snapshot that the graph store holds")
    warm: bool = Field(description="Whether all that takes long is worked out; until then answers are slower")
