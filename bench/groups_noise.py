"""Further invented firms for bench `groups`: groups of every kind to be found, and traps that are none.

Written as documents of their own (registry tables and a bookkeeper's ledger, marked as synthetic), beside
those of an economy, some of whose groups and circles the traps hang on to. Same arguments, same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from seeds.codes import synthetic_codes

NOTE = "合成数据 synthetic"
#: New firms are numbered from here: no economy is so large.
_FIRST = 60_000_000
_OLD, _ENDED, _LATER = "2019-05-06", "2024-06-30", "2026-03-01"
_LAST_YEAR = [date(2025, month, 10) for month in range(1, 13)]


@dataclass
class Noise:
    """What was planted: `expected` by kind, sets of codes; rows of the documents to come."""

    expected: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    traps: dict[str, int] = field(default_factory=dict)
    firms: list[dict[str, str]] = field(default_factory=list)
    ties: list[dict[str, str]] = field(default_factory=list)
    sales: list[dict[str, str]] = field(default_factory=list)
    people: int = 0
    names: dict[str, str] = field(default_factory=dict)  # of the new firms, by code

    def new(self, count: int, **said: str) -> list[str]:
        """Codes of so many new firms; `said`: 电话, 住所, 开户行及账号 of all of them."""
        first = _FIRST + len(self.names)
        codes = synthetic_codes(np.full(count, 91), np.arange(first, first + count))
        for number, code in enumerate(codes, first):
            self.names[code] = f"合成试验第{number - _FIRST + 1}号有限公司"
            self.firms.append({"统一社会信用代码": code, "企业名称": self.names[code], **said})
        return codes

    def person(self) -> tuple[str, str]:
        """Name and number of a new person."""
        self.people += 1
        return "合成人", f"SYN{self.people:08d}"

    def tie(self, word: str, subject: str, other: str | tuple[str, str], **more: str) -> None:
        """A row of the registry; `other`: a code, or a person."""
        row = {
            "企业识别号": subject,
            "企业名称": self.names.get(subject, ""),
            "关系类型": word,
            "起始日期": _OLD,
        }
        if isinstance(other, str):
            row |= {"对方识别号": other, "对方名称": self.names.get(other, "")}
        else:
            row |= {"对方名称": other[0], "证件标识": other[1]}
        self.ties.append({**row, **more, "备注": NOTE})

    def owns(self, holder: str | tuple[str, str], firm: str, percent: float, **more: str) -> None:
        """A holding."""
        self.tie("股东", firm, holder, 比例=f"{percent}%", **more)

    def guarantee(self, by: str, for_whom: str, **more: str) -> None:
        """A guarantee."""
        self.tie("对外担保", by, for_whom, **{"金额(元)": "1000000.00", "截止日期": "2027-12-31", **more})

    def sold(self, seller: str, buyer: str, owner: str, yuan: float, days: Iterable[date]) -> None:
        """An invoice on each of `days`, in the books of `owner`."""
        for day in days:
            amount = f"{yuan:.2f}"
            self.sales.append(
                {
                    "账套识别号": owner, "账套名称": self.names[owner],
                    "数电发票号码": f"2599{len(self.sales):016d}",
                    "销方识别号": seller, "销方名称": self.names[seller],
                    "购方识别号": buyer, "购买方名称": self.names[buyer],
                    "开票日期": f"{day} 10:00:00", "货物或应税劳务名称": "*金属制品*冲压件", "单位": "件",
                    "数量": "1", "单价": amount, "金额": amount, "税率": "13%", "税额": f"{yuan * 0.13:.2f}",
                    "价税合计": f"{yuan * 1.13:.2f}", "发票来源": "合成数据",
                    "发票票种": "数电发票（增值税专用发票）", "发票状态": "正常", "是否正数发票": "是",
                }
            )  # fmt: skip

    def expect(self, kind: str, firms: Iterable[str]) -> None:
        """These firms are a group of that kind."""
        self.expected.setdefault(kind, []).append(frozenset(firms))

    def trap(self, name: str) -> None:
        """One more of a trap."""
        self.traps[name] = self.traps.get(name, 0) + 1


def plant(heads: list[list[str]], rings: list[list[str]], times: int) -> Noise:
    """Everything `times` over. `heads`: groups of the economy, the head first; `rings`: its circles."""
    noise = Noise()
    for _ in range(times):
        _control(noise)
        _circles(noise)
        _suspected(noise)
        _dependent(noise)
        _owners_traps(noise)
        _guarantee_traps(noise)
    for members in heads[: 2 * times]:
        _at_a_group(noise, members)
    for one, other in zip(rings[::2][:times], rings[1::2], strict=False):
        _at_circles(noise, one, other)
    _crowds(noise)
    return noise


def write(noise: Noise, folder: Path) -> None:
    """The documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (
        ("干扰_企业名录.csv", [{"备注": NOTE, "行政区划代码": "330482", **row} for row in noise.firms]),
        ("干扰_股权与担保.csv", noise.ties),
        ("干扰_代账.csv", noise.sales),
    ):
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / name, include_bom=True)


