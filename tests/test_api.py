"""The API over a tiny economy made by hand: every number can be checked by eye in `tiny_graph`."""

import json
import threading
from datetime import date

import httpx
import pytest

from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from ledger.ledger import Ledger
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, TRADE, YUAN, Tiny, code, firm, invoices, tables, tiny


@pytest.fixture(scope="module")
def economy(tmp_path_factory) -> Tiny:
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def client(economy):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(economy.folder, store=nobody) as client:
        yield client


def get(client: httpx.Client, path: str, **headers: str):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(client: httpx.Client, path: str, status: int, **headers: str):
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert list(body) == ["type", "title", "status", "detail", "instance", "code", "snapshot", "errors"]
    assert body["status"] == status
    assert body["instance"] == path.partition("?")[0]
    assert "{" not in body["detail"]
    return body


def every_page(client, path, key="items"):
    """All items of a list, page by page, and how many pages there were."""
    items, pages, cursor = [], 0, None
    while pages < 100:
        join = "&" if "?" in path else "?"
        body = get(client, f"{path}{join}cursor={cursor}" if cursor else path)
        items, pages, cursor = items + body[key], pages + 1, body["next"]
        if cursor is None:
            return items, pages
    raise AssertionError("the pages have no end")


def test_every_answer_names_its_snapshot_and_cut_off(client, economy):
    paths = [
        "chains",
        "chains/toy-car/map",
        "chains/toy-car/enterprises",
        "enterprises?q=a",
        "kinds",
        "words",
    ]
    paths += [f"enterprises/{firm('A')}", f"documents/{economy.documents['all.xlsx']}"]
    for path in paths:
        body = get(client, f"/v1/{path}")
        assert body["snapshot"] == economy.snapshot.id
        assert body["as_of"] == economy.snapshot.as_of.isoformat()


def test_chains_count_their_enterprises(client):
    toy, watch = get(client, "/v1/chains")["items"]
    assert (toy["id"], toy["enterprises"], toy["segments"], toy["unplaced"]) == ("toy-car", 11, 5, 2)
    assert toy["synthetic"] is True
    assert (watch["name"], watch["enterprises"], watch["unplaced"]) == ("Watches", 2, 1)
    in_chain = [pair for pair in TRADE if pair[0] != "K"]
    assert toy["amount_fen"] == sum(sum(TRADE[pair]) for pair in in_chain) * YUAN


def test_the_map_adds_up(client):
    body = get(client, "/v1/chains/toy-car/map")
    cells = {(c["segment"], c["depth"]): c["enterprises"] for c in body["cells"]}
    assert cells == {
        ("polymer", 3): 2,
        ("part", 3): 1,  # 2.5 rounds up
        ("part", 2): 1,
        ("module", 1): 2,
        ("car", 0): 1,
        ("shop", -1): 2,  # -1.5 rounds up too
    }
    assert body["unplaced"] == {"enterprises": 2, "amount_fen": 300 * YUAN}
    assert body["total"] == sum(cells.values()) + 2 == 11
    assert body["depths"] == [3, 2, 1, 0, -1]
    assert [s["id"] for s in body["segments"] if s["end"]] == ["car"]


def test_flows_sum_the_links_between_cells(client):
    flows = {
        (f["from"]["segment"], f["from"]["depth"], f["to"]["segment"], f["to"]["depth"]): (
            f["amount_fen"],
            f["links"],
        )
        for f in get(client, "/v1/chains/toy-car/map")["flows"]
    }
    assert flows["polymer", 3, "part", 2] == ((9500 + 500) * YUAN, 2)
    assert flows["polymer", 3, "part", 3] == (1500 * YUAN, 1)
    assert flows["part", 3, "module", 1] == ((900 + 2500) * YUAN, 2)
    assert flows["car", 0, "shop", -1] == (45000 * YUAN, 2)
    assert len(flows) == 6  # nothing from the hub, the trader or the unplaced


def test_a_chain_without_a_core_offers_its_largest_buyers(client):
    body = get(client, "/v1/chains/watch/map")
    assert body["core_known"] is False
    assert [c["id"] for c in body["candidates"]] == [firm("C"), firm("A")]
    toy = get(client, "/v1/chains/toy-car/map")
    assert toy["cores"] == [{"id": firm("G"), "name": FIRMS["G"][0], "segment": "car"}]
    assert toy["candidates"] == []


