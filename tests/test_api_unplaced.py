"""Who stands nowhere is counted and listed: totals of all chains, and the list behind *unplaced*."""

from pathlib import Path

import httpx
import polars as pl
import pytest

from api.views.chains import chain_map, chains
from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from tests.api_server import serving_folder
from tests.tiny_graph import Tiny, invoices, tables, tiny


@pytest.fixture(scope="module")
def economy(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny(tmp_path_factory.mktemp("unplaced"))


@pytest.fixture(scope="module")
def client(economy: Tiny):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(economy.folder, store=nobody) as client:
        yield client


def homeless(economy: Tiny) -> set[str]:
    """Told from the tables one by one: no hub, and no row of positions with a segment."""
    firms, places = economy.snapshot.enterprises, economy.snapshot.positions
    placed = {row["enterprise"] for row in places.iter_rows(named=True) if row["segment"] is not None}
    return {
        row["id"] for at, row in enumerate(firms.iter_rows(named=True)) if at not in placed and not row["hub"]
    }


def test_every_enterprise_is_counted_once(client: httpx.Client, economy: Tiny) -> None:
    totals = client.get("/v1/chains").json()["totals"]
    assert totals["enterprises"] == economy.snapshot.enterprises.height
    assert totals["hubs"] == economy.snapshot.enterprises["hub"].sum() > 0
    assert totals["unplaced"] == len(homeless(economy)) > 0
    assert totals["placed"] + totals["unplaced"] + totals["hubs"] == totals["enterprises"]
    assert 0 < totals["with_goods"] <= totals["enterprises"]


@pytest.mark.parametrize("limit", [1, 2, 200])
def test_the_list_holds_those_and_no_others(client: httpx.Client, economy: Tiny, limit: int) -> None:
    items, cursor = [], ""
    while True:
        body = client.get(f"/v1/enterprises/unplaced?limit={limit}{cursor}").json()
        items += body["items"]
        assert body["total"] == len(homeless(economy))
        if body["next"] is None:
            break
        cursor = f"&cursor={body['next']}"
    assert len(items) == len({item["id"] for item in items})
    assert {item["id"] for item in items} == homeless(economy)
    sales = [item["sales_fen"] for item in items]
    assert sales == sorted(sales, reverse=True)
    assert all(item["segment"] is item["depth"] is item["level"] is None for item in items)


def test_a_cursor_of_another_list_is_refused(client: httpx.Client) -> None:
    other = client.get("/v1/chains/toy-car/enterprises?limit=1").json()["next"]
    answer = client.get(f"/v1/enterprises/unplaced?cursor={other}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "cursor_invalid"


def test_a_chain_of_nobody_offers_the_largest_buyers_of_all(tmp_path: Path) -> None:
    made = tables(invoices())
    made.positions = made.positions.clear()
    made.chains = [chain | {"cores": []} for chain in made.chains]
    snapshot = write_snapshot(tmp_path, made)
    firms = snapshot.enterprises.filter(~pl.col("hub") & (pl.col("purchases_fen") > 0))
    largest = firms.sort("purchases_fen", descending=True)["purchases_fen"].to_list()[:10]
    answer = chain_map(snapshot, "watch", "en")
    assert [buyer.amount_fen for buyer in answer.candidates] == largest
    assert largest
    totals = chains(snapshot, "en").totals
    assert (totals.placed, totals.unplaced + totals.hubs) == (0, totals.enterprises)
