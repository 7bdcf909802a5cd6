"""`POST /v1/match`: who is meant, over a real server and a ledger of a few firms."""

from hashlib import sha256

import polars as pl
import pytest

from api.views import match as views
from ledger.ids import party_id
from ledger.ledger import Ledger, Load
from tests.api_server import serving_folder
from tests.ledgers import SELLER, code
from tests.tiny_graph import tiny

FIRMS = {
    code(11): "平湖市华夏高分子材料有限公司",
    code(12): "嘉兴市蓝天注塑有限公司",
    code(13): "宁波远洋包装制品有限公司",
}


def party(number: str) -> str:
    return party_id("uscc", "", number)


def know(folder, firms: dict[str, str]) -> None:
    rows = [
        {"party": party(c), "scheme": "uscc", "scope": "", "code": c, "name": name, "phone": "13812345678"}
        for c, name in firms.items()
    ]
    data = "".join(firms).encode()
    load = Load(sha256(data).hexdigest(), "a", data, "test", 1, {"parties": pl.DataFrame(rows)}, 1, 1)
    Ledger(folder).commit([load])


@pytest.fixture
def folder(tmp_path):
    know(tmp_path, FIRMS)
    return tmp_path


@pytest.fixture
def client(folder):
    with serving_folder(folder) as client:
        client.timeout = 120  # on a machine that has never matched, the kernels are compiled first
        yield client


def ask(client, *queries, path="/v1/match", **headers):
    answer = client.post(path, json={"queries": list(queries)}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_name_and_a_code_are_answered_in_their_order(client):
    names = list(FIRMS.values())
    by_name, by_code, nobody = ask(
        client, {"name": names[0]}, {"code": code(12)}, {"name": "上海不存在的某某电子厂"}
    )
    assert (by_name["verdict"], by_name["accepted"]) == ("accept", party(code(11)))
    assert (by_code["verdict"], by_code["accepted"]) == ("accept", party(code(12)))
    assert by_code["candidates"][0]["name"] == names[1]
    assert (nobody["verdict"], nobody["accepted"]) == ("none", None)
    for item in (by_name, by_code, nobody):
        assert item["why"]["message"]
        assert "{" not in item["why"]["message"]


def test_the_table_of_features_comes_when_asked_for(client):
    query = {"name": "平湖华夏高分子材料公司"}
    plain = ask(client, query)[0]["candidates"][0]
    told = ask(client, query, path="/v1/match?explain=true")[0]["candidates"][0]
    assert plain["features"] is None
    assert told["features"]
    assert told["score"] == pytest.approx(sum(f["gave"] for f in told["features"]), abs=0.1)
    assert all(f["text"] for f in told["features"])


def test_reasons_are_told_in_the_language_asked_for(client):
    english = ask(client, {"code": SELLER})[0]["why"]
    chinese = ask(client, {"code": SELLER}, **{"Accept-Language": "zh"})[0]["why"]
    assert english["code"] == chinese["code"]
    assert english["message"] != chinese["message"]


def test_a_telephone_is_never_shown_whole(client):
    answer = client.post(
        "/v1/match?explain=true",
        json={"queries": [{"name": next(iter(FIRMS.values())), "phone": "13812345678"}]},
    )
    assert answer.status_code == 200
    assert "13812345678" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"queries": []},
        {"queries": [{"name": "x"}] * 1001},
        {"queries": [{"name": "x" * 201}]},
        {"queries": [{"name": "x"}], "limit": 0},
        {},
    ],
)
def test_questions_beyond_the_limits_are_refused(client, body):
    answer = client.post("/v1/match", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_a_query_of_nothing_is_named_by_its_place(client):
    answer = client.post("/v1/match", json={"queries": [{"name": "x"}, {"name": "  ", "phone": "1"}]})
    assert (answer.status_code, answer.json()["errors"][0]["row"]) == (400, 2)


def test_what_the_ledger_learns_is_known_at_the_next_question(client, folder, monkeypatch):
    made = []
    real = views.known
    monkeypatch.setattr(views, "known", lambda data: made.append(1) or real(data))
    new = {code(21): "温州新来的阀门制造有限公司"}
    assert ask(client, {"code": code(21)})[0]["verdict"] == "none"
    know(folder, new)
    assert ask(client, {"code": code(21)})[0]["accepted"] == party(code(21))
    assert len(made) == 2


def test_candidates_name_their_enterprise_where_the_graph_has_it(tmp_path):
    from tests.tiny_graph import FIRMS as TINY
    from tests.tiny_graph import code as tiny_code
    from tests.tiny_graph import firm

    folder = tiny(tmp_path).folder
    know(folder, {tiny_code("A"): TINY["A"][0], code(31): "台州后到的机械有限公司"})
    with serving_folder(folder) as client:
        client.timeout = 120
        there, later = ask(client, {"name": TINY["A"][0]}, {"code": code(31)})
    assert there["candidates"][0]["enterprise"] == firm("A")
    assert later["candidates"][0]["enterprise"] is None
