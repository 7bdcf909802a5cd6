"""Plans and flows of products in the reader's words. No yield is ever told as one to be expected."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from api import models_wealth as models
from api.models import Named
from api.views.amounts import amount_text, share_text
from graph.snapshot import Snapshot
from ledger.words import Lang, label, message
from services.freshness import warnings
from services.wealth.customer import Customer
from services.wealth.match import Match, Question
from services.wealth.policy import Policy
from services.wealth.product_flows import Band, ProductFlows, calendar

_PLACES = 5


def rate_text(rate: float) -> str:
    """A rate as an exact decimal: 0.0231."""
    text = f"{rate:.{_PLACES}f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def product(row: dict[str, Any], lang: Lang) -> models.Product:
    """A row of a shelf."""

    def named(of: str) -> Named:
        return Named(id=row[of], name=label(f"wealth_{of}_{row[of]}", lang))

    same = (
        *("lock_days", "notice_days", "confirm_days", "settle_days", "quick_cap_fen"),
        *("least_fen", "step_fen", "most_fen", "synthetic", "issuer", "id", "name"),
    )
    told: dict[str, Any] = {name: row[name] for name in same}
    told |= {name: rate_text(row[name]) for name in ("subscribe_rate", "redeem_rate", "manage_rate")}
    told |= {name: named(name) for name in ("kind", "form", "audience", "investors")}
    return models.Product(
        **told,
        level=f"R{row['level']}",  # type: ignore[arg-type]
        benchmark=models.Benchmark(
            kind=row["benchmark_kind"],
            label=label(f"wealth_benchmark_{row['benchmark_kind']}", lang),
            low=rate_text(row["benchmark_low"]),
            high=rate_text(row["benchmark_high"]),
            since=row["benchmark_from"],
            until=row["benchmark_until"],
            warning=message("wealth_note_benchmark", lang),
        ),
    )


class Told:
    """A match as an answer."""

    def __init__(self, found: Match, question: Question, lang: Lang) -> None:
        self.found, self.question, self.lang = found, question, lang

    def parts(self, listed: int) -> dict[str, Any]:
        """Everything of the answer that is about the plan."""
        found, question, lang = self.found, self.question, self.lang
        ladder, policy = found.ladder, found.policy
        frame = found.offers.frame
        best = np.lexsort((np.arange(len(frame)), -found.offers.rate))[:listed]
        return {
            "day": question.day,
            "proposed_on": question.proposed_on,
            "start": found.start,
            "until": found.start + timedelta(days=question.horizon - 1),
            "customer": customer(question.customer, policy.levels, lang),
            "amount_fen": question.amount_fen,
            "counts": self._counts(),
            "rungs": self._rungs(),
            "account_fen": ladder.account_fen,
            "account_text": message(
                "wealth_text_account", lang, amount=amount_text(ladder.account_fen, lang)
            ),
            "free": self._free(),
            "scenario": self._scenario(),
            "risk": self._risk(),
            "shortlist": [product(frame.row(int(row), named=True), lang) for row in best],
            "shortlist_total": frame.height,
            "synthetic": bool(frame["synthetic"].any()),
            "policy": policy.version,
        }

    def _counts(self) -> models.MatchCounts:
        found = self.found
        told = {"shelf": found.on_shelf, "suitable": found.suitable, "in_time": found.in_time}
        listed = len(found.offers)
        shown = {name: f"{value:,}" for name, value in told.items()}
        text = message("wealth_shown", self.lang, **shown, listed=f"{listed:,}")
        return models.MatchCounts(**told, shortlist=listed, text=text)

    def _rungs(self) -> list[models.Rung]:
        """The rungs by the day their money is there."""
        ladder = self.found.ladder
        pairs = zip(ladder.rows.tolist(), ladder.amount_fen.tolist(), strict=True)
        found = [self._rung(row, fen) for row, fen in pairs]
        return sorted(found, key=lambda one: (one.money_on, -one.amount_fen, one.product.id))

    def _rung(self, row: int, fen: int) -> models.Rung:
        offers, lang = self.found.ladder.offers, self.lang
        told = product(offers.frame.row(row, named=True), lang)
        until, money = self._on(int(offers.order[row])), self._on(int(offers.money[row]))
        sentence = "wealth_text_rung_open" if told.lock_days == 0 else "wealth_text_rung"
        return models.Rung(
            product=told,
            amount_fen=fen,
            share=round(fen / self.question.amount_fen, 6),
            buy_on=self._on(offers.bought),
            until=until,
            money_on=money,
            scenario_rate=rate_text(float(offers.rate[row])),
            text=message(
                sentence,
                lang,
                amount=amount_text(fen, lang),
                name=told.name,
                level=told.level,
                kind=told.kind.name,
                until=until.isoformat(),
                money=money.isoformat(),
            ),
        )

    def _on(self, day: int) -> date:
        return self.found.start + timedelta(days=day)

    def _free(self) -> list[models.FreeOn]:
        """Free and needed money where either moves."""
        found, needs = self.found, self.found.needs
        ladder = found.ladder
        needed = np.quantile(needs.need_fen, found.policy.needed_in, axis=0, method="higher")
        money = ladder.offers.money[ladder.rows]
        shown, last = [], (-1, -1)
        for at, want in zip(needs.begins.tolist(), needed.tolist(), strict=True):
            free = ladder.account_fen + int(ladder.amount_fen[money <= at].sum())
            if (free, round(want)) != last:
                shown.append(models.FreeOn(day=self._on(at), free_fen=free, needed_fen=round(want)))
                last = (free, round(want))
        return shown

    def _scenario(self) -> models.Scenario:
        ladder, lang = self.found.ladder, self.lang
        low, middle, high = ladder.checked.yields
        shown = {
            name: _percent(value)
            for name, value in (
                ("low", low),
                ("middle", middle),
                ("high", high),
                ("liquid", self.found.ladder.open_rate),
            )
        }
        return models.Scenario(
            label=label("wealth_scenario", lang),
            rate=rate_text(ladder.rate),
            low=rate_text(low),
            middle=rate_text(middle),
            high=rate_text(high),
            open_products_rate=rate_text(self.found.ladder.open_rate),
            scenarios=ladder.checked.scenarios,
            text=message("wealth_yield", lang, **shown),
        )

    def _risk(self) -> models.Risk:
        told = self.found.ladder.checked
        return models.Risk(
            shortfall_probability=round(told.locked, 6),
            short_anyway_probability=round(told.short, 6),
            loss_probability=round(told.lost, 6),
            cvar_share=round(told.cvar, 6),
            cvar_limit=told.limit,
            cvar_fen=round(told.cvar * self.question.amount_fen),
            scenarios=told.scenarios,
            text=message(
                "wealth_checked",
                self.lang,
                locked=share_text(told.locked, self.lang),
                cvar=_percent(told.cvar),
                limit=_percent(told.limit),
            ),
        )

    def notes(self, basis: str) -> list[str]:
        """What whoever reads the plan must know."""
        lang, told = self.lang, self.found.ladder.checked
        codes = [
            "wealth_note_scenario",
            "wealth_note_benchmark",
            "wealth_note_ordered_ahead",
            "wealth_note_again",
        ]
        if bool(self.found.offers.frame["synthetic"].any()):
            codes.append("wealth_note_synthetic")
        if basis == "partial":
            codes.append("wealth_note_partial")
        found = [message(code, lang) for code in codes]
        if told.short > 0:
            found.append(message("wealth_note_short", lang, share=share_text(told.short, lang)))
        if told.cvar > told.limit:
            value, limit = _percent(told.cvar), _percent(told.limit)
            found.append(message("wealth_note_limit", lang, value=value, limit=limit))
        return found


def aged(
    source: Snapshot, today: date, firm: int | None, policy: Policy, lang: Lang
) -> list[models.WealthWarning]:
    """What is to be said of the age of the data."""
    found = warnings(source, today, firm, policy.data_days, policy.books_days)
    return [models.WealthWarning(code=code, text=message(code, lang, **told)) for code, told in found]


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def customer(who: Customer, levels: dict[str, int], lang: Lang) -> models.CustomerTold:
    """What was taken of the customer."""
    told = who.assessment
    assert told is not None  # no plan is made without one
    kind = "professional" if who.professional else "ordinary"
    return models.CustomerTold(
        level=told.level,  # type: ignore[arg-type]
        highest_product=f"R{levels[told.level]}",  # type: ignore[arg-type]
        assessor=told.assessor,
        assessed_on=told.assessed_on,
        expires_on=told.expires_on,
        investor_class=Named(id=kind, name=label(f"wealth_class_{kind}", lang)),
        natural_person=who.natural_person,
    )


def product_flows(found: ProductFlows, size_fen: int, band: Band) -> dict[str, Any]:
    """The parts of a product's flows that need no words."""
    days = found.daily_fen.shape[2]
    trading = calendar(found.start, days).trading
    sides = [[_interval(found.daily_fen[side, :, i]) for i in range(days)] for side in (0, 1)]
    return {
        "size_fen": size_fen,
        "band_low_fen": band.low_fen,
        "band_high_fen": band.high_fen,
        "days": [
            models.FlowDay(
                day=found.start + timedelta(days=i),
                trading=bool(trading[i]),
                subscribed=sides[0][i],
                redeemed=sides[1][i],
            )
            for i in range(days)
        ],
        "weeks": [
            models.FlowWeek(
                first=one.first,
                last=one.last,
                subscribed=_interval(one.subscribed_fen),
                redeemed=_interval(one.redeemed_fen),
                size=_interval(one.size_fen),
                quota_fen=one.quota_fen,
                needed_fen=one.needed_fen,
            )
            for one in found.weeks
        ],
        "accuracy": [
            models.FlowAccuracy(side=side, wape=round(error, 4), rival_wape=round(rival, 4))  # type: ignore[arg-type]
            for side, error, rival in zip(("subscribed", "redeemed"), found.error, found.rival, strict=True)
        ],
        "interval_level": 80,
        "interval_held": round(found.coverage, 4),
        "known_share": round(found.known, 6),
    }


def _interval(three: Any) -> models.FlowInterval:
    low, middle, high = (int(one) for one in three)
    return models.FlowInterval(expected_fen=middle, low_fen=low, high_fen=high)
