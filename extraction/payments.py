"""Payments meet invoices and contracts: who paid what, why that is believed, and what a person must decide.

Blocked by the pair of firms, so that the work grows with the papers and not with their product; within
a pair see `extraction.payments_pair`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from extraction.payments_contracts import CONTRACT_OF, contract_of, instalments, with_tax
from extraction.payments_desk import Deal, Due, Payment, Settled
from extraction.payments_movements import MOVEMENTS, Who, movements
from extraction.payments_pair import match_pair
from extraction.payments_refunds import refunds, returned
from extraction.payments_text import names_firm, said

REASON = pl.Struct({"name": pl.String, "gave": pl.Float64, "left": pl.String, "right": pl.String})
#: One row a payment and what it is put against. `basis`: proven | assumed | asked (rule `tie`, `deduction`,
#: `named_other`: the amount is what it would be, and counts nowhere). Refunds have negative amounts.
SETTLEMENTS = pl.Schema(
    {  # type: ignore[arg-type]
        "payment": pl.String,
        "invoice": pl.String,
        "contract": pl.String,
        "seller": pl.String,
        "buyer": pl.String,
        "happened_on": pl.Date,
        "amount_fen": pl.Int64,
        "rule": pl.String,
        "basis": pl.String,
        "confidence": pl.Float64,
        "reasons": pl.List(REASON),
    }
)
#: Purposes of movements that may pay an invoice; null is not known.
_PAYS = ("trade", "third_party")
_Pair = tuple[str, str]
_EPOCH = 719_163  # ordinal of 1970-01-01


@dataclass(frozen=True)
class Settlements:
    """`settled`: columns SETTLEMENTS. `movements`: every movement once. `contract_of`: invoice → contract."""

    settled: pl.DataFrame
    movements: pl.DataFrame
    contract_of: pl.DataFrame


def no_settlements() -> Settlements:
    """Of a ledger that holds no statements."""
    schemas = (SETTLEMENTS, MOVEMENTS, CONTRACT_OF)
    return Settlements(*(pl.DataFrame(schema=schema) for schema in schemas))


@dataclass(frozen=True)
class Papers:
    """Rows of the ledger: bank_flows, bills, contracts, contract_terms; and of `invoices` the settled ones
    (fact, number, seller, buyer, happened_on, total_fen, status, currency) with remark and reverses."""

    flows: pl.DataFrame
    bills: pl.DataFrame
    invoices: pl.DataFrame
    contracts: pl.DataFrame
    terms: pl.DataFrame


def match_payments(papers: Papers, who: Who) -> Settlements:
    """Put every payment against what it pays, where that can be told."""
    moved = movements(papers.flows, papers.bills, who)
    contracts = with_tax(_named(papers.contracts, who))
    owed = papers.invoices.filter(
        (pl.col("status") != "void")
        & (pl.col("currency") == "CNY")
        & pl.all_horizontal(pl.col("seller", "buyer", "happened_on").is_not_null())
        & (pl.col("seller") != pl.col("buyer"))
    )
    blue = owed.filter(pl.col("total_fen") > 0)
    links = contract_of(blue, contracts)
    back = returned(owed)
    paid = _addressed(moved, blue, who)
    rows = list(_settled(paid, blue, back, contracts, links, instalments(contracts, papers.terms)))
    rows += refunds(moved, owed)
    days = moved.select("payment", "happened_on")
    settled = _frame(rows).join(days, on="payment", how="left")
    order = ["payment", "invoice", "contract"]
    return Settlements(settled.select(SETTLEMENTS.names()).sort(order, nulls_last=True), moved, links)


def _named(contracts: pl.DataFrame, who: Who) -> pl.DataFrame:
    """Contracts in yuan, each once, with enterprises for parties."""
    once = (
        contracts.filter(pl.col("currency").fill_null("CNY") == "CNY")
        .sort("fact", "row", "reading")
        .unique("fact", keep="first", maintain_order=True)
    )
    return once.with_columns(seller=who.of(once["seller"]), buyer=who.of(once["buyer"]))


def _addressed(moved: pl.DataFrame, blue: pl.DataFrame, who: Who) -> pl.DataFrame:
    """Movements that may pay invoices, with seller, buyer and whether somebody else paid for the buyer."""
    trade = moved.filter(
        pl.col("purpose").is_in(_PAYS) | pl.col("purpose").is_null(),
        pl.col("payee").is_not_null(),
        (pl.col("payer") != pl.col("payee")).fill_null(True),
    )
    pairs = blue.select("seller", "buyer").unique()
    direct = trade.join(pairs, left_on=["payee", "payer"], right_on=["seller", "buyer"], how="semi")
    rest = trade.join(direct.select("payment"), on="payment", how="anti")
    text = pl.col("text").fill_null("")
    for_others = pl.concat([rest.filter(text != ""), direct.filter(text.str.contains("代"))])
    debtors = _debtors(for_others, pairs, who)
    straight = trade.join(debtors, on="payment", how="left", maintain_order="left")
    return straight.select(
        "payment", "happened_on", "amount_fen", "text", seller="payee",
        buyer=pl.coalesce("debtor", "payer"), third_party=pl.col("debtor").is_not_null(),
    ).filter(pl.col("buyer").is_not_null())  # fmt: skip


def _debtors(rows: pl.DataFrame, pairs: pl.DataFrame, who: Who) -> pl.DataFrame:
    """payment → the one customer of the payee whom its words name as the debtor."""
    customers = pairs.filter(pl.col("seller").is_in(rows["payee"].unique().implode()))
    named = customers.join(who.names(), left_on="buyer", right_on="enterprise").sort(
        "seller", "buyer", "name"
    )
    names: dict[str, list[tuple[str, str]]] = {}
    for seller, buyer, name in named.iter_rows():
        names.setdefault(seller, []).append((buyer, name))
    found = []
    for payment, payer, payee, text in rows.select("payment", "payer", "payee", "text").iter_rows():
        words = said(text)
        fits = {b for b, name in names.get(payee, ()) if b != payer and names_firm(words, name)}
        if len(fits) == 1 and (words.for_another or payer is None):
            found.append((payment, fits.pop()))
    return pl.DataFrame(found, schema={"payment": pl.String, "debtor": pl.String}, orient="row")


def _settled(
    paid: pl.DataFrame,
    blue: pl.DataFrame,
    back: pl.DataFrame,
    contracts: pl.DataFrame,
    links: pl.DataFrame,
    terms: dict[str, tuple[int, ...]],
) -> Iterator[tuple[_Pair, Settled]]:
    """Pair by pair."""
    payers = paid.select("seller", "buyer").unique()
    deals = _deals(contracts.join(payers, on=["seller", "buyer"], how="semi"), terms)
    place = {deal.fact: n for group in deals.values() for n, deal in enumerate(group)}
    dues = _dues(blue.join(payers, on=["seller", "buyer"], how="semi"), back, links, place)
    for pair, payments in _payments(paid).items():
        for row in match_pair(payments, dues.get(pair, []), deals.get(pair)):
            yield pair, row


def _payments(paid: pl.DataFrame) -> dict[_Pair, list[Payment]]:
    found: dict[_Pair, list[Payment]] = {}
    ordered = paid.sort("seller", "buyer", "payment").with_columns(_ordinal())
    columns = ("seller", "buyer", "payment", "day", "amount_fen", "text", "third_party")
    for seller, buyer, fact, day, amount, text, third in ordered.select(columns).iter_rows():
        found.setdefault((seller, buyer), []).append(Payment(fact, day, amount, said(text), third))
    return found


def _dues(
    blue: pl.DataFrame, back: pl.DataFrame, links: pl.DataFrame, place: dict[str, int]
) -> dict[_Pair, list[Due]]:
    reds = back.group_by("invoice").agg("reds")
    rows = (
        blue.with_columns(_ordinal())
        .join(reds, left_on="fact", right_on="invoice", how="left")
        .join(links.select("invoice", "contract"), left_on="fact", right_on="invoice", how="left")
        .sort("seller", "buyer", "fact")
    )
    found: dict[_Pair, list[Due]] = {}
    columns = ("seller", "buyer", "fact", "number", "day", "total_fen", "reds", "contract")
    for seller, buyer, fact, number, day, total, taken, contract in rows.select(columns).iter_rows():
        backs = tuple(sorted((r["day"], r["amount"]) for r in taken or ()))
        due = Due(fact, number or "", day, total, backs, place.get(contract))
        found.setdefault((seller, buyer), []).append(due)
    return found


def _deals(contracts: pl.DataFrame, terms: dict[str, tuple[int, ...]]) -> dict[_Pair, list[Deal]]:
    found: dict[_Pair, list[Deal]] = {}
    rows = contracts.filter(pl.col("happened_on").is_not_null()).with_columns(_ordinal())
    columns = ("seller", "buyer", "fact", "number", "day", "total_fen")
    for seller, buyer, fact, number, day, total in rows.sort("fact").select(columns).iter_rows():
        deal = Deal(fact, number or "", day, total, terms.get(fact, ()))
        found.setdefault((seller, buyer), []).append(deal)
    return found


def _ordinal() -> pl.Expr:
    return (pl.col("happened_on").cast(pl.Int32) + _EPOCH).alias("day")


def _frame(rows: list[tuple[_Pair, Settled]]) -> pl.DataFrame:
    """The rows in columns; reasons are gathered by row number, not as a million small objects."""
    flat = [(n, *reason) for n, (_, row) in enumerate(rows) for reason in row.reasons]
    schema = {"row": pl.Int64, "name": pl.String, "gave": pl.Float64, "left": pl.String, "right": pl.String}
    reasons = (
        pl.DataFrame(flat, schema=schema, orient="row")
        .with_columns(pl.col("gave").round(3))
        .group_by("row", maintain_order=True)
        .agg(reasons=pl.struct("name", "gave", "left", "right"))
    )
    heads = [(n, *pair, *row[:7]) for n, (pair, row) in enumerate(rows)]
    kinds: dict[str, Any] = {"row": pl.Int64, **{c: SETTLEMENTS[c] for c in _HEADS}}
    return pl.DataFrame(heads, schema=kinds, orient="row").join(reasons, on="row", how="left")


_HEADS = ("seller", "buyer", "payment", "invoice", "contract", "amount_fen", "rule", "basis", "confidence")
