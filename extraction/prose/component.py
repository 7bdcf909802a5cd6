"""The rules and the model as components of spaCy: `dayan_rules` and `dayan_crf` on `spacy.blank("zh")`.

    nlp = pipeline()                      # rules, then the shipped model
    doc = nlp("甲方向平湖耐衡采购尼龙切片")
    [(span.text, span.label_, span._.confidence) for span in doc.ents]

Codes, money, dates and terms are found by the one table of `rules.py`: a check digit cannot be told to
a token pattern. `entity_ruler` takes phrases and token patterns of the user's own.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from extraction.prose.model import NameModel, from_files, load_model, shipped
from extraction.prose.names import by_rules
from extraction.prose.segmenter import needed
from extraction.prose.spans import Span

RULES, CRF = "dayan_rules", "dayan_crf"


class RuleNames:
    """Sets `doc.ents` to what the rules find, beside what is there already."""

    def __call__(self, doc: Any) -> Any:
        """`doc` with more entities."""
        return _added(doc, by_rules(doc.text))


class CrfNames:
    """Adds the names a model finds where no entity stands yet. Serialised with its weights."""

    def __init__(self, model: NameModel | None = None, minimum: float = 0.0) -> None:
        self._model, self.minimum = model, minimum

    @property
    def model(self) -> NameModel:
        """The model, the shipped one where none was given."""
        if self._model is None:
            self._model = shipped()
        return self._model

    def __call__(self, doc: Any) -> Any:
        """`doc` with the model's entities of at least `minimum` confidence."""
        return _added(doc, [s for s in self.model.spans(doc.text) if s.confidence >= self.minimum])

    def to_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Write the model folder."""
        self.model.save(Path(path))

    def from_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> "CrfNames":  # noqa: ARG002
        """Take the model from a folder."""
        self._model = load_model(Path(path))
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:  # noqa: ARG002
        """The files of the model folder as MessagePack."""
        return bytes(needed("srsly").msgpack_dumps(self.model.files()))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "CrfNames":  # noqa: ARG002
        """Take the model from `to_bytes`."""
        self._model = from_files(needed("srsly").msgpack_loads(data))
        return self


def register() -> None:
    """Tell spaCy of both components; once is enough, again does nothing. Needed before `spacy.load` of a
    pipeline that holds them. MissingExtra without the extra `documents`."""
    language = needed("spacy.language").Language
    span = needed("spacy.tokens").Span
    if not span.has_extension("confidence"):
        span.set_extension("confidence", default=None)
    if not language.has_factory(RULES):
        language.factory(RULES, func=_make_rules, assigns=["doc.ents"])
        defaults = {"folder": None, "minimum": 0.0}
        language.factory(CRF, func=_make_crf, default_config=defaults, assigns=["doc.ents"])


def pipeline(folder: Path | None = None, phrases: Iterable[tuple[str, str]] = ()) -> Any:
    """`spacy.blank("zh")` (one token a character) with the rules, an `entity_ruler` of `phrases`
    (label, text) where there are any, and the model of `folder` (default: the shipped one)."""
    register()
    nlp = needed("spacy").blank("zh")
    nlp.add_pipe(RULES)
    if patterns := [{"label": label, "pattern": text} for label, text in phrases]:
        nlp.add_pipe("entity_ruler").add_patterns(patterns)
    nlp.add_pipe(CRF, config={"folder": None if folder is None else str(folder)})
    return nlp


def _make_rules(nlp: Any, name: str) -> RuleNames:  # noqa: ARG001
    return RuleNames()


def _make_crf(nlp: Any, name: str, folder: str | None, minimum: float) -> CrfNames:  # noqa: ARG001
    return CrfNames(load_model(Path(folder)) if folder else None, minimum)


def _added(doc: Any, spans: Iterable[Span]) -> Any:
    """`doc` with those spans as entities that fit its tokens and overlap none that is there."""
    ents = list(doc.ents)
    taken = {token.i for ent in ents for token in ent}
    for span in spans:
        ent = doc.char_span(span.start, span.end, label=span.label)
        if ent is not None and taken.isdisjoint(range(ent.start, ent.end)):
            ent._.confidence = span.confidence
            ents.append(ent)
            taken.update(range(ent.start, ent.end))
    doc.ents = ents
    return doc
