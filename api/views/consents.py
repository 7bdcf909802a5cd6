"""The text of consent as an answer, with the days of a consent that is given on one day."""

from datetime import date

from api.asking import Asking
from api.models_owner import ConsentPart, ConsentText
from api.views.access import read_from
from api.views.sources import source_text
from services.credit.consents import consent_text, text_on


def shown(asked: Asking, version: str | None, day: date) -> ConsentText:
    """The text of a version, None: the one in force, as it is shown on a day. Raises NotFound."""
    text = text_on(day) if version is None else consent_text(version)
    until, lang = text.last_day(day), asked.lang
    days = {"from": str(day), "until": str(until)}
    return ConsentText(
        **read_from(asked.snapshot_or_none),
        version=text.version,
        scope=list(text.scope),  # type: ignore[arg-type]
        purpose=text.purpose,  # type: ignore[arg-type]
        given_on=day,
        until=until,
        parts=[
            ConsentPart(code=one.code, title=one.title[lang], text=one.text[lang].format(**days))
            for one in text.parts
        ],
        machine=text.machine[lang],
        law=text.law[lang],
        source=source_text(text.source, lang),
        reread=text.reread,
    )
