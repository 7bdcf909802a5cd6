"""Lists over the API: pasted lines matched, all enterprises screened, paged, sorted, taken away as files."""

import csv
import io
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from graph.snapshot import write_snapshot
from ledger import credit, credit_lists
from ledger.audit import Chosen, entries
from ledger.credit import Consent
from ledger.credit_lists import Listed
from ledger.errors import StoreUnavailable
from ledger.state import State
from services.desk.growth import growth
from services.desk.screen import Choice, after, ordered, screened
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, code, firm, invoices, tables, tiny

NAMES = {letter: row[0] for letter, row in FIRMS.items()}
ZH = {"Accept-Language": "zh"}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    tiny(folder)
    whole = tables(invoices())
    rows = {letter: i for i, letter in enumerate(sorted(FIRMS, key=firm))}
    whole.names = pl.DataFrame(
        {"enterprise": [rows["E"], rows["A"], rows["B"]], "name": ["沪东马达厂", "老字号商行", "老字号商行"]}
    )
    whole.listings = pl.DataFrame(
        {"enterprise": [rows["D"], rows["F"]], "list": ["dishonest", "dishonest"], "fact": ["f1", "f2"]}
    ).with_columns(until=pl.Series([None, date(2020, 1, 1)]))
    write_snapshot(folder, whole)
    return folder


@pytest.fixture(scope="module")
def client(folder):
    with serving_folder(folder, store=nobody, values={"local_user": "always"}) as client:
        yield client


def match(client, *lines, status=200, **more):
    answer = client.post("/v1/lists/match", json={"text": "\n".join(lines), **more})
    assert answer.status_code == status, answer.text
    return answer.json()


def screen(client, status=200, **question):
    answer = client.get("/v1/lists/screen", params=question)
    assert answer.status_code == status, answer.text
    return answer.json()


def letters(page):
    by_id = {firm(letter): letter for letter in FIRMS}
    return "".join(by_id[item["id"]] for item in page["items"])


def test_each_way_of_naming_a_firm_is_told(client):
    lines = [NAMES["A"], code("B"), f"{NAMES['C']}\t{code('C')}", "滬東馬達廠", "沪东马达厂"]
    body = match(client, *lines, "慈溪 齿轮-有限公司", "无此企业")
    told = [(item["way"], item["enterprise"] and item["enterprise"]["id"]) for item in body["items"]]
    assert told == [
        ("name", firm("A")), ("code", firm("B")), ("code", firm("C")), ("letters", firm("E")),
        ("former_name", firm("E")), ("letters", firm("C")), (None, None),
    ]  # fmt: skip
    assert (body["matched"], body["unmatched"], body["again"], body["total"]) == (6, 1, 2, 7)
    assert [item["row"] for item in body["items"]] == list(range(1, 8))
    assert body["items"][0]["score"] == 1.0


def test_what_two_firms_bear_is_ambiguous(client):
    (item,) = match(client, "老字号商行")["items"]
    assert (item["status"], item["way"]) == ("ambiguous", "former_name")
    assert {one["id"] for one in item["candidates"]} == {firm("A"), firm("B")}
    assert item["enterprise"]["id"] in {firm("A"), firm("B")}


def test_a_code_beside_another_firms_name_is_for_a_person(client):
    (item,) = match(client, f"{NAMES['A']},{code('B')}")["items"]
    assert (item["status"], item["enterprise"]["id"]) == ("ambiguous", firm("B"))
    assert [one["id"] for one in item["candidates"]] == [firm("B"), firm("A")]


def test_a_row_tells_place_core_and_region(client):
    (item,) = client.post("/v1/lists/match", json={"text": NAMES["A"]}, headers=ZH).json()["items"]
    row = item["enterprise"]
    assert (row["chain"], row["segment"], row["level"], row["depth"]) == ("toy-car", "polymer", 3, 3.0)
    assert (row["core"]["id"], row["region"], row["region_name"]) == (firm("G"), "330482", "平湖市")
    assert (row["size_text"], row["level_text"], row["offer"], row["loan"]) == (
        "小型",
        "三级供应商",
        "none",
        "none",
    )


