"""The credit report, partners by month and a buyer that pays late, over the API of the tiny economy."""

import io
import re
import zipfile
from datetime import date

import numpy as np
import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from graph.snapshot import open_snapshot
from ledger.state import State
from services.cashflow.ground import ground_of
from services.cashflow.late import late_ground
from services.cashflow.path import Asked, path_on
from services.report.content import Evidence
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.cash_world import steady
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm, tiny

NAMES = {letter: row[0] for letter, row in FIRMS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny")).folder


@pytest.fixture(scope="module")
def client(folder):
    with serving_folder(folder, values={"local_user": "always"}) as client:
        yield client


def report(client, letter="C", kind="docx", lang="zh", status=200, **headers):
    answer = client.get(
        f"/v1/enterprises/{firm(letter)}/report", params={"format": kind},
        headers={"Accept-Language": lang, **headers}, timeout=300,  # the first one loads compiled code
    )  # fmt: skip
    assert answer.status_code == status, answer.text
    return answer


def texts(body):
    """Every text of a DOCX, in the order of its tables' cells after its paragraphs."""
    document = Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_report_is_the_same_bytes_every_time_and_a_file_of_its_kind(client, kind):
    first, again = (report(client, kind=kind) for _ in range(2))
    assert first.content == again.content
    assert f"report-{firm('C')}.{kind}" in first.headers["content-disposition"]
    assert first.content[:4] == (b"PK\x03\x04" if kind == "docx" else b"%PDF")
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(first.content)) as file:
            assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    else:
        assert len(pypdfium2.PdfDocument(first.content)) >= 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_in_brackets_is_in_the_list_and_every_piece_is_used(client, lang):
    said = texts(report(client, lang=lang).content)
    rows = {int(one[1:-1]) for one in said if re.fullmatch(r"\[\d+\]", one)}
    named = {
        int(n) for one in said if not re.fullmatch(r"\[\d+\]", one) for n in re.findall(r"\[(\d+)\]", one)
    }
    assert rows == set(range(1, len(rows) + 1))
    assert named == rows
    assert any(NAMES["C"] in one for one in said)
    assert not any(one.startswith("report_") or "{" in one for one in said)
    if lang == "en":
        labels = [one for one in said if one in ("Position", "Evidence", "Groups and guarantees", "Partners")]
        assert len(labels) >= 4


def test_the_report_says_day_snapshot_and_what_it_stands_on(client, folder):
    said = texts(report(client).content)
    snapshot = open_snapshot(folder)
    assert str(snapshot.as_of) in said
    assert snapshot.id in said
    # The path of C's goods or its partners name invoices with paper and row.
    assert any(re.search(r"发票 .+，\d{4}-\d{2}-\d{2}，.+ 第 \d+ 行", one) for one in said)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_of_a_report_are_written_as_a_reader_writes_them(client, lang):
    said = texts(report(client, lang=lang).content)
    units = ("share", "growth", "log10", "yes or no", "比例", "同比", "常用对数")
    assert not any(re.search(rf"\d (?:{'|'.join(units)})\b", one) for one in said)
    assert any(re.fullmatch(r"[+-]?\d+\.\d % \[\d+\]", one) for one in said)
    title = "授信调查报告" if lang == "zh" else "Credit report"
    assert said.count(title) == 1


def test_a_docx_repeats_the_heads_of_its_tables_and_counts_its_pages(client):
    document = Document(io.BytesIO(report(client).content))
    evidence = document.tables[-1]._tbl
    assert [len(row.xpath(".//w:tblHeader")) for row in evidence.tr_lst] == [
        1,
        *[0] * (len(evidence.tr_lst) - 1),
    ]
    assert all(row.xpath(".//w:cantSplit") for row in evidence.tr_lst)
    footer = document.sections[0].footer._element
    assert [field.get(qn("w:instr")) for field in footer.xpath(".//w:fldSimple")] == ["PAGE", "NUMPAGES"]


def test_a_report_needs_three_scopes_and_stands_in_the_audit_chain(client, folder):
    analyst = bearing(key_for(folder, "analyst"))
    report(client, status=403, **analyst)
    assert report(client, status=401, **bearing("dy_nothing")).json()["code"]
    credit = bearing(key_for(folder, "credit", holder="wang.fang"))
    report(client, **credit)
    with State(folder).reading() as connection:
        told = connection.execute("SELECT by, action, subject FROM audit ORDER BY number").fetchall()
    assert ("wang.fang", "report_made", firm("C")) in [tuple(row) for row in told]


def test_an_owner_gets_no_report_and_a_party_leads_to_its_enterprise(client, folder):
    owner = bearing(key_for(folder, "owner", parties=(firm("C"),)))
    answer = client.get(f"/v1/enterprises/{firm('C')}/report", headers=owner)
    assert answer.status_code == 403
    moved = client.get(f"/v1/enterprises/{OTHER_PARTY_OF_C}/report", params={"format": "pdf"})
    assert moved.status_code == 308
    assert firm("C") in moved.headers["location"]


def test_partners_by_month_add_up_to_the_links(client):
    answer = client.get(
        f"/v1/enterprises/{firm('C')}/partner-months", params={"side": "suppliers", "limit": 1}
    ).json()
    listed = client.get(
        f"/v1/enterprises/{firm('C')}/partner-months", params={"side": "suppliers", "limit": 20}
    ).json()
    assert listed["total"] == len(listed["items"])
    assert set(listed["others_fen"]) == {0}
    assert all(sum(one["by_month"]) == one["amount_fen"] for one in listed["items"])
    assert [one["amount_fen"] for one in listed["items"]] == sorted(
        (one["amount_fen"] for one in listed["items"]), reverse=True
    )
    assert answer["items"] == listed["items"][:1]
    rest = [sum(month) for month in zip(*(one["by_month"] for one in listed["items"][1:]), strict=True)]
    assert answer["others_fen"] == (rest or [0] * len(answer["months"]))


def test_a_buyer_that_has_no_dealings_cannot_pay_late(client):
    body = {"enterprise": firm("C"), "buyer": firm("C"), "days": 30}
    answer = client.post("/v1/cashflow/late", json=body, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "late_no_link"
    assert "No trade" in answer.json()["detail"]


def test_a_late_buyer_moves_its_own_money_and_nothing_else(tmp_path):
    cut = date(2025, 12, 31)
    source, ledger = steady(cut).write(tmp_path)
    ground = ground_of(source, ledger)
    asked = Asked(days=200, scenarios=50, telling=False)
    usual, late = (path_on(late_ground(ground, 0, 1, days), 0, asked) for days in (0, 30))
    assert (usual.outflow_fen == late.outflow_fen).all()
    moved = np.cumsum(usual.expected_fen[0] - late.expected_fen[0])
    assert (moved >= 0).all()
    # One invoice of a million a month, paid a month later: about one of them is missing all along.
    assert 0.7e8 < moved[60:170].mean() < 1.4e8
    # What other firms are paid stays as it was, and the ground itself is not changed.
    others = [path_on(one, 2, asked).expected_fen for one in (ground, late_ground(ground, 0, 1, 30))]
    assert (others[0] == others[1]).all()
    assert ground.delays.late is None


def test_evidence_is_numbered_once():
    evidence = Evidence()
    assert [evidence.number(key, key) for key in ("a", "b", "a")] == [1, 2, 1]
    assert [text for text, _ in evidence.items] == ["a", "b"]
