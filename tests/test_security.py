"""Security of the HTTP surface: hosts, origins, sizes, headers, scopes, and what never gets out."""

import logging

import pytest
from fastapi import Body
from starlette.datastructures import Headers

from api.app import create_app
from api.description import scopes
from api.principal import SCOPES, Principal, Scope, current_principal, requires
from api.security import HEADERS, check_host, check_origin
from ledger.errors import Forbidden
from tests.api_server import address, serving, serving_folder, settings_for
from tests.tiny_graph import tiny


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with serving_folder(tiny(tmp_path_factory.mktemp("tiny")).folder) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]", "[::1]:8000"]
)
def test_our_own_names_are_answered(client, host):
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8000",
        "",
        "[::2]",
        "127.0.0.2",
        "0.0.0.0",
    ],
)
@pytest.mark.parametrize("path", ["/health", "/v1/chains", "/", "/docs"])
def test_a_rebound_name_is_refused_everywhere(client, host, path):
    answer = client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "host_not_allowed")


def test_two_hosts_are_refused():
    with pytest.raises(Forbidden):
        check_host(Headers(raw=[(b"host", b"localhost"), (b"host", b"localhost")]), frozenset({"localhost"}))


def test_a_configured_name_is_answered(tmp_path):
    app = create_app(settings_for(tmp_path, allowed_hosts="Dayan.Local"))
    with serving(app) as client:
        assert client.get("/health", headers={"Host": "dayan.local:80"}).status_code == 200
        assert client.get("/health", headers={"Host": "other.local"}).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_from_another_site_is_refused_before_anything_else(client, method):
    own = str(client.base_url).rstrip("/")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": own.replace("127.0.0.1", "localhost")},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": own},
    ):
        answer = client.request(method, "/v1/chains", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    for headers in ({}, {"Origin": own}, {"Origin": own, "Sec-Fetch-Site": "same-origin"}):
        answer = client.request(method, "/v1/chains", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_reading_from_another_site_is_the_browsers_to_stop(client):
    answer = client.get("/v1/chains", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    check_origin("GET", Headers({"host": "localhost", "origin": "https://evil.example"}))


@pytest.mark.parametrize(
    "path", ["/health", "/v1/chains", "/v1/none", "/docs", "/docs/reference.js", "/v1/openapi.json"]
)
def test_every_answer_bears_the_headers(client, path):
    headers = client.get(path).headers
    for name, value in HEADERS.items():
        assert headers[name] == value
    assert "server" not in headers or "uvicorn" in headers["server"]


def test_the_policy_lets_nothing_in_from_outside(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_answers_of_the_api_are_not_stored_and_vary_by_language(client):
    answer = client.get("/v1/chains")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept-Language"


def test_the_reference_loads_nothing_from_outside(client):
    for path in ("/docs", "/docs/reference.js", "/docs/reference.css"):
        text = client.get(path).text
        assert "http://" not in text.replace("http://127.0.0.1", "")
        assert "https://" not in text
        assert "<style" not in text
        assert "onclick" not in text


@pytest.fixture
def writing(tmp_path):
    """An application with one route that takes a body and one that fails."""
    app = create_app(settings_for(tmp_path))

    @app.post("/write", dependencies=[requires("graph:read")])
    def write(body: bytes = Body()) -> int:
        return len(body)

    @app.get("/fail", dependencies=[requires("graph:read")])
    def fail() -> None:
        raise RuntimeError("hush: the password is swordfish")

    with serving(app) as client:
        yield client


def test_a_large_body_is_refused_declared_or_streamed(writing):
    def streamed():
        for _ in range(40):
            yield b"x" * 65_536

    for content in (b"x" * (2**20 + 1), streamed()):
        answer = writing.post("/write", content=content, headers={"Content-Type": "application/octet-stream"})
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_a_defect_is_logged_and_not_told(writing, caplog):
    with caplog.at_level(logging.ERROR, logger="dayan.api"):
        answer = writing.get("/fail", headers={"Accept-Language": "zh"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["code"] == "internal"
    assert "X-Frame-Options" in answer.headers
    assert any("swordfish" in str(record.exc_info) for record in caplog.records)


def test_the_access_log_names_the_route_and_no_secret(writing, caplog):
    with caplog.at_level(logging.INFO, logger="dayan.access"):
        writing.get("/v1/enterprises?q=某某有限公司", headers={"Authorization": "Bearer hush"})
        writing.get("/v1/enterprises/0123456789abcdef")
        writing.get("/health")  # a line is written after its answer has gone out, before the next is begun
    lines = [record.getMessage() for record in caplog.records if record.name == "dayan.access"]
    assert any("/v1/enterprises/{enterprise} 404" in line for line in lines)
    assert not any("某某" in line or "hush" in line or "0123456789abcdef" in line for line in lines)


def test_every_route_declares_a_scope(tmp_path):
    declared = scopes(create_app(settings_for(tmp_path)))
    assert len(declared) >= 15
    assert [
        route for route in declared if route[2] not in SCOPES and not route[0].startswith("/{path}")
    ] == []
    by_path = {path: scope for path, _, scope in declared}
    assert by_path["/v1/chains/{chain}/map"] == "graph:read"
    assert by_path["/v1/documents/{sha256}/original"] == "documents:read"


def test_who_lacks_the_scope_is_refused(tmp_path):
    app = create_app(settings_for(tiny(tmp_path).folder))
    app.dependency_overrides[current_principal] = lambda: Principal("guest", frozenset({"public"}))
    with serving(app) as client:
        assert client.get("/health").status_code == 200
        for path in ("/v1/chains", "/v1/enterprises?q=a", f"/v1/documents/{'0' * 64}"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_an_unknown_scope_cannot_be_declared():
    with pytest.raises(KeyError):
        requires("graph:everything")
    assert Scope("public").name == "public"


@pytest.mark.parametrize(
    "path", ["/..%2f..%2fpyproject.toml", "/assets/..%2f..%2fapp.py", "/%2e%2e/settings.py"]
)
def test_no_path_leaves_the_pages(client, path):
    answer = client.get(path)
    assert "def " not in answer.text
    assert "[project]" not in answer.text


def test_the_address_helper_is_loopback(client):
    assert "127.0.0.1" in str(client.base_url)
    assert address.__doc__
