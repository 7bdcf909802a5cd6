"""Ids that never change: the same thing gets the same id on every machine, in every run.

An id is the first 16 hex digits (64 bits) of SHA-256 over its parts joined by U+001F. The columnar
form and the scalar form give the same answer; a test holds them together. A document's id is its
whole SHA-256.
"""

from hashlib import sha256

import polars as pl
import polars_hash  # registers the `chash` namespace on expressions

SEPARATOR = "\x1f"
#: Schemes of a party's code, best evidence first; the first is the one an enterprise is named by.
SCHEMES = ("uscc", "tax", "scoped", "name")


def stable_id(*parts: str) -> str:
    """The id of one thing, named by `parts`."""
    return sha256(SEPARATOR.join(parts).encode()).hexdigest()[:16]


def stable_ids(*parts: pl.Expr) -> pl.Expr:
    """The ids of a column of things; nulls count as empty strings."""
    filled = [part.cast(pl.String).fill_null("") for part in parts]
    digest = polars_hash.concat_str(*filled, separator=SEPARATOR).chash.sha2_256()
    return digest.str.slice(0, 16)


def party_id(scheme: str, scope: str, code: str) -> str:
    """The id of what one ledger or paper calls a firm."""
    return stable_id("party", scheme, scope, code)


def party_ids(scheme: pl.Expr, scope: pl.Expr, code: pl.Expr) -> pl.Expr:
    """`party_id` over columns."""
    return stable_ids(pl.lit("party"), scheme, scope, code)