@pytest.mark.parametrize(
    ("body", "code_"),
    [
        ({}, "request_invalid"),
        ({"text": "a", "queries": [{"name": "b"}]}, "request_invalid"),
        ({"queries": [{"name": " "}]}, "list_empty"),
        ({"text": "x\n" * 5_001}, "list_too_many_lines"),
    ],
)
def test_lists_that_cannot_be_read_are_refused(client, body, code_):
    answer = client.post("/v1/lists/match", json=body)
    assert answer.json()["code"] == code_
    assert answer.status_code in (400, 422)


def test_conditions_narrow_each_other(client):
    assert letters(screen(client, chain="toy-car")) == "GECAFDBLJIH"
    assert letters(screen(client, segment=["part", "module"], level_from=1, level_to=1)) == "EF"
    assert letters(screen(client, depth_from=2, depth_to=3)) == "CAD"
    assert letters(screen(client, region="33")) == "A"
    assert letters(screen(client, chain="toy-car", cell=["module:1", "shop:-1"])) == "EFIH"
    assert letters(screen(client, is_core=True)) == "G"
    assert letters(screen(client, core=firm("G"), segment="shop")) == "IH"
    assert letters(screen(client, placed=False)) == "J"
    assert letters(screen(client, placed=False, hubs=True)) == "KJ"
    assert letters(screen(client, own_books=True)) == "C"
    assert letters(screen(client, q="齿轮")) == "C"
    assert letters(screen(client, sales_from_fen=30_000_00, sales_to_fen=40_000_00)) == "E"
    assert screen(client, size="large")["items"] == []


def test_who_stands_on_a_list_today_is_knocked_out(client):
    page = screen(client, knocked_out=True)
    assert letters(page) == "D"  # what F stood on has ended
    assert [one["id"] for one in page["items"][0]["knock_outs"]] == ["list_dishonest"]


@pytest.mark.parametrize("sort", ["name", "depth", "growth", "region"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_of_any_order_add_up_to_the_whole(client, sort, descending):
    question = {"sort": sort, "descending": descending, "hubs": True}
    whole, seen, cursor = screen(client, limit=100, **question), [], None
    while True:
        page = screen(client, limit=5, **question, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        assert page["total"] == len(FIRMS)
        if (cursor := page["next"]) is None:
            break
    assert seen == [item["id"] for item in whole["items"]]
    values = [item[sort] for item in whole["items"] if item[sort] is not None]
    if sort == "depth":
        assert values == sorted(values, reverse=descending)
    empty_ = [item[sort] is None for item in whole["items"]]
    assert empty_ == sorted(empty_)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(-3, 3))), min_size=1, max_size=30),
    st.booleans(),
    st.integers(1, 4),
)
def test_no_row_is_told_twice_or_left_out(values, descending, limit):
    rows = pl.DataFrame(
        {"enterprise": range(len(values)), "sales_fen": [value for (value,) in values]},
        schema={"enterprise": pl.Int32, "sales_fen": pl.Int64},
    )
    whole = ordered(rows, "sales_fen", descending)
    seen, key = [], None
    while True:
        rest = whole if key is None else after(whole, descending, key)
        page = rest.head(limit)
        seen += page["enterprise"].to_list()
        if rest.height <= limit:
            break
        key = page.select("rank", "enterprise").row(-1)
    assert seen == whole["enterprise"].to_list()


