"""Numbers before clauses (第一条, 二、, 3.2, (4)) and what begins an item of its own."""

import re

from extraction.contracts.lexicon import lexicon, plain

_HAN = "一二三四五六七八九十百零〇两"
_LEVELS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (0, re.compile(rf"\s*第\s*[{_HAN}\d]{{1,4}}\s*[章节部][分]?(?![{_HAN}\d])")),
    (1, re.compile(rf"\s*第\s*[{_HAN}\d]{{1,4}}\s*[条款](?![{_HAN}\d规约])")),
    (2, re.compile(rf"\s*[{_HAN}]{{1,3}}\s*[、.:](?!\d)")),
    (3, re.compile(rf"\s*[(\[]\s*[{_HAN}]{{1,3}}\s*[)\]]")),
    (5, re.compile(r"\s*\d{1,2}\.\d{1,2}\.\d{1,2}(?!\d)[.、\s]?")),
    (4, re.compile(r"\s*\d{1,2}\.\d{1,2}(?![\d%.‰万元吨])[.、\s]?(?=\D)")),
    (3, re.compile(r"\s*\d{1,2}\s*[、.](?!\d)")),
    (6, re.compile(r"\s*[(\[]\s*\d{1,2}\s*[)\]]")),
    (6, re.compile(r"\s*\d{1,2}\s*\)")),
    (7, re.compile(r"\s*[a-zA-Z][、.)](?=\s*[\u4e00-\u9fff])")),
)

#: A heading behind a bare number, all alone in its line: 3  货款支付. "30 日内" is the end of a sentence.
_BARE = re.compile(
    r"\s*\d{1,2}[ \t]{1,4}(?P<head>(?![个天日月年元份台套吨件米次%])[\u4e00-\u9fff、及与和]{2,12})\s*"
)


def numbered(text: str) -> tuple[int, int]:
    """(depth of the number a text begins with, where the text goes on after it); (-1, 0) without one."""
    for level, pattern in _LEVELS:
        if found := pattern.match(text):
            return level, found.end()
    return -1, 0


def begins_item(text: str) -> bool:
    """Whether a line begins something of its own: a number, or a label with its colon."""
    if numbered(text)[0] >= 0:
        return True
    bare = _BARE.fullmatch(text)
    if bare and any(word in plain(bare["head"]) for word, _ in lexicon().topics):
        return True
    found = lexicon().label.match(text.lstrip())
    return found is not None or text.lstrip().startswith(
        ("☑", "□", "√", "■", "●", "·", "※", "*", "注:", "备注")
    )
