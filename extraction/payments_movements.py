"""From statements to movements: each transfer once, whoever's statement shows it, with who paid whom.

The same transfer stands in the payer's and in the payee's statement, a day or two apart; a bill stands in
two lists; a transfer between two accounts of one firm is no payment at all; and what comes in when a bill
falls due was paid when the bill was handed over.
"""

from dataclasses import dataclass

import polars as pl

from ledger.names import normal_forms

#: One row a movement. `seen`: payer | payee | both; `twin`: the fact of the other attestation.
MOVEMENTS = pl.Schema(
    {
        "payment": pl.String,
        "payer": pl.String,
        "payee": pl.String,
        "happened_on": pl.Date,
        "amount_fen": pl.Int64,
        "way": pl.String,
        "purpose": pl.String,
        "channel": pl.String,
        "text": pl.String,
        "seen": pl.String,
        "twin": pl.String,
    }
)
#: Days by which the payee's bank may book a transfer later than the payer's.
LATER = 3
#: Days after its due day on which the money of a bill may come in.
COLLECTED = 15
#: Days after which a payment company has paid out at the latest.
PAID_OUT = 7
#: Channel → how the companies behind it are called in bank statements.
_PAYERS_OUT = {
    "wechat": "财付通|微信支付",
    "alipay": "支付宝|蚂蚁",
    "acquirer": "银联商务|拉卡拉|收钱吧|通联支付|汇付|富友|易宝|随行付|乐刷|快钱|商户结算|收单|清算款",
}
#: Events of a bill by which its holder pays somebody, and by which somebody pays him.
_PAYS, _PAID = ("endorsed", "drawn"), ("received",)
_TRANSFER = ["payer", "payee", "amount_fen", "happened_on", "bill", "rank"]


@dataclass(frozen=True)
class Who:
    """Who is who: `enterprise_of` (party, enterprise), `parties` (party, scheme, name)."""

    enterprise_of: pl.DataFrame
    parties: pl.DataFrame

    def of(self, parties: pl.Series) -> pl.Series:
        """The enterprise of each party; a bare name is that of the one firm with a code that bears it."""
        frame = parties.rename("party").to_frame()
        return frame.join(self._known(), on="party", how="left", maintain_order="left")["enterprise"]

    def _known(self) -> pl.DataFrame:
        named = self.parties.select("party", "scheme", form=normal_forms(pl.col("name"))).join(
            self.enterprise_of, on="party", maintain_order="left"
        )
        coded = named.filter(pl.col("scheme") != "name").select("enterprise", "form").drop_nulls().unique()
        alone = coded.filter(pl.len().over("form") == 1).rename({"enterprise": "bearer"})
        only_name = named.filter((pl.col("scheme") == "name").all().over("enterprise"))
        by_name = only_name.join(alone, on="form").select("party", "bearer")
        return self.enterprise_of.join(by_name, on="party", how="left", maintain_order="left").select(
            "party", pl.coalesce("bearer", "enterprise").alias("enterprise")
        )

    def names(self) -> pl.DataFrame:
        """enterprise, name: every name that one of its parties bears."""
        joined = self.parties.select("party", "name").drop_nulls().join(self.enterprise_of, on="party")
        return joined.select("enterprise", "name").unique().sort("enterprise", "name")


def movements(flows: pl.DataFrame, bills: pl.DataFrame, who: Who) -> pl.DataFrame:
    """Every movement of money in yuan once, with columns MOVEMENTS, sorted by fact.

    `flows`, `bills`: rows of the ledger's tables bank_flows and bills.
    """
    told = pl.concat([_told(flows, bills, who), _handed(bills, who)])
    once = _once(told)
    return once.select(pl.col(c).cast(t) for c, t in MOVEMENTS.items()).sort("payment")


def _told(flows: pl.DataFrame, bills: pl.DataFrame, who: Who) -> pl.DataFrame:
    """The rows of statements: who paid whom as each tells it."""
    rows = (
        flows.filter(
            (pl.col("currency").fill_null("CNY") == "CNY")
            & (pl.col("amount_fen") > 0)
            & pl.col("happened_on").is_not_null()
        )
        .sort("fact", "row", "reading")
        .unique("fact", keep="first", maintain_order=True)
    )
    rows = rows.with_columns(owner=who.of(rows["owner"]), counterparty=who.of(rows["counterparty"]))
    accounts = rows.select(counterparty_account="account", holder="owner").drop_nulls().unique()
    accounts = accounts.filter(pl.len().over("counterparty_account") == 1)
    rows = rows.join(accounts, on="counterparty_account", how="left", maintain_order="left")
    other = pl.coalesce("holder", "counterparty")
    out = pl.col("direction") == "out"
    own = (other == pl.col("owner")).fill_null(False)
    rows = rows.with_columns(
        payer=pl.when(out).then("owner").otherwise(other),
        payee=pl.when(out).then(other).otherwise("owner"),
        purpose=pl.when(own).then(pl.lit("own")).otherwise("purpose"),
        text=pl.concat_str(["summary", "remark"], separator=" ", ignore_nulls=True),
        seen=pl.when(out).then(pl.lit("payer")).otherwise(pl.lit("payee")),
    )
    collected, again = _collected(rows, bills, who), _paid_out(rows)
    purpose = (
        pl.when(pl.col("fact").is_in(collected.implode()))
        .then(pl.lit("bill"))
        .when(pl.col("fact").is_in(again.implode()))
        .then(pl.lit("paid_out"))
        .otherwise("purpose")
    )
    return rows.with_columns(purpose=purpose).select(_ROW)


_ROW = ("fact", "payer", "payee", "happened_on", "amount_fen", "way", "purpose", "channel", "text", "seen")


