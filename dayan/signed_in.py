"""`dayan sessions`: who is signed in with a browser, and ending a session before its time."""

from datetime import timedelta
from typing import Annotated

import typer

from dayan.keys import Data, _me, _settings
from ledger.words import label, message

sessions = typer.Typer(no_args_is_help=True, help="Browser sessions: who is signed in, by key or provider.")


@sessions.command("list")
def list_sessions(data: Data = None) -> None:
    """List the sessions that hold now, without their secrets."""
    from dayan.console import out, table
    from ledger import sessions as kept
    from ledger.state import State

    settings = _settings(data)
    lang, idle = settings.lang, timedelta(minutes=settings.session_idle_minutes)
    found = kept.listed(State(settings.data), idle)
    if not found:
        out.print(message("sessions_none", lang))
        return
    names = ("id", "holder", "role", "method", "seen", "until")
    rows = [
        (
            one.id,
            one.holder,
            label(f"role_{one.role}", lang),
            label(f"session_method_{one.method}", lang),
            f"{one.seen:%Y-%m-%d %H:%M}Z",
            f"{one.until(idle):%Y-%m-%d %H:%M}Z",
        )
        for one in found
    ]
    out.print(table([label(f"session_{name}", lang) for name in names], rows))


@sessions.command("end")
def end(
    session: Annotated[str, typer.Argument(help="Its id, as the list shows it.")], data: Data = None
) -> None:
    """End a session: the next request that shows it is nobody's, in a running server too."""
    from dayan.console import out
    from ledger import sessions as kept
    from ledger.state import State

    settings = _settings(data)
    ended = kept.end_for(State(settings.data), _me(), session)
    told = message("session_ended", settings.lang, holder=ended.holder, session=ended.id)
    out.print(told, markup=False)
