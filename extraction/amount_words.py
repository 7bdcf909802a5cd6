"""Amounts in words (大写) as printed on invoices → fen."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

import cn2an

_SHAPE = re.compile(
    r"(?:(?P<yuan>[^元角分]*)元)?(?:零*(?P<jiao>[^元角分零])角)?(?:零*(?P<fen>[^元角分零])分)?"
)
_DIGITS = dict(zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True)) | dict(
    zip("〇一二三四五六七八九", range(10), strict=True)
)
_MINUS = re.compile(r"^\(?负数?\)?")
_NOISE = re.compile(r"[⊗ⓧ×\s¥￥]|人民币|\(大写\)|:")


@lru_cache(maxsize=10_000)
def fen_in_words(words: str) -> int | None:
    """Fen of an amount in words, None where it cannot be read.

    Red invoices print （负数）伍佰圆整. Yuan go through cn2an; jiao and fen are single digits.
    """
    text = _NOISE.sub("", unicodedata.normalize("NFKC", words)).replace("圆", "元").replace("圓", "元")
    bare = _MINUS.sub("", text)
    shape = _SHAPE.fullmatch(bare.rstrip("整正"))
    if not bare or shape is None or not any(shape.groups()):
        return None
    try:
        yuan = cn2an.cn2an(shape["yuan"], "smart") if shape["yuan"] else 0
        cents = 10 * _DIGITS[shape["jiao"]] if shape["jiao"] else 0
        cents += _DIGITS[shape["fen"]] if shape["fen"] else 0
    except (ValueError, KeyError):
        return None
    total = int(Decimal(str(yuan)) * 100) + cents
    return -total if bare != text else total