def _collected(rows: pl.DataFrame, bills: pl.DataFrame, who: Who) -> pl.Series:
    """Facts of rows that are a bill's money: it fell due, or a bank discounted it."""
    ours = bills.with_columns(owner=who.of(bills["owner"]))
    received = ours.filter(pl.col("event").is_in([*_PAID, "drawn", "accepted"]))
    due = received.select("owner", "amount_fen", start="due_on", days=pl.lit(COLLECTED))
    sold = ours.filter(pl.col("event") == "discounted").select(
        "owner",
        pl.col("amount_fen") - pl.col("interest_fen").fill_null(0),
        start="happened_on",
        days=pl.lit(LATER),
    )
    expected = pl.concat([due, sold]).drop_nulls().unique()
    paid = rows.filter(pl.col("way") == "bill").join(expected, on=["owner", "amount_fen"])
    after = (pl.col("happened_on") - pl.col("start")).dt.total_days()
    return paid.filter(after.is_between(0, pl.col("days")))["fact"].unique().sort()


def _paid_out(rows: pl.DataFrame) -> pl.Series:
    """Facts of rows by which a payment company pays out what its own bill, in as well, shows as sales."""
    billed = (
        rows.filter(pl.col("channel").is_in(list(_PAYERS_OUT)))
        .group_by("owner", channel_of="channel")
        .agg(first=pl.col("happened_on").min(), last=pl.col("happened_on").max())
    )
    name = pl.col("counterparty_name").fill_null("") + pl.col("text").fill_null("")
    banked = rows.filter((pl.col("channel") == "bank") & (pl.col("direction") == "in")).join(
        billed, on="owner"
    )
    fits = [(pl.col("channel_of") == c) & name.str.contains(names) for c, names in _PAYERS_OUT.items()]
    later = pl.col("last").dt.offset_by(f"{PAID_OUT}d")
    within = pl.col("happened_on").is_between(pl.col("first"), later)
    return banked.filter(pl.any_horizontal(fits) & within)["fact"].unique().sort()


def _handed(bills: pl.DataFrame, who: Who) -> pl.DataFrame:
    """Bills that changed hands, as payments."""
    rows = (
        bills.filter(
            pl.col("event").is_in([*_PAYS, *_PAID])
            & (pl.col("currency").fill_null("CNY") == "CNY")
            & pl.col("happened_on").is_not_null()
        )
        .sort("fact", "row", "reading")
        .unique("fact", keep="first", maintain_order=True)
    )
    # Who handed it over is the drawer only where the owner is the first to hold it.
    first = pl.when((pl.col("event") == "received") & (pl.col("payee") == pl.col("owner"))).then("drawer")
    drawn = pl.col("event") == "drawn"
    other = (
        pl.when(drawn)
        .then(pl.coalesce("payee", "counterparty"))
        .otherwise(pl.coalesce("counterparty", first))
    )
    rows = rows.with_columns(other.alias("other"))
    rows = rows.with_columns(owner=who.of(rows["owner"]), other=who.of(rows["other"]))
    pays = pl.col("event").is_in(_PAYS)
    return (
        rows.select(
            "fact",
            payer=pl.when(pays).then("owner").otherwise("other"),
            payee=pl.when(pays).then("other").otherwise("owner"),
            happened_on="happened_on",
            amount_fen="amount_fen",
            way=pl.lit("bill"),
            purpose=pl.lit("trade"),
            channel=pl.lit("bills"),
            text=pl.col("number"),
            seen=pl.when(pays).then(pl.lit("payer")).otherwise(pl.lit("payee")),
        )
        .select(_ROW)
        .filter(pl.col("payer").is_not_null() & pl.col("payee").is_not_null())
    )


def _once(told: pl.DataFrame) -> pl.DataFrame:
    """Rows of two statements that are one transfer become one: the payee's, who says what it was for."""
    told = told.with_columns(bill=pl.col("channel") == "bills")
    pair = ["payer", "payee", "amount_fen", "happened_on", "bill"]
    left = told.filter(pl.col("seen") == "payer")
    right = told.filter(pl.col("seen") == "payee")
    twins = [told.select(payment="fact", twin="fact").clear()]
    for later in range(LATER + 1):
        out = _ranked(left.with_columns(pl.col("happened_on").dt.offset_by(f"{later}d")), pair)
        both = _ranked(right, pair).join(out, on=_TRANSFER, suffix="_out")
        found = both.select(payment="fact", twin="fact_out")
        twins.append(found)
        left = left.join(found, left_on="fact", right_on="twin", how="anti")
        right = right.join(found, left_on="fact", right_on="payment", how="anti")
    paired = pl.concat(twins)
    said = told.select(twin="fact", text_out="text", purpose_out="purpose")
    rows = (
        told.join(paired.select("twin"), left_on="fact", right_on="twin", how="anti")
        .rename({"fact": "payment"})
        .join(paired, on="payment", how="left")
        .join(said, on="twin", how="left")
    )
    return rows.with_columns(
        seen=pl.when(pl.col("twin").is_not_null()).then(pl.lit("both")).otherwise("seen"),
        text=pl.concat_str(["text", "text_out"], separator=" ", ignore_nulls=True).str.strip_chars(),
        purpose=pl.coalesce("purpose", "purpose_out"),
    )


def _ranked(rows: pl.DataFrame, pair: list[str]) -> pl.DataFrame:
    """Rows with their number among those that agree in `pair`."""
    known = rows.filter(pl.col("payer").is_not_null() & pl.col("payee").is_not_null()).sort("fact")
    return known.select(*pair, "fact", rank=pl.int_range(pl.len()).over(pair))
