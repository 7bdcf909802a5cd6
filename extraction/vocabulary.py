"""The words of ledgers and papers (`vocabulary.yaml`): status, placeholders, totals, kinds, offices."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ledger.invoice_kinds import kind_of_word


@dataclass(frozen=True)
class Vocabulary:
    """Words in their bare form (`bare`), by what they mean."""

    placeholders: tuple[str, ...]
    totals: tuple[str, ...]
    status: dict[str, str]  # word → normal | void | red | reversed_fully | reversed_partly
    positive: dict[str, str]  # word → blue | red
    exempt: tuple[str, ...]
    kinds: dict[str, str]  # 发票票种 → kind
    business: dict[str, str]  # 特定业务类型 → kind
    bureau_names: tuple[str, ...]
    organisation_endings: tuple[str, ...]
    organisation_words: tuple[str, ...]
    latin_organisation_words: frozenset[str]


def bare(text: str) -> str:
    """A word or column heading as it is compared: NFKC, upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).upper().replace("\ufeff", "").split())


@cache
def vocabulary() -> Vocabulary:
    """The words of `vocabulary.yaml`, and those of the invoice kinds."""
    raw = yaml.safe_load((Path(__file__).parent / "vocabulary.yaml").read_text("utf-8"))
    return Vocabulary(
        placeholders=_bare_all(raw["placeholders"]),
        totals=_bare_all(raw["totals"]),
        status=_by_word(raw["status"]),
        positive=_by_word(raw["positive"]),
        exempt=_bare_all(raw["exempt"]),
        kinds={bare(word): kind for word, kind in kind_of_word().items()},
        business=_by_word(raw["business"]),
        bureau_names=tuple(raw["bureau_names"]),
        organisation_endings=tuple(raw["organisation_endings"]),
        organisation_words=tuple(raw["organisation_words"]),
        latin_organisation_words=frozenset(raw["latin_organisation_words"]),
    )


def meaning(words: pl.Series, table: dict[str, str]) -> pl.Series:
    """What each word means by `table`; null where it is not there. Each distinct word is seen once."""
    distinct = words.unique().drop_nulls()
    found = pl.Series([table.get(bare(word)) for word in distinct], dtype=pl.String)
    return words.replace_strict(distinct, found, default=None, return_dtype=pl.String)


def _bare_all(words: list[Any]) -> tuple[str, ...]:
    return tuple(bare(str(word)) for word in words)


def _by_word(raw: dict[str, list[Any]]) -> dict[str, str]:
    return {bare(str(word)): key for key, words in raw.items() for word in words}