def _control(noise: Noise) -> None:
    a, b, c = noise.new(3)  # along a chain
    noise.owns(noise.person(), a, 60)
    noise.owns(a, b, 55)
    noise.owns(b, c, 51)
    noise.expect("control", [a, b, c])
    top, left, right, below = noise.new(4)  # along two paths that add up
    noise.owns(top, left, 80)
    noise.owns(top, right, 70)
    noise.owns(left, below, 30)
    noise.owns(right, below, 25)
    noise.expect("control", [top, left, right, below])
    controller = noise.person()
    pair = noise.new(2)
    for firm in pair:
        noise.tie("实际控制人", firm, controller)
    noise.expect("control", pair)
    head, *branches = noise.new(3)
    for branch in branches:
        noise.tie("分公司", head, branch)
    noise.expect("one_entity", [head, *branches])


def _circles(noise: Noise) -> None:
    for size in (2, 4):
        ring = noise.new(size)
        for by, for_whom in zip(ring, [*ring[1:], ring[0]], strict=True):
            noise.guarantee(by, for_whom)
        noise.expect("guarantee_circle", ring)
    joint = noise.new(3)
    for by in joint:
        for for_whom in joint:
            if by != for_whom:
                noise.guarantee(by, for_whom)
    noise.expect("guarantee_circle", joint)


def _suspected(noise: Noise) -> None:
    number = 81_000_000 + len(noise.firms)  # another one each time
    noise.expect("suspected", noise.new(2, 电话=f"0573-{number}"))
    noise.expect("suspected", noise.new(2, 开户行及账号=f"合成银行 3301{number}88"))
    noise.expect("suspected", noise.new(3, 住所=f"嘉兴市平湖市新仓镇合成路{number}号2幢301室"))
    representative = noise.person()
    pair = noise.new(2)
    for firm in pair:
        noise.tie("法定代表人", firm, representative)
    noise.expect("suspected", pair)
    noise.trap("legal_representative_only")


