"""What differs between the engines: schema statements, database name, how long a transaction is retried.

Everything else, every query and every write, is the same text on both (`cypher/`).
"""

from dataclasses import dataclass

from graph.model import NODE_KINDS


@dataclass(frozen=True)
class Engine:
    """One kind of graph store, as data."""

    name: str
    #: Statements that prepare an empty database; each may be run again at any time.
    schema: tuple[str, ...]
    #: Seconds that a transaction is retried: a cluster may be electing, a local process is not.
    retry_s: float


_KEYS = tuple(
    f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
    for label in (*(kind.name for kind in NODE_KINDS), "Build")
)
_CODE = "CREATE INDEX enterprise_code IF NOT EXISTS FOR (n:Enterprise) ON (n.code)"

EMBEDDED = Engine("embedded", schema=(*_KEYS, _CODE), retry_s=3.0)

#: Text indexes serve CONTAINS and STARTS WITH of the search.
NEO4J = Engine(
    "neo4j",
    schema=(
        *_KEYS,
        _CODE,
        "CREATE TEXT INDEX enterprise_name IF NOT EXISTS FOR (n:Enterprise) ON (n.name)",
        "CREATE TEXT INDEX enterprise_pinyin IF NOT EXISTS FOR (n:Enterprise) ON (n.pinyin)",
        "CREATE TEXT INDEX enterprise_initials IF NOT EXISTS FOR (n:Enterprise) ON (n.initials)",
    ),
    retry_s=30.0,
)
