"""Signing in at a provider (OIDC): the whole way over real HTTP; each token and answer that is refused."""

import json
import logging
import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api import oidc
from api.app import create_app
from api.oidc import Provider
from api.oidc_claims import person_of
from api.settings import load_settings
from dayan.serving import serve
from ledger import audit, sessions
from ledger.errors import Conflict, Forbidden, InputError, MissingExtra
from ledger.ids import party_id
from ledger.sessions import Person
from ledger.state import State
from tests.access_keys import key_for
from tests.api_server import serving, serving_folder, settings_for
from tests.oidc_provider import CLIENT, SECRET, ec_key, jwk, providing, rsa_key
from tests.test_api_access import made_once as made_once  # noqa: PLC0414 - the fixture
from tests.test_api_access import nobody, refusal
from tests.test_api_session import who
from tests.tiny_graph import FIRMS, firm

IDLE = timedelta(minutes=30)
HTML = {"Accept": "text/html,application/xhtml+xml"}
ROLES = "branch-heads=approver;credit-dept=credit;owners=owner"


@pytest.fixture
def folder(made_once, tmp_path):
    folder = Path(shutil.copytree(made_once, tmp_path / "tiny"))
    key_for(folder, "admin", holder="root")
    return folder


def values_of(fake, **more):
    told = {"oidc_issuer": fake.address, "oidc_client": CLIENT, "oidc_secret": SECRET, "oidc_roles": ROLES}
    return {**told, "oidc_parties_claim": "firms", "rate": "0", **more}


@pytest.fixture(scope="module")
def standing(made_once, tmp_path_factory):
    """One server and its provider for most tests: (application, client, provider, folder)."""
    folder = Path(shutil.copytree(made_once, tmp_path_factory.mktemp("standing") / "tiny"))
    key_for(folder, "admin", holder="root")
    with providing() as fake:
        app = create_app(settings_for(folder, **values_of(fake)), store=nobody)
        with serving(app) as client:
            yield app, client, fake, folder


@pytest.fixture
def steady(standing):
    """The standing server and provider as the test before left them, for sign-ins that all fail."""
    _, client, fake, _ = standing
    client.cookies.clear()
    return client, fake


@pytest.fixture
def fake(standing):
    """The provider as it was made."""
    standing[2].reset()
    return standing[2]


@pytest.fixture
def client(standing, fake):
    """The standing server, that knows nobody and has asked the provider nothing."""
    app, client, _, folder = standing
    client.cookies.clear()
    app.state.provider = Provider(app.state.settings)
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        connection.executescript("DELETE FROM sessions; DELETE FROM people;")
    return client


