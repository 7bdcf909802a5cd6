"""What remarks (备注) say that the ledger must know: the blue invoice, the true seller, personal numbers."""

import polars as pl

#: Red invoices name their blue one only here; digital ones by 20 digits, older ones by code and number.
_RED = r"(?:被红冲蓝字|对应正数|对应蓝字|原蓝字)"
_DIGITAL = _RED + r"[^0-9]{0,20}号码\s*[:：]?\s*(\d{20})"
_OLDER_CODE = _RED + r"[^0-9]{0,20}代码\s*[:：]?\s*(\d{10,12})"
_OLDER_NUMBER = _RED + r"[^0-9]{0,20}代码\s*[:：]?\s*\d{10,12}[^0-9]{0,12}号码\s*[:：]?\s*(\d{8})"
#: A tax bureau that issues for somebody names whom it issues for.
_SELLER_CODE = r"代开企业(?:纳税人识别号|税号|识别号)\s*[:：]?\s*([0-9A-Za-z]{15,20})"
_SELLER_NAME = r"代开企业名称\s*[:：]?\s*([^\s,，;；:：]+)"
#: Citizens' numbers (birthday in the middle) and mobile telephones.
_BIRTHDAY = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_CITIZEN = rf"(^|[^0-9A-Za-z])([1-9]\d{{5}}){_BIRTHDAY}(\d{{3}}[\dXx])([^0-9A-Za-z]|$)"
_MOBILE = r"(^|[^0-9])(1[3-9]\d)\d{4}(\d{4})([^0-9]|$)"


def read_remarks(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with reverses_code, reverses_number filled from the remark where the document names no blue
    invoice elsewhere, true_seller_code and true_seller_name, and personal numbers in it masked."""
    if frame["remark"].null_count() == frame.height:
        blank = pl.lit(None, dtype=pl.String)
        return frame.with_columns(true_seller_code=blank, true_seller_name=blank)
    remark = pl.col("remark")
    unnamed = pl.col("reverses_number").is_null()
    digital = remark.str.extract(_DIGITAL, 1)
    older = digital.is_null() & unnamed
    return frame.with_columns(
        reverses_code=pl.when(older).then(remark.str.extract(_OLDER_CODE, 1)).otherwise("reverses_code"),
        reverses_number=pl.when(older)
        .then(remark.str.extract(_OLDER_NUMBER, 1))
        .otherwise(pl.coalesce("reverses_number", digital)),
        true_seller_code=remark.str.extract(_SELLER_CODE, 1),
        true_seller_name=remark.str.extract(_SELLER_NAME, 1),
        remark=masked_remarks(remark),
    )


def masked_remarks(text: pl.Expr) -> pl.Expr:
    """Text with the middle of citizens' numbers and mobile telephones hidden. Twice, because two that
    stand side by side share the blank between them."""
    for _ in range(2):
        text = text.str.replace_all(_CITIZEN, "${1}${2}********${3}${4}")
        text = text.str.replace_all(_MOBILE, "${1}${2}****${3}${4}")
    return text
