"""What every store does, on both engines: publishing, leaving others' things alone, errors, threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.engine import connect, server_address
from graph.model import EDGE_KINDS, EDGES, NODE_KINDS
from graph.publish import Published, publish
from graph.store import Store, native
from ledger.errors import Conflict, InputError, StoreUnavailable
from tests.neo4j import launcher
from tests.neo4j.launcher import raw, wipe
from tests.store_graph import edge_table, node_table, supplies, tables


def everything(store: Store) -> tuple[list, list]:
    """All nodes and edges, whoever wrote them, by business ids."""
    nodes = raw(store, "MATCH (n) WHERE NOT n:Build RETURN labels(n)[0] AS kind, properties(n) AS p")
    edges = raw(store, "MATCH (a)-[e]->(b) RETURN a.id AS a, type(e) AS kind, b.id AS b, properties(e) AS p")
    return sorted(map(_plain, nodes), key=repr), sorted(map(_plain, edges), key=repr)


def _plain(row: dict) -> tuple:
    props = sorted((k, native(v)) for k, v in row.pop("p").items() if v is not None)
    return (*row.values(), tuple(props))


def changed(tables: dict) -> dict:
    """A later version: a link and a firm gone, a firm and a link new, an amount and a name other."""
    firms = tables["Enterprise"].filter(pl.col("id") != "h")
    renamed = pl.when(pl.col("id") == "d").then(pl.lit("丁商贸")).otherwise("name").alias("name")
    new = node_table("Enterprise", [{"id": "n", "name": "新客户", "hub": False}])
    links = tables["SUPPLIES"].filter((pl.col("src") != "h") & (pl.col("dst") != "h"))
    grown = pl.when(pl.col("src") == "b").then(99_999).otherwise("amount_fen").alias("amount_fen")
    return {
        **tables,
        "Enterprise": pl.concat([firms.with_columns(renamed), new]),
        "SUPPLIES": pl.concat([links.with_columns(grown), edge_table("SUPPLIES", [supplies("a", "n", 77)])]),
        "GUARANTEES": tables["GUARANTEES"].clear(),
    }


def test_a_difference_leaves_what_a_whole_build_would_have(store: Store):
    first, second = tables(), changed(tables())
    assert publish(store, first, None, "s1").full
    difference = publish(store, second, first, "s2", previous_id="s1")
    assert difference == Published(full=False, created=1, merged=3, deleted=5 + 1 + 4)
    after_difference = everything(store)
    wipe(store)
    publish(store, second, None, "s2")
    assert everything(store) == after_difference
    assert store.run("build") == [{"snapshot": "s2"}]


def test_the_same_tables_again_write_nothing(store: Store):
    publish(store, tables(), None, "s1")
    assert publish(store, tables(), tables(), "s1", previous_id="s1") == Published(False, 0, 0, 0)


def test_a_build_that_was_killed_is_made_good_by_the_next(store: Store):
    publish(store, tables(), None, "s1")
    before = everything(store)
    # as a build to s2 leaves it that was killed half-way: marked, some rows written, some gone
    store.write("mark_build", snapshot="s2", state="writing", model="whatever", folder=None)
    store.write("delete_supplies", [["a", "c"], ["b", "c"]])
    store.write("create_enterprise", changed(tables())["Enterprise"].filter(pl.col("id") == "n"))
    store.write("merge_supplies", edge_table("SUPPLIES", [supplies("c", "e", 1)]))
    assert store.run("build") == []
    assert publish(store, tables(), tables(), "s1", previous_id="s1").full
    assert everything(store) == before


def test_an_older_marker_or_another_model_is_not_trusted(store: Store):
    publish(store, tables(), None, "s1")
    raw(store, "MATCH (e:Enterprise {id: 'a'}) SET e.name = 'spoilt'")
    assert publish(store, tables(), tables(), "s3", previous_id="s2").full
    assert store.run("enterprise", id="a")[0]["name"] != "spoilt"
    raw(store, "MATCH (b:Build) SET b.model = 'older'")
    assert publish(store, tables(), tables(), "s3", previous_id="s3").full


def test_what_is_not_ours_survives_everything(store: Store):
    raw(store, "CREATE (:Note {id: 'mine', text: 'hands off'})")
    raw(
        store,
        "CREATE (:Enterprise {id: 'own', name: 'theirs'})-[:SUPPLIES {amount_fen: 5}]->(:Note {id: 'm2'})",
    )
    publish(store, tables(), None, "s1")
    raw(
        store,
        "MATCH (a:Enterprise {id: 'a'}), (c:Enterprise {id: 'c'}) CREATE (a)-[:SUPPLIES {mine: 1}]->(c)",
    )
    raw(
        store,
        "MATCH (h:Enterprise {id: 'h'}), (n:Note {id: 'mine'}) CREATE (n)-[:ABOUT]->(h) SET h.colour = 'red'",
    )
    raw(store, "MATCH (d:Enterprise {id: 'd'}) SET d.colour = 'blue'")
    raw(store, "MATCH (:Enterprise {id: 'c'})-[e:SUPPLIES {dayan: true}]->({id: 'e'}) SET e.note = 'seen'")
    publish(store, changed(tables()), tables(), "s2", previous_id="s1")  # h goes, d changes
    publish(store, {"Enterprise": tables()["Enterprise"].filter(pl.col("id") == "d")}, None, "s3")
    publish(store, changed(tables()), None, "s4")
    publish(store, {}, None, "s5")
    assert raw(store, "MATCH (n:Note) RETURN n.id AS id, n.text AS text ORDER BY id") == [
        {"id": "m2", "text": None},
        {"id": "mine", "text": "hands off"},
    ]
    own = "MATCH (e:Enterprise {id: 'own'})-[s:SUPPLIES]->(:Note) RETURN e.name AS name, s.amount_fen AS fen"
    assert raw(store, own) == [{"name": "theirs", "fen": 5}]
    kept = raw(store, "MATCH (a)-[s:SUPPLIES {mine: 1}]->(c) RETURN a.id AS a, c.id AS c")
    assert kept == [{"a": "a", "c": "c"}]
    about = raw(store, "MATCH (:Note)-[:ABOUT]->(h) RETURN h.id AS id, h.colour AS colour, h.dayan AS dayan")
    assert about == [{"id": "h", "colour": "red", "dayan": False}]
    assert store.run("node_counts") == [{"kind": "Build", "count": 1}]
    assert store.run("edge_counts") == []


def test_properties_of_others_on_our_nodes_and_edges_survive_a_change(store: Store):
    publish(store, tables(), None, "s1")
    raw(store, "MATCH (d:Enterprise {id: 'd'}) SET d.colour = 'blue'")
    raw(store, "MATCH ({id: 'b'})-[e:SUPPLIES]->({id: 'c'}) SET e.note = 'seen'")
    publish(store, changed(tables()), tables(), "s2", previous_id="s1")
    publish(store, changed(tables()), None, "s2")
    assert raw(store, "MATCH (d:Enterprise {id: 'd'}) RETURN d.name AS name, d.colour AS colour") == [
        {"name": "丁商贸", "colour": "blue"}
    ]
    noted = raw(
        store, "MATCH ({id: 'b'})-[e:SUPPLIES]->({id: 'c'}) RETURN e.amount_fen AS fen, e.note AS note"
    )
    assert noted == [{"fen": 99_999, "note": "seen"}]


def test_a_firm_that_comes_back_is_ours_again(store: Store):
    publish(store, tables(), None, "s1")
    raw(store, "MATCH (h:Enterprise {id: 'h'}) CREATE (:Note)-[:ABOUT]->(h)")
    publish(store, changed(tables()), tables(), "s2", previous_id="s1")
    assert store.run("enterprise", id="h") == []
    publish(store, tables(), changed(tables()), "s3", previous_id="s2")
    assert store.run("enterprise", id="h")[0]["customers"] == 3


def test_somebody_elses_node_with_our_id_is_refused_and_left(store: Store):
    store.schema()
    raw(store, "CREATE (:Enterprise {id: 'a', name: 'theirs'})")
    with pytest.raises(Conflict):
        publish(store, tables(), None, "s1")
    assert raw(store, "MATCH (e:Enterprise {id: 'a'}) RETURN e.name AS name") == [{"name": "theirs"}]
    assert store.run("build") == []


def test_the_graph_of_another_data_folder_is_refused_and_left(store: Store):
    publish(store, tables(), None, "s1", folder="one")
    before = everything(store)
    for folder in ("two", None):
        with pytest.raises(Conflict) as caught:
            publish(store, changed(tables()), None, "s2", folder=folder)
        assert caught.value.code == "store_of_another_folder"
        assert all("MATCH (b:Build) DELETE b" in caught.value.text(lang) for lang in ("zh", "en"))
    assert everything(store) == before
    assert store.run("build") == [{"snapshot": "s1"}]
    assert not publish(store, changed(tables()), tables(), "s2", previous_id="s1", folder="one").full
    raw(store, "MATCH (b:Build) DELETE b")  # what the refusal says to do
    assert publish(store, tables(), None, "s1", folder="two").full
    assert everything(store) == before


def test_a_folder_that_comes_while_another_builds_is_refused_before_it_writes(embedded_store: Store):
    """Both found an empty database; the other one's mark came first."""

    class Slower(Store):
        def __init__(self) -> None:
            self.__dict__ = embedded_store.__dict__

        def schema(self) -> None:
            super().schema()
            publish(embedded_store, tables(), None, "s1", folder="one")

    with pytest.raises(Conflict) as caught:
        publish(Slower(), {}, None, "s2", folder="two")
    assert caught.value.code == "store_of_another_folder"
    assert embedded_store.run("build") == [{"snapshot": "s1"}]
    assert embedded_store.run("enterprise", id="a") != []


