"""What the industry classifier is measured against: plain text, industry names, degrees, the graph alone."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from bench.placement_data import Int64, Listed, linked
from gnn.industry.fit import Blocks, Settings, directions, gathered, learn, softmax
from gnn.industry.text import Held, held, learn_grams, named

HOP = 0.5  # weight of a neighbourhood's words beside a firm's own
REDUCED = 128  # singular directions a neighbourhood's words are reduced to
Codes = NDArray[np.str_]
Answers = tuple[Codes, Codes]  # level 1, level 2, one per test firm


def majority(data: Listed, train: Int64, test: Int64) -> Answers:
    """The commonest industry of the training firms."""
    commonest = [np.unique(y[train], return_counts=True) for y in (data.l1, data.l2)]
    one, two = (np.repeat(codes[counts.argmax()], len(test)) for codes, counts in commonest)
    return one, two


def plain_svm(data: Listed, train: Int64, test: Int64) -> Answers:
    """A linear SVM on n-grams of product names, each counted alike: the best plain rival of the research."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    sold = data.firms.sold.group_by("firm").agg(pl.col("item").unique().sort().str.join(" ")).sort("firm")
    cut = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
    return _svm(data, cut.fit_transform(sold["item"].to_list()), train, test)


def titles(data: Listed, test: Int64) -> Answers:
    """No training: the level-2 industry whose own names (levels 1 to 3) are most like the firm's products."""
    goods = held(data.firms)
    grams = learn_grams(goods)
    codes = sorted(c for c in data.titles if c[2:4] != "00")
    words = pl.Series([data.titles[c].rstrip("ⅠⅡⅢ") for c in codes])
    own = Held(sparse.identity(len(codes), format="csr"), words)
    like = (grams.vectors(goods)[test] @ grams.vectors(own).T).toarray()
    best = np.array(codes)[like.argmax(axis=1)]
    return best.astype("U2"), best.astype("U4")


def degrees(data: Listed, train: Int64, test: Int64) -> Answers:
    """Counts only: products, products with revenue, products others sell too, product links."""
    from sklearn.ensemble import ExtraTreesClassifier

    goods = held(data.firms)
    has = goods.weight.astype(bool).astype(float)
    sellers, links = np.asarray(has.sum(axis=0)).ravel(), linked(goods.items, data.links, False)
    near = np.asarray(links.sum(axis=1)).ravel()
    columns = [has.sum(axis=1), goods.weight.sum(axis=1), has @ (sellers > 1)[:, None], has @ near[:, None]]
    x = np.hstack([np.asarray(c) for c in columns])
    one, two = (
        ExtraTreesClassifier(200, min_samples_leaf=3, random_state=0).fit(x[train], y[train]).predict(x[test])
        for y in (data.l1, data.l2)
    )
    return one, two


def graph_alone(data: Listed, train: Int64, test: Int64, shuffled: bool) -> Answers:
    """The firm-product graph and its hops over product links, no letter of any name read (linear SVM)."""
    goods = held(data.firms)
    weight = goods.weight.tocsr().copy()
    if shuffled:
        weight.indices = np.random.default_rng(0).permutation(weight.indices)
        weight.sum_duplicates()
    hop = weight @ linked(goods.items, data.links, shuffled)
    return _svm(data, sparse.hstack([_unit(_rare(weight)), HOP * _unit(_rare(hop))]).tocsr(), train, test)


def _svm(data: Listed, x: sparse.csr_matrix, train: Int64, test: Int64) -> Answers:
    from sklearn.svm import LinearSVC

    one, two = (
        LinearSVC(random_state=0).fit(x[train], y[train]).predict(x[test]) for y in (data.l1, data.l2)
    )
    return one, two


def with_hops(data: Listed, train: Int64, test: Int64, shuffled: bool) -> Answers:
    """The classifier of the product plus the words of the neighbourhood, reduced to singular directions
    (SIGN, hops computed once): of firms that sell the same products, of products linked to its own."""
    goods, name = held(data.firms), named(data.firms)
    grams, called = learn_grams(goods), learn_grams(name)
    own, names = grams.vectors(goods), called.vectors(name)
    links = linked(goods.items, data.links, shuffled)
    shared = _rare(goods.weight.tocsr())
    if shuffled:
        shared.indices = np.random.default_rng(0).permutation(shared.indices)
        shared.sum_duplicates()
    around = (_unit(shared) @ _unit(shared).T).tolil()
    around.setdiag(0)
    across = directions(own, Settings(rank=REDUCED))
    linked_words = grams.vectors(Held((goods.weight @ links).tocsr(), goods.items))
    hops = [around.tocsr() @ (own @ across), linked_words @ across]
    joined = sparse.hstack([own, *(HOP * _unit(sparse.csr_matrix(hop)) for hop in hops)]).tocsr()
    codes, label = np.unique(data.l2[train], return_inverse=True)
    broad, parent = np.unique(codes.astype("U2"), return_inverse=True)
    known = Blocks(joined[train], names[train])
    learned = learn(known, joined, label.astype(np.int64), parent.astype(np.int64), Settings())
    fine = softmax(joined[test] @ learned.sold + names[test] @ learned.named + learned.bias)
    return broad[gathered(fine, parent).argmax(axis=1)], codes[fine.argmax(axis=1)]


def _rare(held: sparse.csr_matrix) -> sparse.csr_matrix:
    """Columns weighed by how few firms have them; those of a single firm say nothing of another."""
    firms = np.bincount(held.indices, minlength=held.shape[1])
    idf = np.where(firms > 1, np.log((1 + held.shape[0]) / (1 + firms)) + 1, 0)
    rare = sparse.csr_matrix(held @ sparse.diags(idf))
    rare.eliminate_zeros()
    return rare


def _unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.where(length > 0, length, 1)) @ rows)
