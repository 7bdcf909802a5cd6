"""A name taken apart, column-wise: place, brand, trade, legal form, group, branch.

平湖市宏昌新材料有限公司 → place 330482, brand 宏昌, trade 新材料, form company. The legal form is cut from
the end, places from the front and from brackets, trades from the end of what is left.
"""

import re
from functools import cache

import polars as pl

from extraction.who.letters import spelled
from extraction.who.places import places
from seeds.name_words import name_words

#: Legal forms by number; 0 is none.
FORMS = ("", "company", "joint_stock", "partnership", "cooperative", "plant", "business", "public")
PARTS = pl.Schema(
    {
        "whole": pl.String,  # the full normal form: places, brackets' content and legal form included
        "stem": pl.String,  # short place + core
        "place": pl.Int32,  # GB/T 2260, 0 = none
        "place2": pl.Int32,  # of a place in brackets beside one in front
        "core": pl.String,
        "brand": pl.String,
        "trade": pl.String,
        "form": pl.Int8,
        "ending": pl.String,  # the legal form as written
        "group": pl.Boolean,
        "brief": pl.Boolean,  # it may be an abbreviation: no legal form, or a bare 股份 or 集团
        "branch": pl.String,
        "why": pl.String,  # why it is no name: code | masked | generic | empty
    }
)
#: Legal forms that are recognised with one letter wrong, lost, or two swapped.
_LONG_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "农民专业合作社", "专业合作社", "经营部")
#: Marks of the exchange around a listed short name: *ST国农, G深振业, 万科A.
_LISTED = r"^(?:[SGN]?\*?ST|XD|XR|DR|PT|[SGN])?(\p{Han}{2,5})[ABH]?$"
_CODE = r"^[A-Z]{0,4}\d[\dA-Z]*$|^[A-Z]{1,2}$"
#: What a head ends with: 公司 where it says so, else the words of those that are known without it.
_HEADS = "公司"
_KNOWN_HEADS = (
    "集团|厂|银行|合作社|信用社|事务所|联社|商行|超市|酒店|医院|学校|大学|学院"
    "|中石化|中石油|电信|移动|联通|供电|石化|石油"
)


@cache
def _patterns() -> dict[str, str]:
    words = name_words()
    either = {key: "|".join(map(re.escape, getattr(words, key))) for key in ("notes", "former", "branch")}
    place = places().pattern
    return {
        "note": rf"\((?:{either['notes']})\)|\((?:{either['former']})[:：]?[^)]*\)",
        "open_note": rf"\((?:{either['notes']}|(?:{either['former']})[^)]*)$",
        "tail": rf"^(.{{4,}}(?:公司|厂|合作社|集团|部|店|行))(?:{'|'.join(words.tails)})$",
        "branch": rf"^(.{{2,}}?(?:{_HEADS})(?:\([^)]+\))?)(.*(?:{either['branch']})(?:\([^)]*\))?)$",
        "known_branch": rf"^(.{{2,}}?(?:{_KNOWN_HEADS}))(.*(?:{either['branch']}))$",
        "form": rf"^(.{{2,}}?)({'|'.join(map(re.escape, words.forms))})$",
        "group": rf"\((?:{'|'.join(words.group)})\)|(?:{'|'.join(words.group)})$",
        "front": rf"^({place})?({place})?({place})?(.{{2,}})$",
        "bracketed": rf"\(({place})\)",
        "trade": rf"^(.{{2,}}?)((?:{'|'.join(words.trades)})*)$",
        "only_trade": rf"^(?:{'|'.join(words.trades)})+$",
    }


def parted(names: pl.Series) -> pl.DataFrame:
    """`PARTS` of each name, in order. Each distinct name is taken apart once."""
    distinct = names.unique(maintain_order=True)
    if distinct.len() == names.len():
        return _parted(names)
    table = _parted(distinct).with_columns(distinct.alias("name"))
    frame = pl.DataFrame({"name": names})
    return frame.join(table, on="name", how="left", nulls_equal=True, maintain_order="left").drop("name")


