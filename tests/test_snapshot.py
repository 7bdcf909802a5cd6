"""The snapshot: same bytes for the same input, whole or not there, and what it answers."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from graph import snapshot_folder
from graph.snapshot import current_id, open_snapshot, write_snapshot
from graph.snapshot_tables import TABLES
from ledger.errors import Conflict, NotFound
from tests.graphs import MONTHS, firm_id, tables

ROOT = Path(__file__).parent.parent


def content(folder: Path) -> dict[str, str]:
    return {p.name: sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_same_input_gives_the_same_bytes_and_id(tmp_path):
    one, other = (write_snapshot(tmp_path / name, tables()) for name in "ab")
    assert one.id == other.id
    assert content(one.folder) == content(other.folder)
    assert len(content(one.folder)) == len(TABLES) + 8  # arrays, chains.json, manifest.json


def test_chunks_and_row_order_of_loose_tables_do_not_change_the_bytes(tmp_path):
    given = tables()
    shuffled = tables(
        flow=given.flow.sample(fraction=1, shuffle=True, seed=3),
        positions=given.positions.reverse(),
        members=given.members.reverse(),
        evidence=pl.concat([given.evidence.reverse(), given.evidence], rechunk=False),
        edges=pl.concat([given.edges[:5], given.edges[5:]], rechunk=False),
    )
    assert write_snapshot(tmp_path / "a", given).id == write_snapshot(tmp_path / "b", shuffled).id


def test_any_change_of_the_data_changes_the_id(tmp_path):
    ids = {
        write_snapshot(tmp_path, t).id
        for t in (
            tables(),
            tables(seed=2),
            tables(as_of=date(2025, 3, 16)),
            tables(synthetic=False),
            tables(chains=[]),
        )
    }
    assert len(ids) == 5


def test_tables_come_back_as_they_went_in(tmp_path):
    given = tables()
    snapshot = open_snapshot(tmp_path, write_snapshot(tmp_path, given).id)
    for name, schema in TABLES.items():
        found = getattr(snapshot, name)
        assert found.schema == schema
        sent = getattr(given, name)
        order = {"flow": ["month", "edge"]}.get(name)
        want = (sent.sort(order) if order else sent).cast({c: schema[c] for c in sent.columns})
        assert_frame_equal(found.select(sent.columns), want)
    assert snapshot.chains == given.chains
    assert (snapshot.as_of, snapshot.months, snapshot.synthetic) == (given.as_of, MONTHS, True)
    assert snapshot.counts["edges"] == len(given.edges)
    assert snapshot.damaged() == []


def test_index_of_finds_every_firm_and_nothing_else(tmp_path):
    snapshot = write_snapshot(tmp_path, tables(40))
    for i, id in enumerate(snapshot.enterprises["id"]):
        assert snapshot.index_of(id) == i
        assert snapshot.id_of(i) == id
    for wrong in (
        "",
        "0" * 16,
        "f" * 16,
        "0" * 17,
        "not a hex number",
        firm_id(3)[:-1] + "g",
        firm_id(3)[:-1],
    ):
        assert snapshot.index_of(wrong) is None


def test_neighbours_and_evidence_are_those_of_the_tables(tmp_path):
    given = tables()
    snapshot = write_snapshot(tmp_path, given)
    pairs = list(zip(given.edges["src"], given.edges["dst"], strict=True))
    for i in range(12):
        assert [pairs[e] for e in snapshot.customers(i)] == [p for p in pairs if p[0] == i]
        assert [pairs[e] for e in snapshot.suppliers(i)] == [p for p in pairs if p[1] == i]
    for e, (seller, buyer) in enumerate(pairs):
        assert snapshot.edge_between(seller, buyer) == e
        assert snapshot.evidence(e) == sorted(given.evidence.filter(pl.col("edge") == e)["fact"])
    assert snapshot.edge_between(5, 2) is None
    assert snapshot.graph.in_edges.tolist() == sorted(range(len(pairs)), key=lambda e: pairs[e][::-1])


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2024, 12, 31), 0),
        (date(2025, 1, 30), 0),
        (date(2025, 1, 31), 1),
        (date(2025, 2, 28), 2),
        (date(2025, 3, 15), 2),
        (date(2030, 1, 1), 3),
    ],
)
def test_a_dated_view_is_cut_at_the_last_full_month(tmp_path, day, months):
    snapshot = write_snapshot(tmp_path, tables())
    view = snapshot.flow_until(day)
    assert_frame_equal(view, snapshot.flow.filter(pl.col("month") < months))
    want = np.zeros(snapshot.counts["edges"], np.int64)
    np.add.at(want, view["edge"].to_numpy(), view["amount_fen"].to_numpy())
    assert snapshot.amounts_until(day).tolist() == want.tolist()


def test_nothing_of_a_snapshot_can_be_changed(tmp_path):
    snapshot = write_snapshot(tmp_path, tables())
    for array in (snapshot.out_indptr, snapshot.column("edges", "dst"), snapshot.graph.in_edges):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def edges_swapped(t):
    return {"edges": t.edges.reverse()}


def firm_twice(t):
    return {"enterprises": t.enterprises.with_columns(id=pl.col("id").first())}


def edge_to_nowhere(t):
    return {"edges": t.edges.with_columns(dst=pl.lit(12))}


def flow_of_no_edge(t):
    return {"flow": t.flow.with_columns(edge=pl.lit(99))}


def flow_of_no_month(t):
    return {"flow": t.flow.with_columns(month=pl.lit(3))}


def typo(t):
    return {"members": t.members.with_columns(resaon=pl.lit("x"))}


def month_order(t):
    return {"months": MONTHS[::-1]}


def id_no_hex(t):
    return {"enterprises": t.enterprises.with_columns(id=pl.col("id").str.to_uppercase())}


@pytest.mark.parametrize(
    "change",
    [
        edges_swapped,
        firm_twice,
        edge_to_nowhere,
        flow_of_no_edge,
        flow_of_no_month,
        typo,
        month_order,
        id_no_hex,
    ],
)
def test_tables_that_contradict_themselves_are_never_published(tmp_path, change):
    with pytest.raises(ValueError, match=r"sorted|points|no column|ascend|hex"):
        write_snapshot(tmp_path, tables(**change(tables())))
    assert current_id(tmp_path) is None


def test_no_snapshot_an_unknown_one_and_a_newer_one_are_told(tmp_path):
    with pytest.raises(NotFound) as none:
        open_snapshot(tmp_path)
    assert none.value.code == "snapshot_none"
    with pytest.raises(NotFound):
        open_snapshot(tmp_path, "../../etc")
    manifest = write_snapshot(tmp_path, tables()).folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    with pytest.raises(Conflict) as newer:
        open_snapshot(tmp_path)
    assert newer.value.text("zh").startswith("图谱版本")


def test_the_last_seven_stay_and_an_open_one_goes_on(tmp_path):
    first = write_snapshot(tmp_path, tables(seed=0))
    held = first.out_indptr
    ids = [first.id] + [write_snapshot(tmp_path, tables(seed=s)).id for s in range(1, 9)]
    root = tmp_path / "snapshots"
    assert snapshot_folder.versions(root) == ids[:1:-1]
    assert current_id(tmp_path) == ids[-1]
    assert held[-1] == first.counts["edges"], "a mapped array outlives its file's name"
    again = write_snapshot(tmp_path, tables(seed=3))
    assert (current_id(tmp_path), snapshot_folder.versions(root)[0]) == (again.id, again.id)


def test_a_damaged_version_is_seen_and_written_anew(tmp_path):
    snapshot = write_snapshot(tmp_path, tables())
    (snapshot.folder / "flow.parquet").write_bytes(b"half")
    (snapshot.folder / "ids.npy").unlink()
    assert snapshot.damaged() == ["flow.parquet", "ids.npy"]
    assert write_snapshot(tmp_path, tables()).damaged() == []


KILLED = """
import os, signal, sys
from pathlib import Path
from graph import snapshot, snapshot_folder
from tests.graphs import tables
folder, where = Path(sys.argv[1]), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if where == "files":
    snapshot.evidence_index = die
