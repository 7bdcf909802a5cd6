"""Trained models on disk: named by content, checked byte by byte, told in plain words."""

import json
import re
import threading
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from gnn.registry import folder as registry
from gnn.registry.folder import Seen, Trained
from ledger.errors import Conflict, InputError, NotFound

GOOD = Trained(
    kind="sign",
    model={"spec": {"layers": 2}},
    weights={"b": np.arange(3, dtype=np.float32), "a": np.ones((2, 2), np.float32)},
    features={"feature_sales_log": 1, "feature_makes_text": 48},
    seed=7,
    seen=Seen("0123456789abcdef", date(2025, 12, 31), True, 2001, 13575),
    metrics={"accuracy": 0.72, "mrr": 0.8},
    headline="accuracy",
    samples=108,
    ablations={"majority": {"accuracy": 0.01}, "shuffled": {"accuracy": 0.22, "mrr": 0.3}},
    rival="majority",
    purpose="model_for_segment",
    never=("model_never_alone", "model_never_probability"),
)
POOR = replace(GOOD, metrics={"accuracy": 0.01, "mrr": 0.2})


def test_the_same_model_is_the_same_version_and_bytes(tmp_path):
    one, other = (registry.register(tmp_path / place, "segment", GOOD) for place in ("a", "b"))
    assert one == other == registry.register(tmp_path / "a", "segment", GOOD)
    homes = [tmp_path / place / "models/segment" / one for place in ("a", "b")]
    names = sorted(path.name for path in homes[0].iterdir())
    assert names == ["CARD.md", "ablations.json", "metrics.json", "model.json", "weights.safetensors"]
    assert all((homes[0] / n).read_bytes() == (homes[1] / n).read_bytes() for n in names)
    assert registry.register(tmp_path / "a", "segment", POOR) != one
    assert registry.register(tmp_path / "a", "segment", replace(GOOD, weights={"a": np.zeros(1)})) != one


def test_what_is_read_back_is_what_was_written(tmp_path):
    version = registry.register(tmp_path, "segment", replace(GOOD, files={"ranker.txt": b"tree"}))
    found = registry.load(tmp_path, "segment", version)
    assert all(np.array_equal(found.weights[key], GOOD.weights[key]) for key in GOOD.weights)
    assert (found.about["version"], found.about["seed"], found.about["model"]) == (version, 7, GOOD.model)
    assert (
        found.about["saw"]["snapshot"] == "0123456789abcdef" and found.about["saw"]["as_of"] == "2025-12-31"
    )
    assert found.about["features"][0]["zh"] and found.about["features"][1]["columns"] == 48
    assert set(found.about["libraries"]) == {"numpy"}
    assert found.metrics["figures"] == GOOD.metrics and found.better
    assert (found.folder / "ranker.txt").read_bytes() == b"tree"


def test_nothing_of_this_machine_or_moment_is_written(tmp_path):
    version = registry.register(tmp_path, "segment", GOOD)
    text = (tmp_path / "models/segment" / version / "model.json").read_text("utf-8")
    assert str(tmp_path) not in text and not re.search(r"\d\d:\d\d:\d\d", text)


@pytest.mark.parametrize(
    "file", ["weights.safetensors", "metrics.json", "ablations.json", "CARD.md", "model.json"]
)
@pytest.mark.parametrize("harm", ["change", "remove"])
def test_a_folder_whose_hash_does_not_fit_is_refused(tmp_path, file, harm):
    version = registry.register(tmp_path, "segment", GOOD)
    path = tmp_path / "models/segment" / version / file
    if harm == "remove":
        path.unlink()
    else:
        raw = path.read_bytes()
        path.write_bytes(raw.replace(b'"seed": 7', b'"seed": 8') if file == "model.json" else raw + b" ")
    with pytest.raises((Conflict, NotFound)) as caught:
        registry.load(tmp_path, "segment", version)
    assert caught.value.code == (
        "model_not_found" if (file, harm) == ("model.json", "remove") else "model_damaged"
    )
    assert registry.register(tmp_path, "segment", GOOD) == version
    assert registry.load(tmp_path, "segment", version).better


def test_a_folder_under_another_name_or_of_a_newer_program_is_refused(tmp_path, monkeypatch):
    version = registry.register(tmp_path, "segment", GOOD)
    home = tmp_path / "models/segment"
    (home / version).rename(home / ("0" * 16))
    with pytest.raises(Conflict) as caught:
        registry.load(tmp_path, "segment", "0" * 16)
    assert caught.value.code == "model_damaged"
    monkeypatch.setattr(registry, "FORMAT", 2)
    newer = registry.register(tmp_path, "segment", GOOD)
    monkeypatch.undo()
    with pytest.raises(Conflict) as caught:
        registry.load(tmp_path, "segment", newer)
    assert caught.value.code == "model_newer"
    assert registry.models(tmp_path, None)["problem"].to_list() == ["model_damaged", "model_newer"] or set(
        registry.models(tmp_path, None)["problem"]
    ) == {"model_damaged", "model_newer"}