@pytest.fixture
def served(standing):
    """The data folder of the standing server."""
    return standing[3]


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Many sign-ins fail in a second here."""
    monkeypatch.setattr("api.keyring.FAILURES", 1_000.0)


def begun(client, to=None):
    answer = client.get("/v1/session/oidc", params={"to": to} if to else {})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def came_back(client, fake, headers=None, to=None, **claims):
    """The whole way: to the provider, consent, and back."""
    back = fake.consent(begun(client, to), **claims)
    return client.get(back, headers=headers or {"Sec-Fetch-Site": "cross-site"})


def refused(answer, code, status=401):
    assert refusal(answer) == (status, code)
    assert "dayan-session" not in answer.headers.get("set-cookie", "")


def uscc_code():
    from stdnum.cn import uscc

    return "91330400MA2B0X3A1" + uscc.calc_check_digit("91330400MA2B0X3A1")


# The way in


def test_the_whole_way(client, fake, served):
    assert [way["method"] for way in who(client)["methods"]] == ["key", "oidc"]
    answer = came_back(client, fake, to="/enterprise/1?tab=cash#path")
    assert (answer.status_code, answer.headers["location"]) == (303, "/enterprise/1?tab=cash#path")
    kept = [c for c in answer.headers.get_list("set-cookie") if c.startswith("dayan-session=")]
    assert "HttpOnly" in kept[0]
    assert "SameSite=strict" in kept[0]
    assert [cookie.name for cookie in client.cookies.jar] == ["dayan-session"]  # the sign-in's own is gone
    told = who(client)
    assert (told["name"], told["role"], told["session"], told["local_user"]) == (
        "wang.fang",
        "credit",
        True,
        False,
    )
    assert client.get("/v1/chains").status_code == 200
    assert refusal(client.get("/v1/keys")) == (403, "scope_missing")
    entry = [e for e in audit.entries(State(served)) if e.action == "signed_in"][-1]
    assert (entry.by, entry.detail["method"], entry.detail["role"]) == ("wang.fang", "oidc", "credit")
    own = {"Origin": str(client.base_url).rstrip("/")}
    assert client.delete("/v1/session", headers=own).status_code == 200
    assert refusal(client.get("/v1/chains")) == (401, "key_needed")


def test_the_provider_is_told_what_it_must_know_and_our_secret_where_it_belongs(client, fake):
    location = begun(client)
    asked = dict(parse_qsl(urlsplit(location).query))
    assert asked["redirect_uri"] == f"{str(client.base_url).rstrip('/')}/v1/session/oidc/callback"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = client.cookies["dayan-sign-in"]
    assert cookie.split(".")[0] not in location
    client.get(fake.consent(location))
    (form,), (shown,) = fake.forms, fake.shown
    assert form["code_verifier"] not in location
    assert shown.startswith("Basic ")
    assert "client_secret" not in form
    assert fake.asked.count("/.well-known/openid-configuration") == 1


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(client, fake):
    fake.told["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert came_back(client, fake).headers["location"] == "/"
    assert (fake.forms[0]["client_secret"], fake.shown) == (SECRET, [""])


def test_an_elliptic_key_and_one_without_a_name_do_too(client, fake):
    fake.key, fake.alg, fake.kid = ec_key(), "ES256", ""
    fake.keys.append(jwk(fake.key, "two"))
    assert came_back(client, fake).status_code == 303
    assert who(client)["session"]


def test_a_new_key_of_the_provider_is_fetched_but_not_for_every_made_up_one(client, fake, monkeypatch):
    assert came_back(client, fake).status_code == 303
    fake.key, fake.kid = rsa_key(), "two"
    fake.keys = [jwk(fake.key, "two")]
    refused(came_back(client, fake), "oidc_token")  # within a minute of the last time
    assert fake.asked.count("/keys") == 1
    monkeypatch.setattr(oidc, "AGAIN_S", 0.0)
    assert came_back(client, fake).status_code == 303
    assert fake.asked.count("/keys") == 2


def test_the_role_is_the_first_of_the_map_that_the_person_has(client, fake):
    came_back(client, fake, roles=["credit-dept", "branch-heads"])
    assert who(client)["role"] == "approver"  # never the scopes of both: four eyes


def test_an_owner_is_bound_to_the_firms_of_the_claim(client, fake):
    code = uscc_code()
    answer = came_back(client, fake, sub="8", roles="owners", firms=[firm("C"), code])
    assert answer.status_code == 303, answer.text
    told = who(client)
    assert told["enterprises"] == [
        {"id": firm("C"), "name": FIRMS["C"][0]},
        {"id": party_id("uscc", "", code), "name": None},
    ]
    assert client.get(f"/v1/enterprises/{firm('C')}").status_code == 200
    assert client.get(f"/v1/enterprises/{firm('A')}").status_code == 404


def test_it_ends_by_time(client, fake, served):
    came_back(client, fake)
    with closing(sqlite3.connect(served / "state.sqlite")) as connection:
        connection.execute("UPDATE sessions SET expires = '2020-01-01T00:00:00+00:00'")
        connection.commit()
    assert refusal(client.get("/v1/chains")) == (401, "session_over")


def test_who_is_renamed_at_the_provider_stays_who_they_were(client, fake):
    """Four eyes compare names: nobody becomes two people, and nobody takes another's name."""
    came_back(client, fake, sub="7", preferred_username="wang.fang")
    client.cookies.clear()
    assert came_back(client, fake, sub="7", preferred_username="somebody.else").status_code == 303
    assert who(client)["name"] == "wang.fang"
    refused(came_back(client, fake, sub="8", preferred_username="wang.fang"), "oidc_name_taken", 403)


