"""The industry chains shipped with the product, and what happens to a user's own that is wrong."""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml
from stdnum.cn import uscc

from ledger.errors import InputError
from seeds.chains import load_chains
from seeds.codes import REGION
from seeds.knowledge import tax_category, utilities

LISTED = Path(__file__).parents[2] / "shared/data/names/listed_company_names.json"
CHAINS = load_chains()
SEGMENTS = [segment for chain in CHAINS for segment in chain.segments]

OWN = {
    "id": "paper",
    "name": "造纸",
    "segments": [
        {
            "id": "paper-pulp", "name": {"zh": "制浆", "en": "pulp"}, "tier": 1, "role": "manufacture",
            "items": ["木浆"], "tax_categories": ["105030101"], "industry": ["2211"],
            "feeds": ["paper-paper"],
        },
        {
            "id": "paper-paper", "name": "成品纸", "tier": 0, "role": "manufacture", "end": True,
            "items": ["文化纸"], "tax_categories": ["1050302"], "industry": ["2221"], "feeds": [],
        },
    ],
}  # fmt: skip


def test_there_are_nine_from_raw_material_to_shops():
    assert {c.id for c in CHAINS} == {"nev", "med", "con", "ce", "pv", "eq", "food", "tex", "chem"}
    for chain in CHAINS:
        tiers = {segment.tier for segment in chain.segments}
        assert tiers == set(range(-2, max(tiers) + 1)) and max(tiers) >= 4
        assert 14 <= len(chain.segments) <= 24
        assert {s.tier for s in chain.segments if s.end} == {0}
    assert max(s.tier for s in SEGMENTS) == 6


def test_every_segment_leads_one_tier_down_to_an_end_product():
    for chain in CHAINS:
        by_id = {s.id: s for s in chain.segments}
        fed = {target for s in chain.segments for target in s.feeds}
        for segment in chain.segments:
            assert all(by_id[target].tier == segment.tier - 1 for target in segment.feeds), segment.id
            assert segment.feeds or segment.tier == -2, segment.id
            assert segment.id in fed or segment.tier >= 1, segment.id


def test_a_segment_can_be_told_by_its_words_and_codes():
    words = Counter(item for s in SEGMENTS for item in s.items)
    assert max(words.values()) == 1, [w for w, n in words.items() if n > 1]
    for segment in SEGMENTS:
        assert 3 <= len(segment.items) <= 10
        assert all(tax_category(code).short for code in segment.tax_categories)
        assert all(len(code) == 4 and code.isdigit() for code in segment.industry)
    named = {word for s in SEGMENTS for word in s.items}
    assert not named & {word for u in utilities() for word in u.items}


def test_cores_are_invented(subtests):
    cores = [(chain, core) for chain in CHAINS for core in chain.cores]
    assert len({core.code for _, core in cores}) == len({core.name for _, core in cores}) == len(cores)
    for chain, core in cores:
        with subtests.test(core.name):
            assert 2 <= len(chain.cores) <= 4
            assert uscc.is_valid(core.code) and core.code[2:8] == REGION
            assert chain.segment(core.segment).tier >= 0


@pytest.mark.data
def test_no_core_bears_the_name_of_a_listed_company():
    if not LISTED.exists():
        pytest.skip(f"no list of real names at {LISTED.name}")
    listed = {entry["secFullName"] for entry in json.loads(LISTED.read_text("utf-8"))["data"]}
    everything = "\n".join(listed)
    for chain in CHAINS:
        for core in chain.cores:
            assert core.name not in listed
            assert core.name[2:4] not in everything, core.name


def _write(folder: Path, change=None, name="paper.yaml") -> Path:
    raw = json.loads(json.dumps(OWN))
    if change:
        change(raw)
    path = folder / name
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path


def test_a_users_own_chain_stands_beside_ours(tmp_path):
    chains = load_chains(None, _write(tmp_path))
    assert chains[-1].id == "paper" and len(chains) == len(CHAINS) + 1
    assert chains[-1].name == {"zh": "造纸", "en": "造纸"}
    assert [c.id for c in load_chains(tmp_path)] == ["paper"]


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (lambda c: c.pop("segments"), "chain_field_missing", "segments"),
        (lambda c: c["segments"][0].pop("items"), "chain_field_missing", "items"),
        (lambda c: c["segments"][0].update(tier="one"), "chain_field_wrong", "tier"),
        (lambda c: c["segments"][0].update(role="magic"), "chain_field_wrong", "magic"),
        (lambda c: c["segments"][0].update(items="木浆"), "chain_field_wrong", "items"),
        (lambda c: c["segments"][0].update(tax_categories=["abc"]), "chain_field_wrong", "abc"),
        (lambda c: c["segments"][0].update(feeds=["paper-gold"]), "chain_feeds_unknown", "paper-gold"),
        (lambda c: c["segments"][1].pop("end"), "chain_no_end", "paper.yaml"),
        (lambda c: c["segments"][1].update(id="paper-pulp"), "chain_id_twice", "paper-pulp"),
        (lambda c: c.update(season=[1, 2]), "chain_field_wrong", "season"),
        (lambda c: c.update(id="nev"), "chain_id_twice", "nev"),
        (lambda c: c.update(cores=[{"name": "a", "code": "b", "segment": "c"}]), "chain_feeds_unknown", "c"),
    ],
)
def test_what_is_wrong_with_a_chain_is_said(tmp_path, change, code, told):
    path = _write(tmp_path, change)
    with pytest.raises(InputError) as caught:
        load_chains(None, path)
    assert caught.value.code == code
    assert told in caught.value.text("en") and path.name in caught.value.text("zh")


def test_no_yaml_and_no_files_are_said(tmp_path):
    with pytest.raises(InputError, match="no chain files"):
        load_chains(tmp_path)
    (tmp_path / "x.yaml").write_text("a: [b", "utf-8")
    with pytest.raises(InputError, match=r"x\.yaml"):
        load_chains(tmp_path)
    (tmp_path / "x.yaml").write_text("- a", "utf-8")
    with pytest.raises(InputError, match="not a mapping"):
        load_chains(tmp_path)
