"""Owner, seller and buyer of every row, as parties; and which of the owner's books the row stands in."""

import polars as pl

from extraction.credit_codes import tax_number
from extraction.findings import Check, Findings
from extraction.parties import MENTION, identify
from extraction.values import column
from extraction.vocabulary import vocabulary

_DETAILS = ("address", "phone", "account")
_TAXPAYER = r"^[0-9A-Z]{15}([0-9A-Z]{2,3})?$|^[0-9A-Z]{20}$"


def with_parties(frame: pl.DataFrame, findings: Findings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(`frame` with owner, seller, buyer, side; what is said of the parties, document by document)."""
    names = [f"{who}_{what}" for who in ("owner", "seller", "buyer") for what in ("code", "name")]
    frame = frame.with_columns(column(frame, n) for n in (*names, "scope", "side") if n not in frame.columns)
    frame = _goods_from(frame)
    frame, owners = _joined(frame, "owner")
    frame, sellers = _joined(frame, "seller")
    frame, buyers = _joined(frame, "buyer")
    known = pl.concat([owners, sellers, buyers]).filter(pl.col("party").is_not_null())
    frame = _sides(frame, findings)
    parties = _parties_table(frame, known)
    return frame, parties


def _goods_from(frame: pl.DataFrame) -> pl.DataFrame:
    """The arrow follows the goods: where a tax bureau issued, the seller is whom the remark names."""
    if frame["true_seller_code"].null_count() == frame.height == frame["true_seller_name"].null_count():
        return frame
    offices = "|".join(vocabulary().bureau_names)
    issuer_is_office = pl.col("seller_name").str.contains(offices) | pl.col("seller_name").is_null()
    named = pl.any_horizontal(pl.col("true_seller_code", "true_seller_name").is_not_null())
    replace = named & (issuer_is_office | (pl.col("seller_code") == pl.col("true_seller_code")))
    details = [f"seller_{what}" for what in _DETAILS if f"seller_{what}" in frame.columns]
    swapped = replace & issuer_is_office.fill_null(False)
    return frame.with_columns(
        pl.when(swapped).then("true_seller_code").otherwise("seller_code").alias("seller_code"),
        pl.when(swapped).then("true_seller_name").otherwise("seller_name").alias("seller_name"),
        pl.when(replace).then(pl.lit("bureau")).otherwise("kind").alias("kind"),
        *(pl.when(swapped).then(None).otherwise(pl.col(d)).alias(d) for d in details),
    )


def _joined(frame: pl.DataFrame, role: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`frame` with the party of `role` (and `…_shown`, `…_suspicious`), and who is mentioned.

    A mention carries its book only where the book matters: far fewer distinct ones.
    """
    code, own = pl.col(f"{role}_code"), pl.col("scope").is_not_null()
    owner = pl.lit(None, dtype=pl.String) if role == "owner" else pl.col("owner")
    unverified = code.is_in(_unverified(frame[f"{role}_code"]).implode())
    everywhere = ~own & ~unverified & code.str.contains(_TAXPAYER) & ~code.str.contains(r"^0+$")
    book = pl.coalesce(pl.when(own).then("owner_code"), pl.when(owner.is_null()).then("sha256"))
    frame = frame.with_columns(
        book=pl.when((own & (role != "owner")) | unverified).then(book),
        within=pl.when(~everywhere.fill_null(False)).then(owner),
    )
    keys = {f"{role}_code": "code", f"{role}_name": "name", "within": "owner"}
    keys |= {"scope": "scope", "book": "book"}
    mentions = frame.select(*keys).unique().rename(keys).with_columns(role=pl.lit(role))
    who = identify(mentions.select(MENTION))
    found = who.rename({new: old for old, new in keys.items()}).select(
        *keys,
        pl.col("party").alias(role),
        pl.col("suspicious").alias(f"{role}_suspicious"),
        pl.col("shown_name").alias(f"{role}_shown"),
    )
    joined = frame.join(found, on=list(keys), how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("book", "within"), who


def _unverified(codes: pl.Series) -> pl.Series:
    """The distinct numbers among `codes` that identify nobody by themselves."""
    distinct = codes.unique().drop_nulls()
    bad = [c for c in distinct if tax_number("".join(c.split()).upper()).suspicious]
    return pl.Series(bad, dtype=pl.String)


def _sides(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`side` where the ledger does not say it, the owner where it does not repeat itself; a row of a
    ledger of which nobody knows the owner, and so not who bought or sold, is rejected."""
    owner, seller, buyer, side = (pl.col(c) for c in ("owner", "seller", "buyer", "side"))

    def unsaid(who: str) -> pl.Expr:
        return pl.all_horizontal(pl.col(f"{who}_code", f"{who}_name").is_null())

    def is_owner(who: str, books: str) -> pl.Expr:
        """A blank in his own books is the owner; so is his number, also where it is a wrong one."""
        same = pl.col("owner_suspicious") & (pl.col(f"{who}_code") == pl.col("owner_code"))
        return (unsaid(who) & (side == books)) | (owner.is_not_null() & same).fill_null(False)

    frame = frame.with_columns(
        seller=pl.when(is_owner("seller", "sale")).then(owner).otherwise(seller),
        buyer=pl.when(is_owner("buyer", "purchase")).then(owner).otherwise(buyer),
    )
    # The buyer whom a purchase ledger names keeps it, and the seller keeps a sales ledger.
    keeper = pl.when(side == "purchase").then(buyer).when(side == "sale").then(seller)
    frame = frame.with_columns(owner=pl.when("ledger").then(pl.coalesce(owner, keeper)).otherwise(owner))
    # With no owner, "nobody" may be an anonymous consumer only where the ledger is known to be of sales.
    missing = pl.when(side == "sale").then(seller.is_null()).otherwise(buyer.is_null())
    inferred = pl.when(owner == seller).then(pl.lit("sale")).when(owner == buyer).then(pl.lit("purchase"))
    frame = frame.with_columns(side=pl.coalesce(side, inferred))
    findings.run(
        frame,
        [
            Check("owner_missing", "owner_code", pl.col("ledger") & owner.is_null() & missing),
            Check("owner_not_on_invoice", "owner_code", owner.is_not_null() & pl.col("side").is_null(),
                  pl.col("owner_code"), fatal=False),
            *(Check("credit_code_check_digit", f"{who}_code", pl.col(f"{who}_suspicious"),
                    pl.col(f"{who}_code"), fatal=False) for who in ("seller", "buyer")),
        ],
    )  # fmt: skip
    return frame.drop("owner_suspicious", "seller_suspicious", "buyer_suspicious")


def _parties_table(frame: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """What each document says about each firm, one row for each way of saying it, with `document`."""
    said = []
    for who in ("owner", "seller", "buyer"):
        details = [pl.col(f"{who}_{d}").alias(d) for d in _DETAILS if f"{who}_{d}" in frame.columns]
        shown = pl.col(f"{who}_shown").alias("name")
        said.append(frame.select("document", pl.col(who).alias("party"), shown, *details).unique())
    named = pl.concat(said, how="diagonal").filter(pl.col("party").is_not_null()).unique()
    # A party said somewhere with its name needs no second row without it.
    bare = pl.all_horizontal(pl.exclude("party", "document").is_null())
    named = named.filter(~bare | (pl.len().over("document", "party") == 1))
    identity = known.select(
        "party",
        "scheme",
        pl.col("party_scope").alias("scope"),
        pl.col("shown").alias("code"),
        "legal_form",
        "synthetic",
    ).unique("party", keep="any")
    return named.join(identity, on="party", how="left").sort(pl.all())