# Who is not let in


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"roles": []}, "oidc_no_role"),
        ({"roles": None}, "oidc_no_role"),
        ({"roles": "credit"}, "oidc_no_role"),  # a role of ours is no value of theirs
        ({"roles": [["credit-dept"]]}, "oidc_no_role"),
        ({"roles": ["owners"]}, "oidc_claim"),  # an owner of what?
        ({"roles": ["owners"], "firms": []}, "oidc_claim"),
        ({"roles": ["owners"], "firms": [firm("C"), "everything"]}, "oidc_claim"),
        ({"roles": ["owners"], "firms": [firm("C"), 7]}, "oidc_claim"),
        ({"roles": ["credit-dept"], "firms": {"all": True}}, "oidc_claim"),  # never wider than it says
        ({"preferred_username": None}, "oidc_claim"),
        ({"preferred_username": 7}, "oidc_claim"),
        ({"sub": "9", "preferred_username": "local"}, "oidc_name"),
        ({"sub": "9", "preferred_username": "nobody"}, "oidc_name"),
        ({"sub": "9", "preferred_username": "a b<script>"}, "oidc_name"),
    ],
)
def test_claims_that_say_too_little(steady, claims, code):
    client, fake = steady
    refused(came_back(client, fake, **claims), code, 403)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"aud": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "soon"},
        {"iat": int(time.time()) + 3_600},
        {"nbf": int(time.time()) + 3_600},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"nonce": 7},
        {"sub": None},
        {"sub": 7},
    ],
)
def test_tokens_that_are_not_ours_or_not_now(steady, claims):
    client, fake = steady
    refused(came_back(client, fake, **claims), "oidc_token")


def test_forged_tokens(client, fake, monkeypatch):
    genuine = fake.key
    public = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(fake.keys[0]))
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    monkeypatch.setattr(jwt.algorithms.HMACAlgorithm, "prepare_key", lambda _self, key: key)
    for key, alg, kid in (
        (rsa_key(), "RS256", "one"),  # another's key under our name
        (rsa_key(), "RS256", "none-such"),
        (pem, "HS256", "one"),  # the public key as a shared secret
        (None, "none", "one"),
        (genuine, "RS512", "one"),
        (genuine, "PS256", "one"),
        (ec_key(), "ES256", "one"),
    ):
        fake.key, fake.alg, fake.kid = key, alg, kid
        refused(came_back(client, fake), "oidc_token")
    fake.key, fake.alg, fake.kid = genuine, "RS256", "one"
    assert came_back(client, fake).status_code == 303


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.", "é", "x" * 9_000])
def test_what_is_no_token(steady, text, monkeypatch):
    client, fake = steady
    monkeypatch.setattr(type(fake), "token", lambda _self: text)
    refused(came_back(client, fake), "oidc_token")


@pytest.mark.parametrize(
    "keys",
    [
        [],
        "none",
        [None, 7, {}, {"kty": "RSA", "kid": "one"}],
        [{"kty": "oct", "k": "aHVzaA", "kid": "one"}],
    ],
)
def test_keys_that_cannot_be_used(client, fake, keys):
    fake.keys = keys
    answer = came_back(client, fake)
    assert refusal(answer) in ((401, "oidc_token"), (502, "oidc_unusable"))


def test_keys_for_other_things_and_weak_ones_check_nothing(client, fake, monkeypatch):
    monkeypatch.setattr(oidc, "AGAIN_S", 0.0)
    genuine = fake.keys
    for more in ({"use": "enc"}, {"alg": "RS512"}):
        fake.keys = [{**genuine[0], **more}]
        refused(came_back(client, fake), "oidc_token")
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        fake.key = rsa_key(1024)
        fake.keys = [jwk(fake.key, "one")]
        refused(came_back(client, fake), "oidc_token")
    fake.key, fake.alg = ec_key(ec.SECP384R1()), "ES384"
    fake.keys = [jwk(fake.key, "one")]
    refused(came_back(client, fake), "oidc_token")


# The way back


def test_a_callback_that_this_browser_did_not_begin(client, fake):
    """Somebody else's code in my browser would sign me in as them."""
    back = fake.consent(begun(client))
    mine = client.cookies["dayan-sign-in"]
    client.cookies.clear()
    refused(client.get(back), "oidc_state")
    client.cookies.set("dayan-sign-in", "A" * 43 + ".Lw")
    refused(client.get(back), "oidc_state")
    client.cookies.clear()
    for text in ("", ".", ".Lw"):
        client.cookies.set("dayan-sign-in", text)
        refused(client.get("/v1/session/oidc/callback?code=x&state="), "oidc_state")
        client.cookies.clear()
    assert fake.forms == []  # nobody was asked
    client.cookies.set("dayan-sign-in", mine)
    refused(client.get(back.replace("state=", "state=x")), "oidc_state")


