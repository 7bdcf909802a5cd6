"""The command line on a small economy: every command, as a person would use it, and with bad input."""

import json
import re
import shutil
from pathlib import Path

import pytest

from graph.snapshot import open_snapshot
from ledger.ledger import Ledger
from tests.economy_home import dayan, make_home

pytestmark = pytest.mark.slow
NYLON = "91990000280633645E"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("cli"))


def test_nothing_lands_in_the_working_directory(home: Path) -> None:
    assert {p.name for p in home.parent.iterdir()} == {"economy", "home"}


def test_the_data_folder_is_closed_to_others(home: Path) -> None:
    assert home.stat().st_mode & 0o077 == 0


def test_a_second_ingest_adds_nothing_and_a_second_build_changes_nothing(home: Path) -> None:
    before, snapshot = Ledger(home).scan("invoices").collect().height, open_snapshot(home).id
    again = dayan("ingest", home.parent / "economy" / "documents", cwd=home.parent, data=home)
    assert again.returncode == 0, again.stderr
    assert Ledger(home).scan("invoices").collect().height == before
    rebuilt = dayan("build", "--force", cwd=home.parent, data=home)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert open_snapshot(home).id == snapshot
    assert "nothing has changed" in dayan("build", cwd=home.parent, data=home).stdout


def test_the_story_firm_stands_at_its_tier(home: Path) -> None:
    snapshot = open_snapshot(home)
    firm = snapshot.enterprises["code"].to_list().index(NYLON)
    seats = snapshot.positions.filter(enterprise=firm)
    nev = seats.filter(chain="nev").row(0, named=True)
    assert nev["segment"] == "nev-hightemp-nylon"
    assert nev["depth"] == pytest.approx(4, abs=0.5)
    assert set(seats["chain"]) == {"nev", "ce"}


