"""What names of firms are made of, from `name_words.yaml`: legal forms, trades, zones, notes, look-alikes."""

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class NameWords:
    """Each list with its longest words first, as an alternation wants them.

    `forms`: ending → legal form; `zones`: name → GB/T 2260 code; `confusable`: pairs of characters,
    both ways round; `code_glyphs`: groups of glyphs that readers of codes confuse.
    """

    forms: dict[str, str]
    group: tuple[str, ...]
    branch: tuple[str, ...]
    tails: tuple[str, ...]
    notes: tuple[str, ...]
    former: tuple[str, ...]
    generic: frozenset[str]
    zones: dict[str, str]
    brands_not_places: frozenset[str]
    trades: tuple[str, ...]
    counting: frozenset[str]
    confusable: frozenset[tuple[str, str]]
    code_glyphs: tuple[frozenset[str], ...]


@cache
def name_words() -> NameWords:
    """The words of `name_words.yaml`."""
    raw: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "name_words.yaml").read_text("utf-8"))
    forms = {word: form for form, words in raw["forms"].items() for word in words}
    return NameWords(
        forms={word: forms[word] for word in longest_first(forms)},
        group=longest_first(raw["group"]),
        branch=longest_first(raw["branch"]),
        tails=longest_first(raw["tails"]),
        notes=longest_first(raw["notes"]),
        former=longest_first(raw["former"]),
        generic=frozenset(raw["generic"]),
        zones={name: str(code) for name, code in raw["zones"].items()},
        brands_not_places=frozenset(raw["brands_not_places"]),
        trades=longest_first(word for words in raw["trades"].values() for word in words.split()),
        counting=frozenset(raw["counting"]),
        confusable=frozenset(
            pair for group in raw["confusable"].split() for pair in permutations(set(group), 2)
        ),
        code_glyphs=tuple(frozenset(map(str, group)) for group in raw["code_glyphs"]),
    )


def longest_first(words: Any) -> tuple[str, ...]:
    """`words` without repetition, longest first, equals in order of their characters."""
    return tuple(sorted(set(words), key=lambda word: (-len(word), word)))
