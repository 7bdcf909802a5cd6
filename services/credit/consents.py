"""The texts of consent that owners agree to, by version: which data, for what, how long, in plain words."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger.credit import Consent
from ledger.errors import InputError, NotFound

_FILE = Path(__file__).with_name("consents.yaml")


@dataclass(frozen=True)
class Part:
    """One thing that is agreed to: title and sentence by language, `{from}` and `{until}` still open."""

    code: str
    title: dict[str, str]
    text: dict[str, str]


@dataclass(frozen=True)
class ConsentText:
    """One version. `months`: how long a consent holds that is given to it."""

    version: str
    since: date
    until: date | None
    scope: tuple[str, ...]
    purpose: str
    months: int
    source: str
    reread: bool
    parts: tuple[Part, ...]
    machine: dict[str, str]
    law: dict[str, str]

    def last_day(self, given_on: date) -> date:
        """The last day on which a consent holds that was given on a day."""
        first = _first_of(given_on, self.months)
        end_of_month = _first_of(first, 1) - timedelta(days=1)
        return min(end_of_month, first + timedelta(days=given_on.day - 2))


@cache
def consent_texts() -> tuple[ConsentText, ...]:
    """Every version, the newest first."""
    read = (_text(raw) for raw in yaml.safe_load(_FILE.read_text("utf-8")))
    return tuple(sorted(read, key=lambda one: one.since, reverse=True))


def consent_text(version: str) -> ConsentText:
    """The text of a version, also one that is no longer shown. Raises NotFound `consent_text_unknown`."""
    found = next((one for one in consent_texts() if one.version == version), None)
    if found is None:
        raise NotFound("consent_text_unknown", version=version)
    return found


def text_on(day: date) -> ConsentText:
    """The text that an owner is shown on a day: the newest in force. Raises NotFound `consent_text_none`."""
    for one in consent_texts():
        if one.since <= day and (one.until is None or day <= one.until):
            return one
    raise NotFound("consent_text_none", day=str(day))


def check_as_shown(consent: Consent) -> None:
    """Raises InputError where what an owner sends says more than the text that they were shown: another
    scope, another purpose, or longer. Raises NotFound for a text that there is not."""
    shown = consent_text(consent.text)
    wider = set(consent.scope) - set(shown.scope) or consent.purpose != shown.purpose
    if wider or consent.until > shown.last_day(consent.given_on):
        raise InputError("consent_beyond_text", version=shown.version)


def _first_of(day: date, months: int) -> date:
    """The first of the month so many months after that of a day."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _text(raw: dict[str, Any]) -> ConsentText:
    return ConsentText(
        version=str(raw["version"]),
        since=raw["from"],
        until=raw["until"],
        scope=tuple(raw["scope"]),
        purpose=str(raw["purpose"]),
        months=int(raw["months"]),
        source=str(raw["source"]),
        reread=bool(raw["reread"]),
        parts=tuple(Part(p["code"], p["title"], {"zh": p["zh"], "en": p["en"]}) for p in raw["parts"]),
        machine=raw["machine"],
        law=raw["law"],
    )
