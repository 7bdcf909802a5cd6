"""The trained model: training, its folder, spaCy, and what happens without the extra."""

import json
import sys

import pytest
from typer.testing import CliRunner

from extraction.prose import segmenter as segmenting
from extraction.prose.component import CRF, pipeline, register
from extraction.prose.doors import spacy_door
from extraction.prose.features import GROUPS, features, plain
from extraction.prose.lexicon import Words
from extraction.prose.model import SHIPPED, NameModel, agreement, from_files, load_model, shipped
from extraction.prose.names import names_in
from extraction.prose.samples import Sample
from extraction.prose.spans import MODEL_LABELS
from extraction.prose.training import RECIPES, train, train_and_measure
from ledger.errors import InputError, MissingExtra
from seeds.prose import sentences

TEXT = "付耐衡新材货款；甲方向恩捷股份采购304不锈钢板，联系人：王建国，税号91990000280633645E"


@pytest.fixture(scope="module")
def few():
    return [Sample(s.text, s.spans, s.template) for s in sentences(60)]


def test_the_shipped_model_finds_what_rules_cannot():
    spans = names_in(TEXT, shipped())
    assert {("short_name", "耐衡新材"), ("short_name", "恩捷股份"), ("person", "王建国")} <= {
        (s.label, s.text) for s in spans
    }
    assert all(TEXT[s.start : s.end] == s.text and 0.5 <= s.confidence <= 1 for s in spans)
    assert next(s for s in spans if s.label == "credit_code").method == "rule"


def test_the_shipped_model_is_small_and_says_what_it_was_trained_on():
    assert sum(p.stat().st_size for p in SHIPPED.iterdir()) < 2_000_000
    card = json.loads((SHIPPED / "card.json").read_text("utf-8"))
    assert "seeds/prose.py" in card["data"]["en"]
    assert set(card["labels"]) == set(MODEL_LABELS)
    assert 0.9 < card["f1"] < 1
    text = (SHIPPED / "CARD.md").read_text("utf-8")
    assert str(card["f1"]) in text and "合成数据" in text and "{" not in text


def test_the_shipped_model_holds_on_templates_it_was_never_shown():
    made = list(sentences(96, seed=7, part="other"))
    found = [[place for place, _ in shipped().places(s.text)] for s in made]
    assert agreement([s.spans for s in made], found)["f1"] > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_sentences_give_the_same_bytes(few, recipe):
    first, again = train(few, recipe), train(few, recipe)
    assert first.files() == again.files()
    found = [[p for p, _ in first.places(s.text)] for s in few]
    assert agreement([s.spans for s in few], found)["f1"] > 0.8  # it learns


def test_a_model_folder_comes_back_as_it_was(few, tmp_path):
    model = train_and_measure(few, {"zh": "合成数据", "en": "synthetic"}, "voting")
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.files() == model.files()
    assert again.names == model.names != {}
    assert again.spans(TEXT) == model.spans(TEXT)


@pytest.mark.parametrize("harm", ["card.json", "names.json", "weights0.crf"])
def test_a_broken_folder_is_told(harm):
    files = shipped().files()
    assert isinstance(from_files(files), NameModel)
    for broken in ({k: v for k, v in files.items() if k != harm}, files | {harm: b"{}"}):
        if harm == "names.json" and broken.get(harm) == b"{}":
            continue  # nothing learned by heart: that is what the shipped model says
        with pytest.raises(InputError):
            from_files(broken)


def test_bad_requests_to_train_are_told(few):
    for samples, recipe in ((few, "huge"), ([Sample("甲", ())], "small")):
        with pytest.raises(InputError):
            train(samples, recipe)
    with pytest.raises(InputError):
        train_and_measure(few[:1], {"zh": "", "en": ""}, "small")


def test_own_names_are_not_believed_in_training():
    sample = Sample("付耐衡货款", ((1, 3, "short_name"),))
    from extraction.prose.training import _names

    assert _names([sample, sample], without=0, folds=1) == {}
    assert _names([sample, sample], without=1, folds=2) == {"耐衡": "short_name"}
    marks = Words({"耐衡": "short_name"}).marks("付耐衡货款")
    assert marks == [[], ["short_name/B2"], ["short_name/E2"], [], []]


@pytest.mark.parametrize("text", ["", "a", "\n", "😀𠮷ﬁ①", "Ａ" * 3, "甲\u0301公司", "《》“”（）"])
def test_any_text_can_be_looked_at(text):
    seen = features(plain(text), GROUPS)
    assert len(plain(text)) == len(text)
    assert all(len(rows) == len(text) for rows in seen.values())
    assert all(s.text == text[s.start : s.end] for s in shipped().spans(text))


@pytest.mark.slow
def test_spacy_sets_entities_and_gives_the_pipeline_back(few, tmp_path):
    spacy = pytest.importorskip("spacy")
    nlp = pipeline(phrases=[("product", "货款")])
    assert nlp.pipe_names == ["dayan_rules", "entity_ruler", "dayan_crf"]

    def ents(made):
        return [(e.text, e.label_) for e in made(TEXT).ents]

    found = ents(nlp)
    assert {("91990000280633645E", "credit_code"), ("王建国", "person"), ("货款", "product")} <= set(found)
    assert nlp(TEXT).ents[-1]._.confidence == 1.0
    nlp.to_disk(tmp_path / "nlp")
    assert ents(spacy.load(tmp_path / "nlp")) == found
    train(few, "small").save(tmp_path / "own")
    own = pipeline(tmp_path / "own")  # spaCy's own ruler does not bring its phrases back from bytes
    again = pipeline().from_bytes(own.to_bytes())
    assert again.get_pipe(CRF).model.files() == own.get_pipe(CRF).model.files() != shipped().files()
    assert ents(again) == ents(own)
    door = spacy_door(tmp_path / "nlp", {"person": "person"})
    assert [(s.label, s.text, s.method) for s in door.spans(TEXT)] == [("person", "王建国", "door")]
    with pytest.raises(InputError):
        spacy_door(tmp_path / "none", {})


def test_the_component_takes_a_threshold():
    spacy = pytest.importorskip("spacy")
    register()
    nlp = spacy.blank("zh")
    nlp.add_pipe(CRF, config={"minimum": 1.1})
    assert nlp(TEXT).ents == ()


@pytest.mark.parametrize("package", ["jieba", "pycrfsuite", "spacy"])
def test_without_the_extra_rules_still_speak_and_the_rest_says_what_to_install(monkeypatch, package):
    segmenting.segmenter.cache_clear()
    shipped.cache_clear()
    for name in [m for m in sys.modules if m == package or m.startswith(f"{package}.")] + [package]:
        monkeypatch.setitem(sys.modules, name, None)
    assert [s.label for s in names_in(TEXT)] == ["credit_code"]
    with pytest.raises(MissingExtra) as caught:
        if package == "spacy":
            pipeline()
        else:
            shipped().spans(TEXT)
    assert "documents" in caught.value.text("zh") and package in caught.value.text("en")
    segmenting.segmenter.cache_clear()
    shipped.cache_clear()


@pytest.mark.slow
def test_one_command_trains(few, tmp_path):
    from dayan.cli import app

    rows = [json.dumps({"text": s.text, "spans": s.spans, "source": s.source}) for s in few]
    (tmp_path / "mine.jsonl").write_text("\n".join(rows), "utf-8")
    command = ["train-names", "--out", str(tmp_path / "m"), "--data", str(tmp_path / "mine.jsonl")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "F1" in done.output
    assert load_model(tmp_path / "m").card["data"] == {"zh": "mine.jsonl", "en": "mine.jsonl"}
