"""Webhooks: to where they may lead, how they are signed and tried again, and who may hear of what."""

import json
import socket
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from api import outward
from dayan.delivering import send_due
from ledger import access, jobs, webhooks
from ledger.errors import Conflict, InputError
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder, settings_for
from tests.tiny_graph import OTHER_PARTY_OF_C, firm, tiny


class Receiver(BaseHTTPRequestHandler):
    """Keeps what comes and answers what it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        """Nothing."""


@contextmanager
def receiving(status=200):
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.status = [], status
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def state(tmp_path):
    return State(tmp_path)


def made(state, url, role="credit", events=("decision.made", "job.done"), **wanted):
    key = access.make(state, "me", access.NewKey("a", role, **wanted))[0]
    return webhooks.make(state, "me", key.id, url, events)


def emitted(state, party=None):
    with state.writing() as connection:
        return webhooks.emit(
            connection, "decision.made", "d1", {"decision": "d1", "status": "approved"}, party
        )


def only_delivery(state, hook):
    ((one,), total) = webhooks.deliveries(state, hook.key, hook.id, 10)
    assert total == 1
    return one


def soon(state):
    """Whatever waits is due now."""
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("UPDATE deliveries SET due = '2020'")
        connection.commit()


def test_an_event_arrives_signed_once(state, tmp_path):
    with receiving() as (server, url):
        hook = made(state, url)
        assert emitted(state) == 1
        assert send_due(settings_for(tmp_path), state) == 1
        assert send_due(settings_for(tmp_path), state) == 0
    ((path, headers, body),) = server.got
    assert path == "/hook"
    assert json.loads(body)["data"] == {"decision": "d1", "status": "approved"}
    secret = webhooks.secret_of(tmp_path, hook.id)
    at = int(headers["Dayan-Signature"].partition(",")[0][2:])
    assert webhooks.is_signed(secret, body, headers["Dayan-Signature"], at)
    for wrong in (
        (secret, body + b" ", at),
        (secret + "0", body, at),
        (secret, body, at + 301),
        (secret, body, at - 301),
    ):
        assert not webhooks.is_signed(wrong[0], wrong[1], headers["Dayan-Signature"], wrong[2])
    assert not webhooks.is_signed(secret, body, f"t={at + 1}," + headers["Dayan-Signature"].split(",")[1], at)
    assert not webhooks.is_signed(secret, body, "", at)
    assert (only_delivery(state, hook).state, only_delivery(state, hook).status) == ("delivered", 200)
    assert headers["Dayan-Delivery"] == only_delivery(state, hook).id


def test_the_secret_is_in_no_file_and_the_master_key_is_closed_to_others(state, tmp_path):
    hook = made(state, "https://bank.example/x")
    secret = webhooks.secret_of(tmp_path, hook.id)
    assert secret == webhooks.secret_of(tmp_path, hook.id) != webhooks.secret_of(tmp_path, "0" * 16)
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert secret.encode() not in kept
    assert bytes.fromhex(secret.removeprefix("whsec_")) not in kept
    path = tmp_path / webhooks.MASTER
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(Conflict):
        webhooks.secret_of(tmp_path, hook.id)


@pytest.mark.parametrize("status", [500, 302])
def test_what_is_not_taken_is_tried_again_and_at_last_given_up(state, tmp_path, status):
    with receiving(status) as (server, url):
        hook = made(state, url)
        emitted(state)
        for tries in range(1, len(webhooks.BACKOFF_S) + 2):
            assert send_due(settings_for(tmp_path), state) == 1
            one = only_delivery(state, hook)
            assert (one.attempts, one.status) == (tries, status)
            assert send_due(settings_for(tmp_path), state) == 0  # not before its time
            soon(state)
        assert one.state == "failed"
        assert send_due(settings_for(tmp_path), state) == 0
    assert {path for path, _, _ in server.got} == {"/hook"}  # no redirect was followed
    assert len(server.got) == len(webhooks.BACKOFF_S) + 1


def test_an_address_that_is_silent_is_tried_again(state, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        hook = made(state, f"http://127.0.0.1:{taken.getsockname()[1]}/")
        emitted(state)
        send_due(settings_for(tmp_path), state)
    one = only_delivery(state, hook)
    assert (one.state, one.status, one.error) == ("queued", None, "ConnectError")


# Where a webhook may not lead


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/", "ftp://bank.example/", "https://", "https:///x", "https://a:b@bank.example/",
        "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest", "https://[fd00::1]/",
        "https://0.0.0.0/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/",
        "https://100.64.0.1/", "https://224.0.0.1/", "file:///etc/passwd", "https://bank.example/\r\nX: y",
        "https://bank.example\\@127.0.0.1/", "https://bank.example:99999/", "https://bank.example/#x",
        "https://[fec0::1]/", f"https://{'a' * 64}.example/", "https://a..example/", "https://.example/",
        "//x", "", "https://127.0.0.2/", "https://银行.example/", "https://bank.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_an_address_that_leads_inward_is_refused(url):
    with pytest.raises(InputError) as caught:
        outward.check_url(url, loopback=True)
    assert caught.value.code == "webhook_address"


@pytest.mark.parametrize("url", ["https://localhost/", "http://127.0.0.1:8080/", "http://[::1]/x"])
def test_this_machine_is_reached_only_from_a_server_for_it_alone(url):
    outward.check_url(url, loopback=True)
    with pytest.raises(InputError):
        outward.check_url(url, loopback=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0", "::ffff:192.168.0.1", "0.0.0.0"]
)
@pytest.mark.parametrize("first", ["93.184.216.34", None])
def test_a_name_that_leads_inward_is_not_connected_to(monkeypatch, address, first):
    """One public address beside a private one does not help either."""
    connected = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, 1, 6, "", (address, 443))]
    if first:
        found.insert(0, (socket.AF_INET, 1, 6, "", (first, 443)))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: found)
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: connected.append(a))
    for url in ("https://rebound.example/", "https://2130706433/", "https://localhost./"):
        with pytest.raises(InputError):
            outward.post(url, b"{}", {}, loopback=True)
    assert connected == []


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    asked, connected = [], []

    def resolve(host, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 443))]

    def connect(address, *args, **kwargs):
        connected.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="ConnectError"):
        outward.post("https://bank.example/", b"{}", {}, loopback=False)
    assert (asked, connected) == (["bank.example"], [("93.184.216.34", 443)])


@pytest.mark.parametrize("failure", [UnicodeError("label too long"), OSError("no such name")])
def test_a_name_that_can_be_none_is_no_crash(monkeypatch, failure):
    def resolve(*args, **kwargs):
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(OSError, match="ConnectError"):
        outward.post("https://bank.example/", b"{}", {}, loopback=False)


def test_a_delivery_that_breaks_the_sender_stops_no_other(state, tmp_path, monkeypatch):
    sound = outward.post

    def post(url, *rest, **how):
        if "broken" in url:
            raise ValueError(url)
        return sound(url, *rest, **how)

    monkeypatch.setattr("dayan.delivering.post", post)
    broken = made(state, "https://broken.example/")
    with receiving() as (server, url):
        hook = made(state, url)
        emitted(state)
        assert send_due(settings_for(tmp_path), state) == 2
        assert len(server.got) == 1
    assert only_delivery(state, hook).state == "delivered"
    assert (only_delivery(state, broken).state, only_delivery(state, broken).error) == ("queued", "internal")


def test_an_answer_that_drips_ends_in_time(monkeypatch):
    """Each byte comes in time, and the whole never: without an end for all of it nobody else would hear."""
    monkeypatch.setattr(outward, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            with suppress(OSError), listening.accept()[0] as connection:
                for _ in range(100):
                    connection.sendall(b"H")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(OSError, match=r"Timeout|Protocol"):
            outward.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {}, loopback=True)
        assert time.monotonic() - begun < 3
        thread.join()


def test_no_key_crowds_the_others_out(state):
    crowd = made(state, "https://bank.example/crowd")
    for _ in range(30):
        emitted(state)
    late = made(state, "https://bank.example/late")
    emitted(state)
    found = [hook.id for _, hook in webhooks.due(state)]
    assert late.id in found
    assert found.count(crowd.id) == webhooks.EACH


# Who may hear of what


@pytest.mark.parametrize(
    ("role", "bound", "party", "heard"),
    [
        ("credit", None, "ab" * 8, True),
        ("wealth", None, "ab" * 8, False),
        ("owner", ("ab" * 8,), "ab" * 8, True),
        ("owner", ("ab" * 8,), "cd" * 8, False),
        ("owner", ("ab" * 8,), None, False),
    ],
)
def test_a_key_hears_of_what_it_may_see_alone(state, tmp_path, role, bound, party, heard):
    with receiving() as (server, url):
        hook = made(state, url, role, parties=bound)
        emitted(state, party)
        send_due(settings_for(tmp_path), state)
        assert (only_delivery(state, hook).state == "delivered") == heard == bool(server.got)


def test_an_owner_hears_of_the_own_firm_under_any_of_its_parties(tmp_path):
    folder = tiny(tmp_path / "tiny").folder
    with receiving() as (server, url):
        made(State(folder), url, "owner", parties=(firm("C"),))
        for party, heard in ((firm("D"), 0), ("0" * 16, 0), (OTHER_PARTY_OF_C, 1)):
            emitted(State(folder), party)
            send_due(settings_for(folder), State(folder))
            assert len(server.got) == heard


def test_a_key_that_ended_hears_nothing_more(state, tmp_path):
    with receiving() as (server, url):
        hook = made(state, url)
        emitted(state)
        access.revoke(state, "me", hook.key)
        send_due(settings_for(tmp_path), state)
        assert (server.got, only_delivery(state, hook).state) == ([], "dropped")


def test_a_job_that_ends_is_told(state, tmp_path):
    with receiving() as (server, url):
        made(state, url)
        id_ = jobs.queue_build(state, "me")
        jobs.end(state, jobs.take(state, "w"), "done")
        other = jobs.queue_build(state, "me")
        jobs.stop(state, other, "me")
        send_due(settings_for(tmp_path), state)
        assert [json.loads(body)["data"] for _, _, body in server.got] == [
            {"job": id_, "state": "done"}, {"job": other, "state": "stopped"},
        ]  # fmt: skip


def test_the_routes_make_list_tell_and_end_webhooks_of_the_own_key(tmp_path):
    folder = tiny(tmp_path / "tiny").folder
    one, other = key_for(folder, "credit"), key_for(folder, "owner", holder="b", parties=(firm("C"),))
    with serving_folder(folder) as client, receiving() as (server, url):
        body = {"url": url, "events": ["decision.made"]}
        answer = client.post("/v1/webhooks", json=body, headers=bearing(one))
        assert answer.status_code == 201, answer.text
        id_, secret = answer.json()["webhook"]["id"], answer.json()["secret"]
        assert secret == webhooks.secret_of(folder, id_)
        listed = client.get("/v1/webhooks", headers=bearing(one))
        assert listed.json()["total"] == 1
        assert secret not in listed.text
        emitted(State(folder))
        send_due(settings_for(folder), State(folder))
        told = client.get(f"/v1/webhooks/{id_}/deliveries", headers=bearing(one)).json()
        assert [(d["state"], d["status"]) for d in told["items"]] == [("delivered", 200)]
        assert client.get("/v1/webhooks", headers=bearing(other)).json()["items"] == []
        for path in ("deliveries", "end"):
            method = "GET" if path == "deliveries" else "POST"
            refused = client.request(method, f"/v1/webhooks/{id_}/{path}", headers=bearing(other))
            assert refused.status_code == 404
        assert client.post(f"/v1/webhooks/{id_}/end", headers=bearing(one)).json()["webhook"]["ended"]
        assert emitted(State(folder)) == 0
        body["url"] = "https://10.0.0.1/"
        assert (
            client.post("/v1/webhooks", json=body, headers=bearing(one)).json()["code"] == "webhook_address"
        )
        body = {"url": url, "events": ["everything"]}
        assert client.post("/v1/webhooks", json=body, headers=bearing(one)).status_code == 422
        assert len(server.got) == 1


def test_a_bound_key_may_not_aim_at_this_machine(tmp_path):
    folder = tiny(tmp_path / "tiny").folder
    free = key_for(folder, "credit", "an.officer")
    bound = key_for(folder, "owner", "shop.1", parties=(firm("A"),))
    body = {"url": "http://localhost:22/", "events": ["decision.made"]}
    with serving_folder(folder) as client:
        answers = [client.post("/v1/webhooks", json=body, headers=bearing(k)) for k in (free, bound)]
    assert [one.status_code for one in answers] == [201, 400]
    assert answers[1].json()["code"] == "webhook_address"
