"""The graph as an analyst walks it: supply, ownership, guarantees, people and accounts, each switchable.

Nodes are numbered: enterprises by their rows, then people and shared accounts. Supply links are rows of the
snapshot's edges; ties are rows of `ties`, numbered after them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Int32, Int64, starts
from graph.snapshot import Snapshot
from services.lending.ties import holds

#: Kinds of links that are switched on and off.
KINDS = ("supply", "ownership", "guarantee", "person", "account", "other")
#: Types of ties between firms → their kind.
_TYPES = {
    "OWNS": "ownership", "CONTROLS": "ownership", "BRANCH_OF": "ownership", "SUCCEEDS": "ownership",
    "LEGAL_REP_OF": "ownership", "GUARANTEES": "guarantee", "LEASES": "other", "SHARES": "other",
    "SHARES_ACCOUNT": "account", "SHARES_TELEPHONE": "other", "SHARES_ADDRESS": "other",
}  # fmt: skip
#: Everything that groups of firms share without a paper that says whose it is.
_SHARED = ("SHARES_ACCOUNT", "SHARES_TELEPHONE", "SHARES_ADDRESS")
_TIE = ("type", "share", "amount_fen", "first", "until")


@dataclass(frozen=True)
class Web:
    """All links of a snapshot, by node.

    `others`: id, name, kind (person | account | other) of the nodes after the enterprises. `ties`: a, b
    (nodes; from a to b), kind, type, share, amount_fen, first, until: those that held on the data cut-off.
    """

    snapshot: Snapshot
    others: pl.DataFrame
    ties: pl.DataFrame

    @property
    def firms(self) -> int:
        """How many nodes are enterprises."""
        return self.snapshot.enterprises.height

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.firms + self.others.height

    @cached_property
    def hub(self) -> NDArray[np.bool_]:
        """bool[nodes]: firms that everybody buys from."""
        hubs = self.snapshot.enterprises["hub"].fill_null(False).to_numpy()
        return np.concatenate([hubs, np.zeros(self.others.height, np.bool_)])

    @cached_property
    def _ends(self) -> dict[str, tuple[Int64, Int32, Int64]]:
        """Kind → (indptr, the other end, the link's number) of ties, both ways."""
        found = {}
        kinds, a, b = self.ties["kind"], self.ties["a"].to_numpy(), self.ties["b"].to_numpy()
        links = len(self.snapshot.out_indptr) and self.snapshot.counts["edges"]
        for kind in KINDS[1:]:
            rows = np.flatnonzero((kinds == kind).to_numpy())
            near, far = np.concatenate([a[rows], b[rows]]), np.concatenate([b[rows], a[rows]])
            order = np.lexsort((far, near))
            number = np.concatenate([rows, rows])[order] + links
            found[kind] = (starts(near[order], self.nodes), far[order].astype(np.int32), number)
        return found

    def steps(self, layer: NDArray[np.int32], kind: str) -> tuple[Int32, Int32, Int64]:
        """(near, far, link) of every link of one kind at the nodes of `layer`, both ways."""
        if kind == "supply":
            return self._supply(layer[layer < self.firms])
        indptr, far, number = self._ends[kind]
        near, at = _slots(indptr, layer)
        return near, far[at], number[at]

    def _supply(self, layer: NDArray[np.int32]) -> tuple[Int32, Int32, Int64]:
        source = self.snapshot
        seller, out = _slots(source.out_indptr, layer)
        buyer, at = _slots(source.in_indptr, layer)
        into = source.in_edges[at]
        far = (source.column("edges", "dst")[out], source.column("edges", "src")[into])
        return (
            np.concatenate([seller, buyer]),
            np.concatenate(far).astype(np.int32),
            np.concatenate([out, into]).astype(np.int64),
        )


@dataclass(frozen=True)
class Narrowed:
    """A web as somebody sees it who may see some firms only: the links that begin or end at one of these, to
    nodes that may be shown.

    `own`: bool[nodes], their firms. `shown`: bool[nodes], these, whom they trade with, and the people and
    shared accounts tied to them.
    """

    web: Web
    own: NDArray[np.bool_]
    shown: NDArray[np.bool_]

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.web.nodes

    @property
    def hub(self) -> NDArray[np.bool_]:
        """bool[nodes]: firms that everybody buys from."""
        return self.web.hub

    def holds(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which links between `a` and `b` may be seen."""
        return np.asarray((self.own[a] | self.own[b]) & self.shown[a] & self.shown[b])

    def steps(self, layer: NDArray[np.int32], kind: str) -> tuple[Int32, Int32, Int64]:
        """`Web.steps`, of the links that may be seen."""
        near, far, number = self.web.steps(layer, kind)
        kept = self.holds(near, far)
        return near[kept], far[kept], number[kept]


def narrowed(web: Web, firms: NDArray[np.bool_], met: NDArray[np.bool_]) -> Narrowed:
    """The web of who may see `firms` and know `met` by name: bool[enterprises] each."""
    none = np.zeros(web.others.height, np.bool_)
    own, shown = np.concatenate([firms, none]), np.concatenate([met, none])
    for near, far in (("a", "b"), ("b", "a")):
        ends = web.ties[far].to_numpy()[own[web.ties[near].to_numpy()]]
        shown[ends[ends >= web.firms]] = True
    return Narrowed(web, own, shown)


def web_of(snapshot: Snapshot) -> Web:
    """The web of a snapshot. Keep it: ties are put in order once."""
    held = snapshot.relations.filter(holds(snapshot.as_of))
    shared = snapshot.group_members.filter(pl.col("tie").is_in(list(_SHARED)))
    people = held.filter("src_is_person").select(
        id="src", name=pl.coalesce("src_label", "src"), kind=pl.lit("person")
    )
    accounts = shared.select(
        id=pl.concat_str("group"), name=pl.lit(None, pl.String), kind=pl.col("tie").replace_strict(_TYPES)
    )
    others = pl.concat([people, accounts]).unique("id", keep="first", maintain_order=True).sort("kind", "id")
    number = pl.int_range(pl.len(), dtype=pl.Int32)
    firms = snapshot.enterprises.select("id", node=number)
    more = others.select("id", node=number + firms.height)
    every = pl.concat([firms, more])
    none = pl.lit(None)
    told = pl.concat(
        [
            held.select("src", "dst", "src_is_person", "share", "amount_fen", "first", "until", type="kind"),
            shared.select(
                src=snapshot.enterprises["id"].gather(shared["enterprise"]), dst="group",
                src_is_person=pl.lit(False), share=none.cast(pl.Float64), amount_fen=none.cast(pl.Int64),
                first="first", until="until", type="tie",
            ),
        ]
    )  # fmt: skip
    kind = (
        pl.when(pl.col("src_is_person") & (pl.col("type") != "GUARANTEES"))
        .then(pl.lit("person"))
        .otherwise(pl.col("type").replace_strict(_TYPES, default="other"))
    )
    ties = (
        told.join(every.rename({"node": "a"}), left_on="src", right_on="id")
        .join(every.rename({"node": "b"}), left_on="dst", right_on="id")
        .with_columns(kind=kind)
        .sort("type", "a", "b", "first", nulls_last=True)
        .unique(["type", "a", "b"], keep="last", maintain_order=True)
        .select("a", "b", "kind", *_TIE)
    )
    return Web(snapshot, others, ties)


def _slots(indptr: Int64, layer: NDArray[np.int32]) -> tuple[Int32, Int64]:
    """(node, place) of every entry that an index holds for the nodes of `layer`."""
    low, count = indptr[layer], indptr[layer + 1] - indptr[layer]
    shift = np.repeat(low - np.concatenate([[0], np.cumsum(count)[:-1]]), count) if len(layer) else low
    return np.repeat(layer, count).astype(np.int32), (shift + np.arange(len(shift))).astype(np.int64)