def test_a_code_serves_once_and_only_where_it_was_asked_for(client, fake):
    back = fake.consent(begun(client))
    kept = client.cookies["dayan-sign-in"]
    assert client.get(back).status_code == 303
    client.cookies.clear()
    client.cookies.set("dayan-sign-in", kept)
    refused(client.get(back), "oidc_refused")
    # A code that was stolen from another sign-in: the verifier does not fit.
    stolen = dict(parse_qsl(urlsplit(fake.consent(begun(client))).query))["code"]
    client.cookies.clear()
    own = dict(parse_qsl(urlsplit(begun(client)).query))["state"]
    refused(client.get(f"/v1/session/oidc/callback?code={stolen}&state={own}"), "oidc_refused")


def test_what_the_provider_refused_is_told_and_nothing_it_made_up(client, fake):
    for error, shown in (("access_denied", "(access_denied)"), ("<b>é</b>", "(-)")):
        state = dict(parse_qsl(urlsplit(begun(client)).query))["state"]
        answer = client.get("/v1/session/oidc/callback", params={"error": error, "state": state})
        refused(answer, "oidc_refused")
        assert shown in answer.json()["detail"]
    state = dict(parse_qsl(urlsplit(begun(client)).query))["state"]
    refused(client.get("/v1/session/oidc/callback", params={"state": state}), "oidc_refused")


def test_another_provider_cannot_answer(client, fake):
    back = fake.consent(begun(client))
    refused(client.get(back + "&iss=https%3A%2F%2Fother.example"), "oidc_token")
    assert fake.forms == []


def test_a_browser_that_fails_lands_on_the_pages_and_it_is_entered(client, fake, served):
    answer = came_back(client, fake, headers=HTML, roles=[])
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?problem=oidc_no_role")
    assert "dayan-session" not in str(answer.headers.get_list("set-cookie"))
    last = audit.entries(State(served), limit=10_000)[-1]
    assert (last.by, last.action, last.detail["code"]) == ("nobody", "sign_in_failed", "oidc_no_role")


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "x",
        "/a\r\nSet-Cookie: x",
        "/é",
    ],
)
def test_nobody_is_sent_to_another_site(steady, to):
    client, _ = steady
    answer = client.get("/v1/session/oidc", params={"to": to})
    assert refusal(answer) == (400, "session_return")


def test_a_changed_cookie_sends_nobody_away_either(client, fake):
    from base64 import urlsafe_b64encode

    back = fake.consent(begun(client, "/maps"))
    token = client.cookies["dayan-sign-in"].partition(".")[0]
    client.cookies.clear()
    client.cookies.set("dayan-sign-in", f"{token}.{urlsafe_b64encode(b'//evil.example').decode()}")
    assert client.get(back).headers["location"] == "/"


def test_failures_are_slowed(folder, fake, monkeypatch):
    monkeypatch.setattr("api.keyring.FAILURES", 2.0)
    with serving_folder(folder, values=values_of(fake)) as client:
        answers = [client.get("/v1/session/oidc/callback?code=x&state=y") for _ in range(12)]
        assert refusal(answers[-1]) == (429, "too_many_requests")
        failed = [e for e in audit.entries(State(folder)) if e.action == "sign_in_failed"]
        assert 0 < len(failed) < 10


def test_without_a_provider_there_is_none(folder):
    with serving_folder(folder) as client:
        for path in ("/v1/session/oidc", "/v1/session/oidc/callback?code=x&state=y"):
            assert refusal(client.get(path)) == (404, "oidc_not_set")


def test_behind_tls_the_way_back_is_https_and_its_cookie_secure(folder, fake):
    values = values_of(fake, tls="proxy", allowed_hosts="dayan.bank.cn")
    with serving_folder(folder, values=values) as client:
        client.headers["Host"] = "dayan.bank.cn"
        answer = client.get("/v1/session/oidc")
        asked = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        assert asked["redirect_uri"] == "https://dayan.bank.cn/v1/session/oidc/callback"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-dayan-sign-in=")
        for part in ("Secure", "HttpOnly", "SameSite=lax", "Max-Age=600"):
            assert part in cookie


