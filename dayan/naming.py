"""`dayan train-names`: a model of names from marked sentences, or from generated ones."""

from collections.abc import Sequence
from pathlib import Path

from dayan.console import out
from extraction.prose.samples import Sample, read_samples
from extraction.prose.training import train_and_measure
from ledger.words import message
from seeds.prose import sentences

GENERATED = 12_000  # sentences


def train_names(folder: Path, data: Sequence[Path], recipe: str, seed: int, lang: str) -> None:
    """Train, measure on sentences held out, write the model folder and say what came out."""
    samples = read_samples(data) if data else generated(seed)
    files = ", ".join(path.name for path in data)
    told = {word: files or message("names_generated", word, seed=seed) for word in ("zh", "en")}
    model = train_and_measure(samples, told, recipe, seed)
    model.save(folder)
    out.print(message("names_trained", lang, folder=folder, **model.card), markup=False)


def generated(seed: int, count: int = GENERATED) -> list[Sample]:
    """Sentences of the generator; those of one template stay together when a part is held out."""
    return [Sample(s.text, s.spans, s.template) for s in sentences(count, seed)]
