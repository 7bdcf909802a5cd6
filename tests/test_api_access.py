"""Keys over HTTP: who is let in, what a scope and a bound key may see, and what attackers try."""

import logging
import re
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.hiding import HIDDEN
from api.principal import SCOPES
from api.rows import OF_PORTFOLIO, SERVED
from ledger import access, audit, portfolios
from ledger.errors import StoreUnavailable
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm, tiny

OPERATORS = ("analyst", "credit", "wealth", "reviewer", "approver")


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("access") / "tiny").folder


@pytest.fixture
def folder(made_once, tmp_path):
    return Path(shutil.copytree(made_once, tmp_path / "tiny"))


@pytest.fixture(scope="module")
def owned(made_once, tmp_path_factory):
    """A server and the key of C's owner."""
    folder = Path(shutil.copytree(made_once, tmp_path_factory.mktemp("owned") / "tiny"))
    owner = key_for(folder, "owner", parties=(firm("C"),))
    with serving_folder(folder, store=nobody, values={"rate": "0"}) as client:
        yield client, owner


@pytest.fixture
def client(folder):
    with serving_folder(folder, store=nobody, values={"rate": "0"}) as client:
        yield client


def refusal(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def got(client, path, text, **headers):
    return client.get(path, headers=bearing(text, **headers))


# Who is let in


def test_the_local_user_is_let_in_until_the_first_key(client, folder):
    assert client.get("/v1/chains").status_code == 200
    text = key_for(folder)
    answer = client.get("/v1/chains")
    assert refusal(answer) == (401, "key_needed")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/health").status_code == client.get("/v1/words").status_code == 200
    assert got(client, "/v1/chains", text).status_code == 200
    access.revoke(State(folder), "me", text[3:15])
    assert refusal(got(client, "/v1/chains", text)) == (401, "key_is_revoked")
    assert refusal(client.get("/v1/chains")) == (401, "key_needed")  # the door stays shut


def test_this_machine_may_go_on_without_a_key_where_a_setting_says_so(folder):
    key_for(folder)
    with serving_folder(folder, values={"local_user": "always"}) as client:
        assert client.get("/v1/chains").status_code == 200
        assert client.get("/v1/chains", headers=bearing("dy_nonsense")).status_code == 401


def test_behind_a_proxy_nobody_is_local(folder):
    values = {"tls": "proxy", "allowed_hosts": "dayan.bank.cn"}
    with serving_folder(folder, values=values) as client:
        for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
            assert refusal(client.get("/v1/chains", headers=headers)) == (401, "key_needed")


def test_an_expired_key_is_refused(client, folder):
    text = key_for(folder)
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        connection.execute("UPDATE keys SET expires = '2020-01-01T00:00:00+00:00'")
        connection.commit()
    assert refusal(got(client, "/v1/chains", text)) == (401, "key_is_expired")


def test_a_forged_key_is_refused_everywhere_and_soon_only_slowly(folder):
    text = key_for(folder)
    with serving_folder(folder) as client:
        forged = text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB")
        codes = [refusal(got(client, path, forged))[0] for path in ("/health", "/v1/chains", "/v1/none")]
        assert codes == [401] * 3
        last = [got(client, "/v1/chains", forged) for _ in range(20)][-1]
        assert refusal(last) == (429, "too_many_requests")
        assert int(last.headers["retry-after"]) >= 1
        assert got(client, "/v1/chains", text).status_code == 200  # who has a key is not hindered


@pytest.mark.parametrize(
    "shown",
    ["{0}", "Basic {0}", "Bearer", "Bearer {0} {0}", "Bearer {0},Bearer {0}", "bearer\t{0}", "Bearer dy_{0}"],
)
def test_odd_headers_are_no_key(client, folder, shown):
    text = key_for(folder)
    assert client.get("/v1/chains", headers={"Authorization": shown.format(text)}).status_code == 401


def test_two_headers_are_no_key(client, folder):
    text = key_for(folder)
    twice = [("Authorization", f"Bearer {text}"), ("Authorization", "Bearer x")]
    for headers in (twice, twice[::-1], [twice[0], twice[0]]):
        assert client.get("/v1/chains", headers=headers).status_code == 401


def test_other_places_are_no_place_for_a_key(client, folder):
    text = key_for(folder)
    for headers in (
        {"X-Api-Key": text},
        {"Cookie": f"key={text}"},
        {"Proxy-Authorization": f"Bearer {text}"},
    ):
        assert refusal(client.get("/v1/chains", headers=headers)) == (401, "key_needed")


def test_a_key_in_the_address_is_refused_and_repeated_nowhere(client, folder, caplog):
    text = key_for(folder)
    paths = [f"/v1/chains?key={text}", f"/v1/{text}", f"/{text}", f"/v1/chains?x=%64y_{text[3:]}"]
    with caplog.at_level(logging.DEBUG):
        for path in paths:
            answer = got(client, path, text)
            assert refusal(answer) == (400, "key_in_address")
            assert text[16:] not in answer.text
    assert not any(text[16:] in record.getMessage() for record in caplog.records if "dayan" in record.name)


def test_each_key_has_its_own_rate(folder):
    slow, fast = key_for(folder, holder="a", rate=1.0), key_for(folder, holder="b")
    with serving_folder(folder, values={"rate": "1000"}) as client:
        answers = [got(client, "/v1/chains", slow) for _ in range(6)]
        assert [a.status_code for a in answers[:2]] == [200, 200]
        assert refusal(answers[-1]) == (429, "too_many_requests")
        assert answers[-1].headers["retry-after"] == "1"
        assert all(got(client, "/v1/chains", fast).status_code == 200 for _ in range(20))


# Scopes


@pytest.mark.slow
def test_every_operation_refuses_a_key_without_its_scope(client, folder):
    description = client.get("/v1/openapi.json").json()
    keys = {role: key_for(folder, role, holder=role) for role in (*OPERATORS, "admin")}
    scopes = {role: set(_keys_of(folder, keys[role])) for role in keys}
    seen = set()
    for path, method, operation in operations(description):
        for role, text in keys.items():
            answer = client.request(method, filled(path), headers=bearing(text))
            allowed = operation["x-scope"] in scopes[role] | {"public"}
            missing = answer.status_code == 403 and answer.json()["code"] == "scope_missing"
            assert missing != allowed, (path, role, answer.text)
            seen.add((role, allowed))
        bare = client.request(method, filled(path))
        if operation["x-scope"] != "public":
            assert refusal(bare) == (401, "key_needed"), path
    assert len(seen) == 2 * len(keys)


def _keys_of(folder, text):
    from api.roles import scopes_of

    return scopes_of(access.get(State(folder), text[3:15]))


def test_keys_are_made_listed_and_ended_by_an_administrator_alone(client, folder):
    admin, credit = key_for(folder, "admin", holder="root"), key_for(folder, "credit")
    body = {"holder": "wang.fang", "role": "approver", "days": 30, "note": "for the branch"}
    assert refusal(client.post("/v1/keys", json=body, headers=bearing(credit))) == (403, "scope_missing")
    answer = client.post("/v1/keys", json=body, headers=bearing(admin, **{"Accept-Language": "zh"}))
    made = answer.json()
    assert (answer.status_code, made["key"]["role_text"], made["key"]["state"]) == (201, "审批人", "active")
    assert len(made["key"]["scopes_text"]) == len(made["key"]["scopes"])
    assert "审批他人录入的事项" in made["key"]["scopes_text"]
    assert got(client, "/v1/chains", made["text"]).status_code == 200
    listed = got(client, "/v1/keys?limit=2", admin)
    assert made["text"][16:] not in listed.text
    assert [k["holder"] for k in listed.json()["items"]] == ["wang.fang", "li.ming"]
    following = got(client, f"/v1/keys?limit=2&cursor={listed.json()['next']}", admin).json()
    assert ([k["holder"] for k in following["items"]], following["next"]) == (["root"], None)
    assert client.post(f"/v1/keys/{made['key']['id']}/revoke", headers=bearing(admin)).status_code == 200
    assert refusal(got(client, "/v1/chains", made["text"])) == (401, "key_is_revoked")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"role": "admin", "scopes": ["graph:read"]}, 400),
        ({"role": "owner"}, 400),
        ({"role": "root"}, 422),
        ({"role": "credit", "scopes": ["access:admin"]}, 400),
        ({"role": "credit", "days": 0}, 422),
        ({"role": "credit", "hash": "0" * 64}, 422),
        ({"role": "credit", "holder": "local"}, 400),
        ({"role": "credit", "enterprises": ["../.."]}, 400),
    ],
)
def test_no_key_is_made_beyond_its_role(client, folder, more, status):
    admin = key_for(folder, "admin")
    answer = client.post("/v1/keys", json={"holder": "a", **more}, headers=bearing(admin))
    assert answer.status_code == status, answer.text
    assert access.count(State(folder)) == 1


