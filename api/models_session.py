"""Who asks, and signing in and out, as models."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, SecretStr

from api.models import Answer, Model, Named

Method = Literal["key", "oidc"]


class SignIn(Model):
    """What one signs in with."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"key": "dy_0123456789ab_the-secret-of-the-key"}]}
    )

    key: SecretStr = Field(description="A whole key: `dy_<id>_<secret>`")


class BoundTo(Model):
    """A firm that the caller is bound to."""

    id: str
    name: str | None = Field(description="Null where nobody has seen the firm in a paper yet")


class SignInWay(Model):
    """One way to sign in."""

    method: Method = Field(description="`key`: POST /v1/session; `oidc`: open GET /v1/session/oidc")
    text: str


class SessionAnswer(Answer):
    """Who asks. Nobody is an answer too: the page decides what to show them."""

    signed_in: bool = Field(description="Whether anybody is known; false for nobody")
    local_user: bool = Field(description="The user of this machine, who needs no key")
    session: bool = Field(description="Known by a browser's session, which DELETE ends")
    signed_out: str | None = Field(description="Code of why the session that the browser showed is over")
    name: str | None
    role: str | None = Field(description="Null for the user of this machine")
    role_text: str | None
    scopes: list[str]
    operations: list[str] | None = Field(
        description="What somebody may call who sees some enterprises alone, by operation id, as far as the "
        "scopes reach; null: everything that the scopes allow"
    )
    outside: bool = Field(description="Whether they sit outside the bank, and see their own firm alone")
    enterprises: list[BoundTo] | None = Field(description="Bound to these firms; null: not by name")
    portfolio: Named | None = Field(description="Bound to the firms of this portfolio")
    synthetic: bool = Field(description="Whether the published data hold any that were generated")
    methods: list[SignInWay] = Field(description="How one can sign in here")
    expires_at: datetime | None = Field(description="When the session ends if nothing more is asked")
    ends_at: datetime | None = Field(description="When the session ends at the latest")
