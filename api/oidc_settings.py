"""What the settings of a sign-in provider (OIDC) must be: checked before anything starts."""

from pathlib import Path
from stat import S_IROTH
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from api.roles import roles

#: A secret longer than this is another file.
LONGEST_SECRET = 4_096


def issuer(value: str, *, safe: bool) -> str:
    """An address of the web that codes may travel to. Raises PydanticCustomError, as all here do."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        sound = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or parts.username is not None:
        raise PydanticCustomError("setting_oidc_issuer_address", "not an address of a provider")
    if not safe:
        raise PydanticCustomError("setting_oidc_issuer_in_clear", "https is needed")
    return value


def split(value: object) -> object:
    """A text of words with commas or spaces between, as a tuple."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def role_map(value: object) -> object:
    """`value=role;value=role` as pairs. What a provider calls a group may hold `,` and `=`."""
    if not isinstance(value, str):
        return value
    pairs = [entry.rpartition("=") for entry in value.split(";") if entry.strip()]
    return tuple((told.strip(), role.strip()) for told, _, role in pairs)


def checked_roles(value: tuple[tuple[str, str], ...], told: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Known roles, and some where there is a provider: nobody is let in otherwise."""
    if told.get("oidc_issuer") and not value:
        raise PydanticCustomError("setting_oidc_roles_missing", "no roles")
    if any(not said or role not in roles() for said, role in value):
        raise PydanticCustomError("setting_oidc_roles_unknown", "no such role")
    return value


def checked_scopes(value: tuple[str, ...]) -> tuple[str, ...]:
    """`openid` among them: without it there is no ID token."""
    if "openid" not in value:
        raise PydanticCustomError("setting_oidc_scopes_openid", "openid is missing")
    return value


def needed(value: str, told: dict[str, Any]) -> str:
    """A value without which a provider cannot be asked."""
    if told.get("oidc_issuer") and not value:
        raise PydanticCustomError("setting_oidc_needed", "needed with an issuer")
    return value


def secret_file(value: Path | None, told: dict[str, Any]) -> Path | None:
    """Exactly one secret where there is a provider; in a file that no other user can read."""
    if not told.get("oidc_issuer") and value is None:
        return value
    secret = told.get("oidc_secret")
    given = bool(secret and secret.get_secret_value())
    if given == (value is not None):
        raise PydanticCustomError("setting_oidc_secret_one", "one secret is needed")
    if value is not None:
        _read(value)
    return value


def secret_of(secret: str, file: Path | None) -> str:
    """The secret, wherever it stands."""
    return _read(file) if file is not None else secret


def _read(file: Path) -> str:
    try:
        open_to_all = file.stat().st_mode & S_IROTH
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        text, open_to_all = "", 0
    if open_to_all or not text or len(text) > LONGEST_SECRET or "\n" in text:
        raise PydanticCustomError("setting_oidc_secret_unread", "no secret of ours alone")
    return text