@pytest.mark.parametrize("size", [1, 4, 5, 100])
def test_pages_by_offset_meet_and_a_cursor_goes_on_from_any_of_them(client, size):
    question = {"sort": "name", "descending": False, "hubs": True}
    whole = [item["id"] for item in screen(client, limit=100, **question)["items"]]
    assert len(whole) == len(FIRMS)
    jumped = []
    for offset in range(0, len(FIRMS), size):
        page = screen(client, limit=size, offset=offset, **question)
        jumped += [item["id"] for item in page["items"]]
        assert page["total"] == len(FIRMS)
        assert (page["next"] is None) == (offset + size >= len(FIRMS))
        if page["next"]:
            rest = screen(client, limit=100, cursor=page["next"], **question)["items"]
            assert [item["id"] for item in rest] == whole[offset + size :]
    assert jumped == whole
    beyond = screen(client, limit=size, offset=len(FIRMS), **question)
    assert (beyond["items"], beyond["total"], beyond["next"]) == ([], len(FIRMS), None)


def test_a_cursor_wins_over_an_offset(client):
    first = screen(client, limit=3)
    with_offset = screen(client, limit=3, cursor=first["next"], offset=7)["items"]
    assert with_offset == screen(client, limit=3, cursor=first["next"])["items"] != []


def test_a_cursor_of_another_question_is_refused(client):
    cursor = screen(client, limit=2)["next"]
    assert screen(client, 400, limit=2, chain="toy-car", cursor=cursor)["code"] == "cursor_invalid"


def test_a_firm_in_two_chains_is_shown_in_the_one_asked_for():
    rows = pl.DataFrame(
        {
            "enterprise": [0, 0], "chain": ["a", "b"], "segment": ["x", "y"], "hub": [False, False],
            "knock_outs": [[], []],
        }
    )  # fmt: skip
    assert screened(rows, Choice(chains=("b",)))["segment"].to_list() == ["y"]
    assert screened(rows, Choice())["segment"].to_list() == ["x"]


def test_how_credit_stands_is_told_to_those_who_may_see_it(folder, client):
    consent = Consent("v1", ("invoices",), "credit_decision", date(2025, 1, 1), date(2030, 1, 1))
    with State(folder).writing() as connection:
        credit.enter(
            connection, consent=consent, party=OTHER_PARTY_OF_C, product="working_capital", amount_fen=100,
            months=3, purpose="wages", by="desk",
        )  # fmt: skip
    item = next(i for i in screen(client)["items"] if i["id"] == firm("C"))
    assert (item["offer"], item["loan"]) == ("waiting", "none")
    assert letters(screen(client, offer="waiting")) == "C"
    analyst = bearing(key_for(folder, "analyst"))
    answer = client.get("/v1/lists/screen", headers=analyst).json()
    assert answer["hidden"] == ["offer", "loan"]
    assert {(i["offer"], i["loan"], i["decision"]) for i in answer["items"]} == {(None, None, None)}
    for question in ("offer=waiting", "loan=none"):
        refused = client.get(f"/v1/lists/screen?{question}", headers=analyst)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    text = client.get("/v1/lists/screen/file?format=csv", headers=analyst).text
    assert "offer" not in text.splitlines()[0]


def test_the_banks_own_list_knocks_out_for_those_who_see_it(folder, client):
    entry = Listed("l1", code("I"), "", "own_black", date(2024, 1, 1), None, "bank", "")
    with State(folder).writing() as connection:
        credit_lists.keep(connection, [entry], "li.ming")
    assert letters(screen(client, knocked_out=True)) == "DI"
    analyst = bearing(key_for(folder, "analyst", holder="wang"))
    answer = client.get("/v1/lists/screen?knocked_out=true", headers=analyst).json()
    assert letters(answer) == "D"