@pytest.mark.parametrize("name", ["../x", "A", "", "a/b", ".hidden", "x" * 65])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    for call in (lambda: registry.register(tmp_path, name, GOOD), lambda: registry.load(tmp_path, name)):
        with pytest.raises(InputError):
            call()
    with pytest.raises(NotFound):
        registry.load(tmp_path, "segment", "../../etc")
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_used_once_promoted_and_only_if_it_is_better(tmp_path):
    good, poor = (registry.register(tmp_path, "segment", one) for one in (GOOD, POOR))
    with pytest.raises(NotFound):
        registry.load(tmp_path, "segment")
    registry.promote(tmp_path, "segment", good)
    with pytest.raises(Conflict) as caught:
        registry.promote(tmp_path, "segment", poor)
    assert caught.value.code == "model_not_better"
    assert registry.current(tmp_path, "segment") == good
    assert registry.load(tmp_path, "segment").about["version"] == good
    registry.promote(tmp_path, "segment", poor, even_so=True)
    assert registry.current(tmp_path, "segment") == poor
    listed = {row["version"]: row for row in registry.models(tmp_path, None).iter_rows(named=True)}
    assert listed[poor]["current"] and not listed[good]["current"]
    assert listed[good]["better"] and not listed[poor]["better"]
    with pytest.raises(NotFound):
        registry.promote(tmp_path, "segment", "f" * 16)
    assert registry.current(tmp_path, "segment") == poor


def test_the_pointer_is_never_half_written(tmp_path):
    versions = [registry.register(tmp_path, "segment", one) for one in (GOOD, replace(GOOD, seed=8))]
    registry.promote(tmp_path, "segment", versions[0])
    seen, over = set(), threading.Event()

    def watch():
        while not over.is_set():
            seen.add(registry.current(tmp_path, "segment"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for turn in range(40):
        registry.promote(tmp_path, "segment", versions[turn % 2])
    over.set()
    watcher.join()
    assert seen <= set(versions) and seen


def test_shipped_models_stand_in_where_there_is_none_of_ones_own(tmp_path):
    version = registry.write_model(tmp_path / "shipped/segment", "segment", GOOD)
    assert registry.shipped("segment", tmp_path / "shipped").about["version"] == version
    with pytest.raises(NotFound):
        registry.shipped("other", tmp_path / "shipped")
    own = registry.register(tmp_path, "segment", replace(GOOD, seed=9))
    registry.promote(tmp_path, "segment", own)
    assert registry.in_use(tmp_path, "segment").about["version"] == own
    listed = registry.models(tmp_path, tmp_path / "shipped")
    assert listed.select("place", "version").rows() == [("own", own), ("shipped", version)]
    assert registry.models(tmp_path / "nowhere", None).is_empty()


def test_the_models_that_come_with_the_package_are_whole():
    names = [path.parent.name for path in registry.SHIPPED.glob("*/model.json")]
    for name in names:
        assert registry.shipped(name).about["name"] == name
    assert len(names) == len(list(registry.SHIPPED.glob("*/weights.safetensors")))


def test_the_card_says_it_in_both_languages(tmp_path):
    home = tmp_path / "models/segment"
    cards = [
        (home / registry.register(tmp_path, "segment", m) / "CARD.md").read_text("utf-8")
        for m in (GOOD, POOR)
    ]
    for words in (
        "0.7200",
        "108",
        "2,001",
        "合成数据",
        "synthetic",
        "打乱关系图",
        "shuffled graph",
        "不得用于",
        "must not",
    ):
        assert words in cards[0]
    assert "默认不启用" in cards[1] and "not used by default" in cards[1] and "默认不启用" not in cards[0]
    real = replace(GOOD, seen=replace(GOOD.seen, synthetic=False))
    version = registry.register(tmp_path, "segment", real)
    assert "synthetic data" not in (home / version / "CARD.md").read_text("utf-8").lower()
    for card in cards:
        assert "{" not in card and card.index("用途") < card.index("What it is for")


def test_words_that_are_missing_are_refused_before_anything_stands(tmp_path):
    with pytest.raises(KeyError):
        registry.register(tmp_path, "segment", replace(GOOD, features={"feature_of_nobody": 1}))
    with pytest.raises(ValueError, match="plain names"):
        registry.register(tmp_path, "segment", replace(GOOD, files={"../x": b""}))
    assert registry.models(tmp_path, None).is_empty()
    assert [p.name for p in (tmp_path / "models/segment").iterdir()] == [".lock"]


def test_json_is_json(tmp_path):
    version = registry.register(tmp_path, "segment", GOOD)
    ablations = json.loads((tmp_path / "models/segment" / version / "ablations.json").read_text("utf-8"))
    assert ablations == {"rival": "majority", "figures": {k: dict(v) for k, v in GOOD.ablations.items()}}
