"""Reads the `.cypher` files: a header of comment lines, then one statement.

    // answers: the largest suppliers of an enterprise
    // mode: read
    // params: id, limit

The file's stem is the statement's name; it is unique over all folders.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

Mode = Literal["read", "write"]


@dataclass(frozen=True)
class Statement:
    """One statement: what it answers, whether it changes anything, and its parameters."""

    name: str
    text: str
    mode: Mode
    params: tuple[str, ...]
    answers: str
    folder: str


def statement(name: str) -> Statement:
    """The statement of that name. KeyError when there is none."""
    return _by_name()[name]


def statements() -> tuple[Statement, ...]:
    """All statements, by folder and name."""
    return tuple(_by_name().values())


@cache
def _by_name() -> dict[str, Statement]:
    root, found = Path(__file__).parent, dict[str, Statement]()
    for path in sorted(root.rglob("*.cypher")):
        if path.stem in found:
            raise ValueError(f"two statements are named {path.stem}")
        found[path.stem] = parse(path.stem, path.parent.relative_to(root).as_posix(), path.read_text("utf-8"))
    return found


def parse(name: str, folder: str, source: str) -> Statement:
    """A file's text as a Statement. ValueError when its header lacks a line or names no known mode."""
    lines = source.splitlines()
    head = [line.removeprefix("//").strip() for line in lines if line.startswith("//")]
    header = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in head)}
    text = "\n".join(line for line in lines if not line.startswith("//")).strip()
    if not text or set(header) != {"answers", "mode", "params"} or header["mode"] not in ("read", "write"):
        raise ValueError(f"{name}.cypher: wants a statement under the lines answers, mode and params")
    params = tuple(p.strip() for p in header["params"].split(",") if p.strip())
    return Statement(name, text, cast(Mode, header["mode"]), params, header["answers"], folder)
