"""The command line: `dayan ingest`, `build`, `serve` and the rest. Each command reads like a sentence.

Imports of heavy rooms happen inside the commands, so that `dayan --help` answers at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dayan.cashing import cashflow
from dayan.crediting import credit
from dayan.keys import audit, keys
from dayan.lending import loans, receivables
from dayan.signed_in import sessions
from ledger.errors import DayanError, InputError
from ledger.words import message

if TYPE_CHECKING:
    from api.settings import Settings
    from dayan.target import Target

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(credit, name="credit")
app.add_typer(keys, name="keys")
app.add_typer(sessions, name="sessions")
app.add_typer(audit, name="audit")
app.add_typer(loans, name="loans")
app.command()(receivables)
app.command()(cashflow)
core = typer.Typer(no_args_is_help=True, help="Core enterprises: the buyers a chain hangs on.")
app.add_typer(core, name="core")

Processes = Annotated[
    int | None,
    typer.Option(min=0, help="Processes that read; 0: one for each core, once that is worth starting them."),
]
Data = Annotated[Path | None, typer.Option("--data", help="The data folder (default ./dayan-data).")]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    """Dayan reads a small business's papers and finds its place in the industry chain."""
    if version:
        from dayan import __version__

        typer.echo(__version__)
        raise typer.Exit()


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Files and folders: ledgers, e-invoices, zips of them.")
    ],
    data: Data = None,
    errors: Annotated[
        Path | None, typer.Option(help="Write rejected rows and warnings with their reasons here.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Tax number of whose books those ledgers are that do not say it."),
    ] = None,
    processes: Processes = None,
) -> None:
    """Read documents into the ledger. Ends with exit code 0 only when something was read now or was known
    already. Ctrl-C stops it; the same command again goes on."""
    from dayan.reading import read_into
    from dayan.target import private_folder

    settings = _settings(data, processes=processes)
    private_folder(settings.data)
    if not read_into(settings, paths, errors, owner):
        raise typer.Exit(1)


@app.command()
def read(
    paths: Annotated[list[Path], typer.Argument(help="Documents, folders or zips of them.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a document, a line each.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every value and row, not the first.")] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Also the names and figures in its running text.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Names also from your own model: sends the text to DAYAN_LLM_URL.")
    ] = False,
    data: Data = None,
) -> None:
    """Show what a document says and why it is believed; nothing is stored."""
    from dayan.showing import show

    settings = _settings(data)
    if not show(settings, paths, as_json=json, everything=everything, names=names, ask=ask):
        raise typer.Exit(1)


@app.command()
def withdraw(
    document: Annotated[str, typer.Argument(help="Its name, or its SHA-256 or the first eight digits.")],
    data: Data = None,
) -> None:
    """Take a document back: its facts no longer exist."""
    from dayan.console import out
    from dayan.judging import note_withdrawal
    from ledger.ledger import Ledger

    settings = _settings(data)
    names = Ledger(settings.data).withdraw(document)
    note_withdrawal(settings.data, document, names)
    for name in names:
        out.print(message("withdrawn", settings.lang, name=name), markup=False)


@app.command()
def reread(data: Data = None, processes: Processes = None) -> None:
    """Read the kept originals anew where a reader has become better since."""
    from dayan.reading import reread_all

    reread_all(_settings(data, processes=processes))


@app.command()
def compact(data: Data = None) -> None:
    """Tidy the ledger: merge small files and drop what no document owns any more."""
    from dayan.console import out
    from ledger.ledger import Ledger

    settings = _settings(data)
    dropped = sum(Ledger(settings.data).compact().values())
    out.print(message("compacted", settings.lang, rows=f"{dropped:,}"))


@app.command()
def build(
    data: Data = None,
    force: Annotated[bool, typer.Option(help="Build even when nothing has changed.")] = False,
) -> None:
    """Build the graph from the ledger and publish it."""
    from dayan.building import build_and_tell

    build_and_tell(_settings(data), force=force)


