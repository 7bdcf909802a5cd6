"""What the API asks the graph store: partners and paths, on both engines, with the tiny economy in them."""

import pytest

from graph.project import project
from graph.publish import publish
from graph.snapshot import write_snapshot
from tests.api_server import serving_folder
from tests.neo4j import launcher
from tests.tiny_graph import FIRMS, TRADE, YUAN, firm, invoices, tables, tiny

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def economy(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module", params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def engine(request):
    """The run's engines in turn; this module's tests share what they put in."""
    return request.getfixturevalue(f"_{request.param}")


@pytest.fixture
def store(engine, economy):
    """A store that holds the tiny economy."""
    if engine.run("build") != [{"snapshot": economy.snapshot.id}]:
        launcher.wipe(engine)
        publish(engine, project(economy.snapshot), None, economy.snapshot.id)
    return engine


@pytest.fixture
def client(economy, store):
    with serving_folder(economy.folder, store=store) as client:
        yield client


def get(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_ready_when_the_store_holds_the_published_snapshot(client, economy):
    body = get(client, "/ready")
    assert (body["ready"], body["store"], body["warm"]) == (True, "answering", False)
    assert body["store_snapshot"] == body["snapshot"] == economy.snapshot.id


@pytest.mark.parametrize("side", ["suppliers", "customers"])
@pytest.mark.parametrize("letter", list(FIRMS))
def test_partners_are_those_of_the_invoices_by_amount(client, letter, side):
    mine, theirs = (1, 0) if side == "suppliers" else (0, 1)
    expected = {firm(pair[theirs]): sum(yuan) * YUAN for pair, yuan in TRADE.items() if pair[mine] == letter}
    body = get(client, f"/v1/enterprises/{firm(letter)}/neighbours?side={side}")
    assert {i["id"]: i["amount_fen"] for i in body["items"]} == expected
    amounts = [i["amount_fen"] for i in body["items"]]
    assert amounts == sorted(amounts, reverse=True)
    assert body["total"] == body["shown"] == len(expected)


def test_partners_left_off_are_counted(client):
    body = get(client, f"/v1/enterprises/{firm('K')}/neighbours?side=customers&limit=4")
    assert (body["total"], body["shown"], len(body["items"]), body["note"]) == (11, 4, 4, "4 of 11")


def test_a_partner_shows_gross_red_and_dates(client):
    first = get(client, f"/v1/enterprises/{firm('C')}/neighbours?side=suppliers")["items"][0]
    assert (first["name"], first["attested"], first["hub"]) == (FIRMS["A"][0], "buyer", False)
    assert (first["gross_fen"], first["red_fen"], first["count"]) == (10_000 * YUAN, -500 * YUAN, 5)
    assert (first["first"], first["last"]) == ("2025-03-10", "2025-05-29")


def letters(path):
    by_id = {firm(letter): letter for letter in FIRMS}
    return by_id[path["hops"][0]["from"]["id"]] + "".join(by_id[hop["to"]["id"]] for hop in path["hops"])


def found(client, start, question):
    return [letters(path) for path in get(client, f"/v1/enterprises/{firm(start)}/paths?{question}")["items"]]


def test_paths_lead_to_the_core_and_name_what_went_over_each_link(client):
    body = get(client, f"/v1/enterprises/{firm('A')}/paths?to=core&chain=toy-car")
    (path,) = body["items"]
    assert letters(path) == "ACEG"
    assert [hop["items"] for hop in path["hops"]] == [["高温尼龙切片"], ["齿轮"], ["马达"]]
    assert path["hops"][0]["months"] == ["2025-03", "2025-04", "2025-05"]
    assert [(hop["feeds"], hop["reason"]) for hop in path["hops"]] == [(True, None)] * 3
    assert [hop["amount_fen"] for hop in path["hops"]] == [9500 * YUAN, 11000 * YUAN, 30000 * YUAN]
    assert (path["hops"][0]["count"], path["hops"][0]["first"]) == (5, "2025-03-10")
    assert body["cut"] is False


def test_of_shortest_paths_the_one_that_carries_most_comes_first(client):
    assert found(client, "D", f"to={firm('H')}") == ["DFGH", "DEGH"]
    assert found(client, "D", f"to={firm('H')}&limit=1") == ["DFGH"]


def test_a_hop_whose_goods_do_not_follow_says_why(client):
    body = get(client, f"/v1/enterprises/{firm('J')}/paths?to=core&chain=toy-car")
    first, second, third = body["items"][0]["hops"]
    assert (first["feeds"], third["feeds"]) == (True, True)
    assert second["feeds"] is False
    bought, sold = first["first"], second["last"]
    assert second["reason"] == (
        f"{FIRMS['D'][0]} sold for the last time ({sold}) before it first bought ({bought})"
    )


def test_goods_do_not_flow_back_and_nobody_is_on_a_way_to_himself(client):
    assert found(client, "G", f"to={firm('A')}") == []
    assert found(client, "G", "to=core&chain=toy-car") == []
    assert found(client, "A", f"to={firm('A')}") == []


def test_a_path_to_the_core_needs_a_chain(client):
    answer = client.get(f"/v1/enterprises/{firm('A')}/paths?to=core")
    assert (answer.status_code, answer.json()["code"]) == (400, "path_needs_chain")


def test_a_store_of_another_version_is_not_mixed_in(tmp_path, store):
    """The store holds the module's economy, the folder another: neighbours refuse, the map serves."""
    other = tables(invoices())
    other.positions = other.positions.head(3)
    write_snapshot(tmp_path, other)
    with serving_folder(tmp_path, store=store) as client:
        answer = client.get(f"/v1/enterprises/{firm('C')}/neighbours?side=suppliers")
        assert (answer.status_code, answer.json()["code"]) == (409, "store_behind")
        assert client.get("/ready").status_code == 503
        assert client.get("/v1/chains/toy-car/map").status_code == 200
