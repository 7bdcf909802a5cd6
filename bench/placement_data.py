"""A-share firms with an industry and products, out of the folder `chainkg`, and the graph around them."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from gnn.industry.text import Firms

FOLDER = Path(__file__).parents[2] / "shared/data/chainkg"
TRAIN = 0.7
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Listed:
    """n firms: `firms` with names, `bare` without; `l1`, `l2`: Shenwan codes of 2 and 4 digits;
    `links`: seller, buyer of product names; `titles`: code → name of the industry."""

    firms: Firms
    bare: Firms
    l1: NDArray[np.str_]
    l2: NDArray[np.str_]
    links: pl.DataFrame
    titles: dict[str, str]


def listed(folder: Path) -> Listed:
    """Firms in the order of their codes; the label is used for nothing but `l1` and `l2`."""
    label = _table(folder, "company_industry").unique("company_code", keep="first", maintain_order=True)
    sold = _table(folder, "company_product").rename({"product_name": "item", "rel_weight": "share"})
    kept = label.join(sold.select("company_code").unique(), on="company_code", how="semi")
    kept = kept.sort("company_code").with_row_index("firm")
    names = _table(folder, "company").unique("code", keep="first", maintain_order=True)
    names = kept.join(names, left_on="company_code", right_on="code", how="left", maintain_order="left")
    called = names.select(pl.concat_str("fullname", "name", separator=" ", ignore_nulls=True)).to_series()
    rows = sold.join(kept, on="company_code").select("firm", "item", "share").sort("firm", "item")
    code = kept["industry_code"]
    titles = _table(folder, "industry")
    links = _table(folder, "product_product").select(seller="from_entity", buyer="to_entity")
    return Listed(
        Firms(kept.height, rows, called),
        Firms(kept.height, rows, pl.repeat(None, kept.height, dtype=pl.String, eager=True)),
        code.str.slice(0, 2).to_numpy().astype(str),
        code.str.slice(0, 4).to_numpy().astype(str),
        links.filter(pl.col("seller") != pl.col("buyer")).unique().sort("seller", "buyer"),
        dict(titles.select("code", "name").iter_rows()),
    )


def _table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_ndjson(gzip.decompress((folder / f"{name}.jsonl.gz").read_bytes()))


def splits(firms: int, seeds: int) -> Iterator[tuple[Int64, Int64]]:
    """(training, test) rows of each seed: a random 70/30 cut."""
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(firms)
        cut = round(TRAIN * firms)
        yield np.sort(order[:cut]), np.sort(order[cut:])


def linked(items: pl.Series, links: pl.DataFrame, shuffled: bool) -> sparse.csr_matrix:
    """csr[items, items] of the product links among `items`, both ways; `shuffled`: the same number of links
    per product, its partners drawn at random."""
    at = items.to_frame("item").with_row_index("at")
    ends = links.join(at, left_on="seller", right_on="item").join(at, left_on="buyer", right_on="item")
    a, b = ends["at"].to_numpy(), ends["at_right"].to_numpy()
    if shuffled:
        b = np.random.default_rng(0).permutation(b)
    ones = np.ones(2 * len(a))
    return sparse.csr_matrix(
        (ones, (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(len(items),) * 2
    )