def test_every_cell_opens_on_as_many_enterprises_as_it_counts(client):
    body = get(client, "/v1/chains/toy-car/map")
    for cell in body["cells"]:
        path = f"/v1/chains/toy-car/enterprises?segment={cell['segment']}&depth={cell['depth']}"
        listed = get(client, path)
        assert listed["total"] == len(listed["items"]) == cell["enterprises"]
        assert sum(i["sales_fen"] for i in listed["items"]) == cell["amount_fen"]
    loose = get(client, "/v1/chains/toy-car/enterprises?unplaced=true")
    assert {i["id"] for i in loose["items"]} == {firm("J"), firm("L")}


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 200])
def test_pages_of_a_chain_hold_each_enterprise_once_by_sales(client, limit):
    items, pages = every_page(client, f"/v1/chains/toy-car/enterprises?limit={limit}")
    assert sorted(i["id"] for i in items) == sorted(firm(x) for x in FIRMS if x != "K")
    assert pages == -(-11 // limit)
    sales = [i["sales_fen"] for i in items]
    assert sales == sorted(sales, reverse=True)


def test_a_capped_list_says_so(client):
    body = get(client, "/v1/chains/toy-car/enterprises?limit=3")
    assert (body["note"], body["total"]) == ("3 of 11", 11)
    zh = get(client, "/v1/chains/toy-car/enterprises?limit=3", **{"Accept-Language": "zh-CN"})
    assert zh["note"] == "显示 3 / 共 11"
    assert get(client, "/v1/chains/toy-car/enterprises")["note"] is None


def test_own_books_are_marked(client):
    items = get(client, "/v1/chains/toy-car/enterprises")["items"]
    assert [i["id"] for i in items if i["own_books"]] == [firm("C")]


@pytest.mark.parametrize(
    ("text", "letter", "way"),
    [
        ("高温尼龙", "A", "name"),
        ("平湖 高温", "A", "name"),
        ("nilong", "A", "pinyin"),
        ("PingHu", "A", "pinyin"),
        ("phgw", "A", "initials"),
        (code("A"), "A", "code"),
        (code("A").lower(), "A", "code"),
        ("sz dc", "F", "initials"),
    ],
)
def test_an_enterprise_is_found(client, text, letter, way):
    body = get(client, f"/v1/enterprises?q={text}")
    assert (body["items"][0]["id"], body["items"][0]["match"]) == (firm(letter), way)


def test_search_puts_beginnings_first_and_says_what_it_left_off(client):
    body = get(client, "/v1/enterprises?q=有限公司&limit=2")
    assert body["total"] == sum("有限公司" in name for name, *_ in FIRMS.values())
    assert body["note"] == f"2 of {body['total']}"
    assert body["items"][0]["id"] == firm("G")  # the largest sales
    names = [i["name"] for i in get(client, "/v1/enterprises?q=n")["items"]]
    assert names[0].startswith("宁波")


@pytest.mark.parametrize("text", ["zzzz", "%25", "_", ".*", "尼龙nilong", " "])
def test_search_takes_no_patterns_and_finds_nothing_by_chance(client, text):
    assert get(client, f"/v1/enterprises?q={text}")["total"] == 0


def test_a_profile_tells_members_and_positions(client):
    body = get(client, f"/v1/enterprises/{firm('C')}", **{"Accept-Language": "zh"})
    assert (body["customers"], body["suppliers"]) == (1, 3)
    books = body["own_books"]
    assert (books["sales_until"], books["purchases_until"]) == (None, "2025-03-10")
    assert (books["sales"], books["purchases"]) == ([], [{"month": "2025-03", "invoices": 2}])
    joined = next(m for m in body["members"] if m["reason"])
    assert (joined["party"], joined["reason"], joined["evidence"]) == (
        OTHER_PARTY_OF_C,
        "same_invoice_in_both_books",
        3,
    )
    assert joined["reason_text"] == "同一张发票同时在买卖双方的账上"
    toy, watch = body["positions"]
    assert (toy["chain"]["name"], toy["segment"]["name"], toy["level_text"]) == (
        "玩具汽车",
        "零件",
        "二级供应商",
    )
    assert toy["core"]["id"] == firm("G")
    assert (watch["core"], watch["level_text"]) == (None, "核心企业未知")


@pytest.mark.parametrize(("letter", "text"), [("G", "core enterprise"), ("H", "level 1 downstream")])
def test_level_in_words(client, letter, text):
    assert get(client, f"/v1/enterprises/{firm(letter)}")["positions"][0]["level_text"] == text


def test_a_member_is_sent_to_the_current_address_with_its_question(client):
    answer = client.get(f"/v1/enterprises/{OTHER_PARTY_OF_C}/evidence?partner={firm('A')}&side=suppliers")
    assert answer.status_code == 308
    assert (
        answer.headers["location"]
        == f"/v1/enterprises/{firm('C')}/evidence?partner={firm('A')}&side=suppliers"
    )
    followed = client.get(answer.headers["location"])
    assert followed.json()["total"] == 5


def evidence_path(here: str, partner: str, side: str) -> str:
    return f"/v1/enterprises/{firm(here)}/evidence?partner={firm(partner)}&side={side}"


def test_evidence_shows_each_invoice_once_latest_first_with_all_its_documents(client, economy):
    body = get(client, evidence_path("C", "A", "suppliers"))
    expected = [i for i in invoices() if i.pair == "AC"]
    assert [i["fact"] for i in body["items"]] == [i.fact for i in reversed(expected)]
    assert [i["amount_fen"] for i in body["items"]] == [i.amount_fen for i in reversed(expected)]
    red = body["items"][0]
    assert (red["status"], red["kind_text"]) == ("red", "fully digitalised special invoice")
    assert {d["id"] for d in red["documents"]} == set(economy.documents.values())
    assert len(red["lines"]) == 1  # two books tell it, it is one line
    assert (red["lines"][0]["quantity"], red["lines"][0]["price"]) == ("12.5", "-40")


def test_evidence_is_the_same_from_both_ends_and_in_pages(client):
    seen_from_c = get(client, evidence_path("C", "A", "suppliers"))["items"]
    seen_from_a, pages = every_page(client, evidence_path("A", "C", "customers") + "&limit=2")
    assert (seen_from_a, pages) == (seen_from_c, 3)


def test_evidence_in_the_wrong_direction_is_none(client):
    body = refusal(client, evidence_path("C", "A", "customers"), 404)
    assert body["code"] == "link_not_found"


def test_a_document_and_its_original(client, economy):
    sha256 = economy.documents["慈溪齿轮进项.xlsx"]
    body = get(client, f"/v1/documents/{sha256}")
    assert (body["rows"], body["facts"], body["rejected"], body["synthetic"]) == (6, 5, 1, True)
    answer = client.get(f"/v1/documents/{sha256}/original")
    assert answer.content == "the bytes of 账簿.zip/2025/慈溪齿轮进项.xlsx".encode()
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment;")
    assert "zip" not in disposition
    assert "%" in disposition


@pytest.mark.parametrize("path", ["0" * 64, "0" * 64 + "/original"])
def test_an_unknown_document_is_not_found(client, path):
    assert refusal(client, f"/v1/documents/{path}", 404)["code"] == "document_not_found"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/nothing", "route_not_found"),
        ("/v1/chains/none/map", "chain_not_found"),
        ("/v1/chains/none/enterprises", "chain_not_found"),
        ("/v1/chains/toy-car/enterprises?segment=gear", "segment_not_found"),
        ("/v1/enterprises/0000000000000000", "enterprise_not_found"),
        (f"/v1/enterprises/{firm('A')}/paths?to=core&chain=watch", "core_not_known"),
    ],
)
def test_what_is_not_there_is_told_in_both_languages(client, economy, path, code):
    english = refusal(client, path, 404, **{"Accept-Language": "en"})
    chinese = refusal(client, path, 404, **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert english["code"] == chinese["code"] == code
    assert chinese["detail"] != english["detail"]
    assert chinese["title"] == "未找到"
    assert english["snapshot"] in (economy.snapshot.id, None)


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [
        ("/v1/enterprises", "q", "parameter_missing"),
        ("/v1/enterprises?q=", "q", "parameter_too_short"),
        ("/v1/chains/toy-car/enterprises?limit=0", "limit", "parameter_too_small"),
        ("/v1/chains/toy-car/enterprises?limit=5000", "limit", "parameter_too_large"),
        ("/v1/chains/toy-car/enterprises?depth=deep", "depth", "parameter_not_integer"),
        ("/v1/chains/toy-car/map?color=red", "color", "parameter_not_one_of"),
        ("/v1/enterprises/../x", "", ""),
        ("/v1/enterprises/ABC", "enterprise", "parameter_pattern"),
        (f"/v1/enterprises/{firm('A')}/neighbours?side=left", "side", "parameter_not_one_of"),
    ],
)
def test_parameters_that_do_not_fit_are_named(client, path, field, code):
    if not field:
        refusal(client, "/v1/x", 404)
        return
    (entry,) = refusal(client, path, 422)["errors"]
    assert (entry["field"], entry["code"]) == (field, code)
    assert field in entry["message"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "bm9uZQ", "é", "WyJjaGFpbiIsIi4uIiwxLDFd", "9" * 400])
