"""Who stands behind whom: people, ownership, groups and guarantee circles, as registry tables.

Identity numbers are invented in region 990000, which no authority issues. Draws from its own streams.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from seeds.books import bare
from seeds.firms import FORMS, STORY, Firms
from seeds.goods import Ints, World
from seeds.knowledge import names, utilities
from seeds.streams import stream
from seeds.trade import SIZES, Trade

NOTE = "合成数据 synthetic"
RELATIONS = (
    "企业识别号", "企业名称", "关系类型", "对方识别号", "对方名称", "证件标识", "比例", "金额(元)",
    "起始日期", "截止日期", "备注",
)  # fmt: skip
#: Day 0 of `since`, and how long a guarantee lasts.
DAY_0, YEARS = date(2007, 1, 4), 3
_SIZE_WORDS = {"micro": "微型", "small": "小型", "medium": "中型", "large": "大型"}
_FORM_WORDS = {
    "company": "有限责任公司",
    "individual_business": "个体工商户",
    "cooperative": "农民专业合作社",
}


@dataclass(frozen=True)
class Groups:
    """`head` of each firm's group (-1: none); guarantees: `by`, `for_whom`, `amount` in yuan, `circle`
    (-1: none), `since` in days after 2007-01-04. Those of a circle are signed within two months."""

    head: Ints
    by: Ints
    for_whom: Ints
    amount: Ints
    circle: Ints
    since: Ints


def plan_groups(firms: Firms, seed: int) -> Groups:
    """A twentieth of all firms in groups of three to six; guarantee circles of three to six neighbours."""
    rng = stream(seed, "groups")
    companies = np.flatnonzero((firms.segment >= 0) & (firms.form == 0) & (np.arange(firms.count) != STORY))
    head = np.full(firms.count, -1)
    drawn = rng.permutation(companies)
    for members in _cut(drawn[: max(6, len(companies) // 20)], rng):
        head[members] = members[np.argmax(firms.weight[members])]
    rest = drawn[max(6, len(companies) // 20) :]
    near = rest[: max(6, len(companies) // 30)]
    near = near[np.argsort(firms.place[near], kind="stable")]
    by, for_whom, circle = [], [], []
    for number, members in enumerate(_cut(near, rng)):
        by.append(members)
        for_whom.append(np.roll(members, -1))
        circle.append(np.full(len(members), number))
    inside = np.flatnonzero((head >= 0) & (head != np.arange(firms.count)))
    inside = inside[rng.random(len(inside)) < 0.4]
    guarantor = np.concatenate([*by, head[inside]])
    numbered = np.concatenate([*circle, np.full(len(inside), -1)])
    amount = rng.integers(5, 400, len(guarantor)) * 100_000
    signed = 5000 + rng.integers(0, 1500, len(guarantor))
    # One loan stands behind a circle: whoever joins it signs at about the same time.
    first = np.searchsorted(numbered[numbered >= 0], np.arange(len(circle)))
    together = signed[first][numbered] + rng.integers(0, 60, len(guarantor))
    return Groups(
        head=head,
        by=guarantor,
        for_whom=np.concatenate([*for_whom, inside]),
        amount=amount,
        circle=numbered,
        since=np.where(numbered >= 0, together, signed),
    )


def _cut(members: Ints, rng: np.random.Generator) -> list[Ints]:
    """Pieces of three to six."""
    ends = np.cumsum(rng.integers(3, 7, len(members) // 3 + 1))
    return [piece for piece in np.split(members, ends[ends < len(members)]) if len(piece) >= 3]


def write_registry(
    folder: Path, world: World, firms: Firms, trade: Trade, groups: Groups, seed: int
) -> list[tuple[Path, int]]:
    """The registry's two CSV tables: enterprises and relations. Returns each path with its rows."""
    written = []
    for name, table in (
        ("企业名录.csv", _enterprises(world, firms, trade)),
        ("股权与担保.csv", _relations(firms, groups, seed)),
    ):
        path = folder / name
        bare(table).write_csv(path, include_bom=True)
        written.append((path, len(table)))
    return written


def guarantee_table(firms: Firms, groups: Groups) -> pl.DataFrame:
    """guarantor, guaranteed (codes), amount_fen, circle (null: none), first, until."""
    first = pl.lit(DAY_0) + pl.duration(days=pl.col("since"))
    return (
        pl.DataFrame({"since": groups.since, "circle": groups.circle, "amount_fen": groups.amount * 100})
        .with_columns(firms.code.gather(groups.by).alias("guarantor"))
        .with_columns(firms.code.gather(groups.for_whom).alias("guaranteed"))
        .select(
            "guarantor",
            "guaranteed",
            "amount_fen",
            pl.when(pl.col("circle") >= 0).then("circle").alias("circle"),
            first.alias("first"),
            first.dt.offset_by(f"{YEARS}y").alias("until"),
        )
    )


