"""What is seen of the running server: log lines, spans for a collector; and what is hidden in answers."""

import json
import logging
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np
import pytest

from api.app import create_app
from api.hiding import HIDDEN, hide_others
from api.logs import JsonLines, Lines, clean, configure
from api.rows import partners
from graph.snapshot import open_snapshot
from tests.access_keys import bearing, key_for
from tests.api_server import serving, serving_folder, settings_for
from tests.tiny_graph import FIRMS, firm, tiny

KEY = "dy_0123456789ab_" + "A" * 43


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("observed") / "tiny").folder


def record(message, *args, told=None, error=None):
    made = logging.LogRecord("dayan.api", logging.WARNING, "", 0, message, args, error)
    if told:
        made.told = told
    return made


def test_a_json_line_says_what_happened_and_holds_no_key_and_no_number_of_a_person():
    try:
        raise ValueError(f"call 13812345678 with {KEY}")
    except ValueError:
        failure = sys.exc_info()
    line = JsonLines().format(record("seen %s", KEY, told={"route": "/v1/x", "status": 200}, error=failure))
    told = json.loads(line)
    assert (told["level"], told["logger"], told["route"], told["status"]) == (
        "warning",
        "dayan.api",
        "/v1/x",
        200,
    )
    assert "ValueError" in told["traceback"]
    for secret in (KEY, "A" * 20, "13812345678"):
        assert secret not in line
        assert secret not in Lines("%(message)s").format(record("seen %s 13812345678", KEY))
    assert clean("nothing to hide") == "nothing to hide"


def test_the_log_of_requests_is_lines_of_json_where_a_setting_says_so(folder, capsys):
    log = logging.getLogger("dayan")
    before = log.handlers, log.propagate, log.level
    try:
        configure("json")
        with serving_folder(folder) as client:
            client.get(f"/v1/enterprises/{firm('A')}")
            client.get("/health")
    finally:
        (log.handlers, log.propagate), _ = before[:2], log.setLevel(before[2])
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    (one,) = [line for line in lines if line.get("route") == "/v1/enterprises/{enterprise}"]
    assert (one["method"], one["status"], one["key"]) == ("GET", 200, None)
    assert firm("A") not in json.dumps(lines)


class Collector(BaseHTTPRequestHandler):
    """Keeps what comes."""

    def do_POST(self):
        self.server.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Nothing."""


def test_spans_go_to_the_collector_and_name_no_firm(folder):
    pytest.importorskip("opentelemetry.sdk")
    collector = HTTPServer(("127.0.0.1", 0), Collector)
    collector.got = []
    thread = Thread(target=collector.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{collector.server_port}/v1/traces"
    try:
        with serving(create_app(settings_for(folder, telemetry_url=url))) as client:
            parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            client.get(f"/v1/enterprises/{firm('A')}", headers={"traceparent": parent})
    finally:
        collector.shutdown()
        thread.join()
        collector.server_close()
    sent = b"".join(body for path, body in collector.got if path == "/v1/traces")
    assert b"GET /v1/enterprises/{enterprise}" in sent
    assert bytes.fromhex("0af7651916cd43dd8448eb211c80319c") in sent
    assert firm("A").encode() not in sent


def test_firms_outside_lose_id_and_name_wherever_they_stand(folder):
    snapshot = open_snapshot(folder)
    mask = np.zeros(snapshot.enterprises.height, bool)
    mask[snapshot.index_of(firm("C"))] = True
    met = partners(snapshot, mask)
    assert {snapshot.id_of(int(i)) for i in np.flatnonzero(met)} == {firm(x) for x in "ABCEK"}
    name = {letter: FIRMS[letter][0] for letter in FIRMS}
    body = {
        "enterprise": {"id": firm("C"), "name": name["C"]},
        "path": [{"from": {"id": firm("E"), "name": name["E"]}, "to": {"id": firm("G"), "name": name["G"]}}],
        "text": f"{name['E']}卖给{name['G']}",
        "evidence": f"/v1/enterprises/{firm('E')}/evidence?partner={firm('G')}",
        "amount_fen": 5,
    }
    shown = json.loads(hide_others(json.dumps(body).encode(), snapshot, met, "en"))
    assert shown["enterprise"] == body["enterprise"]
    assert shown["path"][0]["from"] == body["path"][0]["from"]
    assert shown["path"][0]["to"] == {"id": HIDDEN, "name": "another firm"}
    assert shown["text"] == f"{name['E']}卖给another firm"
    assert firm("G") not in json.dumps(shown)
    assert shown["amount_fen"] == 5


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length: 0\r\nX: a\rAuthorization: Bearer x\r\n\r\n",
    ],
)
def test_a_request_hidden_in_another_gets_no_key(folder, tmp_path, framing):
    own = tiny(tmp_path / "own").folder
    key = key_for(own)
    with serving_folder(own) as client:
        url = client.base_url
        head = f"POST /v1/match HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nAuthorization: Bearer {key}\r\n"
        hidden = f"GET /v1/chains HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nConnection: close\r\n\r\n"
        with socket.create_connection((url.host, url.port), timeout=5) as raw:
            raw.sendall((head + framing + hidden).encode())
            answers = b""
            while chunk := raw.recv(65_536):
                answers += chunk
    assert b"toy-car" not in answers
    assert b"HTTP/1.1 200" not in answers
    assert bearing(key)
