"""`dayan train`, `evaluate` and `models`, as a person runs them."""

import json

import polars as pl
import pytest

from gnn.registry.folder import current, models, shipped
from tests.economy_home import dayan, make_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("lessons"))


def test_a_build_uses_the_shipped_models_until_others_are_trained(home):
    told = dayan("models", cwd=home, data=home)
    assert told.returncode == 0, told.stderr
    assert "positions" in told.stdout and "links" in told.stdout and "shipped" in told.stdout


def test_training_keeps_a_model_with_its_rivals_and_the_next_build_uses_it(home):
    labels = home.parent / "economy" / "labels.parquet"
    before = json.loads((home / "run" / "built.json").read_text())
    done = dayan("train", "positions", "--labels", labels, cwd=home, data=home)
    assert done.returncode == 0, done.stderr
    version = current(home, "positions")
    row = models(home).filter(pl.col("place") == "own").row(0, named=True)
    assert (row["version"], row["current"], row["better"], row["synthetic"]) == (version, True, True, True)
    assert row["value"] > row["rival_value"] and version in done.stdout
    card = (home / "models" / "positions" / str(version) / "CARD.md").read_text("utf-8")
    assert "合成" in card and "synthetic" in card
    built = dayan("build", cwd=home, data=home)
    assert built.returncode == 0, built.stderr
    assert json.loads((home / "run" / "built.json").read_text()) != before
    measured = dayan("evaluate", "positions", "--labels", labels, cwd=home, data=home)
    assert measured.returncode == 0, measured.stderr
    assert "PSI" in measured.stdout and "in training" in measured.stdout


def test_labels_that_do_not_fit_are_told_by_row(home, tmp_path):
    wrong = tmp_path / "labels.csv"
    wrong.write_text("code,segment\n91990000HX00001234,nev-no-such\n", "utf-8")
    done = dayan("train", "positions", "--labels", wrong, cwd=home, data=home)
    assert done.returncode == 2 and "row 2" in done.stderr and "nev-no-such" in done.stderr
    wrong.write_text("code,place\nx,y\n", "utf-8")
    done = dayan("train", "positions", "--labels", wrong, cwd=home, data=home)
    assert done.returncode == 2 and "segment" in done.stderr
    done = dayan("train", "loans", cwd=home, data=home)
    assert done.returncode == 2 and "loans" in done.stderr and "positions" in done.stderr


@pytest.mark.parametrize("name", ["positions", "links"])
def test_the_shipped_models_are_whole_beat_their_rivals_and_say_they_are_synthetic(name):
    found = shipped(name)
    assert found.better and found.about["saw"]["synthetic"]
    assert found.metrics["figures"][found.metrics["headline"]] > 0