def test_a_cursor_of_nobody_is_refused(client, cursor):
    body = refusal(client, f"/v1/chains/toy-car/enterprises?cursor={cursor}", 400)
    assert body["code"] in ("cursor_invalid", "cursor_expired")


def test_a_cursor_of_another_list_is_refused(client):
    other = get(client, evidence_path("C", "A", "suppliers") + "&limit=1")["next"]
    assert refusal(client, f"/v1/chains/toy-car/enterprises?cursor={other}", 400)["code"] == "cursor_invalid"


def test_what_needs_the_store_says_so_and_the_rest_serves(client, economy):
    body = refusal(client, f"/v1/enterprises/{firm('C')}/neighbours?side=suppliers", 503)
    assert (body["code"], body["snapshot"]) == ("store_silent", economy.snapshot.id)
    assert client.get("/health").json() == {"status": "ok"}
    ready = client.get("/ready")
    assert ready.status_code == 503
    assert (ready.json()["ready"], ready.json()["store"]) == (False, "unavailable")


def test_before_the_first_build_the_api_says_what_to_do(tmp_path):
    with serving_folder(tmp_path) as client:
        for path in ("/v1/chains", f"/v1/enterprises/{firm('A')}", "/v1/enterprises?q=a"):
            assert "dayan build" in refusal(client, path, 404)["detail"]
        assert client.get("/v1/words").json()["snapshot"] is None


