"""What the CRF sees of each character: its neighbours, the word it stands in, what dictionaries know.

A feature is a string. They come in groups, so that models of different sight can vote; a group sees
the whole sentence but tells about one character.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from extraction.prose.lexicon import Words, family_names, lexicon
from extraction.prose.segmenter import segmenter

Features = list[list[str]]
_BRACKETS = re.compile(r"《([^》]*)》?|“([^”]*)”?|\(([^)]*)\)?")
_KIND_OF_BRACKET = {"《": "K", "“": "Q", "(": "P"}
_LONGEST_WORD = 7
_EDGE = ("<", "^")


def plain(text: str) -> str:
    """`text` as features see it: each character in its NFKC form, small letters; length stays."""
    return "".join(map(_letter, text))


@lru_cache(maxsize=50_000)
def _letter(character: str) -> str:
    return (unicodedata.normalize("NFKC", character) or character)[0].lower()[0]


def features(text: str, groups: Iterable[str], learned: Words | None = None) -> dict[str, Features]:
    """Group → its features of every character of `text` (already `plain`).

    `learned` are names seen in training, for the group `learned`.
    """
    found = {}
    for group in groups:
        seen: Features = [[] for _ in text]
        if group != "learned":
            GROUPS[group](text, seen)
        elif learned is not None:
            _marked(learned.marks(text), "G", seen)
        found[group] = seen
    return found


def together(found: Mapping[str, Features], groups: Sequence[str]) -> Features:
    """The features of `groups` as one list for each character, with one feature that is always there."""
    return [["b", *chain.from_iterable(parts)] for parts in zip(*(found[g] for g in groups), strict=True)]


@lru_cache(maxsize=4)
def _cut(text: str) -> tuple[tuple[str, str], ...]:
    """Words with their part of speech; kept, for two groups look at the same sentence."""
    return tuple((word.word, word.flag) for word in segmenter().cut(text))


def _characters(text: str, seen: Features) -> None:
    kinds = "".join(map(_kind, text))
    padded, shape = f"^^^^{text}$$$$", f"^^^^{kinds}$$$$"
    for i, own in enumerate(seen):
        p = i + 4
        own += [f"c{d}={padded[p + d]}" for d in (-2, -1, 0, 1, 2)]
        own += [f"d{d}={padded[p + d : p + d + 2]}" for d in (-2, -1, 0, 1, 2)]
        own += [f"t{d}={padded[p + d : p + d + 3]}" for d in (-2, -1, 0)]
        own += [
            f"s={padded[p - 1]}{padded[p + 1]}",
            f"k={shape[p - 2 : p + 3]}",
            f"k3={shape[p - 1 : p + 2]}",
        ]
    _brackets(text, seen)


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "d"
    if "a" <= letter <= "z":
        return "a"
    if "\u4e00" <= letter <= "\u9fff":
        return "h"
    return "s" if letter.isspace() else "p"


def _brackets(text: str, seen: Features) -> None:
    inside = ["-"] * (len(text) + 1)
    for match in _BRACKETS.finditer(text):
        for place in range(match.start() + 1, match.end()):
            inside[place] = _KIND_OF_BRACKET[match[0][0]]
    for i, own in enumerate(seen):
        if inside[i] != "-":
            own += [f"br={inside[i]}", f"bs={inside[i]}{inside[i - 1] if i else '-'}{inside[i + 1]}"]


def _words(text: str, seen: Features) -> None:
    words = _cut(text)
    around = [_EDGE, *words, _EDGE]
    i = 0
    for number, (word, part) in enumerate(words, start=1):
        (before, part_before), (after, part_after) = around[number - 1], around[number + 1]
        for place in range(len(word)):
            o = "S" if len(word) == 1 else "B" if place == 0 else "E" if place == len(word) - 1 else "M"
            seen[i] += [f"w={word}/{o}", f"w-={before}/{o}", f"w+={after}/{o}"]
            seen[i] += [f"pp-={part_before}{part}/{o}", f"pp+={part}{part_after}/{o}"]
            seen[i] += [f"suf={word[-1]}", f"sufn={after[-1]}"]
            i += 1


def _parts(text: str, seen: Features) -> None:
    words = _cut(text)
    edges = "".join("S" if len(word) == 1 else f"B{'M' * (len(word) - 2)}E" for word, _ in words)
    around = [_EDGE, *words, _EDGE]
    i = 0
    for number, (word, part) in enumerate(words, start=1):
        for _ in word:
            o = edges[i]
            seen[i] += [f"p={part}/{o}", f"p-={around[number - 1][1]}/{o}", f"p+={around[number + 1][1]}/{o}"]
            seen[i] += [f"l={min(5, len(word))}{o}", f"o3={edges[max(0, i - 1) : i + 2]}"]
            i += 1


def _dictionary(text: str, seen: Features) -> None:
    """Every word of the dictionary that begins, ends or stands around here, however the text is cut."""
    frequency, part = segmenter().frequency, segmenter().part
    size = len(text)
    begins, ends, around = [(0, "")] * size, [(0, "")] * size, [0] * size
    for a in range(size):
        for b in range(a + 2, min(size, a + _LONGEST_WORD) + 1):
            word = text[a:b]
            known = frequency.get(word)
            if known is None:
                break
            if known:
                begins[a] = (b - a, part.get(word, "x"))
                if b - a > ends[b - 1][0]:
                    ends[b - 1] = begins[a]
                for place in range(a + 1, b - 1):
                    around[place] = max(around[place], b - a)
    lb, le = ([f"{n}{p}" for n, p in found] for found in (begins, ends))
    for i, own in enumerate(seen):
        own += [f"Lb={lb[i]}", f"Le={le[i]}", f"Lx={begins[i][0]}{ends[i][0]}{around[i]}"]
        if i:
            own += [f"Le-={le[i - 1]}", f"Lb-={lb[i - 1]}"]
        if i + 1 < size:
            own += [f"Lb+={lb[i + 1]}", f"Le+={le[i + 1]}"]


def _lexicon(text: str, seen: Features) -> None:
    _marked(lexicon().marks(text), "X", seen)
    family = family_names()
    for letter, own in zip(text, seen, strict=True):
        if letter in family:
            own.append("sur")


def _marked(marks: list[list[str]], name: str, seen: Features) -> None:
    for own, found in zip(seen, marks, strict=True):
        own += [f"{name}={mark}" for mark in found]


#: Name of a group → what adds it. `learned` is the one more: it needs the names of the training data.
GROUPS: dict[str, Callable[[str, Features], None]] = {
    "characters": _characters,
    "words": _words,
    "parts": _parts,
    "dictionary": _dictionary,
    "lexicon": _lexicon,
}
