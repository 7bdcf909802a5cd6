"""One row of numbers a firm, near for firms that trade alike: made, renewed each night, searched, saved.

    embedding = embed(view)                       everything, from scratch
    embedding = update(embedding, before, after)  the same numbers, only what changed is computed
    rows, values = embed_new(embedding, view)     firms it does not know yet, the others untouched
    nearest(embedding, row, 10)                   who is most alike

Nothing is trained. How the numbers come about stands in `gnn.embeddings.inputs` and `gnn.embeddings.hops`; a
trained head reads `features`, a firm's own inputs beside its hops.
"""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gnn.embeddings.hops import Kept, diffuse, mix
from gnn.embeddings.inputs import Hashes, Spec, firm_keys, own_inputs, with_identity
from gnn.embeddings.propagation import Bits, Float32, from_bf16, widened
from gnn.embeddings.update import Stored, moved, of_new, old_rows, refresh, sides
from gnn.view import View
from graph.csr import Int32
from ledger.errors import FileUnreadable

#: Raised when the same spec and view give other numbers than before.
VERSION = 1
#: Rows looked at together by `nearest`.
ROWS = 1 << 18


@dataclass(frozen=True)
class Embedding:
    """n firms. `keys`: uint64[n], hashes of their ids; `values`: bf16[n, d], rows of length 1 (0 for a firm
    of which nothing is known); `own` and `hops`: bf16[n, d] each, what they are made of; `versions`: of the
    code, the spec and the day."""

    keys: Hashes
    values: Bits
    own: Bits
    hops: dict[str, Bits]
    spec: Spec
    versions: dict[str, str]

    @property
    def firms(self) -> int:
        """Number of firms."""
        return len(self.keys)


def embed(view: View, spec: Spec | None = None) -> Embedding:
    """The embedding of every firm of `view`; the same view and spec give the same bytes."""
    spec = spec or Spec()
    keys, own = firm_keys(view), own_inputs(view, spec)
    kept = Kept(view.firms, spec.width, ("own", *spec.hops, "values"))
    kept.put("own", 0, own)
    links = sides(view, spec)
    diffuse(links["c"], links["s"], with_identity(own, keys, spec), spec.hops, kept)
    mix(kept, view.firms, spec)
    values, own = kept.of.pop("values"), kept.of.pop("own")
    return Embedding(keys, values, own, kept.of, spec, _versions(view, spec))


def update(embedding: Embedding, before: View, after: View) -> Embedding:
    """What `embed(after)` gives, from the embedding of `before`: only firms whose inputs or links changed,
    and those within as many links of them as the longest hop has letters, are computed.

    In place: `embedding` is used up, its arrays are those of the result wherever the firms are the same.
    ValueError when `before` is not the view it was made of.
    """
    if not np.array_equal(embedding.keys, firm_keys(before)):
        raise ValueError("the embedding was made of other firms than those of `before`")
    spec, keys = embedding.spec, firm_keys(after)
    old = old_rows(embedding.keys, keys)
    kept = moved(Stored(embedding.keys, embedding.own, embedding.hops, embedding.values), keys, old)
    refresh(kept, own_inputs(after, spec), old, before, after, spec)
    return Embedding(keys, kept.values, kept.own, kept.hops, spec, _versions(after, spec))


def embed_new(embedding: Embedding, view: View) -> tuple[Int32, Bits]:
    """Rows of `view` that the embedding does not know, and their values bf16[k, d].

    From their own links, items and attributes. Direct partners' inputs and means are taken again, with the
    new deals in them, and thrown away: nothing of the embedding changes. Exact for hops of two letters.
    """
    keys = firm_keys(view)
    old = old_rows(embedding.keys, keys)
    new = np.flatnonzero(old < 0).astype(np.int32)
    if not len(new):
        return new, np.empty((0, embedding.spec.width), np.uint16)
    kept = Stored(embedding.keys, embedding.own, embedding.hops, embedding.values)
    return new, of_new(kept, keys, new, old, view, embedding.spec)