def test_a_graph_of_a_version_without_folder_ids_becomes_the_folders_that_publishes(store: Store):
    publish(store, tables(), None, "s1")
    assert not publish(store, changed(tables()), tables(), "s2", previous_id="s1", folder="one").full
    with pytest.raises(Conflict):
        publish(store, tables(), None, "s1", folder="two")


def test_an_edge_that_ends_nowhere_is_refused(store: Store):
    lost = {**tables(), "SUPPLIES": edge_table("SUPPLIES", [supplies("a", "nowhere", 1)])}
    with pytest.raises(Conflict, match="1 edges of kind SUPPLIES"):
        publish(store, lost, None, "s1")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"Firm": pl.DataFrame()}, "no such kinds"),
        ({"Region": pl.DataFrame({"id": ["1"]})}, "missing or unknown"),
        ({"Region": pl.DataFrame({"id": ["1", "1"], "name": ["x", "y"]})}, "not unique"),
        ({"Region": pl.DataFrame({"id": [None], "name": ["x"]}, schema_overrides={"id": pl.String})}, "null"),
    ],
)
def test_tables_that_are_not_as_declared_are_refused_before_anything_is_written(wrong, says, embedded_store):
    with pytest.raises(ValueError, match=says):
        publish(embedded_store, wrong, None, "s1")
    assert embedded_store.run("build_marker") == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(
                lambda pair: pair[0] != pair[1]
            ),
            st.integers(1, 10**15),
            max_size=12,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_series_of_differences_ends_at_the_last_version(embedded_store: Store, versions):
    wipe(embedded_store)
    previous, before = None, None
    for number, links in enumerate(versions):
        firms = sorted({end for pair in links for end in pair})
        new = {
            "Enterprise": node_table("Enterprise", [{"id": f, "name": f} for f in firms]),
            "SUPPLIES": edge_table(
                "SUPPLIES", [supplies(a, b, fen) for (a, b), fen in sorted(links.items())]
            ),
        }
        publish(embedded_store, new, previous, f"v{number}", previous_id=before)
        previous, before = new, f"v{number}"
    rows = raw(embedded_store, "MATCH (a)-[e:SUPPLIES]->(b) RETURN a.id AS a, b.id AS b, e.amount_fen AS fen")
    assert {(r["a"], r["b"]): r["fen"] for r in rows} == versions[-1]
    assert len(rows) == len(versions[-1])
    ids = {r["id"] for r in raw(embedded_store, "MATCH (n:Enterprise) RETURN n.id AS id")}
    assert ids == {end for pair in versions[-1] for end in pair}


