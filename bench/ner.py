"""Bench `ner`: a model of names trained on CLUENER2020, measured on its development part, thrown away.

The licence of that data is not stated, so nothing of it stays: the model lives in memory only. The
development part is read after training and serves only to count; settings were chosen on sentences
held out of the training part.
"""

import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from extraction.prose.model import agreement
from extraction.prose.samples import read_samples
from extraction.prose.training import train

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ner"


def run(data: Path | None = None) -> dict[str, object]:
    """Train, measure, print a table, return the figures."""
    folder, console = data or _DATA, Console()
    learn = read_samples([folder / "cluener_train.json"])
    with Measure(every=0.2) as spent:
        model = train(learn, "voting")
    check = read_samples([folder / "cluener_dev.json"])
    begun = time.process_time()
    told = [[place for place, _ in model.places(sample.text)] for sample in check]
    seconds = time.process_time() - begun
    truth = [sample.spans for sample in check]
    figures: dict[str, object] = {
        **agreement(truth, told),
        "train_seconds": round(spent.cpu_seconds, 1),
        "train_wall_seconds": round(spent.seconds, 1),
        "characters_per_cpu_second": round(sum(len(s.text) for s in check) / seconds),
        "model_mb": round(sum(map(len, model.files().values())) / 1e6, 1),
        "peak_gb": round(spent.peak_gb, 3),
        "load": round(spent.load, 2),
        "train_sentences": len(learn),
        "dev_sentences": len(check),
        "dev_names": sum(map(len, truth)),
    }
    by_label = {}
    for label in sorted({label for spans in truth for *_, label in spans}):
        sides = ([[s for s in spans if s[2] == label] for spans in side] for side in (truth, told))
        by_label[label] = agreement(*sides)["f1"]
    table = Table("figure", "value", title="ner")
    for name, value in {**figures, **by_label}.items():
        table.add_row(name, str(value))
    console.print(table)
    return figures | {"f1_by_label": by_label}
