"""Rows of a table as they stand in it, the facts that came of each, and the facts of any document."""

from pathlib import Path

import pytest

from api.views import excerpt as views
from dayan import tasks
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.ledgers import SELLER, csv_bytes, line, table, xlsx_bytes
from tests.test_api_documents import read_in, the_one, xml

#: A citizen's number that is right in every digit and belongs to nobody: its region does not exist.
CITIZEN = "990000199003070034"


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr(tasks, "ISOLATED", False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def client(folder: Path):
    with serving_folder(folder) as client:
        yield client


def rows_of(client, **asked):
    answer = client.get(f"/v1/documents/{the_one(client)}/rows", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rows_come_under_their_headings_with_the_facts_in_them(client, folder):
    lines = [line(1), line(1, 货物或应税劳务名称="*塑料制品*粒子"), line(2), line(3, 金额="broken")]
    read_in(client, folder, ("账.csv", csv_bytes(table(lines))), owner=SELLER)
    told = rows_of(client)
    (shown,) = told["tables"]
    assert shown["titles"][:4] == ["序号", "发票代码", "发票号码", "数电发票号码"]
    assert [row["row"] for row in told["items"]] == [2, 3, 4, 5]
    assert (told["total"], told["before"], told["note"]) == (4, 0, None)
    first, second, third, broken = told["items"]
    assert first["facts"] == second["facts"] != third["facts"] != []
    assert broken["facts"] == []
    assert [bool(row["rejected"]) for row in told["items"]] == [False, False, False, True]
    assert "broken" in broken["cells"]
    fact = client.get(f"/v1/documents/{the_one(client)}/facts").json()
    assert [(one["row"], one["fact"]) for one in fact["items"]] == [
        (2, first["facts"][0]),
        (4, third["facts"][0]),
    ]


def test_the_window_begins_at_the_row_asked_for_and_never_stands_empty(client, folder):
    read_in(client, folder, ("账.csv", csv_bytes(table([line(n) for n in range(1, 31)]))), owner=SELLER)
    told = rows_of(client, **{"from": 12, "limit": 5})
    assert [row["row"] for row in told["items"]] == [12, 13, 14, 15, 16]
    assert (told["before"], told["total"]) == (10, 30)
    beyond = rows_of(client, **{"from": 9_999, "limit": 5})
    assert [row["row"] for row in beyond["items"]] == [27, 28, 29, 30, 31]


def test_sheets_of_a_workbook_count_on_as_their_facts_do(client, folder):
    sheets = {"一": table([line(1), line(2)]), "二": table([line(3)])}
    read_in(client, folder, ("账.xlsx", xlsx_bytes(**sheets)), owner=SELLER)
    told = rows_of(client)
    facts = client.get(f"/v1/documents/{the_one(client)}/facts").json()["items"]
    rows = {row["row"]: row["facts"] for row in told["items"]}
    assert rows == {fact["row"]: [fact["fact"]] for fact in facts}
    assert [row["cells"][-1] for row in told["items"]] == ["一", "一", "二"]


def test_numbers_and_names_of_people_are_masked_for_everybody(client, folder):
    lines = [line(1, 备注=f"经办 {CITIZEN}", 购买方名称="张三丰", 购方识别号="")]
    read_in(client, folder, ("账.csv", csv_bytes(table(lines))), owner=SELLER)
    (row,) = rows_of(client)["items"]
    text = " ".join(cell or "" for cell in row["cells"])
    assert CITIZEN not in text
    assert "张三丰" not in text
    assert "平湖市甲高分子材料有限公司" in text


def test_accounts_are_masked_whatever_their_shape():
    import polars as pl

    from extraction.excerpt import covered

    own = pl.DataFrame(
        {"row": [1], "对方账号": ["330012345678901"], "证件号码": ["E12345678"], "金额": ["1.00"]}
    )
    (_, account, paper, amount) = covered(own).row(0)
    assert "123456789" not in account
    assert paper == "E12**5678"
    assert amount == "1.00"


def test_a_paper_holds_no_table_but_one_fact(client, folder):
    read_in(client, folder, ("a.xml", xml()))
    told = rows_of(client)
    assert (told["items"], told["tables"], told["total"]) == ([], [], 0)
    assert told["note"] == "There is no table in this document."
    (fact,) = client.get(f"/v1/documents/{the_one(client)}/facts").json()["items"]
    assert (fact["row"], fact["table"], fact["number"]) == (None, "invoices", "25332000000000000001")


def test_facts_come_page_by_page(client, folder):
    read_in(client, folder, ("账.csv", csv_bytes(table([line(n) for n in range(1, 8)]))), owner=SELLER)
    path, found, cursor = f"/v1/documents/{the_one(client)}/facts", [], None
    while True:
        page = client.get(path, params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        found += [fact["row"] for fact in page["items"]]
        assert page["total"] == 7
        if (cursor := page["next"]) is None:
            break
    assert found == [2, 3, 4, 5, 6, 7, 8]


def test_what_is_too_large_is_told_and_not_cut_up(client, folder, monkeypatch):
    read_in(client, folder, ("账.csv", csv_bytes(table([line(1)]))), owner=SELLER)
    monkeypatch.setattr(views, "LARGEST", 10)
    told = rows_of(client)
    assert told["items"] == []
    assert "download the original" in told["note"]


def test_who_may_not_see_a_paper_sees_no_row_of_it(folder):
    with serving_folder(folder, values={"local_user": "always"}) as client:
        read_in(client, folder, ("账.csv", csv_bytes(table([line(1)]))), owner=SELLER)
        key = key_for(folder, "owner", parties=("0123456789abcdef",))
        for path in ("rows", "facts"):
            answer = client.get(f"/v1/documents/{the_one(client)}/{path}", headers=bearing(key))
            assert answer.status_code == 404, answer.text
        nobody = client.get(f"/v1/documents/{'0' * 64}/rows")
        assert nobody.status_code == 404