@app.command()
def serve(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The port; when taken, the next free one.")] = None,
) -> None:
    """Serve the API and the pages on this machine."""
    from dayan.serving import serve as run

    run(_settings(data, port=port))


@app.command()
def work(
    data: Data = None,
    attached: Annotated[
        bool, typer.Option("--attached", help="End when standard input closes: how `serve` runs it.")
    ] = False,
) -> None:
    """Do the jobs of this data folder: what was handed in through the API. `serve` runs one by itself."""
    from dayan.target import private_folder
    from dayan.work import attend

    settings = _settings(data)
    private_folder(settings.data)
    attend(settings, attached=attached)


@app.command()
def mcp(
    http: Annotated[bool, typer.Option("--http", help="Over HTTP on this machine.")] = False,
    port: Annotated[int | None, typer.Option(help="The port; when taken, the next free one.")] = None,
    data: Data = None,
) -> None:
    """Serve the API as tools for agents (MCP), with the key in DAYAN_KEY or the request's own."""
    from dayan.agents import run

    run(_settings(data, port=port), http)


@app.command()
def demo(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The port; when taken, the next free one.")] = None,
    enterprises: Annotated[int, typer.Option(help="Size of the synthetic economy.")] = 20_000,
    links: Annotated[int, typer.Option(help="Supply links in it.")] = 100_000,
    serve: Annotated[bool, typer.Option(help="Serve when the graph stands.")] = True,
) -> None:
    """Generate a synthetic economy, read its documents, build its graph and serve it."""
    from dayan.demo import run
    from dayan.target import private_folder

    settings = _settings(data, port=port)
    private_folder(settings.data)
    run(settings, enterprises, links, serve=serve)


@app.command()
def status(data: Data = None) -> None:
    """Say what the ledger and the published graph hold."""
    from dayan.state import show

    show(_settings(data))


@core.command("add")
def core_add(
    enterprise: Annotated[str, typer.Argument(metavar="CODE_OR_NAME")],
    chain: Annotated[str, typer.Option(help="The chain that hangs on it.")],
    data: Data = None,
    why: Annotated[str, typer.Option(help="A word for those who come later.")] = "",
) -> None:
    """Name a core enterprise of a chain; levels count from it."""
    from dayan.console import out
    from dayan.judging import add_core

    settings = _settings(data)
    add_core(_target(settings), enterprise, chain, why)
    out.print(message("core_added", settings.lang, party=enterprise, chain=chain), markup=False)


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(help="A statement of cypher/; none lists them.")] = None,
    param: Annotated[list[str] | None, typer.Option(help="A parameter as k=v.")] = None,
    data: Data = None,
) -> None:
    """Run one of the saved Cypher queries and print a table."""
    from dayan.asking import run

    run(_settings(data), name, param or [])


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="Where to: .graphml .gexf .html .xlsx, or a folder for CSV.")],
    data: Data = None,
    chain: Annotated[str | None, typer.Option(help="Only this chain.")] = None,
    around: Annotated[
        str | None, typer.Option(help="Only what surrounds this enterprise (id, code, name).")
    ] = None,
    hops: Annotated[int, typer.Option(help="How far around it.", min=1, max=4)] = 2,
    limit: Annotated[int, typer.Option(help="At most so many enterprises in a drawing.", min=1)] = 2_000,
    format: Annotated[str | None, typer.Option(help="graphml, gexf, csv, xlsx or html.")] = None,
) -> None:
    """Export the graph for other tools."""
    from dayan.exporting import run

    run(_settings(data), path, chain=chain, around=around, hops=hops, limit=limit, format=format)


@app.command("train-names")
def train_names(
    folder: Annotated[Path, typer.Option("--out", help="The folder for the model and its card.")],
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Marked sentences (JSON lines); none: generated.")
    ] = None,
    recipe: Annotated[
        str, typer.Option(help="small: one CRF for papers; voting: three, for news and the like.")
    ] = "small",
    seed: Annotated[int, typer.Option(help="Seed of the generator and of the training.")] = 1,
) -> None:
    """Train a model that finds names in prose, and measure it on sentences held out."""
    from dayan.naming import train_names as run

    run(folder, data or [], recipe, seed, _settings().lang)


