"""What stands above a table: whose account it is, at which bank, for which days, opening and closing."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from extraction.statements.vocabulary import plain, words
from extraction.vocabulary import bare
from ledger.money import fen_of

_MARKS = re.compile(r"[`'#]|^=|\"")
#: A title that names a month or a year only: days below it may lack theirs. A whole day is no title.
_MONTH = re.compile(
    r"(?<!\d)(20\d\d)(?:\s*年度?\s*(?:(1[0-2]|0?[1-9])\s*月(?:份)?(?!\s*\d)|(?!\s*\d))"
    r"|[-/.](1[0-2]|0?[1-9])(?![\d/.年月-]))"
)
_DAY = r"(?:日期?|时间)?\]?[:\[\s]*(\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?)"
_FIRST = re.compile(rf"(?:起始|开始|起息起|查询起){_DAY}|起{_DAY}")
_LAST = re.compile(rf"(?:终止|截止|结束|截至|查询止){_DAY}")
#: Days of something else than the movements.
_ASIDE = re.compile(r"打印|开户|导出|下载|生成|制表|申请|出具|销户|更新|查询(?:日期|时间)(?!段|范围)")
_UNIT = re.compile(r"单位[:\s]*(?:人民币)?[:\s]*(百万元|万元|千元)")
_UNITS = {"千元": 1_000, "万元": 10_000, "百万元": 1_000_000}
#: A firm's own journal: debit is what came in.
_JOURNAL = re.compile(r"日记[账帐]|出纳|现金(?:[账帐]|收支|流水|簿)")
_INVENTED = "合成数据"


@dataclass(frozen=True)
class Preamble:
    """What is said of the account; empty where nothing is."""

    account: str = ""
    holder: str = ""
    bank: str = ""
    code: str = ""
    currency: str = ""
    channel: str = "bank"
    opening: int | None = None
    closing: int | None = None
    start: date | None = None
    end: date | None = None
    invented: bool = False
    scale: int = 1
    journal: bool = False


def read_preamble(
    above: list[list[str]], below: list[list[str]], sheet: str = "", headings: str = ""
) -> Preamble:
    """The lines above a header (of those below only what the lines above do not say); the name of the sheet
    may tell the bank, the headings the channel."""
    found, under = _read(above), _read(below)
    text = "\n".join(_lines(above))
    channel = _channel(f"{text}\n{sheet}\n{headings}")
    bank = found.bank or _bank(text) or _bank(sheet)
    return replace(
        found,
        account=found.account or under.account,
        holder=found.holder or under.holder,
        code=found.code or under.code,
        bank=bank,
        channel=channel,
        closing=found.closing if found.closing is not None else under.closing,
        opening=found.opening if found.opening is not None else under.opening,
        invented=_INVENTED in f"{text}\n{sheet}" or found.invented or under.invented,
        journal=bool(_JOURNAL.search(f"{text}\n{sheet}")),
    )


def _read(rows: list[list[str]]) -> Preamble:
    lines = _lines(rows) + _upright(rows)
    hits: dict[str, str] = {}
    for line in lines:
        for name, pattern in words().preamble.items():
            if name not in hits and (hit := pattern.search(line)) and _sane(name, hit[1]):
                hits[name] = hit[1].strip(" ]").rstrip("-")
    start, end = _period(lines)
    return Preamble(
        account=hits.get("account", "").replace(" ", ""),
        holder=hits.get("holder", ""),
        bank=hits.get("bank", ""),
        code=hits.get("code", ""),
        currency=words().currencies.get(bare(hits.get("currency", "")), ""),
        opening=_fen(hits.get("opening")),
        closing=_fen(hits.get("closing")),
        start=start,
        end=end,
        scale=next((_UNITS[hit[1]] for line in lines if (hit := _UNIT.search(line))), 1),
        invented=any(_INVENTED in line for line in lines),
    )


def _lines(rows: list[list[str]]) -> list[str]:
    """Rows as lines of text in half width, cells parted by a blank."""
    made = []
    for row in rows:
        cells = (_MARKS.sub("", unicodedata.normalize("NFKC", c)).strip() for c in row)
        # Brackets of names stay as they are: normal forms are made elsewhere.
        line = "  ".join(c for c in cells if c)
        if line:
            made.append(re.sub(r"\n", "  ", line))
    return made


def _upright(rows: list[list[str]]) -> list[str]:
    """Labels with their values in the row below, as `label: value` lines."""
    made = []
    for upper, lower in pairwise(rows):
        pairs = [
            (plain(u), unicodedata.normalize("NFKC", v).strip())
            for u, v in zip(upper, lower, strict=False)
            if plain(u) in words().labels and v.strip() and plain(v) not in words().labels
        ]
        neighbours = [plain(u) for u in upper if u.strip()]
        if len(pairs) > 1 and sum(n in words().labels for n in neighbours) > len(neighbours) / 2:
            made += [f"{label}: {value}" for label, value in pairs]
    return made


def _sane(name: str, value: str) -> bool:
    """Whether a hit may be a value at all: a label that follows a label is none."""
    if name in ("holder", "bank"):
        return plain(value) not in words().labels and not re.fullmatch(r"[\d.:-]+", value)
    if name == "account":
        return sum(map(str.isalnum, value)) >= 5
    return True


def _period(lines: list[str]) -> tuple[date | None, date | None]:
    for line in lines:
        if hit := words().period.search(line):
            first, last = day_of(hit[1]), day_of(hit[2])
            if first and last and first <= last and not _ASIDE.search(line[: hit.start()][-8:]):
                return first, last
    first, last = _labelled(lines, _FIRST), _labelled(lines, _LAST)
    if first and last and first <= last:
        return first, last
    titles = (line for line in lines if not _ASIDE.search(line))
    title = next((hit for line in titles if (hit := _MONTH.search(line))), None)
    if title is None:
        return None, None
    year, month = int(title[1]), int(title[2] or title[3] or 0)
    if not month:  # of a year that may not be over: it ends with its last movement
        return date(year, 1, 1), None
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _labelled(lines: list[str], label: re.Pattern[str]) -> date | None:
    hits = (hit for line in lines if (hit := label.search(line)))
    return next((day for hit in hits if (day := day_of(hit[hit.lastindex or 1]))), None)


def unit_of(heading: str) -> int | None:
    """How many yuan one unit of a column is, where its heading says so."""
    return next((_UNITS[unit] for unit in ("百万元", "万元", "千元") if unit in heading), None)


def day_of(text: str) -> date | None:
    """The day of 20250301, 2025-3-1, 2025年3月1日; None where it is none."""
    parts = re.findall(r"\d+", text)
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    try:
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError:
        return None


def _fen(text: str | None) -> int | None:
    return None if text is None else fen_of(text)


def _bank(text: str) -> str:
    hit = words().banks.search(text)
    return hit[0] if hit else ""


def _channel(text: str) -> str:
    return next((name for name, pattern in words().channels.items() if pattern.search(text)), "bank")
