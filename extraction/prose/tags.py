"""Spans as one tag per character (BIOES) and back."""

from collections.abc import Iterable, Sequence

#: start, end, label
Place = tuple[int, int, str]


def tags_of(length: int, spans: Iterable[Place]) -> list[str]:
    """B-x I-x E-x, S-x for one character, O outside. Of overlapping spans the longer one counts."""
    tags = ["O"] * length
    for start, end, label in sorted(spans, key=lambda s: (s[0] - s[1], s)):
        if any(tag != "O" for tag in tags[start:end]):
            continue
        tags[start:end] = [f"I-{label}"] * (end - start)
        tags[start], tags[end - 1] = f"B-{label}", f"E-{label}"
        if end - start == 1:
            tags[start] = f"S-{label}"
    return tags


def spans_of(tags: Sequence[str]) -> list[Place]:
    """The spans that tags tell; a span that is not closed or not opened is taken as far as it goes."""
    spans: list[Place] = []
    start: int | None = None
    for place, tag in enumerate([*tags, "O"]):
        if start is not None and (tag[0] in "OBS" or tag[2:] != tags[start][2:]):
            spans.append((start, place, tags[start][2:]))
            start = None
        if start is None and tag != "O":
            start = place
        if start is not None and tag[0] in "ES":
            spans.append((start, place + 1, tags[start][2:]))
            start = None
    return spans
