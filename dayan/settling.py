"""Between the rooms: the ledger's papers to the matching of payments, what it finds to the graph."""

import polars as pl

from extraction.payments import Papers, match_payments
from extraction.payments_movements import Who
from graph.enterprises import Resolved
from graph.settlements import MOVEMENTS, Paid
from ledger.ledger import Ledger


def settle_payments(
    ledger: Ledger,
    attested: pl.DataFrame,
    invoices: pl.DataFrame,
    same_fact: pl.DataFrame,
    resolved: Resolved,
) -> Paid:
    """What every payment in the ledger was for; nothing is matched where there are neither statements,
    bills nor contracts."""
    flows, bills, contracts, terms = (
        ledger.scan(table).collect() for table in ("bank_flows", "bills", "contracts", "contract_terms")
    )
    if flows.is_empty() and bills.is_empty() and contracts.is_empty():
        return Paid()
    papers = Papers(flows, bills, _with_words(invoices, attested, same_fact), contracts, terms)
    found = match_payments(papers, Who(resolved.enterprise_of, resolved.parties))
    return Paid(found.settled, found.contract_of, found.movements.select(MOVEMENTS.names()))


def _with_words(invoices: pl.DataFrame, attested: pl.DataFrame, same_fact: pl.DataFrame) -> pl.DataFrame:
    """`invoices` with remark and the canonical fact each reverses, from whichever book states them."""
    canonical = same_fact.select("fact", "canonical")
    said = (
        attested.lazy()
        .select("fact", "remark", "reverses")
        .filter(pl.col("remark").is_not_null() | pl.col("reverses").is_not_null())
        .join(canonical.lazy(), on="fact", how="left")
        .with_columns(fact=pl.coalesce("canonical", "fact"))
        .drop("canonical")
        .join(canonical.lazy().rename({"fact": "reverses"}), on="reverses", how="left")
        .with_columns(reverses=pl.coalesce("canonical", "reverses"))
        .group_by("fact")
        .agg(pl.col("remark", "reverses").drop_nulls().sort().first())
        .collect()
    )
    return invoices.join(said, on="fact", how="left", maintain_order="left")


def money_of(ledger: Ledger, attested: pl.DataFrame) -> pl.DataFrame:
    """party → `amount_fen`: invoices and movements of money that name it, added up without regard to sign.

    Only a weight: how much an answer to who is who would move.
    """
    invoices = attested.lazy().filter(pl.col("currency") == "CNY")
    flows = ledger.scan("bank_flows").filter(pl.col("currency") == "CNY")
    contracts = ledger.scan("contracts").filter(pl.col("currency") == "CNY")
    named = [invoices.select(party=who, fen="total_fen") for who in ("seller", "buyer")]
    named += [contracts.select(party=who, fen="amount_fen") for who in ("seller", "buyer")]
    named.append(flows.select(party="counterparty", fen="amount_fen"))
    every = pl.concat(named).filter(pl.col("party").is_not_null())
    return every.group_by("party").agg(pl.col("fen").abs().sum().alias("amount_fen")).sort("party").collect()