@app.command()
def train(
    name: Annotated[str, typer.Argument(help="positions, links or credit.")],
    data: Data = None,
    labels: Annotated[
        Path | None, typer.Option(help="Seats (code, segment) or loans (code, booked_on, defaulted): a file.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of what is hidden and of the training.")] = 1,
    use: Annotated[bool, typer.Option(help="Use it from the next build on, if it beats its rival.")] = True,
    out: Annotated[Path | None, typer.Option(help="Write it into this folder and register nothing.")] = None,
) -> None:
    """Train a model on the published graph, measure it and its rivals, and keep it with a card."""
    from dayan.lessons import train as run

    run(_settings(data), name, labels, seed, use=use, out_folder=out)


@app.command()
def evaluate(
    name: Annotated[str, typer.Argument(help="positions, links or credit.")],
    data: Data = None,
    version: Annotated[str | None, typer.Option(help="A version; none: the one in use.")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Seats (code, segment) or loans (code, booked_on, defaulted): a file.")
    ] = None,
) -> None:
    """Measure a model on today's graph, and say what has moved since it was trained."""
    from dayan.lessons import evaluate as run

    run(_settings(data), name, version, labels)


@app.command()
def models(data: Data = None) -> None:
    """List the models, how good each is and what it is measured against."""
    from dayan.lessons import show_models

    show_models(_settings(data))


@app.command()
def features(
    enterprise: Annotated[str | None, typer.Argument(help="Its id, code or full name.")] = None,
    data: Data = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day, e.g. 2025-06-30; none: the data cut-off.")
    ] = None,
    names: Annotated[str | None, typer.Option(help="Features, parted by commas; none: all.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write all enterprises' into this .parquet or .csv.")
    ] = None,
) -> None:
    """Show what is known of an enterprise as of a day, or write all enterprises' features into a table."""
    from dayan.featuring import run

    run(_settings(data), enterprise, as_of, names, out)


@app.command()
def wealth(
    enterprise: Annotated[str, typer.Argument(help="Its id, code or full name.")],
    level: Annotated[str, typer.Option(help="Risk level of the customer: C1 to C5.")],
    assessed: Annotated[str, typer.Option(help="Who assessed it and when: desk@2025-09-01.")],
    data: Data = None,
    days: Annotated[int, typer.Option(min=7, max=365, help="Days to look ahead.")] = 180,
    opening: Annotated[str | None, typer.Option(help="Balance in yuan; none: of statements.")] = None,
    professional: Annotated[bool, typer.Option(help="A declared professional investor.")] = False,
    shelf: Annotated[Path | None, typer.Option(help="Products (CSV, YAML); none: synthetic ones.")] = None,
) -> None:
    """Plan a firm's idle money: how much in what until when, and what may go wrong."""
    from dayan.placing import run

    run(_settings(data), enterprise, level, assessed, days, opening, professional, shelf)


@app.command()
def doctor(data: Data = None) -> None:
    """Say what is missing or wrong on this machine, and how to mend it."""
    from dayan.doctor import examine

    if not examine(_settings(data)):
        raise typer.Exit(1)


def _settings(data: Path | None = None, **overrides: object) -> "Settings":
    from api.settings import load_settings

    return load_settings(data=data, **overrides)


def _target(settings: "Settings") -> "Target":
    from dayan.target import target_of

    return target_of(settings)


def main() -> None:
    """Entry point: errors are told in the user's language, never as a traceback."""
    try:
        app()
    except DayanError as error:
        from dayan.console import tell

        try:
            lang = _settings().lang
        except InputError:
            lang = "en"
        tell(error, lang)
        raise SystemExit(2 if isinstance(error, InputError) else 1) from None
