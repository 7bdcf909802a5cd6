"""What leaves an answer before a bound caller sees it: firms that they do not meet, and what is the bank's.

Both work on the answer as JSON, whatever its shape, so that a field added later is covered too. Keys of
objects are never names and stay, but where one is the id of a hidden firm.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import polars as pl

from graph.snapshot import Snapshot
from ledger.words import label

#: What stands for the id of a firm that the caller may not see.
HIDDEN = "0" * 16
_ID = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{16}(?![0-9A-Za-z])")
_WHOLE_ID = re.compile("[0-9a-f]{16}")
_SHA256 = re.compile("[0-9a-f]{64}")
#: Letters of a name that is looked for in what others called a paper.
SHORTEST, LONGEST = 4, 40
#: Codes: a name is looked for in them only as the whole of them.
_CODE = re.compile("[0-9a-z_]*")
#: Fields that name people of the bank, and what those wrote for each other.
_PEOPLE = ("by", "entered_by", "created_by", "lifted_by", "revoked_by")
_WORDS_OF_THEIRS = ("why", "override", "lifted_why")
#: Codes of limits in a decision that an owner may know: what the own firm owes.
_OWN_LIMITS = frozenset({"borrower"})
_OWN_RULES = frozenset({"exposure_borrower"})


def hide_others(
    body: bytes, snapshot: Snapshot, met: np.ndarray, lang: str, said: Collection[str] = (),
    handed: Callable[[], Collection[str]] = frozenset,
) -> bytes:  # fmt: skip
    """`body`, a JSON answer, without ids, names and codes of firms outside `met`, wherever they stand in it.

    A name is looked for where the id of its firm stands in the answer, and in what others called a paper. A
    text that is one of `said` stays; `handed` tells the papers that the caller called as they are called.
    """
    told = json.loads(body)
    ids = {found for text in _texts(told) if text not in said for found in _ID.findall(text)}
    rows = _rows_of(snapshot, ids)
    hidden = {id_: row for id_, row in rows.items() if not met[row]}
    spoken, known = _spoken(snapshot, met, _papers(told, handed))
    if not hidden and not spoken:
        return body
    names = snapshot.enterprises["name"]
    codes = snapshot.enterprises["code"]
    borne = {str(column[row]) for column in (names, codes) for row in hidden.values() if column[row]}
    gone = borne | spoken | set(_beside(told, hidden))
    stay = known | {str(names[row]) for row in rows.values() if met[row] and names[row]}
    hide = _Hiding(hidden, gone - stay, stay, label("another_firm", lang), said)
    return json.dumps(hide.shown(told), ensure_ascii=False, separators=(",", ":")).encode()


def readable(text: str, snapshot: Snapshot, met: np.ndarray, lang: str) -> str:
    """`text`, what somebody else called a paper, without names and codes of firms outside `met`."""
    gone, stay = _spoken(snapshot, met, {text})
    shown: str = _Hiding({}, gone, stay, label("another_firm", lang), ()).shown(text)
    return shown


def hide_bank(body: bytes, own: str, lang: str) -> bytes:
    """`body`, a JSON answer to the owner of a firm called `own`, without the names of the bank's people and
    what they wrote; what the owner said stays."""
    told = json.loads(body)
    _hide_people(told, own, label("the_bank", lang))
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def own_decision(answer: dict[str, Any]) -> dict[str, Any]:
    """A kept decision as its applicant may see it: without grades of partners, without how much of a limit
    is used by others, without how far the bank's people and machines may go."""
    return {
        **answer,
        "without_person": None,
        "dealings": [{**one, "partner_grade": None} for one in answer["dealings"]],
        "exposures": [one for one in answer["exposures"] if one["dimension"] in _OWN_LIMITS],
        "reasons": [_own_reason(one) for one in answer["reasons"]],
        "audits": [
            {**one, "params": {}}
            for one in answer["audits"]
            if not one["rule"].startswith("exposure") or one["rule"] in _OWN_RULES
        ],
    }


def _own_reason(reason: dict[str, Any]) -> dict[str, Any]:
    """A reason that tells of a limit of others says only that there is one."""
    params = reason["params"]
    if reason["code"] in ("exposure_cut", "exposure_full") and params.get("dimension") not in _OWN_LIMITS:
        return {**reason, "code": reason["code"].replace("exposure", "bank_limit"), "params": {}}
    return {**reason, "params": {name: value for name, value in params.items() if name != "lgd"}}


