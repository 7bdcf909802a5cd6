"""Writes the files under `cypher/bulk/`: how rows of each kind are created, merged, deleted and listed.

`python -m graph.bulk_statements` after a change of `graph.model`; a test fails when they differ. Files,
not strings put together when needed: what a build can run lies open, and no label comes from input.

A row is a list (half the work of a map, for driver and engine alike): a node's id, or an edge's two
ids, then the properties in the order of the model. Nodes and edges that were there before us carry no
`dayan` and are left alone; a node of ours that must go while somebody else's edge hangs on it stays
with `dayan: false`. Each writing statement returns how many rows found their place.
"""

from pathlib import Path

import cypher
from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind

FOLDER = Path(cypher.__file__).parent / "bulk"


def files() -> dict[str, str]:
    """File name → text, for every kind."""
    texts: dict[str, str] = {}
    for node in NODE_KINDS:
        texts.update(_node(node))
    for edge in EDGE_KINDS:
        texts.update(_edge(edge))
    return {f"{name}.cypher": text for name, text in texts.items()}


def write() -> None:
    """Bring the folder in line with the model."""
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.glob("*.cypher")) - {FOLDER / name for name in files()}:
        stale.unlink()
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")


def _file(answers: str, mode: str, params: str, *lines: str) -> str:
    return "\n".join((f"// answers: {answers}", f"// mode: {mode}", f"// params: {params}", *lines, ""))


def _node(kind: NodeKind) -> dict[str, str]:
    low, rest = kind.name.lower(), kind.properties[1:]
    values = ", ".join([f"{p.name}: r[{i}]" for i, p in enumerate(kind.properties)] + ["dayan: true"])
    sets = ", ".join(["n.dayan = true"] + [f"n.{p.name} = r[{i}]" for i, p in enumerate(rest, 1)])
    match = f"MATCH (n:{kind.name} {{id: r[0]}}) WHERE n.dayan = true"
    return {
        f"create_{low}": _file(
            f"creates {kind.name} nodes that are not there yet",
            "write",
            "rows",
            "UNWIND $rows AS r",
            f"CREATE (n:{kind.name} {{{values}}})",
            "RETURN count(*) AS written",
        ),
        f"merge_{low}": _file(
            f"brings {kind.name} nodes of ours to these properties",
            "write",
            "rows",
            "UNWIND $rows AS r",
            f"MERGE (n:{kind.name} {{id: r[0]}})",
            "ON CREATE SET n.dayan = true",
            "WITH n, r WHERE n.dayan IS NOT NULL",
            f"SET {sets}",
            "RETURN count(*) AS written",
        ),
        f"release_{low}": _file(
            f"gives up {kind.name} nodes that somebody else's edges still hang on",
            "write",
            "rows",
            "UNWIND $rows AS r",
            match,
            "WITH n WHERE EXISTS { (n)--() }",
            "SET n.dayan = false",
            "RETURN count(*) AS written",
        ),
        f"delete_{low}": _file(
            f"deletes {kind.name} nodes of ours",
            "write",
            "rows",
            "UNWIND $rows AS r",
            match,
            "DELETE n",
            "RETURN count(*) AS written",
        ),
        f"keys_{low}": _file(
            f"the ids of all {kind.name} nodes that are or were ours",
            "read",
            "",
            f"MATCH (n:{kind.name}) WHERE n.dayan IS NOT NULL",
            "RETURN n.id AS id, n.dayan AS ours",
        ),
    }


def _edge(kind: EdgeKind) -> dict[str, str]:
    low, start = kind.name.lower(), 2
    values = ", ".join([f"{p.name}: r[{i}]" for i, p in enumerate(kind.properties, start)] + ["dayan: true"])
    sets = ", ".join(f"e.{p.name} = r[{i}]" for i, p in enumerate(kind.properties, start))
    ends = [f"MATCH (a:{kind.sources[0]} {{id: r[0]}})", f"MATCH (b:{kind.target} {{id: r[1]}})"]
    if len(kind.sources) > 1:  # one of several kinds: whichever has the id
        names = [f"a{i}" for i in range(len(kind.sources))]
        ends = [
            *(f"OPTIONAL MATCH ({a}:{s} {{id: r[0]}})" for a, s in zip(names, kind.sources, strict=True)),
            f"MATCH (b:{kind.target} {{id: r[1]}})",
            f"WITH r, b, coalesce({', '.join(names)}) AS a WHERE a IS NOT NULL",
        ]
    arrow = f"[e:{kind.name} {{dayan: true}}]"
    return {
        f"create_{low}": _file(
            f"creates {kind.name} edges that are not there yet",
            "write",
            "rows",
            "UNWIND $rows AS r",
            *ends,
            f"CREATE (a)-[:{kind.name} {{{values}}}]->(b)",
            "RETURN count(*) AS written",
        ),
        f"merge_{low}": _file(
            f"brings {kind.name} edges of ours to these properties",
            "write",
            "rows",
            "UNWIND $rows AS r",
            *ends,
            f"MERGE (a)-{arrow}->(b)",
            *([f"SET {sets}"] if sets else []),
            "RETURN count(*) AS written",
        ),
        f"delete_{low}": _file(
            f"deletes {kind.name} edges of ours",
            "write",
            "rows",
            "UNWIND $rows AS r",
            *ends,
            f"MATCH (a)-{arrow}->(b)",
            "DELETE e",
            "RETURN count(*) AS written",
        ),
        f"keys_{low}": _file(
            f"the two ids of all {kind.name} edges of ours",
            "read",
            "",
            f"MATCH (a)-[e:{kind.name}]->(b:{kind.target}) WHERE e.dayan = true",
            "RETURN a.id AS src, b.id AS dst",
        ),
    }


if __name__ == "__main__":
    write()
