"""Signing the pages in with a key: the cookie, who one is, how a session ends, and what attackers try."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from ledger import access, audit, sessions
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.test_api_access import made_once as made_once  # noqa: PLC0414 - the fixture
from tests.test_api_access import nobody, refusal
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm

NAME = "dayan-session"


@pytest.fixture
def folder(made_once, tmp_path):
    return Path(shutil.copytree(made_once, tmp_path / "tiny"))


@pytest.fixture
def client(folder):
    with serving_folder(folder, store=nobody, values={"rate": "0"}) as client:
        yield client


def own(client, **more):
    """What a browser sends with a write of our own page."""
    return {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin", **more}


def signed_in(client, text):
    answer = client.post("/v1/session", json={"key": text}, headers=own(client))
    assert answer.status_code == 201, answer.text
    return answer


def who(client, **headers):
    answer = client.get("/v1/session", headers=headers)
    assert answer.status_code == 200
    return answer.json()


def entered(folder, action):
    return [e for e in audit.entries(State(folder)) if e.action == action]


def changed(folder, column, value):
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        connection.execute(f"UPDATE sessions SET {column} = ?", (value.isoformat(),))
        connection.commit()


def ago(**span):
    return datetime.now(UTC) - timedelta(**span)


# Who is asking


def test_the_local_user_is_told_and_nobody_too(client, folder):
    local = who(client)
    assert (local["signed_in"], local["local_user"], local["session"]) == (True, True, False)
    assert (local["name"], local["role_text"]) == ("local", "user of this machine")
    key_for(folder)
    told = who(client, **{"Accept-Language": "zh"})
    assert (told["signed_in"], told["local_user"], told["name"], told["role"]) == (False, False, None, None)
    assert (told["scopes"], told["expires_at"]) == (["public"], None)
    assert told["methods"] == [{"method": "key", "text": "用密钥登录"}]


def test_a_key_signs_a_browser_in_and_is_kept_nowhere(client, folder):
    text = key_for(folder, "credit", holder="wang.fang")
    answer = signed_in(client, text)
    told = answer.json()
    assert (told["name"], told["role"], told["role_text"]) == ("wang.fang", "credit", "credit officer")
    assert told["signed_in"] and told["session"] and not told["local_user"]
    assert "credit:decide" in told["scopes"]
    assert client.get("/v1/chains").status_code == 200  # by the cookie alone
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie
    token = client.cookies[NAME]
    kept = b"".join(path.read_bytes() for path in folder.glob("state.sqlite*"))
    assert token.encode() not in kept
    assert sha256(token.encode()).hexdigest().encode() in kept
    assert token not in answer.text
    assert text[16:] not in answer.text


def test_a_session_holds_what_its_key_holds_and_its_words_are_the_holders(client, folder):
    signed_in(client, key_for(folder, "credit", holder="wang.fang", scopes=("graph:read",)))
    assert client.get("/v1/chains").status_code == 200
    assert refusal(client.get("/v1/keys")) == (403, "scope_missing")
    last = entered(folder, "read_refused")[-1]
    assert last.by == "wang.fang"
    assert {"key", "session"} <= set(last.detail)


def test_a_bound_key_keeps_its_rows_and_is_told_its_firms(client, folder):
    signed_in(client, key_for(folder, "owner", parties=(OTHER_PARTY_OF_C, "0123456789abcdef")))
    told = who(client)
    assert told["enterprises"] == [
        {"id": firm("C"), "name": FIRMS["C"][0]},
        {"id": "0123456789abcdef", "name": None},
    ]
    assert client.get(f"/v1/enterprises/{firm('C')}").status_code == 200
    assert client.get(f"/v1/enterprises/{firm('A')}").status_code == 404
    assert refusal(client.get("/v1/chains")) == (403, "rows_not_kept")


def test_a_portfolio_is_told_by_its_name(client, folder):
    from ledger import portfolios

    state = State(folder)
    with state.writing() as connection:
        made = portfolios.make(connection, "支行一", 100, None, "me")
    signed_in(client, key_for(folder, "credit", portfolio=made.id))
    assert who(client)["portfolio"] == {"id": made.id, "name": "支行一"}


def test_a_key_in_the_header_comes_first(client, folder):
    signed_in(client, key_for(folder, "credit", holder="a"))
    other = key_for(folder, "analyst", holder="b")
    told = who(client, **bearing(other))
    assert (told["name"], told["session"]) == ("b", False)
    assert client.get("/v1/chains", headers=bearing("dy_nonsense")).status_code == 401


# How it ends


def test_signing_out_ends_it_on_the_server(client, folder):
    signed_in(client, key_for(folder))
    token = client.cookies[NAME]
    answer = client.delete("/v1/session", headers=own(client))
    assert (answer.status_code, answer.json()["signed_in"]) == (200, False)
    assert NAME not in client.cookies
    client.cookies.set(NAME, token)
    assert refusal(client.get("/v1/chains")) == (401, "session_over")
    assert sessions.count(State(folder)) == 0
    begun, ended = entered(folder, "signed_in")[0], entered(folder, "signed_out")[0]
    assert (begun.by, begun.subject) == (ended.by, ended.subject) == ("li.ming", begun.subject)
    assert begun.detail["method"] == "key"
    assert client.delete("/v1/session", headers=own(client)).status_code == 200  # nothing to end


def test_it_ends_with_its_key(client, folder):
    text = key_for(folder)
    signed_in(client, text)
    access.revoke(State(folder), "me", text[3:15])
    assert refusal(client.get("/v1/chains")) == (401, "key_is_revoked")
    assert client.get("/v1/words").status_code == 200  # what needs nobody goes on
    told = client.get("/v1/session")
    assert (told.json()["signed_in"], told.json()["signed_out"]) == (False, "key_is_revoked")
    assert NAME not in client.cookies  # the browser forgets it


def test_it_ends_when_its_key_expires(client, folder):
    text = key_for(folder)
    signed_in(client, text)
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        connection.execute("UPDATE keys SET expires = ?", (ago(seconds=1).isoformat(),))
        connection.commit()
    assert refusal(client.get("/v1/chains")) == (401, "key_is_expired")


def test_it_ends_when_nothing_was_asked_and_at_the_latest_after_hours(folder):
    text = key_for(folder)
    with serving_folder(folder, values={"session_idle_minutes": 20, "session_hours": 2}) as client:
        told = signed_in(client, text).json()
        begun = datetime.now(UTC)
        for name, minutes in (("expires_at", 20), ("ends_at", 120)):
            span = datetime.fromisoformat(told[name]) - begun
            assert abs(span - timedelta(minutes=minutes)) < timedelta(seconds=30)
        changed(folder, "seen", ago(minutes=19))
        assert client.get("/v1/chains").status_code == 200  # which is noted
        assert datetime.fromisoformat(who(client)["expires_at"]) - datetime.now(UTC) > timedelta(minutes=19)
        changed(folder, "seen", ago(minutes=21))
        assert refusal(client.get("/v1/chains")) == (401, "session_over")
        changed(folder, "seen", ago(minutes=0))
        assert client.get("/v1/chains").status_code == 200
        changed(folder, "expires", ago(seconds=1))
        assert refusal(client.get("/v1/chains")) == (401, "session_over")


def test_asking_who_one_is_does_not_keep_it_alive(client, folder):
    signed_in(client, key_for(folder))
    changed(folder, "seen", ago(minutes=20))
    before = who(client)["expires_at"]
    assert who(client)["expires_at"] == before
    client.get("/v1/chains")
    assert who(client)["expires_at"] > before


def test_a_writer_beside_does_not_hold_requests_up(client, folder):
    signed_in(client, key_for(folder))
    changed(folder, "seen", ago(minutes=20))
    with State(folder).writing():
        assert client.get("/v1/words", timeout=5).status_code == 200
    assert client.get("/v1/chains").status_code == 200


def test_signing_in_again_ends_the_session_before_and_clears_old_ones(client, folder):
    first, second = key_for(folder, holder="a"), key_for(folder, holder="b")
    signed_in(client, first)
    old = client.cookies[NAME]
    signed_in(client, second)
    assert client.cookies[NAME] != old
    assert who(client)["name"] == "b"
    assert sessions.count(State(folder)) == 1
    client.cookies.clear()
    changed(folder, "expires", ago(days=1))
    signed_in(client, first)
    assert sessions.count(State(folder)) == 1


# What attackers try


@pytest.mark.parametrize("text", ["", "x", "dy_nonsense", "dy_0123456789ab_" + "A" * 43, "é" * 5000])
def test_a_wrong_key_is_refused_entered_and_never_repeated(client, folder, text):
    key_for(folder)
    answer = client.post("/v1/session", json={"key": text}, headers=own(client))
    assert refusal(answer) == (401, "key_invalid")
    assert "set-cookie" not in answer.headers
    assert not text or text not in answer.text
    (failed,) = entered(folder, "sign_in_failed")
    assert (failed.by, failed.detail["code"]) == ("nobody", "key_invalid")
    assert "A" * 8 not in str(failed)


def test_guessing_keys_is_slowed_and_fills_no_chain(folder):
    text = key_for(folder)
    with serving_folder(folder) as client:
        tries = [client.post("/v1/session", json={"key": f"dy_{n}"}, headers=own(client)) for n in range(30)]
        assert refusal(tries[-1]) == (429, "too_many_requests")
        assert 0 < len(entered(folder, "sign_in_failed")) < 25
        beside = [client.get("/v1/chains", headers=bearing("dy_x")).status_code for _ in range(5)]
        assert 429 in beside  # one bucket for both
        signed_in(client, text)  # who has a key is not hindered


def test_revoked_keys_sign_nobody_in(client, folder):
    text = key_for(folder)
    access.revoke(State(folder), "me", text[3:15])
    answer = client.post("/v1/session", json={"key": text}, headers=own(client))
    assert refusal(answer) == (401, "key_is_revoked")
    assert entered(folder, "sign_in_failed")[0].subject == text[3:15]


def test_a_key_in_a_body_that_does_not_fit_is_not_repeated(client, folder):
    text = key_for(folder)
    for body in ({"key": [text]}, {"key": text, "more": 1}, {"kee": text}, [text], text):
        answer = client.post("/v1/session", json=body, headers=own(client))
        assert answer.status_code == 422
        assert text[16:] not in answer.text


def test_a_write_with_a_cookie_needs_the_browsers_word(client, folder):
    signed_in(client, key_for(folder, "admin"))
    here = str(client.base_url).rstrip("/")
    key = {"holder": "a", "role": "credit"}
    for headers in ({}, {"Sec-Fetch-Site": "none"}, {"Referer": here + "/"}, {"Sec-Fetch-Mode": "cors"}):
        for answer in (
            client.delete("/v1/session", headers=headers),
            client.post("/v1/session", json={"key": "dy_x"}, headers=headers),
            client.post("/v1/keys", json=key, headers=headers),
        ):
            assert refusal(answer) == (403, "session_from_elsewhere")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": here},
    ):
        answer = client.post("/v1/keys", json=key, headers=headers)
        assert refusal(answer) == (403, "origin_not_allowed")
    assert who(client)["session"]  # it stands
    assert access.count(State(folder)) == 1


@pytest.mark.parametrize("proof", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": True}])
def test_either_word_of_the_browser_is_enough(client, folder, proof):
    signed_in(client, key_for(folder, "admin"))
    headers = {name: own(client)[name] for name in proof}
    made = client.post("/v1/keys", json={"holder": "a", "role": "credit"}, headers=headers)
    assert made.status_code == 201
    refused = client.post("/v1/keys", json={"holder": "a", "role": "credit"})
    assert refusal(refused) == (403, "session_from_elsewhere")


def test_another_place_sends_the_cookie_in_vain(client, folder):
    """A page on another port of this machine is of our site: SameSite does not stop it."""
    signed_in(client, key_for(folder))
    for site in ("same-site", "cross-site"):
        answer = client.get("/v1/chains", headers={"Sec-Fetch-Site": site})
        assert refusal(answer) == (401, "key_needed")
        assert "access-control-allow-origin" not in answer.headers
    assert client.get("/v1/chains", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_what_is_no_token_is_no_session(client, folder):
    text = key_for(folder)
    for value in ("x", text, "A" * 43, "' OR 1=1 --", ""):
        client.cookies.set(NAME, value)
        assert refusal(client.get("/v1/chains"))[0] == 401
        client.cookies.clear()
    signed_in(client, text)
    token = client.cookies[NAME]
    assert client.get("/v1/chains", headers=bearing(token)).status_code == 401
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        (kept,) = connection.execute("SELECT hash FROM sessions").fetchone()
    client.cookies.clear()
    client.cookies.set(NAME, kept)  # whoever reads the store cannot sign in
    assert refusal(client.get("/v1/chains")) == (401, "session_over")


def test_behind_tls_the_cookie_is_secure_and_of_this_host_alone(folder):
    text = key_for(folder)
    values = {"tls": "proxy", "allowed_hosts": "dayan.bank.cn"}
    with serving_folder(folder, values=values) as client:
        client.headers["Host"] = "dayan.bank.cn"
        page = {"Origin": "https://dayan.bank.cn", "Sec-Fetch-Site": "same-origin"}
        answer = client.post("/v1/session", json={"key": text}, headers=page)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"__Host-{NAME}=")
        for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        shown = {"Cookie": cookie.partition(";")[0]}
        assert client.get("/v1/chains", headers=shown).status_code == 200
        plain = {"Cookie": shown["Cookie"].removeprefix("__Host-")}
        assert refusal(client.get("/v1/chains", headers=plain)) == (401, "key_needed")
        clear = {"Origin": "http://dayan.bank.cn"}  # a page that somebody put in on the way
        assert refusal(client.delete("/v1/session", headers=shown | clear))[0] == 403
        assert client.delete("/v1/session", headers=shown | page).status_code == 200


def test_a_session_keeps_to_the_rate_of_its_key(folder):
    slow = key_for(folder, rate=1.0)
    with serving_folder(folder) as client:
        signed_in(client, slow)
        answers = [client.get("/v1/chains").status_code for _ in range(5)]
        assert answers[-1] == 429


def test_local_user_always_stays_as_it_was(folder):
    text = key_for(folder, holder="a")
    with serving_folder(folder, values={"local_user": "always"}) as client:
        assert who(client)["local_user"]
        signed_in(client, text)
        assert (who(client)["name"], who(client)["local_user"]) == ("a", False)
        out = client.delete("/v1/session", headers=own(client)).json()
        assert (out["local_user"], out["session"]) == (True, False)


def test_pages_are_public_and_only_the_api_is_closed(folder, tmp_path):
    key_for(folder)
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text("<!doctype html><title>x</title>")
    with serving_folder(folder, pages=pages) as client:
        assert client.get("/").status_code == 200
        page = client.get("/sign-in", headers={"Accept": "text/html"})
        assert (page.status_code, "<title>" in page.text) == (200, True)
        assert client.get("/v1/chains").status_code == 401


def test_a_browser_gone_mad_is_no_defect(client, folder):
    key_for(folder)
    raw = httpx.Client(base_url=client.base_url, trust_env=False)
    for cookie in (b"\xff\xfe=\x00", b"dayan-session", b"=;;;==", b"dayan-session=" + b"A" * 5000):
        answer = raw.get("/v1/chains", headers=[(b"Cookie", cookie.replace(b"\x00", b""))])
        assert answer.status_code == 401
    raw.close()
