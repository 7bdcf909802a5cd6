"""A million invented firms with real-looking names, and the ways in which people and machines garble them.

Brands come from listed companies' short names where the data is at hand, and from new combinations of
their letters; trades from the endings of their full names. Without the data, from the generator's own
lists. No two firms share place, brand and trade, as a registry would see to it.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from opencc import OpenCC

from extraction.who.places import places
from ledger.ids import party_ids
from ledger.names import pinyin
from ledger.records import empty
from seeds.chains import load_chains
from seeds.codes import synthetic_codes
from seeds.knowledge import names as name_parts

#: A scanner's mistakes, written for this bench; the matcher has a list of its own.
_SCANNED = [
    "未末",
    "士土",
    "己已",
    "日曰",
    "人入",
    "大太",
    "天夫",
    "干千",
    "王玉",
    "由田",
    "申甲",
    "鸟乌",
    "拔拨",
    "晴睛",
    "析折",
    "侯候",
    "免兔",
    "科料",
    "清请",
    "刀力",
    "丸九",
    "万方",
    "贝见",
    "自白",
    "且目",
    "开井",
    "牛午",
    "治冶",
    "洒酒",
    "微徽",
    "洋祥",
    "宏宠",
    "佳住",
    "诚城",
    "锋峰",
    "宁宇",
    "亨享",
    "金全",
    "铭名",
    "瑞端",
    "林材",
    "泰秦",
    "顺项",
    "远运",
    "合台",
    "利和",
    "源原",
    "汇江",
    "阳阴",
    "兴光",
    "丰半",
    "福幅",
    "永水",
    "森林",
    "建健",
    "信佶",
    "恒桓",
    "华毕",
    "明朋",
    "景影",
    "新析",
    "成戊",
    "盛威",
    "达迖",
    "凯铠",
    "联职",
    "海诲",
    "浩洁",
    "嘉喜",
    "博傅",
    "凌淩",
    "腾藤",
    "创刨",
    "鼎晶",
    "辰唇",
    "昌冒",
    "富宫",
    "龙尤",
    "风凤",
    "云去",
    "东车",
    "南甫",
    "西酉",
    "北比",
    "中申",
    "市币",
    "电屯",
    "机杌",
    "械诫",
    "材村",
    "塑朔",
    "料科",
    "技枝",
    "贸贺",
    "易昜",
    "商啇",
    "设没",
    "备奋",
    "制刷",
    "造告",
    "程呈",
    "建廷",
    "筑巩",
    "食良",
    "品晶",
    "农衣",
    "业亚",
    "物牧",
    "流琉",
    "限很",
    "公么",
    "司可",
    "有冇",
    "责青",
    "任仼",
]
_EXTRA = (
    "（个体工商户）",
    "（公章）",
    "财务部",
    "(代付)",
    "（原名称变更）",
    "基本户",
    "【对公】",
    " 收",
    "（盖章）",
    "（本部）",
)
_FORMS = ("有限公司",) * 14 + ("有限责任公司", "股份有限公司", "厂", "经营部", "商行", "农民专业合作社")
_TO_TRADITIONAL = OpenCC("s2t")


@dataclass(frozen=True)
class Firms:
    """Firms by number: place as written and its short form, brand, trade, legal form, and the name."""

    place: list[str]
    short: list[str]
    brand: list[str]
    trade: list[str]
    form: list[str]
    name: list[str]

    def __len__(self) -> int:
        return len(self.name)

    def parties(self, upto: int) -> pl.DataFrame:
        """The first `upto` firms as rows of table `parties`, each with a synthetic code."""
        codes = synthetic_codes(np.full(upto, 91), np.arange(upto))
        rows = pl.DataFrame({"code": codes, "name": self.name[:upto]}).with_columns(
            scheme=pl.lit("uscc"), scope=pl.lit("")
        )
        named = rows.with_columns(party=party_ids(pl.col("scheme"), pl.col("scope"), pl.col("code")))
        return pl.concat([empty("parties"), named], how="diagonal")


def firms(count: int, shared: Path, seed: int) -> Firms:
    """`count` firms with different (place, brand, trade)."""
    rng = np.random.default_rng(seed)
    briefs, trades = _real(shared)
    brands = _brands(briefs, max(2000, count * 267 // 1000), rng)
    named = sorted({code: name for name, code in places().code.items() if name[-1] in "市县"}.items())
    named = [(code, name) for code, name in named if len(name) <= 4 and code % 10_000 // 100 < 90]
    short = [places().short[code] for code, _ in named]
    weight = np.array([6.0 if code % 100 == 0 else 1.0 for code, _ in named])
    words, often = zip(*sorted(trades.items()), strict=True)
    more = count + count // 8 + 1000
    place = rng.choice(len(named), more, p=weight / weight.sum())
    trade = rng.choice(len(words), more, p=np.array(often) / sum(often))
    brand = (len(brands) * rng.random(more) ** 1.3).astype(np.int64)
    key = (place.astype(np.int64) * len(words) + trade) * len(brands) + brand
    kept = np.sort(np.unique(key, return_index=True)[1])[:count]
    whole, form = rng.random(more) < 0.6, rng.integers(0, len(_FORMS), more)
    written = [named[place[i]][1] if whole[i] else short[place[i]] for i in kept]
    made = Firms(
        written,
        [short[place[i]] for i in kept],
        [brands[brand[i]] for i in kept],
        [words[trade[i]] for i in kept],
        [_FORMS[form[i]] for i in kept],
        [],
    )
    parts = zip(made.place, made.brand, made.trade, made.form, strict=True)
    made.name.extend("".join(each) for each in parts)
    return made


def _real(shared: Path) -> tuple[list[str], Counter[str]]:
    """Short names of listed companies without marks, endings of full names with counts; else our own."""
    briefs, fulls = set(), []
    listed = shared / "names" / "listed_company_names.json"
    if listed.exists():
        for row in json.loads(listed.read_text("utf-8"))["data"]:
            briefs.update([row["secShortName"], *row.get("secShortNameChg", "").split(",")])
            fulls.append(row["secFullName"])
    chain = shared / "chainkg" / "company.jsonl.gz"
    if chain.exists():
        for line in gzip.decompress(chain.read_bytes()).decode("utf-8").splitlines():
            row = json.loads(line)
            briefs.add(row["name"])
            fulls.append(row["fullname"])
    plain = {re.sub(r"^(\*?ST|S\*?ST|SST|G|S|N|PT)|(股份|集团|控股)?[AB]?$", "", brief) for brief in briefs}
    kept = sorted(b for b in plain if 2 <= len(b) <= 4 and re.fullmatch(r"[\u4e00-\u9fff]+", b))
    trades: Counter[str] = Counter()
    for full in sorted(set(fulls)):
        stem = re.sub(r"[（(].*?[)）]|股份有限公司|有限公司|集团", "", full)
        trades.update(stem[-n:] for n in (2, 4) if len(stem) >= n + 4)
    common = Counter(
        {
            word: n
            for word, n in trades.items()
            if n >= 6 and re.fullmatch(r"(?!.*(公司|股份|集团|控股|有限))[\u4e00-\u9fff]+", word)
        }
    )
    if kept and common:
        return kept, common
    parts = name_parts()
    own = [a + b for a in parts["brand_first"] for b in parts["brand_second"]]
    return own, Counter(t for chain in load_chains() for s in chain.segments for t in s.trades)


def _brands(briefs: list[str], count: int, rng: np.random.Generator) -> list[str]:
    """The short names and new ones that take each letter from where it stands in an old one."""
    made = dict.fromkeys(briefs)
    length = np.array([len(b) for b in briefs])
    by_place = [[b[k] for b in briefs if len(b) > k] for k in range(4)]
    while len(made) < count:
        size = rng.choice(length, 4096)
        letters = [rng.integers(0, len(each), 4096) for each in by_place]
        for i, n in enumerate(np.minimum(size, rng.choice([2, 2, 2, 3, 3, 4], 4096)).tolist()):
            made.setdefault("".join(by_place[k][letters[k][i]] for k in range(n)))
    return list(made)[:count]


def _wide(f: Firms, i: int, rng: np.random.Generator) -> str:
    name = f.name[i]
    cut = int(rng.integers(1, len(name)))
    return f"{name[:cut]}\u3000{name[cut:]}".replace("(", "（").replace(")", "）")


def _blanks(f: Firms, i: int, rng: np.random.Generator) -> str:
    return "".join(c + " " * int(rng.random() < 0.4) for c in f.name[i])


def _traditional(f: Firms, i: int, _rng: np.random.Generator) -> str:
    return str(_TO_TRADITIONAL.convert(f.name[i]))


def _suffix(f: Firms, i: int, rng: np.random.Generator) -> str:
    other = {
        "有限公司": ("有限责任公司", "公司"),
        "有限责任公司": ("有限公司", "公司"),
        "股份有限公司": ("股份公司", "有限公司"),
    }
    return f.name[i].removesuffix(f.form[i]) + str(rng.choice(other.get(f.form[i], ("",))))


def _short(f: Firms, i: int, _rng: np.random.Generator) -> str:
    return f.short[i] + f.brand[i] + f.trade[i]


def _bracket(f: Firms, i: int, rng: np.random.Generator) -> str:
    left, right = ("（", "）") if rng.random() < 0.5 else ("(", ")")
    return f"{f.brand[i]}{left}{f.short[i]}{right}{f.trade[i]}{f.form[i]}"


def _no_place(f: Firms, i: int, _rng: np.random.Generator) -> str:
    return f.brand[i] + f.trade[i] + f.form[i]


def _scanned(f: Firms, i: int, rng: np.random.Generator) -> str:
    name = list(f.name[i])
    pairs = {a: b for pair in _SCANNED for a, b in ((pair[0], pair[1]), (pair[1], pair[0]))}
    where = [k for k, c in enumerate(name) if c in pairs]
    if not where:
        return f.name[i][:-1]
    k = int(rng.choice(where))
    name[k] = pairs[name[k]]
    return "".join(name)


def _typo(f: Firms, i: int, rng: np.random.Generator) -> str:
    """One letter lost, typed as another of the same sound, or as any other."""
    name, k, way = f.name[i], int(rng.integers(0, len(f.name[i]))), rng.random()
    if way < 0.4:
        return name[:k] + name[k + 1 :]
    other = f.brand[int(rng.integers(0, len(f)))][0]
    if way < 0.8:
        other = str(rng.choice(_homophones().get(pinyin(name[k]), [other])))
    return name[:k] + other + name[k + 1 :]


_SOUND: dict[str, list[str]] = {}


def _homophones() -> dict[str, list[str]]:
    if not _SOUND:
        for letter in map(chr, range(0x4E00, 0x9FA6)):
            try:
                letter.encode("gb2312")
            except UnicodeEncodeError:
                continue
            _SOUND.setdefault(pinyin(letter), []).append(letter)
    return _SOUND


def _swapped(f: Firms, i: int, rng: np.random.Generator) -> str:
    k = int(rng.integers(0, len(f.name[i]) - 1))
    name = f.name[i]
    return name[:k] + name[k + 1] + name[k] + name[k + 2 :]


def _extra(f: Firms, i: int, rng: np.random.Generator) -> str:
    return f.name[i] + str(rng.choice(_EXTRA))


#: The eleven kinds of noise.
NOISE: dict[str, Callable[[Firms, int, np.random.Generator], str]] = {
    "wide": _wide,
    "blanks": _blanks,
    "traditional": _traditional,
    "suffix": _suffix,
    "short_form": _short,
    "place_in_brackets": _bracket,
    "no_place": _no_place,
    "scanned": _scanned,
    "typo": _typo,
    "swapped": _swapped,
    "extra_text": _extra,
}
