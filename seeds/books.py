"""Invoices as the rows people's ledgers hold: the tax portal's 27 columns, with whose books they are."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from seeds.firms import STORY, Firms
from seeds.goods import EXEMPT, Goods, Ints
from seeds.invoices import KINDS, numbers
from seeds.seasons import FIRST

SOURCE = "合成数据"  # stands in the column 发票来源 of every row: these books are invented
KIND_WORDS = {
    "digital_special": "数电发票（增值税专用发票）",
    "digital_ordinary": "数电发票（普通发票）",
    "vat_special": "增值税专用发票",
    "vat_e_ordinary": "增值税电子普通发票",
    "toll": "数电发票（通行费发票）",
}
STATUS_WORDS = ("正常", "作废", "已红冲-全额", "已红冲-部分")
OWNER = ("账套识别号", "账套名称")
PORTAL = (
    "序号", "发票代码", "发票号码", "数电发票号码", "销方识别号", "销方名称", "购方识别号", "购买方名称",
    "开票日期", "税收分类编码", "特定业务类型", "货物或应税劳务名称", "规格型号", "单位", "数量", "单价",
    "金额", "税率", "税额", "价税合计", "发票来源", "发票票种", "发票状态", "是否正数发票", "发票风险等级",
    "开票人", "备注",
)  # fmt: skip
_SUFFIXES = ("", "（A型）", "（定制）", "（二级）")
_SPECIFICATIONS = ("", "标准", "A级", "定制", "大号", "Ⅱ型", "常规", "")
_DRAWERS = ("开票员甲", "开票员乙", "开票员丙")


def yuan_text(fen: pl.Expr) -> pl.Expr:
    """Fen as yuan with two decimals, as machines print it."""
    sign = pl.when(fen < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole, cents = (fen.abs() // 100).cast(pl.String), (fen.abs() % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(sign, whole, pl.lit("."), cents)


def _decimal_text(value: pl.Expr, places: int) -> pl.Expr:
    """A whole number of 10^-places as a decimal without trailing zeros."""
    scale = 10**places
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (value.abs() // scale).cast(pl.String)
    rest = (value.abs() % scale).cast(pl.String).str.zfill(places).str.strip_chars_end("0")
    point = pl.when(rest == "").then(pl.lit("")).otherwise(pl.lit("."))
    return pl.concat_str(sign, whole, point, rest)


def _pick(texts: tuple[str, ...], index: pl.Expr) -> pl.Expr:
    return index.cast(pl.Int64).replace_strict(list(range(len(texts))), list(texts), return_dtype=pl.String)


def portal_rows(lines: pl.DataFrame, firms: Firms, goods: Goods) -> pl.DataFrame:
    """Invoice lines as text in the portal's columns, without the running number (序号)."""
    buyer = lines["dst"]
    named = buyer.clip(0, None)
    province = firms.region.gather(lines["src"]).str.slice(0, 2)
    text = lines.with_columns(
        pl.Series("seller_code", firms.code.gather(lines["src"])),
        pl.Series("seller_name", firms.name.gather(lines["src"])),
        pl.Series("buyer_code", firms.code.gather(named)),
        pl.Series("buyer_name", firms.name.gather(named)),
        pl.Series("province", province),
        *(
            pl.Series(name, pl.Series(values).gather(lines["item"]))
            for name, values in (
                ("printed", goods.printed),
                ("unit", goods.unit),
                ("category", goods.category),
            )
        ),
    )
    col = pl.col
    older = (col("kind") == 2) | (col("kind") == 3)
    code, number = numbers(col("inv"), col("day"), col("kind"), col("province"))
    blue_code, blue_number = numbers(col("ref"), col("ref_day"), col("kind"), col("province"))
    red_old = pl.concat_str(pl.lit("对应正数发票代码:"), blue_code, pl.lit("号码:"), blue_number)
    slip = pl.concat_str(col("province"), pl.lit("0000"), col("inv").cast(pl.String).str.zfill(14))
    red_new = pl.concat_str(
        pl.lit("被红冲蓝字数电票号码："), blue_number, pl.lit(" 红字发票信息确认单编号："), slip
    )
    named_buyer = col("dst") >= 0
    nothing = pl.lit("")
    moment = pl.lit(FIRST).cast(pl.Datetime("us")) + pl.duration(days=col("day"), seconds=col("second"))
    rate = (
        pl.when(col("rate") == EXEMPT).then(pl.lit("免税")).otherwise(pl.concat_str(col("rate"), pl.lit("%")))
    )
    return text.select(
        code.alias("发票代码"),
        pl.when(older).then(number).otherwise(pl.lit("--")).alias("发票号码"),
        pl.when(older).then(pl.lit("--")).otherwise(number).alias("数电发票号码"),
        col("seller_code").alias("销方识别号"),
        col("seller_name").alias("销方名称"),
        pl.when(named_buyer).then("buyer_code").otherwise(nothing).alias("购方识别号"),
        pl.when(named_buyer).then("buyer_name").otherwise(pl.lit("个人")).alias("购买方名称"),
        moment.dt.strftime("%Y-%m-%d %H:%M:%S").alias("开票日期"),
        col("category").alias("税收分类编码"),
        nothing.alias("特定业务类型"),
        pl.concat_str("printed", _pick(_SUFFIXES, col("variant"))).alias("货物或应税劳务名称"),
        _pick(_SPECIFICATIONS, (col("item") + col("variant")) % len(_SPECIFICATIONS)).alias("规格型号"),
        col("unit").alias("单位"),
        _decimal_text(col("quantity"), 2).alias("数量"),
        _decimal_text(col("price"), 4).alias("单价"),
        yuan_text(col("amount")).alias("金额"),
        rate.alias("税率"),
        yuan_text(col("tax")).alias("税额"),
        yuan_text(col("amount") + col("tax")).alias("价税合计"),
        pl.lit(SOURCE).alias("发票来源"),
        _pick(tuple(KIND_WORDS[kind] for kind in KINDS), col("kind")).alias("发票票种"),
        _pick(STATUS_WORDS, col("status")).alias("发票状态"),
        pl.when(col("amount") < 0).then(pl.lit("否")).otherwise(pl.lit("是")).alias("是否正数发票"),
        pl.lit("正常").alias("发票风险等级"),
        _pick(_DRAWERS, col("src") % len(_DRAWERS)).alias("开票人"),
        pl.when(col("amount") >= 0).then(nothing).when(older).then(red_old).otherwise(red_new).alias("备注"),
    )  # fmt: skip


