"""The settings: one table of names, defaults and sentences; the only place that reads the environment.

Every setting is an environment variable `DAYAN_<NAME>`; the command line may override some. The
sentences stand in `ledger/words_api.yaml` under `setting_<name>`, so that both READMEs print the same
table in their own language. Unsafe values refuse to start.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api import oidc_settings
from extraction.prose.endpoint import is_usable_address
from ledger.errors import InputError, Problem
from ledger.words import message

PREFIX = "DAYAN_"
STORE_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
#: Settings whose values never appear in an error, a log or a page.
SECRET = ("store", "store_password", "llm_url", "llm_key", "oidc_secret")


def _setting(name: str, default: Any, **limits: Any) -> Any:
    return Field(default, description=message(f"setting_{name}", "en"), **limits)


class Settings(BaseSettings):
    """Every setting of the product. Make one with `load_settings`, which tells errors to people."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    data: Path = _setting("data", Path("dayan-data"))
    store: str = _setting("store", "", repr=False)
    store_user: str = _setting("store_user", "neo4j")
    store_password: SecretStr = _setting("store_password", SecretStr(""))
    lang: Literal["zh", "en"] = _setting("lang", "en")
    tls: Literal["", "proxy"] = _setting("tls", "")
    host: str = _setting("host", "127.0.0.1")
    port: int = _setting("port", 8000, ge=1, le=65535)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = _setting("allowed_hosts", ())
    local_user: Literal["until_keys", "always"] = _setting("local_user", "until_keys")
    rate: float = _setting("rate", 50.0, ge=0, le=100_000)
    session_idle_minutes: int = _setting("session_idle_minutes", 30, ge=1, le=1_440)
    session_hours: int = _setting("session_hours", 12, ge=1, le=168)
    oidc_issuer: str = _setting("oidc_issuer", "")
    oidc_client: str = _setting("oidc_client", "")
    oidc_secret: SecretStr = _setting("oidc_secret", SecretStr(""))
    oidc_secret_file: Path | None = _setting("oidc_secret_file", None)
    oidc_scopes: Annotated[tuple[str, ...], NoDecode] = _setting("oidc_scopes", ("openid", "profile"))
    oidc_name_claim: str = _setting("oidc_name_claim", "preferred_username", min_length=1)
    oidc_role_claim: str = _setting("oidc_role_claim", "roles", min_length=1)
    oidc_roles: Annotated[tuple[tuple[str, str], ...], NoDecode] = _setting("oidc_roles", ())
    oidc_parties_claim: str = _setting("oidc_parties_claim", "")
    log_format: Literal["text", "json"] = _setting("log_format", "text")
    telemetry_url: str = _setting("telemetry_url", "")
    max_file_bytes: int = _setting("max_file_bytes", 512 * 2**20, ge=1024, le=2**40)
    max_unpacked_bytes: int = _setting("max_unpacked_bytes", 4 * 2**30, ge=1024, le=2**42)
    max_upload_bytes: int = _setting("max_upload_bytes", 2 * 2**30, ge=1024, le=2**42)
    processes: int = _setting("processes", 0, ge=0, le=512)
    chains: Path | None = _setting("chains", None)
    layouts: Path | None = _setting("layouts", None)
    shelf: Path | None = _setting("shelf", None)
    llm_url: str = _setting("llm_url", "", repr=False)
    llm_model: str = _setting("llm_model", "")
    llm_key: SecretStr = _setting("llm_key", SecretStr(""))

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name.strip().lower() for name in value.split(",") if name.strip())

    @field_validator("allowed_hosts")
    @classmethod
    def _no_wildcard(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("tls") == "proxy":
            raise PydanticCustomError("setting_hosts_needed", "no host name")
        for name in value:
            if "*" in name or not all(c.isalnum() or c in "-._" for c in name):
                raise PydanticCustomError("setting_host_name", "not a host name")
        return value

    @field_validator("host")
    @classmethod
    def _reachable_safely(cls, value: str, info: ValidationInfo) -> str:
        """Any address but loopback only behind a proxy that ends TLS: keys never travel in the clear."""
        if not is_loopback(value) and (info.data.get("tls") != "proxy" or not _is_address(value)):
            raise PydanticCustomError("setting_host_not_loopback", "not a loopback address")
        return value

    @field_validator("local_user")
    @classmethod
    def _local_only(cls, value: str, info: ValidationInfo) -> str:
        """Behind a proxy everybody comes from this machine."""
        away = info.data.get("tls") == "proxy" or not is_loopback(info.data.get("host", "127.0.0.1"))
        if value == "always" and away:
            raise PydanticCustomError("setting_local_user_away", "the local user is for loopback alone")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _provider(cls, value: str) -> str:
        return oidc_settings.issuer(value, safe=is_safe(value))

    @field_validator("oidc_client")
    @classmethod
    def _needed_with_a_provider(cls, value: str, info: ValidationInfo) -> str:
        return oidc_settings.needed(value, info.data)

    @field_validator("oidc_secret_file")
    @classmethod
    def _one_secret(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        return oidc_settings.secret_file(value, info.data)

    @field_validator("oidc_scopes", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return oidc_settings.split(value)

    @field_validator("oidc_scopes")
    @classmethod
    def _with_openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return oidc_settings.checked_scopes(value)

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        return oidc_settings.role_map(value)

    @field_validator("oidc_roles")
    @classmethod
    def _known_roles(
        cls, value: tuple[tuple[str, str], ...], info: ValidationInfo
    ) -> tuple[tuple[str, str], ...]:
        return oidc_settings.checked_roles(value, info.data)

    @field_validator("telemetry_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
            raise PydanticCustomError("setting_web_address", "not an address of the web")
        return value

    @field_validator("store")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            usable = parts.scheme in STORE_SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            raise PydanticCustomError("setting_store_uri", "not the address of a Neo4j")
        return value

    @field_validator("llm_url")
    @classmethod
    def _usable_address(cls, value: str) -> str:
        if value and not is_usable_address(value):
            raise PydanticCustomError("setting_llm_address", "not an address text may be sent to")
        return value

    @field_validator("shelf")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.exists():
            raise PydanticCustomError("setting_no_shelf", "no such file or folder")
        return value

    @field_validator("chains", "layouts")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise PydanticCustomError("setting_no_folder", "no such folder")
        return value


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def is_safe(address: str) -> bool:
    """Whether secrets may travel to `address`: https, or no further than this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def load_settings(**overrides: Any) -> Settings:
    """The settings from the environment, with `overrides` on top; None is no override.

    Raises InputError naming every value that cannot be used; secret values are not repeated.
    """
    try:
        return Settings(**_given(overrides))
    except ValidationError as error:
        problems = tuple(_problem(entry) for entry in error.errors(include_url=False))
        details = "; ".join(f"{p.field}: {p.text('en')}" for p in problems)
        raise InputError("setting_invalid", problems, detail=details) from None


def settings_table(lang: str = "en") -> list[tuple[str, str, str]]:
    """The table the READMEs print: (name, default, sentence), in the order of the class."""
    return [
        (PREFIX + name.upper(), _shown(field.default), message(f"setting_{name}", lang))
        for name, field in Settings.model_fields.items()
    ]


def settings_markdown(lang: str = "en") -> str:
    """`settings_table` as a Markdown table. The READMEs hold exactly this text; a test compares."""
    heads = ("名称", "默认值", "说明") if lang == "zh" else ("Name", "Default", "Meaning")
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {text} |"
        for name, default, text in settings_table(lang)
    ]
    return "\n".join([f"| {' | '.join(heads)} |", "|---|---|---|", *rows]) + "\n"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _shown(default: Any) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, Path):
        return f"./{default.as_posix()}"
    return ",".join(default) if isinstance(default, tuple) else str("" if default is None else default)


def _problem(entry: Any) -> Problem:
    name = str(entry["loc"][0])
    value = "…" if name in SECRET else str(entry.get("input", ""))
    code = entry["type"] if str(entry["type"]).startswith("setting_") else "setting_value"
    return Problem(code, field=PREFIX + name.upper(), value=value, params={"detail": entry["msg"]})
