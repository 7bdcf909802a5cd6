"""Features of candidate pairs (supplier, customer): what paths, positions and names say, by name.

`FEATURES` is the table: name and group; the sentence shown to people is the label `hidden_link_NAME`
(`ledger/words_links.yaml`). Groups are what ablations keep or drop. A feature never looks at the
pair's own link: whoever trains counts features in a graph that lacks it.
"""

import numpy as np
import scipy.sparse as sp

from gnn.factors import factors
from gnn.pairs.names import bilinear, cosine, overlap, popular, profile
from gnn.pairs.paths import Groups, Side, grouped, near_spread, rooted, sides, spread
from gnn.text import TextVectors
from graph.csr import Float, Graph, Int32, Rows

RANKS = (8, 32, 96)
DEGREE, PATHS, FACTORS, TEXT, TRADE = "degree", "paths", "factors", "text", "trade"

FEATURES: dict[str, str] = {
    "out_source": DEGREE,
    "in_source": DEGREE,
    "out_target": DEGREE,
    "in_target": DEGREE,
    "degree_product": DEGREE,
    "shared_customers": PATHS,
    "shared_customers_weighed": PATHS,
    "l3": PATHS,
    "l3_root": PATHS,
    "l3_weighed": PATHS,
    "rivals_alike": PATHS,
    "rival_most_alike": PATHS,
    "rivals_alike_mean": PATHS,
    "customers_alike": PATHS,
    "customer_most_alike": PATHS,
    "customers_alike_mean": PATHS,
    "shared_suppliers": PATHS,
    "shared_suppliers_weighed": PATHS,
    "peers_root": PATHS,
    "peers_alike": PATHS,
    "peer_most_alike": PATHS,
    "buyers_root": PATHS,
    "buyers_alike": PATHS,
    "buyer_most_alike": PATHS,
    "two_ahead": PATHS,
    "two_ahead_weighed": PATHS,
    "three_ahead_root": PATHS,
    "two_behind": PATHS,
    "three_behind_root": PATHS,
    "sells_to_rivals": PATHS,
    "sold_by_peers": PATHS,
    "supplier_of_supplier": PATHS,
    "reverse": PATHS,
    "l5_root": PATHS,
    "l5_walk": PATHS,
    **{f"factors_{rank}": FACTORS for rank in RANKS},
    **{f"factors_{rank}_cosine": FACTORS for rank in RANKS[1:]},
    "around_cosine": FACTORS,
    "text_cosine": TEXT,
    "shared_grams": TEXT,
    "source_in_target": TEXT,
    "target_in_source": TEXT,
    "run_of_source": TEXT,
    "run_of_target": TEXT,
    "same_head": TEXT,
    "same_tail": TEXT,
    "letters_source": TEXT,
    "letters_target": TEXT,
    "names_supply": TRADE,
    "name_most_supplies": TRADE,
    "names_supply_names": TRADE,
    "name_most_supplies_name": TRADE,
    "names_buy": TRADE,
    "name_most_buys": TRADE,
    "names_map": TRADE,
    "customers_named_like_target": TRADE,
    "suppliers_named_like_source": TRADE,
    "names_sell_much": TRADE,
    "names_buy_much": TRADE,
}


def names_of(text: bool = True) -> tuple[str, ...]:
    """The columns of `pair_features`, in order: those of names only where there is text."""
    return tuple(name for name, group in FEATURES.items() if text or group not in (TEXT, TRADE))


def pair_features(graph: Graph, text: TextVectors | None, pairs: Int32) -> Float:
    """float32[k, F]: a row per pair of `pairs` (int32[k, 2]: supplier, customer), columns `names_of`.

    ValueError where the text is of another number of firms.
    """
    if text is not None and text.names != graph.nodes:
        raise ValueError(f"text of {text.names} names for {graph.nodes} firms")
    source = np.ascontiguousarray(pairs[:, 0], np.int32)
    target = np.ascontiguousarray(pairs[:, 1], np.int32)
    by_source, by_target = grouped(source, target), grouped(target, source)
    ahead, behind = sides(graph)
    found = _degrees(graph, source, target)
    found |= _paths(graph, ahead, behind, by_source, by_target, (source, target))
    found |= _factors(graph, source, target)
    if text is not None:
        found |= _texts(text, source, target)
        found |= _trade(graph, text, ahead, behind, by_source, by_target, source, target)
    return np.column_stack([found[name] for name in names_of(text is not None)]).astype(np.float32)


def structure_names() -> tuple[str, ...]:
    """The columns of `structure_features`, in order."""
    return tuple(name for name, group in FEATURES.items() if group in (DEGREE, PATHS))


def structure_features(graph: Graph, pairs: Int32) -> Float:
    """float32[k, F]: degrees and paths alone, columns `structure_names`; a fifth of the work of all."""
    source = np.ascontiguousarray(pairs[:, 0], np.int32)
    target = np.ascontiguousarray(pairs[:, 1], np.int32)
    ahead, behind = sides(graph)
    found = _degrees(graph, source, target)
    found |= _paths(graph, ahead, behind, grouped(source, target), grouped(target, source), (source, target))
    return np.column_stack([found[name] for name in structure_names()]).astype(np.float32)


def _degrees(graph: Graph, source: Int32, target: Int32) -> dict[str, Float]:
    sold, bought = np.diff(graph.out_indptr), np.diff(graph.in_indptr)
    product = np.log1p(sold)[source] + np.log1p(bought)[target]
    return {
        "out_source": sold[source],
        "in_source": bought[source],
        "out_target": sold[target],
        "in_target": bought[target],
        "degree_product": product,
    }


