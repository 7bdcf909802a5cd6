"""Bench `groups`: are planted groups and guarantee circles found again, and nobody else with them?

An economy's documents, and beside them firms and traps of `bench.groups_noise`, are read and built as a
user's would be; what was planted is opened only afterwards, to count. `found`: share of the planted groups
of all kinds found with exactly their members. `wrong`: of the members given out, those that belong to no
planted group with the others. Who depends on whom inside the economy was not planted: it is counted a
second time, by hand, from the books (`bench.groups_by_hand`).
"""

import json
import tempfile
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bench.groups_by_hand import stars
from bench.groups_noise import plant, write
from bench.measure import Measure
from dayan.pipeline import compute
from extraction.ingest import ingest
from gnn.groups.contacts import contacts
from gnn.groups.find import find_groups
from gnn.view import view_of
from graph.snapshot_tables import SnapshotTables
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate

ENTERPRISES, LINKS, TIMES, SEED = 20_000, 100_000, 40, 7
KINDS = ("control", "one_entity", "guarantee_circle", "suspected", "dependent")
Sets = dict[str, list[frozenset[str]]]


def run(
    data: Path | None = None, enterprises: int = ENTERPRISES, links: int = LINKS, times: int = TIMES
) -> dict[str, object]:
    """Generate (or take the economy at `data`), add the noise, build, compare; print and return."""
    with tempfile.TemporaryDirectory() as scratch:
        economy = data or Path(scratch) / "economy"
        if data is None:
            generate(economy, enterprises, links, SEED)
        planted = _planted(economy)
        noise = plant(planted["control"], planted["rings"], times)
        write(noise, Path(scratch) / "noise")
        ledger = Ledger(Path(scratch) / "home")
        with Measure() as whole:
            ingest([economy / "documents", Path(scratch) / "noise"], ledger)
            tables, _ = compute(ledger, load_chains())
        with Measure() as measure:
            found = _found(ledger, tables)
        expected = {kind: list(noise.expected.get(kind, [])) for kind in KINDS}
        expected["control"] += [frozenset(one) for one in planted["control"]]
        expected["guarantee_circle"] += [frozenset(one) for one in _alive(economy, tables.as_of)]
        # Two that depend on each other are one group, counted from either side.
        expected["dependent"] = sorted({*expected["dependent"], *stars(economy)}, key=sorted)
        figures = {
            **compared(expected, _sets(found, tables)),
            "enterprises": tables.enterprises.height,
            "relations": tables.relations.height,
            "traps": noise.traps,
            "build_seconds": round(whole.seconds, 1),
            **measure.figures(),
        }
    _show(figures)
    return figures


def compared(expected: Sets, found: Sets) -> dict[str, object]:
    """The figures of all kinds and of each."""
    by_kind: dict[str, dict[str, float | int]] = {}
    sums = dict.fromkeys(("planted", "exact", "members", "false"), 0)
    for kind in KINDS:
        exact = len(set(expected[kind]) & set(found[kind]))
        false = sum(_false(one, expected[kind]) for one in found[kind])
        counts = {
            "planted": len(expected[kind]),
            "exact": exact,
            "members": sum(map(len, found[kind])),
            "false": false,
        }
        for name, value in counts.items():
            sums[name] += value
        by_kind[kind] = {**counts, **_rates(counts)}
    return {**_rates(sums), **sums, "by_kind": by_kind}


def _rates(counts: dict[str, int]) -> dict[str, float]:
    return {
        "found": round(counts["exact"] / max(counts["planted"], 1), 4),
        "wrong": round(counts["false"] / max(counts["members"], 1), 4),
    }


def _false(one: frozenset[str], expected: list[frozenset[str]]) -> int:
    """Members of a found group that do not belong to the planted group it shares most with; all of them
    where it shares fewer than two with any."""
    best = max((len(one & other) for other in expected), default=0)
    return len(one) - best if best >= 2 else len(one)


def _found(ledger: Ledger, tables: SnapshotTables) -> dict[str, pl.DataFrame]:
    hubs = tables.enterprises["hub"].to_numpy()
    return find_groups(view_of(tables), tables.coverage, contacts(ledger, tables.members), hubs)


def _sets(found: dict[str, pl.DataFrame], tables: SnapshotTables) -> Sets:
    """kind → groups found, as sets of codes."""
    code = tables.enterprises["code"].fill_null(tables.enterprises["id"])
    rows = found["group_members"].select("group", "enterprise").unique()
    rows = rows.with_columns(code.gather(rows["enterprise"]).alias("code"))
    kinds = rows.join(found["groups"].select("kind", group="id"), on="group")
    sets: Sets = {kind: [] for kind in KINDS}
    for kind, codes in (
        kinds.group_by("group").agg(pl.col("kind").first(), "code").select("kind", "code").iter_rows()
    ):
        if kind in sets:
            sets[kind].append(frozenset(codes))
    return sets


def _planted(economy: Path) -> dict[str, list[list[str]]]:
    """Groups of the economy, head first, and the circles that hold to the end, in the order of the ring."""
    firms = pl.read_parquet(economy / "truth" / "firms.parquet").filter(pl.col("group_head").is_not_null())
    groups = firms.sort("group_head", pl.col("code") != pl.col("group_head"), "code")
    return {
        "control": groups.group_by("group_head", maintain_order=True).agg("code")["code"].to_list(),
        "rings": _alive(economy, date(2025, 12, 31)),
    }


def _alive(economy: Path, day: date) -> list[list[str]]:
    """Planted circles all of whose guarantees hold on `day`."""
    given = pl.read_parquet(economy / "truth" / "guarantees.parquet").filter(pl.col("circle").is_not_null())
    holds = (pl.col("first") <= day) & (pl.col("until") >= day)
    rings = given.group_by("circle", maintain_order=True).agg(pl.col("guarantor"), holds.all().alias("holds"))
    return rings.filter("holds")["guarantor"].to_list()


def _show(figures: dict[str, object]) -> None:
    console = Console()
    shown = Table("kind", "planted", "found exactly", "members", "false", "found", "wrong", title="groups")
    by_kind = figures["by_kind"]
    assert isinstance(by_kind, dict)
    for kind, row in [*by_kind.items(), ("all", figures)]:
        shown.add_row(
            kind, *(str(row[c]) for c in ("planted", "exact", "members", "false", "found", "wrong"))
        )
    console.print(shown)
    rest = {k: v for k, v in figures.items() if k not in ("by_kind", "planted", "exact", "members", "false")}
    console.print(json.dumps(rest, ensure_ascii=False))
