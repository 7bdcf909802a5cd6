"""From facts to the tables of a snapshot: the whole-graph work, in columns, without any database.

The order of work: edges by month → products → segments → hubs → chains, depth and level → sales and what
was paid. What was decided before comes in as arguments: who is one firm and each invoice once
(`graph.enterprises`, `graph.invoices`), what payments were for (`extraction.payments`), chains (`seeds`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph import csr
from graph.edges import Edges, build_edges
from graph.enterprises import Resolved
from graph.hubs import find_hubs
from graph.invoices import coverage, own_books, sold_to_consumers, supplies
from graph.kernels.trivial import nontrivial
from graph.master import master_tables
from graph.master import parties as parties_of_master
from graph.paper_tables import blank
from graph.positions import Placing, positions
from graph.products import Products, build_products, edge_products
from graph.sales import SalesPapers, sales
from graph.segments import place, score_products, segment_table
from graph.settlements import Paid, contract_tables, four_flows, settlements
from graph.snapshot import SnapshotTables
from ledger.ledger import Ledger
from ledger.names import initials, pinyin
from seeds.chains import Chain

#: Told what is being done, in words of `ledger/words*.yaml`.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Decided:
    """What was decided before: who is one firm, `same_fact` (weak fact → canonical one), each of the
    `invoices` once (`graph.invoices.settle`), the industry `chains`, what utilities sell (item words, tax
    category prefixes), what was `paid`, and which parties a person is asked about (table `reviews`)."""

    resolved: Resolved
    same_fact: pl.DataFrame
    invoices: pl.DataFrame
    chains: Sequence[Chain]
    utilities: tuple[Sequence[str], Sequence[str]] = ((), ())
    paid: Paid = field(default_factory=Paid)
    asks: pl.DataFrame = field(default_factory=lambda: blank("reviews"))


#: The data cut-off of a graph without a single invoice (everything withdrawn, or a registry alone).
NO_DAY = date(1970, 1, 1)


def build_tables(
    ledger: Ledger, attested: pl.DataFrame, decided: Decided, progress: Progress
) -> SnapshotTables:
    """Everything a snapshot holds. `attested`: the committed rows of `invoices`."""
    resolved, invoices = decided.resolved, decided.invoices
    documents = ledger.documents()
    index = _index(invoices, resolved, ledger)
    trade = invoices.filter(supplies())
    progress("edges")
    retail = invoices.filter(sold_to_consumers())
    edges = build_edges(trade, index, retail)
    progress("products")
    lines = _settled_lines(ledger, decided.same_fact, documents)
    products = build_products(lines, trade, retail, index)
    progress("positions")
    graph = csr.build(index.height, edges.edges["src"].to_numpy(), edges.edges["dst"].to_numpy())
    placed, hubs, where = _positions(edges, products, retail, index, graph, decided, ledger, resolved)
    enterprises = _enterprises(index, resolved, edges, invoices, attested, retail, hubs, placed)
    covered = coverage(attested, resolved.enterprise_of)
    contracts, terms = contract_tables(
        ledger.scan("contracts").collect(),
        ledger.scan("contract_terms").collect(),
        invoices,
        decided.paid,
        resolved.enterprise_of,
        index,
    )
    return SnapshotTables(
        as_of=_last_day(invoices),
        months=edges.months,
        synthetic=bool(documents["synthetic"].fill_null(False).any()),
        enterprises=enterprises,
        members=_numbered(resolved.members, resolved.parties, index),
        coverage=_covered(covered, index),
        edges=edges.edges,
        flow=edges.flow,
        evidence=edges.evidence,
        aliases=decided.same_fact.filter(pl.col("fact") != pl.col("canonical")),
        products=products.products,
        item_flow=products.item_flow,
        makes=products.makes,
        buys=products.buys,
        edge_products=edge_products(products, edges.edges),
        positions=where,
        relations=_relations(ledger, resolved),
        sales=sales(
            _sales_papers(ledger, attested, decided, documents),
            invoices,
            covered,
            decided.paid.movements,
            index,
        ),
        settlements=settlements(decided.paid, index, invoices),
        flows4=four_flows(invoices, decided.paid),
        contracts=contracts,
        contract_terms=terms,
        reviews=decided.asks,
        **master_tables(ledger, resolved.enterprise_of, index),  # type: ignore[arg-type]
        chains=chains_json(decided.chains, _cores(decided.chains, ledger, resolved, index)),
    )


def _last_day(invoices: pl.DataFrame) -> date:
    """The data cut-off."""
    last = invoices["happened_on"].max()
    return last if isinstance(last, date) else NO_DAY


def _index(invoices: pl.DataFrame, resolved: Resolved, ledger: Ledger) -> pl.DataFrame:
    """enterprise → i: every firm that an invoice, a relation, a contract or papers of its own name, by id."""
    related = (
        ledger.scan("relations")
        .select(pl.concat_list(pl.when(~pl.col("src_is_person")).then("src"), "dst").alias("party"))
        .explode("party", empty_as_null=True, keep_nulls=True)
    )
    contracts = ledger.scan("contracts")
    said = [contracts.select(party=who) for who in ("seller", "buyer")]
    said += [ledger.scan(table).select(party="owner") for table in ("statements", "declarations")]
    every_party = pl.concat([related, *said, parties_of_master(ledger)]).collect().drop_nulls().unique()
    named = every_party.join(resolved.enterprise_of, on="party")["enterprise"]
    every = pl.concat([invoices["seller"], invoices["buyer"], named]).drop_nulls().unique().sort()
    return pl.DataFrame({"enterprise": every}).with_row_index("i").cast({"i": pl.Int32})


def _settled_lines(ledger: Ledger, same_fact: pl.DataFrame, documents: pl.DataFrame) -> pl.LazyFrame:
    """Invoice lines once: of the documents that attest an invoice, the first by SHA-256 counts."""
    lines = ledger.scan("invoice_lines").select("reading", "fact", "item", "tax_category", "amount_fen")
    order = documents.select("reading").with_row_index("order")  # documents() is sorted by SHA-256
    ranked = lines.join(order.lazy(), on="reading")
    best = ranked.group_by("fact").agg(pl.col("order").min())
    once = ranked.join(best, on=["fact", "order"], how="semi")
    canonical = pl.col("canonical").fill_null(pl.col("fact"))
    return once.join(same_fact.lazy(), on="fact", how="left").with_columns(canonical.alias("fact"))


def _positions(
    edges: Edges,
    products: Products,
    retail: pl.DataFrame,
    index: pl.DataFrame,
    graph: csr.Graph,
    decided: Decided,
    ledger: Ledger,
    resolved: Resolved,
) -> tuple[pl.DataFrame, NDArray[np.bool_], pl.DataFrame]:
    """Segments, hubs and positions."""
    segments = segment_table(decided.chains)
    scores = score_products(products.products, decided.chains)
    customers = np.diff(graph.out_indptr)
    buyers = int(np.count_nonzero(np.diff(graph.in_indptr)))
    hubs = find_hubs(customers, buyers, products.makes, products.products, scores, decided.utilities)
    placed = place(products.makes, products.buys, scores, segments, _to_firms(edges, retail, index))
    placed = placed.filter(~pl.Series(hubs).gather(placed["enterprise"]))
    usable = ~hubs[graph.src] & ~hubs[graph.dst]
    amount = edges.edges["amount_fen"].to_numpy()
    last = edges.edges["last"].max()
    matters = [usable, usable]
    if isinstance(last, date):
        matters = [usable & nontrivial(f, edges.flow, edges.months, last) for f in (graph.src, graph.dst)]
    given = Placing(
        chains=[c.id for c in decided.chains],
        segments=segments,
        placed=placed,
        cores=_cores(decided.chains, ledger, resolved, index),
        graph=graph,
        amount_fen=amount,
        usable=usable,
        counted=matters[0],
        counted_down=matters[1],
    )
    return placed, hubs, positions(given)


def _to_firms(edges: Edges, retail: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """enterprise → share of its sales, by amount, that goes to firms."""
    to_firms = edges.edges.group_by(enterprise="src").agg(pl.col("amount_fen").sum().alias("firms"))
    counter = _retail_sums(retail, index)
    both = to_firms.join(counter, on="enterprise", how="full", coalesce=True).fill_null(0)
    return both.select(
        "enterprise", (pl.col("firms") / (pl.col("firms") + pl.col("retail_fen"))).alias("to_firms")
    )


def _retail_sums(retail: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    return (
        retail.join(index.rename({"enterprise": "seller", "i": "enterprise"}), on="seller")
        .group_by("enterprise")
        .agg(pl.col("amount_fen").sum().alias("retail_fen"))
    )


def _enterprises(
    index: pl.DataFrame,
    resolved: Resolved,
    edges: Edges,
    invoices: pl.DataFrame,
    attested: pl.DataFrame,
    retail: pl.DataFrame,
    hubs: NDArray[np.bool_],
    placed: pl.DataFrame,
) -> pl.DataFrame:
    """The enterprise table of the snapshot, sorted by id."""
    e = edges.edges
    sold = e.group_by(i="src").agg(pl.col("amount_fen").sum().alias("sales_fen"), pl.len().alias("customers"))
    bought = e.group_by(i="dst").agg(
        pl.col("amount_fen").sum().alias("purchases_fen"), pl.len().alias("suppliers")
    )
    role = placed.unique("enterprise", keep="first", maintain_order=True).select(i="enterprise", role="role")
    seen = pl.concat(
        [invoices.select(enterprise=who, day="happened_on").drop_nulls() for who in ("seller", "buyer")]
    )
    days = seen.group_by("enterprise").agg(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last")
    )
    named = resolved.parties.rename({"party": "enterprise"})
    frame = (
        index.join(named, on="enterprise", how="left")
        .join(own_books(attested, resolved.enterprise_of), on="enterprise", how="left")
        .join(days, on="enterprise", how="left")
        .join(sold, on="i", how="left")
        .join(bought, on="i", how="left")
        .join(_retail_sums(retail, index).rename({"enterprise": "i"}), on="i", how="left")
        .join(role, on="i", how="left")
        .sort("i")
        .with_columns(pl.coalesce("name", "code", "enterprise").alias("name"), pl.Series("hub", hubs))
    )
    counts = ["sales_fen", "purchases_fen", "retail_fen", "customers", "suppliers"]
    frame = frame.with_columns(pl.col(counts).fill_null(0).cast(pl.Int64))
    return (
        frame.with_columns(
            # What goes to anonymous consumers is sales as well: no shop is without any.
            pl.col("sales_fen") + pl.col("retail_fen"),
            pinyin=pl.Series([pinyin(x) for x in frame["name"]], dtype=pl.String),
            initials=pl.Series([initials(x) for x in frame["name"]], dtype=pl.String),
        )
        .rename({"enterprise": "id"})
        .drop("i", "scope")
    )


def _covered(covered: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """Months of own books by enterprise index; a book without invoices in the graph has no firm."""
    months = covered.join(index, on="enterprise")
    return months.select(pl.col("i").alias("enterprise"), pl.exclude("enterprise", "i"))


def _sales_papers(
    ledger: Ledger, attested: pl.DataFrame, decided: Decided, documents: pl.DataFrame
) -> SalesPapers:
    books = attested.select("fact", "reading").join(decided.same_fact, on="fact", how="left")
    return SalesPapers(
        attested=books.with_columns(pl.coalesce("canonical", "fact").alias("fact")),
        declarations=ledger.scan("declarations").collect(),
        statements=ledger.scan("statements").collect(),
        flows=ledger.scan("bank_flows").collect(),
        documents=documents.select("reading", "sha256"),
        enterprise_of=decided.resolved.enterprise_of,
    )


def _numbered(members: pl.DataFrame, parties: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """Members by enterprise index, with what each party is called."""
    return (
        members.join(index, on="enterprise")
        .join(parties.select("party", "scheme", "code", "name"), on="party", how="left")
        .select(pl.col("i").alias("enterprise"), "party", "scheme", "code", "name", "reason", "evidence")
        .sort("enterprise", pl.col("reason").is_not_null(), "party")
    )


def _relations(ledger: Ledger, resolved: Resolved) -> pl.DataFrame:
    """Ownership, guarantees and the like between enterprises (and masked persons), each once."""
    to = resolved.enterprise_of.lazy()
    return (
        ledger.scan("relations")
        .sort("fact", "known_at", nulls_last=True)
        .unique("fact", keep="first", maintain_order=True)
        .join(to.rename({"party": "src", "enterprise": "src_e"}), on="src", how="left")
        .join(to.rename({"party": "dst", "enterprise": "dst_e"}), on="dst", how="left")
        .select(
            "kind",
            pl.when("src_is_person").then("src").otherwise(pl.coalesce("src_e", "src")).alias("src"),
            "src_is_person",
            "src_label",
            pl.coalesce("dst_e", "dst").alias("dst"),
            pl.col("share").cast(pl.Float64),
            "amount_fen",
            pl.col("happened_on").alias("first"),
            "until",
            pl.col("known_at").dt.convert_time_zone("Asia/Shanghai").dt.date().alias("known_on"),
            "fact",
        )
        .sort("kind", "src", "dst", "first", "until", nulls_last=True)
        .collect()
    )


def _cores(
    chains: Sequence[Chain], ledger: Ledger, resolved: Resolved, index: pl.DataFrame
) -> dict[str, list[int]]:
    """chain → its core enterprises: those its YAML names, where they occur, and those people named."""
    named = [(chain.id, core.code) for chain in chains for core in chain.cores]
    by_code = pl.DataFrame(named, schema={"chain": pl.String, "code": pl.String}, orient="row").join(
        resolved.parties.filter(pl.col("scheme") == "uscc").select("code", "party"), on="code"
    )
    by_hand = ledger.judgements().filter(pl.col("kind") == "core").select(chain="object", party="subject")
    found = (
        pl.concat([by_code.select("chain", "party"), by_hand])
        .join(resolved.enterprise_of, on="party")
        .join(index, on="enterprise")
        .group_by("chain")
        .agg(pl.col("i").unique().sort())
    )
    cores = dict(zip(found["chain"], found["i"].to_list(), strict=True))
    return {chain.id: cores.get(chain.id, []) for chain in chains}


def chains_json(chains: Sequence[Chain], cores: dict[str, list[int]]) -> list[dict[str, Any]]:
    """The chains as the snapshot keeps them: names, segments, and core enterprises by index."""
    return [
        {
            "id": chain.id,
            "name": dict(chain.name),
            "segments": [
                {
                    "id": s.id,
                    "name": dict(s.name),
                    "tier": s.tier,
                    "role": s.role,
                    "end": s.end,
                    "feeds": list(s.feeds),
                    # By which words and codes goods are known to stand there.
                    "items": list(s.items),
                    "tax_categories": list(s.tax_categories),
                    "industry": list(s.industry),
                }
                for s in chain.segments
            ],
            "cores": [{"enterprise": i} for i in cores.get(chain.id, [])],
        }
        for chain in chains
    ]
