"""Generated sentences of contracts, remarks and statements with their names marked, for training.

Firms, people, places and goods are invented as everywhere in this room. Half of the goods are put
together from parts, so that what is learned is more than a list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from seeds.chains import load_chains
from seeds.codes import synthetic_codes
from seeds.knowledge import generic_items, names, places
from seeds.name_words import name_words
from seeds.paper import in_words
from seeds.streams import stream

#: Slots whose filling is marked, and the label it gets; an address is a place too.
MARKED = {"company": "company", "short": "short_name", "product": "product", "person": "person"}
MARKED |= {"place": "place", "address": "place"}
_SLOT = re.compile(r"\{(\w+)\}")
_FORMS = ("有限公司",) * 8 + (
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "厂",
    "加工厂",
    "经营部",
    "商行",
    "合作社",
    "门市部",
)
_ROADS = (
    "新凯路",
    "工业大道",
    "人民路",
    "建设路",
    "创业路",
    "经济开发区科技路",
    "解放东路",
    "高新区学院路",
    "中山北路",
)
_UNITS = ("吨", "公斤", "件", "套", "台", "只", "米", "箱", "批", "个", "卷")


@dataclass(frozen=True)
class Sentence:
    """`spans` are (start, end, label); `template` is what it was made from."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    template: str


def sentences(count: int, seed: int = 1, part: str = "train") -> Iterator[Sentence]:
    """`count` sentences; the same seed gives the same. `part` is `train` or `other` (templates that are
    never trained on)."""
    templates = _parts()[part]
    rng = stream(seed, f"prose/{part}")
    for number in range(count):
        if part == "train" and number % 2:
            yield _filled(_joined(rng), rng)
        else:
            whole = number // 2 if part == "train" else number
            yield _filled(templates[whole % len(templates)], rng)


def _joined(rng: np.random.Generator) -> str:
    """A template put together at random from what stands around names."""
    parts, slots = _parts(), ("short", "short", "product", "product", "person", "place", "company")
    made = _one(parts["before"], rng) + f"{{{_one(slots, rng)}}}"
    for _ in range(int(rng.integers(0, 3))):
        made += _one(parts["between"], rng) + f"{{{_one(slots, rng)}}}"
    return made + _one(parts["after"], rng)


def _filled(template: str, rng: np.random.Generator) -> Sentence:
    text, spans, last = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[last : slot.start()]
        value = _FILL[slot[1]](rng)
        if label := MARKED.get(slot[1]):
            spans.append((len(text), len(text) + len(value), label))
        text += value
        last = slot.end()
    return Sentence(_spelled(text + template[last:], rng), tuple(spans), template)


def _spelled(text: str, rng: np.random.Generator) -> str:
    """As another program or hand writes it; the length stays."""
    draw = rng.random()
    if draw < 0.15:
        return text.translate(str.maketrans("（），：；", "(),:;"))
    return text.replace("，", " ").replace("：", ":") if draw < 0.22 else text


@cache
def _parts() -> dict[str, Any]:
    return dict(yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text("utf-8")))


@cache
def _items() -> tuple[str, ...]:
    """Every item of the chains, once each."""
    items = [item for chain in load_chains() for segment in chain.segments for item in segment.items]
    return tuple(dict.fromkeys([*items, *(entry.item for entry in generic_items())]))


@cache
def _trades() -> tuple[str, ...]:
    chains = [trade for chain in load_chains() for segment in chain.segments for trade in segment.trades]
    return tuple(dict.fromkeys([*chains, *name_words().trades]))


def _one(options: Any, rng: np.random.Generator) -> str:
    return str(options[int(rng.integers(len(options)))])


def _place(rng: np.random.Generator) -> str:
    place = places()[int(rng.integers(len(places())))]
    return place.name if rng.random() < 0.5 else place.short


