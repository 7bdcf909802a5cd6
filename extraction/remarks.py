"""What remarks (备注) say that the ledger must know: the blue invoice, the true seller, personal numbers."""

import polars as pl

from extraction.personal import masked, masked_columns

#: Red invoices name their blue one only here; digital ones by 20 digits, older ones by code and number.
_RED = r"(?:被红冲蓝字|对应正数|对应蓝字|原蓝字)"
_DIGITAL = _RED + r"[^0-9]{0,20}号码\s*[:：]?\s*(\d{20})"
_OLDER_CODE = _RED + r"[^0-9]{0,20}代码\s*[:：]?\s*(\d{10,12})"
_OLDER_NUMBER = _RED + r"[^0-9]{0,20}代码\s*[:：]?\s*\d{10,12}[^0-9]{0,12}号码\s*[:：]?\s*(\d{8})"
#: A tax bureau that issues for somebody names whom it issues for.
_SELLER_CODE = r"代开企业(?:纳税人识别号|税号|识别号)\s*[:：]?\s*([0-9A-Za-z]{15,20})"
_SELLER_NAME = r"代开企业名称\s*[:：]?\s*([^\s,，;；:：]+)"


def read_remarks(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with reverses_code, reverses_number filled from the remark where the document names no blue
    invoice elsewhere, true_seller_code and true_seller_name; then personal numbers in texts are hidden."""
    if frame["remark"].null_count() == frame.height:
        blank = pl.lit(None, dtype=pl.String)
        return masked_columns(frame).with_columns(true_seller_code=blank, true_seller_name=blank)
    remark = pl.col("remark")
    unnamed = pl.col("reverses_number").is_null()
    digital = remark.str.extract(_DIGITAL, 1)
    older = digital.is_null() & unnamed
    read = frame.with_columns(
        reverses_code=pl.when(older).then(remark.str.extract(_OLDER_CODE, 1)).otherwise("reverses_code"),
        reverses_number=pl.when(older)
        .then(remark.str.extract(_OLDER_NUMBER, 1))
        .otherwise(pl.coalesce("reverses_number", digital)),
        true_seller_code=remark.str.extract(_SELLER_CODE, 1),
        true_seller_name=remark.str.extract(_SELLER_NAME, 1),
    )
    return masked_columns(read).with_columns(true_seller_name=masked(read["true_seller_name"]))
