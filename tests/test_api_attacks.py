"""What somebody may try on the API: numbers of people in names and values, texts that are none, old keys."""

import io
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import httpx
import polars as pl
import pytest

from api.data import Data
from api.paging import Cursor
from api.uploads import distinct, safe_name
from dayan import tasks
from extraction.bulk_engine import told
from extraction.source import Source
from ledger import audit
from ledger.ledger import Ledger, Load
from ledger.state import State
from tests.api_server import serving_folder, settings_for
from tests.test_api_documents import hand_in, patch, read_in, the_one, xml

CITIZEN, MOBILE = "330482199001011235", "13812345678"


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Documents are read in this process."""
    monkeypatch.setattr(tasks, "ISOLATED", False)


@pytest.fixture
def client(tmp_path: Path):
    with serving_folder(tmp_path) as client:
        yield client


def kept(folder: Path) -> bytes:
    """All bytes below `folder` that are no originals, with the names of the files."""
    files = [p for p in folder.rglob("*") if p.is_file() and "originals" not in p.parts]
    return b"".join(str(p).encode() + p.read_bytes() for p in files)


def test_personal_numbers_in_names_are_kept_nowhere(client, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{CITIZEN}.xml", xml(2))
        archive.writestr(f"{MOBILE}.bin", b"\0\1\2junk")
        archive.writestr(f"{CITIZEN}_empty.xml", b"")
    names = f"张三{CITIZEN}.xml", f"{MOBILE}.7z", "many.zip"
    read_in(client, tmp_path, *zip(names, (xml(1), b"\0junk", packed.getvalue()), strict=True))
    state = State(tmp_path)
    assert audit.entries(state)[0].detail["name"] == "张三330482________1235.xml"
    assert any("many.zip/330482________1235.xml" in n for n in Ledger(tmp_path).documents()["name"])
    with state.reading() as connection:
        queue = str([[tuple(row) for row in connection.execute(f"SELECT * FROM {t}")]
                     for t in ("jobs", "outcomes", "audit", "replays")])  # fmt: skip
    for number in (CITIZEN, MOBILE):
        assert number not in queue
        assert number.encode() not in kept(tmp_path)


@pytest.mark.parametrize("name", [f"{MOBILE}.7z", f"x.{CITIZEN}.pdf", f"a/{CITIZEN}", f"1.{MOBILE}.2.pdf"])
def test_a_safe_name_holds_no_personal_number(name):
    assert CITIZEN not in safe_name(name)
    assert MOBILE not in safe_name(name)
    assert Source(name, b"").name.count("_") >= 4


@pytest.mark.parametrize("owner", [CITIZEN, f" {CITIZEN[:6]} {CITIZEN[6:]}", "110101199003070011" + "01"])
def test_an_owner_that_is_a_citizens_number_is_refused(client, tmp_path, owner):
    answer = hand_in(client, ("a.xml", xml()), owner=owner)
    assert (answer.status_code, answer.json()["code"]) == (400, "owner_personal")
    assert CITIZEN not in answer.text
    assert audit.entries(State(tmp_path)) == []


def test_the_chain_holds_a_hash_and_the_judgement_no_telephone(client, tmp_path):
    read_in(client, tmp_path, ("a.xml", xml()))
    answer = patch(client, the_one(client), {"path": "remark", "value": f"call {MOBILE}"})
    assert answer.status_code == 200, answer.text
    detail = [e for e in audit.entries(State(tmp_path)) if e.action == "field_corrected"][-1].detail
    assert set(detail) == {"path", "value_sha256", "why"}
    assert (detail["path"], len(detail["value_sha256"])) == ("remark", 64)
    assert Ledger(tmp_path).judgements()["value"].to_list() == ["call 138****5678"]
    assert MOBILE.encode() not in kept(tmp_path)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("invoices[1].remark", "x", "correction_path_unknown"),
        ("remark", "a\0b", "correction_control"),
        ("remark", "a\x1b[2Jb", "correction_control"),
    ],
)
def test_what_no_paper_says_is_refused(client, tmp_path, path, value, code):
    read_in(client, tmp_path, ("a.xml", xml()))
    answer = patch(client, the_one(client), {"path": path, "value": value})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    assert Ledger(tmp_path).judgements().is_empty()


def test_a_contract_has_no_value_of_an_invoice(client, tmp_path):
    data = b"a contract"
    fields = pl.DataFrame({"path": ["parties.first"], "value": ["x"], "method": ["text"]})
    Ledger(tmp_path).commit(
        [Load(sha256(data).hexdigest(), "a.docx", data, "contract", 1, {"fields": fields}, 1, 1)]
    )
    answer = patch(client, the_one(client), {"path": "remark", "value": "x"})
    assert answer.json()["errors"][0]["code"] == "correction_path_unknown"


def test_a_page_before_the_first_is_refused(client, tmp_path):
    read_in(client, tmp_path, ("a.xml", xml()))
    cursor = Cursor("fields", "", (-3,)).text()
    answer = client.get(f"/v1/documents/{the_one(client)}/fields", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"/v1/documents/{'0' * 64}/fields", b'[{"path": "a\\ud800", "value": "1"}]'),
        ("PATCH", f"/v1/documents/{'0' * 64}/fields", b'[{"path": "a", "value": "1", "\\udfff": 1}]'),
        ("POST", "/v1/match", b'{"queries": [{"name": "\\ud83d"}]}'),
    ],
)
def test_half_a_character_is_the_senders_error(client, method, path, body):
    answer = client.request(method, path, content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["code"]


def test_a_boundary_without_end_is_the_senders_error(client: httpx.Client):
    kind = f"multipart/form-data; boundary={'b' * 300}"
    answer = client.post("/v1/documents", content=b"x", headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (400, "upload_malformed")


def test_what_a_reader_says_of_its_defect_holds_no_personal_number():
    assert CITIZEN not in str(told(ValueError(f"cannot read {CITIZEN}"), "a.xml").params)


def test_ten_thousand_files_of_one_name_take_no_time():
    taken: set[str] = set()
    counts: dict[str, int] = {}
    began = time.perf_counter()
    for _ in range(10_000):
        taken.add(distinct("a.xml", taken, counts))
    assert len(taken) == 10_000
    assert time.perf_counter() - began < 1


def test_what_is_warmed_matches(tmp_path):
    data = Data(settings_for(tmp_path))
    assert data._warm_matching()
    data.close()
