"""A tiny sign-in provider on loopback, over real HTTP: description, keys, and tokens made to order."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "dayan", "hush + hush"


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def own_key() -> rsa.RSAPrivateKey:
    """The key that the provider begins with: made once, for it takes a while."""
    return rsa_key()


def jwk(key: Any, kid: str, **more: str) -> dict[str, Any]:
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **more}


@dataclass
class Fake:
    """What the provider says; tests change any of it. `claims` are those of the next token."""

    address: str = ""
    key: Any = None
    kid: str = "one"
    alg: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """As it was made: one key, a whole description, nothing asked yet."""
        self.key, self.kid, self.alg = own_key(), "one", "RS256"
        self.keys = [jwk(self.key, "one", use="sig")]
        self.told = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        for kept in (self.answers, self.asked, self.codes, self.forms, self.shown):
            kept.clear()

    def consent(self, location: str, **claims: Any) -> str:
        """What the provider's page does: check the question, and send the browser back with a code."""
        split = urlsplit(location)
        asked = dict(parse_qsl(split.query))
        assert f"{split.scheme}://{split.netloc}{split.path}" == f"{self.address}/authorize"
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert (asked["code_challenge_method"], "openid" in asked["scope"]) == ("S256", True)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        now = int(time.time())
        self.claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "7",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "wang.fang",
            "roles": ["credit-dept"],
            **claims,
        }
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self) -> str:
        claims = {name: value for name, value in self.claims.items() if value is not None}
        header = {"kid": self.kid} if self.kid else {}
        return jwt.encode(claims, self.key, self.alg, headers=header)

    def answer(self, path: str, body: bytes, shown: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self.told).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        if path == "/token":
            return self.redeemed({k: v[0] for k, v in parse_qs(body.decode()).items()}, shown)
        return 404, b"{}"

    def redeemed(self, form: dict[str, str], shown: str) -> tuple[int, bytes]:
        """One code once, to who knows the verifier behind its challenge."""
        self.forms.append(form)
        self.shown.append(shown)
        asked = self.codes.pop(form["code"], None)
        digest = sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = asked is not None and asked["code_challenge"] == challenge
        if not fits or asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, b'{"error": "invalid_grant"}'
        return 200, json.dumps(
            {"id_token": self.token(), "access_token": "x", "token_type": "Bearer"}
        ).encode()


@contextmanager
def providing() -> Iterator[Fake]:
    """A provider with one RSA key, until the block ends."""
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            path = urlsplit(self.path).path
            status, body = fake.answer(path, self.rfile.read(length), self.headers.get("authorization", ""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{fake.address}/keys")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.address = f"http://127.0.0.1:{server.server_port}"
    fake.reset()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def ec_key(curve: Any = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())
