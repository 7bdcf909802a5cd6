"""Bench `resolve`: a million firms, noisy names without a code, and the million against itself.

`accepted`: share of noisy queries answered without asking; `precision`: how many of those are right;
`recall`: how often the right firm is among the ten candidates. `absent_accepted`: of queries for firms
that are not in the list, how many were given one. `short_top1`: listed companies' short names among the
full ones, no aliases known. `former_top1`: their former and short names, each asked while it is missing
from the aliases; `former_traced_top1`: those of them that share letters with any name on record.
DAYAN_BENCH_NAMES=250000 makes a smaller world.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.noisy_names import NOISE, Firms, firms
from extraction.who import Known, Query, match
from extraction.who.bulk import alike
from ledger.ids import party_ids
from ledger.records import empty

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_EACH, _ABSENT, _SEED = 1000, 2000, 20261122
_FOLDS = 20
_CHUNK = 2000
_FEW = 20  # firms that may share a pair of letters that still says who is meant


def run(data: Path | None = None) -> dict[str, object]:
    """Measure, print a table, return the figures."""
    shared, console = data or _SHARED, Console()
    size = int(os.environ.get("DAYAN_BENCH_NAMES", "1000000"))
    world = firms(size + _ABSENT, shared, _SEED)
    parties = world.parties(size)
    figures: dict[str, object] = {"names": size}
    with Measure() as measure:
        known = Known.of(parties, empty("aliases"), empty("judgements"))
    figures["index_seconds"] = round(measure.seconds, 1)
    figures |= _noisy(known, world, size, console)
    with Measure() as searching:
        pairs = alike(known)
    figures["seconds"] = round(measure.seconds + searching.seconds, 1)
    figures["cpu_seconds"] = round(measure.cpu_seconds + searching.cpu_seconds, 1)
    figures["peak_gb"] = round(max(measure.peak_gb, searching.peak_gb), 2)
    figures["load"] = round(measure.load, 2)
    figures["pairs"] = pairs.height
    figures |= _listed(shared / "names" / "listed_company_names.json")
    console.print_json(json.dumps(figures, ensure_ascii=False))
    return figures


def _noisy(known: Known, world: Firms, size: int, console: Console) -> dict[str, object]:
    rng = np.random.default_rng(_SEED + 1)
    shown = Table("noise", "asked", "accepted", "right of them", "among ten", "first")
    total = np.zeros(5, np.int64)
    by_kind: dict[str, float] = {}
    code_of = dict(zip(known.firms["party"], known.firms["name"], strict=True))
    for kind, noise in NOISE.items():
        which = rng.integers(0, size, _EACH).tolist()
        counts = np.zeros(5, np.int64)
        for i, answer in zip(which, _answers([noise(world, i, rng) for i in which], known), strict=True):
            named = [code_of[c.party] for c in answer.candidates]
            right = answer.accepted is not None and code_of[answer.accepted.party] == world.name[i]
            first = bool(named) and named[0] == world.name[i]
            counts += [1, answer.accepted is not None, right, world.name[i] in named, first]
        shown.add_row(kind, *(f"{n:,}" for n in counts.tolist()))
        by_kind[kind] = float(counts[1] / counts[0])
        total += counts
    absent = _answers(world.name[size:], known)
    asked, accepted, right, among, first = total.tolist()
    console.print(shown)
    return {
        "queries": asked,
        "accepted": round(accepted / asked, 4),
        "precision": round(right / max(accepted, 1), 5),
        "wrong": accepted - right,
        "recall": round(among / asked, 4),
        "top1": round(first / asked, 4),
        "absent": len(absent),
        "absent_accepted": sum(answer.accepted is not None for answer in absent),
    }


def _answers(names: list[str], known: Known) -> list[Any]:
    found = []
    for low in range(0, len(names), _CHUNK):
        found += match([Query(name=name) for name in names[low : low + _CHUNK]], known)
    return found


def _listed(path: Path) -> dict[str, object]:
    """Former and short names of listed companies: asked in folds, each absent from the aliases meanwhile."""
    if not path.exists():
        return {"former_top1": None, "short_top1": None}
    full = {row["secFullName"]: row for row in json.loads(path.read_text("utf-8"))["data"]}
    named = pl.DataFrame({"name": sorted(full), "scheme": "name", "scope": ""}).with_columns(
        party=party_ids(pl.lit("name"), pl.lit(""), pl.col("name")), code=pl.col("name")
    )
    parties = pl.concat([empty("parties"), named], how="diagonal")
    rows = [(name, each, former) for each, row in full.items() for name, former in sorted(_briefs(row))]
    asked = pl.DataFrame(rows, schema=["name", "full", "former"], orient="row")
    asked = asked.join(named.select("party", full="name"), on="full", maintain_order="left")
    bare = Known.of(parties, empty("aliases"), empty("judgements"))
    short = asked.filter(~pl.col("former"))
    hits, traced = np.array(_left_out(asked, parties)), np.array(_traced(asked))
    return {
        "former_asked": asked.height,
        "former_top1": round(float(hits.mean()), 4),
        "former_traced": int(traced.sum()),
        "former_traced_top1": round(float(hits[traced].mean()), 4),
        "short_asked": short.height,
        "short_top1": round(float(np.mean(_first(short, bare))), 4),
    }


def _briefs(row: dict[str, str]) -> set[tuple[str, bool]]:
    now, before = row["secShortName"], row.get("secShortNameChg", "")
    return {(now, False), *((name, True) for name in before.split(",") if name and name != now)}


def _left_out(asked: pl.DataFrame, parties: pl.DataFrame) -> list[bool]:
    """Whether the first answer is right, each name asked of a list whose aliases lack its fold."""
    fold = np.random.default_rng(_SEED).integers(0, _FOLDS, asked.height)
    hits = np.zeros(asked.height, np.bool_)
    for k in range(_FOLDS):
        mine, others = asked.filter(pl.Series(fold == k)), asked.filter(pl.Series(fold != k))
        told = others.select("party", "name", kind=pl.lit("short"))
        aliases = pl.concat([empty("aliases"), told], how="diagonal")
        hits[fold == k] = _first(mine, Known.of(parties, aliases, empty("judgements")))
    return hits.tolist()


def _first(asked: pl.DataFrame, known: Known) -> list[bool]:
    answers = _answers(asked["name"].to_list(), known)
    return [
        bool(answer.candidates) and answer.candidates[0].name == full
        for answer, full in zip(answers, asked["full"], strict=True)
    ]


def _traced(asked: pl.DataFrame) -> list[bool]:
    """Whether anything leads to the firm: two neighbouring letters that few firms share, in its full name
    or in another of its names. A firm renamed from 深锦兴 to 神州高铁 leaves no trace in letters."""
    names: dict[str, set[str]] = {}
    for name, full in asked.select("name", "full").iter_rows():
        names.setdefault(full, {full}).add(name)
    bears = Counter(pair for full in names for pair in _pairs(full))
    found = []
    for name, full in asked.select("name", "full").iter_rows():
        other = set().union(*(_pairs(each) for each in names[full] if each != name))
        found.append(any(bears[pair] <= _FEW for pair in _pairs(name) & other))
    return found


def _pairs(name: str) -> set[str]:
    return {name[k : k + 2] for k in range(len(name) - 1)} - {"ST"}
