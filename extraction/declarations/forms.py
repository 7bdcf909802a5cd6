"""The forms (`forms.yaml`): how each is told by its title, and which words name its columns and items."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

import yaml

from extraction.vocabulary import bare

#: Numbering and words of the arithmetic before an item's name, and remarks after it.
_BEFORE = re.compile(
    r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|\d+[、.]|△|☆|\*|#|其中:|减:|加:|其中|减|加)+"
)
_AFTER = re.compile(r"\([^()]{0,25}填列\)$|[:*]$")
_WRITTEN = str.maketrans({"﹣": "-", "－": "-", "：": ":", "（": "(", "）": ")", "，": "、", ",": "、"})


#: A title is no longer than this; a paragraph that mentions a form is none.
_LONGEST_TITLE = 80


@dataclass(frozen=True)
class Form:
    """One form. Either `items` and `columns` name its cells, or `numbered` does (column number → key) with
    `rows`, patterns of the rows that count, and `of_which`, headings below which rows count again."""

    id: str
    title: tuple[tuple[str, ...], ...]
    columns: dict[str, str]  # heading → key
    items: dict[str, str]  # name → key
    numbered: dict[int, str]
    rows: tuple[re.Pattern[str], ...]
    of_which: tuple[str, ...]

    def is_titled(self, lines: list[str]) -> bool:
        """Whether a line of text (bare), or two in a row, are this form's title."""
        short = [line if len(line) < _LONGEST_TITLE else "" for line in lines]
        both = [a + b for a, b in zip_longest(short, short[1:], fillvalue="")]
        return any(all(word in line for word in words) for line in both for words in self.title)


@cache
def forms() -> tuple[Form, ...]:
    """Every form, the sharper titles first."""
    raw = yaml.safe_load((Path(__file__).parent / "forms.yaml").read_text("utf-8"))
    return tuple(
        Form(
            id=form["id"],
            title=tuple(tuple(plain(word) for word in words) for words in form["title"]),
            columns=_by_word(form.get("columns", {})),
            items=_by_word(form.get("items", {})),
            numbered={int(k): v for k, v in form.get("numbered", {}).items()},
            rows=tuple(re.compile(p) for p in form.get("rows", ())),
            of_which=tuple(form.get("of_which", ())),
        )
        for form in raw["forms"]
    )


@cache
def version() -> int:
    """The version of the forms' file: a higher one reads documents anew."""
    return int(yaml.safe_load((Path(__file__).parent / "forms.yaml").read_text("utf-8"))["version"])


def plain(text: str) -> str:
    """A heading or title as it is compared."""
    return bare(text).translate(_WRITTEN)


def item_name(text: str) -> str:
    """An item's name as it is compared: without numbering, 其中 and remarks."""
    name = plain(text)
    while (shorter := _AFTER.sub("", _BEFORE.sub("", name))) != name:
        name = shorter
    return name


def _by_word(raw: dict[str, list[str]]) -> dict[str, str]:
    return {item_name(word): key for key, words in raw.items() for word in words}