def test_bound_keys_see_no_list(folder, client):
    owner = bearing(key_for(folder, "owner", parties=(firm("C"),)))
    answer = client.get("/v1/lists/screen", headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (403, "rows_not_kept")


def test_a_screen_as_csv_and_xlsx(client, folder):
    text = client.get("/v1/lists/screen/file?format=csv&chain=toy-car", headers=ZH)
    rows = list(csv.DictReader(io.StringIO(text.text.removeprefix("\ufeff"))))
    assert [row["企业名称"] for row in rows[:2]] == [NAMES["G"], NAMES["E"]]
    assert rows[1]["销售额（元，不含税）"] == "30000.00"
    made = client.get("/v1/lists/screen/file?format=xlsx&chain=toy-car")
    table = CalamineWorkbook.from_filelike(io.BytesIO(made.content)).get_sheet_by_index(0).to_python()
    assert table[0][:3] == ["id", "name", "code"]
    assert [row[1] for row in table[1:3]] == [NAMES["G"], NAMES["E"]]
    assert table[2][table[0].index("sales (CNY, without tax)")] == 30000.0
    exported = entries(State(folder), wanted=Chosen(action="list_exported"))
    assert exported[-1].detail["format"] == "xlsx"
    assert exported[-1].detail["question"] == {"chains": "('toy-car',)"}


def test_matched_lines_as_a_file_keep_their_order(client):
    body = {"text": f"{NAMES['H']}\n=cmd()\n{NAMES['A']}"}
    text = client.post("/v1/lists/match/file?format=csv", json=body).text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == [NAMES["H"], "", NAMES["A"]]
    assert [row["match"] for row in rows] == ["matched", "no match", "matched"]
    assert rows[1]["name as pasted"] == "\t=cmd()"


def test_before_the_first_build_lists_say_so(tmp_path):
    with serving_folder(tmp_path, store=nobody) as client:
        assert client.get("/v1/lists/screen").json()["code"] == "no_snapshot"


def test_growth_needs_own_books_of_both_years(tmp_path):
    whole = tables(invoices())
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    rows = [(0, m, 100 if m < "2025" else 150, "own") for m in months]  # whole books: 50 % more
    rows += [(1, m, 100, "own") for m in months if m > "2024-06"]  # books begin too late
    rows += [(2, m, 100, "seen") for m in months]  # seen in others' papers alone
    schema = ["enterprise", "month", "invoiced_fen", "invoiced_from"]
    whole.as_of, whole.months = date(2025, 12, 31), months
    whole.sales = pl.DataFrame(rows, schema=schema, orient="row")
    whole.flow, whole.item_flow = whole.flow.clear(), whole.item_flow.clear()
    whole.enterprises = whole.enterprises.with_columns(own_sales_until=pl.lit(date(2025, 12, 20)))
    found = growth(write_snapshot(tmp_path, whole))
    assert found.select("enterprise", "growth").rows() == [(0, 0.5)]


def test_a_line_whose_firm_a_person_chose_is_that_firm_in_the_table_and_in_the_file(client):
    query = {"name": "老字号商行", "code": ""}
    (line,) = client.post("/v1/lists/match", json={"queries": [query]}, headers=ZH).json()["items"]
    assert (line["status"], len(line["candidates"])) == ("ambiguous", 2)
    chosen = {**query, "enterprise": firm("B")}
    (line,) = client.post("/v1/lists/match", json={"queries": [chosen]}, headers=ZH).json()["items"]
    assert (line["status"], line["way"], line["name"]) == ("matched", "chosen", "老字号商行")
    assert (line["enterprise"]["id"], line["candidates"]) == (firm("B"), [])
    assert line["way_text"] == "由人选定"
    text = client.post("/v1/lists/match/file?format=csv", json={"queries": [chosen]}, headers=ZH).text
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert NAMES["B"] in row.values()
    assert "老字号商行" in row.values()
    nobody_ = {**query, "enterprise": "0" * 16}
    answer = client.post("/v1/lists/match", json={"queries": [nobody_]})
    assert answer.json()["code"] == "enterprise_not_found"


def test_what_pasted_lines_are_looked_up_in_is_made_before_anybody_asks(folder, monkeypatch):
    from api.data import Data
    from api.views import lists
    from tests.api_server import settings_for

    data = Data(settings_for(folder), nobody)
    data.warm()
    monkeypatch.setattr(lists, "index_of", lambda _: pytest.fail("the index was not warmed"))
    assert lists.indexed(data, data.snapshot()).keys.height > 0
