"""Text folded for comparing (NFKC, blanks), with the way back to where each character stood."""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass


@dataclass(frozen=True)
class Folded:
    """`text` is the folded form; character i of it came from place `origin[i]` of `source`."""

    source: str
    text: str
    origin: tuple[int, ...]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where folded `start` to `end` (not empty) stands in the source."""
        return self.origin[start], self.origin[end - 1] + 1

    def begins(self, place: int) -> int:
        """The first folded character that came from `place` of the source or from behind it."""
        return bisect_left(self.origin, place)


def folded(text: str, blanks: bool = True) -> Folded:
    """NFKC character by character, so that every folded character has one origin; a blank of any kind
    is a plain one, or (`blanks` False) none."""
    letters: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for letter in _form(character):
            if letter.isspace() or letter in "\u200b\u200c\u200d\u2060\ufeff":
                if not blanks:
                    continue
                letter = "\n" if letter in "\n\r\u2028\u2029" else " "  # noqa: PLW2901
            letters.append(letter)
            origin.append(place)
    return Folded(text, "".join(letters), tuple(origin))


def _form(character: str) -> str:
    return character if character < "\x7f" else unicodedata.normalize("NFKC", character) or character


def verbatim(value: str, source: Folded) -> list[tuple[int, int]]:
    """Every place of the source at which `value` stands, character by character, blanks and widths
    aside; `source` is folded without blanks. Empty when it stands nowhere.

    Letters and digits must not go on at either edge: 123 does not stand in 41234.
    """
    wanted = folded(value, blanks=False).text
    if not wanted:
        return []
    places = []
    for match in re.finditer(re.escape(wanted), source.text):
        if not _goes_on(source.text, match.start()) and not _goes_on(source.text, match.end()):
            places.append(source.back(*match.span()))
    return places


def _goes_on(text: str, edge: int) -> bool:
    if not 0 < edge < len(text):
        return False
    before, after = text[edge - 1], text[edge]
    digits = before.isdigit() and after.isdigit()
    latin = all("a" <= c.lower() <= "z" for c in (before, after))
    parted = (before.isdigit() and after in ".," and text[edge + 1 : edge + 2].isdigit()) or (
        before in ".," and after.isdigit() and text[edge - 2 : edge - 1].isdigit()
    )
    return digits or latin or parted
