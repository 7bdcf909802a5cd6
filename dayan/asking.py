"""`dayan query`: a saved Cypher statement with its parameters, as a table."""

from collections.abc import Sequence
from typing import Any

from api.settings import Settings
from cypher import statement, statements
from dayan.console import out, table
from dayan.target import target_of
from ledger.errors import InputError, NotFound


def run(settings: Settings, name: str | None, params: Sequence[str]) -> None:
    """Print the rows of statement `name`, or the list of statements when there is none."""
    readable = {s.name: s for s in statements() if s.mode == "read" and s.folder != "bulk"}
    if name is None:
        rows = [(s.name, ", ".join(s.params), s.answers) for s in readable.values()]
        out.print(table(["query", "parameters", "answers"], rows))
        return
    if name not in readable:
        known = {s.name for s in statements()}
        if name in known:
            raise InputError("query_write", name=name)
        raise NotFound("query_unknown", name=name, known=", ".join(readable))
    given = dict(_pair(p) for p in params)
    if missing := [p for p in statement(name).params if p not in given]:
        raise InputError("query_missing", name=name, params=", ".join(missing))
    with target_of(settings).connect() as store:
        found = store.run(name, **given)
    columns = list(found[0]) if found else []
    out.print(table(columns, [list(row.values()) for row in found]) if found else "∅")


def _pair(text: str) -> tuple[str, Any]:
    """k=v, with whole numbers as numbers: an id of digits is quoted as k="123"."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError("query_param", param=text)
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return name, value[1:-1]
    return name, int(value) if value.lstrip("-").isdigit() and len(value) < 16 else value
