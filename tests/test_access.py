"""Keys in the state store, their roles, the buckets that limit them, and the settings that let others in."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import roles
from api.limits import BURST_S, Buckets
from api.principal import SCOPES
from api.settings import load_settings
from dayan.serving import serve
from ledger import access, audit
from ledger.access import NewKey
from ledger.errors import Conflict, InputError, NotFound, TooMany
from ledger.state import State
from ledger.words import labels


@pytest.fixture
def state(tmp_path):
    return State(tmp_path)


def holding(state, text):
    with state.reading() as connection:
        return access.holding(connection, text)


def test_a_key_is_kept_as_a_hash_and_found_by_its_whole_text(state):
    key, text = access.make(state, "me", NewKey("li.ming", "credit", parties=("ab" * 8,)))
    assert re.fullmatch(r"dy_[0-9a-f]{12}_[\w-]{43}", text)
    assert holding(state, text) == key
    secret = text.rpartition(key.id + "_")[2]
    with closing(sqlite3.connect(state.path)) as connection:
        assert secret not in "\n".join(connection.iterdump())
    files = [p.read_bytes() for p in state.path.parent.rglob("*") if p.is_file()]
    assert not any(secret.encode() in data for data in files)


@pytest.mark.parametrize("change", [
    lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: t[:16], lambda t: t + "A", lambda t: "",
    lambda t: t.upper(), lambda t: t.replace(t[3:15], "0" * 12), lambda t: t + "\n", lambda t: " " + t,
])  # fmt: skip
def test_no_other_text_is_a_key(state, change):
    _, text = access.make(state, "me", NewKey("li.ming", "credit"))
    assert holding(state, change(text)) is None


def test_two_keys_do_not_share_a_secret(state):
    (one, first), (_, second) = (access.make(state, "me", NewKey("a", "credit")) for _ in range(2))
    assert holding(state, f"dy_{one.id}_{second[16:]}") is None
    assert first != second


def test_a_key_ends_by_its_day_or_by_a_hand(state):
    key, text = access.make(state, "me", NewKey("a", "credit", days=1))
    now = datetime.now(UTC)
    assert key.state(now) == "active"
    assert key.state(now + timedelta(days=1, seconds=1)) == "expired"
    assert access.revoke(state, "me", key.id).state(now) == "revoked"
    assert holding(state, text).state() == "revoked"
    with pytest.raises(Conflict):
        access.revoke(state, "me", key.id)
    with pytest.raises(NotFound):
        access.revoke(state, "me", "0" * 12)
    assert [e.action for e in audit.entries(state)] == ["key_made", "key_revoked"]
    assert not access.any_active(state)
    assert access.count(state) == 1  # it stays in the list


@pytest.mark.parametrize(
    "wanted",
    [
        NewKey("local", "credit"), NewKey("", "credit"), NewKey("a b", "credit"), NewKey("x" * 61, "credit"),
        NewKey("a", "credit", days=0), NewKey("a", "credit", days=5_000), NewKey("a", "credit", parties=()),
        NewKey("a", "credit", parties=("x",)), NewKey("a", "credit", parties=("ab" * 8,), portfolio="p"),
    ],
)  # fmt: skip
def test_what_no_key_can_be_is_refused(state, wanted):
    with pytest.raises(InputError):
        access.make(state, "me", wanted)
    assert access.count(state) == 0


# Roles


def test_roles_hold_known_scopes_and_have_names():
    every = roles.roles()
    assert set(every) == {"analyst", "credit", "wealth", "reviewer", "approver", "admin", "owner"}
    for role in every.values():
        assert role.scopes <= set(SCOPES) - {"public"}
        assert f"role_{role.name}" in labels()
    assert set().union(*(role.scopes for role in every.values())) == set(SCOPES) - {"public"}


def test_every_scope_is_told_in_both_languages():
    for scope, sentence in SCOPES.items():
        told = labels()[f"scope_{scope.replace(':', '_')}"]
        assert told["en"] == sentence
        assert not re.search("[A-Za-z]{3,}", told["zh"]), scope


def test_no_role_both_enters_and_approves_and_who_makes_keys_sees_no_firm():
    entering = {"credit:apply", "credit:decide", "portfolios:write"}
    for role in roles.roles().values():
        assert not (role.scopes & entering and role.scopes & {"credit:approve", "credit:review"}), role.name
    assert roles.roles()["admin"].scopes == {"access:admin", "audit:read", "metrics:read"}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (NewKey("a", "root"), "key_role"),
        (NewKey("a", "analyst", scopes=("graph:read", "access:admin")), "key_scope_beyond"),
        (NewKey("a", "analyst", scopes=("everything",)), "key_scope_beyond"),
        (NewKey("a", "owner"), "key_unbound"),
    ],
)
def test_no_key_goes_beyond_its_role(wanted, code):
    with pytest.raises(InputError) as caught:
        roles.check(wanted)
    assert caught.value.code == code


def test_scopes_written_into_the_store_do_not_go_beyond_the_role(state):
    key, _ = access.make(state, "me", NewKey("a", "analyst", scopes=("graph:read",)))
    assert roles.scopes_of(key) == {"graph:read", "public"}
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("UPDATE keys SET scopes = ?", (json.dumps(["graph:read", "access:admin"]),))
        connection.commit()
    assert roles.scopes_of(access.get(state, key.id)) == {"graph:read", "public"}
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("UPDATE keys SET role = 'owner'")  # bound to nothing: it would see every firm
        connection.commit()
    assert roles.scopes_of(access.get(state, key.id)) == {"public"}
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("UPDATE keys SET role = 'root'")
        connection.commit()
    assert roles.scopes_of(access.get(state, key.id)) == {"public"}


# Limits


def test_a_bucket_lets_a_burst_through_and_then_the_rate():
    buckets = Buckets()
    for _ in range(int(10 * BURST_S)):
        buckets.take("a", 10, now=0)
    with pytest.raises(TooMany) as caught:
        buckets.take("a", 10, now=0)
    assert caught.value.params["seconds"] == 1
    buckets.take("b", 10, now=0)
    buckets.take("a", 10, now=0.1)
    with pytest.raises(TooMany):
        buckets.take("a", 10, now=0.1)


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from("abc")), max_size=200), st.floats(0.5, 50))
def test_no_more_than_rate_and_burst_pass(asks, rate):
    buckets, passed = Buckets(), {"a": [], "b": [], "c": []}
    for now, who in sorted(asks):
        try:
            buckets.take(who, rate, now)
        except TooMany:
            continue
        passed[who].append(now)
    for times in passed.values():
        if times:
            assert len(times) <= max(1, rate * BURST_S) + rate * (times[-1] - times[0]) + 1e-6


def test_the_memory_of_callers_is_bounded():
    buckets = Buckets(remembered=100)
    for n in range(10_000):
        buckets.take(str(n), 1, now=n / 1_000)
    assert len(buckets) == 100


# Settings and serving


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"host": "0.0.0.0"}, "DAYAN_HOST"),
        ({"host": "10.0.0.8", "allowed_hosts": "dayan.bank.cn"}, "DAYAN_HOST"),
        ({"host": "example.com", "tls": "proxy", "allowed_hosts": "dayan.bank.cn"}, "DAYAN_HOST"),
        ({"host": "0.0.0.0", "tls": "proxy"}, "DAYAN_ALLOWED_HOSTS"),
        ({"tls": "proxy"}, "DAYAN_ALLOWED_HOSTS"),
        ({"tls": "proxy", "allowed_hosts": "dayan.bank.cn", "local_user": "always"}, "DAYAN_LOCAL_USER"),
        ({"tls": "none"}, "DAYAN_TLS"),
        ({"rate": -1}, "DAYAN_RATE"),
        ({"telemetry_url": "file:///etc/passwd"}, "DAYAN_TELEMETRY_URL"),
    ],
)
def test_unsafe_settings_are_refused_in_words(values, field):
    with pytest.raises(InputError) as caught:
        load_settings(**values)
    assert field in {problem.field for problem in caught.value.problems}
    assert "{" not in caught.value.text("zh")


def test_behind_a_proxy_any_address_may_be_served_but_not_without_a_key(tmp_path):
    settings = load_settings(host="0.0.0.0", tls="proxy", allowed_hosts="dayan.bank.cn", data=tmp_path)
    with pytest.raises(Conflict) as caught:
        serve(settings)
    assert caught.value.code == "serve_needs_key"
    key, _ = access.make(State(tmp_path), "me", NewKey("a", "credit"))
    access.revoke(State(tmp_path), "me", key.id)
    with pytest.raises(Conflict):  # a key that ended lets nobody in
        serve(settings)
