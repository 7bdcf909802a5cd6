"""Cash flow with and without one buyer paying late, side by side."""

from api.asking import Asking
from api.models import Named
from api.models_cashflow import CashflowQuestion, CashForecast
from api.models_report import LatePayment, LateQuestion, LateStep
from api.views import cashflow as views
from services.cashflow.ground import ground_of
from services.cashflow.late import late_ground
from services.cashflow.outlook import outlook_of
from services.cashflow.path import Asked as Drawn
from services.cashflow.receivable import noted_firms


def late_payment(asked: Asking, question: LateQuestion) -> LatePayment:
    """The answer. Raises InputError where the buyer has no dealings with the enterprise, NotFound."""
    snapshot = asked.snapshot
    firm, buyer = asked.partner(question.enterprise), asked.counterparty(question.buyer)
    ground = ground_of(snapshot, asked.ledger, None)
    wanted = CashflowQuestion.model_validate(
        {**question.model_dump(include={"enterprise", "step", "horizon", "opening_fen"}), "levels": [80]}
    )
    days = (views.steps_of(ground, wanted)[-1][1] - ground.as_of).days
    drawn = Drawn(days=days, noted=noted_firms(snapshot, asked.ledger), telling=False)
    names = snapshot.enterprises["name"]
    whose = views.Whose("enterprise", snapshot.id_of(firm), str(names[firm]), [firm])

    def told(late: int) -> CashForecast:
        changed = late_ground(ground, firm, buyer, late)
        return views.cash_forecast(
            changed, outlook_of(changed, [firm], drawn, question.opening_fen), whose, wanted, asked.lang
        )

    usual, late = told(0), told(question.days)
    return LatePayment(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        enterprise=Named(id=snapshot.id_of(firm), name=str(names[firm])),
        buyer=Named(id=snapshot.id_of(buyer), name=str(names[buyer])),
        days=question.days,
        step=question.step,
        items=[
            LateStep(
                first=one.first,
                last=one.last,
                usual_inflow_fen=one.inflow.expected_fen,
                late_inflow_fen=other.inflow.expected_fen,
                usual_balance_fen=one.balance.expected_fen if one.balance else None,
                late_balance_fen=other.balance.expected_fen if other.balance else None,
            )
            for one, other in zip(usual.items, late.items, strict=True)
        ],
        opening_fen=usual.opening_fen,
        usual_shortfall=usual.shortfall,
        late_shortfall=late.shortfall,
        basis=usual.basis,
        scenarios=usual.scenarios,
    )
