"""The log of the server: lines for people or JSON objects; never a key, never a number of a person."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from extraction.personal import masked_text
from ledger.access import TRACE

#: What stands in place of a key that got into a line.
REDACTED = "dy_…"


def configure(form: Literal["text", "json"]) -> None:
    """Send what our own rooms log to standard error in `form`; lines for people leave single requests out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Lines("%(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("dayan")
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO if form == "json" else logging.WARNING)


def clean(text: str) -> str:
    """`text` without keys and without numbers of people."""
    return masked_text(TRACE.sub(REDACTED, text))


class Lines(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The cleaned line, with the traceback of a defect below it."""
        return clean(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message; of a request method, route, status, ms, key id."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": clean(record.getMessage()),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            told["traceback"] = clean(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)