# A provider that does not behave


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b"not json"), (200, b"[]"), (302, b""), (200, b" " * 300_000), (200, b"[" * 50_000)],
)
def test_answers_that_cannot_be_used(client, fake, path, answer, caplog):
    fake.answers[path] = answer
    with caplog.at_level(logging.DEBUG):
        failed = client.get("/v1/session/oidc") if path.startswith("/.") else came_back(client, fake)
    assert refusal(failed) == (502, "oidc_unusable")
    told = "".join(record.getMessage() for record in caplog.records if record.name.startswith("dayan"))
    assert "hush" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "https://other.example"),
        ("token_endpoint", "http://other.example/token"),
        ("token_endpoint", "file:///etc/passwd"),
        ("jwks_uri", None),
        ("authorization_endpoint", ["x"]),
        ("authorization_endpoint", "http://["),
    ],
)
def test_a_description_that_does_not_fit(client, fake, name, value):
    fake.told[name] = value
    assert refusal(client.get("/v1/session/oidc")) == (502, "oidc_unusable")


def test_a_provider_that_is_down_is_not_asked_again_at_once_and_later_works(client, fake, monkeypatch):
    fake.answers["/.well-known/openid-configuration"] = (500, b"")
    assert [client.get("/v1/session/oidc").status_code for _ in range(4)] == [502] * 4
    assert len(fake.asked) == 1
    del fake.answers["/.well-known/openid-configuration"]
    monkeypatch.setattr(oidc, "FAILED_S", 0.0)
    assert came_back(client, fake).status_code == 303


def test_a_slow_provider_holds_few_threads(folder, fake, monkeypatch):
    """The others go on answering everybody else."""
    from concurrent.futures import ThreadPoolExecutor

    slow, answer = 1.5, type(fake).answer

    def late(self, path, body, shown):
        time.sleep(slow)
        return answer(self, path, body, shown)

    monkeypatch.setattr(type(fake), "answer", late)
    monkeypatch.setattr(oidc, "AT_ONCE", 2)
    with serving_folder(folder, values=values_of(fake)) as client, ThreadPoolExecutor(12) as pool:
        waiting = [pool.submit(client.get, "/v1/session/oidc") for _ in range(12)]
        time.sleep(0.1)
        start = time.perf_counter()
        assert client.get("/v1/words").status_code == 200
        assert time.perf_counter() - start < 1
        statuses = [one.result().status_code for one in waiting]
    assert set(statuses) == {303, 429}


def test_an_answer_that_drips_is_cut_off(fake, monkeypatch):
    monkeypatch.setattr(oidc, "SECONDS", -1.0)
    provider = Provider(load_settings(**values_of(fake)))
    with pytest.raises(oidc.EndpointFailed):
        provider.address(oidc.Flow.new(), "http://127.0.0.1/")


# Claims


def claimed(fake, claims, **values):
    settings = load_settings(**values_of(fake, **values))
    return person_of({"iss": "i", "sub": "s", "preferred_username": "a", **claims}, settings)


def test_roles_may_lie_inside_another_claim_or_have_a_dotted_name(fake):
    inside = {"realm_access": {"roles": ["credit-dept"]}}
    assert claimed(fake, inside, oidc_role_claim="realm_access.roles").role == "credit"
    named = {"https://bank.cn/roles": "branch-heads"}
    assert claimed(fake, named, oidc_role_claim="https://bank.cn/roles").role == "approver"
    groups = {"roles": ["CN=credit,OU=a=b"]}
    assert claimed(fake, groups, oidc_roles="CN=credit,OU=a=b=credit").role == "credit"


def test_without_the_setting_no_claim_binds_and_no_owner_comes_in(fake):
    assert (
        claimed(fake, {"roles": "credit-dept", "firms": [firm("C")]}, oidc_parties_claim="").parties is None
    )
    with pytest.raises(Forbidden) as caught:
        claimed(fake, {"roles": "owners", "firms": [firm("C")]}, oidc_parties_claim="")
    assert caught.value.code == "oidc_claim"