def test_bad_files_are_named_and_the_rest_goes_on(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04" + bytes(30))
    good = next((home.parent / "economy" / "documents").rglob("*.xml"))
    shutil.copy(good, tmp_path / "good.xml")
    done = dayan("ingest", tmp_path, cwd=tmp_path, data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    for name in ("empty.csv", "photo.jpg", "cut.zip"):
        assert re.search(rf"{name}.*failed", done.stdout), name
    assert Ledger(tmp_path / "data").documents().height == 1


def test_exit_code_when_nothing_was_read(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    done = dayan("ingest", tmp_path / "note.txt", tmp_path / "gone.csv", cwd=tmp_path, data=tmp_path / "d")
    assert done.returncode == 1
    assert "nothing was read" in done.stderr
    assert "gone.csv" in done.stdout


def test_rejected_rows_come_back_with_their_reason(tmp_path: Path) -> None:
    header = "企业代号,发票号码,开票日期,销方单位代号,金额,税额,价税合计,发票状态\n"
    good = "E1,3390939,2017/7/18,A00297,100.00,6.00,106.00,有效发票\n"
    bad = "E1,3390940,2017/7/18,A00297,100.00,6.00,107.00,有效发票\n"
    (tmp_path / "book.csv").write_text(header + good + bad)
    done = dayan(
        "ingest", "book.csv", "--errors", "errors.csv", cwd=tmp_path, data=tmp_path / "d", DAYAN_LANG="zh"
    )
    assert done.returncode == 0, done.stderr
    back = (tmp_path / "errors.csv").read_text("utf-8-sig").splitlines()
    assert len(back) == 2
    assert "3390940" in back[1]
    assert "3390939" not in back[1]


def test_withdraw_takes_a_document_out(home: Path, tmp_path: Path) -> None:
    papers = sorted((home.parent / "economy" / "documents").rglob("*.xml"))[:2]
    data = tmp_path / "d"
    dayan("ingest", *papers, cwd=tmp_path, data=data)
    done = dayan("withdraw", papers[0].name, cwd=tmp_path, data=data)
    assert done.returncode == 0, done.stderr
    assert Ledger(data).documents()["name"].to_list() == [papers[1].name]
    assert dayan("withdraw", "nothing", cwd=tmp_path, data=data).returncode == 1


def test_a_core_enterprise_gives_levels(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "d"
    shutil.copytree(home / "ledger", data / "ledger")
    added = dayan("core", "add", NYLON, "--chain", "chem", cwd=tmp_path, data=data)
    assert added.returncode == 0, added.stderr
    assert dayan("core", "add", NYLON, "--chain", "nowhere", cwd=tmp_path, data=data).returncode == 1
    assert dayan("core", "add", "没有这家", "--chain", "nev", cwd=tmp_path, data=data).returncode == 1
    assert dayan("build", cwd=tmp_path, data=data).returncode == 0
    snapshot = open_snapshot(data)
    firm = snapshot.enterprises["code"].to_list().index(NYLON)
    chem = next(c for c in snapshot.chains if c["id"] == "chem")
    assert firm in [core["enterprise"] for core in chem["cores"]]
    assert snapshot.positions.filter(chain="chem", enterprise=firm)["level"].to_list() == [0]


def test_status_and_doctor_say_how_things_stand(home: Path, tmp_path: Path) -> None:
    assert "1,0" in dayan("status", cwd=tmp_path, data=home).stdout
    well = dayan("doctor", cwd=tmp_path, data=home)
    assert well.returncode == 0, well.stdout + well.stderr
    ill = dayan("doctor", cwd=tmp_path, data=home, DAYAN_STORE="bolt://127.0.0.1:1")
    assert ill.returncode == 1
    assert "DAYAN_STORE" in ill.stdout


def test_queries_are_listed_and_run(home: Path, tmp_path: Path) -> None:
    listed = dayan("query", cwd=tmp_path, data=home).stdout
    assert "suppliers" in listed
    assert "create_supplies" not in listed
    snapshot = open_snapshot(home)
    firm = snapshot.enterprises.row(snapshot.enterprises["code"].to_list().index(NYLON), named=True)
    found = dayan("query", "enterprise_by_code", "--param", f"code={NYLON}", cwd=tmp_path, data=home)
    assert firm["id"] in found.stdout
    assert dayan("query", "create_supplies", cwd=tmp_path, data=home).returncode == 2
    assert dayan("query", "enterprise", cwd=tmp_path, data=home).returncode == 2
    assert dayan("query", "no_such", cwd=tmp_path, data=home).returncode == 1


@pytest.mark.parametrize("name", ["nev.graphml", "nev.gexf", "nev.html"])
def test_a_chain_is_exported_as_a_drawing(home: Path, tmp_path: Path, name: str) -> None:
    done = dayan("export", name, "--chain", "nev", "--limit", "50", cwd=tmp_path, data=home)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / name).read_text("utf-8")
    escaped = json.dumps("有限公司")[1:-1]  # a script may spell characters by number
    assert "有限公司" in text or escaped in text
    if name.endswith("html"):
        assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", text)


def test_everything_is_exported_as_tables(home: Path, tmp_path: Path) -> None:
    assert dayan("export", "all.xlsx", cwd=tmp_path, data=home).returncode == 0
    assert (tmp_path / "all.xlsx").stat().st_size > 100_000
    assert dayan("export", "tables", cwd=tmp_path, data=home).returncode == 0
    assert (tmp_path / "tables" / "enterprises.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert dayan("export", "x.docx", cwd=tmp_path, data=home).returncode == 2


def test_an_unsafe_setting_refuses_to_start(tmp_path: Path) -> None:
    done = dayan("status", cwd=tmp_path, data=tmp_path / "d", DAYAN_HOST="0.0.0.0")
    assert done.returncode == 2
    assert "DAYAN_HOST" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_is_complete_or_made_again(home: Path) -> None:
    manifest = json.loads((home.parent / "economy" / "economy.json").read_text("utf-8"))
    assert manifest["complete"] is True
    assert manifest["synthetic"] is True