@dataclass
class Agencies:
    """Bookkeeping agencies, each with some of the firms; writes one sales and one purchase file for each."""

    folder: Path
    agency: Ints  # of each firm; -1: keeps its own books
    firms: Firms
    goods: Goods
    written: list[tuple[Path, int]] = field(default_factory=list)
    _waiting: list[pl.DataFrame] = field(default_factory=list)

    def write_sales(self, number: int, lines: pl.DataFrame) -> None:
        """The sales book of agency `number`: `lines` by sellers it serves."""
        mine = lines.filter(pl.Series(self._own_sales(lines["src"].to_numpy())))
        self._write(number, "销项", mine, "src")

    def keep_purchases(self, lines: pl.DataFrame) -> None:
        """Remember the lines that stand in somebody's purchase books."""
        buyer = lines["dst"].to_numpy()
        seen = (buyer >= 0) & self.firms.big[np.maximum(buyer, 0)] & (self.agency[np.maximum(buyer, 0)] >= 0)
        part = lines.filter(pl.Series(seen))
        self._waiting.append(part.with_columns(pl.Series("agency", self.agency[part["dst"].to_numpy()])))

    def write_purchases(self) -> None:
        """One purchase book for each agency."""
        if not self._waiting:
            return
        every = pl.concat(self._waiting).sort("agency", "dst", "day", "inv", "line")
        self._waiting.clear()
        for (number,), lines in every.group_by("agency", maintain_order=True):
            self._write(int(str(number)), "进项", lines.drop("agency"), "dst")

    def _own_sales(self, src: Ints) -> np.typing.NDArray[np.bool_]:
        return (~self.firms.small[src]) & (self.agency[src] >= 0)

    def _write(self, number: int, side: str, lines: pl.DataFrame, owner: str) -> None:
        if lines.is_empty():
            return
        rows = portal_rows(lines, self.firms, self.goods)
        table = pl.DataFrame(
            [
                self.firms.code.gather(lines[owner]).alias(OWNER[0]),
                self.firms.name.gather(lines[owner]).alias(OWNER[1]),
                pl.int_range(1, len(rows) + 1, eager=True).alias(PORTAL[0]),
                *rows.get_columns(),
            ]
        )
        path = self.folder / f"代账机构{number + 1:03d}_{side}.csv"
        path.write_bytes(encoded(table, number))
        self.written.append((path, len(rows)))


def encoded(table: pl.DataFrame, number: int) -> bytes:
    """CSV as offices write it: even numbers in GB18030, odd ones in UTF-8, every second of those with BOM."""
    buffer = BytesIO()
    bare(table).write_csv(buffer)
    data = buffer.getvalue()
    if number % 2 == 0:
        return data.decode("utf-8").encode("gb18030")
    return b"\xef\xbb\xbf" + data if number % 4 == 1 else data


def bare(table: pl.DataFrame) -> pl.DataFrame:
    """Empty texts as nothing at all, which CSV writes without quotes."""
    return table.with_columns(pl.col(pl.String).replace("", None))


def agencies_of(firms: Firms, order: Ints) -> Ints:
    """Which agency keeps each firm's books: 40 of them, fewer for few firms, more for a great many.

    `order` is a random order of the firms. The story firm keeps its own.
    """
    count = firms.count // 2500 if firms.count > 100_000 else max(2, min(40, firms.count // 25))
    agency = np.empty(firms.count, dtype=np.int64)
    agency[order] = np.arange(firms.count) * count // firms.count
    agency[STORY] = -1
    return agency
