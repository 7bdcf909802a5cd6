"""What every firm sold and was paid, by seller: read once from a ledger for a snapshot, then sliced.

One row an attestation and not one an invoice: which attestation counts on a day depends on which were known
by then. Only what the snapshot counts as a sale between firms is here, and what was declared void.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from graph.csr import Int64, starts
from graph.snapshot import Snapshot
from ledger.invoice_kinds import expense_kinds
from ledger.ledger import Ledger

_TAKEN = (
    *("fact", "weak", "kind", "number", "happened_on", "known_at", "side", "status"),
    *("amount_fen", "total_fen", "reverses"),
)
_DAY = pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date()
#: Channels of statements that show money coming in; a list of bills shows none.
_MONEY = ("bank", "wechat", "alipay", "acquirer")


@dataclass(frozen=True)
class SalesIndex:
    """Frames sorted by firm, each with where its firms begin.

    `rows`: seller, buyer, fact (canonical), kind, number, happened_on, known_on, side, status, amount_fen
    (without tax), total_fen (with tax), reverses; the attestation that counts first stands first.
    `attesting`: seller, fact (as attested), canonical. `statements`: enterprise, from, until.
    """

    snapshot: Snapshot
    rows: pl.DataFrame
    statements: pl.DataFrame

    @classmethod
    def of(cls, snapshot: Snapshot, ledger: Ledger) -> "SalesIndex":
        """The index. Seconds on a large ledger: keep it as long as `index_key` stays the same."""
        return cls(snapshot, _rows(snapshot, ledger), _statements(snapshot, ledger))

    def sold(self, firm: int) -> pl.DataFrame:
        """`rows` of one seller."""
        return _slice(self.rows, self._sold_at, firm)

    def paid(self, firm: int) -> pl.DataFrame:
        """The snapshot's settlements of what one seller was paid."""
        return _slice(self._settlements, self._paid_at, firm)

    def covered(self, firm: int) -> pl.DataFrame:
        """from, until of the statements of one firm's accounts that are in."""
        return _slice(self.statements, self._covered_at, firm)

    def kin(self, firm: int) -> pl.Series:
        """Firms of the same group by control, or the same entity: int32, `firm` left out."""
        mine = self._groups.filter(pl.col("enterprise") == firm).select("group")
        found = self._groups.join(mine, on="group", how="semi")["enterprise"].unique().sort()
        return found.filter(found != firm)

    @cached_property
    def _groups(self) -> pl.DataFrame:
        kinds = ("control", "one_entity")
        held = self.snapshot.groups.filter(pl.col("kind").is_in(kinds)).select(group="id")
        members = self.snapshot.group_members.select("group", "enterprise").unique()
        return members.join(held, on="group", how="semi").sort("enterprise", "group")

    @cached_property
    def _settlements(self) -> pl.DataFrame:
        columns = ("seller", "buyer", "invoice", "contract", "happened_on", "amount_fen", "basis")
        return self.snapshot.settlements.select(columns).sort("seller", "invoice", "happened_on")

    @cached_property
    def _sold_at(self) -> Int64:
        return self._at(self.rows["seller"])

    @cached_property
    def _paid_at(self) -> Int64:
        return self._at(self._settlements["seller"])

    @cached_property
    def _covered_at(self) -> Int64:
        return self._at(self.statements["enterprise"])

    def _at(self, firms: pl.Series) -> Int64:
        return starts(firms.to_numpy(), self.snapshot.counts["enterprises"])


def index_key(snapshot: Snapshot, ledger: Ledger) -> tuple[str, int]:
    """What an index stays true for: the snapshot, and the documents that the ledger held."""
    return snapshot.id, ledger.tables.version("documents")


def _slice(frame: pl.DataFrame, at: Int64, firm: int) -> pl.DataFrame:
    return frame.slice(int(at[firm]), int(at[firm + 1] - at[firm]))


