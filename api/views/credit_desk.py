"""What the credit routes do for one request: the desk over the pinned snapshot, as one caller sees it."""

import json
from dataclasses import asdict, replace
from datetime import date
from functools import cached_property
from typing import Any

from api import models_credit as told
from api import models_credit_desk as office
from api.asking import Asking
from api.hiding import own_decision
from api.models_owner import Offer
from api.paging import Cursor, read_cursor
from api.views import credit as views
from api.views.offer import offer
from api.views.sources import sourced
from ledger import audit, credit, credit_lists, offers
from ledger.errors import DayanError, NotFound
from services.credit import monitoring
from services.credit.desk import Asked, Desk, Review
from services.credit.offers import Word, answer_offer
from services.credit.policy import challengers, champion
from services.credit.prepared import Prepared
from services.credit.rooms import Rooms
from services.lending.booking import acceptance_needed
from services.lending.policy import policy_on

_RULE = ("code", "kind", "effect", "source", "reread")
APPLICATIONS, DECISIONS = "applications", "decisions"


class Counter:
    """The desk as one caller sees it."""

    def __init__(self, asked: Asking) -> None:
        self._asked = asked

    @cached_property
    def rooms(self) -> Rooms:
        """Worked out once for a snapshot and what the ledger holds."""
        return self._asked.data.credit_rooms(self._asked.snapshot)

    @property
    def prepared(self) -> Prepared:
        """Indexes over the snapshot."""
        return self.rooms.prepared

    @cached_property
    def desk(self) -> Desk:
        """The desk over the pinned snapshot."""
        return Desk(self.prepared, self.rooms, self._asked.data.state)

    def apply(self, said: told.ApplicationAsked, key: str | None) -> told.Application:
        """Take in an application."""
        self._asked.partner(said.enterprise)
        for paper in said.documents:
            self._asked.paper(paper)
        consent = credit.Consent(
            text=said.consent.text,
            scope=tuple(said.consent.scope),
            purpose=said.consent.purpose,
            given_on=said.consent.given_on,
            until=said.consent.until,
        )
        wish = Asked(
            party=said.enterprise,
            product=said.product,
            amount_fen=said.amount_fen,
            months=said.months,
            purpose=said.purpose,
            consent=consent,
            documents=tuple(said.documents),
            entered_as="owner" if self._asked.outside else "bank",
        )
        return self._application(self.desk.apply(wish, self._asked.by, key))

    def applications(
        self, enterprise: str | None, state: str | None, limit: int, cursor: str | None
    ) -> told.Applications:
        """A page of applications."""
        after = read_cursor(cursor, APPLICATIONS, 1)
        with self._asked.data.state.reading() as connection:
            found = credit.applications(
                connection,
                parties=self._parties(enterprise),
                state=state,
                before=after.key[0] if after else None,
                limit=limit + 1,
            )
        items = [self._application(one) for one in found[:limit]]
        self._asked.listed(item.enterprise.id for item in items)
        return told.Applications(
            snapshot=self._asked.snapshot.id,
            as_of=self._asked.snapshot.as_of,
            items=items,
            total=len(items),
            next=self._next(APPLICATIONS, found, limit),
        )

    def application(self, id_: str) -> told.Application:
        """One application. Raises NotFound, also for one of a firm that the caller may not see."""
        with self._asked.data.state.reading() as connection:
            found = credit.application(connection, id_)
        self._seen(found.party, NotFound("application_not_found", application=id_))
        return self._application(found)

    def withdraw(self, id_: str) -> told.Application:
        """Withdraw an application."""
        self.application(id_)
        return self._application(self.desk.withdraw(id_, self._asked.by))

    def withdraw_consent(self, id_: str) -> told.Application:
        """Take the consent of an application back."""
        self.application(id_)
        return self._application(self.desk.withdraw_consent(id_, self._asked.by))

    def offer(self, id_: str) -> Offer:
        """What a decision offers today. Raises Conflict."""
        found, snapshot = self._found(id_), self._asked.snapshot
        with self._asked.data.state.reading() as connection:
            offers.check_offered(connection, found, self.desk.today())
        return offer(found, snapshot.id, snapshot.as_of, self.desk.today(), self._asked.lang)

    def decide(self, said: told.DecisionAsked, key: str | None) -> told.Decision:
        """Decide an application."""
        self.application(said.application)
        how = {"as_of": said.as_of, "machine_refused": said.machine_refused}
        return self._decision(self.desk.decide(said.application, self._asked.by, key, **how))

    def decisions(
        self, enterprise: str | None, status: str | None, limit: int, cursor: str | None
    ) -> told.Decisions:
        """A page of decisions."""
        after = read_cursor(cursor, DECISIONS, 1)
        with self._asked.data.state.reading() as connection:
            found = credit.decisions(
                connection,
                parties=self._parties(enterprise),
                status=status,
                before=after.key[0] if after else None,
                limit=limit + 1,
            )
        items = [views.summary(one, self.prepared, self._asked.lang) for one in found[:limit]]
        self._asked.listed(item.enterprise.id for item in items)
        return told.Decisions(
            snapshot=self._asked.snapshot.id,
            as_of=self._asked.snapshot.as_of,
            items=items,
            total=len(items),
            next=self._next(DECISIONS, found, limit),
        )

    def decision(self, id_: str) -> told.Decision:
        """One decision. Raises NotFound, also for one about a firm that the caller may not see."""
        return self._decision(self._found(id_))

    def replay(self, id_: str) -> told.Replay:
        """A decision worked out again."""
        found = self._found(id_)
        again, same = self.desk.replay(id_)
        if self._asked.outside:
            again = json.dumps(own_decision(json.loads(again)))
        return views.replay(
            found, (again, same), self.prepared, self.desk.today(), self._asked.lang, self._since(found)
        )

    def object_to(self, id_: str, said: told.ObjectionAsked) -> told.Decision:
        """Note an objection."""
        self._found(id_)
        return self._decision(self.desk.object_to(id_, said.why, self._asked.by))

    def review(self, id_: str, said: told.ReviewAsked) -> told.Decision:
        """Note a person's decision."""
        self._found(id_)
        review = Review(said.status, said.limit_fen, said.reason, said.why)
        return self._decision(self.desk.review(id_, review, self._asked.by))

    def answer_offer(self, id_: str, said: offers.Said, wish: told.AcceptanceAsked) -> told.Decision:
        """Note what the customer says to an offer; everybody but the owner says how they know."""
        self._found(id_)
        word = Word(said, wish.amount_fen, wish.method, not self._asked.outside, wish.why)
        answer_offer(self._asked.data.state, id_, word, self._asked.by, self.desk.today())
        return self._decision(self._found(id_))

    def policies(self) -> office.Policies:
        """Policies in force today."""
        day = self.desk.today()
        held = (champion(day), *challengers(day))
        items = [
            office.PolicyTold(
                **{n: getattr(one, n) for n in ("version", "role", "since", "until", "body")},
                approve_below=one.approve_below,
                decline_from=one.decline_from,
                knock_outs=[
                    office.RuleTold(
                        **sourced({n: getattr(r, n) for n in _RULE}, self._asked.lang), values=list(r.values)
                    )
                    for r in one.knock_outs
                ],
            )
            for one in held
        ]
        return office.Policies(**self._head(), items=items, total=len(items))

    def take_list(self, said: office.ListAsked) -> office.ListTaken:
        """Import a list. Raises InputError naming the rows that cannot stand."""
        entries, by = credit_lists.read_csv(said.csv, said.name), self._asked.by
        with self._asked.data.state.writing() as connection:
            new = credit_lists.keep(connection, entries, by)
            told: dict[str, Any] = {"entries": len(entries), "new": new}
            audit.append(connection, by, "lists_imported", said.name, **told)
        return office.ListTaken(**self._head(), **told)

    def appeal(self, id_: str, said: office.AppealAsked) -> office.Listing:
        """Note what came of an appeal."""
        by = self._asked.by
        with self._asked.data.state.writing() as connection:
            entry = credit_lists.appeal(connection, id_, said.outcome, said.why)
            audit.append(connection, by, "listing_appealed", id_, outcome=said.outcome)
        return office.Listing(**self._head(), **asdict(entry))

    def monitoring(self, since: date) -> office.Monitoring:
        """How decisions from a day on differ from those before."""
        with self._asked.data.state.reading() as connection:
            rows = monitoring.decided(connection, self.prepared)
        told = monitoring.report(rows, since.isoformat(), self.rooms.model().names)
        return office.Monitoring.model_validate({**self._head(), **told})

    def _head(self) -> dict[str, Any]:
        return {"snapshot": self._asked.snapshot.id, "as_of": self._asked.snapshot.as_of}

    def _found(self, id_: str) -> credit.Decision:
        with self._asked.data.state.reading() as connection:
            found = credit.decision(connection, id_)
        self._seen(found.party, NotFound("decision_not_found", decision=id_))
        return found

    def _seen(self, party: str, otherwise: DayanError) -> None:
        """Note that a firm was read, where the caller may see it; else raises `otherwise`."""
        try:
            self._asked.partner(party)
        except NotFound:
            if self._asked.who.bound:
                raise otherwise from None

    def _parties(self, enterprise: str | None) -> tuple[str, ...] | None:
        """Parties whose rows a list shows: those of one firm, or of all that the caller may see."""
        if enterprise is not None:
            return self.prepared.parties_of(self._asked.partner(enterprise))
        mask = self._asked.visible
        if mask is None:
            return None
        return tuple(party for firm in mask.nonzero()[0] for party in self.prepared.parties_of(int(firm)))

    def _next(
        self, listing: str, found: list[credit.Application] | list[credit.Decision], limit: int
    ) -> str | None:
        if len(found) <= limit:
            return None
        return Cursor(listing, self._asked.snapshot.id, (found[limit - 1].number,)).text()

    def _application(self, found: credit.Application) -> told.Application:
        with self._asked.data.state.reading() as connection:
            made = credit.decision_on(connection, found.id)
            said = offers.answer_to(connection, made.id) if made else None
        return views.application(found, made.id if made else None, self.prepared, self._asked.lang, said)

    def _since(self, found: credit.Decision) -> views.Since:
        with self._asked.data.state.reading() as connection:
            said = offers.answer_to(connection, found.id)
            entered_as = credit.application(connection, found.application).entered_as
        return views.Since(said, acceptance_needed(entered_as, policy_on(self.desk.today())))

    def _decision(self, found: credit.Decision) -> told.Decision:
        if self._asked.outside:
            found = replace(found, answer=json.dumps(own_decision(json.loads(found.answer))))
        return views.decision(found, self.prepared, self.desk.today(), self._asked.lang, self._since(found))
