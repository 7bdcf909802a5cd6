"""People whom a document names, hidden wherever else it names them: in terms, notes, and rejected rows."""

import re

import polars as pl

from extraction.parties import is_person
from extraction.personal import masked_cells, masked_text, without_numbers
from ledger.names import ANONYMOUS, masked_person, normal_form

#: Headings of columns that name somebody, and those that name things.
_WHO = re.compile(
    r"户名|姓名|名称|对方|单位|代表|法人|股东|持票|背书|出票|承兑|收款|付款|经办|联系|"
    r"人$|方$|(?:^|[_ ])(?:name|payee|payer|counterparty)",
    re.IGNORECASE,
)
_THINGS = re.compile(
    r"商品|货物|项目|产品|服务|科目|品名|币|行名|银行|开户|行$|类型|种类|方式|状态|性质|地址|"
    r"金额|日期|时间|账号|号码|识别号|代码"
)
_TITLE = re.compile(r"(?:先生|女士|小姐)$")
_BESIDE = re.compile(r"[(（\[【].*$")
#: People in one cell: 张三、李四.
_SEVERAL = re.compile(r"[、,，;；/]")


def people_in(names: list[str]) -> list[str]:
    """The names that are people's, each as it is written and bare (欧阳小明先生, 欧阳小明), longest first."""
    found = set()
    for name in (part for said in names for part in _SEVERAL.split(without_numbers(said))):
        whole = name.strip()
        if normal_form(whole) in ANONYMOUS or not is_person(whole):
            continue
        bare = _TITLE.sub("", _BESIDE.sub("", whole)).strip()
        found |= {n for n in (whole, bare) if len(n) >= 2 and normal_form(n) not in ANONYMOUS}
    return sorted(found, key=lambda n: (-len(n), n))


def covered(text: str, people: list[str]) -> str:
    """`text` with personal numbers masked, and the names of `people`."""
    shown = masked_text(text)
    for name in people:
        shown = shown.replace(name, masked_person(name))
    return shown


def covered_cells(own: pl.DataFrame) -> pl.DataFrame:
    """The user's own columns masked: numbers, and people who stand in columns of names, there and where the
    same rows name them again."""
    shown = masked_cells(own)
    texts = [title for title, dtype in own.schema.items() if dtype == pl.String]
    who = [title for title in texts if _WHO.search(title) and not _THINGS.search(title)]
    names = {name for title in who for name in own[title].drop_nulls().to_list()}
    people = people_in(sorted(names))
    if not people:
        return shown
    hidden = [masked_person(name) for name in people]
    return shown.with_columns(pl.col(texts).str.replace_many(people, hidden, leftmost=True))
