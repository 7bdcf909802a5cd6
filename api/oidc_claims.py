"""Claims of an ID token → whom the provider vouches for: name, role, firms, as the settings say."""

import re
from collections.abc import Mapping
from typing import Any

from api.roles import roles
from api.settings import Settings
from extraction.credit_codes import is_credit_code
from ledger.access import MOST_PARTIES
from ledger.errors import Forbidden
from ledger.ids import party_id
from ledger.sessions import Person

_PARTY = re.compile("[0-9a-f]{16}")


def person_of(claims: Mapping[str, Any], settings: Settings) -> Person:
    """Whom `claims` are of. Raises Forbidden where they say no name, no role of ours, or no firm that the
    role needs: what cannot be read never widens what a person may see."""
    name = told(claims, settings.oidc_name_claim)
    if not isinstance(name, str) or not name:
        raise Forbidden("oidc_claim", claim=settings.oidc_name_claim)
    held = set(texts(told(claims, settings.oidc_role_claim)))
    role = next((role for said, role in settings.oidc_roles if said in held), None)
    if role is None:
        raise Forbidden("oidc_no_role")
    parties = _parties(claims, settings.oidc_parties_claim)
    if parties is None and roles()[role].bound:
        raise Forbidden("oidc_claim", claim=settings.oidc_parties_claim or "DAYAN_OIDC_PARTIES_CLAIM")
    return Person(str(claims["iss"]), str(claims["sub"]), name, role, parties)


def told(claims: Mapping[str, Any], name: str) -> Any:
    """The claim `name`; `a.b` is also b inside a. None where there is none."""
    if name in claims:
        return claims[name]
    inner: Any = claims
    for part in name.split("."):
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    return inner


def texts(value: object) -> list[str]:
    """A claim that holds one text or a list of them."""
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str) and text]


def _parties(claims: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """The parties that the claim binds to, None where it is not there. Raises Forbidden where any of it
    cannot be read."""
    value = told(claims, name) if name else None
    if value is None:
        return None
    said = texts(value)
    whole = len(said) == (len(value) if isinstance(value, list) else 1)
    parties = [_party(text) for text in said]
    if not whole or not 1 <= len(said) <= MOST_PARTIES or None in parties:
        raise Forbidden("oidc_claim", claim=name)
    return tuple(dict.fromkeys(party for party in parties if party is not None))


def _party(text: str) -> str | None:
    """The id of a party that is named by its id or its unified social credit code."""
    code = text.strip().upper()
    if is_credit_code(code):
        return party_id("uscc", "", code)
    return text if _PARTY.fullmatch(text) else None
