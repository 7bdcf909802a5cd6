"""Building a folder again: when it computes, when it only publishes, when it does nothing, what it shows."""

import json
import shutil
from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from api.settings import load_settings
from dayan import console, demo, doctor, pipeline, state
from dayan.folder import folder_id
from dayan.judging import add_core
from dayan.pipeline import build, is_current
from dayan.target import Target
from extraction.ingest import ingest
from graph.store import Store
from ledger.errors import Conflict
from tests.neo4j.launcher import wipe

HEAD = "企业代号,发票号码,开票日期,购方单位代号,金额,税额,价税合计,发票状态\n"
ROWS = "E1,12345678,2018/6/1,B7,100.00,10.00,110.00,有效发票\n"
ROWS += "E1,12345999,2018/7/2,B7,250.00,25.00,275.00,有效发票\n"


@pytest.fixture
def target(tmp_path: Path, embedded_store: Store, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A folder with a small ledger; its graph store is the run's, empty."""
    monkeypatch.setattr(Target, "connect", lambda _: nullcontext(embedded_store))
    (tmp_path / "sold.csv").write_text(HEAD + ROWS, "utf-8")
    target = Target(tmp_path / "home")
    ingest([tmp_path / "sold.csv"], target.ledger())
    return target


def no_work(*_: object) -> None:
    raise AssertionError("nothing was to be computed")


def test_a_core_that_is_named_makes_the_next_build_count_from_it(target: Target) -> None:
    first = build(target)
    assert first.fresh
    assert not build(target).fresh
    add_core(target, "B7", "nev", "")
    assert not is_current(target)
    second = build(target)
    assert second.fresh
    assert second.snapshot.id != first.snapshot.id
    nev = next(chain for chain in second.snapshot.chains if chain["id"] == "nev")
    assert [second.snapshot.enterprises["code"][c["enterprise"]] for c in nev["cores"]] == ["B7"]
    assert is_current(target)


def test_a_database_that_was_wiped_is_filled_again_without_computing(
    target: Target, embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(target)
    links = embedded_store.run("edge_counts")
    monkeypatch.setattr(pipeline, "compute", no_work)
    assert not build(target).fresh
    wipe(embedded_store)
    again = build(target)
    assert (again.fresh, again.evidence, again.snapshot.id) == (True, None, first.snapshot.id)
    assert embedded_store.run("build") == [{"snapshot": first.snapshot.id}]
    assert embedded_store.run("edge_counts") == links
    assert not build(target).fresh


@pytest.mark.parametrize("marker", [("older", "ready", "m"), (None, "writing", None), (None, "ready", "m")])
def test_a_database_that_holds_something_else_is_brought_up_and_told(
    target: Target, embedded_store: Store, monkeypatch: pytest.MonkeyPatch, marker: tuple[str, str, str]
) -> None:
    """Another snapshot, half of this one, or this one in another version's form."""
    built = build(target).snapshot.id
    held = embedded_store.run("build_marker")[0]
    snapshot, progress, model = marker
    embedded_store.write(
        "mark_build", snapshot=snapshot or built, state=progress, model=model or held["model"], folder=None
    )
    settings, said = load_settings(data=target.folder), StringIO()
    for room in (doctor, state):
        monkeypatch.setattr(room, "out", Console(file=said, width=300))
    assert not doctor.examine(settings)
    assert "≠" in said.getvalue()
    state.show(settings)
    assert "the graph store holds another version" in said.getvalue()
    monkeypatch.setattr(pipeline, "compute", no_work)
    assert build(target).fresh
    assert embedded_store.run("build_marker") == [held]
    said.truncate(0)
    assert doctor.examine(settings)
    state.show(settings)
    assert "another version" not in said.getvalue()


def test_two_folders_on_one_server_do_not_delete_each_others_graph(
    target: Target, embedded_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Target(target.folder, store_uri="bolt://shared:7687")
    other = Target(tmp_path / "other", store_uri="bolt://shared:7687")
    shutil.copytree(target.folder / "ledger", other.folder / "ledger")
    first = build(mine)
    add_core(other, "B7", "nev", "")
    for _ in range(2):
        with pytest.raises(Conflict) as caught:
            build(other)
        assert caught.value.code == "store_of_another_folder"
    assert embedded_store.run("build") == [{"snapshot": first.snapshot.id}]
    assert not build(mine).fresh
    settings, said = load_settings(data=other.folder, store=other.store_uri), StringIO()
    for room in (doctor, state):
        monkeypatch.setattr(room, "out", Console(file=said, width=300))
    assert not doctor.examine(settings)
    assert "belongs to another data folder" in said.getvalue()
    state.show(settings)
    assert "holds the graph of another data folder" in said.getvalue()


def test_a_folder_keeps_its_id_and_gives_it_to_its_copy(target: Target, tmp_path: Path) -> None:
    mine = Target(target.folder, store_uri="bolt://shared:7687")
    snapshot = build(mine).snapshot
    shutil.copytree(target.folder, tmp_path / "moved")
    moved = Target(tmp_path / "moved", store_uri="bolt://shared:7687")
    assert folder_id(moved.folder) == folder_id(target.folder) != folder_id(tmp_path / "new")
    assert not build(moved).fresh
    held = [path.read_bytes() for path in snapshot.folder.iterdir()]
    assert not any(folder_id(target.folder).encode() in data for data in held)


def test_a_build_tells_how_far_the_publication_is(target: Target) -> None:
    told: list[tuple[str, dict[str, object]]] = []
    build(target, lambda code, **counted: told.append((code, counted)))
    assert ("writing", {"word": "Enterprise", "done": 2, "total": 2}) in told
    assert ("writing", {"word": "SUPPLIES", "done": 1, "total": 1}) in told


def test_steps_are_shown_as_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    said = StringIO()
    monkeypatch.setattr(console, "err", Console(file=said, width=120))
    with console.steps("en") as step:
        step("snapshot")
        step("writing", word="Region", done=1, total=4)
        step("writing", word="Region", done=3, total=4)
        with pytest.raises(KeyError):
            step("no_such_step")
    assert said.getvalue().count("writing to the graph store: region") == 1
    assert said.getvalue().count("100%") == 2


def test_a_step_that_was_cut_off_stands_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    said = StringIO()
    monkeypatch.setattr(console, "err", Console(file=said, width=120))
    with pytest.raises(ZeroDivisionError), console.steps("en") as step:
        step("writing", word="Region", done=1, total=4)
        step("writing", word="Region", done=3, total=4)
        raise ZeroDivisionError
    assert "75%" in said.getvalue()


def test_the_demo_shows_how_far_its_economy_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = StringIO()
    monkeypatch.setattr(console, "err", Console(file=said, width=120))

    def generate(folder: Path, *_: int, progress) -> None:  # type: ignore[no-untyped-def]
        (folder / "documents").mkdir(parents=True)
        progress("economy_books", 1, 2)
        progress("economy_books", 2, 2)

    monkeypatch.setattr(demo, "generate", generate)
    monkeypatch.setattr(demo, "read_into", lambda *_: True)
    monkeypatch.setattr(demo, "build_and_tell", lambda *_: None)
    demo.run(load_settings(data=tmp_path), 1_000, 4_000, serve=False)
    assert "writing invoices into books" in said.getvalue()
    assert json.loads((tmp_path / "economy" / "demo.json").read_text()) == {
        "enterprises": 1_000,
        "links": 4_000,
    }