def test_batches_report_progress_and_add_up(store: Store, monkeypatch):
    monkeypatch.setattr("graph.store.BATCH", 40)
    monkeypatch.setattr("graph.store.CHUNK", 30)
    store.schema()
    heard: list[int] = []
    rows = [[f"{i:03}", None] for i in range(100)]
    assert store.write("create_region", rows, progress=heard.append) == 100
    assert heard == [40, 40, 20]
    listed = store.frame("keys_region", pl.Schema({"id": pl.String(), "ours": pl.Boolean()}))
    assert sorted(listed["id"]) == [r[0] for r in rows]


def test_a_batch_is_whole_or_not_at_all(store: Store):
    store.schema()
    store.write("create_region", [["x", None]])
    with pytest.raises(Conflict):
        store.write("create_region", [["y", None], ["x", None], ["z", None]])
    assert store.frame("keys_region", pl.Schema({"id": pl.String(), "ours": pl.Boolean()})).height == 1


def test_the_schema_may_be_brought_about_again(store: Store):
    store.schema()
    store.schema()
    constraints = raw(store, "SHOW CONSTRAINTS YIELD labelsOrTypes RETURN labelsOrTypes[0] AS label")
    assert {row["label"] for row in constraints} == {k.name for k in NODE_KINDS} | {"Build"}


