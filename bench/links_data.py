"""The graphs bench `links` runs on: chain products, a small synthetic economy, or anybody's edge list."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dayan.pipeline import compute
from extraction.ingest import ingest
from gnn.pairs.negatives import Pairs
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate

CHAINKG = Path(__file__).resolve().parents[2] / "shared" / "data" / "chainkg"
DEMO = "demo"
ENTERPRISES, LINKS = 10_000, 50_000


@dataclass(frozen=True)
class Network:
    """n nodes, `edges` int32[m, 2] (supplier, customer), each once and without loops; `names`: n, or
    None where nobody has one."""

    title: str
    nodes: int
    edges: Pairs
    names: list[str] | None


def network(data: Path | None, edges: Path | None, nodes: Path | None) -> Network:
    """`edges` (columns source, target) with `nodes` (id, name); else `data`: the word demo, a folder
    of an economy, or one of the form of chainkg, which is the default."""
    if edges is not None:
        return _listed(edges, nodes)
    if data is not None and (data.name == DEMO or (data / "economy.json").exists()):
        return _economy(data)
    return _products(data or CHAINKG)


def _listed(edges: Path, nodes: Path | None) -> Network:
    links = pl.read_csv(edges, infer_schema=False).select("source", "target")
    found = _numbered(edges.stem, links, None)
    if nodes is None:
        return found
    named = pl.read_csv(nodes, infer_schema=False).select("id", "name").unique("id", keep="first")
    return _numbered(edges.stem, links, named)


def _products(folder: Path) -> Network:
    """Upstream material → what is made of it; loops and repeats left out."""
    links = pl.read_ndjson(folder / "product_product.jsonl.gz").filter(pl.col("rel") == "上游材料")
    ends = links.select(source="to_entity", target="from_entity")
    ids = pl.concat([ends["source"], ends["target"]]).unique(maintain_order=True)
    return _numbered("chainkg", ends, pl.DataFrame({"id": ids, "name": ids}))


def _economy(folder: Path) -> Network:
    """Firms of the economy in `folder` (of a small one made for the purpose), read from its papers."""
    with tempfile.TemporaryDirectory() as scratch:
        if not (folder / "economy.json").exists():
            folder = Path(scratch) / "economy"
            generate(folder, ENTERPRISES, LINKS)
        ledger = Ledger(Path(scratch) / "home")
        ingest([folder / "documents"], ledger)
        tables, _ = compute(ledger, load_chains())
        firms = tables.enterprises.select(pl.int_range(pl.len()).cast(pl.String).alias("id"), "name")
        ends = tables.edges.select(pl.col("src").cast(pl.String), pl.col("dst").cast(pl.String))
        return _numbered("demo", ends.rename({"src": "source", "dst": "target"}), firms)


def _numbered(title: str, links: pl.DataFrame, named: pl.DataFrame | None) -> Network:
    """Nodes numbered in the order in which the links name them."""
    kept = links.drop_nulls().filter(pl.col("source") != pl.col("target")).unique(maintain_order=True)
    ids = pl.concat([kept["source"], kept["target"]]).unique(maintain_order=True).alias("id").to_frame()
    number = ids.with_row_index("number")
    columns = [
        kept.select(pl.col(end).alias("id")).join(number, on="id", maintain_order="left")["number"].to_numpy()
        for end in ("source", "target")
    ]
    names = None
    if named is not None:
        names = ids.join(named, on="id", how="left", maintain_order="left")["name"].fill_null("").to_list()
    return Network(title, len(ids), np.column_stack(columns).astype(np.int32), names)
