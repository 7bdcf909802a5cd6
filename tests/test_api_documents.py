"""Handing in documents, what is told of them, and correcting what was read: over a real server."""

import csv
import io
import json
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from api import uploads as door
from api.app import create_app
from api.principal import Principal, current_principal
from api.uploads import distinct, safe_name
from dayan import tasks, work
from extraction.ingest import reread
from extraction.rereading import corrections_of
from ledger import audit
from ledger.ledger import Ledger
from ledger.state import State
from seeds.papers import PaperInvoice, PaperLine, Party, write_digital_xml, write_ofd
from tests.api_server import serving, serving_folder, settings_for
from tests.ledgers import BUYER, SELLER, THIRD, csv_bytes, line, table


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr(tasks, "ISOLATED", False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def client(folder: Path):
    with serving_folder(folder, values={"max_file_bytes": 300_000}) as client:
        yield client


def invoice(number: int = 1) -> PaperInvoice:
    return PaperInvoice(
        number=f"2533200000{number:010d}",
        issued=date(2025, 3, 4),
        seller=Party("平湖市甲高分子材料有限公司", SELLER),
        buyer=Party("嘉兴市乙注塑有限公司", BUYER),
        lines=(PaperLine("*塑料制品*切片", 100_000, 13_000, Decimal("0.13"), Decimal(10), Decimal(100)),),
    )


def xml(number: int = 1) -> bytes:
    return write_digital_xml(invoice(number))


def hand_in(client: httpx.Client, *files: tuple[str, bytes], **options):
    headers = options.pop("headers", {})
    given = [("files", (name, data)) for name, data in files]
    return client.post("/v1/documents", files=given, data=options, headers=headers)


def run(folder: Path) -> None:
    work.work(settings_for(folder), Event(), until_idle=True)


def read_in(client: httpx.Client, folder: Path, *files: tuple[str, bytes], **options: str) -> dict:
    """Hand in, let the worker work, and return the job."""
    answer = hand_in(client, *files, build="false", **options)
    assert answer.status_code == 202, answer.text
    run(folder)
    return client.get(answer.headers["location"]).json()


def the_one(client: httpx.Client) -> str:
    (item,) = client.get("/v1/documents").json()["items"]
    return item["id"]


# Handing in


def test_an_upload_is_queued_read_and_told_document_by_document(client, folder):
    ledger = csv_bytes(table([line(1), line(2, 金额="broken")]))
    answer = hand_in(
        client, ("发票.xml", xml(9)), ("账.csv", ledger), ("junk", b"\0\1junk"), build="false", owner=SELLER
    )
    assert answer.status_code == 202
    body = answer.json()
    assert [(f["name"], f["accepted"]) for f in body["files"]] == [
        ("发票.xml", True),
        ("账.csv", True),
        ("junk", True),
    ]
    waiting = client.get(body["location"]).json()
    assert (waiting["state"], waiting["items"]) == ("queued", [])
    assert stat.S_IMODE((folder / "uploads").stat().st_mode) == 0o700
    run(folder)
    job = client.get(f"/v1/jobs/{body['job']}", headers={"Accept-Language": "zh"}).json()
    assert (job["state"], job["state_text"], job["documents"]) == ("done", "已完成", {"read": 2, "failed": 1})
    told = {i["name"]: i for i in job["items"]}
    assert told["发票.xml"]["facts"] == 1
    assert told["账.csv"]["rejected"] == 1
    assert (told["junk"]["state"], told["junk"]["error"]["code"]) == ("failed", "file_unknown")
    assert "junk" in told["junk"]["error"]["message"]
    assert [e.action for e in audit.entries(State(folder))] == ["document_uploaded"] * 3


def test_a_zip_tells_each_of_its_documents(client, folder):
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(3):
            archive.writestr(f"{n}.xml", xml(n))
    job = read_in(client, folder, ("all.zip", packed.getvalue()))
    assert sorted(i["name"] for i in job["items"]) == [f"all.zip/{n}.xml" for n in range(3)]


def test_pages_of_outcomes_hold_each_once(client, folder):
    job = read_in(client, folder, *[(f"{n}.xml", xml(n)) for n in range(7)])
    names, cursor = [], None
    while True:
        path = f"/v1/jobs/{job['id']}?limit=3" + (f"&cursor={cursor}" if cursor else "")
        page = client.get(path).json()
        names += [i["name"] for i in page["items"]]
        assert page["note"] == ("3 of 7" if len(page["items"]) == 3 else "1 of 7")
        if (cursor := page["next"]) is None:
            break
    assert sorted(names) == [f"{n}.xml" for n in range(7)]


def test_the_same_key_is_read_once_and_answered_alike(client, folder):
    key = {"Idempotency-Key": "abc"}
    first = hand_in(client, ("a.xml", xml()), headers=key).json()
    again = hand_in(client, ("a.xml", xml()), headers=key).json()
    assert again == first
    assert client.get("/v1/jobs").json()["total"] == 1
    assert [p.name for p in (folder / "uploads").iterdir()] == [first["job"]]
    other = hand_in(client, ("a.xml", xml(2)), headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert hand_in(client, ("a.xml", xml())).json()["job"] != first["job"]


def test_a_file_over_the_limit_is_named_and_the_others_go_on(client, folder):
    answer = hand_in(client, ("big.csv", b"x" * 300_001), ("a.xml", xml()), build="false").json()
    refused = next(f for f in answer["files"] if not f["accepted"])
    assert (refused["name"], refused["error"]["code"]) == ("big.csv", "file_too_large")
    run(folder)
    job = client.get(answer["location"]).json()
    assert {i["name"]: i["state"] for i in job["items"]} == {"a.xml": "read", "big.csv": "failed"}


@pytest.mark.parametrize(
    ("files", "data", "code"),
    [
        ([], {"owner": SELLER}, "upload_no_files"),
        ([("files", ("a", b"x"))], {"owner": "某某公司"}, "owner_invalid"),
        ([("files", ("a", b"x"))], {"build": "perhaps"}, "request_invalid"),
        ([("files", ("a", b"x"))], {"other": "1"}, "upload_field"),
        ([("files", ("a", b"x"))], {"owner": "9" * 2000}, "upload_value_long"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_leaves_nothing(client, folder, files, data, code):
    parts = files or [("owner", (None, data["owner"]))]
    answer = client.post("/v1/documents", files=parts, data=data if files else None)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert list((folder / "uploads").iterdir()) == []
    assert client.get("/v1/jobs").json()["total"] == 0


def test_a_body_that_is_no_form_is_refused(client, folder):
    for content, kind in (
        (b"x", "text/plain"),
        (b"x", "multipart/form-data"),
        (b"--b\r\nx", "multipart/form-data; boundary=b"),
    ):
        answer = client.post("/v1/documents", content=content, headers={"Content-Type": kind})
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] in ("upload_not_multipart", "upload_malformed")
    whole = client.build_request("POST", "/v1/documents", files=[("files", ("a.xml", xml()))])
    cut = whole.read()[:-30]
    answer = client.post(
        "/v1/documents", content=cut, headers={"Content-Type": whole.headers["content-type"]}
    )
    assert answer.json()["code"] == "upload_malformed"
    assert list((folder / "uploads").iterdir()) == []


def test_an_upload_over_the_whole_limit_is_refused_and_others_still_are_small(tmp_path):
    with serving_folder(tmp_path / "small", values={"max_upload_bytes": 2_000_000}) as client:
        answer = hand_in(client, ("a.csv", b"x" * 2_000_001))
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
        assert not (tmp_path / "small" / "uploads").exists()
        assert client.post("/v1/match", content=b"x" * (2**20 + 1)).status_code == 413


def test_too_many_files_are_refused(client, monkeypatch):
    monkeypatch.setattr(door, "MOST_FILES", 2)
    answer = hand_in(client, *[(f"{n}", b"x") for n in range(3)])
    assert answer.json()["code"] == "upload_too_many"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.xml", "/abs/x.xml", "..", "", "a\0b.xml", "长" * 300 + ".xml"]
)
def test_no_name_leaves_its_folder(client, folder, name):
    answer = hand_in(client, (name or " ", xml()), build="false")
    assert answer.status_code in (202, 400)
    for path in folder.rglob("*"):
        assert path.resolve().is_relative_to(folder.resolve())
    assert not (folder.parent / "etc").exists()


@given(st.text())
def test_a_safe_name_is_one_part_and_fits(name):
    safe = safe_name(name)
    assert safe
    assert "/" not in safe
    assert "\\" not in safe
    assert safe not in (".", "..")
    assert "\0" not in safe
    assert len(safe.encode()) <= 255
    assert safe.isprintable()


@given(st.lists(st.sampled_from(["a.xml", "a (2).xml", "b", ".x"]), max_size=12))
def test_names_of_one_upload_differ(names):
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for name in names:
        made = distinct(name, taken, counts)
        assert made not in taken
        taken.add(made)


def test_two_files_of_one_name_are_both_read(client, folder):
    job = read_in(client, folder, ("a.xml", xml(1)), ("a.xml", xml(2)))
    assert sorted(i["name"] for i in job["items"]) == ["a (2).xml", "a.xml"]
    assert job["documents"] == {"read": 2}


def test_a_write_from_another_site_is_refused(client):
    answer = client.post(
        "/v1/documents", files=[("files", ("a", b"x"))], headers={"Origin": "https://evil.example"}
    )
    assert answer.json()["code"] == "origin_not_allowed"


def test_who_may_only_read_hands_in_and_corrects_nothing(folder):
    app = create_app(settings_for(folder))
    reader = Principal("guest", frozenset({"public", "graph:read", "documents:read"}))
    app.dependency_overrides[current_principal] = lambda: reader
    with serving(app) as client:
        for answer in (
            hand_in(client, ("a.xml", xml())),
            patch(client, "0" * 64, {"path": "issued", "value": "2025-03-07"}),
            client.post("/v1/jobs", json={"kind": "build"}),
            client.post(f"/v1/jobs/{'0' * 16}/stop"),
            client.post(f"/v1/reviews/{'0' * 16}", json={"decision": "same"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        assert client.get("/v1/jobs").json()["total"] == 0


# Jobs


def test_a_waiting_job_is_stopped_and_its_files_go(client, folder):
    body = hand_in(client, ("a.xml", xml())).json()
    stopped = client.post(f"/v1/jobs/{body['job']}/stop").json()
    assert stopped["state"] == "stopped"
    assert client.post(f"/v1/jobs/{body['job']}/stop").json()["code"] == "job_ended"
    assert client.get("/v1/jobs?state=stopped").json()["total"] == 1
    assert client.get(f"/v1/jobs/{'0' * 16}").json()["code"] == "job_not_found"
    run(folder)
    assert client.get("/v1/documents").json()["total"] == 0


def test_a_build_is_asked_for_once(client):
    first = client.post("/v1/jobs", json={"kind": "build"})
    assert first.status_code == 202
    assert client.post("/v1/jobs", json={"kind": "build", "force": True}).json()["id"] == first.json()["id"]
    assert client.post("/v1/jobs", json={"kind": "ingest"}).status_code == 422


# Documents


def test_documents_are_listed_by_state_format_and_text(client, folder):
    ledger = csv_bytes(table([line(1), line(2, 金额="broken")]))
    bad = csv_bytes(table([line(3, 金额="broken")]))
    read_in(client, folder, ("发票.xml", xml(9)), ("账.csv", ledger), ("坏.csv", bad), owner=SELLER)

    def names(query: str) -> list[str]:
        return sorted(i["name"] for i in client.get(f"/v1/documents?{query}").json()["items"])

    assert names("") == ["发票.xml", "坏.csv", "账.csv"]
    assert (names("state=read"), names("state=partly"), names("state=nothing")) == (
        ["发票.xml"],
        ["账.csv"],
        ["坏.csv"],
    )
    assert names("format=digital_xml") == ["发票.xml"]
    assert names("q=CSV") == ["坏.csv", "账.csv"]
    seen, cursor = [], None
    while True:
        body = client.get(f"/v1/documents?limit=2{f'&cursor={cursor}' if cursor else ''}").json()
        seen += [i["id"] for i in body["items"]]
        if (cursor := body["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 3
    assert "digital_xml" in body["formats"]


def test_rejected_rows_come_back_as_a_table_with_reasons(client, folder):
    ledger = csv_bytes(table([line(1), line(2, 金额="=1+1")]))
    read_in(client, folder, ("账.csv", ledger), owner=SELLER)
    id_ = the_one(client)
    body = client.get(f"/v1/documents/{id_}").json()
    assert body["state"] == "partly"
    assert {r["row"] for r in body["rejects"]} == {3}
    answer = client.get(f"/v1/documents/{id_}/rejects", headers={"Accept-Language": "zh"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert "'=1+1" in row
    assert row[head.index("发票票种")]


def test_values_come_with_their_place_and_why_they_are_believed(client, folder):
    read_in(client, folder, ("a.ofd", write_ofd(invoice())))
    id_ = the_one(client)
    body = client.get(f"/v1/documents/{id_}").json()
    values = {f["path"]: f for f in body["fields"]}
    assert values["seller.code"]["value"] == SELLER
    assert values["seller.code"]["method"]["code"] in ("xml", "ofd_tag")
    assert values["seller.code"]["method"]["text"]
    assert 0 < values["seller.code"]["confidence"] <= 1
    placed = [f for f in body["fields"] if f["box"]]
    assert all(len(f["box"]) == 4 and f["page"] >= 1 for f in placed)
    paged, cursor = [], None
    while True:
        page = client.get(f"/v1/documents/{id_}/fields?limit=5{f'&cursor={cursor}' if cursor else ''}").json()
        paged += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert paged == body["fields"]
    assert page["total"] == body["fields_total"] == len(paged)


def pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(200, 100), invariant=True)
    canvas.drawString(10, 50, "page one")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def commit(folder: Path, name: str, data: bytes) -> str:
    from hashlib import sha256

    from ledger.ledger import Load

    digest = sha256(data).hexdigest()
    Ledger(folder).commit([Load(digest, name, data, "test", 1, {}, 1, 1)])
    return digest


def test_a_page_is_a_picture_in_points_that_browsers_may_keep(client, folder):
    id_ = commit(folder, "a.pdf", pdf())
    answer = client.get(f"/v1/documents/{id_}/page/1.png?scale=2")
    assert answer.content.startswith(b"\x89PNG")
    assert int.from_bytes(answer.content[16:20], "big") == 400
    assert (answer.headers["x-page-width"], answer.headers["x-page-height"]) == ("200.00", "100.00")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    sizes = client.get(f"/v1/documents/{id_}/pages").json()
    assert sizes["items"] == [{"number": 1, "width": 200.0, "height": 100.0}]
    assert client.get(f"/v1/documents/{id_}/page/2.png").json()["code"] == "page_not_found"
    assert client.get(f"/v1/documents/{id_}/page/1.png?scale=9").status_code == 422
    broken = commit(folder, "b.pdf", b"%PDF-1.4 nonsense")
    assert client.get(f"/v1/documents/{broken}/page/1.png").json()["code"] == "file_malformed"
    photo = io.BytesIO()
    Image.new("RGB", (1000, 500), "white").save(photo, "JPEG")
    shown = commit(folder, "d.jpg", photo.getvalue())
    sizes = client.get(f"/v1/documents/{shown}/pages").json()
    assert sizes["items"] == [{"number": 1, "width": 842.0, "height": 421.0}]
    answer = client.get(f"/v1/documents/{shown}/page/1.png?scale=0.5")
    assert int.from_bytes(answer.content[16:20], "big") == 421
    assert client.get(f"/v1/documents/{shown}/page/2.png").json()["code"] == "page_not_found"
    cut = commit(folder, "e.jpg", photo.getvalue()[:60])
    assert client.get(f"/v1/documents/{cut}/page/1.png").json()["code"] == "file_malformed"
    other = commit(folder, "c.xml", xml())
    assert client.get(f"/v1/documents/{other}/page/1.png").json()["code"] == "document_no_pages"
    assert client.get(f"/v1/documents/{'0' * 64}/page/1.png").status_code == 404


# Corrections


def patch(client: httpx.Client, id_: str, *changes: dict) -> httpx.Response:
    return client.patch(f"/v1/documents/{id_}/fields", json=list(changes))


def facts(folder: Path) -> dict:
    (row,) = Ledger(folder).scan("invoices").collect().iter_rows(named=True)
    return row


def test_a_correction_changes_field_and_fact_and_can_be_taken_back(client, folder):
    read_in(client, folder, ("a.xml", xml()))
    id_, before = the_one(client), facts(folder)
    answer = patch(
        client,
        id_,
        {"path": "seller.code", "value": THIRD, "why": "misprint"},
        {"path": "issued", "value": "2025-03-07"},
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["follows"] is True
    field = next(f for f in body["items"] if f["path"] == "seller.code")
    assert (field["value"], field["method"]["code"], field["confidence"]) == (THIRD, "human", 1.0)
    assert (field["corrected"]["by"], field["corrected"]["why"], field["corrected"]["applied"]) == (
        "local",
        "misprint",
        True,
    )
    now = facts(folder)
    assert now["seller"] != before["seller"]
    assert now["happened_on"] == date(2025, 3, 7)
    assert now["fact"] == before["fact"]
    assert Ledger(folder).documents().height == 1
    patch(client, id_, {"path": "seller.code", "value": None, "why": "it was right"})
    patch(client, id_, {"path": "issued", "value": None})
    after = facts(folder)
    assert {k: v for k, v in after.items() if k not in ("reading", "warnings")} == {
        k: v for k, v in before.items() if k not in ("reading", "warnings")
    }
    told = {f["path"]: f for f in client.get(f"/v1/documents/{id_}").json()["fields"]}
    assert told["seller.code"]["corrected"] is None
    done = [e.action for e in audit.entries(State(folder)) if e.action != "document_read"]
    assert done[1:] == ["field_corrected"] * 4
    assert audit.verify(State(folder)) is None


def test_a_later_correction_wins_and_an_earlier_one_can_be_said_again(client, folder):
    read_in(client, folder, ("a.xml", xml()))
    id_ = the_one(client)
    for day in ("2025-03-07", "2025-03-08", "2025-03-07"):
        assert patch(client, id_, {"path": "issued", "value": day}).status_code == 200
        assert facts(folder)["happened_on"] == date.fromisoformat(day)
        assert corrections_of(Ledger(folder), id_) == (("issued", day),)


def test_a_better_reader_takes_corrections_up_again(client, folder, monkeypatch):
    from extraction.digital_xml import DigitalXmlReader

    read_in(client, folder, ("a.xml", xml()))
    id_ = the_one(client)
    patch(client, id_, {"path": "issued", "value": "2025-03-07"})
    monkeypatch.setattr(DigitalXmlReader, "version", DigitalXmlReader.version + 1)
    reread(Ledger(folder))
    assert Ledger(folder).documents()["reader_version"].to_list() == [DigitalXmlReader.version]
    assert facts(folder)["happened_on"] == date(2025, 3, 7)
    values = Ledger(folder).scan("fields").collect().filter(path="issued")
    assert values["method"].to_list() == ["human"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "issued", "value": "yesterday"}, "correction_rejected"),
        ({"path": "lines[1].amount", "value": "1O0"}, "correction_rejected"),
        ({"path": "lines[9].amount", "value": "1"}, "correction_invalid"),
        ({"path": "nothing.of.it", "value": "1"}, "correction_invalid"),
        ({"path": "seller.name", "value": "张三 330482199001011235"}, "correction_invalid"),
    ],
)
def test_a_correction_that_cannot_stand_changes_nothing(client, folder, change, code):
    read_in(client, folder, ("a.xml", xml()))
    before = facts(folder)
    answer = patch(client, the_one(client), {"path": "seller.code", "value": THIRD}, change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"]
    assert facts(folder) == before
    assert Ledger(folder).judgements().is_empty()
    assert "330482199001011235" not in answer.text


def test_one_path_twice_is_refused(client, folder):
    read_in(client, folder, ("a.xml", xml()))
    answer = patch(
        client,
        the_one(client),
        {"path": "issued", "value": "2025-03-07"},
        {"path": "issued", "value": "2025-03-08"},
    )
    assert answer.json()["errors"][0]["code"] == "correction_twice"


def test_what_is_corrected_where_facts_do_not_follow_is_kept_and_said(client, folder):
    ledger = csv_bytes(table([line(1)]))
    read_in(client, folder, ("账.csv", ledger), owner=SELLER)
    id_, before = the_one(client), facts(folder)
    body = patch(client, id_, {"path": "seller.name", "value": "别的名字"}).json()
    assert body["follows"] is False
    assert body["items"][0]["value"] == "别的名字"
    assert body["items"][0]["corrected"]["applied"] is False
    assert facts(folder) == before
    assert json.dumps(client.get(f"/v1/documents/{id_}").json()["fields"][0]["corrected"]["by"]) == '"local"'