def _parted(names: pl.Series) -> pl.DataFrame:
    p = _patterns()
    frame = (
        pl.DataFrame({"plain": names.cast(pl.String).fill_null("")})
        .select(plain=spelled(pl.col("plain")).str.replace(_LISTED, "$1"))
        .with_columns(masked=pl.col("plain").str.contains("*", literal=True))
    )
    plain = pl.col("plain").str.replace_all(p["note"], "").str.replace(p["open_note"], "")
    frame = frame.with_columns(plain=pl.when(plain.str.len_chars() < 2).then("plain").otherwise(plain))
    frame = _without_branch(frame.with_columns(pl.col("plain").str.replace(p["tail"], "$1")))
    frame = _without_form(frame)
    frame = _without_places(frame)
    return _named(_brand_and_trade(frame))


def _without_branch(frame: pl.DataFrame) -> pl.DataFrame:
    p = _patterns()
    ways = {"found": p["branch"], "other": p["known_branch"]}
    return (
        frame.with_columns(pl.col("plain").str.extract_groups(way).alias(key) for key, way in ways.items())
        .with_columns(
            head=pl.coalesce(*(pl.col(key).struct.field("1") for key in ways), "plain"),
            branch=pl.coalesce(*(pl.col(key).struct.field("2") for key in ways), pl.lit("")),
        )
        .with_columns(
            # 平湖宏昌分公司 names no head's form: only the ending is cut.
            bare=pl.when(pl.col("branch") == "").then(
                pl.col("plain").str.extract_groups(r"^(.{2,}?)(分公司|分行|支行|分店|分厂|办事处)$")
            )
        )
        .with_columns(
            head=pl.coalesce(pl.col("bare").struct.field("1"), "head"),
            branch=pl.coalesce(pl.col("bare").struct.field("2"), "branch").str.replace_all(r"[()]", ""),
        )
        .drop("found", "other", "bare")
    )


def _without_form(frame: pl.DataFrame) -> pl.DataFrame:
    words, p = name_words(), _patterns()
    number = {word: FORMS.index(form) for word, form in words.forms.items()}
    frame = frame.with_columns(head=_mended(pl.col("head")))
    cut = frame.with_columns(found=pl.col("head").str.extract_groups(p["form"])).with_columns(
        rest=pl.col("found").struct.field("1").fill_null(pl.col("head")),
        ending=pl.col("found").struct.field("2").fill_null(""),
    )
    return cut.with_columns(
        form=pl.col("ending").replace_strict(number, default=0, return_dtype=pl.Int8),
        group=pl.col("rest").str.contains(p["group"]),
        rest=pl.col("rest").str.replace(p["group"], ""),
    ).drop("found")


def _mended(head: pl.Expr) -> pl.Expr:
    """A head whose long legal form has one letter wrong, with the form set right: 有很公司, 有公限司."""
    right = pl.any_horizontal(head.str.ends_with(form) for form in _LONG_FORMS)
    ways = [
        pl.concat_str(head.str.extract(_garbled(form), 1), pl.lit(form))
        for form in sorted(_LONG_FORMS, key=len, reverse=True)
    ]
    return pl.when(right).then(head).otherwise(pl.coalesce(*ways, head))


@cache
def _garbled(form: str) -> str:
    """The names that end in `form` with one letter wrong or lost, or two neighbours swapped."""
    n = len(form)
    ways = [form[:k] + form[k + 1] + form[k] + form[k + 2 :] for k in range(n - 1)]
    if n > 3:
        ways += [form[:k] + form[k + 1 :] for k in range(n)]
        ways += [form[:k] + r"\p{Han}" + form[k + 1 :] for k in range(n)]
    return rf"^(.{{2,}}?)(?:{'|'.join(sorted(ways, key=len, reverse=True))})$"


