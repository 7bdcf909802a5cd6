"""A trained model of names: one CRF or several that vote, the names it has learned, and its card."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

from extraction.prose.features import features, plain, together
from extraction.prose.lexicon import Words
from extraction.prose.segmenter import needed
from extraction.prose.spans import Span
from extraction.prose.tags import Place, spans_of
from ledger.errors import InputError
from ledger.words import labels, message

SHIPPED = Path(__file__).parent / "shipped"
FORM = 1  # of the model folder
_CARD, _NAMES = "card.json", "names.json"
_PIECE = re.compile(r"[^。！？；!?;\n\r]*[。！？；!?;\n\r]*")
_LONGEST = 400  # characters of one piece


@dataclass(frozen=True)
class Member:
    """One CRF: the groups of features it sees and its weights as crfsuite writes them."""

    groups: tuple[str, ...]
    weights: bytes = field(repr=False)


@dataclass
class NameModel:
    """`members` vote: a span stands when more than half of them see it. `names` are those of the
    training data with their kind; `card` says what the model is."""

    members: tuple[Member, ...]
    names: dict[str, str]
    card: dict[str, Any]

    def __post_init__(self) -> None:
        crf = needed("pycrfsuite")
        self._learned = Words(self.names) if self.names else None
        self._groups = tuple(dict.fromkeys(g for member in self.members for g in member.groups))
        self._taggers = []
        for member in self.members:
            tagger = crf.Tagger()
            tagger.open_inmemory(member.weights)
            self._taggers.append(tagger)

    def spans(self, text: str) -> list[Span]:
        """Names in a text of any length; it is looked at sentence by sentence."""
        found = []
        for begin, piece in _pieces(text):
            for (start, end, label), confidence in self.places(piece):
                a, b = begin + start, begin + end
                found.append(Span(a, b, label, text[a:b], confidence, "crf"))
        return found

    def places(self, sentence: str) -> Iterator[tuple[Place, float]]:
        """Names in one sentence, each with how sure it is: the share of votes, or for a single CRF the
        probability of its tags."""
        seen = features(plain(sentence), self._groups, self._learned)
        votes: Counter[Place] = Counter()
        sure: dict[Place, float] = {}
        for member, tagger in zip(self.members, self._taggers, strict=True):
            tags = tagger.tag(together(seen, member.groups))
            for place in spans_of(tags):
                votes[place] += 1
                if len(self.members) == 1:
                    chances = [tagger.marginal(tags[i], i) for i in range(place[0], place[1])]
                    sure[place] = round(min(1.0, prod(chances) ** (1 / len(chances))), 4)
        for place in sorted(votes):
            if votes[place] * 2 > len(self.members):
                yield place, sure.get(place, round(votes[place] / len(self.members), 4))

    def save(self, folder: Path) -> None:
        """Write the model folder: weights, learned names, the card as JSON and in plain words."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files().items():
            (folder / name).write_bytes(content)

    def files(self) -> dict[str, bytes]:
        """File name → content of the model folder; the same model gives the same bytes."""
        groups = [list(member.groups) for member in self.members]
        texts = {_CARD: _json({"form": FORM, **self.card, "members": groups}), _NAMES: _json(self.names)}
        if "f1" in self.card:
            texts["CARD.md"] = "\n".join(_told(self.card, lang) for lang in ("en", "zh"))
        made = {name: f"{text.rstrip()}\n".encode() for name, text in texts.items()}
        return made | {_weights(i): member.weights for i, member in enumerate(self.members)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


def _told(card: dict[str, Any], lang: str) -> str:
    """The card in plain words."""
    known = labels()
    named = [known.get(f"span_{name}", {}).get(lang, name) for name in card["labels"]]
    versions = " · ".join(f"{name} {number}" for name, number in sorted(card["versions"].items()))
    shown = {**card, "data": card["data"][lang], "labels": ", ".join(named), "versions": versions}
    return message("names_card", lang, **shown)


def from_files(files: dict[str, bytes], where: str = "") -> NameModel:
    """The model whose folder holds `files`. InputError where it is none."""
    try:
        card = json.loads(files[_CARD])
        members = tuple(
            Member(tuple(groups), files[_weights(i)]) for i, groups in enumerate(card.pop("members"))
        )
        if card.pop("form") != FORM or not members:
            raise ValueError(_CARD)
        names = {str(k): str(v) for k, v in json.loads(files[_NAMES]).items()}
        return NameModel(members, names, card)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError("names_model_unreadable", folder=where, detail=str(error)) from None


def load_model(folder: Path) -> NameModel:
    """The model in `folder`. InputError where there is none that can be read."""
    if not folder.is_dir():
        raise InputError("names_model_unreadable", folder=str(folder), detail=_CARD)
    return from_files({p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}, str(folder))


@cache
def shipped() -> NameModel:
    """The model that comes with the package, trained on generated papers only. MissingExtra without
    the extra `documents`."""
    return load_model(SHIPPED)


def _weights(number: int) -> str:
    return f"weights{number}.crf"


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Sentences with where they begin; what runs on without an end is cut into pieces."""
    for match in _PIECE.finditer(text):
        for begin in range(match.start(), match.end(), _LONGEST):
            piece = text[begin : min(match.end(), begin + _LONGEST)]
            if not piece.isspace():
                yield begin, piece


def agreement(truth: Sequence[Sequence[Place]], told: Sequence[Sequence[Place]]) -> dict[str, float]:
    """Precision, recall and F1 of exactly equal spans, over all sentences together."""
    right = sum(len(set(a) & set(b)) for a, b in zip(truth, told, strict=True))
    said, there = (sum(len(set(spans)) for spans in side) for side in (told, truth))
    precision, recall = right / max(1, said), right / max(1, there)
    f1 = 2 * precision * recall / max(1e-12, precision + recall)
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
