"""`…/groups` over a real server: members with ties and papers, caps that say so, and on whom one depends."""

from dataclasses import replace
from hashlib import sha256

import polars as pl
import pytest

from gnn.groups.find import find_groups
from gnn.view import view_of
from graph.snapshot import write_snapshot
from ledger.ledger import Ledger, Load
from tests.api_server import serving_folder
from tests.graphs import tables
from tests.group_views import IDS, relations, tie

PAPER = sha256(b"registry").hexdigest()


def commit(folder):
    """The paper behind the first tie."""
    row = {
        "row": 7,
        "fact": "00000000000000aa",
        "kind": "OWNS",
        "src": "p",
        "src_is_person": True,
        "dst": IDS[0],
    }
    given = {"relations": pl.DataFrame([row])}
    Ledger(folder).commit([Load(PAPER, "股权.csv", b"registry", "test", 1, given, 1, 1)])


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("groups")
    commit(folder)
    ties = [
        tie("OWNS", "p", 0, 0.6, fact="00000000000000aa"), tie("OWNS", 0, 1, 0.9), tie("OWNS", 1, 2, 0.9),
        tie("GUARANTEES", 0, 5, amount_fen=100), tie("GUARANTEES", 5, 0, amount_fen=200),
        *(tie("OWNS", 10, i, 0.9) for i in range(11, 40)),
    ]  # fmt: skip
    given = tables(40, relations=relations(ties))
    depends = pl.DataFrame(
        {
            "enterprise": [0, 0], "side": ["sale", "purchase"], "partner": [5, 6], "share": [0.75, None],
            "amount_fen": [300, 12_345_00], "whole_fen": [400, 12_345_00], "months": [5, 5],
            "outcome": ["depends", "seen"],
        }
    )  # fmt: skip
    found = find_groups(view_of(given), given.coverage.select("enterprise", "side", "month"))
    write_snapshot(folder, replace(given, **{**found, "dependence": depends}))
    with serving_folder(folder) as client:
        yield client


def test_an_enterprise_has_its_groups_with_the_tie_and_the_paper_of_each_member(client):
    answer = client.get(f"/v1/enterprises/{IDS[0]}/groups", headers={"Accept-Language": "zh"}).json()
    assert [g["kind"] for g in answer["items"]] == ["control", "guarantee_circle"]
    control, circle = answer["items"]
    assert (control["kind_text"], control["size"], control["head"]["id"]) == ("集团客户", 3, IDS[0])
    assert control["controller"] == {"id": "person-p", "name": "p*"}
    first = control["members"][0]
    assert first["id"] == IDS[0]
    assert first["ties"][0]["text"] == "被持股"
    assert first["ties"][0]["share"] == 0.6
    assert first["ties"][0]["papers"] == [{"id": PAPER, "name": "股权.csv", "row": 7}]
    assert control["members"][2]["ties"][0]["to"]["id"] == IDS[1]
    assert (circle["form"], circle["form_text"], circle["amount_fen"]) == ("mutual", "互保", 300)
    assert answer["total"] == 2
    assert answer["note"] is None


def test_what_one_depends_on_is_told_and_null_where_books_do_not_say(client):
    answer = client.get(f"/v1/enterprises/{IDS[0]}/groups").json()
    by_side = {row["side"]: row for row in answer["dependence"]}
    assert by_side["sale"]["share"] == 0.75
    assert "75.0%" in by_side["sale"]["text"]
    assert by_side["purchase"]["share"] is None
    assert "at least CNY 12,345.00" in by_side["purchase"]["text"]


def test_long_lists_are_cut_and_say_so(client):
    answer = client.get(f"/v1/enterprises/{IDS[0]}/groups", params={"limit": 1}).json()
    assert (len(answer["items"]), answer["total"], answer["note"]) == (1, 2, "1 of 2")
    large = client.get(f"/v1/enterprises/{IDS[35]}/groups").json()["items"][0]
    one = client.get(f"/v1/groups/{large['id']}", params={"limit": 2}).json()["group"]
    assert [m["id"] for m in one["members"]] == [IDS[10], IDS[11]]
    assert one["note"] == "2 of 30"
    assert one["size"] == 30


def test_firms_without_groups_and_groups_that_are_not_there(client):
    alone = client.get(f"/v1/enterprises/{IDS[7]}/groups").json()
    assert (alone["items"], alone["total"], alone["dependence"]) == ([], 0, [])
    missing = client.get(f"/v1/groups/{'0' * 16}", headers={"Accept-Language": "zh"})
    assert missing.status_code == 404
    assert missing.json()["code"] == "group_not_found"
    assert client.get("/v1/groups/x").status_code == 422
