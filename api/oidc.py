"""Sign-in at a provider (OpenID Connect Core 1.0, code flow): PKCE, state and nonce; the ID token checked.

What one sign-in needs is drawn from one random token that its browser keeps in a cookie: state, nonce and
PKCE verifier are its HMACs, so that the server keeps nothing and any process may answer. Whoever sees the
state or the nonce learns neither the token nor the verifier.

The provider's description and keys are fetched when first needed, with caps on size and time, and kept
for an hour. Needs the extra `oidc`.
"""

import hmac
import json
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from threading import BoundedSemaphore, Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from api import oidc_settings
from api.settings import Settings, is_safe
from ledger.errors import EndpointFailed, MissingExtra, NotKnown, TooMany

log = logging.getLogger("dayan.oidc")
#: Signatures that are taken, each with the kind of key that it needs. None that a shared secret makes.
SIGNATURES = {"RS256": "RSA", "ES256": "EC"}
#: Threads that may wait for the provider at once: the others answer everybody else meanwhile.
AT_ONCE = 8
#: Bytes of one answer; seconds for it, and for each wait within.
LARGEST, SECONDS, WAIT_S = 256 * 1024, 10.0, 5.0
#: Seconds that description and keys are kept; before keys are fetched again for one that is not among
#: them; and that a failure is told again without asking.
KEPT_S, AGAIN_S, FAILED_S = 3600.0, 60.0, 3.0
#: Seconds that our clock and theirs may differ.
LEEWAY_S = 60
WAYS = "token_endpoint_auth_methods_supported"
NEEDED = ["iss", "aud", "exp", "iat", "sub", "nonce"]


@dataclass(frozen=True)
class Flow:
    """One sign-in under way. `token` is known to its browser alone."""

    token: str

    @classmethod
    def new(cls) -> "Flow":
        """A sign-in that begins."""
        return cls(token_urlsafe(32))

    @property
    def state(self) -> str:
        """Binds the answer to the browser that asked."""
        return self._drawn("state")

    @property
    def nonce(self) -> str:
        """Binds the ID token to this sign-in."""
        return self._drawn("nonce")

    @property
    def verifier(self) -> str:
        """Shown when the code is redeemed (RFC 7636): a stolen code is of no use without."""
        return self._drawn("verifier")

    def _drawn(self, name: str) -> str:
        return _text(hmac.digest(self.token.encode(), name.encode(), "sha256"))


