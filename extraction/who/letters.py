"""Names as letters: one normal form, and which characters are taken for one another."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from opencc import OpenCC

from ledger.names import pinyin
from seeds.name_words import name_words

#: Blanks and signs that say nothing. Round brackets stay: they set places and notes apart.
_SIGNS = r"[\s·•‧・\-－—–_\.。,，、'\"“”‘’「」《》<>/\\|:：;；!！?？&#@~`^+=]"
_BRACKETS = ({"【": "(", "〔": "(", "[": "(", "{": "(", "】": ")", "〕": ")", "]": ")", "}": ")"},)
_HAN = (0x3400, 0xA000)


@cache
def _simplified() -> tuple[list[str], list[str]]:
    """Traditional characters and what each is in simplified writing."""
    every = [chr(c) for c in range(*_HAN)]
    plain = OpenCC("t2s").convert("\n".join(every)).split("\n")
    pairs = [(a, b) for a, b in zip(every, plain, strict=True) if a != b and len(b) == 1]
    return [a for a, _ in pairs], [b for _, b in pairs]


def spelled(names: pl.Expr) -> pl.Expr:
    """NFKC, upper case, simplified characters, without blanks and signs; brackets are round."""
    plain = names.str.normalize("NFKC").str.to_uppercase().str.replace_all(_SIGNS, "")
    (brackets,) = _BRACKETS
    return plain.str.replace_many({**brackets}).str.replace_many(*_simplified())


def alike_pairs() -> NDArray[np.int64]:
    """Pairs of characters that look alike, as a << 32 | b, sorted."""
    return np.sort(np.array([ord(a) << 32 | ord(b) for a, b in name_words().confusable], np.int64))


@cache
def _sounds() -> dict[str, int]:
    return {}


def sounds(letters: NDArray[np.uint32]) -> NDArray[np.int32]:
    """The sound of each letter as a number; 0 where it has none of its own (digits, Latin letters)."""
    known = _sounds()
    found = np.zeros(len(letters), np.int32)
    for i, code in enumerate(letters.tolist()):
        if _HAN[0] <= code < _HAN[1]:
            found[i] = known.setdefault(pinyin(chr(code)), len(known) + 1)
    return found


#: Bits of `kinds_of_letters`.
COUNTING, NUMERAL = 1, 2


def kinds_of_letters() -> NDArray[np.uint8]:
    """By code up to 65,535: letters of a count or a side (东, 西 …), and of a count alone."""
    table = np.zeros(0x10000, np.uint8)
    for letter in name_words().counting:
        table[ord(letter)] |= COUNTING | (0 if letter in "东西南北中" else NUMERAL)
    return table


def alike_sieve(pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a pair may stand among `pairs`, by `(a * 31 + b) & 0xFFFF`: most need no search."""
    sieve = np.zeros(0x10000, np.bool_)
    sieve[((pairs >> 32) * 31 + (pairs & 0xFFFFFFFF)) & 0xFFFF] = True
    return sieve
