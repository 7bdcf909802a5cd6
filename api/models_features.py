"""Answers about features: the catalogue, and one enterprise's values with what they rest on."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.models import Answer, Model, Named

FeatureKind = Literal["number", "flag", "text"]
FeatureBasis = Literal["own", "seen", "stated", "observed", "inferred", "position"]


class FeatureDeclared(Model):
    """One feature of the catalogue."""

    name: str
    group: str
    group_label: str
    label: str
    text: str = Field(description="What it says")
    kind: FeatureKind
    unit: str
    unit_label: str
    basis: FeatureBasis = Field(
        description="own: own books; seen: anybody's papers, at least so much; stated: a register or paper; "
        "position: observed or inferred, firm by firm"
    )
    version: int = Field(description="Counts changes of its meaning")
    rests_on: str = Field(description="Which lineage of an enterprise's answer it has")


class FeatureCatalogue(Answer):
    """Every feature there is."""

    feature_set_version: str
    items: list[FeatureDeclared]
    total: int


class FeatureValue(Model):
    """One value, or the reason why there is none."""

    name: str
    group: str
    label: str
    text: str = Field(description="What it says")
    unit: str
    unit_label: str
    version: int
    value: float | str | None
    missing: str | None = Field(description="Code of the reason; null where there is a value")
    missing_text: str | None
    basis: FeatureBasis
    rests_on: str


class FeatureLink(Model):
    """A link that counts, as far as it was seen on the day."""

    seller: Named
    buyer: Named
    amount_fen: int = Field(description="Net, without tax")
    invoices: int
    first: str = Field(description="Month")
    last: str = Field(description="Month")
    evidence: str = Field(description="Path of the invoices behind the link")


class FeatureLineage(Model):
    """What the features that name it rest on; nothing in it is later than the day."""

    rests_on: str
    links: list[FeatureLink] = Field(description="The largest first")
    links_total: int
    note: str | None = Field(description="Where not all links are listed")
    invoices: int = Field(description="Behind all of the links")
    months: list[str] = Field(description="Of its own books")
    facts: list[str] = Field(description="Ids of some of the invoices, payments, contracts or statements")
    facts_total: int | None = Field(description="Null where only the ledger could tell")


class EnterpriseFeatures(Answer):
    """One enterprise's features as of a day."""

    enterprise: Named
    feature_set_version: str
    day: date = Field(description="The day asked for; nothing later counts")
    until: date = Field(description="The last day of the last full month that counts")
    in_graph: bool = Field(description="Whether any of its dealings were seen by then")
    items: list[FeatureValue]
    total: int
    lineage: list[FeatureLineage]
