"""Who depends on whom in an economy, counted straight from its books: no ledger, no graph, no snapshot.

The rules are those of `gnn/groups/policy.yaml`, written down here a second time.
"""

from io import BytesIO
from pathlib import Path

import polars as pl

_COLUMNS = ["账套识别号", "销方识别号", "购方识别号", "开票日期", "金额", "发票票种", "发票状态"]
_HALF, _MONTHS, _SPAN, _MOST = 0.5, 3, 6, 20


def stars(economy: Path) -> list[frozenset[str]]:
    """Each partner with the firms whose books of 2025 put at least half of a side on it."""
    books = pl.concat([_book(path) for path in sorted((economy / "documents").glob("代账机构*.csv"))])
    books = books.filter(pl.col("发票状态") != "作废", pl.col("发票票种") != "数电发票（通行费发票）")
    hubs = _hubs(economy)
    pairs = pl.concat(
        [_pairs(books, *side) for side in (("销方识别号", "购方识别号"), ("购方识别号", "销方识别号"))]
    )
    kept = pairs.filter(~(pl.col("bought") & pl.col("partner").is_in(hubs.implode())))
    around = kept.group_by("partner", maintain_order=True).agg(pl.col("firm").unique())
    return [frozenset([partner, *firms]) for partner, firms in around.iter_rows() if len(firms) <= _MOST]


def _hubs(economy: Path) -> pl.Series:
    """Utilities that serve at least twenty."""
    utilities = pl.read_parquet(economy / "truth" / "firms.parquet").filter("utility").select(seller="code")
    links = pl.read_parquet(economy / "truth" / "links.parquet").join(utilities, on="seller")
    return links.group_by("seller").len().filter(pl.col("len") >= 20)["seller"]


def _book(path: Path) -> pl.DataFrame:
    """One file, whatever its encoding."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    rows = pl.read_csv(BytesIO(text.encode()), columns=_COLUMNS, infer_schema=False)
    fen = (pl.col("金额").cast(pl.Float64) * 100).round().cast(pl.Int64)
    return rows.with_columns(fen.alias("分"), pl.col("开票日期").str.slice(0, 7).alias("月"))


def _pairs(books: pl.DataFrame, own: str, other: str) -> pl.DataFrame:
    """firm, partner, bought: where the firm's own book of the side puts at least half on the partner."""
    mine = books.filter(pl.col("账套识别号") == pl.col(own)).rename({own: "firm", other: "partner"})
    month = pl.col("月").str.slice(0, 4).cast(pl.Int32) * 12 + pl.col("月").str.slice(5).cast(pl.Int32)
    january = 2025 * 12 + 1
    span = mine.group_by("firm").agg(last=month.max(), first=month.min().clip(january))
    long = span.filter(pl.col("last") - pl.col("first") + 1 >= _SPAN).select("firm")
    year = mine.filter(pl.col("月").str.starts_with("2025")).join(long, on="firm", how="semi")
    monthly = year.group_by("firm", "partner", "月").agg(pl.col("分").sum())
    sums = monthly.group_by("firm", "partner").agg(
        pl.col("分").sum().clip(0), (pl.col("分") > 0).sum().alias("months")
    )
    share = pl.col("分") / pl.col("分").sum().over("firm")
    return sums.filter(
        pl.col("分") > 0, share >= _HALF, pl.col("months") >= _MONTHS, pl.col("partner").is_not_null()
    ).select("firm", "partner", bought=pl.lit(own == "购方识别号"))