# Rows: an owner sees only the own firm


def operations(description):
    return [
        (path, method.upper(), operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
    ]


def filled(path, enterprise="0" * 16):
    path = path.replace("{enterprise}", enterprise).replace("{chain}", "toy-car")
    return re.sub(r"\{\w+\}", "0" * 16, path)


@pytest.mark.slow
def test_an_owner_sees_only_the_own_firm_on_every_route(client, folder):
    """Walks all routes: those about a firm know the own one alone, the rest answer 403 or a list of it."""
    owner = key_for(folder, "owner", parties=(firm("E"),))
    description, others = client.get("/v1/openapi.json").json(), [f for f in FIRMS if f != "E"]
    for path, method, operation in operations(description):
        if operation["x-scope"] == "public":
            continue
        query = {"q": "有限", "side": "suppliers", "partner": firm("G"), "to": firm("G"), "on": "2025-03-31"}
        if "{enterprise}" in path:
            for letter in others:
                answer = client.request(
                    method, filled(path, firm(letter)), params=query, headers=bearing(owner)
                )
                assert answer.status_code in (403, 404, 422), (path, letter, answer.text)
                if answer.status_code == 404:
                    unknown = client.request(method, filled(path), params=query, headers=bearing(owner))
                    assert _same_words(answer, firm(letter)) == _same_words(unknown, "0" * 16), path
            continue
        answer = client.request(method, filled(path), params=query, headers=bearing(owner))
        if operation["operationId"] not in SERVED:
            assert answer.status_code == 403, (path, answer.text)
        for letter in others:
            assert firm(letter) not in answer.text, path
            assert FIRMS[letter][0] not in answer.text, path


def _same_words(answer, id_):
    return {k: str(v).replace(id_, "-") for k, v in answer.json().items()}


def test_what_bound_keys_may_call_exists(client):
    ids = {operation["operationId"] for _, _, operation in operations(client.get("/v1/openapi.json").json())}
    assert ids >= SERVED | OF_PORTFOLIO


def test_lists_and_searches_hold_the_own_rows_alone(client, folder):
    owner = key_for(folder, "owner", parties=(OTHER_PARTY_OF_C,))  # bound by another party of the firm
    for q in ("有限", "平湖", FIRMS["A"][0], "c", "9199"):
        answer = got(client, f"/v1/enterprises?q={q}", owner).json()
        assert {item["id"] for item in answer["items"]} <= {firm("C")}
        assert answer["total"] == len(answer["items"]) <= 1
    cell = got(client, "/v1/chains/toy-car/enterprises?limit=200", owner).json()
    assert ([item["id"] for item in cell["items"]], cell["total"]) == ([firm("C")], 1)
    assert got(client, "/v1/enterprises/unplaced", owner).json()["total"] == 0
    assert got(client, f"/v1/enterprises/{OTHER_PARTY_OF_C}", owner).status_code == 308


@pytest.mark.parametrize(
    "path",
    [
        "/v1/enterprises/{G}", "/v1/enterprises/{G}/", "//v1/enterprises/{G}", "/v1/enterprises/{C}/../{G}",
        "/v1/enterprises/{C}%2f..%2f{G}", "/v1/enterprises/{C}/evidence?partner={G}&side=customers",
        "/v1/enterprises/{G}/evidence?partner={C}&side=suppliers", "/v1/enterprises/{C}/paths?to={G}",
        "/v1/enterprises/{C}/similar", "/v1/enterprises/{C}/suggested-links", "/v1/enterprises/{C}/groups",
        "/v1/groups/{G}", "/v1/reviews", "/v1/documents", "/v1/jobs", "/v1/chains/toy-car/map", "/metrics",
        "/v1/audit", "/v1/keys", "/V1/enterprises/{G}", "/v1/enterprises/{G}?enterprise={C}",
    ],
)  # fmt: skip
def test_no_way_around_leads_to_another_firm(owned, path):
    client, owner = owned
    for headers in ({}, {"X-Original-URL": f"/v1/enterprises/{firm('C')}", "X-HTTP-Method-Override": "GET"}):
        answer = got(client, path.replace("{G}", firm("G")).replace("{C}", firm("C")), owner, **headers)
        assert FIRMS["G"][0] not in answer.text
        assert "玩具汽车" not in answer.text
        assert answer.status_code in (200, 400, 403, 404, 422)
        if "application/json" in answer.headers["content-type"]:
            assert firm("C") in answer.text or answer.json().get("items") == []


def test_what_passed_between_the_own_firm_and_a_partner_is_seen(client, folder):
    owner = key_for(folder, "owner", parties=(firm("C"),))
    answer = got(client, f"/v1/enterprises/{firm('C')}/evidence?partner={firm('A')}&side=suppliers", owner)
    assert answer.json()["total"] == 5
    position = got(client, f"/v1/enterprises/{firm('C')}/position", owner)
    assert position.status_code == 200
    assert FIRMS["G"][0] not in position.text
    assert HIDDEN in position.text or firm("G") not in position.text


def test_a_bound_key_keeps_to_its_rows_whatever_its_role(client, folder):
    text = key_for(folder, "analyst", parties=(firm("A"), firm("B")))
    assert got(client, f"/v1/enterprises/{firm('A')}", text).status_code == 200
    assert refusal(got(client, f"/v1/enterprises/{firm('C')}", text)) == (404, "enterprise_not_found")
    refused = client.post("/v1/match", json={"queries": [{"name": "齿轮"}]}, headers=bearing(text))
    assert refusal(refused) == (403, "rows_not_kept")
    body = {"enterprise": firm("C"), "event": "stops"}
    assert client.post("/v1/chains/toy-car/whatif", json=body, headers=bearing(text)).status_code == 403


def test_a_key_bound_to_a_portfolio_sees_its_firms_and_cannot_add_any(client, folder):
    state = State(folder)
    with state.writing() as connection:
        made, other = (portfolios.make(connection, name, 10**9, "", "me").id for name in ("one", "two"))
        portfolios.join(connection, made, [firm("C")], "me")
    text = key_for(folder, "credit", portfolio=made)
    assert got(client, f"/v1/enterprises/{firm('C')}", text).status_code == 200
    assert refusal(got(client, f"/v1/enterprises/{firm('G')}", text)) == (404, "enterprise_not_found")
    assert got(client, f"/v1/portfolios/{made}/enterprises", text).status_code == 200
    for id_ in (other, "0" * 16):
        assert refusal(got(client, f"/v1/portfolios/{id_}/enterprises", text)) == (404, "portfolio_not_found")
    body = {"enterprises": [firm("G")]}
    widened = client.post(f"/v1/portfolios/{made}/enterprises", json=body, headers=bearing(text))
    assert refusal(widened) == (403, "rows_not_kept")
    assert client.post("/v1/portfolios", json={"name": "x"}, headers=bearing(text)).status_code == 403
    with state.writing() as connection:
        portfolios.leave(connection, made, firm("C"), "me")
    assert refusal(got(client, f"/v1/enterprises/{firm('C')}", text)) == (404, "enterprise_not_found")


def test_tries_outside_the_rows_are_entered(client, folder):
    owner = key_for(folder, "owner", parties=(firm("C"),))
    got(client, f"/v1/enterprises/{firm('G')}", owner)
    (entry,) = audit.entries(State(folder), wanted=audit.Chosen(action="read_refused"))
    assert (entry.subject, entry.by, entry.detail["key"]) == (firm("G"), "li.ming", owner[3:15])


# Numbers of people


def test_numbers_of_people_are_masked_without_the_scope(client, folder):
    from api.masking import masked_json

    body = (
        b'{"note":"call 13812345678","id":"6222021234567890",'
        b'"amount_fen":13812345678,"n":"6222020200011112220"}'
    )
    shown = masked_json(body)
    assert b"13812345678," in shown
    assert b'"id":"6222021234567890"' in shown
    assert b"call 138****5678" in shown
    assert b"6222020200011112220" not in shown
    assert masked_json(b'{"a":"\\"13812345678"}') == b'{"a":"\\"138****5678"}'.replace(b'\\\\"', b'\\"')
    document = "/v1/documents/" + "0" * 64 + "/original"
    analyst, reviewer = key_for(folder), key_for(folder, "reviewer", holder="b")
    assert refusal(got(client, document, analyst)) == (403, "scope_missing")
    assert refusal(got(client, document, reviewer)) == (404, "document_not_found")


# Nothing leaks


def test_no_log_holds_a_key_or_a_firm(client, folder, caplog):
    text = key_for(folder)
    with caplog.at_level(logging.DEBUG, logger="dayan"):
        got(client, f"/v1/enterprises/{firm('A')}?q={FIRMS['A'][0]}", text)
        got(client, "/v1/chains", text[:-1] + "!")
        client.get("/health")
    lines = " ".join(r.getMessage() + str(getattr(r, "told", "")) for r in caplog.records)
    assert text[3:15] in lines  # by the id of the key
    for secret in (text[16:], FIRMS["A"][0], firm("A"), "li.ming"):
        assert secret not in lines


def test_the_comparison_takes_no_hint_from_the_first_wrong_letter(folder):
    text = key_for(folder)
    early, late = text[:16] + ("B" if text[16] == "A" else "A") + text[17:], text[:-1] + "-"
    state, times = State(folder), {early: [], late: []}
    with state.reading() as connection:
        for _ in range(400):
            for shown, taken in times.items():
                begun = time.perf_counter_ns()
                assert access.holding(connection, shown) is None
                taken.append(time.perf_counter_ns() - begun)
    fast, slow = sorted(sorted(taken)[200] for taken in times.values())
    assert slow < 2 * fast  # both are hashed whole: a rough check, the rest is hmac.compare_digest's


def test_metrics_name_routes_and_never_ids(client, folder):
    got_one = client.get(f"/v1/enterprises/{firm('A')}")
    assert got_one.status_code == 200
    client.request("BREW", "/v1/chains")
    text = client.get("/metrics").text
    line = 'dayan_requests_total{method="GET",route="/v1/enterprises/{enterprise}",status="200"} 1.0'
    assert line in text
    assert 'method="OTHER"' in text
    assert "BREW" not in text
    assert firm("A") not in text
    admin, analyst = key_for(folder, "admin"), key_for(folder)
    assert got(client, "/metrics", admin).status_code == 200
    assert refusal(got(client, "/metrics", analyst)) == (403, "scope_missing")
    assert refusal(client.get("/metrics")) == (401, "key_needed")


def test_every_scope_has_a_sentence():
    assert all(SCOPES.values())
    assert httpx.__version__


def test_the_chain_is_read_newest_first_page_by_page(tmp_path):
    economy = tiny(tmp_path / "tiny")
    admin = bearing(key_for(economy.folder, "admin"))
    with serving_folder(economy.folder, store=nobody, values={"rate": "0"}) as client:
        for letter in "ACE":
            client.get(f"/v1/enterprises/{firm(letter)}", headers=bearing(key_for(economy.folder, "analyst")))
        asked = {"limit": 200, "action": "enterprise_read"}
        oldest = [e["number"] for e in client.get("/v1/audit", params=asked, headers=admin).json()["items"]]
        assert len(oldest) == 3
        found, cursor = [], None
        while True:
            page = {**asked, "limit": 2, "newest": True, **({"cursor": cursor} if cursor else {})}
            body = client.get("/v1/audit", params=page, headers=admin).json()
            found += [entry["number"] for entry in body["items"]]
            if (cursor := body["next"]) is None:
                break
            wrong = {**page, "newest": False, "cursor": cursor}
            assert client.get("/v1/audit", params=wrong, headers=admin).status_code == 400
        assert found == oldest[::-1]