def _without_places(frame: pl.DataFrame) -> pl.DataFrame:
    p = _patterns()
    inside = pl.col("rest").str.extract(p["bracketed"], 1).fill_null("")
    bare = pl.col("rest").str.replace(p["bracketed"], "").str.replace_all(r"[()]", "")
    frame = frame.with_columns(bracketed=inside, rest=bare).with_columns(
        found=pl.col("rest").str.extract_groups(p["front"])
    )
    pieces = [pl.col("found").struct.field(str(i)).fill_null("").alias(f"p{i}") for i in (1, 2, 3)]
    core = pl.col("found").struct.field("4").fill_null(pl.col("rest")).alias("core")
    frame = frame.with_columns(*pieces, core).drop("found").with_columns(front=_code(pl.col("p1")))
    for piece, rest in (("p2", ("p2", "p3", "core")), ("p3", ("p3", "core"))):
        # 通化市中阳: 中阳 is a county of another province, so here it is the brand, and what follows too.
        code = _code_inside(pl.col("front"), pl.col(piece))
        inside = (pl.col(piece) == "") | _lies_in(code, pl.col("front"))
        frame = frame.with_columns(inside=inside, code=code).with_columns(
            front=pl.when(pl.col("inside") & (pl.col("code") > 0)).then("code").otherwise("front"),
            core=pl.when("inside").then("core").otherwise(pl.concat_str(*rest)),
            **{each: pl.when("inside").then(each).otherwise(pl.lit("")) for each in rest[:-1]},
        )
    bracket = _code_inside(pl.col("front"), pl.col("bracketed"))
    return frame.with_columns(bracket=bracket).with_columns(
        place=pl.when(pl.col("front") > 0).then("front").otherwise("bracket"),
        place2=pl.when(pl.col("front") > 0).then("bracket").otherwise(pl.lit(0, pl.Int32)),
        last=pl.when(pl.col("p3") != "").then("p3").when(pl.col("p2") != "").then("p2").otherwise("p1"),
    )


def _lies_in(inner: pl.Expr, outer: pl.Expr) -> pl.Expr:
    """Whether the place `inner` lies in `outer`, a province or a city."""
    province = (outer % 10_000 == 0) & (inner // 10_000 == outer // 10_000)
    return province | ((outer % 100 == 0) & (inner // 100 == outer // 100))


def _code(piece: pl.Expr) -> pl.Expr:
    return piece.replace_strict(places().code, default=0, return_dtype=pl.Int32)


def _code_inside(outer: pl.Expr, piece: pl.Expr) -> pl.Expr:
    """The code of a place named behind another: the one of that name in the same province, if any."""
    table = {f"{province}{name}": code for (province, name), code in places().inside.items()}
    key = pl.concat_str((outer // 10_000).cast(pl.String), piece)
    inside = key.replace_strict(table, default=None, return_dtype=pl.Int32)
    return pl.when(piece == "").then(pl.lit(0, pl.Int32)).otherwise(pl.coalesce(inside, _code(piece)))


def _brand_and_trade(frame: pl.DataFrame) -> pl.DataFrame:
    p = _patterns()
    # A place in front of nothing but a trade is the brand too: 平湖新材料有限公司. So is a short name
    # of a place before a single word that is no trade's.
    bare = pl.col("core").str.contains(p["only_trade"]) & (pl.col("last") != "")
    frame = frame.with_columns(bare=bare).with_columns(
        core=pl.when("bare").then(pl.concat_str("last", "core")).otherwise("core")
    )
    found = pl.col("core").str.extract_groups(p["trade"])
    return frame.with_columns(found=found).with_columns(
        brand=pl.when("bare")
        .then("last")
        .otherwise(pl.col("found").struct.field("1").fill_null(pl.col("core"))),
        trade=pl.when("bare")
        .then(pl.col("core").str.slice(pl.col("last").str.len_chars()))
        .otherwise(pl.col("found").struct.field("2").fill_null("")),
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    short = places().short
    ending = pl.col("ending").replace({"有限责任公司": "有限公司", "责任有限公司": "有限公司"})
    group = pl.when("group").then(pl.lit("集团")).otherwise(pl.lit(""))
    pieces = pl.concat_str("p1", "p2", "p3", pl.when(~pl.col("bare")).then("core").otherwise(pl.col("trade")))
    brief = pl.col("front").replace_strict(short, default="", return_dtype=pl.String)
    generic = pl.col("plain").is_in(list(name_words().generic))
    why = (
        pl.when("masked")
        .then(pl.lit("masked"))
        .when(pl.col("plain").str.len_chars() < 2)
        .then(pl.lit("empty"))
        .when(pl.col("plain").str.contains(_CODE))
        .then(pl.lit("code"))
        .when(generic)
        .then(pl.lit("generic"))
    )
    whole = pl.concat_str(pieces, pl.col("bracketed"), group, ending, pl.col("branch"))
    stem = pl.concat_str(pl.when("bare").then(pl.lit("")).otherwise(brief), pl.col("core"))
    named = frame.with_columns(
        whole=whole, stem=stem, why=why, brief=pl.col("ending").is_in(["", "股份", "控股"])
    )
    return named.select(pl.col(name).cast(dtype) for name, dtype in PARTS.items())