def test_threads_share_a_store(store: Store):
    publish(store, tables(), None, "s1")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: store.run("partner_counts", id="e"), range(40)))
    assert answers == [[{"suppliers": 3, "customers": 1}]] * 40


def test_values_come_back_as_pythons_own(store: Store):
    publish(store, tables(), None, "s1")
    row = store.run("suppliers", id="c", limit=1)[0]
    assert type(row["first"]) is date
    instant = datetime(2025, 5, 4, 3, 2, 1, tzinfo=timezone(timedelta(hours=8)))
    query = "RETURN $when AS when, duration('P1D') AS d, {a: [date('2025-01-02')]} AS nested"
    with store._session("READ") as session:
        found = session.execute_read(lambda tx: tx.run(query, when=instant).single())
    assert [native(v) for v in found.values()] == [instant, "P1D", {"a": [date(2025, 1, 2)]}]


def test_after_close_it_says_so(tmp_path: Path, embedded_store: Store):
    other = Store(embedded_store.engine, lambda: embedded_store._address)
    other._address = type(embedded_store._address)("bolt://x", "u", None)  # its seat belongs to the fixture
    other.close()
    other.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        other.run("build")


def test_the_address_is_taken_apart_and_its_password_never_shown(tmp_path: Path):
    address = server_address("neo4j+s://neo%40j:p%2Fw@db.example:7000/firms")
    assert (address.uri, address.user, address.password) == ("neo4j+s://db.example:7000", "neo@j", "p/w")
    assert address.database == "firms"
    assert "p/w" not in repr(address)
    plain = server_address("bolt://[::1]", "u", "w")
    assert (plain.uri, plain.user, plain.password, plain.database) == ("bolt://[::1]:7687", "u", "w", None)
    for bad in ("http://me:secret@h", "me:secret@h", "bolt://", "bolt://me:secret@h:x", ""):
        with pytest.raises(InputError) as caught:
            server_address(bad)
        assert "secret" not in str(caught.value)


def test_a_store_that_is_not_there_is_said_to_be_unavailable(tmp_path: Path):
    with pytest.raises(StoreUnavailable) as caught:
        connect("bolt://neo4j:secret@127.0.0.1:1", tmp_path)
    assert caught.value.code == "store_silent"
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_said_to_be_refused(store: Store, tmp_path: Path):
    with pytest.raises(StoreUnavailable) as caught:
        connect(store.uri, tmp_path, user="neo4j", password="not the password")
    assert caught.value.code == "store_refused"


@pytest.mark.neo4j
def test_a_neo4j_given_to_the_tests_must_be_empty(neo4j_store: Store, tmp_path: Path, monkeypatch):
    address = neo4j_store._address
    login = f"{address.user}:{address.password}@"
    monkeypatch.setenv(launcher.VARIABLE, address.uri.replace("://", f"://{login}"))
    with launcher.neo4j_store(tmp_path) as given:
        raw(given, "CREATE (:Note)")
    assert raw(neo4j_store, "MATCH (n) RETURN n") == []  # left as it was found
    raw(neo4j_store, "CREATE (:Note)")
    with pytest.raises(RuntimeError, match="not empty"), launcher.neo4j_store(tmp_path):
        pass
    assert len(raw(neo4j_store, "MATCH (n) RETURN n")) == 1


def test_every_kind_is_listed_with_words_in_both_languages():
    for kind in (*NODE_KINDS, *EDGE_KINDS):
        for lang in ("zh", "en"):
            assert kind.label(lang)
            assert all(p.label(lang) for p in kind.properties)
    assert EDGES["SUPPLIES"].direction("zh") == "供应商 → 客户"
    assert all(kind.direction("en") for kind in EDGE_KINDS)