class _Hiding:
    """Hidden ids and names taken out of one answer."""

    def __init__(
        self, ids: dict[str, int], gone: set[str], stay: set[str], instead: str, said: Collection[str]
    ) -> None:
        self._ids, self._gone, self._instead, self._said = ids, gone, instead, said
        # Longest first, and names that stay among them: a hidden name may be part of one that is seen.
        every = sorted(gone | stay, key=lambda name: (-len(name), name))
        self._named = re.compile("|".join(_bounded(name) for name in every)) if gone else None

    def shown(self, value: Any) -> Any:
        """`value` as it may be seen."""
        if isinstance(value, dict):
            return {self._id(key): self.shown(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.shown(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text in self._said:
            return text
        if text in self._gone:
            return self._instead
        text = self._id(text)
        if self._named is None or _CODE.fullmatch(text):
            return text
        return self._named.sub(lambda found: self._instead if found[0] in self._gone else found[0], text)

    def _id(self, text: str) -> str:
        return _ID.sub(lambda found: HIDDEN if found[0] in self._ids else found[0], text)


def _papers(value: Any, handed: Callable[[], Collection[str]]) -> set[str]:
    """Names of papers in an answer: they stand beside the SHA-256 of one. None of those that are `handed`."""
    papers = set(_named_papers(value))
    own = handed() if papers else ()
    return {name for sha256, name in papers if sha256 not in own}


def _named_papers(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, str) and name:
            hashes = (one for one in value.values() if isinstance(one, str) and _SHA256.fullmatch(one))
            yield from ((sha256, name) for sha256 in hashes)
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _named_papers(inner)


def _spoken(snapshot: Snapshot, met: np.ndarray, texts: set[str]) -> tuple[set[str], set[str]]:
    """Names and codes of firms that stand in `texts`: those of hidden firms alone, and those of known ones.

    Only of texts that are not the caller's own: who may choose the text would learn from what is taken out
    which firms there are.
    """
    pieces = {piece for text in texts for piece in _pieces(text)}
    if not pieces:
        return set(), set()
    wanted = pl.Series(sorted(pieces), dtype=pl.String).implode()
    gone, stay = set[str](), set[str]()
    for column in ("name", "code"):
        values = snapshot.enterprises[column]
        rows = values.is_in(wanted).fill_null(False).arg_true().to_numpy()
        found, seen = values.gather(rows).to_list(), met[rows]
        gone |= {value for value, known in zip(found, seen, strict=True) if not known}
        stay |= {value for value, known in zip(found, seen, strict=True) if known}
    return gone - stay, stay


def _pieces(text: str) -> Iterator[str]:
    """Every piece of `text` that may be a name: it parts no word of Latin letters and digits."""
    latin = [c.isascii() and c.isalnum() for c in text]
    ends = [i for i in range(1, len(text) + 1) if i == len(text) or not (latin[i - 1] and latin[i])]
    starts = [0, *ends[:-1]]
    low = high = 0
    for start in starts:
        while low < len(ends) and ends[low] < start + SHORTEST:
            low += 1
        while high < len(ends) and ends[high] <= start + LONGEST:
            high += 1
        yield from (text[start:end] for end in ends[low:high])


def _bounded(name: str) -> str:
    """A pattern of `name`: where it begins or ends with a Latin letter or digit, none may stand beside it."""
    latin = re.compile("[0-9A-Za-z]")
    before = "(?<![0-9A-Za-z])" if latin.match(name[0]) else ""
    after = "(?![0-9A-Za-z])" if latin.match(name[-1]) else ""
    return before + re.escape(name) + after


def _texts(value: Any) -> Iterator[str]:
    """Every string in `value`, keys of objects among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _beside(value: Any, hidden: dict[str, int]) -> Iterator[str]:
    """Names that stand beside the id of a hidden firm: those of its parties are not always its own."""
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, str) and name and any(_is_hidden(inner, hidden) for inner in value.values()):
            yield name
        for inner in value.values():
            yield from _beside(inner, hidden)
    elif isinstance(value, list):
        for inner in value:
            yield from _beside(inner, hidden)


def _is_hidden(value: Any, hidden: dict[str, int]) -> bool:
    return isinstance(value, str) and _WHOLE_ID.fullmatch(value) is not None and value in hidden


def _rows_of(snapshot: Snapshot, ids: set[str]) -> dict[str, int]:
    """The rows of those of `ids` that are enterprises or parties of one."""
    found: dict[str, int] = {}
    for id_ in ids:
        index = snapshot.index_of(id_)
        if index is not None:
            found[id_] = index
    rest = sorted(ids - set(found))
    if rest:
        members = snapshot.members.filter(pl.col("party").is_in(rest))
        found |= dict(members.select("party", "enterprise").iter_rows())
    return found


def _hide_people(value: Any, own: str, instead: str) -> None:
    if isinstance(value, list):
        for inner in value:
            _hide_people(inner, own, instead)
    if not isinstance(value, dict):
        return
    theirs = any(isinstance(value.get(name), str) and value[name] != own for name in _PEOPLE)
    for name, inner in value.items():
        if name in _PEOPLE and isinstance(inner, str) and inner != own:
            value[name] = instead
        elif name in _WORDS_OF_THEIRS and isinstance(inner, str) and theirs:
            value[name] = ""
        else:
            _hide_people(inner, own, instead)
