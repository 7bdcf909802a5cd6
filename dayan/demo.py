"""`dayan demo`: a synthetic economy, generated, read, built and served; a second run reuses what stands."""

import json
from pathlib import Path
from typing import Any

from api.settings import Settings
from dayan.building import build_and_tell
from dayan.console import out, steps
from dayan.reading import read_into
from dayan.serving import serve as serve_pages
from ledger.errors import Conflict
from ledger.ledger import Ledger
from ledger.words import message
from seeds.economy import generate


def run(settings: Settings, enterprises: int, links: int, *, serve: bool = True) -> None:
    """Make whatever of the demo does not stand yet, then serve it."""
    folder = settings.data / "economy"
    wanted = {"enterprises": enterprises, "links": links}
    _refuse_real_data(settings)
    if _made(folder) != wanted:
        with steps(settings.lang) as step:
            step("generating", enterprises=f"{enterprises:,}", links=f"{links:,}")
            generate(
                folder,
                enterprises,
                links,
                progress=lambda word, done, total: step("making", word=word, done=done, total=total),
            )
        _mark(folder, wanted)
    if not _read_already(settings, wanted):
        read_into(settings, [folder / "documents"], None)
        _mark(settings.data / "run", wanted)
    build_and_tell(settings)
    if serve:
        serve_pages(settings, lambda url: _tell_story(folder, url, settings.lang))


def _refuse_real_data(settings: Settings) -> None:
    """A folder that holds a real document never gets synthetic ones beside it."""
    documents = Ledger(settings.data).documents()
    if not documents.is_empty() and not documents["synthetic"].fill_null(False).all():
        raise Conflict("demo_beside_real", folder=str(settings.data))


def _read_already(settings: Settings, wanted: dict[str, int]) -> bool:
    return _made(settings.data / "run") == wanted and not Ledger(settings.data).documents().is_empty()


def _made(folder: Path) -> Any:
    """Which demo a folder holds, complete; None when it holds none or half of one."""
    try:
        return json.loads((folder / "demo.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _mark(folder: Path, wanted: dict[str, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "demo.json.part"
    partial.write_text(json.dumps(wanted), "utf-8")
    partial.replace(folder / "demo.json")


def _tell_story(folder: Path, url: str, lang: str) -> None:
    story = json.loads((folder / "economy.json").read_text("utf-8")).get("story", {})
    if story:
        link = f"{url}/map/nev?enterprise={story['code']}"
        out.print(message("demo_story", lang, name=story["name"], url=link), soft_wrap=True)
