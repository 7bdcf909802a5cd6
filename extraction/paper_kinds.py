"""Which kind of invoice a paper is: by its printed title, its code, or the labels it carries."""

import re
from functools import cache

from ledger.invoice_kinds import kind_of_word

#: Last two digits of a twelve-digit invoice code that starts with 0 (State Taxation Administration).
_OF_CODE = {
    "04": "vat_ordinary",
    "05": "vat_ordinary",
    "06": "vat_roll",
    "07": "vat_roll",
    "11": "vat_e_ordinary",
    "12": "toll",
    "13": "vat_e_special",
}
#: Labels and trade blocks (特定业务) of fully digitalised invoices that name a kind of their own.
_OF_LABEL = {
    "农产品收购": "farm_purchase",
    "农产品收购发票": "farm_purchase",
    "光伏收购": "self_billed",
    "报废产品收购": "self_billed",
    "反向开票": "self_billed",
    "通行费": "toll",
    "代开": "bureau",
    "代开发票": "bureau",
    "税务局代开": "bureau",
    "机动车": "vehicle",
    "机动车销售": "vehicle",
    "二手车": "used_vehicle",
    "二手车销售": "used_vehicle",
}
_BLANKS = re.compile(r"\s+")


def kind_of_label(name: str) -> str:
    """Kind named by a label of a fully digitalised invoice, '' for none of its own."""
    return _OF_LABEL.get(_BLANKS.sub("", name), "")


def kind_of_title(title: str) -> str:
    """Kind of a printed title such as 浙江增值税电子普通发票 (a place may stand before it), '' if none."""
    bare = _BLANKS.sub("", title).replace("(", "（").replace(")", "）")
    return next((kind for word, kind in _titles() if bare.endswith(word)), "")


def kind_of_code(code: str) -> str:
    """Kind that an older electronic invoice's twelve-digit code implies, '' if none."""
    return _OF_CODE.get(code[-2:], "") if re.fullmatch(r"0\d{11}", code) else ""


@cache
def _titles() -> list[tuple[str, str]]:
    """Words of the kinds as titles print them, longest first; short words could end anything."""
    words = ((w.replace("(", "（").replace(")", "）"), k) for w, k in kind_of_word().items())
    return sorted((p for p in words if len(p[0]) >= 7), key=lambda p: (-len(p[0]), p[0]))
