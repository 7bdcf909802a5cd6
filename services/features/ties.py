"""Features of who a firm hangs together with, of its contracts, and of what registers say of it."""

from datetime import date

import numpy as np
import polars as pl

from gnn.groups.find import find_groups
from graph.csr import Float64, Mask
from services.features.columns import Column, Missing, column, log10, texts
from services.features.payment import due_until
from services.features.seen import Seen

#: Size classes from the smallest.
SIZES = ("micro", "small", "medium", "large")
#: Payments due by contract are looked at so many days ahead.
SOON = 90
#: A contract that does not say until when it runs counts for so many days.
RUNS = 365
#: Ties that a register of firms tells.
OWNERSHIP = ("OWNS", "CONTROLS", "LEGAL_REP_OF", "BRANCH_OF", "SUCCEEDS")


def groups_of(seen: Seen) -> dict[str, pl.DataFrame]:
    """Tables of groups by the ties that held on the day."""
    return find_groups(seen.view, seen.table("coverage"), None, seen.places.plain.hubs)


def groups(seen: Seen) -> dict[str, Column]:
    """Group `groups`."""
    relations, n = _numbered(seen), seen.firms
    kept = relations.filter(pl.col("kind").is_in(OWNERSHIP))
    registered = _among(n, kept["s"], kept["d"])
    unknown: Missing = [(~registered, "no_register")]
    given = relations.filter(pl.col("kind") == "GUARANTEES")
    any_told = np.full(n, given.height == 0)
    ties: Missing = [(any_told | ~(registered | _among(n, given["s"], given["d"])), "no_register")]
    circles = ("guarantee_circle",)
    return {
        "group_size": column(np.maximum(_size(seen, ("control",)), 1), *unknown),
        "guarantee_circle": column(_size(seen, circles), *ties),
        "log_guarantees_given": column(_guaranteed(given, "s", n), *ties, _unsaid(given, "s", n)),
        "log_guarantees_received": column(_guaranteed(given, "d", n), *ties, _unsaid(given, "d", n)),
        "registered_years": _age(seen, kept),
    }


def _numbered(seen: Seen) -> pl.DataFrame:
    """Ties that held on the day with the firms at their ends as `s` and `d`, null where it is none."""
    index = seen.view.enterprises.select("id").with_row_index("i").cast({"i": pl.Int32})
    rows = seen.view.relations
    for end, name in (("src", "s"), ("dst", "d")):
        rows = rows.join(index.rename({"id": end, "i": name}), on=end, how="left", maintain_order="left")
    return rows


def _among(firms: int, *columns: pl.Series) -> Mask:
    flags = np.zeros(firms, np.bool_)
    for one in columns:
        flags[one.drop_nulls().to_numpy()] = True
    return flags


def _size(seen: Seen, kinds: tuple[str, ...]) -> Float64:
    """The size of the largest group of these kinds that a firm is in, 0 where it is in none."""
    found = seen.groups
    wanted = found["groups"].filter(pl.col("kind").is_in(kinds)).select("id", "size")
    members = found["group_members"].select("group", "enterprise").unique()
    sizes = members.join(wanted, left_on="group", right_on="id")
    size = np.zeros(seen.firms)
    np.maximum.at(size, sizes["enterprise"].to_numpy(), sizes["size"].to_numpy())
    return size


