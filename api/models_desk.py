"""Views, notes and watchlists: what people keep at their desk."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator

from api.models import Answer, Model, Named

Id = Annotated[str, StringConstraints(pattern="^[0-9a-f]{16}$")]
ViewKind = Literal["explorer", "map", "list"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class Kept(Model):
    """Something kept: whose it is, and since when."""

    id: str
    shared: bool = Field(description="Whether everybody who may read the graph may read it")
    own: bool = Field(description="Whether the caller owns it: the owner alone may change it")
    by: str
    created: datetime
    changed: datetime


class ViewSummary(Kept):
    """A saved view in a list."""

    name: str
    kind: ViewKind
    snapshot_saved: str | None = Field(description="The snapshot it was saved on")


class View(ViewSummary):
    """A saved view. Its state names enterprises and links by id: names and figures are read when opened."""

    state: dict[str, Any]


class ViewAsked(Model):
    """A view to keep. The state is at most 64 KiB of JSON and names enterprises by id alone."""

    name: Name
    kind: ViewKind
    state: dict[str, JsonValue]
    shared: bool = False


class ViewChanged(Model):
    """What of a view changes; null leaves it."""

    name: Name | None = None
    state: dict[str, JsonValue] | None = None
    shared: bool | None = None


class ViewAnswer(Answer):
    """One view."""

    view: View


class Views(Answer):
    """Own and shared views, the newest first."""

    items: list[ViewSummary]
    total: int
    next: str | None


class Gone(Answer):
    """What was taken away."""

    id: str


class Note(Kept):
    """A note on an enterprise, or on the link from it to a partner that it supplies."""

    enterprise: Named
    partner: Named | None = Field(description="The buyer, where the note is on a link")
    text: str
    versions: int


class NoteAsked(Model):
    """A note on an enterprise, or on the link from `seller` to `buyer`."""

    enterprise: Id | None = None
    seller: Id | None = None
    buyer: Id | None = None
    text: Text
    shared: bool = False

    @model_validator(mode="after")
    def _on_one_thing(self) -> "NoteAsked":
        link = self.seller is not None and self.buyer is not None
        none = self.seller is None and self.buyer is None
        if not ((self.enterprise is not None and none) or (self.enterprise is None and link)):
            raise ValueError("enterprise, or seller and buyer")
        return self


class NoteChanged(Model):
    """What of a note changes; null leaves it."""

    text: Text | None = None
    shared: bool | None = None


class NoteAnswer(Answer):
    """One note."""

    note: Note


class Notes(Answer):
    """Own and shared notes, the newest first."""

    items: list[Note]
    total: int
    next: str | None


class NoteVersion(Model):
    """What a note said from a moment on."""

    version: int
    text: str
    at: datetime


class NoteHistory(Answer):
    """Every version of a note, the newest first."""

    id: str
    items: list[NoteVersion]
    total: int


class Watchlist(Kept):
    """Enterprises that somebody keeps an eye on."""

    name: str
    alerts: bool = Field(description="Whether what happens to them is told on the first page")
    size: int


class WatchlistAsked(Model):
    """A watchlist to keep."""

    name: Name
    enterprises: list[Id] = Field([], max_length=5_000)
    shared: bool = False
    alerts: bool = True


class WatchlistChanged(Model):
    """What of a watchlist changes; null leaves it."""

    name: Name | None = None
    shared: bool | None = None
    alerts: bool | None = None
    add: list[Id] = Field([], max_length=5_000)
    remove: list[Id] = Field([], max_length=5_000)


class Watched(Named):
    """An enterprise on a watchlist; `party` is the id that it was put there under."""

    party: str


class WatchlistAnswer(Answer):
    """One watchlist with its enterprises."""

    watchlist: Watchlist
    enterprises: list[Watched]
    unknown: list[str] = Field(
        description="Parties that the snapshot does not hold; told to whom sees every enterprise alone"
    )
    left_out: int = Field(description="Parties that the snapshot does not hold, or the key does not show")


class Watchlists(Answer):
    """Own and shared watchlists, the newest first."""

    items: list[Watchlist]
    total: int
    next: str | None
