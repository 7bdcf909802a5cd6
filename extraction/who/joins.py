"""Joining parties by exact keys: a full name that belongs to one firm, the same organisation code.

A bare name (a bank's counterparty, a party to a contract) joins the coded firm that bears exactly this
normal name, if no other does. Two coded parties never join by name. Names that many bear (门市部, 王记餐馆
without a place), masked names and names that are codes join nobody.
"""

import polars as pl

from extraction.credit_codes import is_filler
from extraction.who.codes import compare_codes, plain_code
from extraction.who.parts import FORMS, parted
from ledger.components import components

SAME_PARTY = pl.Schema(
    {"a": pl.String, "b": pl.String, "reason": pl.String, "matches": pl.Int64, "covered": pl.Int64}
)
CODED = ("uscc", "tax")
_COMPANIES = [FORMS.index(form) for form in ("company", "joint_stock", "partnership")]
#: A name without a legal form or a place names one firm only when it is at least so long.
_LONG = 6
#: Names on record that a paper may bear instead of the present one.
_FORMER = ("former", "foreign")


def stated_names(parties: pl.DataFrame) -> pl.DataFrame:
    """party, scheme, scope, code, name and its parts, one row for each distinct name of a party; `often`:
    how many statements bear it; `open`: no code that names it; `specific`: a name that few bear;
    `registered`: place and a company's form."""
    rows = (
        parties.lazy()
        .with_columns(
            pl.col("name").fill_null(""), pl.col("code").fill_null(""), pl.col("scope").fill_null("")
        )
        .group_by("party", "scheme", "scope", "code", "name")
        .agg(pl.len().alias("often"))
        .sort("party", "often", "name", descending=[False, True, False])
        .collect()
    )
    parts = parted(rows["name"])
    company = pl.col("form").is_in(_COMPANIES)
    named = pl.col("why").is_null() & (pl.col("brand") != "")
    long = (pl.col("form") == 0) & (pl.col("whole").str.len_chars() >= _LONG)
    placed = (pl.col("place") > 0) & (pl.col("core") != "")
    return pl.concat([rows, parts], how="horizontal").with_columns(
        open=~pl.col("scheme").is_in(CODED),
        specific=named & (company | placed | long),
        registered=named & company & (pl.col("place") > 0),
    )


def exact_joins(
    stated: pl.DataFrame, aliases: pl.DataFrame, judgements: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs `SAME_PARTY`, shared): who is one firm by exact keys; `shared` (party, whole): open parties
    whose name several coded firms bear."""
    apart = judged(judgements, "different")
    by_code = _organisations(stated)
    group = grouped([by_code, judged(judgements, "same")])
    claims = (
        _claims(stated, aliases)
        .join(group, on="party", how="left")
        .with_columns(pl.col("group").fill_null(pl.col("party")))
    )
    owners = claims.group_by("whole").agg(
        pl.col("group").n_unique().alias("firms"), pl.col("party").min(), pl.col("reason").min()
    )
    open_ = _open(stated).select("party", "whole", "registered", "scope", "scheme")
    met = open_.join(owners.rename({"party": "owner"}), on="whole", how="left")
    to_coded = met.filter(pl.col("firms") == 1).select(a="party", b="owner", reason="reason")
    alone = met.filter(pl.col("firms").is_null() & pl.col("registered"))
    together = alone.with_columns(b=pl.col("party").min().over("whole")).filter(
        pl.col("b") != pl.col("party")
    )
    named = pl.concat([to_coded, together.select(a="party", b="b", reason=pl.lit("same_full_name"))])
    pairs = pl.concat([_pairs(named), by_code]).unique(["a", "b"], keep="first").sort("a", "b")
    shared = met.filter(pl.col("firms") > 1).select("party", "whole").unique(maintain_order=True)
    return pairs.join(apart, on=["a", "b"], how="anti"), shared


def judged(judgements: pl.DataFrame, kind: str) -> pl.DataFrame:
    """a < b: the pairs that people called `kind` (same, different, later)."""
    return judgements.filter(pl.col("kind") == kind).select(
        a=pl.min_horizontal("subject", "object"), b=pl.max_horizontal("subject", "object")
    ).unique(maintain_order=True)  # fmt: skip


def grouped(pairs: list[pl.DataFrame]) -> pl.DataFrame:
    """party → group, of the parties that any of the pairs (a, b) names."""
    every = pl.concat([frame.select("a", "b") for frame in pairs])
    return components(every["a"], every["b"]).rename({"item": "party", "smallest": "group"})


def _claims(stated: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """party, whole, reason: full names that a coded party bears, or bore."""
    own = stated.filter(~pl.col("open") & pl.col("specific")).select(
        "party", "whole", reason=pl.lit("same_full_name")
    )
    coded = stated.filter(~pl.col("open")).select("party").unique()
    names = aliases.filter(pl.col("kind").is_in(_FORMER)).join(coded, on="party", how="semi")
    if names.is_empty():
        return own
    former = parted(names["name"]).with_columns(names["party"], reason=pl.lit("same_former_name"))
    kept = former.filter(pl.col("why").is_null() & (pl.col("form") > 0))
    return pl.concat([own, kept.select("party", "whole", "reason")])


def _open(stated: pl.DataFrame) -> pl.DataFrame:
    """Open parties' names that may join: specific ones; of a ledger's own codes those that no other code
    of the same book bears; never a number that fails its check digit, unless it only fills the field."""
    rows = stated.filter(pl.col("open") & pl.col("specific"))
    unverified = pl.col("scope").str.starts_with("unverified/")
    filler = pl.col("code").map_elements(is_filler, return_dtype=pl.Boolean)
    kept = rows.filter(~unverified | filler)
    scoped = pl.col("scheme") == "scoped"
    alone = pl.col("party").n_unique().over("scope", "whole") == 1
    return kept.filter(~scoped | alone)


def _organisations(stated: pl.DataFrame) -> pl.DataFrame:
    """Older tax numbers that hold the organisation code of a credit code, borne by the same name."""
    old = stated.filter((pl.col("scheme") == "tax") & (pl.col("code").str.len_chars() == 15))
    if old.is_empty():
        return _pairs(pl.DataFrame(schema={"a": pl.String, "b": pl.String, "reason": pl.String}))
    new = stated.filter(pl.col("scheme") == "uscc").with_columns(key=pl.col("code").str.slice(8, 9))
    met = old.with_columns(key=pl.col("code").str.slice(6, 9)).join(new, on=["key", "whole"], suffix="_new")
    rows = [
        (a, b, "same_organisation_code")
        for a, b, x, y in met.select("party", "party_new", "code", "code_new").iter_rows()
        if compare_codes(plain_code(x), plain_code(y)) == "organisation"
    ]
    return _pairs(
        pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String, "reason": pl.String}, orient="row")
    )


def _pairs(named: pl.DataFrame) -> pl.DataFrame:
    one = pl.lit(1, pl.Int64)
    return (
        named.with_columns(
            a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"), matches=one, covered=one
        )
        .unique(["a", "b"], keep="first", maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in SAME_PARTY.items())
    )
