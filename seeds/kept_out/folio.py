"""A4 pages of the purchasing centre: numbered, text flowing down, seals below each other, goods annexed."""

from itertools import pairwise

from seeds.contract import ContractLine, PaperContract
from seeds.kept_out.clauses import spaced_day
from seeds.kept_out.pages import Sheets, wrapped
from seeds.paper import Party, plain

_LEFT, _RIGHT, _TOP, _BOTTOM = 72.0, 523.0, 72.0, 770.0
_EDGES = (_LEFT, 168.0, 258.0, 318.0, 378.0, 452.0, _RIGHT)


class Folio:
    """Pages filled from the top; `data` ends them."""

    def __init__(self) -> None:
        self._sheets, self._y, self._page = Sheets(595, 842), _TOP, 1

    def line(self, text: str, size: float, align: str = "left") -> None:
        """One line that is known to fit."""
        self._room(size * 1.7)
        self._sheets.text(297.5 if align == "centre" else _LEFT, self._y, text, size, align)
        self._y += size * 1.7

    def paragraph(self, text: str) -> None:
        """A text broken into lines."""
        for part in wrapped(text, _RIGHT - _LEFT, 10.5):
            self.line(part, 10.5)

    def seals(self, contract: PaperContract) -> None:
        """Where both sign, one below the other, each with the day."""
        for role, party in (("甲方", contract.buyer), ("乙方", contract.seller)):
            self._room(78)
            self._y += 14
            self._seal(role, party)
            self.line(f"日　　期：{spaced_day(contract.signed)}", 10.5)

    def _seal(self, role: str, party: Party) -> None:
        self.paragraph(f"{role}（盖章）：{party.name}")
        self.line("法定代表人或授权代表（签字）：", 10.5)

    def annex(self, contract: PaperContract) -> None:
        """The goods on a page of their own, ruled in both directions."""
        if not contract.lines:
            return
        self._turn()
        self.line("附件", 10.5)
        self.line("货物清单", 14, "centre")
        basis = "含税" if contract.basis == "with_tax" else "不含税"
        self.line(f"合同编号：{contract.number}　金额单位：元（{basis}）", 9)
        self._row(("货物名称", "规格及技术要求", "数量", "单价", "金额", "交付日期"))
        for line in contract.lines:
            self._row(_cells(line))
        self._row(("总计", "", "", "", plain(contract.amount_fen or 0), ""))

    def data(self) -> bytes:
        """The finished file."""
        self._foot()
        return self._sheets.data()

    def _row(self, texts: tuple[str, ...]) -> None:
        spans = pairwise(_EDGES)
        cells = [wrapped(t, b - a - 6, 9) for t, (a, b) in zip(texts, spans, strict=True)]
        height = 12.0 * max(len(c) for c in cells) + 6
        self._room(height)
        top, end = self._y - 11, self._y - 11 + height
        for y in (top, end):
            self._sheets.rule(_LEFT, y, _RIGHT, y)
        for x in _EDGES:
            self._sheets.rule(x, top, x, end)
        for x, cell in zip(_EDGES, cells, strict=False):
            for i, text in enumerate(cell):
                self._sheets.text(x + 3, self._y + 1 + 12 * i, text, 9)
        self._y += height

    def _room(self, height: float) -> None:
        if self._y + height > _BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self._foot()
        self._sheets.next()
        self._y, self._page = _TOP, self._page + 1

    def _foot(self) -> None:
        self._sheets.text(297.5, 806, f"- {self._page} -", 9, "centre")


def _cells(line: ContractLine) -> tuple[str, ...]:
    """A line of the annex; quantity and unit in one cell."""
    quantity = "" if line.quantity is None else f"{line.quantity.normalize():f}"
    price = "" if line.price is None else f"{line.price:f}"
    day = "" if line.deliver_on is None else spaced_day(line.deliver_on).replace(" ", "")
    return line.item, line.specification, f"{quantity}{line.unit}", price, plain(line.amount_fen), day
