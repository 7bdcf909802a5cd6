"""Every value that lists, changes, the explorer and maps show has words in both languages."""

from typing import get_args

import pytest

from api.masking import masked_json
from api.models_changes import AlertKind
from api.models_graph import GraphNode
from api.models_lists import ListMatch, ListMatches, ListRow
from api.views.tables import SHOWN_BY
from extraction.dates import beijing_today
from ledger.audit import ACTIONS
from ledger.words import labels, messages
from seeds.knowledge import places
from seeds.regions import PROVINCES, region_name
from services.credit.policy import champion
from services.desk.colours import COLOURS
from services.desk.meant import WAYS
from services.desk.offers import LOANS, OFFERS
from services.desk.table import GROUPS
from services.desk.web import _TYPES


def shown():
    yield from (f"meant_{way}" for way in WAYS)
    yield from (f"match_{name}" for name in get_args(ListMatch.model_fields["status"].annotation))
    yield from (f"offer_{name}" for name in OFFERS)
    yield from (f"loan_{name}" for name in LOANS)
    yield from (f"size_{name}" for name in ("micro", "small", "medium", "large"))
    yield from (f"group_{name}" for name in GROUPS)
    yield from (f"alert_{name}" for name in get_args(AlertKind))
    yield from (f"colour_{name}" for name in COLOURS)
    yield from (f"node_{name}" for name in get_args(GraphNode.model_fields["kind"].annotation)[1:])
    yield from (f"tie_{name}" if name.startswith("SHARES_") else name for name in _TYPES)
    rules = champion(beijing_today()).knock_outs
    yield from (f"knock_{rule.code}" for rule in rules if rule.kind != "purpose")
    yield from (f"audit_{action}" for action in ACTIONS)


def test_everything_shown_has_a_label():
    assert [key for key in shown() if key not in labels()] == []
    assert [kind for kind in get_args(AlertKind) if f"alert_{kind}" not in messages()] == []


def test_every_region_that_the_seeds_know_has_a_name():
    for place in places():
        assert place.code[:2] in PROVINCES
        assert region_name(place.code, "zh") == place.name
        assert region_name(place.code, "en") == PROVINCES[place.code[:2]][1]
    assert region_name("330499", "zh") == "嘉兴市"
    assert region_name("330000", "zh") == "浙江省"
    assert (region_name("99", "zh"), region_name(None, "en")) == ("99", None)


def test_what_is_hidden_is_a_column_of_the_row():
    assert set(SHOWN_BY) <= set(ListRow.model_fields)
    assert "hidden" in ListMatches.model_fields


@pytest.mark.parametrize(
    "text",
    [
        '{"nodes":["14063697603e22d6","bd64e13460498300"]}',
        '{"source":"13848743748e0030","edges":["SUPPLIES:1406369760312216:1384874374810030"]}',
    ],
)
def test_ids_that_look_like_numbers_of_people_stay_ids(text):
    assert masked_json(text.encode()) == text.encode()
    assert b"13848743748" not in masked_json(b'{"nodes":["13848743748"],"text":"tel 13848743748"}')