def _rows(snapshot: Snapshot, ledger: Ledger) -> pl.DataFrame:
    """Attestations of the snapshot's invoices, with the firms of the edge that each stands behind."""
    ends = snapshot.edges.select("src", "dst").with_row_index("edge").cast({"edge": pl.Int32})
    behind = snapshot.evidence_table().join(ends.lazy(), on="edge").drop("edge")
    aliases = snapshot.aliases.lazy()
    documents = ledger.documents().select("reading", "sha256").lazy()
    said = (
        ledger.scan("invoices")
        .filter(~pl.col("kind").is_in(expense_kinds()) & (pl.col("currency").fill_null("CNY") == "CNY"))
        .select(*_TAKEN, "reading", "row", party_s="seller", party_b="buyer")
        .join(aliases, on="fact", how="left")
        .with_columns(attested="fact", fact=pl.coalesce("canonical", "fact"))
        .drop("canonical")
    )
    counted = said.join(behind, on="fact", how="left")
    who = snapshot.members.select("party", "enterprise").lazy()
    void = pl.col("status") == "void"
    found = (
        counted.join(who.rename({"party": "party_s", "enterprise": "s"}), on="party_s", how="left")
        .join(who.rename({"party": "party_b", "enterprise": "b"}), on="party_b", how="left")
        .with_columns(
            seller=pl.coalesce("src", pl.when(void).then("s")),
            buyer=pl.coalesce("dst", pl.when(void).then("b")),
        )
        .filter(pl.all_horizontal(pl.col("seller", "buyer", "happened_on").is_not_null()))
        .join(documents, on="reading")
        .join(aliases.rename({"fact": "reverses", "canonical": "blue"}), on="reverses", how="left")
        .with_columns(reverses=pl.coalesce("blue", "reverses"), known_on=_DAY)
        .sort("seller", "fact", _strength(), _rank(), "sha256", "row")
        .select("seller", "buyer", "fact", "attested", *(c for c in _TAKEN if c not in _LEFT_OUT), "known_on")
        .collect()
    )
    return found.rechunk()


_LEFT_OUT = ("fact", "weak", "known_at")


def _strength() -> pl.Expr:
    """As `graph.invoices.preferred` has it: void, red, normal."""
    return pl.col("status").replace_strict(["void", "red"], [0, 1], default=2, return_dtype=pl.Int8)


def _rank() -> pl.Expr:
    """The seller's own book, then the paper, then the buyer's book."""
    return pl.col("side").replace_strict(["sale", "purchase"], [0, 2], default=1, return_dtype=pl.Int8)


def _statements(snapshot: Snapshot, ledger: Ledger) -> pl.DataFrame:
    """enterprise, from, until: days of which a statement of the firm's own is in."""
    return (
        ledger.scan("statements")
        .filter(
            pl.col("channel").is_in(_MONEY) & pl.col("from").is_not_null() & pl.col("until").is_not_null()
        )
        .select("owner", "from", "until")
        .join(snapshot.members.lazy().select("party", "enterprise"), left_on="owner", right_on="party")
        .select("enterprise", "from", "until")
        .unique()
        .sort("enterprise", "from", "until")
        .collect()
    )


def contract_days(snapshot: Snapshot, firm: int) -> pl.DataFrame:
    """What contracts of one seller say of payment after an invoice or delivery, one row a contract.

    seller, buyer, contract, starts, until (of the contract), trigger, days, due_on. Of several payments the
    one with the largest share counts: it is what the invoice waits for.
    """
    mine = pl.col("seller") == firm
    after = ("invoice", "statement", "delivery", "acceptance", "completion", "date")
    terms = (
        snapshot.contract_terms.filter(
            mine & (pl.col("kind") == "payment") & pl.col("trigger").is_in(after)
            & (pl.col("days").is_not_null() | pl.col("due_on").is_not_null())
        )
        .sort("contract", "share", "term", descending=[False, True, False], nulls_last=True)
        .unique("contract", keep="first", maintain_order=True)
        .select("contract", "trigger", "days", "due_on")
    )  # fmt: skip
    contracts = snapshot.contracts.filter(mine).select(
        "seller",
        "buyer",
        "contract",
        starts=pl.coalesce("starts", "happened_on"),
        until="until",
    )
    return contracts.join(terms, on="contract", maintain_order="left")


def merged(spans: pl.DataFrame) -> list[tuple[int, int]]:
    """Spans of days (from, until; sorted) joined where they touch, as days since 1970."""
    joined: list[tuple[int, int]] = []
    starts_at = spans["from"].to_physical().to_numpy()
    ends_at = spans["until"].to_physical().to_numpy()
    for at in np.argsort(starts_at, kind="stable"):
        first, last = int(starts_at[at]), int(ends_at[at])
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
