"""The words of the trade and every sentence shown to a person, in Chinese and English.

`words.yaml` is the one place they stand: `labels` are names of things (enums, kinds, columns,
headings), `messages` are sentences with `{placeholders}`, `fills` says which placeholders of a sentence
hold keys of labels, and with what those labels begin. Code everywhere stores and compares the stable
English key and asks here for the text.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

Lang = Literal["zh", "en"]


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    """All of `words.yaml` and of the files beside it named `words_*.yaml`, merged by section."""
    folder, merged = Path(__file__).parent, {"labels": {}, "messages": {}, "fills": {}}  # type: ignore[var-annotated]
    for path in sorted(folder.glob("words*.yaml")):
        for section, entries in (yaml.safe_load(path.read_text("utf-8")) or {}).items():
            merged[section].update(entries)
    return merged


def label(key: str, lang: str = "en") -> str:
    """The name of `key` in `lang`. KeyError when the word is not in the file."""
    return _words()["labels"][key][_known(lang)]


def message(code: str, lang: str = "en", **params: Any) -> str:
    """The sentence for `code` in `lang`, filled with `params`; unknown params are ignored.

    KeyError when the code has no sentence: a test walks the code for that.
    """
    template = _words()["messages"][code][_known(lang)]
    words = {
        name: _named(begins, str(params[name]), _known(lang))
        for name, begins in _words()["fills"].get(code, {}).items()
        if name in params
    }
    return template.format_map(_Gaps({**params, **words}))


def labels() -> dict[str, dict[str, str]]:
    """Every label: key → {zh, en}."""
    return dict(_words()["labels"])


def messages() -> dict[str, dict[str, str]]:
    """Every sentence: code → {zh, en}."""
    return dict(_words()["messages"])


def _named(begins: str, value: str, lang: Lang) -> str:
    """The names of comma-separated keys whose labels begin so; what has no label stays as it is."""
    every = _words()["labels"]
    names = [every.get(f"{begins}{one}", {}).get(lang, one) for one in value.split(", ")]
    return ("、" if lang == "zh" else ", ").join(names)


def _known(lang: str) -> Lang:
    return cast(Lang, lang) if lang in ("zh", "en") else "en"


class _Gaps(dict[str, Any]):
    """Leaves a placeholder standing where its value is missing, so that a sentence never fails."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
