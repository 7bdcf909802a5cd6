"""What a snapshot looks like in the database: node and edge tables by kind, as `graph.model` declares."""

from typing import Any

import polars as pl

from graph.snapshot import Snapshot

#: kind → rows. Nodes carry `id`, edges `src` and `dst` (ids); the other columns are properties.
GraphTables = dict[str, pl.DataFrame]


def project(snapshot: Snapshot) -> GraphTables:
    """Nodes and edges of `snapshot` for the database."""
    firms = snapshot.enterprises
    ids = firms["id"]
    return {
        "Enterprise": _enterprises(firms, snapshot.synthetic),
        "Product": snapshot.products.select("id", "tax_category", "item"),
        "Region": firms.select(id="region").drop_nulls().unique().sort("id").with_columns(name="id"),
        **_chain_nodes(snapshot.chains),
        "SUPPLIES": _supplies(snapshot, ids),
        "MAKES": _product_edges(snapshot.makes, snapshot.products, ids),
        "BUYS": _product_edges(snapshot.buys, snapshot.products, ids),
        "LOCATED_IN": firms.select(src="id", dst="region").drop_nulls(),
        **_chain_edges(snapshot.chains),
        "STANDS_IN": _stands_in(snapshot, ids),
        **_relations(snapshot.relations, ids),
    }


def _enterprises(firms: pl.DataFrame, synthetic: bool) -> pl.DataFrame:
    columns = ["id", "name", "code", "pinyin", "initials", "region", "industry", "size", "taxpayer"]
    columns += ["legal_form", "role", "hub", "sales_fen", "purchases_fen"]
    return firms.select(*columns, pl.lit(synthetic).alias("synthetic"))


def _at(ids: pl.Series, index: str) -> pl.Expr:
    """The enterprise ids at the positions in a column."""
    return pl.col(index).map_batches(ids.gather, return_dtype=pl.String)


def _supplies(snapshot: Snapshot, ids: pl.Series) -> pl.DataFrame:
    """Observed links, and beside them those inferred: without any amount, for nobody saw one."""
    observed = snapshot.edges.select(
        _at(ids, "src").alias("src"),
        _at(ids, "dst").alias("dst"),
        "amount_fen",
        "gross_fen",
        "red_fen",
        "count",
        "first",
        "last",
        pl.lit("observed").alias("basis"),
        pl.lit(1.0).alias("confidence"),
        "attested",
    )
    inferred = snapshot.inferred_links.select(
        _at(ids, "src").alias("src"),
        _at(ids, "dst").alias("dst"),
        pl.lit("inferred").alias("basis"),
        pl.col("probability").alias("confidence"),
    )
    return pl.concat([observed, inferred], how="diagonal").sort("src", "dst") if inferred.height else observed


def _product_edges(rows: pl.DataFrame, products: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    return rows.select(
        _at(ids, "enterprise").alias("src"),
        _at(products["id"], "product").alias("dst"),
        "amount_fen",
        "share",
    )


def _chain_nodes(chains: list[dict[str, Any]]) -> GraphTables:
    segments = [
        {
            "id": s["id"],
            "name": s["name"]["zh"],
            "name_en": s["name"]["en"],
            "tier": s["tier"],
            "role": s["role"],
        }
        for chain in chains
        for s in chain["segments"]
    ]
    named = [{"id": c["id"], "name": c["name"]["zh"], "name_en": c["name"]["en"]} for c in chains]
    text = {"id": pl.String, "name": pl.String, "name_en": pl.String}
    return {
        "Chain": pl.DataFrame(named, schema=text).sort("id"),
        "Segment": pl.DataFrame(segments, schema={**text, "tier": pl.Int64, "role": pl.String}).sort("id"),
    }


def _chain_edges(chains: list[dict[str, Any]]) -> GraphTables:
    part_of = [(s["id"], chain["id"]) for chain in chains for s in chain["segments"]]
    feeds = [(s["id"], to) for chain in chains for s in chain["segments"] for to in s["feeds"]]
    ends = {"src": pl.String, "dst": pl.String}
    return {
        "PART_OF": pl.DataFrame(part_of, schema=ends, orient="row").sort("src", "dst"),
        "FEEDS": pl.DataFrame(feeds, schema=ends, orient="row").unique().sort("src", "dst"),
    }


def _stands_in(snapshot: Snapshot, ids: pl.Series) -> pl.DataFrame:
    return (
        snapshot.positions.filter(pl.col("segment").is_not_null())
        .select(
            _at(ids, "enterprise").alias("src"),
            pl.col("segment").alias("dst"),
            "level",
            "depth",
            pl.coalesce("probability", "confidence").alias("confidence"),
            "membership",
            pl.col("basis").fill_null("observed"),
        )
        .sort("src", "dst")
    )


def _relations(relations: pl.DataFrame, ids: pl.Series) -> GraphTables:
    """People and the ties a bank asks for; several facts of one kind between two become one edge."""
    known = relations.filter(pl.col("dst").is_in(ids.implode())).filter(
        pl.col("src_is_person") | pl.col("src").is_in(ids.implode())
    )
    people = (
        known.filter("src_is_person").select(id="src", name="src_label").unique("id", keep="any").sort("id")
    )
    tables: GraphTables = {"Person": people}
    for kind in sorted(known["kind"].unique()):
        tables[kind] = _as_one(known.filter(pl.col("kind") == kind))
    return tables


def _as_one(ties: pl.DataFrame) -> pl.DataFrame:
    """One edge a pair: the share last stated, the amounts of what runs on (else of all), from the first
    day to the last; open where any is open."""
    runs_on = pl.col("until").is_null()
    amount = (
        pl.when(runs_on.any())
        .then(pl.col("amount_fen").filter(runs_on).sum())
        .otherwise(pl.col("amount_fen").sum())
    )
    return (
        ties.sort("src", "dst", "first", "until", "share", nulls_last=False)
        .group_by("src", "dst", maintain_order=True)
        .agg(
            pl.col("share").drop_nulls().last().cast(pl.Float64),
            amount.alias("amount_fen"),
            pl.col("first").min(),
            pl.when(~runs_on.any()).then(pl.col("until").max()).alias("until"),
        )
    )