def _dependent(noise: Noise) -> None:
    firm, partner, other = noise.new(3)
    noise.sold(firm, partner, firm, 7_000, _LAST_YEAR)
    noise.sold(firm, other, firm, 3_000, _LAST_YEAR)
    noise.expect("dependent", [firm, partner])
    firm, partner, other = noise.new(3)  # it buys most from one
    noise.sold(partner, firm, firm, 8_000, _LAST_YEAR)
    noise.sold(other, firm, firm, 2_000, _LAST_YEAR)
    noise.expect("dependent", [firm, partner])
    firm, partner, other = noise.new(3)
    noise.sold(firm, partner, firm, 4_800, _LAST_YEAR)
    noise.sold(firm, other, firm, 2_600, _LAST_YEAR)
    noise.sold(firm, noise.new(1)[0], firm, 2_600, _LAST_YEAR)
    noise.trap("less_than_half")
    firm, partner = noise.new(2)  # only three months of books
    noise.sold(firm, partner, firm, 9_000, _LAST_YEAR[9:])
    noise.trap("short_books")
    firm, one, two = noise.new(3)  # only in others' papers
    noise.sold(firm, one, one, 9_000, _LAST_YEAR)
    for buyer in (two, *noise.new(2)):
        noise.sold(one, buyer, one, 500, _LAST_YEAR)
    for seller in noise.new(2):
        noise.sold(seller, one, one, 6_000, _LAST_YEAR)
    noise.trap("others_papers_only")


def _owners_traps(noise: Noise) -> None:
    for percent in (20, 49.9, 50):
        holder, firm = noise.new(2)
        noise.owns(holder, firm, percent)
        noise.trap("minority")
    top, left, right, below = noise.new(4)  # exactly a half in all
    noise.owns(top, left, 20)
    noise.owns(top, right, 40)
    noise.owns(left, below, 60 / 2)
    noise.owns(right, below, 20)
    noise.trap("minority")
    holder, firm = noise.new(2)
    noise.owns(holder, firm, 90, 截止日期=_ENDED)
    noise.trap("ended_holding")
    holder, firm = noise.new(2)
    noise.owns(holder, firm, 90, 起始日期=_LATER)
    noise.trap("later_holding")


def _guarantee_traps(noise: Noise) -> None:
    ring = noise.new(4)
    for place, (by, for_whom) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True)):
        noise.guarantee(by, for_whom, **({"截止日期": _ENDED} if place == 2 else {}))
    noise.trap("ended_guarantee")
    chain = noise.new(5)
    for by, for_whom in pairwise(chain):
        noise.guarantee(by, for_whom)
    noise.guarantee(chain[0], chain[3])
    noise.trap("chain_without_cycle")


def _at_a_group(noise: Noise, members: list[str]) -> None:
    """A minority, a former majority and a guarantee of a group's head: none brings the firm in."""
    head, member, *_ = members
    minor, former, guaranteed, half = noise.new(4)
    noise.owns(head, minor, 35)
    noise.owns(head, former, 75, 截止日期=_ENDED)
    noise.guarantee(head, guaranteed)
    noise.owns(head, half, 30)
    noise.owns(member, half, 20)
    noise.trap("at_a_group")


def _at_circles(noise: Noise, one: list[str], other: list[str]) -> None:
    """Two circles with a way from one to the other, and the way back ended."""
    noise.guarantee(one[0], other[0])
    noise.guarantee(other[1], one[1], 截止日期=_ENDED)
    (outside,) = noise.new(1)
    noise.guarantee(one[2], outside)
    noise.trap("at_circles")


def _crowds(noise: Noise) -> None:
    """Many at one park, one bookkeeper's telephone, one supplier, one public owner; masked telephones."""
    noise.new(40, 住所="嘉兴市平湖市合成工业园区1号楼")
    noise.new(60, 电话="0573-80000001")
    for middle in range(1000, 1030):
        noise.new(1, 电话=f"138{middle}5678")
    (supplier,) = noise.new(1)
    for firm in noise.new(80):
        noise.sold(supplier, firm, firm, 8_000, _LAST_YEAR)
        noise.sold(noise.new(1)[0], firm, firm, 2_000, _LAST_YEAR)
    (owner,) = noise.new(1)
    noise.names[owner] = noise.firms[-1]["企业名称"] = "合成市人民政府国有资产监督管理委员会"
    for firm in noise.new(20):
        noise.owns(owner, firm, 100)
    for name in (
        "park_address",
        "bookkeepers_telephone",
        "masked_telephones",
        "common_supplier",
        "public_owner",
    ):
        noise.trap(name)
