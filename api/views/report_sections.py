"""The sections of a credit report: texts and tables from the API's own answers, with evidence numbers."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from api.asking import Asking
from api.models import Model
from api.models_cashflow import CashflowQuestion
from api.views import cashflow, enterprises, features, groups, positions, receivables
from api.views.amounts import amount_text, share_text, table_text
from api.views.chains import chain_map
from api.views.credit_desk import Counter
from api.views.report_months import largest
from ledger.words import label, message
from services.cashflow.ground import ground_of
from services.cashflow.outlook import outlook_of
from services.cashflow.path import Asked as Drawn
from services.cashflow.receivable import noted_firms
from services.features.catalogue import CATALOGUE
from services.report.content import Block, Evidence, Grid, Section, Text

#: Partners a side, buyers, groups and members that are told one by one.
PARTNERS, BUYERS, MEMBERS = 10, 10, 8
#: The figures of a firm that a report shows, beside those that a decision names.
FIGURES = (
    *("sales_growth", "purchases_growth", "margin", "sales_volatility", "months_active", "returned_share"),
    *("top1_customer", "top5_customers", "top1_supplier", "regular_customers", "lost_customers"),
    *("days_to_pay", "settled_share", "share_of_customers", "substitutes", "segment_momentum"),
    *("buyers_growth", "buyers_failing", "group_size", "registered_years"),
)
_LEVEL = 80


class Sections:
    """The parts of one report. `told` gives an answer as the caller may see it."""

    def __init__(self, asked: Asking, firm: int, told: Callable[[Model], Any], evidence: Evidence) -> None:
        self.asked, self.firm, self.told, self.evidence = asked, firm, told, evidence
        self.lang, self.snapshot = asked.lang, asked.snapshot
        self.id = self.snapshot.id_of(firm)
        self.profile: dict[str, Any] = told(enterprises.profile(self.snapshot, firm, self.lang))
        self.versions: list[tuple[str, str]] = []

    def every(self) -> list[Section]:
        """All sections in order."""
        return [
            self._who(),
            self._seat(),
            self._groups(),
            self._partners(),
            self._receivables(),
            self._cash(),
            self._figures(),
            self._decision(),
        ]

    def _word(self, name: str) -> str:
        return label(f"report_{name}", self.lang)

    def _said(self, code: str, /, **params: object) -> str:
        return message(f"report_{code}", self.lang, **params)

    def _sum(self, fen: int | None, number: int | None = None) -> str:
        return self._marked(amount_text(fen, self.lang), number)

    def _cell(self, fen: int | None, number: int | None = None) -> str:
        """An amount in a table that names the unit once over it: narrow columns stay legible."""
        return self._marked(table_text(fen, self.lang), number)

    def _unit(self) -> Text:
        return Text(self._said("unit"), quiet=True)

    @staticmethod
    def _marked(text: str, number: int | None) -> str:
        return text if number is None else f"{text} [{number}]"

    def _section(self, name: str, blocks: Sequence[Block]) -> Section:
        return Section(self._word(name), blocks)

    def _pairs(self, rows: Sequence[tuple[str, str]]) -> Grid:
        return Grid([], [list(row) for row in rows], widths=(0.3, 0.7))

    def _head(self, *names: str) -> list[str]:
        return [self._word(name) for name in names]

    # evidence

    def _link(self, seller: dict[str, Any], buyer: dict[str, Any], seen: dict[str, Any]) -> int | None:
        """The number of the link between two firms, with its first facts."""
        rows = [self.snapshot.index_of(str(one.get("id"))) for one in (seller, buyer)]
        if rows[0] is None or rows[1] is None:
            return None
        edge = self.snapshot.edge_between(rows[0], rows[1])
        text = self._said(
            "of_link",
            seller=seller["name"],
            buyer=buyer["name"],
            count=f"{seen['count']:,}",
            amount=amount_text(seen["amount_fen"], self.lang),
            first=seen["first"],
            last=seen["last"],
        )
        return self.evidence.number(
            ("link", *rows), text, self.snapshot.evidence(edge) if edge is not None else ()
        )

    def _lineage(self, answer: dict[str, Any], rests_on: str) -> int | None:
        """The number of what a figure of the firm rests on."""
        found = next((one for one in answer["lineage"] if one["rests_on"] == rests_on), None)
        if found is None:
            return None
        text = self._said(
            "of_lineage",
            name=label(f"report_lineage_{rests_on}", self.lang),
            links=f"{found['links_total']:,}",
            invoices=f"{found['invoices']:,}",
            months=len(found["months"]),
        )
        return self.evidence.number(("lineage", rests_on), text, found["facts"])

    def _features(self, names: Sequence[str]) -> dict[str, Any]:
        known = [name for name in CATALOGUE if name in set(names)]
        body = features.enterprise_features(self.snapshot, self.firm, None, known, self.lang)
        found: dict[str, Any] = json.loads(bytes(self.asked.prepared(body).body))
        return found

    # sections

    def _who(self) -> Section:
        one, lang = self.profile, self.lang
        own = one["own_books"]
        answer = self._features(["log_sales_total", "log_purchases_total", "seen_customers"])
        sides = {
            "sales": self._lineage(answer, "sales" if own["sales_until"] else "links"),
            "purchases": self._lineage(answer, "purchases" if own["purchases_until"] else "links"),
        }
        links = self._lineage(answer, "links")
        others = sorted({m["name"] for m in one["members"] if m["name"] and m["name"] != one["name"]})
        books = self._said(
            "own_until", sales=own["sales_until"] or "—", purchases=own["purchases_until"] or "—"
        )
        if not own["sales_until"] and not own["purchases_until"]:
            books = self._said("seen_only")
        rows = [
            (self._word("code"), one["code"] or "—"),
            (self._word("names"), ("、" if lang == "zh" else ", ").join(others) or "—"),
            (self._word("books"), books),
            (self._word("sales"), self._sum(one["sales_fen"], sides["sales"])),
            (self._word("purchases"), self._sum(one["purchases_fen"], sides["purchases"])),
            (self._word("customers"), self._marked(f"{one['customers']:,}", links)),
            (self._word("suppliers"), self._marked(f"{one['suppliers']:,}", links)),
        ]
        return self._section("who", [self._pairs(rows)])

    def _seat(self) -> Section:
        answer = self.told(positions.position(self.snapshot, self.firm, self.lang))
        blocks: list[Block] = [Text(answer["text"])]
        if not answer["positions"]:
            return self._section("seat", blocks)
        number = self.evidence.number("position", self._said("of_position", snapshot=self.snapshot.id))
        rows = [
            [
                at["chain"]["name"],
                at["segment"]["name"] if at["segment"] else "—",
                self._marked(at["level_text"], number if at["level"] is not None else None),
                "—" if at["depth"] is None else self._marked(f"{at['depth']:.2f}", number),
                "—"
                if at["probability"] is None
                else self._marked(share_text(at["probability"], self.lang), number),
                at["core"]["name"] if at["core"] else "—",
            ]
            for at in answer["positions"]
        ]
        blocks.append(Grid(self._head("chain", "segment", "level", "depth", "probability", "core"), rows))
        for at in answer["positions"]:
            if at["path"]:
                blocks += [
                    Text(
                        f"{self._word('path')}：{at['chain']['name']}"
                        if self.lang == "zh"
                        else f"{self._word('path')}: {at['chain']['name']}"
                    ),
                    self._path(at["path"]["hops"]),
                ]
        blocks += self._map(answer["positions"][0])
        return self._section("seat", blocks)

    def _path(self, hops: Sequence[dict[str, Any]]) -> Grid:
        rows = [
            [
                hop["from"]["name"],
                hop["to"]["name"],
                ("、" if self.lang == "zh" else ", ").join(hop["items"][:2]),
                f"{hop['first']} – {hop['last']}",
                self._sum(hop["amount_fen"], self._link(hop["from"], hop["to"], hop)),
            ]
            for hop in hops
        ]
        return Grid(
            self._head("from", "to", "goods", "period", "amount"),
            rows,
            frozenset({4}),
            widths=(0.24, 0.24, 0.16, 0.18, 0.18),
        )

    def _map(self, at: dict[str, Any]) -> list[Block]:
        """The chain as segments by depth, darker where more firms stand; the firm's own cell starred."""
        made = chain_map(self.snapshot, at["chain"]["id"], self.lang)
        if not made.depths:
            return []
        held = {(cell.segment, cell.depth): cell.enterprises for cell in made.cells}
        most = max(held.values(), default=1)
        mine = (
            at["segment"]["id"] if at["segment"] else None,
            None if at["depth"] is None else int(np.floor(at["depth"] + 0.5)),
        )
        rows, shades = [], {}
        for line, segment in enumerate(made.segments):
            row = [segment.name]
            for column, depth in enumerate(made.depths, start=1):
                count = held.get((segment.id, depth), 0)
                star = "★ " if (segment.id, depth) == mine else ""
                row.append(f"{star}{count:,}" if count else star.strip())
                if count:
                    shades[line, column] = min(1 + int(3 * (count / most) ** 0.5), 4)
            rows.append(row)
        share = 0.76 / len(made.depths)
        head = [f"{made.chain.name}", *(str(depth) for depth in made.depths)]
        return [
            Text(self._word("map")),
            Grid(head, rows, frozenset(range(1, len(head))), shades, (0.24, *([share] * len(made.depths)))),
        ]

    def _groups(self) -> Section:
        answer = self.told(groups.groups_of(self.snapshot, self.asked.ledger, self.firm, 20, self.lang))
        if not answer["items"] and not answer["dependence"]:
            return self._section("groups", [Text(self._said("none"))])
        number = self.evidence.number("groups", self._said("of_groups", snapshot=self.snapshot.id))
        comma = "、" if self.lang == "zh" else ", "
        rows = []
        for group in answer["items"]:
            names = comma.join(member["name"] for member in group["members"][:MEMBERS])
            if group["size"] > MEMBERS:
                names += f" ({self._said('cut', shown=MEMBERS, total=group['size'])})"
            amount = "—" if group["amount_fen"] is None else self._sum(group["amount_fen"], number)
            rows.append([group["kind_text"], self._marked(str(group["size"]), number), names, amount])
        blocks: list[Block] = (
            [
                Grid(
                    self._head("group", "members", "partner", "amount"),
                    rows,
                    frozenset({3}),
                    widths=(0.2, 0.1, 0.5, 0.2),
                )
            ]
            if rows
            else []
        )
        blocks += [
            Text(self._marked(f"{one['partner']['name']}：{one['text']}", number))
            for one in answer["dependence"]
        ]
        return self._section("groups", blocks)

    def _partners(self) -> Section:
        blocks: list[Block] = []
        me = {"id": self.id, "name": self.profile["name"]}
        own = self.profile["own_books"]
        for side, name, fen in (("customers", "customer", "sales"), ("suppliers", "supplier", "purchases")):
            answer = self.told(largest(self.snapshot, self.firm, side, PARTNERS))  # type: ignore[arg-type]
            whole = self.profile[f"{fen}_fen"] if own[f"{fen}_until"] else None
            rows = []
            for one in answer["items"]:
                number = self._link(me, one, one) if side == "customers" else self._link(one, me, one)
                rows.append(
                    [
                        one["name"],
                        self._sum(one["amount_fen"], number),
                        self._marked(share_text(one["amount_fen"] / whole, self.lang), number)
                        if whole
                        else "—",
                        self._marked(f"{one['count']:,}", number),
                        f"{one['first']} – {one['last']}",
                    ]
                )
            head = [self._word(name), *self._head("amount", "share", "invoices", "period")]
            blocks.append(Grid(head, rows, frozenset({1, 2, 3}), widths=(0.32, 0.22, 0.14, 0.12, 0.2)))
            blocks.append(Text(self._said("cut", shown=len(rows), total=answer["total"]), quiet=True))
        return self._section("partners", blocks)

    def _receivables(self) -> Section:
        if "portfolios:read" not in self.asked.who.scopes:
            return self._section("receivables", [Text(self._said("hidden"))])
        answer = self.told(receivables.answer(self.asked, self.firm, receivables.Wanted(limit=5)))
        if not answer["buyers"]:
            return self._section("receivables", [Text(self._said("none"))])
        text = self._said("of_ledger", on=answer["on"], policy=answer["policy"], total=f"{answer['total']:,}")
        number = self.evidence.number("receivables", text, [item["fact"] for item in answer["items"]])
        sums = [
            (self._word(name), self._sum(answer[f"{name}_fen"], number))
            for name in ("open", "proven", "eligible")
        ]
        ages = [age["label"] for age in answer["ageing"]]
        rows = [
            [
                one["name"],
                self._cell(one["open_fen"], number),
                *(self._cell(age["open_fen"]) if age["open_fen"] else "" for age in one["ageing"]),
                self._cell(one["overdue_fen"], number),
            ]
            for one in answer["buyers"][:BUYERS]
        ]
        share = 0.62 / (len(ages) + 1)
        grid = Grid(
            [self._word("partner"), self._word("open"), *ages, self._word("overdue")],
            rows,
            frozenset(range(1, len(ages) + 3)),
            widths=(0.22, 0.16, *([share] * (len(ages) + 1))),
        )
        cut = Text(self._said("cut", shown=len(rows), total=answer["buyers_total"]), quiet=True)
        return self._section(
            "receivables",
            [
                self._pairs(sums),
                self._unit(),
                grid,
                cut,
                *(Text(note, quiet=True) for note in answer["notes"]),
            ],
        )

    def _cash(self) -> Section:
        if "cashflow:read" not in self.asked.who.scopes:
            return self._section("cash", [Text(self._said("hidden"))])
        ground = ground_of(self.snapshot, self.asked.ledger, None)
        question = CashflowQuestion.model_validate({"enterprise": self.id, "levels": [_LEVEL]})
        days = (cashflow.steps_of(ground, question)[-1][1] - ground.as_of).days
        drawn = Drawn(days=days, noted=noted_firms(self.snapshot, self.asked.ledger), telling=False)
        whose = cashflow.Whose("enterprise", self.id, self.profile["name"], [self.firm])
        answer = self.told(
            cashflow.cash_forecast(
                ground, outlook_of(ground, [self.firm], drawn, None), whose, question, self.lang
            )
        )
        text = self._said("of_cash", scenarios=answer["scenarios"], policy=answer["policy"])
        number = self.evidence.number("cash", text)
        rows = []
        for step in answer["items"]:
            row = [step["first"][:7]]
            for side in ("inflow", "outflow"):
                ends = step[side]["intervals"][0]
                row += [
                    self._cell(step[side]["expected_fen"], number),
                    f"{self._cell(ends['low_fen'])} – {self._cell(ends['high_fen'])}",
                ]
            rows.append(row)
        head = self._head("month", "inflow", "band", "outflow", "band")
        told = [one["text"] for one in (*answer["habits"], *answer["fixed"])]
        if answer["shortfall"]:
            told.insert(0, answer["shortfall"]["text"])
        return self._section(
            "cash",
            [
                self._unit(),
                Grid(head, rows, frozenset({1, 2, 3, 4}), widths=(0.12, 0.17, 0.27, 0.17, 0.27)),
                *(Text(self._marked(text_, number)) for text_ in told),
                *(Text(note["text"], quiet=True) for note in answer["notes"]),
            ],
        )

    def _figures(self) -> Section:
        answer = self._features(FIGURES)
        rows = []
        for one in answer["items"]:
            value = one["missing_text"] or one["missing"]
            if not one["missing"]:
                value = self._marked(self._figure(one), self._lineage(answer, one["rests_on"]))
            rows.append([one["label"], value, one["text"]])
        self.versions.append((self._word("features"), answer["feature_set_version"]))
        return self._section(
            "figures", [Grid(self._head("figure", "value", "rests_on"), rows, widths=(0.24, 0.26, 0.5))]
        )

    def _figure(self, one: dict[str, Any]) -> str:
        """A feature's value as a reader writes it: shares in per cent, logarithms of yuan as money."""
        value, unit = one["value"], one["unit"]
        if not isinstance(value, int | float):
            return str(value)
        if unit in {"share", "probability"}:
            return share_text(value, self.lang)
        if unit == "growth":
            return share_text(value, self.lang, signed=True)
        if unit in {"log10_yuan", "log10_yuan_a_year"}:
            return self._said("about", amount=amount_text(round(100 * (10**value - 1)), self.lang))
        if unit == "flag":
            return self._word(f"flag_{int(bool(value))}")
        return f"{value:,.4g} {one['unit_label']}"

    def _decision(self) -> Section:
        counter = Counter(self.asked)
        found = counter.decisions(self.id, None, 1, None).items
        if not found:
            return self._section("decision", [Text(self._said("no_decision"))])
        one = self.told(counter.decision(found[0].decision_id))
        number = self.evidence.number(
            "decision",
            self._said(
                "of_decision",
                id=one["decision_id"],
                policy=one["policy_version"],
                model=one["model_version"],
                snapshot=one["graph_snapshot"],
            ),
        )
        self.versions += [
            (self._word("policy"), one["policy_version"]),
            (self._word("model"), one["model_version"]),
        ]
        reasons = [
            [
                self._marked(reason["text"], self._reason(reason, number)),
                "—" if reason["contribution"] is None else f"{reason['contribution']:+.2f}",
            ]
            for reason in one["reasons"]
        ]
        parts = [
            [part["text"], self._sum(part["amount_fen"], number) if part["amount_fen"] is not None else "—"]
            for part in one["limit"]["parts"]
        ]
        without = [
            [dealing["partner"]["name"], self._marked(dealing["text"], number)] for dealing in one["dealings"]
        ]
        right = frozenset({1})
        return self._section(
            "decision",
            [
                self._pairs(self._granted(one, number)),
                Grid(self._head("reasons", "value"), reasons, right, widths=(0.84, 0.16)),
                *([Text(one["advice_text"])] if one["advice_text"] else []),
                Grid(self._head("parts", "limit"), parts, right, widths=(0.76, 0.24)),
                *([Grid(self._head("partner", "without"), without, widths=(0.3, 0.7))] if without else []),
                self._exposures(one, number),
            ],
        )

    def _granted(self, one: dict[str, Any], number: int) -> list[tuple[str, Any]]:
        """What was decided, term by term."""
        limit = one["limit"]
        granted = one["status"] == "approved"
        return [
            (self._word("status"), self._marked(f"{one['status_text']}（{one['decided_on']}）", number)),
            (self._word("grade"), self._marked(f"{one['grade']} · {one['score']}", number)),
            (self._word("pd"), self._marked(f"{100 * one['pd']:.2f} %", number)),
            (
                self._word("limit" if granted else "proposed"),
                self._sum(limit["amount_fen"] if granted else limit["proposed_fen"], number),
            ),
            (
                self._word("rate"),
                "—" if one["rate"] is None else self._marked(f"{100 * float(one['rate']):.2f} %", number),
            ),
            (self._word("term"), "—" if one["term"] is None else self._marked(str(one["term"]), number)),
            (self._word("valid"), one["valid_until"]),
        ]

    def _exposures(self, one: dict[str, Any], number: int) -> Grid:
        """What already hangs on whom, before and after."""
        exposures = [
            [
                use["dimension_text"],
                use["subject_text"],
                self._sum(use["before_fen"], number),
                self._sum(use["after_fen"], number),
                self._sum(use["limit_fen"], number),
            ]
            for use in one["exposures"]
        ]
        return Grid(
            self._head("exposure", "partner", "before", "after", "most"),
            exposures,
            frozenset({2, 3, 4}),
            widths=(0.2, 0.32, 0.16, 0.16, 0.16),
        )

    def _reason(self, reason: dict[str, Any], number: int) -> int:
        """The number of a reason's own papers; where it names none, of the decision."""
        if not reason["evidence_ids"]:
            return number
        return self.evidence.number(
            ("reason", tuple(reason["evidence_ids"])), reason["text"], reason["evidence_ids"]
        )
