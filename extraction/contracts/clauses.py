"""Lines with what they are about: a numbered heading governs what stands below it, a label its own line."""

import re
from dataclasses import dataclass

from extraction.contracts.lexicon import lexicon, plain
from extraction.contracts.lines import Line
from extraction.contracts.numbering import numbered

#: Where a heading names several things, the first of these is what we look for in it.
_FIRST = (
    "penalty", "payment", "rent", "deposit", "delivery", "warranty", "inspection", "invoice",
    "term", "price", "premises", "goods", "other",
)  # fmt: skip
_RETENTION = re.compile(r"质保金|质量保证金|保留金|保修金")
_PAYS = re.compile(r"支付|付款|付清|付至|\d\s*%")
_LABEL = re.compile(r"\s{0,20}(?P<head>[^:,。;\t]{2,24}?)\s{0,8}(?:\([^()]{0,60}\))?\s{0,8}[:\t]")
_INLINE = 8  # depth of a label without a number
_AUTOMATIC = (1, 3, 6, 7, 7, 7, 7, 7, 7, 7)  # depth of an automatic number by its level


@dataclass(frozen=True)
class Clause:
    """A line with its topic ('' where nothing tells) and where its text begins after the number."""

    line: Line
    topic: str
    start: int
    heading: str

    @property
    def text(self) -> str:
        """The text without its number."""
        return self.line.text[self.start :]


def clauses_of(lines: list[Line]) -> list[Clause]:
    """Every line with what it is about."""
    stack: list[tuple[int, str, str]] = []
    made = []
    for line in lines:
        level, start = numbered(line.text)
        if level < 0 and line.level is not None:
            level = _AUTOMATIC[min(line.level, 9)]
        head, alone = _head(line.text[start:])
        topic = topic_of(head) if head else ""
        above = next(
            (t for deep, t, _ in reversed(stack) if t and deep < (_INLINE if level < 0 else level)), ""
        )
        if above == "payment" and topic not in ("", "payment") and not alone and _PAYS.search(line.text):
            topic = ""  # 到货款: …支付60% is still about paying
        if level < 0 and alone and topic:
            level = 2 if not stack or stack[-1][0] >= 2 else stack[-1][0] + 1
        if level >= 0:
            stack = [entry for entry in stack if entry[0] < level]
            if topic or level <= 2:
                stack.append((level, topic, head))
        elif head:
            stack = [entry for entry in stack if entry[0] < _INLINE]
            if topic:
                stack.append((_INLINE, topic, head))
        topic, heading = next(((t, h) for _, t, h in reversed(stack) if t), ("", ""))
        if stack and stack[-1][0] <= 2 and not stack[-1][1]:
            topic, heading = "", stack[-1][2]
        made.append(Clause(line, topic, start, heading))
    return made


def _head(text: str) -> tuple[str, bool]:
    """The heading a line begins with, and whether it is all there is."""
    bare = text.strip().rstrip(":")
    if 2 <= len(plain(bare)) <= 24 and not re.search(r"[:。;,]", bare):
        return bare, True
    if found := _LABEL.match(text):
        return found["head"], False
    found = re.match(r"\s*(\S{2,14})\s{1,4}(?=\S{6,})", text)
    return (found[1], False) if found and topic_of(found[1]) else ("", False)


def topic_of(head: str) -> str:
    """What a heading is about, '' where no word tells."""
    word = plain(head)
    if _RETENTION.search(word) and "质量保证" not in word.replace("质量保证金", ""):
        return "payment"
    if (
        re.search(r"(?:预付|到货|发货|提货|验收|投运|进度|首付|交货|尾|余|货|保)款$|进度款|预付款|付款", word)
        and "逾期" not in word
    ):
        return "payment"
    found = {topic for known, topic in lexicon().topics if known in word}
    if re.search(r"付款|支付|结算", word) and "逾期" not in word and "违约" not in word:
        found.discard("penalty")
    return next((topic for topic in _FIRST if topic in found), "")
