"""`dayan keys` and `dayan audit`: making and ending keys, verifying and exporting the audit chain."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.words import label, message

if TYPE_CHECKING:
    from api.settings import Settings
    from ledger.audit import Checked

keys = typer.Typer(no_args_is_help=True, help="Keys to the API: whoever holds one may ask what its role may.")
audit = typer.Typer(no_args_is_help=True, help="The audit chain: who read and decided what.")
Data = Annotated[Path | None, typer.Option("--data", help="The data folder (default ./dayan-data).")]


@keys.command("make")
def make(
    holder: Annotated[str, typer.Argument(help="Whose it is; two keys of one holder are one person.")],
    role: Annotated[
        str, typer.Option(help="analyst, credit, wealth, reviewer, approver, admin or owner.")
    ] = "analyst",
    firm: Annotated[
        list[str] | None,
        typer.Option(help="Bind it to this firm (id, code or name); may come more than once."),
    ] = None,
    portfolio: Annotated[str | None, typer.Option(help="Bind it to the firms of this portfolio.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Only this scope of the role; may come more than once.")
    ] = None,
    days: Annotated[int, typer.Option(help="Days that it holds.")] = 90,
    rate: Annotated[float | None, typer.Option(help="Requests that it may send in a second.")] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    data: Data = None,
) -> None:
    """Make a key and show it, this once. From the first key on every request needs one."""
    from api.roles import check
    from dayan.console import err, out
    from dayan.target import private_folder
    from ledger import access
    from ledger.state import State

    settings = _settings(data)
    private_folder(settings.data)
    state = State(settings.data)
    parties = tuple(_firm(settings, one) for one in firm) if firm else None
    wanted = access.NewKey(
        holder, role, tuple(scope) if scope else None, parties, portfolio, days, rate, note
    )
    check(wanted)
    first = access.count(state) == 0
    _, text = access.make(state, _me(), wanted)
    err.print(message("key_made", settings.lang, key=""), markup=False)
    out.print(text, markup=False, soft_wrap=True)
    if first and settings.local_user == "until_keys":
        err.print(message("key_made_first", settings.lang), markup=False)


@keys.command("list")
def list_keys(data: Data = None) -> None:
    """List the keys that were made, without their secrets."""
    from dayan.console import out, table
    from ledger import access
    from ledger.state import State

    settings = _settings(data)
    lang = settings.lang
    found = access.listed(State(settings.data), 10_000)
    if not found:
        out.print(message("keys_none", lang))
        return
    heads = [label(f"key_{name}", lang) for name in ("id", "holder", "role", "state", "expires", "rows")]
    rows = [
        (
            f"dy_{key.id}",
            key.holder,
            label(f"role_{key.role}", lang),
            label(f"key_{key.state()}", lang),
            key.expires[:10],
            key.portfolio or ", ".join(key.parties or ()) or label("key_rows_all", lang),
        )
        for key in found
    ]
    out.print(table(heads, rows))


@keys.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="Its id: the twelve characters after dy_.")], data: Data = None
) -> None:
    """End a key: the next request that shows it is refused, in a running server too."""
    from dayan.console import out
    from ledger import access
    from ledger.state import State

    settings = _settings(data)
    ended = access.revoke(State(settings.data), _me(), key.removeprefix("dy_").partition("_")[0])
    out.print(message("key_ended", settings.lang, key=ended.id), markup=False)


@audit.command("seal")
def seal_chain(
    anew: Annotated[
        bool, typer.Option("--anew", help="Seal what there is although it is not what was sealed.")
    ] = False,
    data: Data = None,
) -> None:
    """Print the seal of the chain's length, a line to be kept where nobody who writes here can reach."""
    from dayan.console import out
    from ledger import audit as chain
    from ledger.state import State

    seal = chain.seal(State(_settings(data).data), _me(), anew=anew)
    out.print(seal.line(), markup=False, soft_wrap=True)


@audit.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="An export of the whole chain; none: ours.")] = None,
    head: Annotated[str | None, typer.Option(help="A head kept elsewhere that must be in it.")] = None,
    seal: Annotated[
        Path | None, typer.Option(help="A file of seals kept elsewhere, each of which must hold.")
    ] = None,
    data: Data = None,
) -> None:
    """Work the audit chain out again. Ends with exit code 0 only when it holds, is as long as was sealed,
    and holds `--head` and `--seal`."""
    from dayan.console import out
    from ledger import audit as chain
    from ledger import seals
    from ledger.state import State

    settings = _settings(data)
    kept = seals.read(seal.read_text("utf-8")) if seal else []
    lines = file.read_text("utf-8").splitlines() if file else None
    if lines is not None:
        found = chain.verify_lines(lines, head, kept)
    else:
        found = chain.check(State(settings.data), head, kept)
    for line in _told(found, head or (kept[-1].head if kept else None), settings.lang):
        out.print(line, markup=False, soft_wrap=True)
    if not found.holds:
        raise typer.Exit(1)


@audit.command("export")
def export(
    path: Annotated[Path, typer.Argument(help="The file to write: JSON lines, the oldest first.")],
    data: Data = None,
) -> None:
    """Write the whole chain to a file that `dayan audit verify FILE` checks alone. The export is entered."""
    from api.views.access import audit_lines
    from dayan.console import out
    from ledger import audit as chain
    from ledger.state import State

    settings = _settings(data)
    state = State(settings.data)
    head = chain.note(state, _me(), "audit_exported", "*")
    count = 0
    with path.open("wb") as file:
        for lines in audit_lines(state, chain.Chosen()):
            file.write(lines)
            count += lines.count(b"\n")
    told = message("audit_written", settings.lang, entries=f"{count:,}", path=path, head=head)
    out.print(told, markup=False, soft_wrap=True)


def _told(found: "Checked", head: str | None, lang: str) -> Iterator[str]:
    if found.broken_at is not None:
        yield message("audit_broken", lang, number=found.broken_at)
        return
    yield message("audit_holds", lang, entries=f"{found.entries:,}", head=found.head)
    if not found.holds_head:
        yield message("audit_head_gone", lang, head=head)
    if found.sealed is not None:
        yield message("audit_length_holds" if found.sealed else "audit_not_sealed", lang)


def _firm(settings: "Settings", named: str) -> str:
    """The id of the enterprise with this id, code or name. Raises NotFound."""
    import polars as pl

    from graph.snapshot import open_snapshot
    from ledger.errors import NotFound

    firms = open_snapshot(settings.data).enterprises
    found = firms.filter((pl.col("id") == named) | (pl.col("code") == named) | (pl.col("name") == named))
    if found.height != 1:
        raise NotFound("key_firm_unknown", firm=named)
    return str(found["id"][0])


def _settings(data: Path | None) -> "Settings":
    from api.settings import load_settings

    return load_settings(data=data)


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return "local"
