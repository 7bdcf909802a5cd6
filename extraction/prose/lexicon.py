"""Words known beforehand (places, trades, legal forms, goods) and where they stand in a text."""

from collections.abc import Iterable, Mapping
from functools import cache

from extraction.who.places import places as registered
from seeds.chains import load_chains
from seeds.knowledge import generic_items, names, utilities
from seeds.name_words import name_words

_LONGEST = 24  # characters of a word


class Words:
    """A set of words, each with its kind, that can be looked up at a place of a text.

    Kept as a tree of characters: a look-up costs as many steps as the longest word that fits.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._root: dict[str, object] = {}
        for word, kind in kinds.items():
            node = self._root
            for character in word:
                node = node.setdefault(character, {})  # type: ignore[assignment]
            node[""] = kind

    def at(self, text: str, start: int) -> tuple[int, str] | None:
        """The longest word that begins at `start`: (its end, its kind)."""
        node, best = self._root, None
        for place in range(start, min(len(text), start + _LONGEST)):
            below = node.get(text[place])
            if below is None:
                break
            node = below  # type: ignore[assignment]
            if "" in node:
                best = (place + 1, str(node[""]))
        return best

    def marks(self, text: str) -> list[list[str]]:
        """For each character the words it stands in, as `kind/place in it and length`; a word inside
        another of the same beginning is not told."""
        marked: list[list[str]] = [[] for _ in text]
        for start in range(len(text)):
            if word := self.at(text, start):
                end, kind = word
                for place in range(start, end):
                    edge = (
                        "S"
                        if end - start == 1
                        else "B"
                        if place == start
                        else "E"
                        if place == end - 1
                        else "M"
                    )
                    marked[place].append(f"{kind}/{edge}{min(4, end - start)}")
        return marked


def longest_at(words: Words, text: str, start: int, reach: int) -> int:
    """Length of the longest word that begins at `start` and reaches beyond `reach`; 0 where none does."""
    word = words.at(text, start)
    return word[0] - start if word and word[0] > reach else 0


@cache
def places() -> Words:
    """Provinces, cities and counties, with the short forms people write."""
    return Words(dict.fromkeys((w for w in registered().code if len(w) > 1), "place"))


@cache
def lexicon() -> Words:
    """All known words for the model's features; of a word of two kinds the first kind named here counts."""
    kinds: dict[str, str] = {}
    for kind, words in (
        ("form", name_words().forms),
        ("place", registered().code),
        ("trade", name_words().trades),
        ("goods", _goods()),
    ):
        for word in words:
            if len(word) > 1:
                kinds.setdefault(word.lower(), kind)
    return Words(kinds)


@cache
def family_names() -> frozenset[str]:
    """Characters that are common family names."""
    return frozenset(names()["surnames"])


def _goods() -> Iterable[str]:
    for chain in load_chains():
        for segment in chain.segments:
            yield from segment.items
    yield from (entry.item for entry in generic_items())
    for utility in utilities():
        yield from utility.items