def test_one_person_of_two_providers_is_two(tmp_path):
    state = State(tmp_path)
    first, _ = sessions.begin(state, Person("https://a", "1", "li.ming", "credit"), 1, IDLE)
    assert first.holder == "li.ming"
    with pytest.raises(Forbidden):
        sessions.begin(state, Person("https://b", "1", "li.ming", "credit"), 1, IDLE)
    assert sessions.count(state) == 1


# Settings

SOUND = {
    "oidc_issuer": "https://id.bank.cn",
    "oidc_client": "dayan",
    "oidc_secret": "hush",
    "oidc_roles": "a=credit",
}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"oidc_issuer": "http://id.bank.cn"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "http://127.0.0.1.evil.example"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://me:hush@id.bank.cn"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://id.bank.cn?x=1"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "id.bank.cn"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "https://id.bank.cn:99999"}, "OIDC_ISSUER"),
        ({"oidc_client": ""}, "OIDC_CLIENT"),
        ({"oidc_secret": ""}, "OIDC_SECRET_FILE"),
        ({"oidc_secret": "", "oidc_secret_file": "/no/such/file"}, "OIDC_SECRET_FILE"),
        ({"oidc_secret_file": "/no/such/file"}, "OIDC_SECRET_FILE"),  # two secrets
        ({"oidc_roles": ""}, "OIDC_ROLES"),
        ({"oidc_roles": "a=root"}, "OIDC_ROLES"),
        ({"oidc_roles": "credit"}, "OIDC_ROLES"),
        ({"oidc_scopes": "profile"}, "OIDC_SCOPES"),
        ({"session_idle_minutes": 0}, "SESSION_IDLE_MINUTES"),
        ({"session_hours": 10_000}, "SESSION_HOURS"),
    ],
)
def test_unsafe_settings_refuse_to_start(values, field):
    with pytest.raises(InputError) as caught:
        load_settings(**SOUND | values)
    assert f"DAYAN_{field}" in {problem.field for problem in caught.value.problems}
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
    assert "hush" not in caught.value.text("en").replace(values.get("oidc_issuer", "-"), "")


def test_sound_settings_start_and_the_secret_is_shown_nowhere():
    settings = load_settings(**SOUND)
    assert "hush" not in repr(settings)
    assert settings.oidc_scopes == ("openid", "profile")
    assert load_settings(**SOUND | {"oidc_issuer": "http://[::1]:9000/realm"}).oidc_issuer.endswith("realm")


def test_the_secret_may_stand_in_a_file_that_others_cannot_read(tmp_path, fake, folder):
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o644)
    values = values_of(fake, oidc_secret=None, oidc_secret_file=file)
    with pytest.raises(InputError):
        settings_for(folder, **values)
    file.chmod(0o600)
    with serving_folder(folder, values=values) as client:
        assert came_back(client, fake).status_code == 303
    for text in ("", "\n", "one\ntwo", "x" * 5_000):
        file.write_text(text)
        with pytest.raises(InputError):
            settings_for(folder, **values)


def test_a_missing_package_is_told_when_the_server_starts(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jwt", None)
    with pytest.raises(MissingExtra) as caught:
        create_app(settings_for(tmp_path, **SOUND))
    assert "dayan-graph[oidc]" in caught.value.text("en")


def test_where_a_provider_signs_in_no_key_is_needed_to_serve(tmp_path, monkeypatch):
    away = {"host": "0.0.0.0", "tls": "proxy", "allowed_hosts": "dayan.bank.cn", "data": tmp_path}
    with pytest.raises(Conflict):
        serve(load_settings(**away))

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("dayan.serving.bind", stop)
    with pytest.raises(KeyboardInterrupt):
        serve(load_settings(**away, **SOUND))


def test_the_environment_is_enough(monkeypatch, tmp_path):
    for name, value in SOUND.items():
        monkeypatch.setenv(f"DAYAN_{name.upper()}", value)
    monkeypatch.setenv("DAYAN_OIDC_SCOPES", "openid email,groups")
    settings = load_settings(data=tmp_path)
    assert (settings.oidc_roles, settings.oidc_scopes) == ((("a", "credit"),), ("openid", "email", "groups"))
    assert os.environ["DAYAN_OIDC_SECRET"] not in str(settings)