def _paths(
    graph: Graph, ahead: Side, behind: Side, by_source: Groups, by_target: Groups, pairs: tuple[Int32, Int32]
) -> dict[str, Float]:
    source, target = pairs
    sold, bought = np.diff(graph.out_indptr), np.diff(graph.in_indptr)
    rivals = spread(by_source, ahead, behind, ahead, ahead)
    customers = spread(by_target, behind, ahead, behind, behind)
    peers = spread(by_source, behind, ahead, ahead, behind)
    buyers = spread(by_target, ahead, behind, behind, ahead)
    onward = spread(by_source, ahead, ahead, ahead, behind)
    backward = spread(by_source, behind, behind, behind, ahead)
    to_rivals = spread(by_source, ahead, behind, behind, ahead)
    to_peers = spread(by_source, behind, ahead, behind, behind)
    beyond = spread(by_source, behind, behind, ahead, ahead)
    far = rooted(by_source, ahead, behind)
    return {
        "shared_customers": rivals[:, 0],
        "shared_customers_weighed": rivals[:, 1],
        "l3": rivals[:, 2],
        "l3_root": rivals[:, 3],
        "l3_weighed": rivals[:, 4],
        "rivals_alike": rivals[:, 5],
        "rival_most_alike": rivals[:, 6],
        "rivals_alike_mean": rivals[:, 5] / np.maximum(bought[target], 1),
        "customers_alike": customers[:, 5],
        "customer_most_alike": customers[:, 6],
        "customers_alike_mean": customers[:, 5] / np.maximum(sold[source], 1),
        "shared_suppliers": peers[:, 0],
        "shared_suppliers_weighed": peers[:, 1],
        "peers_root": peers[:, 3],
        "peers_alike": peers[:, 5],
        "peer_most_alike": peers[:, 6],
        "buyers_root": buyers[:, 3],
        "buyers_alike": buyers[:, 5],
        "buyer_most_alike": buyers[:, 6],
        "two_ahead": onward[:, 0],
        "two_ahead_weighed": onward[:, 1],
        "three_ahead_root": onward[:, 3],
        "two_behind": backward[:, 0],
        "three_behind_root": backward[:, 3],
        "sells_to_rivals": to_rivals[:, 3],
        "sold_by_peers": to_peers[:, 3],
        "supplier_of_supplier": beyond[:, 3],
        "reverse": _reverse(graph, source, target),
        "l5_root": far[:, 0],
        "l5_walk": far[:, 1],
    }


def _reverse(graph: Graph, source: Int32, target: Int32) -> Float:
    """1 where the customer already supplies the supplier."""
    known = graph.src.astype(np.int64) * graph.nodes + graph.dst
    asked = target.astype(np.int64) * graph.nodes + source
    at = np.minimum(np.searchsorted(known, asked), max(len(known) - 1, 0))
    return (known[at] == asked).astype(np.float32) if len(known) else np.zeros(len(asked), np.float32)


def _factors(graph: Graph, source: Int32, target: Int32) -> dict[str, Float]:
    """Products of singular vectors of Dout^-½ · A · Din^-½, and nearness in the undirected graph."""
    sold = np.maximum(np.diff(graph.out_indptr), 1)
    bought = np.maximum(np.diff(graph.in_indptr), 1)
    weight = 1 / np.sqrt(sold[graph.src] * bought[graph.dst])
    links = sp.csr_matrix((weight, (graph.src, graph.dst)), shape=(graph.nodes, graph.nodes))
    left, size, right = factors(links, max(RANKS), 1)
    found: dict[str, Float] = {}
    for rank in RANKS:
        u, v = left[source, :rank], right[target, :rank]
        found[f"factors_{rank}"] = np.einsum("ij,ij->i", u * size[:rank], v)
        if rank > RANKS[0]:
            length = np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1)
            found[f"factors_{rank}_cosine"] = np.einsum("ij,ij->i", u, v) / np.maximum(length, 1e-9)
    both = links + links.T
    around, size, _ = factors(both, 64, 2)
    around = around * size
    around = around / np.maximum(np.linalg.norm(around, axis=1, keepdims=True), 1e-9)
    found["around_cosine"] = cosine(around, source, target)
    return found


def _texts(text: TextVectors, source: Int32, target: Int32) -> dict[str, Float]:
    shared = overlap(text, source, target)
    letters = np.diff(text.letter_at)
    return {
        "text_cosine": cosine(text.dense, source, target),
        "shared_grams": shared[:, 0],
        "source_in_target": shared[:, 1],
        "target_in_source": shared[:, 2],
        "run_of_source": shared[:, 3],
        "run_of_target": shared[:, 4],
        "same_head": shared[:, 5],
        "same_tail": shared[:, 6],
        "letters_source": letters[source],
        "letters_target": letters[target],
    }


def _trade(
    graph: Graph,
    text: TextVectors,
    ahead: Side,
    behind: Side,
    by_source: Groups,
    by_target: Groups,
    source: Int32,
    target: Int32,
) -> dict[str, Float]:
    supply = near_spread(by_source, text.near, text.likeness, ahead)
    buy = near_spread(by_target, text.near, text.likeness, behind)
    none = np.empty(0, np.float32)
    return {
        "names_supply": supply[:, 0],
        "name_most_supplies": supply[:, 1],
        "names_supply_names": supply[:, 2],
        "name_most_supplies_name": supply[:, 3],
        "names_buy": buy[:, 0],
        "name_most_buys": buy[:, 1],
        "names_map": bilinear(graph, text, source, target),
        "customers_named_like_target": profile(text, Rows(ahead.indptr, ahead.column, none), source, target),
        "suppliers_named_like_source": profile(
            text, Rows(behind.indptr, behind.column, none), target, source
        ),
        "names_sell_much": popular(text, np.diff(graph.out_indptr))[source],
        "names_buy_much": popular(text, np.diff(graph.in_indptr))[target],
    }