def _guaranteed(rows: pl.DataFrame, end: str, firms: int) -> Float64:
    known = rows.drop_nulls(end)
    amount = known["amount_fen"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return log10(np.bincount(known[end].to_numpy(), amount, firms) / 100)


def _unsaid(rows: pl.DataFrame, end: str, firms: int) -> tuple[Mask, str]:
    """Firms of which rows tell and none says an amount: it is not known, and not 0."""
    told = rows.drop_nulls("amount_fen")
    return _among(firms, rows[end]) & ~_among(firms, told[end]), "not_stated"


def _age(seen: Seen, ties: pl.DataFrame) -> Column:
    """Years since the first tie that a register tells of the firm."""
    known = ties.drop_nulls("d").drop_nulls("first")
    first = np.full(seen.firms, np.inf)
    days = known["first"].cast(pl.Int32).to_numpy().astype(np.float64)
    np.minimum.at(first, known["d"].to_numpy(), days)
    years = (pl.Series([seen.day]).cast(pl.Int32)[0] - first) / 365.25
    return column(years.round(3), (np.isinf(first), "no_register"))


def contracts(seen: Seen) -> dict[str, Column]:
    """Group `contracts`: contracts signed until the day that still run, as their seller."""
    signed = seen.table("contracts").filter(pl.col("happened_on") <= seen.day)
    none: Missing = [(~_among(seen.firms, signed["seller"], signed["buyer"]), "no_contracts")]
    open_now = signed.filter(running(seen.day))
    told = open_now.drop_nulls("amount_fen")
    seller, amounts = open_now["seller"].to_numpy(), told["amount_fen"].cast(pl.Float64).to_numpy()
    amount = np.bincount(told["seller"].to_numpy(), amounts, seen.firms)
    open_ = np.bincount(seller, minlength=seen.firms)
    yuan = signed.filter(pl.col("currency").fill_null("CNY") == "CNY").select("contract").unique()
    terms = seen.table("contract_terms").join(yuan, on="contract", how="semi")
    due = terms.filter(pl.col("kind").is_in(["payment", "rent", "retention"]) & due_until(seen.day, SOON))
    owed = due["amount_fen"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return {
        "open_contracts": column(open_, *none),
        "log_open_contracts": column(log10(amount / 100), *none, _unsaid(open_now, "seller", seen.firms)),
        "log_due_soon": column(
            log10(np.bincount(due["seller"].to_numpy(), owed, seen.firms) / 100),
            *none,
            _unsaid(due, "seller", seen.firms),
        ),
    }


def running(day: date) -> pl.Expr:
    """Whether a signed contract still runs on a day, and is in yuan."""
    ends = pl.col("until").fill_null(pl.col("happened_on") + pl.duration(days=RUNS))
    return (ends >= day) & pl.col("currency").fill_null("CNY").eq("CNY")


def master(seen: Seen) -> dict[str, Column]:
    """Group `master`: what was stated of the firm, as it held on the day; what bears no day counts always."""
    said = {name: _stated(seen, name) for name in ("size", "taxpayer", "legal_form", "industry", "region")}
    missing = {name: (values.is_null().to_numpy(), "not_stated") for name, values in said.items()}
    size = said["size"].replace_strict(SIZES, range(1, 5), default=None, return_dtype=pl.Float64)
    employees = _stated(seen, "employees").cast(pl.Float64, strict=False)
    unknown = (employees.is_null().to_numpy(), "not_stated")

    def is_(name: str, value: str) -> Column:
        return column((said[name] == value).fill_null(False).to_numpy(), missing[name])

    return {
        "size_class": column(size.fill_null(np.nan).to_numpy(), (size.is_null().to_numpy(), "not_stated")),
        "general_taxpayer": is_("taxpayer", "general"),
        "is_individual_business": is_("legal_form", "individual_business"),
        "log_employees": column(log10(employees.fill_null(np.nan).to_numpy()), unknown),
        "industry_code": texts(said["industry"], missing["industry"]),
        "region_code": texts(said["region"], missing["region"]),
    }


def _stated(seen: Seen, name: str) -> pl.Series:
    """What is said of each firm: of the statements that held on the day the latest; String, n long."""
    rows = seen.attributes.filter(pl.col("name") == name)
    day = pl.lit(seen.day)
    holds = (pl.col("happened_on") <= day).fill_null(True) & (pl.col("until") >= day).fill_null(True)
    latest = (
        rows.filter(holds)
        .sort("enterprise", "happened_on", "fact", nulls_last=False)
        .unique("enterprise", keep="last", maintain_order=True)
    )
    firms = pl.DataFrame({"enterprise": np.arange(seen.firms, dtype=np.int32)})
    told = firms.join(
        latest.select("enterprise", "value"), on="enterprise", how="left", maintain_order="left"
    )
    if name not in seen.firms_said.columns:
        return told["value"]
    # A column of the enterprise bears no day: it counts only where no dated statement is at hand.
    dated = _among(seen.firms, rows["enterprise"])
    fallback = pl.select(pl.when(pl.Series(~dated)).then(seen.firms_said[name])).to_series()
    return pl.select(pl.coalesce(told["value"], fallback)).to_series()
