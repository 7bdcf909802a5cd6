"""Places in names: provinces, cities and counties by GB/T 2260 code, with the short forms people write.

The registry of codes comes with python-stdnum, abolished counties included. A county that became a
city keeps its old name but gets the present code, so that 平湖县 and 平湖市 are one place.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from seeds.name_words import longest_first, name_words

_PROVINCE = re.compile(r'(\d\d) province="(.+)"')
_COUNTY = re.compile(r'\s{1,8}(\d{4}) county="(.+)"')
_STATED = re.compile(r"(?:\[\d*-(?P<end>\d*)\])?(?P<name>[^,]+)")
_PEOPLES = (
    "各族|壮族|回族|维吾尔族|维吾尔|蒙古族|蒙古|藏族|朝鲜族|土家族|苗族|布依族|侗族|彝族|哈尼族|傣族|白族|傈僳族|景颇族|羌族|"
    "哈萨克族|哈萨克|柯尔克孜族|柯尔克孜|满族|瑶族|黎族|畲族|水族|东乡族|纳西族|佤族|拉祜族|土族|达斡尔族|仫佬族|毛南族|仡佬族|"
    "锡伯族|塔吉克族|塔吉克|普米族|怒族|鄂温克族|独龙族|鄂伦春族|裕固族|保安族|撒拉族|布朗族|阿昌族|德昂族|塔塔尔族|京族|门巴族|珞巴族"
)
_AUTONOMOUS = re.compile(f"(?:{_PEOPLES}){{0,8}}自治(?:区|州|县|旗)$")
_LEVEL = re.compile(r"(?:特别行政区|地区|[省市县盟旗])$")


@dataclass(frozen=True)
class Places:
    """`code`: name or short form → code. `inside`: (first two digits of a code, name) → code there.
    `short`: code → the short form people write."""

    code: dict[str, int]
    inside: dict[tuple[int, str], int]
    short: dict[int, str]

    @property
    def pattern(self) -> str:
        """An alternation of all names, longest first."""
        return "|".join(map(re.escape, longest_first(self.code)))


@cache
def places() -> Places:
    """Every place that a name may hold."""
    code: dict[str, int] = {}
    inside: dict[tuple[int, str], int] = {}
    short: dict[int, str] = {}
    # Present before abolished, higher before lower: the first to claim a name keeps it.
    for abolished, number, name in sorted(_registry(), key=_rank):
        brief = _brief(name)
        held = inside.get((number // 10_000, brief or name), number) if abolished else number
        for form in {name, brief} - {""}:
            inside.setdefault((number // 10_000, form), held)
            code.setdefault(form, held)
        short.setdefault(number, brief or name)
    for name, digits in name_words().zones.items():
        code[name] = int(digits)
        inside[int(digits) // 10_000, name] = int(digits)
    return Places(code, inside, short)


def _registry() -> list[tuple[bool, int, str]]:
    """(abolished, code, name) of every place."""
    found, province = [], ""
    for line in (files("stdnum.cn") / "loc.dat").read_text("utf-8").splitlines():
        if top := _PROVINCE.match(line):
            province = top[1]
            found.append((False, int(province) * 10_000, top[2]))
        elif below := _COUNTY.match(line):
            for stated in _STATED.finditer(below[2]):
                if stated["name"] not in ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"):
                    found.append((bool(stated["end"]), int(province + below[1]), stated["name"]))
    return found


def _rank(place: tuple[bool, int, str]) -> tuple[bool, int, int]:
    abolished, code, _ = place
    level = 0 if code % 10_000 == 0 else 1 if code % 100 == 0 else 2
    return abolished, level, code


def _brief(name: str) -> str:
    """The short form of a name; empty where it has none or is a brand far more often than a place."""
    if name.endswith("区") and not _AUTONOMOUS.search(name) and not name.endswith(("特别行政区", "地区")):
        return ""
    brief = _LEVEL.sub("", _AUTONOMOUS.sub("", name))
    return "" if len(brief) < 2 or brief in name_words().brands_not_places else brief