elif where == "rename":
    snapshot_folder._settle = die
elif where == "current":
    snapshot_folder._point = die
elif where == "replace":
    Path.replace = die
elif where == "retire":
    import shutil
    snapshot_folder.shutil.rmtree = die
    snapshot_folder.KEPT = 1
snapshot.write_snapshot(folder, tables(seed=2))
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["files", "rename", "current", "replace", "retire"])
def test_a_kill_leaves_the_old_version_or_the_new_one(tmp_path, where):
    old = write_snapshot(tmp_path, tables(seed=1))
    command = [sys.executable, "-c", KILLED, str(tmp_path), where]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    now = open_snapshot(tmp_path)
    assert (now.id == old.id) == (where != "retire")
    for id in snapshot_folder.versions(tmp_path / "snapshots"):
        assert open_snapshot(tmp_path, id).damaged() == []
    new = write_snapshot(tmp_path, tables(seed=2))
    assert open_snapshot(tmp_path).id == new.id != old.id
    left = [p.name for p in (tmp_path / "snapshots").iterdir() if p.name.startswith(".")]
    assert left == [".lock"], "what the killed writer left is swept"


@pytest.mark.parametrize("id", ["CURRENT", ".lock", "\0", "../..", "", "0" * 15, "G" * 16])
def test_an_id_from_a_stranger_is_not_found(tmp_path, id):
    write_snapshot(tmp_path, tables())
    if id:
        with pytest.raises(NotFound):
            open_snapshot(tmp_path, id)