class Provider:
    """The provider that the settings name. Thread-safe; asks nothing until somebody signs in."""

    def __init__(self, settings: Settings) -> None:
        try:
            import cryptography  # noqa: F401 - what jwt checks signatures with
            import jwt
        except ImportError as error:
            raise MissingExtra("oidc_extra_missing", extra="oidc", package=str(error.name)) from None
        self.settings = settings
        self._jwt = jwt
        self._checker = jwt.PyJWT({"enforce_minimum_key_length": True})
        self._asking = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._told: dict[str, Any] = {}
        self._keys: list[Any] = []
        self._told_at = self._keys_at = self._failed_at = -KEPT_S

    def address(self, flow: Flow, back: str) -> str:
        """Where the browser signs in; it comes back to `back`. Raises EndpointFailed, TooMany."""
        with self._turn():
            endpoint = self._description()["authorization_endpoint"]
        asked = {
            "response_type": "code",
            "client_id": self.settings.oidc_client,
            "redirect_uri": back,
            "scope": " ".join(self.settings.oidc_scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": _text(sha256(flow.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def redeem(self, code: str, flow: Flow, back: str) -> dict[str, Any]:
        """The claims of the ID token that `code` stands for. Raises NotKnown, EndpointFailed, TooMany."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        form["code_verifier"] = flow.verifier
        with self._turn():
            token = self._asked(form).get("id_token")
            if not isinstance(token, str):
                raise EndpointFailed("oidc_unusable")
            return self._claims(token, flow.nonce)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._asking.acquire(timeout=1):
            raise TooMany("too_many_requests", seconds=1)
        try:
            yield
        finally:
            self._asking.release()

    def _asked(self, form: dict[str, str]) -> dict[str, Any]:
        """What the provider gives for a code, our name and our secret."""
        told = self._description()
        ways, client, secret = told.get(WAYS), self.settings.oidc_client, self._secret()
        if isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways:
            shown = {"client_id": client, "client_secret": secret}
            return self._fetched("POST", told["token_endpoint"], data=form | shown)
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        encoded = (urlencode({"": text})[1:] for text in (client, secret))
        return self._fetched("POST", told["token_endpoint"], data=form, auth=httpx.BasicAuth(*encoded))

    def _secret(self) -> str:
        return oidc_settings.secret_of(
            self.settings.oidc_secret.get_secret_value(), self.settings.oidc_secret_file
        )

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that holds (Core 1.0, 3.1.3.7). Raises NotKnown, EndpointFailed."""
        client = self.settings.oidc_client
        try:
            header = self._jwt.get_unverified_header(token)
            key = self._key(header.get("kid"), SIGNATURES[header["alg"]])
            claims: dict[str, Any] = self._checker.decode(
                token,
                key,
                [header["alg"]],
                options={"require": NEEDED},
                audience=client,
                issuer=self.settings.oidc_issuer,
                leeway=LEEWAY_S,
            )
        except (self._jwt.PyJWTError, KeyError, TypeError) as error:
            log.warning("an ID token does not hold: %s", type(error).__name__)
            raise NotKnown("oidc_token") from None
        audience = claims["aud"]
        ours = claims.get("azp", client) == client
        alone = isinstance(audience, str) or len(audience) == 1 or "azp" in claims
        if not (ours and alone and hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode())):
            log.warning("an ID token does not hold: nonce or authorised party")
            raise NotKnown("oidc_token")
        return claims

    def _key(self, kid: object, kind: str) -> Any:
        """The provider's key of that name; the only one of its kind where the token names none."""
        for again in (False, True):
            fitting = [
                key
                for key in self._provider_keys(again)
                if key.key_type == kind and (kid is None or key.key_id == kid)
            ]
            if len(fitting) == 1:
                return fitting[0].key
        raise NotKnown("oidc_token")

    def _provider_keys(self, again: bool) -> list[Any]:
        """The keys that the provider signs with; fetched again where one is missing, not too often."""
        address = self._description()["jwks_uri"]
        with self._lock:
            if time.monotonic() - self._keys_at < (AGAIN_S if again else KEPT_S):
                return self._keys
            listed = self._or_failed(lambda: self._fetched("GET", address)).get("keys")
            if not isinstance(listed, list):
                raise EndpointFailed("oidc_unusable")
            self._keys = [key for told in listed if (key := self._made(told)) is not None]
            self._keys_at = time.monotonic()
            return self._keys

    def _made(self, told: Any) -> Any:
        """A public key of the list that signs, None for any other."""
        try:
            alg = next(alg for alg, kind in SIGNATURES.items() if kind == told["kty"])
            if (
                told.get("use", "sig") != "sig"
                or told.get("alg", alg) != alg
                or told.get("crv", "P-256") != "P-256"
            ):
                return None
            return self._jwt.PyJWK({name: told[name] for name in told if name != "d"}, alg)
        except (self._jwt.PyJWTError, AttributeError, KeyError, StopIteration, TypeError, ValueError):
            return None

    def _description(self) -> dict[str, Any]:
        """What the provider says of itself (Discovery 1.0). Raises EndpointFailed."""
        with self._lock:
            if time.monotonic() - self._told_at < KEPT_S:
                return self._told
            issuer = self.settings.oidc_issuer
            address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            told = self._or_failed(lambda: self._fetched("GET", address))
            named = [told.get(n) for n in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            if told.get("issuer") != issuer or not all(_fits(issuer, endpoint) for endpoint in named):
                log.warning("the provider's description does not fit its issuer")
                raise EndpointFailed("oidc_unusable")
            self._told, self._told_at = told, time.monotonic()
            return told

    def _or_failed(self, fetch: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """`fetch()`; a failure is told again for a moment without asking. Raises EndpointFailed."""
        if time.monotonic() - self._failed_at < FAILED_S:
            raise EndpointFailed("oidc_no_answer")
        try:
            return fetch()
        except EndpointFailed:
            self._failed_at = time.monotonic()
            raise

    def _fetched(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """A JSON object. Redirects are not followed. Raises EndpointFailed; NotKnown where the provider
        refuses the code."""
        ends = time.monotonic() + SECONDS
        body = bytearray()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        context = httpx.create_ssl_context()  # with SSL_CERT_FILE: providers in a house have a CA of its own
        try:
            with (
                httpx.Client(verify=context, trust_env=False, timeout=WAIT_S) as client,
                client.stream(method, address, headers=headers, **more) as answer,
            ):
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > LARGEST or time.monotonic() > ends:
                        raise EndpointFailed("oidc_unusable")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("the provider does not answer: %s", type(error).__name__)
            raise EndpointFailed("oidc_no_answer") from None
        try:
            told = json.loads(bytes(body))
        except (ValueError, RecursionError):
            told = None
        if method == "POST" and status in (400, 401) and isinstance(told, dict):
            raise NotKnown("oidc_refused", error=error_code(told.get("error")))
        if status != 200 or not isinstance(told, dict):
            raise EndpointFailed("oidc_unusable")
        return told


def error_code(told: object) -> str:
    """A provider's own code of a failure, where it looks like one."""
    text = str(told)[:60]
    return text if text.replace("_", "").isascii() and text.replace("_", "").isalnum() else "-"


def _fits(issuer: str, endpoint: object) -> bool:
    """Whether an endpoint that the provider names is as safe as the provider itself."""
    if not isinstance(endpoint, str) or not is_safe(endpoint):
        return False
    return urlsplit(issuer).scheme == "http" or urlsplit(endpoint).scheme == "https"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
