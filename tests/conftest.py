"""Which fixture to take: `store` for a test that must hold on both engines (it runs twice),
`embedded_store` or `neo4j_store` for one that is about that engine. Each test gets it empty; the
engines themselves are started once a run. Neo4j is skipped, with what to install, where there is none.
"""

from collections.abc import Iterator

import pytest

from graph.engine import connect
from graph.store import Store
from tests.neo4j import launcher


@pytest.fixture(scope="session")
def _embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with connect(None, tmp_path_factory.mktemp("embedded")) as store:
        yield store


@pytest.fixture(scope="session")
def _neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    try:
        with launcher.neo4j_store(tmp_path_factory.mktemp("neo4j")) as store:
            yield store
    except launcher.Unavailable as what_to_do:
        pytest.skip(str(what_to_do))


@pytest.fixture
def embedded_store(_embedded: Store) -> Store:
    """The embedded engine, empty."""
    launcher.wipe(_embedded)
    return _embedded


@pytest.fixture
def neo4j_store(_neo4j: Store) -> Store:
    """A real Neo4j, empty."""
    launcher.wipe(_neo4j)
    return _neo4j


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def store(request: pytest.FixtureRequest) -> Store:
    """Both engines in turn, empty."""
    return request.getfixturevalue(f"{request.param}_store")
