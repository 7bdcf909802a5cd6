"""What a firm was paid or paid, and for what, with the reasons; and the four flows of invoices."""

from typing import Any, Literal

import polars as pl

from api.models import FourFlows, Named
from api.models_payments import PaymentPaper, PaymentReason, Settlement, Settlements
from api.paging import Cursor
from api.views.notes import shown_of
from graph.snapshot import Snapshot
from ledger.ids import stable_ids
from ledger.ledger import Ledger
from ledger.words import Lang, label

LISTING = "payments"
#: Sort key of the list: day, then 60 bits of the line's id.
KEYS = 2
#: Whether the firm was paid or paid.
Direction = Literal["in", "out"]
#: An invoice of which the snapshot says no more than that it is there.
PLAIN = FourFlows(contract="not_seen", goods=None, invoice="partly", cash="not_seen")
_OF_FLOW = ("contract", "goods", "invoice", "cash")


def payments(
    snapshot: Snapshot,
    ledger: Ledger,
    asked: tuple[int, Direction],
    limit: int,
    after: Cursor | None,
    lang: Lang,
) -> Settlements:
    """A page of what is settled with the firm `asked` as seller (in) or as buyer (out), latest first."""
    firm, direction = asked
    mine, partner = ("seller", "buyer") if direction == "in" else ("buyer", "seller")
    every = _ordered(snapshot.settlements.filter(pl.col(mine) == firm))
    rest = every.filter(_follows(after.key)) if after else every
    page = rest.head(limit)
    last = page.select("day", "number").row(-1) if rest.height > limit else None
    told = _Told(ledger, page)
    return Settlements(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[_item(snapshot, row, row[partner], told, lang) for row in page.iter_rows(named=True)],
        total=every.height,
        next=Cursor(LISTING, snapshot.id, last).text() if last else None,
        note=shown_of(page.height, every.height, lang) if page.height < every.height else None,
    )


def four_flows(snapshot: Snapshot, facts: list[str]) -> dict[str, FourFlows]:
    """The four flows of invoices, by fact."""
    rows = snapshot.flows4.filter(pl.col("fact").is_in(facts))
    found = {
        row["fact"]: FourFlows(
            **{name: row[f"{name}_flow"] for name in _OF_FLOW},
            contract_fact=row["contract"],
            settled_fen=row["settled_fen"],
            assumed_fen=row["assumed_fen"],
        )
        for row in rows.iter_rows(named=True)
    }
    return {fact: found.get(fact, PLAIN) for fact in facts}


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """With day (as a number) and number (half an id of the line as one), in order."""
    line = stable_ids(*(pl.col(c) for c in ("payment", "invoice", "contract", "rule", "amount_fen")))
    keys = rows.with_columns(
        pl.col("happened_on").cast(pl.Int32).fill_null(0).alias("day"),
        line.str.slice(0, 15).str.to_integer(base=16).alias("number"),
    )
    return keys.sort("day", "number", descending=[True, False])


def _follows(key: tuple[int, ...]) -> pl.Expr:
    day, number = key
    return (pl.col("day") < day) | ((pl.col("day") == day) & (pl.col("number") > number))


class _Told:
    """What the ledger says of the facts of one page."""

    def __init__(self, ledger: Ledger, page: pl.DataFrame) -> None:
        facts = page["payment"].unique().to_list()
        flows, bills = ledger.facts("bank_flows", facts), ledger.facts("bills", facts)
        self.papers: dict[str, list[PaymentPaper]] = {}
        for row in flows.iter_rows(named=True):
            text = " ".join(filter(None, (row["summary"], row["remark"]))) or None
            self._note(row, row["way"], text)
        for row in bills.iter_rows(named=True):
            self._note(row, "bill", row["number"])
        self.invoices = _numbers(ledger, "invoices", page["invoice"])
        self.contracts = _numbers(ledger, "contracts", page["contract"])

    def _note(self, row: dict[str, Any], way: str | None, text: str | None) -> None:
        paper = PaymentPaper(id=row["sha256"], name=row["name"], row=row["row"], way=way, text=text)
        self.papers.setdefault(row["fact"], []).append(paper)


def _numbers(ledger: Ledger, table: str, facts: pl.Series) -> dict[str, str]:
    wanted = facts.drop_nulls().unique().to_list()
    return dict(ledger.facts(table, wanted).select("fact", "number").iter_rows()) if wanted else {}


def _item(snapshot: Snapshot, row: dict[str, Any], partner: int, told: _Told, lang: Lang) -> Settlement:
    return Settlement(
        **{name: row[name] for name in ("payment", "invoice", "contract", "happened_on", "amount_fen")},
        **{name: row[name] for name in ("rule", "basis", "confidence")},
        invoice_number=told.invoices.get(row["invoice"]),
        contract_number=told.contracts.get(row["contract"]),
        partner=Named(id=snapshot.id_of(partner), name=snapshot.enterprises["name"][partner]),
        rule_text=label(f"rule_{row['rule']}", lang),
        basis_text=label(f"basis_{row['basis']}", lang),
        reasons=[PaymentReason(text=label(f"paid_{r['name']}", lang), **r) for r in row["reasons"] or ()],
        papers=told.papers.get(row["payment"], []),
    )