def _enterprises(world: World, firms: Firms, trade: Trade) -> pl.DataFrame:
    industry = [s.industry[0] for s in world.segments] + [u.industry[0] for u in utilities()]
    row = np.where(firms.segment >= 0, firms.segment, len(world.segments) + firms.utility)
    sizes = pl.Series([_SIZE_WORDS[size] for size in SIZES])
    forms = pl.Series([_FORM_WORDS[form] for form in FORMS])
    return pl.DataFrame(
        {
            "统一社会信用代码": firms.code,
            "企业名称": firms.name,
            "行政区划代码": firms.region,
            "行业代码": pl.Series(industry).gather(row),
            "企业规模": sizes.gather(trade.size),
            "纳税人类型": pl.Series(["一般纳税人", "小规模纳税人"]).gather(
                trade.small_scale.astype(np.int64)
            ),
            "企业类型": forms.gather(firms.form),
            "备注": pl.Series([NOTE]).new_from_index(0, firms.count),
        }
    )


def _relations(firms: Firms, groups: Groups, seed: int) -> pl.DataFrame:
    rng = stream(seed, "registry")
    everyone = np.flatnonzero(firms.segment >= 0)
    person = np.where(groups.head[everyone] >= 0, groups.head[everyone], everyone)  # one boss a group
    child = np.flatnonzero((groups.head >= 0) & (groups.head != np.arange(firms.count)))
    since = rng.integers(0, 6500, firms.count)
    majority = rng.integers(51, 100, firms.count)
    own = everyone[~np.isin(everyone, child)]
    parts = [
        _rows(firms, "法定代表人", everyone, person=person, since=since[everyone]),
        _rows(firms, "股东", own, person=np.where(groups.head[own] >= 0, groups.head[own], own),
              share=majority[own], since=since[own]),
        _rows(firms, "股东", own, person=own + firms.count, share=100 - majority[own], since=since[own]),
        _rows(firms, "股东", child, firm=groups.head[child], share=majority[child], since=since[child]),
        _rows(firms, "实际控制人", child, person=groups.head[child], since=since[child]),
        _rows(firms, "对外担保", groups.by, firm=groups.for_whom, amount=groups.amount,
              since=groups.since, years=YEARS),
    ]  # fmt: skip
    return pl.concat(parts)


def _rows(
    firms: Firms, word: str, subject: Ints, *, person: Ints | None = None, firm: Ints | None = None,
    share: Ints | None = None, amount: Ints | None = None, since: Ints, years: int = 0,
) -> pl.DataFrame:  # fmt: skip
    empty = pl.Series([""]).new_from_index(0, len(subject))
    first = pl.lit(DAY_0) + pl.duration(days=pl.col("since"))
    until = first.dt.offset_by(f"{years}y").dt.strftime("%Y-%m-%d") if years else pl.lit("")
    columns = {
        "企业识别号": firms.code.gather(subject),
        "企业名称": firms.name.gather(subject),
        "关系类型": pl.Series([word]).new_from_index(0, len(subject)),
        "对方识别号": empty if firm is None else firms.code.gather(firm),
        "对方名称": _person_names(person)
        if person is not None
        else firms.name.gather(firm if firm is not None else subject),
        "证件标识": empty if person is None else _person_numbers(person),
        "比例": empty if share is None else pl.Series(share).cast(pl.String) + "%",
        "金额(元)": empty if amount is None else pl.Series(amount).cast(pl.String) + ".00",
        "since": pl.Series(since),
    }
    table = pl.DataFrame(columns).with_columns(
        first.dt.strftime("%Y-%m-%d").alias("起始日期"), until.alias("截止日期"), pl.lit(NOTE).alias("备注")
    )
    return table.select(RELATIONS)


def _person_names(person: Ints) -> pl.Series:
    parts = names()
    surnames, given = list(parts["surnames"]), list(parts["given"])
    last = pl.Series(surnames).gather(person * 7 % len(surnames))
    return (
        last
        + pl.Series(given).gather(person * 13 // 5 % len(given))
        + pl.Series(given).gather(person % len(given))
    )


def _person_numbers(person: Ints) -> pl.Series:
    """18 characters of region 990000: birth date, running number, check character (GB 11643)."""
    born = np.datetime64("1955-01-01") + (person * 37 % 15_000).astype("timedelta64[D]")
    text = pl.Series(born).cast(pl.Date).dt.strftime("%Y%m%d")
    # (birth date, running number) differ for different people: 15,000 days × 1,000 numbers.
    body = "990000" + text + pl.Series(person // 15_000 % 1000).cast(pl.String).str.zfill(3)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(
        (body.str.slice(i, 1).cast(pl.Int64) * w for i, w in enumerate(weights)), start=pl.Series([0])
    )
    return body + pl.Series(list("10X98765432")).gather(total % 11)
