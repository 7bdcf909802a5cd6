"""The client against a real server: frames, pages, errors as the tree, retries that do nothing twice."""

import pickle

import httpx
import pytest

from dayan import Client
from ledger.errors import (
    Conflict,
    DayanError,
    Forbidden,
    InputError,
    NotFound,
    NotKnown,
    StoreUnavailable,
    TooMany,
)
from tests.access_keys import key_for
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, firm, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("client") / "tiny").folder


@pytest.fixture(scope="module")
def server(folder):
    with serving_folder(folder, values={"local_user": "always"}) as client:
        yield str(client.base_url)


@pytest.fixture
def dayan(server):
    with Client(server) as client:
        yield client


def answering(*answers, **options):
    """A client whose server gives `answers` in turn, what it was asked, and how long it waited."""
    asked, waited, left = [], [], list(answers)

    def handle(request):
        asked.append(request)
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return given

    client = Client("http://localhost", transport=httpx.MockTransport(handle), sleep=waited.append, **options)
    return client, asked, waited


def problem(status, code, **headers):
    body = {"code": code, "detail": f"told: {code}", "errors": []}
    return httpx.Response(status, json=body, headers=headers)


def test_firms_are_found_and_told(dayan):
    (found,) = dayan.find("高温尼龙")
    assert found["id"] == firm("A")
    assert dayan.enterprise(firm("A"))["name"] == FIRMS["A"][0]
    assert dayan.position(firm("A"))["enterprise"]["id"] == firm("A")
    assert {chain["id"] for chain in dayan.chains()} == {"toy-car", "watch"}
    (toys,) = (chain for chain in dayan.chains() if chain["id"] == "toy-car")
    assert len(list(dayan.enterprises("toy-car"))) == toys["enterprises"]


def test_long_lists_come_page_by_page(server):
    with Client(server) as client:
        asker, sent = client._asker, []
        asker.http.event_hooks["request"].append(sent.append)
        items = list(asker.pages("/v1/chains/toy-car/enterprises", limit=3))
        assert len({item["id"] for item in items}) == len(items) > 3
        assert len(sent) == -(-len(items) // 3)


def test_the_invoices_behind_a_link_are_iterated(dayan):
    assert len(list(dayan.evidence(firm("C"), firm("A"), "suppliers"))) == 5


def test_features_are_a_frame(dayan):
    frame = dayan.features([firm("C"), firm("E")])
    assert list(frame.index) == [firm("C"), firm("E")]
    assert frame.shape[1] > 20
    assert frame.attrs["versions"]["feature_set"]
    assert all(
        frame.loc[id_, name] is None or frame.isna().loc[id_, name] for id_, name in frame.attrs["missing"]
    )
    assert dayan.features(firm("C"), names=["log_sales"]).columns.to_list() == ["log_sales"]


def test_errors_are_those_of_the_tree(dayan, server, folder):
    with pytest.raises(NotFound) as caught:
        dayan.enterprise("0" * 16)
    assert caught.value.code == "enterprise_not_found"
    with pytest.raises(InputError) as invalid:
        dayan.find("x", limit=0)
    assert [p.field for p in invalid.value.problems] == ["limit"]
    with Client(server, "dy_nonsense") as wrong, pytest.raises(NotKnown):
        wrong.chains()
    with Client(server, key_for(folder, "wealth", holder="w")) as narrow, pytest.raises(Forbidden):
        list(narrow.audit())
    with Client(server, lang="zh") as chinese, pytest.raises(NotFound, match="没有这家企业"):
        chinese.enterprise("0" * 16)


def test_the_audit_chain_is_iterated(dayan):
    dayan.enterprise(firm("B"))
    assert [e["action"] for e in dayan.audit(subject=firm("B"))][-1] == "enterprise_read"


def test_what_says_later_is_asked_again_when_it_says():
    ok = httpx.Response(200, json={"items": []})
    client, asked, waited = answering(problem(429, "too_many_requests", **{"Retry-After": "7"}), ok)
    assert client.chains() == []
    assert (len(asked), waited) == (2, [7.0])
    client, asked, waited = answering(problem(423, "state_busy"), problem(503, "store_silent"), ok)
    client.chains()
    assert (len(asked), waited) == (3, [0.2, 0.4])
    client, asked, waited = answering(httpx.ConnectError("x"), ok)
    client.chains()
    assert len(asked) == 2


def test_a_write_is_tried_again_under_one_key():
    ok = httpx.Response(201, json={"id": "1"})
    client, asked, _ = answering(httpx.ReadTimeout("x"), problem(503, "x"), ok)
    assert client.apply({"enterprise": "ab" * 8}) == {"id": "1"}
    assert len({request.headers["idempotency-key"] for request in asked}) == 1
    client.apply({})
    assert asked[-1].headers["idempotency-key"] != asked[0].headers["idempotency-key"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InputError), (404, NotFound), (409, Conflict), (500, DayanError), (422, InputError)],
)
def test_what_is_refused_is_not_tried_again(status, kind):
    client, asked, _ = answering(problem(status, "some_new_code"))
    with pytest.raises(kind) as caught:
        client.chains()
    assert (caught.value.code, str(caught.value), len(asked)) == ("some_new_code", "told: some_new_code", 1)