def test_a_warm_server_opens_the_store_before_anybody_asks(economy):
    opened = threading.Event()

    def nobody():
        opened.set()
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(economy.folder, store=nobody, warm=True) as client:
        assert opened.wait(10)
        assert client.get("/v1/chains").status_code == 200


def test_a_store_that_failed_is_left_alone_for_a_while(economy):
    tries = []

    def nobody():
        tries.append(1)
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(economy.folder, store=nobody) as client:
        for _ in range(5):
            refusal(client, f"/v1/enterprises/{firm('C')}/neighbours?side=suppliers", 503)
    assert len(tries) == 1


def test_a_new_build_is_served_at_once_and_a_list_begun_stays_what_it_was(tmp_path):
    before = tiny(tmp_path)
    with serving_folder(tmp_path) as client:
        first = get(client, "/v1/chains/toy-car/enterprises?limit=5")
        assert first["snapshot"] == before.snapshot.id
        changed = tables(invoices())
        changed.as_of = date(2026, 1, 1)
        changed.positions = changed.positions.clear()
        after = write_snapshot(tmp_path, changed)
        assert get(client, "/v1/chains/toy-car/map")["snapshot"] == after.id
        assert get(client, "/v1/chains/toy-car/map")["total"] == 0
        rest = get(client, f"/v1/chains/toy-car/enterprises?limit=50&cursor={first['next']}")
        assert rest["snapshot"] == before.snapshot.id
        assert len(first["items"]) + len(rest["items"]) == 11


def test_a_document_withdrawn_since_the_build_is_counted_and_not_shown(tmp_path):
    economy = tiny(tmp_path)
    with serving_folder(tmp_path) as client:
        Ledger(tmp_path).withdraw(economy.documents["all.xlsx"])
        still = get(client, evidence_path("C", "A", "suppliers"))
        assert (still["total"], still["withdrawn"], len(still["items"])) == (5, 0, 5)
        gone = get(client, evidence_path("C", "B", "suppliers"))
        assert (gone["total"], gone["withdrawn"], gone["items"]) == (1, 1, [])
        refusal(client, f"/v1/documents/{economy.documents['all.xlsx']}/original", 404)


def test_pages_fall_back_to_their_front_door_and_the_api_does_not(economy, tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html><title>front door</title>", "utf-8")
    with serving_folder(economy.folder, pages=tmp_path) as client:
        html = {"Accept": "text/html"}
        for path in ("/", "/map/toy-car", "/map/toy-car?lang=zh"):
            assert "front door" in client.get(path, headers=html).text
        assert refusal(client, "/v1/map", 404, **html)["code"] == "route_not_found"
        assert refusal(client, "/assets/none.js", 404)["code"] == "route_not_found"


def test_money_is_whole_and_decimals_are_text(client):
    def walk(value, name=""):
        if name.endswith("_fen"):
            assert value is None or type(value) is int, name
        if name in ("quantity", "price", "rate"):
            assert value is None or isinstance(value, str), name
        for key, inner in value.items() if isinstance(value, dict) else ():
            walk(inner, key)
        for inner in value if isinstance(value, list) else ():
            walk(inner)

    for path in ("/v1/chains", "/v1/chains/toy-car/map", evidence_path("C", "A", "suppliers")):
        walk(json.loads(client.get(path).content, parse_float=str))
