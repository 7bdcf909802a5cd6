"""The figures of one line of an invoice's table → the columns they belong to, by order and by arithmetic.

White space alone does not tell the column of a short figure that stands beside its heading. Words with a
wide gap between them are different cells; where two fall into one column, the line's arithmetic decides.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from extraction.amounts import rate_of
from extraction.paper import Value
from extraction.paper_checks import line_outcomes
from extraction.pdf_invoice_rows import fold
from extraction.pdf_words import Word
from ledger.money import decimal_of

#: Columns whose cells are figures.
FIGURES = ("quantity", "price", "amount", "rate", "tax")
AMOUNT = re.compile(r"-?¥?-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_DIGIT = re.compile(r"\d")
_STARS = re.compile(r"\*+")
#: A gap wider than this share of a character's height parts two cells.
_WIDE = 1.0

#: Path of a column and the edges of its heading.
Heading = tuple[str, float, float]
#: Column → its cells in one row, each the words that stand close together.
Cells = dict[str, list[Word]]


class _Score(NamedTuple):
    """How well figures fit their columns; the smallest is the best."""

    unconfirmed: int  # less the checks that hold
    failed: int
    lone_price: bool  # a price without a quantity
    away: float  # from the headings


def clusters(words: Sequence[Word], wide: float = _WIDE) -> list[list[Word]]:
    """Words of one row as cells: parted where the gap is wide; a lone sign of currency goes with its figure,
    letters go together."""
    if len(words) < 2:
        return [list(words)] if words else []
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.x0):
        before = found[-1][-1] if found else None
        if before is not None:
            high = (before.y1 - before.y0 + word.y1 - word.y0) / 2
            sign = fold(before.printed).strip() in ("¥", "-", "-¥", "¥-")
            letters = not _DIGIT.search(before.printed + word.printed)  # 免 税, * * *
            if sign or letters or word.x0 - before.x1 <= wide * high:
                found[-1].append(word)
                continue
        found.append([word])
    return found


def text_of(words: Sequence[Word]) -> str:
    """The words of one cell, half width, without blanks."""
    return fold("".join(w.printed for w in words)).replace(" ", "")


def placed(found: Cells, headings: list[Heading]) -> Cells:
    """The cells of one row with its figures in the columns they belong to; `found` where nothing is wrong."""
    crowds = any(len(found[p]) > 1 for p in FIGURES if p in found)
    whole = "quantity" in found or ("price" not in found and len(found.get("unit", ())) < 2)
    if not crowds and whole and "amount" in found:
        return found  # as nearly every row: one word a column
    mine = [h for h in headings if h[0] in FIGURES]
    split = {h[0]: clusters(found[h[0]]) for h in mine if found.get(h[0])}
    crowded = any(len(parts) > 1 for parts in split.values())
    stray = _stray(found)
    count = sum(map(len, split.values()))
    if not crowded and not stray and (count < 3 or _agrees({p: c[0] for p, c in split.items()})):
        return found
    now = None if crowded else _score({p: c[0] for p, c in split.items()}, mine)
    parts = [c for h in mine for c in split.get(h[0], ())]
    best, score = _best([*stray, *parts], mine)
    words = [[w] for c in [*stray, *parts] for w in c]
    if (best is None or not _confirmed(score)) and len(parts) < len(words) <= len(mine):
        apart, other = _best(words, mine)
        if _confirmed(other):
            best, score = apart, other
    unsure = best is None or (stray and not _confirmed(score))
    if not unsure and (now is None or (score and score.unconfirmed < now.unconfirmed)):
        return _merged(found, best or {}, stray)
    return _pushed(found, split, mine) if crowded else found


def _stray(found: Cells) -> list[list[Word]]:
    """A figure that fell in beside the unit, where there is no quantity."""
    parts = clusters(found.get("unit", ()), 0.35)
    last = parts[-1] if len(parts) > 1 and not found.get("quantity") else []
    return [last] if last and AMOUNT.fullmatch(text_of(last)) else []


def _merged(found: Cells, best: Cells, stray: list[list[Word]]) -> Cells:
    taken = {id(w) for words in stray for w in words}
    rest = {p: [w for w in ws if id(w) not in taken] for p, ws in found.items() if p not in FIGURES}
    return rest | best


def _pushed(found: Cells, split: dict[str, list[list[Word]]], headings: list[Heading]) -> Cells:
    """What could not be shared out: an amount stays by itself, what stood before it goes one column left,
    where it is said to be unreadable rather than be glued to a neighbour."""
    made, paths = dict(found), [h[0] for h in headings]
    parts, before = split.get("amount", []), paths.index("amount") - 1 if "amount" in paths else -1
    if len(parts) > 1 and before >= 0:
        made["amount"] = parts[-1]
        left = [w for part in parts[:-1] for w in part]
        made[paths[before]] = [*found.get(paths[before], ()), *left]
    return made


def _best(parts: list[list[Word]], headings: list[Heading]) -> tuple[Cells | None, _Score | None]:
    """The best way to share the cells out in their order, one a column; None where there is none."""
    best: tuple[Cells | None, _Score | None] = (None, None)
    for cells in _ways(parts, headings):
        score = _score(cells, headings)
        if best[1] is None or score < best[1]:
            best = cells, score
    return best


def _ways(parts: list[list[Word]], headings: list[Heading]) -> Iterator[Cells]:
    paths = [h[0] for h in headings]
    money = any(re.fullmatch(r"-?¥?-?[\d,]+\.\d\d", text_of(p)) for p in parts)
    for chosen in combinations(paths, len(parts)):
        if money and "amount" not in chosen:
            continue
        if all(_fits(path, text_of(part)) for path, part in zip(chosen, parts, strict=True)):
            yield dict(zip(chosen, parts, strict=True))


def _fits(path: str, text: str) -> bool:
    """Whether a text can be a figure of a column."""
    if path == "rate":
        return rate_of(text)[0] is not None or not AMOUNT.fullmatch(text)
    if path == "tax":
        return bool(AMOUNT.fullmatch(text) or _STARS.fullmatch(text))
    return bool(AMOUNT.fullmatch(text))


def _values(cells: Cells) -> dict[str, Value]:
    return {p: Value(text_of(w).replace("¥", "").replace(",", "")) for p, w in cells.items()}


def _score(cells: Cells, headings: list[Heading]) -> _Score:
    values = _values(cells)
    held = [held for _, held, _ in line_outcomes(values)]
    away = 0.0
    for path, x0, x1 in headings:
        if words := cells.get(path):
            left, right = words[0].x0 - x0, words[-1].x1 - x1
            away += min(abs(left), abs(right), abs(left + right) / 2)
    return _Score(-sum(held), len(held) - sum(held), lone_price(values), away)


def _confirmed(score: _Score | None) -> bool:
    return score is not None and score.unconfirmed < 0 and not score.failed


def _agrees(cells: Cells) -> bool:
    values = _values(cells)
    if lone_price(values) or "amount" not in values:
        return False
    return all(held for _, held, _ in line_outcomes(values))


def lone_price(values: dict[str, Value]) -> bool:
    """Whether a line has a price and no quantity."""
    price = values.get("price")
    return price is not None and "quantity" not in values and decimal_of(price.text) is not None


def sums_of(found: Cells) -> Cells:
    """Amount and tax of a row of sums, by the words in its columns from quantity to tax."""
    split = {p: clusters(found.get(p, ())) for p in FIGURES}
    every = [c for p in FIGURES for c in split[p] if AMOUNT.fullmatch(text_of(c)) and "." in text_of(c)]
    made = {p: split[p][0] for p in ("amount", "tax") if len(split[p]) == 1}
    if len(every) == 2 and len(made) < 2:
        return {"amount": every[0], "tax": every[1]}
    for path in ("amount", "tax"):
        figures = [c for c in split[path] if AMOUNT.fullmatch(text_of(c))]
        if path not in made and figures:
            made[path] = figures[-1]
    return made
