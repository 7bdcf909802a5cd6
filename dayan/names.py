"""`dayan read --names`: the names and figures in a document's running text; with `--ask` the user's own
model is asked too, and what it says counts only where it stands in the text."""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from api.settings import Settings
from dayan.console import err, out, table
from extraction.contracts.document import Place
from extraction.personal import masked_text
from extraction.prose.endpoint import Endpoint, EndpointDoor
from extraction.prose.model import NameModel, shipped
from extraction.prose.names import names_in
from extraction.prose.running import running_text
from extraction.prose.segmenter import segmenter
from extraction.prose.spans import Span
from extraction.source import Source
from ledger.errors import DayanError, InputError, MissingExtra
from ledger.words import label, message

_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){10,}")


@dataclass(frozen=True)
class Names:
    """What was found, each with its place; `error` where there was no text to look at.

    `alone` says why there was no model. `dropped` and `failed` count answers of the endpoint `asked`
    by why they do not count, and pieces of text by why they were not answered.
    """

    found: tuple[tuple[Span, Place], ...] = ()
    error: DayanError | None = None
    alone: DayanError | None = None
    asked: Endpoint | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    why_failed: DayanError | None = None


@dataclass(frozen=True)
class Finder:
    """Finds names by rules, by the shipped model where there is one, and by the endpoint where it may."""

    model: NameModel | None
    alone: DayanError | None
    endpoint: Endpoint | None

    def names(self, source: Source) -> Names:
        """The names of one document. Personal numbers are hidden in what is told and in what is sent."""
        try:
            running = running_text(source)
        except InputError as error:
            return Names(error=error)
        hidden = _hidden(running.text)
        door = _Discreet(EndpointDoor(self.endpoint)) if self.endpoint else None
        spans = names_in(running.text, self.model, [door] if door else [])
        found = tuple(
            (replace(span, text=hidden[span.start : span.end]), running.place(span.start, span.end))
            for span in spans
        )
        if door is None:
            return Names(found, alone=self.alone)
        asked = door.door
        return Names(found, None, self.alone, self.endpoint, asked.dropped, asked.failed, asked.last_error)


@dataclass(frozen=True)
class _Discreet:
    """A door that gets the text without personal numbers."""

    door: EndpointDoor

    def spans(self, text: str) -> list[Span]:
        return [replace(s, text=text[s.start : s.end]) for s in self.door.spans(_hidden(text))]


def finder(settings: Settings, *, ask: bool) -> Finder:
    """InputError where `ask` has no endpoint to ask, or one that cannot be used."""
    endpoint = endpoint_of(settings) if ask else None
    try:
        segmenter()
        return Finder(shipped(), None, endpoint)
    except MissingExtra as error:
        return Finder(None, error, endpoint)


def endpoint_of(settings: Settings) -> Endpoint:
    """The user's own language model as the settings name it. InputError where they name none."""
    if not settings.llm_url:
        raise InputError("llm_not_set")
    return Endpoint(settings.llm_url, settings.llm_model, settings.llm_key.get_secret_value())


def print_names(names: Names, lang: str, most: int | None) -> None:
    """A table of the names, each once with how often it stands there, and how they were found."""
    if names.error is not None:
        _say(names.error.text(lang))
        return
    _say(message("names_found", lang, count=f"{len(names.found):,}"))
    if names.alone is not None:
        _say(message("names_rules_alone", lang, why=names.alone.text(lang)))
    grouped: dict[tuple[str, str], list[tuple[Span, Place]]] = {}
    for span, place in names.found:
        grouped.setdefault((span.label, span.text), []).append((span, place))
    heads = [label(key, lang) for key in ("span_kind", "span_text", "place", "method", "confidence", "times")]
    rows = [_row(found, lang) for found in list(grouped.values())[:most]]
    if rows:
        out.print(table(heads, rows, right=heads[-2:]), markup=False)
    if len(grouped) > len(rows):
        _say(message("read_more", lang, count=f"{len(grouped) - len(rows):,}"))
    _print_asked(names, lang)


def _row(found: list[tuple[Span, Place]], lang: str) -> tuple[str, ...]:
    """One name: where it stands first, and how the surest finder of it found it."""
    place = found[0][1]
    page = label("page_place", lang).format(page=place.page) if place.page else place.where
    best = max((span for span, _ in found), key=lambda span: span.confidence)
    kind, method = label(f"span_{best.label}", lang), label(f"method_{best.method}", lang)
    return kind, best.text.replace("\n", " "), page, method, f"{best.confidence:.2f}", f"{len(found):,}"


def _print_asked(names: Names, lang: str) -> None:
    if names.asked is None:
        return
    missing = names.dropped["not_found"]
    counts = {"not_found": f"{missing:,}", "other": f"{names.dropped.total() - missing:,}"}
    _say(message("names_asked", lang, model=names.asked.model, **counts))
    if names.failed:
        why = names.why_failed.text(lang) if names.why_failed else ""
        text = message("names_unanswered", lang, count=f"{names.failed.total():,}", why=why)
        err.print(text, style="red", markup=False, highlight=False)


def plain_names(names: Names, lang: str, most: int | None) -> dict[str, Any]:
    """The same as a JSON object, every place by itself."""
    errors = {"error": names.error, "rules_alone": names.alone}
    return {
        "total": len(names.found),
        "found": [_plain(span) | asdict(place) for span, place in names.found[:most]],
        **{key: e and {"code": e.code, "message": e.text(lang)} for key, e in errors.items()},
        "asked": names.asked.model if names.asked else None,
        "dropped": dict(sorted(names.dropped.items())),
        "unanswered": dict(sorted(names.failed.items())),
    }


def _plain(span: Span) -> dict[str, Any]:
    told = {"label": span.label, "text": span.text, "method": span.method}
    return told | {"confidence": round(span.confidence, 4)}


def _hidden(text: str) -> str:
    """`text` without personal numbers, every other character where it stood."""
    return "\n".join(_hidden_line(line) for line in text.split("\n"))


def _hidden_line(line: str) -> str:
    shown = masked_text(line)
    if len(shown) == len(line):
        return shown
    # A card's number written in groups comes back shorter: what is as long as one goes altogether.
    return _LONG_NUMBER.sub(lambda found: re.sub(r"\d", "*", found[0]), line)


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False)
