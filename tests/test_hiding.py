"""What a bound caller may not see leaves an answer: every id and name, and nothing else."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import hiding
from api.hiding import HIDDEN, hide_bank, hide_others, readable
from api.rows import partners
from graph.snapshot import open_snapshot
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, code, firm, tiny

PAPER = "ab" * 32
NAME = {letter: row[0] for letter, row in FIRMS.items()}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return open_snapshot(tiny(tmp_path_factory.mktemp("hiding") / "tiny").folder)


@pytest.fixture(scope="module")
def met(snapshot):
    """What C's owner meets: A, B, C, E and K."""
    mask = np.zeros(snapshot.enterprises.height, bool)
    mask[snapshot.index_of(firm("C"))] = True
    return partners(snapshot, mask)


def shown(body, snapshot, met):
    return json.loads(hide_others(json.dumps(body).encode(), snapshot, met, "zh"))


def test_ids_in_lists_and_keys_and_sentences_are_hidden(snapshot, met):
    body = {
        "core_reached": [firm("G"), firm("E")],
        "deep": [[{"ids": [firm("H")]}]],
        "by_firm": {firm("G"): 3, firm("A"): 4},
        "text": f"({firm('I')})",
        "mine": [firm("C"), OTHER_PARTY_OF_C],
    }
    told = shown(body, snapshot, met)
    assert told["core_reached"] == [HIDDEN, firm("E")]
    assert told["deep"] == [[{"ids": [HIDDEN]}]]
    assert told["by_firm"] == {HIDDEN: 3, firm("A"): 4}
    assert told["text"] == f"({HIDDEN})"
    assert told["mine"] == body["mine"]


@pytest.mark.parametrize("short", ["天", "text", "id", "有限公司", "E", '"', "\\", "3"])
def test_a_short_name_damages_no_key_and_no_longer_name(snapshot, met, short):
    body = {
        "id": firm("G"), "name": short, "text": f"{NAME['E']}和{NAME['C']}", "text_code": "text_id",
        "amount_fen": 33, "of": {"id": firm("E"), "name": NAME["E"]}, "mine": firm("C"),
    }  # fmt: skip
    told = shown(body, snapshot, met)
    assert set(told) == set(body)
    assert (told["id"], told["name"]) == (HIDDEN, "其他企业")
    assert (told["text"], told["text_code"], told["amount_fen"]) == (body["text"], "text_id", 33)
    assert told["of"] == body["of"]


def test_the_code_of_a_hidden_firm_leaves_with_its_name(snapshot, met):
    body = {
        "id": firm("G"), "code": code("G"), "text": f"税号{code('G')}，{code('E')}", "more": [code("G")],
        "of": {"id": firm("E"), "code": code("E")},
    }  # fmt: skip
    told = shown(body, snapshot, met)
    assert code("G") not in json.dumps(told)
    assert (told["code"], told["text"], told["more"]) == (
        "其他企业",
        f"税号其他企业，{code('E')}",
        ["其他企业"],
    )
    assert told["of"] == body["of"]


@pytest.mark.parametrize(
    ("called", "left"),
    [
        (f"{NAME['G']}转来.xml", "其他企业转来.xml"),
        (f"{code('H')}.pdf", "其他企业.pdf"),
        (f"{NAME['E']}与{NAME['C']}.xlsx", f"{NAME['E']}与{NAME['C']}.xlsx"),
        (f"X{code('H')}.pdf", f"X{code('H')}.pdf"),  # another code
    ],
)
def test_what_others_called_a_paper_names_no_stranger(snapshot, met, called, left):
    body = {"items": [{"id": PAPER, "name": called}]}
    assert shown(body, snapshot, met) == {"items": [{"id": PAPER, "name": left}]}
    assert readable(called, snapshot, met, "zh") == left


def test_the_callers_own_texts_stay_or_they_would_tell_which_firms_there_are(snapshot, met):
    body = {"items": [{"id": PAPER, "name": NAME["G"]}], "purpose": NAME["G"], "name": NAME["H"]}
    own = hide_others(json.dumps(body).encode(), snapshot, met, "zh", handed=lambda: {PAPER})
    assert json.loads(own) == body


def test_a_name_in_a_longer_name_of_a_known_firm_stays(snapshot, met, monkeypatch):
    renamed = pl.when(pl.col("id") == firm("G")).then(pl.lit("慈溪齿轮")).otherwise("name")
    changed = snapshot.enterprises.with_columns(name=renamed)
    monkeypatch.setitem(vars(snapshot), "enterprises", changed)
    assert readable(f"{NAME['C']}，慈溪齿轮", snapshot, met, "zh") == f"{NAME['C']}，其他企业"


def test_what_the_caller_said_is_repeated_as_it_is(snapshot, met):
    """Or what is taken out would tell which firms there are."""
    body = {"name": NAME["G"], "missing": [firm("G"), "f" * 16], "text": f"{firm('G')}: {NAME['G']}"}
    hidden = hide_others(json.dumps(body).encode(), snapshot, met, "zh", {NAME["G"], firm("G")})
    told = json.loads(hidden)
    assert (told["name"], told["missing"]) == (body["name"], body["missing"])
    assert told["text"] == f"{HIDDEN}: 其他企业"


def test_a_latin_name_is_hidden_as_a_whole_word(snapshot, met):
    body = {"id": firm("G"), "name": "ACE", "text": "ACE sells to SPACES", "path": "books/ACE.pdf"}
    told = shown(body, snapshot, met)
    assert told["text"] == "其他企业 sells to SPACES"
    assert "ACE" not in told["path"]


def test_the_longer_of_two_hidden_names_goes_first(snapshot, met):
    both = NAME["G"] + "销售部"
    body = [{"id": firm("G"), "name": NAME["G"]}, {"id": firm("H"), "name": both}, f"{both}与{NAME['G']}"]
    told = shown(body, snapshot, met)
    assert told[2] == "其他企业与其他企业"


LEAVES = st.sampled_from([*NAME.values(), *map(firm, FIRMS), "甲", "x", ""]) | st.integers() | st.none()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ab"), inner)))
def test_no_hidden_id_is_left_and_the_shape_stays(snapshot, met, body):
    told = shown(body, snapshot, met)
    assert not any(firm(letter) in json.dumps(told) for letter in "GHIJL")
    assert _shape(told) == _shape(body)


def _shape(value):
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else type(value)


def test_what_hides_nothing_leaves_the_bytes(snapshot, met):
    body = b'{ "id": "' + firm("C").encode() + b'", "x": 1.50 }'
    assert hide_others(body, snapshot, met, "zh") is body


def test_people_of_the_bank_and_their_words_are_hidden_and_the_own_stay():
    body = {
        "entered_by": "officer", "override": "he is my cousin", "why": "kept",
        "approvals": [{"by": "boss", "why": "fine"}], "events": [{"by": "li.ming", "why": "unfair"}],
        "by_machine_alone": True,
    }  # fmt: skip
    told = json.loads(hide_bank(json.dumps(body).encode(), "li.ming", "en"))
    assert told["entered_by"] == "the bank"
    assert (told["override"], told["why"]) == ("", "")
    assert told["approvals"] == [{"by": "the bank", "why": ""}]
    assert told["events"] == body["events"]
    assert told["by_machine_alone"] is True
    assert hiding.hide_bank(b'{"by": null}', "li.ming", "en") == b'{"by":null}'