def _brand(rng: np.random.Generator) -> str:
    if rng.random() < 0.04:
        return "".join(_one("ABCDEFGHJKLMNPRSTWXYZ", rng) for _ in range(int(rng.integers(2, 5))))
    if rng.random() < 0.4:
        return _one(names()["brand_first"], rng) + _one(names()["brand_second"], rng)
    return "".join(_one(_parts()["brands"], rng) for _ in range(3 if rng.random() < 0.2 else 2))


def _company(rng: np.random.Generator) -> str:
    brand, trade, form, draw = _brand(rng), _one(_trades(), rng), _one(_FORMS, rng), rng.random()
    if draw < 0.12:
        return f"{brand}{trade}（{_place(rng)}）{form}"
    if draw < 0.3:
        return f"{brand}{trade}{form}"
    return f"{_place(rng)}{brand}{trade}{form}"


def _short(rng: np.random.Generator) -> str:
    brand, draw = _brand(rng), rng.random()
    if draw < 0.35:
        return brand
    if draw < 0.6:
        return brand + _one(_trades(), rng)
    if draw < 0.82:
        return brand + _one(_parts()["tails"], rng)
    if draw < 0.94:
        return _place(rng).rstrip("市县区") + brand
    return _place(rng).rstrip("市县区") + brand + _one(_parts()["tails"], rng)


def _product(rng: np.random.Generator) -> str:
    parts, draw = _parts(), rng.random()
    if draw < 0.4:
        return _one(_items(), rng)
    if draw < 0.5:
        return _one(parts["services"], rng)
    how = _one(parts["goods_how"], rng) if draw < 0.85 else ""
    return how + _one(parts["goods_what"], rng)


def _person(rng: np.random.Generator) -> str:
    given = names()["given"]
    return _one(names()["surnames"], rng) + "".join(
        _one(given, rng) for _ in range(1 + int(rng.random() < 0.7))
    )


def _address(rng: np.random.Generator) -> str:
    return f"{_place(rng)}{_one(_ROADS, rng)}{_number(rng, 1, 999)}号"


def _number(rng: np.random.Generator, low: int, high: int) -> str:
    return str(int(rng.integers(low, high)))


def _money(rng: np.random.Generator) -> str:
    fen = int(rng.integers(10_000, 900_000_000))
    return in_words(fen - fen % 100) if rng.random() < 0.2 else f"{fen / 100:,.2f}元"


def _code(rng: np.random.Generator) -> str:
    return synthetic_codes(np.array([91]), rng.integers(0, 99_999_999, 1))[0]


def _date(rng: np.random.Generator) -> str:
    year, month, day = _number(rng, 2018, 2027), _number(rng, 1, 13), _number(rng, 1, 29)
    return f"{year}年{month}月{day}日" if rng.random() < 0.7 else f"{year}-{month:>02}-{day:>02}"


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


_FILL: dict[str, Callable[[np.random.Generator], str]] = {
    "company": _company,
    "short": _short,
    "product": _product,
    "person": _person,
    "place": _place,
    "address": _address,
    "money": _money,
    "code": _code,
    "date": _date,
    "trade": lambda rng: _one(_trades(), rng),
    "honorific": lambda rng: _one(_parts()["honorifics"], rng),
    "phone": lambda rng: f"0{_number(rng, 100, 999)}-{_digits(rng, 8)}",
    "account": lambda rng: f"9{_digits(rng, int(rng.integers(11, 20)))}",
    "number": lambda rng: f"{_one('ABCDXHT', rng)}-{_digits(rng, 8)}",
    "spec": lambda rng: f"{_one(('Φ', 'DN', 'M', 'PA', 'GB-'), rng)}{_number(rng, 2, 400)}",
    "quantity": lambda rng: f"{_number(rng, 1, 5000)}{_one(_UNITS, rng)}",
    "price": lambda rng: f"{int(rng.integers(10, 90_000)) / 10:.2f}",
    "days": lambda rng: _number(rng, 3, 91),
    "months": lambda rng: _number(rng, 3, 37),
    "month": lambda rng: _number(rng, 1, 13),
    "share": lambda rng: f"{_number(rng, 1, 100)}%",
    "rate": lambda rng: _one((13, 9, 6, 3, 1), rng),
}
