"""Who asks, as an answer: what the pages decide by."""

from datetime import timedelta

from api import rows
from api.asking import Asking
from api.models import Named
from api.models_session import BoundTo, Method, SessionAnswer, SignInWay
from api.principal import LOCAL_USER, NOBODY, Principal
from api.views.enterprises import current_id
from graph.snapshot import Snapshot
from ledger import portfolios
from ledger.errors import NotFound
from ledger.sessions import Session
from ledger.state import State
from ledger.words import label


def told(asked: Asking, who: Principal, session: Session | None, signed_out: str | None) -> SessionAnswer:
    """`who` asks, with `session` where a browser's stands behind them."""
    snapshot, settings, known = asked.snapshot_or_none, asked.data.settings, who != NOBODY
    idle = timedelta(minutes=settings.session_idle_minutes)
    methods: list[Method] = ["key", "oidc"] if settings.oidc_issuer else ["key"]
    role = "local_user" if who == LOCAL_USER else who.role and f"role_{who.role}"
    return SessionAnswer(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        signed_in=known,
        local_user=who == LOCAL_USER,
        session=session is not None,
        signed_out=signed_out,
        name=who.name if known else None,
        role=who.role,
        role_text=label(role, asked.lang) if role else None,
        scopes=sorted(who.scopes),
        operations=None if (served := rows.served(who)) is None else sorted(served),
        outside=rows.is_outside(who),
        enterprises=None if who.parties is None else _firms(snapshot, who.parties),
        portfolio=None if who.portfolio is None else _portfolio(asked.data.state, who.portfolio),
        synthetic=snapshot is not None and snapshot.synthetic,
        methods=[SignInWay(method=way, text=label(f"sign_in_{way}", asked.lang)) for way in methods],
        expires_at=session.until(idle) if session else None,
        ends_at=session.ends if session else None,
    )


def _firms(snapshot: Snapshot | None, parties: tuple[str, ...]) -> list[BoundTo]:
    """The enterprises that the parties belong to now, each once; a party that is in none stands alone."""
    if snapshot is None:
        return [BoundTo(id=party, name=None) for party in parties]
    found = dict.fromkeys(
        party if snapshot.index_of(party) is not None else current_id(snapshot, party) or party
        for party in parties
    )
    rows = {id_: snapshot.index_of(id_) for id_ in found}
    names = snapshot.enterprises["name"]
    return [BoundTo(id=id_, name=None if row is None else str(names[row])) for id_, row in rows.items()]


def _portfolio(state: State, id_: str) -> Named:
    with state.reading() as connection:
        try:
            return Named(id=id_, name=portfolios.portfolio(connection, id_).name)
        except NotFound:
            return Named(id=id_, name=id_)
