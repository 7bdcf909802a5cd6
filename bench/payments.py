"""Payments matched to invoices in an invented world of statements and contracts: part of `statements`.

`matched`: of the (payment, invoice) pairs that the papers decide, the share found and proven;
`matched_precision`: of the pairs given out as proven, decidable or not, the share that is true. Pairs that
nobody could tell from the papers are counted in `undecidable`; the generator marks them as it makes them.
"""

import time
from pathlib import Path
from typing import Any

import polars as pl

from extraction.payments import Papers, Settlements, match_payments
from extraction.payments_movements import Who
from ledger.ids import party_id
from ledger.keys import account_id, strong_fact
from ledger.records import TABLES
from seeds.bank_world import World, bank_world
from seeds.contract import PaperContract
from seeds.statement import Movement, PaperStatement

#: Worlds measured: each with its own firms, habits and chances.
SEEDS = (101, 102, 103)


def run(data: Path | None = None) -> dict[str, object]:  # noqa: ARG001
    """Make the worlds, match, print the table and return the figures."""
    from rich.console import Console
    from rich.table import Table

    shown = Table("world", "payments", "pairs", "undecidable", "found", "right of proven", "seconds")
    sums = dict.fromkeys(("pairs", "undecidable", "found", "proven", "right"), 0)
    seconds, flows = 0.0, 0
    for seed in SEEDS:
        world = bank_world(seed=seed)
        papers, who = as_ledger(world)
        start = time.process_time()
        settled = match_payments(papers, who)
        took = time.process_time() - start
        counts = compared(world, settled)
        for name in sums:
            sums[name] += counts[name]
        seconds, flows = seconds + took, flows + papers.flows.height
        decidable = counts["pairs"] - counts["undecidable"]
        shown.add_row(
            str(seed),
            f"{papers.flows.height:,}",
            f"{counts['pairs']:,}",
            f"{counts['undecidable']:,}",
            f"{counts['found'] / decidable:.4f}",
            f"{counts['right'] / counts['proven']:.4f}",
            f"{took:.1f}",
        )
    Console().print(shown)
    return {
        "matched": round(sums["found"] / (sums["pairs"] - sums["undecidable"]), 4),
        "matched_precision": round(sums["right"] / sums["proven"], 4),
        **sums,
        "flows_per_second": round(flows / seconds),
    }


def compared(world: World, settled: Settlements) -> dict[str, int]:
    """How many pairs there are in truth, how many nobody could decide, how many were found and are right.

    A payment stands in up to two statements; its serial is the same, and counts once.
    """
    facts = {flow_fact(s, m): m.serial for s in world.statements for m in s.movements}
    numbers = {strong_fact(None, i.number): i.number for i in world.invoices}
    truth = {(m.serial, number) for s in world.statements for m in s.movements for number in m.pays}
    proven = settled.settled.filter(pl.col("basis") == "proven", pl.col("invoice").is_not_null())
    pairs = {(facts[p], numbers[i]) for p, i in proven.select("payment", "invoice").iter_rows()}
    unclear = truth & world.undecidable
    return {
        "pairs": len(truth),
        "undecidable": len(unclear),
        "found": len((truth - unclear) & pairs),
        "proven": len(pairs),
        "right": len(pairs & truth),
    }


def as_ledger(world: World) -> tuple[Papers, Who]:
    """The world as the ledger would hold it: invoices by code, statements by the names they print."""
    firms = {p.code: p for i in world.invoices for p in (i.seller, i.buyer)} | {
        p.code: p for p in world.owners
    }
    names = {m.counterparty for s in world.statements for m in s.movements if m.counterparty}
    rows = [(_party(c), "uscc", p.name) for c, p in sorted(firms.items())]
    rows += [(_named(name), "name", name) for name in sorted(names)]
    parties = pl.DataFrame(rows, schema=["party", "scheme", "name"], orient="row")
    who = Who(parties.select("party", enterprise="party"), parties)
    flows = [
        _flow(s, m, p.code) for s, p in zip(world.statements, world.owners, strict=True) for m in s.movements
    ]
    contracts, terms = zip(*map(_contract, world.contracts), strict=True) if world.contracts else ((), ())
    papers = Papers(
        pl.DataFrame(flows, schema=TABLES["bank_flows"]),
        pl.DataFrame(schema=TABLES["bills"]),
        _invoices(world),
        pl.DataFrame(list(contracts), schema=TABLES["contracts"]),
        pl.DataFrame([t for group in terms for t in group], schema=TABLES["contract_terms"]),
    )
    return papers, who


def flow_fact(statement: PaperStatement, movement: Movement) -> str:
    """A fact of its own for each line of a statement."""
    return strong_fact(statement.holder.account, movement.serial)


def _party(code: str) -> str:
    return party_id("uscc", "", code)


def _named(name: str) -> str:
    return party_id("name", "", name)


def _flow(statement: PaperStatement, movement: Movement, code: str) -> dict[str, object]:
    m = movement
    return {
        "reading": 1,
        "row": 1,
        "fact": flow_fact(statement, m),
        "owner": _party(code),
        "channel": "bank",
        "account": account_id(statement.holder.account),
        "happened_on": m.at.date(),
        "direction": m.direction,
        "currency": "CNY",
        "amount_fen": m.amount_fen,
        "counterparty": _named(m.counterparty) if m.counterparty else None,
        "counterparty_name": m.counterparty or None,
        "counterparty_account": account_id(m.counterparty_account) if m.counterparty_account else None,
        "way": m.way,
        "purpose": m.purpose,
        "serial": m.serial,
        "summary": m.summary or None,
        "remark": m.remark or None,
    }


def _invoices(world: World) -> pl.DataFrame:
    known = {i.number for i in world.invoices}
    return pl.DataFrame(
        [
            {
                "fact": strong_fact(None, i.number),
                "number": i.number,
                "seller": _party(i.seller.code),
                "buyer": _party(i.buyer.code),
                "happened_on": i.day,
                "total_fen": i.total_fen,
                "status": "red" if i.total_fen < 0 else "normal",
                "currency": "CNY",
                "remark": i.remark or None,
                "reverses": strong_fact(None, i.reverses) if i.reverses in known else None,
            }
            for i in world.invoices
        ],
        schema_overrides={"remark": pl.String, "reverses": pl.String},
        infer_schema_length=None,
    )


def _contract(paper: PaperContract) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    fact = strong_fact("contract", paper.number)
    head = {
        "reading": 1,
        "row": 0,
        "fact": fact,
        "kind": paper.kind,
        "number": paper.number,
        "happened_on": paper.signed,
        "seller": _party(paper.seller.code),
        "buyer": _party(paper.buyer.code),
        "currency": "CNY",
        "amount_fen": paper.amount_fen,
        "basis": paper.basis,
    }
    terms = [
        {
            "reading": 1,
            "row": 0,
            "fact": fact,
            "term": n,
            "kind": t.kind,
            "share": t.share,
            "trigger": t.trigger,
        }
        for n, t in enumerate(paper.terms, 1)
    ]
    return head, terms
