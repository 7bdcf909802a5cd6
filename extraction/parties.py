"""From what a document calls a firm (code, name) to a party with an id that never changes.

A valid credit code names a firm everywhere, so does another tax number; a ledger's own code only
inside the book that uses it (in real books the same code stands for different firms in different
books). A number whose check digit is wrong, or that only fills the field, names nobody by itself: it
holds together with the name, inside the owner's books (or the document where there is no owner). A
name holds inside the owner's books, or on papers at large. People and "个人" are no party: they must
never become one shared node.
"""

import re
import unicodedata
from typing import NamedTuple

import polars as pl

from extraction.credit_codes import TaxNumber, is_synthetic, tax_number
from extraction.personal import without_numbers
from extraction.vocabulary import vocabulary
from ledger.ids import party_ids
from ledger.names import ANONYMOUS, masked_person, normal_form

#: One distinct mention: `role` is owner, seller or buyer; `book` is the owner's code (or the document's
#: SHA-256 where there is no owner) and `owner` its party, inside which a ledger's own codes, bare names and
#: unverified numbers mean something.
MENTION = ("role", "code", "name", "scope", "book", "owner")
#: What is written behind a person's name: a title, the service through which was paid.
_BEHIND = re.compile(r"(?:先生|女士|小姐|\((?:支付宝|微信|财付通|云闪付|微信支付|支付宝转账)\))$")
_LATIN = re.compile(r"[A-Z][A-Z'’.-]*(?:[ ,·]+[A-Z][A-Z'’.-]*){1,2}")
_KNOWN = pl.Schema(
    {
        "mention": pl.UInt32,
        "scheme": pl.String,
        "party_scope": pl.String,
        "key": pl.String,
        "shown": pl.String,
        "shown_name": pl.String,
        "legal_form": pl.String,
        "suspicious": pl.Boolean,
        "synthetic": pl.Boolean,
    }
)


class Identity(NamedTuple):
    """Who one mention is. `key` makes the id, `shown` is what may be stored."""

    scheme: str
    scope: str
    key: str
    shown: str
    name: str | None
    legal_form: str | None = None
    suspicious: bool = False
    synthetic: bool = False


def identify(mentions: pl.DataFrame) -> pl.DataFrame:
    """Distinct mentions (`MENTION`) with party, scheme, party_scope, code, name, legal_form, suspicious,
    synthetic; all null where nobody in particular is meant."""
    frame = mentions.with_row_index("mention")
    records = []
    for number, *mention in frame.select("mention", *MENTION).iter_rows():
        if who := who_is(*mention):
            records.append((number, *who))
    known = pl.DataFrame(records, schema=_KNOWN, orient="row").with_columns(
        party=party_ids(pl.col("scheme"), pl.col("party_scope"), pl.col("key"))
    )
    return frame.join(known, on="mention", how="left", maintain_order="left").drop("mention", "key")


def who_is(
    role: str,
    code: str | None,
    name: str | None,
    scope: str | None = None,
    book: str | None = None,
    owner: str | None = None,
) -> Identity | None:
    """The identity behind one mention (`MENTION`), None for a person, 散客 and the like.

    `scope` is the layout's name when its codes are its own, else None.
    """
    code = "".join((code or "").split()).upper()
    name = None if name is None or normal_form(name) in ANONYMOUS else name.strip()
    if normal_form(code) in ANONYMOUS:
        code = ""  # 个人 where a code should stand is nobody's code
    if code and not code.strip("0"):
        code = ""  # fifteen zeros are what tills print for "no number"
    if code:
        number = tax_number(code)
        if number.suspicious and scope is None:
            return _unverified(number, code, name, owner or book or "")
        if number.scheme and (scope is None or number.scheme == "uscc"):
            shown = masked_person(name) if name and number.legal_form == "person" else name
            return Identity(
                number.scheme, "", code, number.shown, shown,
                number.legal_form, number.suspicious, is_synthetic(code),
            )  # fmt: skip
        if scope is not None:
            inside = f"{scope}/owner" if role == "owner" else f"{scope}/{book or ''}/{role}"
            return Identity("scoped", inside, code, number.shown, name)
    if name is None or is_person(name):
        return None
    form = normal_form(name)
    return Identity("name", "" if role == "owner" else owner or "", form, form, name)


def _unverified(number: TaxNumber, code: str, name: str | None, inside: str) -> Identity | None:
    """Who a number is that identifies nobody by itself. A filler beside no firm's name is nobody."""
    if number.filler and (name is None or is_person(name)):
        return None
    scope = f"unverified/{inside}/{normal_form(name or '')}"
    return Identity("scoped", scope, code, number.shown, name, number.legal_form, suspicious=True)


def is_person(name: str) -> bool:
    """Whether a name without a number is a natural person's: two to four characters (or more with a
    middle dot) or two or three Latin words, and nothing that only organisations carry; titles, personal
    numbers and (支付宝) aside. In doubt, yes: a person must not become a node; 个人（张三） is one too."""
    bare = without_numbers(name)
    form = normal_form(bare)
    if form.startswith("个人(") or form.endswith("(个人)"):
        return True
    while (short := _BEHIND.sub("", form)) and short != form:
        form = short
    words = vocabulary()
    if form.endswith(words.organisation_endings) or any(word in form for word in words.organisation_words):
        return False
    han = all("\u4e00" <= c <= "\u9fff" or c in "·•" for c in form)
    return (han and (len(form) <= 4 or "·" in form or "•" in form)) or _is_latin_person(bare)


def _is_latin_person(name: str) -> bool:
    """Whether a name is two or three Latin words of which none is an organisation's (ZHANG SAN)."""
    plain = _BEHIND.sub("", unicodedata.normalize("NFKC", name).upper().strip())
    if not _LATIN.fullmatch(plain.strip()):
        return False
    said = {word.replace(".", "") for word in re.split(r"[ ,·]+", plain)}
    return said.isdisjoint(vocabulary().latin_organisation_words)
