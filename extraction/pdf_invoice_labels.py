"""Labels of an invoice form, where they stand, and the values right of them: header, parties, people, sums.

A value belongs to the label left of it on its line, up to the next label or the edge of its block. Values
that take several lines (long names) hang above or below the line of their label.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from extraction.paper import Paper, Value, split_phone
from extraction.pdf_invoice_rows import Form, Row, joined
from extraction.pdf_words import Word

#: Name of a label → how it is printed (blanks left out, half width).
_LABELS = {
    "list": r"所属.{0,14}?发票代码:?",
    "code": r"发票代码:?",
    "number": r"(?:电子)?(?:发票|票据)号码:?|(?<=\d)号码:",
    "issued": r"(?:开票|填开)日期:?",
    "check_code": r"校验码:?",
    "machine_no": r"机器(?:编号|号码):?",
    "name": r"(?:购买方|销售方|购货方|销货方|购方|销方|购货单位|销货单位)?名称:",
    "tax_id": r"(?:统一社会信用代码)?/?纳税人识别号:?|统一社会信用代码:",
    "address": r"地址[、,.和及]?电话:?",
    "account": r"开户(?:行|银行)及[账帐]号:?",
    "payee": r"收款人:",
    "reviewer": r"复核人?:",
    "drawer": r"开票人:?",
    "seal": r"(?:销售方|销货单位):?\(章\)",
    "words": r"价税合计\(?大写\)?:?",
    "small": r"\(?小写\)?:?",
    "remark": r"^备注:?|备注:",
    "pages": r"共\d*页,?第\d*页",
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS.items()))
_PARTY = ("name", "tax_id", "address", "account")
#: Letters one of which every label has: rows without them are passed over.
_TELLING = re.compile(r"[号码期人称址户行写页章注]")
_HEADER = {
    "code": re.compile(r"(?<!\d)\d{10}(?:\d{2})?(?!\d)"),
    "number": re.compile(r"(?<!\d)(?:\d{20}|\d{8})(?!\d)"),
    "issued": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?<!\d)20\d{6}(?!\d)"),
    "check_code": re.compile(r"(?<!\d)\d{20}(?!\d)|(?<!\d)\d{6}$"),
    "machine_no": re.compile(r"(?<!\d)\d{12}(?!\d)"),
}
#: What can be a taxpayer's number.
_TAX_ID = re.compile(r"[0-9A-Z*]{15,20}", re.IGNORECASE)
MONEY = re.compile(r"-?¥?-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{1,2}(?!\d)")
WORDS = re.compile(r"\(?负?数?\)?[零壹贰貳叁參肆伍陆陸柒捌玖拾佰仟万萬亿億圆元角分整正]{2,}")
_UNNAMED = re.compile(r"(?:No|№|NO)\.?:?(\d{8})(?!\d)")


@dataclass
class Label:
    """A label: which, its row, its letters in the row, where it begins and ends across."""

    name: str
    row: Row
    first: int
    last: int
    until: int  # letter of the row at which the next label begins
    x0: float
    x1: float

    @property
    def text(self) -> str:
        """As printed, half width, without blanks."""
        return self.row.text[self.first : self.last]


def labels_of(form: Form) -> list[Label]:
    """All labels from top to bottom."""
    found: list[Label] = []
    for row in form.rows:
        if not _TELLING.search(row.text):
            continue
        matches = list(_ANY.finditer(row.text))
        ends = [m.start() for m in matches[1:]] + [len(row.text)]
        for match, until in zip(matches, ends, strict=False):
            words = row.piece(*match.span())
            edges = (words[0].x0, words[-1].x1)
            found.append(Label(match.lastgroup or "", row, match.start(), match.end(), until, *edges))
    return found


def beside(form: Form, label: Label, right: float = 1e9) -> list[Word]:
    """The words right of a label on its line, up to the next label or `right`; of the rows next to it
    where its own has none (values are sometimes set a little higher or lower)."""
    words = [w for w in label.row.piece(label.last, label.until) if w.x0 < right]
    if words:
        return words
    near = [r for r in form.rows if r is not label.row and abs(r.y - label.row.y) < 0.75 * label.row.height]
    edge = label.row.x_of(label.until) if label.until < len(label.row.text) else right
    return [
        w
        for row in near
        if not _ANY.search(row.text)
        for w in row.words
        if label.x1 - 2 <= w.x0 < min(edge, right)
    ]


def put_header(paper: Paper, form: Form, labels: Iterable[Label]) -> None:
    """Code, number, date, check code and machine number; of a list page those of the invoice it is of."""
    for label in labels:
        path = "code" if label.name == "list" else label.name
        if (pattern := _HEADER.get(path)) is None or path in paper.header:
            continue
        words = beside(form, label)
        text = "".join(w.text for w in words).replace(" ", "")
        if match := pattern.search(text):
            paper.put(path, form.value(words, match[0]))
    if "number" not in paper.header:
        for row in form.rows:
            if match := _UNNAMED.search(row.text):
                paper.put("number", form.value(row.piece(match.start(1), match.end(1)), match[1], 0.7))


def put_people(paper: Paper, form: Form, labels: Iterable[Label]) -> None:
    """Payee, reviewer and drawer."""
    for label in labels:
        if label.name in ("payee", "reviewer", "drawer"):
            words = [w for w in beside(form, label) if w.x0 < label.x1 + 12 * label.row.height]
            paper.put(label.name, form.value(words, joined(words)))


def put_total(paper: Paper, form: Form, labels: Iterable[Label]) -> None:
    """The total in words and in figures, which stand on one line."""
    label = next((x for x in labels if x.name == "words"), None)
    if label is None:
        return
    rows = [r for r in form.rows if abs(r.y - label.row.y) < 0.9 * max(r.height, label.row.height)]
    for row in sorted(rows, key=lambda r: abs(r.y - label.row.y)):
        start = label.last if row is label.row else 0
        if words := WORDS.search(row.text, start):
            paper.put("words", form.value(row.piece(*words.span()), _printed(row, *words.span())))
        if figures := MONEY.search(row.text, start):
            paper.put("total", form.value(row.piece(*figures.span()), money_text(figures[0])))


def money_text(printed: str) -> str:
    """An amount without its sign of currency and commas."""
    return printed.replace("¥", "").replace(",", "").replace(" ", "")


def _printed(row: Row, first: int, last: int) -> str:
    return "".join(w.printed for w in row.piece(first, last))


def put_parties(paper: Paper, form: Form, labels: list[Label], bottoms: list[float]) -> None:
    """Buyer and seller. `bottoms`: heights at which a block ends at the latest (tables, sums, people)."""
    names = [x for x in labels if x.name == "name"]
    for number, (name, side) in enumerate(zip(names, _roles(form, names), strict=True)):
        if not side:
            continue
        mine = [x for x in labels if x.name in _PARTY and _name_of(x, names) is name]
        below = [n.row.y for n in names[number + 1 :] if n.row.y > name.row.y + name.row.height]
        last = max(x.row.y for x in mine)
        bottom = min([b for b in (*bottoms, *below) if b > last], default=last + 4 * name.row.height)
        right = _right(form, name, names, last)
        _put_party(paper, form, side, mine, (bottom, right))


def _roles(form: Form, names: list[Label]) -> list[str]:
    """Whose block each name opens: as it says itself, as the side left of it says, or buyer before seller."""
    roles: list[str] = []
    for label in names:
        word = label.text[:1]
        named = [s for s in form.sides if s.name[0] in "购销"]
        left = [s for s in named if -3 <= label.x0 - s.x1 < 80 and s.y0 - 30 <= label.row.y <= s.y1 + 30]
        above = [
            s for s in named if -30 < label.x0 - s.x0 < 150 and 0 < label.row.y - s.y1 < 4 * label.row.height
        ]
        if word not in "购销" and (near := left or above):
            word = max(near, key=lambda s: s.x1).name[0]
        roles.append({"购": "buyer", "销": "seller"}.get(word, ""))
    for number, role in enumerate(roles):
        if not role:
            free = [r for r in ("buyer", "seller") if r not in roles]
            roles[number] = free[0] if free else ""
    return roles


def _name_of(label: Label, names: list[Label]) -> Label | None:
    """The name under which a label stands."""
    above = [n for n in names if n.row.y <= label.row.y + 2]
    return min(above, key=lambda n: abs(n.x0 - label.x0) + label.row.y - n.row.y, default=None)


def _right(form: Form, name: Label, names: list[Label], last: float) -> float:
    """Where the block ends to the right: the next side or the next name on its line."""
    edges = [n.x0 - 1 for n in names if n.x0 > name.x1 and abs(n.row.y - name.row.y) < name.row.height]
    edges += [
        s.x0 - 1 for s in form.sides if s.x0 > name.x1 and s.y0 - 15 <= last and s.y1 + 15 >= name.row.y
    ]
    return min(edges, default=1e9)


def _put_party(paper: Paper, form: Form, side: str, labels: list[Label], limits: tuple[float, float]) -> None:
    bottom, right = limits
    found = _cells(form, labels, bottom, right)
    for name, rows in found.items():
        words = [w for row in rows for w in row]
        text = "".join(joined(row) for row in rows)
        if name == "tax_id":
            code = _TAX_ID.fullmatch("".join(w.text for w in words).replace(" ", ""))
            paper.put(f"{side}.code", form.value(words, code[0].upper()) if code else "")
        elif name == "address":
            address, phone = split_phone(" ".join(joined(row) for row in rows))
            paper.put(f"{side}.address", form.value(words, address))
            paper.put(f"{side}.phone", form.value(words, phone))
        else:
            paper.put(f"{side}.{name}", form.value(words, text))


def _cells(form: Form, labels: list[Label], bottom: float, right: float) -> dict[str, list[list[Word]]]:
    """Words of each label of a block, row by row: on its line, or on unlabelled lines next to it."""
    own = {label.name: [w for w in beside(form, label, right) if w.x0 < right] for label in labels}
    used = {id(w) for words in own.values() for w in words}
    labels = sorted(labels, key=lambda x: x.row.y)
    left = min(label.x1 for label in labels) - 2
    rows: dict[str, list[tuple[float, list[Word]]]] = {x.name: [] for x in labels}
    for label in labels:
        if own[label.name]:
            rows[label.name].append((label.row.y, own[label.name]))
    top = labels[0].row.y - 1.3 * labels[0].row.height
    for row in form.rows:
        if not top <= row.y < bottom - 0.5 * row.height or any(x.row is row for x in labels):
            continue
        words = [w for w in row.words if left <= w.x0 < right and id(w) not in used]
        if words and not _ANY.search(row.text):
            rows[_owner(row, words, labels, own)].append((row.y, words))
    return {name: [words for _, words in sorted(found, key=lambda f: f[0])] for name, found in rows.items()}


def _owner(row: Row, words: list[Word], labels: list[Label], own: dict[str, list[Word]]) -> str:
    """The label that an unlabelled line belongs to: the one above, unless the one below has nothing."""
    above = [x for x in labels if x.row.y <= row.y]
    below = [x for x in labels if x.row.y > row.y]
    if not above:
        return below[0].name
    if below and not own[below[0].name]:
        fits = below[0].name != "tax_id" or _TAX_ID.fullmatch("".join(w.text for w in words))
        if fits and below[0].row.y - row.y <= row.y - above[-1].row.y:
            return below[0].name
    return above[-1].name


def remark_of(form: Form, labels: Iterable[Label], top: float, bottom: float) -> Value:
    """What stands right of 备注: lines that fill their box go on, others end."""
    side = next((s for s in form.sides if s.name == "备注" and s.y1 > top), None)
    label = next((x for x in labels if x.name == "remark" and x.row.y > top), None)
    if side is None and label is None:
        return Value("")
    left = side.x1 - 1 if side else label.x0 - 2 if label else 0.0
    rows: list[list[Word]] = []
    for row in form.rows:
        if top < row.y < bottom:
            mine = label is not None and row is label.row
            words = row.piece(label.last, len(row.text)) if mine and label else row.words
            rows.append([w for w in words if w.x0 >= left])
    rows = [words for words in rows if words]
    if not rows:
        return Value("")
    right = max(w.x1 for words in rows for w in words)
    text = joined(rows[0])
    for before, words in pairwise(rows):
        text += ("" if _wrapped(before, words, right, form) else "\n") + joined(words)
    return form.value([w for words in rows for w in words], text)


def _wrapped(before: list[Word], row: list[Word], right: float, form: Form) -> bool:
    """Whether a line goes on in the next: the next one's first letter would not have fitted."""
    first, last = row[0], before[-1]
    letter = (first.x1 - first.x0) / max(len(first.printed), 1)
    return last.x1 + letter > min(right, form.page.width) - 1 and last.x1 > 0.8 * form.page.width
