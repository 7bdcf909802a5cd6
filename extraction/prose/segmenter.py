"""Words and their parts of speech by jieba, kept to ourselves: no cache in a shared folder, no log lines."""

import warnings
from functools import cache
from typing import Any, NamedTuple

from ledger.errors import MissingExtra


def needed(package: str) -> Any:
    """The module `package` of the extra `documents`. MissingExtra where it is not installed."""
    from importlib import import_module

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's own escapes, told when it is compiled for the first time
        try:
            return import_module(package)
        except ImportError:
            raise MissingExtra("documents_extra_missing", extra="documents", package=package) from None


class Segmenter(NamedTuple):
    """`frequency` of every word (0 for a beginning of words only), `part` of speech of every word."""

    cut: Any
    frequency: dict[str, int]
    part: dict[str, str]


@cache
def segmenter() -> Segmenter:
    """jieba with its own dictionary, loaded once a process (about a second).

    Its usual start reads a cache from the temporary folder, where anybody may have put one: not used.
    """
    jieba, speech = needed("jieba"), needed("jieba.posseg")
    words = jieba.Tokenizer()
    words.FREQ, words.total = words.gen_pfdict(words.get_dict_file())
    words.initialized = True
    tagged = speech.POSTokenizer(words)
    return Segmenter(tagged.cut, words.FREQ, tagged.word_tag_tab)
