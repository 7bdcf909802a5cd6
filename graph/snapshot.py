"""The published version of the graph: written whole, read mapped, pinned for as long as it is held.

    snapshots/<id>/
    ├── manifest.json              format, id, as_of, months, synthetic, counts, flow_ends, files
    ├── <table>.parquet            the tables of `graph.snapshot_tables`
    ├── ids.npy                    uint64[n]: enterprise ids as the integers their hex digits spell
    ├── out_indptr.npy             int64[n + 1]: the edges of firm i lie at out_indptr[i] … [i + 1]
    ├── in_indptr.npy in_edges.npy the same by customer: int32 edge indices sorted by (dst, src)
    ├── evidence_indptr.npy evidence_facts.npy   edge → fact ids (uint64)
    └── chains.json

Nothing is read before it is asked for; arrays stay in the file and are mapped, columns and
tables are kept once read. All of it is read-only.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph import snapshot_folder
from graph.csr import Graph, Int32, Int64, by_target, fixed, starts
from graph.kernels.trivial import sums
from graph.snapshot_tables import EVIDENCE, FORMAT, TABLES, SnapshotTables, evidence_index, hex_numbers
from ledger.errors import Conflict, NotFound

__all__ = ["Snapshot", "SnapshotTables", "current_id", "open_snapshot", "write_snapshot"]

_ROWS = 1 << 20  # of a row group: a dated view reads only the groups it needs


@dataclass(frozen=True)
class Snapshot:
    """One version of the graph. Firms and edges are named by their row numbers."""

    folder: Path
    manifest: dict[str, Any]
    _columns: dict[tuple[str, str], NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Hash of the data files."""
        return str(self.manifest["id"])

    @property
    def as_of(self) -> date:
        """Data cut-off: the last day seen."""
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def months(self) -> list[str]:
        """The months `flow.month` counts in, "2025-03"."""
        return list(self.manifest["months"])

    @property
    def synthetic(self) -> bool:
        """Whether all of it was made by the generator."""
        return bool(self.manifest["synthetic"])

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        return dict(self.manifest["counts"])

    @cached_property
    def chains(self) -> list[dict[str, Any]]:
        """Chains with their segments and core enterprises."""
        return list(json.loads((self.folder / "chains.json").read_text("utf-8")))

    @cached_property
    def enterprises(self) -> pl.DataFrame:
        """One row a firm."""
        return self.table("enterprises")

    @cached_property
    def members(self) -> pl.DataFrame:
        """The parties of each firm."""
        return self.table("members")

    @cached_property
    def coverage(self) -> pl.DataFrame:
        """Months of which each firm's own books are in: side (sale or purchase), month, invoices."""
        return self.table("coverage")

    @cached_property
    def edges(self) -> pl.DataFrame:
        """One row a pair of seller and buyer."""
        return self.table("edges")

    @cached_property
    def flow(self) -> pl.DataFrame:
        """One row an edge and month. Large: prefer `flow_until` or `scan`."""
        return self.table("flow")

    @cached_property
    def aliases(self) -> pl.DataFrame:
        """Facts of two books that are one invoice: fact → canonical."""
        return self.table("aliases")

    @cached_property
    def products(self) -> pl.DataFrame:
        """What is bought and sold."""
        return self.table("products")

    @cached_property
    def makes(self) -> pl.DataFrame:
        """What each firm sells."""
        return self.table("makes")

    @cached_property
    def buys(self) -> pl.DataFrame:
        """What each firm buys."""
        return self.table("buys")

    @cached_property
    def edge_products(self) -> pl.DataFrame:
        """The largest products that went over each edge."""
        return self.table("edge_products")

    @cached_property
    def item_flow(self) -> pl.DataFrame:
        """What was sold to whom in which month. Large: prefer `scan`."""
        return self.table("item_flow")

    @cached_property
    def positions(self) -> pl.DataFrame:
        """Where each firm stands in each of its chains."""
        return self.table("positions")

    @cached_property
    def position_signs(self) -> pl.DataFrame:
        """What each sign gave for the segment that a firm is put into."""
        return self.table("position_signs")

    @cached_property
    def goods_paths(self) -> pl.DataFrame:
        """Paths of goods between firms and core enterprises."""
        return self.table("goods_paths")

    @cached_property
    def inferred_links(self) -> pl.DataFrame:
        """Supply links that nobody reported."""
        return self.table("inferred_links")

    @cached_property
    def made_of(self) -> pl.DataFrame:
        """Which kind of goods is made of which."""
        return self.table("made_of")

    @cached_property
    def relations(self) -> pl.DataFrame:
        """Ownership, branches, guarantees …"""
        return self.table("relations")

    @cached_property
    def sales(self) -> pl.DataFrame:
        """Sales as three figures, by firm and month."""
        return self.table("sales")

    @cached_property
    def settlements(self) -> pl.DataFrame:
        """What each payment was put against, and why."""
        return self.table("settlements")

    @cached_property
    def flows4(self) -> pl.DataFrame:
        """Which of the four flows of an invoice are proven."""
        return self.table("flows4")

    @cached_property
    def contracts(self) -> pl.DataFrame:
        """Contracts between firms of the graph."""
        return self.table("contracts")

    @cached_property
    def contract_terms(self) -> pl.DataFrame:
        """What their schedules ask for."""
        return self.table("contract_terms")

    @cached_property
    def reviews(self) -> pl.DataFrame:
        """Pairs of parties that may be one firm."""
        return self.table("reviews")

    @cached_property
    def attributes(self) -> pl.DataFrame:
        """What firms are, with days and sources."""
        return self.table("attributes")

    @cached_property
    def names(self) -> pl.DataFrame:
        """Other names of firms, with the days they held."""
        return self.table("names")

    @cached_property
    def listings(self) -> pl.DataFrame:
        """The lists that firms stand or stood on."""
        return self.table("listings")

    @cached_property
    def groups(self) -> pl.DataFrame:
        """Groups, circles and clusters of firms."""
        return self.table("groups")

    @cached_property
    def group_members(self) -> pl.DataFrame:
        """Who is in each group, and the ties that bind them."""
        return self.table("group_members")

    @cached_property
    def dependence(self) -> pl.DataFrame:
        """Firms of whose receipts or spending one partner makes up most."""
        return self.table("dependence")

    @cached_property
    def goods(self) -> pl.DataFrame:
        """The segment that each product stands in."""
        return self.table("goods")

    @cached_property
    def scores(self) -> pl.DataFrame:
        """Importance and dependence of firms. Large: prefer `scan`."""
        return self.table("scores")

    @cached_property
    def score_firms(self) -> pl.DataFrame:
        """The firms behind the scores. Large: prefer `scan`."""
        return self.table("score_firms")

    @cached_property
    def momentum(self) -> pl.DataFrame:
        """How the sales of each segment move against the year before."""
        return self.table("momentum")

    def table(self, name: str) -> pl.DataFrame:
        """A table read anew and not kept; empty where an older version did not write it.

        KeyError when there is none of that name.
        """
        return self.scan(name).collect()

    def scan(self, name: str) -> pl.LazyFrame:
        """A table as a query that reads only what it needs."""
        path = self._path(name)
        return pl.scan_parquet(path) if path.exists() else pl.LazyFrame(schema=TABLES[name])

    def column(self, table: str, name: str) -> NDArray[Any]:
        """One column without nulls as a read-only array, kept once read."""
        if (table, name) not in self._columns:
            values = self.scan(table).select(name).collect().to_series().to_numpy()
            self._columns[table, name] = fixed(values, values.dtype)
        return self._columns[table, name]

    @cached_property
    def out_indptr(self) -> Int64:
        """Where each firm's out-edges begin: int64[n + 1]."""
        return self._mapped("out_indptr")

    @cached_property
    def in_indptr(self) -> Int64:
        """Where each firm's entries in `in_edges` begin: int64[n + 1]."""
        return self._mapped("in_indptr")

    @cached_property
    def in_edges(self) -> Int32:
        """Edge indices by customer: int32[m]."""
        return self._mapped("in_edges")

    @cached_property
    def embedding(self) -> NDArray[np.uint16] | None:
        """bf16[n, d]: what firms are like (`gnn.embeddings`); None where the build made none."""
        return self._mapped("embedding") if (self.folder / "embedding.npy").exists() else None

    @cached_property
    def graph(self) -> Graph:
        """All edges, for the kernels."""
        pairs = (self.column("edges", "src"), self.column("edges", "dst"))
        return Graph(*pairs, self.out_indptr, self.in_indptr, self.in_edges)

    def index_of(self, id: str) -> int | None:
        """Row of the firm of that id, None when there is none. Binary search over the mapped ids."""
        try:
            wanted = np.uint64(int(id, 16)) if len(id) == 16 else None
        except (ValueError, OverflowError):
            return None
        if wanted is None:
            return None
        at = int(np.searchsorted(self._ids, wanted))
        return at if at < len(self._ids) and self._ids[at] == wanted else None

    def id_of(self, firm: int) -> str:
        """Id of a firm."""
        return f"{int(self._ids[firm]):016x}"

    def customers(self, firm: int) -> Int32:
        """Edge indices of what a firm sells, by customer."""
        return np.arange(self.out_indptr[firm], self.out_indptr[firm + 1], dtype=np.int32)

    def suppliers(self, firm: int) -> Int32:
        """Edge indices of what a firm buys, by supplier."""
        return self.in_edges[self.in_indptr[firm] : self.in_indptr[firm + 1]]

    def edge_between(self, seller: int, buyer: int) -> int | None:
        """The edge seller → buyer, None when there is none."""
        low, high = int(self.out_indptr[seller]), int(self.out_indptr[seller + 1])
        row = self.column("edges", "dst")[low:high]
        at = int(np.searchsorted(row, buyer))
        return low + at if at < len(row) and row[at] == buyer else None

    def evidence(self, edge: int) -> list[str]:
        """Ids of the facts behind an edge, ascending."""
        low, high = self._evidence_indptr[edge], self._evidence_indptr[edge + 1]
        return [f"{int(fact):016x}" for fact in self._evidence_facts[low:high]]

    def evidence_table(self) -> pl.LazyFrame:
        """All of `evidence` as a table: edge (int32), fact (16 hex digits), in edge order."""
        counts = np.diff(self._evidence_indptr)
        edges = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        digits = self._evidence_facts.astype(">u8").tobytes().hex().encode()
        facts = np.frombuffer(digits, "S16").astype("U16")
        return pl.LazyFrame({"edge": edges, "fact": facts}, schema=EVIDENCE)

    def attesting(self, facts: list[str]) -> pl.DataFrame:
        """Every fact that attests one of `facts`, itself included: fact → canonical."""
        own = pl.DataFrame({"fact": facts, "canonical": facts}, schema=TABLES["aliases"])
        others = self.aliases.join(own.select("canonical"), on="canonical", how="semi")
        return pl.concat([own, others])

    def months_until(self, day: date) -> int:
        """How many of `months` have ended by `day`: a dated view is cut at the last full month."""
        return full_months(self.manifest["months"], day)

    def flow_until(self, day: date, *columns: str) -> pl.DataFrame:
        """The flow of all full months up to `day`: a prefix of the table; all columns if none named."""
        full = self.months_until(day)
        rows = self.manifest["flow_ends"][full - 1] if full else 0
        return self.scan("flow").select(columns or list(TABLES["flow"])).head(rows).collect()

    @cached_property
    def flow_edges(self) -> list[Int32]:
        """Month by month, the edges that were invoiced in it, ascending."""
        edges: Int32 = self.column("flow", "edge")
        return np.split(edges, self.manifest["flow_ends"][:-1]) if self.months else []

    def amounts_until(self, day: date) -> Int64:
        """Net amount of every edge over all full months up to `day`, in fen: int64[m]."""
        every = np.ones(len(self.months), np.bool_)
        return sums(self.counts["edges"], self.flow_until(day, "edge", "month", "amount_fen"), every)[0]

    def damaged(self) -> list[str]:
        """Files that are missing or not what the manifest says; reads everything."""
        return snapshot_folder.damaged(self.folder)

    @cached_property
    def _ids(self) -> NDArray[np.uint64]:
        return self._mapped("ids")

    @cached_property
    def _evidence_indptr(self) -> Int64:
        return self._mapped("evidence_indptr")

    @cached_property
    def _evidence_facts(self) -> NDArray[np.uint64]:
        return self._mapped("evidence_facts")

    def _mapped(self, name: str) -> NDArray[Any]:
        array = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return fixed(array, array.dtype)

    def _path(self, table: str) -> Path:
        if table not in TABLES:
            raise KeyError(table)
        return self.folder / f"{table}.parquet"