def features(embedding: Embedding, rows: NDArray[np.integer]) -> Float32:
    """Own inputs and hops of `rows` side by side, float32[k, d · (1 + hops)]: what a trained head reads."""
    parts = [embedding.own, *(embedding.hops[word] for word in embedding.spec.hops)]
    return np.concatenate([from_bf16(part[rows]) for part in parts], axis=1)


def nearest(embedding: Embedding, i: int, k: int = 10) -> tuple[Int32, Float32]:
    """The k firms most alike row `i`, itself left out: rows and cosines, most alike first, then by row.

    Firms of which nothing is known are like nobody. IndexError where there is no row i.
    """
    return most_alike(embedding.values, i, k)


def most_alike(values: Bits, i: int, k: int = 10) -> tuple[Int32, Float32]:
    """As `nearest`, for the values alone, as a snapshot keeps them."""
    if not 0 <= i < len(values):
        raise IndexError(f"no firm stands in row {i}")
    found, likeness = nearest_to(values, from_bf16(values[i : i + 1])[0], k + 1)
    others = found != i
    return found[others][:k], likeness[others][:k]


def nearest_to(values: Bits, vector: Float32, k: int = 10) -> tuple[Int32, Float32]:
    """As `most_alike`, for a vector float32[d], such as a new firm's."""
    length = np.sqrt(np.sum(vector * vector))
    unit = np.asarray(vector / (length if length > 0 else 1), np.float32)
    rows, likeness = np.empty(0, np.int32), np.empty(0, np.float32)
    for low in range(0, len(values), ROWS):
        part = _cosines(values[low : low + ROWS], unit)
        best = (
            np.argpartition(-part, min(k, len(part) - 1))[: k + 1] if len(part) > k else np.arange(len(part))
        )
        best = np.flatnonzero(part >= part[best].min()) if len(best) else best
        rows = np.concatenate([rows, best.astype(np.int32) + np.int32(low)])
        likeness = np.concatenate([likeness, part[best]])
        order = np.lexsort((rows, -likeness))[:k]
        rows, likeness = rows[order], likeness[order]
    known = likeness > -2
    return rows[known], likeness[known]


def save(embedding: Embedding, path: Path) -> None:
    """Write `embedding` as safetensors; the same embedding gives the same bytes."""
    from safetensors.numpy import save_file

    tensors = {"keys": embedding.keys, "values": embedding.values, "own": embedding.own}
    tensors |= {f"hop_{word}": hop for word, hop in embedding.hops.items()}
    told = {"spec": asdict(embedding.spec), "versions": embedding.versions}
    text = json.dumps(told, sort_keys=True)  # one entry: the order of several is not fixed
    save_file({name: np.ascontiguousarray(t) for name, t in tensors.items()}, path, {"embedding": text})


def load(path: Path) -> Embedding:
    """The embedding in the file at `path`. FileUnreadable where it is none, or of another version."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            told = json.loads((file.metadata() or {})["embedding"])
            of = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError) as error:
        raise FileUnreadable("embedding_unreadable", file=path.name) from error
    if told["versions"]["code"] != str(VERSION):
        raise FileUnreadable("embedding_unreadable", file=path.name)
    spec: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in told["spec"].items()}
    hops = {word: of[f"hop_{word}"] for word in spec["hops"]}
    return Embedding(of["keys"], of["values"], of["own"], hops, Spec(**spec), told["versions"])


def _versions(view: View, spec: Spec) -> dict[str, str]:
    told = json.dumps(asdict(spec), sort_keys=True).encode()
    return {"code": str(VERSION), "spec": sha256(told).hexdigest()[:16], "as_of": view.as_of.isoformat()}


@njit(nogil=True, cache=True)
def _cosines(values: Bits, unit: Float32) -> Float32:
    """Cosine of each row with `unit`; -3 where the row is 0."""
    found = np.empty(len(values), np.float32)
    for i in range(len(values)):
        dot, square = np.float32(0), np.float32(0)
        for c in range(len(unit)):
            value = widened(values[i, c])
            dot += value * unit[c]
            square += value * value
        found[i] = dot / np.sqrt(square) if square > 0 else np.float32(-3)
    return found