def test_at_last_it_gives_up_and_says_so():
    client, asked, waited = answering(problem(429, "too_many_requests"), retries=2)
    with pytest.raises(TooMany):
        client.chains()
    assert (len(asked), len(waited)) == (3, 2)
    client, asked, _ = answering(httpx.ConnectError("x"), retries=1)
    with pytest.raises(StoreUnavailable) as caught:
        client.chains()
    assert (caught.value.code, len(asked)) == ("client_no_answer", 2)
    client, _, _ = answering(httpx.Response(502, text="<html>"), retries=0)
    with pytest.raises(DayanError, match="HTTP 502"):
        client.chains()


def test_an_error_crosses_processes():
    client, _, _ = answering(problem(404, "x"))
    with pytest.raises(NotFound) as caught:
        client.chains()
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, NotFound)
    assert (again.code, str(again)) == ("x", "told: x")


def test_a_key_does_not_travel_in_the_clear(monkeypatch):
    with pytest.raises(InputError) as caught:
        Client("http://dayan.bank.cn", "dy_x")
    assert caught.value.code == "client_key_in_clear"
    monkeypatch.setenv("DAYAN_KEY", "dy_x")
    with pytest.raises(InputError):
        Client("http://dayan.bank.cn")
    Client("https://dayan.bank.cn").close()


def test_a_key_is_not_handed_on_to_another_host():
    asked = []

    def handle(request):
        asked.append(request)
        if request.url.host == "localhost":
            return httpx.Response(308, headers={"Location": "https://evil.example/"})
        return httpx.Response(200, json={"items": []})

    Client("http://localhost", "dy_secret", transport=httpx.MockTransport(handle)).chains()
    assert "authorization" in asked[0].headers
    assert "authorization" not in asked[1].headers


def test_a_key_under_no_tls_goes_past_every_proxy(monkeypatch):
    """A proxy of the environment would read it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Client("http://127.0.0.1:8000", "dy_secret") as client:
        assert not client._asker.http._mounts
    with Client("https://dayan.bank.cn", "dy_secret") as client:
        assert client._asker.http._mounts  # under TLS the proxy sees nothing


def test_an_upload_that_is_sent_again_is_read_once(tmp_path):
    paper = tmp_path / "a.xml"
    paper.write_bytes(b"<x/>")
    client, asked, _ = answering(problem(503, "x"), httpx.Response(202, json={"job": "1"}))
    assert client.upload([paper]) == {"job": "1"}
    assert len(asked) == 2
    assert len({request.headers["idempotency-key"] for request in asked}) == 1


@pytest.mark.parametrize("id_", ["../keys", "..", "x?y=1", "a/b", ""])
def test_an_id_leads_to_no_other_route(id_):
    client, asked, _ = answering(httpx.Response(200, json={}))
    client.enterprise(id_)
    assert asked[0].url.raw_path.startswith(b"/v1/enterprises/")
    assert asked[0].url.raw_path.count(b"/") == 3
    assert not asked[0].url.query
