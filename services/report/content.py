"""What a report holds: sections of texts, tables and pictures, and evidence that numbers its figures."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """A paragraph; `quiet`: small print."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Grid:
    """A table. `numbers`: columns that are set to the right; `shades`: (row, column) → 1 to 4, how dark;
    `widths`: shares of the page's width, equal where none are named."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    shades: dict[tuple[int, int], int] = field(default_factory=dict)
    widths: Sequence[float] = ()


@dataclass(frozen=True)
class Picture:
    """A picture as PNG with what is said under it; `share`: of the page's width."""

    png: bytes
    caption: str
    share: float = 0.45


Block = Text | Grid | Picture


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; none where the title is empty."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Report:
    """A whole report. `facts`: label and value, under the title; `marks`: what must be seen on every page."""

    title: str
    name: str
    facts: Sequence[tuple[str, str]]
    marks: Sequence[str]
    sections: Sequence[Section]


@dataclass
class Evidence:
    """What figures rest on, numbered in the order in which it is first named."""

    items: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, key: Hashable, text: str, facts: Sequence[str] = ()) -> int:
        """The number of a piece, from 1; the same `key` is the same piece. `facts`: ids of facts."""
        if key not in self._numbers:
            self.items.append((text, facts))
            self._numbers[key] = len(self.items)
        return self._numbers[key]
