"""Training a model of names from marked sentences: one run, the same bytes each time.

The names of the training data are a feature of their own. A model that saw each sentence's own names
would trust them blindly, so a sentence is marked only with names from the other folds; afterwards
all names together serve the model.
"""

import ctypes
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from extraction.prose.features import features, plain, together
from extraction.prose.lexicon import Words
from extraction.prose.model import Member, NameModel, agreement
from extraction.prose.samples import Sample, held_out
from extraction.prose.segmenter import needed
from extraction.prose.tags import tags_of
from ledger.errors import InputError

ALL = ("characters", "words", "parts", "dictionary", "lexicon", "learned")


@dataclass(frozen=True)
class Part:
    """How one CRF of a model is trained; `parameters` are crfsuite's."""

    algorithm: str
    groups: tuple[str, ...]
    parameters: dict[str, float]


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. `folds` 0: no names are learned by heart (they would not come again)."""

    parts: tuple[Part, ...]
    folds: int = 8


#: `small` is sparse and for text whose names are new each time; `voting` is for news and the like.
RECIPES = {
    "small": Recipe(
        (
            Part(
                "lbfgs",
                ("characters", "words", "parts", "dictionary", "lexicon"),
                {"c1": 0.6, "c2": 0.02, "max_iterations": 120, "feature.minfreq": 3},
            ),
        ),
        folds=0,
    ),
    "voting": Recipe(
        (
            Part("ap", ALL, {"max_iterations": 7, "feature.minfreq": 1}),
            Part(
                "ap",
                ("characters", "parts", "dictionary", "lexicon", "learned"),
                {"max_iterations": 9, "feature.minfreq": 1},
            ),
            Part("l2sgd", ALL, {"c2": 1.0, "max_iterations": 10, "feature.minfreq": 2}),
        )
    ),
}


def train(samples: Sequence[Sample], recipe: str = "voting", seed: int = 1) -> NameModel:
    """A model trained on all of `samples`. MissingExtra without the extra `documents`."""
    if recipe not in RECIPES:
        raise InputError("names_recipe_unknown", recipe=recipe, known=", ".join(RECIPES))
    if not any(sample.spans for sample in samples):
        raise InputError("names_data_empty")
    plan = RECIPES[recipe]
    trainers = _fed(samples, plan)
    with TemporaryDirectory() as scratch:
        members = []
        for part in plan.parts:
            path = Path(scratch) / "weights"
            _shuffle_from(seed)
            trainers.pop(0).train(str(path))  # let go of as soon as it is done: it holds all features
            members.append(Member(part.groups, path.read_bytes()))
    names = _names(samples) if plan.folds else {}
    return NameModel(tuple(members), names, _card(samples, recipe, seed))


def train_and_measure(
    samples: Sequence[Sample], data: Mapping[str, str], recipe: str, seed: int = 1
) -> NameModel:
    """A model trained on nine tenths of the sentences and measured on the tenth, with its card.

    `data` says in words (`zh`, `en`) what the sentences are.
    """
    learn, check = held_out(samples)
    if not learn or not check:
        raise InputError("names_data_small", sentences=f"{len(samples):,}")
    model = train(learn, recipe, seed)
    told = [[place for place, _ in model.places(sample.text)] for sample in check]
    measured = agreement([sample.spans for sample in check], told)
    model.card |= {"data": dict(data), "measured_on": len(check), **measured}
    return model


def _fed(samples: Sequence[Sample], plan: Recipe) -> list[Any]:
    """One trainer for each part, all fed in one pass: features are dearer than room for them."""
    crf = needed("pycrfsuite")
    trainers = []
    for part in plan.parts:
        trainer = crf.Trainer(algorithm=part.algorithm, verbose=False)
        trainer.set_params(part.parameters)
        trainers.append(trainer)
    groups = tuple(dict.fromkeys(group for part in plan.parts for group in part.groups))
    learned = [Words(_names(samples, fold, plan.folds)) for fold in range(plan.folds)] or [Words({})]
    for number, sample in enumerate(samples):
        seen = features(plain(sample.text), groups, learned[number % len(learned)])
        tags = tags_of(len(sample.text), sample.spans)
        for part, trainer in zip(plan.parts, trainers, strict=True):
            trainer.append(together(seen, part.groups), tags)
    return trainers


def _names(samples: Sequence[Sample], without: int = -1, folds: int = 1) -> dict[str, str]:
    """Every name of two characters or more with its commonest label, but for those of fold `without`."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for number, sample in enumerate(samples):
        if number % folds != without:
            letters = plain(sample.text)
            for start, end, label in sample.spans:
                counts[letters[start:end]][label] += 1
    return {
        name: min(labels, key=lambda label: (-labels[label], label))
        for name, labels in sorted(counts.items())
        if len(name) > 1
    }


def _shuffle_from(seed: int) -> None:
    """crfsuite shuffles sentences with the C library's `rand`, which goes on where the last training
    stopped: begun anew, so that the same sentences give the same bytes."""
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    library.srand(ctypes.c_uint(seed))


def _card(samples: Sequence[Sample], recipe: str, seed: int) -> dict[str, Any]:
    labels = sorted({label for sample in samples for *_, label in sample.spans})
    return {
        "recipe": recipe,
        "seed": seed,
        "sentences": len(samples),
        "characters": sum(len(sample.text) for sample in samples),
        "names": sum(len(sample.spans) for sample in samples),
        "labels": labels,
        "versions": {name: version(name) for name in ("python-crfsuite", "jieba")},
    }
