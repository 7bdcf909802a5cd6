"""Roles as data: which scopes the keys of a role hold (`roles.yaml`), and which must be bound to firms."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from ledger.access import Key, NewKey
from ledger.errors import InputError


@dataclass(frozen=True)
class Role:
    """One role: the scopes of its keys; `bound` where its holders sit outside the bank, and each key must be
    bound to firms by name: who is in a portfolio changes without them."""

    name: str
    scopes: frozenset[str]
    bound: bool = False


@cache
def roles() -> dict[str, Role]:
    """Every role by its name."""
    told = yaml.safe_load((Path(__file__).parent / "roles.yaml").read_text("utf-8"))["roles"]
    return {
        name: Role(name, frozenset(role["scopes"]), bool(role.get("bound"))) for name, role in told.items()
    }


def check(wanted: NewKey) -> None:
    """Whether such a key may be: a known role, no scope beyond it, bound where its role asks for it.

    Raises InputError.
    """
    role = roles().get(wanted.role)
    if role is None:
        raise InputError("key_role", role=wanted.role[:40], known=", ".join(roles()))
    beyond = sorted(set(wanted.scopes or ()) - role.scopes)
    if beyond:
        raise InputError("key_scope_beyond", role=role.name, scopes=", ".join(beyond)[:200])
    if role.bound and wanted.parties is None:
        raise InputError("key_unbound", role=role.name)


def scopes_of(key: Key) -> frozenset[str]:
    """What `key` may do today: its own scopes, never beyond its role's; nothing where the role is gone."""
    role = roles().get(key.role)
    held = role.scopes if role else frozenset()
    if role and role.bound and key.parties is None and key.portfolio is None:  # a hand in the store
        held = frozenset()
    return (held if key.scopes is None else held & frozenset(key.scopes)) | {"public"}
