"""Learning on the graph: embeddings, positions, hidden links, scores.

`gnn.to_pyg(snapshot)` gives the graph to PyTorch Geometric; it needs the extra `learn`, nothing else here
does.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """`to_pyg`, imported when first asked for."""
    if name == "to_pyg":
        from gnn.data import to_pyg

        return to_pyg
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