def write_snapshot(folder: Path, tables: SnapshotTables) -> Snapshot:
    """Writes `tables` under folder/snapshots, makes that version CURRENT, keeps the last seven.

    ValueError when the tables contradict themselves (see `SnapshotTables.ordered`).
    """
    frames = tables.ordered()
    name = snapshot_folder.publish(folder / "snapshots", lambda to: _write_files(to, tables, frames))
    return open_snapshot(folder, name)


def current_id(folder: Path) -> str | None:
    """Id of the published snapshot, None before the first build."""
    return snapshot_folder.current(folder / "snapshots")


def open_snapshot(folder: Path, id: str | None = None) -> Snapshot:
    """The published snapshot, or the one of that id.

    NotFound when there is none; Conflict when a newer program wrote it.
    """
    name = id or current_id(folder)
    if name is None:
        raise NotFound("snapshot_none")
    if not re.fullmatch("[0-9a-f]{16}", name):  # an id may come from a stranger's cursor
        raise NotFound("snapshot_not_found", id=name)
    home = folder / "snapshots" / name
    try:
        manifest = json.loads((home / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound("snapshot_not_found", id=name) from None
    if manifest["format"] > FORMAT:
        raise Conflict("snapshot_newer", id=name, format=manifest["format"])
    return Snapshot(home, manifest)


def _write_files(to: Path, tables: SnapshotTables, frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """The data files of one version; returns the manifest without id and files."""
    firms, edges, flow = frames["enterprises"], frames["edges"], frames["flow"]
    for name in TABLES:
        path = to / f"{name}.parquet"
        frames[name].write_parquet(path, compression="zstd", row_group_size=_ROWS, statistics=False)
    src, dst = edges["src"].to_numpy(), edges["dst"].to_numpy()
    in_indptr, in_edges = by_target(dst, len(firms))
    evidence_indptr, facts = evidence_index(frames["evidence"], len(edges))
    arrays = {
        "ids": hex_numbers(firms["id"]),
        "out_indptr": starts(src, len(firms)),
        "in_indptr": in_indptr,
        "in_edges": in_edges,
        "evidence_indptr": evidence_indptr,
        "evidence_facts": facts,
    }
    if tables.embedding is not None:
        arrays["embedding"] = tables.embedding
    for name, array in arrays.items():
        np.save(to / f"{name}.npy", array)
    chains = json.dumps(tables.chains, ensure_ascii=False, sort_keys=True, indent=1)
    (to / "chains.json").write_text(chains + "\n", "utf-8")
    return {
        "format": FORMAT,
        "as_of": tables.as_of.isoformat(),
        "months": tables.months,
        "synthetic": tables.synthetic,
        "counts": {**{name: len(frames[name]) for name in frames}, "evidence": len(facts)},
        "flow_ends": starts(flow["month"].to_numpy(), len(tables.months))[1:].tolist(),
    }


def full_months(months: list[str], day: date) -> int:
    """How many of `months` ("2025-03", ascending) have ended by `day`."""
    last = (day + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return bisect_right(months, f"{last:%Y-%m}")
