"""The industry map as a file says what the map says."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from tests.api_server import serving_folder
from tests.tiny_graph import invoices, tables


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map-file")
    write_snapshot(folder, tables(invoices()))
    with serving_folder(folder, store=nobody) as client:
        yield client


def lines(client, lang="en", **question):
    answer = client.get(
        "/v1/chains/toy-car/map/file", params={"format": "csv", **question}, headers={"Accept-Language": lang}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_line_a_cell_in_the_order_of_the_map(client):
    told = client.get("/v1/chains/toy-car/map", headers={"Accept-Language": "en"}).json()
    names = {segment["id"]: segment["name"] for segment in told["segments"]}
    rows = lines(client)
    assert [(row["segment"], int(row["depth"]), int(row["enterprises"])) for row in rows] == [
        (names[cell["segment"]], cell["depth"], cell["enterprises"]) for cell in told["cells"]
    ]
    amounts = [round(float(row["sales (CNY, without tax)"]) * 100) for row in rows]
    assert amounts == [cell["amount_fen"] for cell in told["cells"]]
    assert "value of the colour" not in rows[0]
    assert "环节" in lines(client, lang="zh")[0]


def test_a_colour_brings_its_values(client):
    rows = lines(client, color="region")
    assert any(row["province of most enterprises"] for row in rows)
    assert all(0 < float(row["value of the colour"]) <= 1 for row in rows if row["value of the colour"])


def test_two_dates_bring_both(client):
    rows = lines(client, before="2025-04-30", after="2099-12-31", months=2)
    told = client.get(
        "/v1/chains/toy-car/map/compare", params={"before": "2025-04-30", "after": "2099-12-31", "months": 2}
    ).json()
    assert [int(row["enterprises before"]) for row in rows] == [
        c["enterprises_before"] for c in told["cells"]
    ]
    assert [int(row["enterprises after"]) for row in rows] == [c["enterprises_after"] for c in told["cells"]]


def test_as_a_workbook_too(client):
    answer = client.get("/v1/chains/toy-car/map/file")
    assert answer.status_code == 200
    assert 'filename="toy-car-count-' in answer.headers["content-disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + len(lines(client))
    assert all(isinstance(row[4], float) for row in rows[1:])


def test_what_is_wrong_is_said(client):
    none = client.get("/v1/chains/none/map/file")
    assert (none.status_code, none.json()["code"]) == (404, "chain_not_found")
    early = client.get("/v1/chains/toy-car/map/file", params={"as_of": "2020-01-01"})
    assert (early.status_code, early.json()["code"]) == (400, "map_no_months")
    assert client.get("/v1/chains/toy-car/map/file", params={"format": "pdf"}).status_code == 422
