"""Trained models on disk: a folder each, named by its content, with a card that says what it is good for.

    DATA/models/<name>/
    ├── CURRENT                  version in use, replaced atomically
    └── <version>/               16 hex digits of the hash of all that follows; never changed
        ├── model.json           format, version, kind, features, spec, seed, what it saw, SHA-256 of files
        ├── weights.safetensors
        ├── metrics.json         the headline figure and others
        ├── ablations.json       the same figures of simpler rivals
        ├── CARD.md              all of it in plain words, Chinese and English
        └── …                    what else a kind needs

Models that come with the package lie in the same form under `gnn/shipped/<name>/`. What stands here holds
no clock, path or random id: the same training gives the same version.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from filelock import FileLock
from numpy.typing import NDArray
from safetensors.numpy import load as tensors_of
from safetensors.numpy import save as bytes_of

from gnn.registry.card import card
from gnn.registry.files import flush, put, replace_text
from ledger.errors import Conflict, DayanError, InputError, NotFound
from ledger.words import label

#: Bumped when an older program could no longer read what is written.
FORMAT = 1
SHIPPED = Path(__file__).parents[1] / "shipped"
WEIGHTS = "weights.safetensors"
Figures = Mapping[str, float]


@dataclass(frozen=True)
class Seen:
    """What a model was trained on: id of the snapshot, the day it was cut at, whether it is invented."""

    snapshot: str
    as_of: date
    synthetic: bool
    firms: int
    links: int


@dataclass(frozen=True)
class Trained:
    """A model to be registered.

    `model`: what its code needs beside the weights, as JSON knows it (`gnn.models.Model.about()`), spec and
    seed in it; `features`: key of a label → number of columns; `metrics`: figures on what it never saw,
    higher is better, `headline` the one that counts, over `samples`; `ablations`: the same figures by rival,
    `rival` the simplest that makes sense; figures and rivals have labels `figure_…` and `ablation_…`;
    `purpose` and `never`: codes of sentences, what it is for and must not be used for; `files`: more files.
    """

    kind: str
    model: Mapping[str, Any]
    weights: Mapping[str, NDArray[Any]]
    features: Mapping[str, int]
    seed: int
    seen: Seen
    metrics: Figures
    headline: str
    samples: int
    ablations: Mapping[str, Figures]
    rival: str
    purpose: str
    never: tuple[str, ...]
    libraries: tuple[str, ...] = ("numpy",)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def better(self) -> bool:
        """Whether it beats its simplest rival."""
        return self.metrics[self.headline] > self.ablations[self.rival][self.headline]


@dataclass(frozen=True)
class Registered:
    """A model read back, every byte of it checked. `about`: model.json; `metrics`, `ablations` as written."""

    folder: Path
    about: dict[str, Any]
    metrics: dict[str, Any]
    ablations: dict[str, Any]
    weights: dict[str, NDArray[Any]]

    @property
    def better(self) -> bool:
        """Whether it beats its simplest rival."""
        rival = self.ablations["figures"][self.ablations["rival"]]
        return bool(self.metrics["figures"][self.metrics["headline"]] > rival[self.metrics["headline"]])


def register(folder: Path, name: str, trained: Trained) -> str:
    """Write the model under folder/models/<name>/ and return its version; it is not promoted.

    The same model again is the same version. InputError for a name that is no plain word.
    """
    home = _home(folder, name)
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / ".lock"):
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
        try:
            version = write_model(making, name, trained)
            put(making, home / version)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return version


def write_model(folder: Path, name: str, trained: Trained) -> str:
    """The files of a model straight into `folder`, as they are shipped; returns the version."""
    folder.mkdir(parents=True, exist_ok=True)
    metrics = {"headline": trained.headline, "samples": trained.samples, "figures": dict(trained.metrics)}
    ablations = {"rival": trained.rival, "figures": {k: dict(v) for k, v in trained.ablations.items()}}
    weights = {key: np.ascontiguousarray(value) for key, value in sorted(trained.weights.items())}
    files = {
        **trained.files,
        WEIGHTS: bytes_of(weights),
        "metrics.json": _json(metrics),
        "ablations.json": _json(ablations),
        "CARD.md": card(name, trained).encode(),
    }
    if "model.json" in files or any("/" in file or file.startswith(".") for file in files):
        raise ValueError("files of a model lie beside model.json under plain names")
    body = {"name": name, **_body(trained), "files": {k: _digest(files[k]) for k in sorted(files)}}
    version = _version(body)
    for file, content in {**files, "model.json": _json({"version": version, **body})}.items():
        flush(folder / file, content)
    return version


def load(folder: Path, name: str, version: str | None = None) -> Registered:
    """The model of that version, None: the promoted one. NotFound when there is none.

    Conflict when a newer program wrote it or a byte differs from its hash.
    """
    home = _home(folder, name)
    wanted = version or current(folder, name)
    if wanted is None:
        raise NotFound("model_none", name=name)
    if not re.fullmatch("[0-9a-f]{16}", wanted) or not (home / wanted / "model.json").is_file():
        raise NotFound("model_not_found", name=name, version=wanted)
    found = read_model(home / wanted)
    if found.about["version"] != wanted:
        raise Conflict("model_damaged", name=name, file="model.json")
    return found


def shipped(name: str, folder: Path = SHIPPED) -> Registered:
    """The model of that name that comes with the package. NotFound when there is none; Conflict as `load`."""
    home = folder / _plain(name)
    if not (home / "model.json").is_file():
        raise NotFound("model_none", name=name)
    return read_model(home)


def in_use(folder: Path, name: str) -> Registered:
    """The promoted model of the user's own, else the shipped one. NotFound when there is neither."""
    return load(folder, name) if current(folder, name) else shipped(name)


def read_model(folder: Path) -> Registered:
    """A model's folder, wherever it lies; every file is read and checked. Conflict as `load`."""
    about = _parsed(folder, "model.json")
    if not isinstance(about.get("format"), int) or about["format"] > FORMAT:
        raise Conflict("model_newer", name=folder.name, format=about.get("format"))
    body = {key: value for key, value in about.items() if key != "version"}
    if about.get("version") != _version(body) or not isinstance(about.get("files"), dict):
        raise Conflict("model_damaged", name=folder.name, file="model.json")
    content = {}
    for file, wanted in about["files"].items():
        try:
            content[file] = (folder / Path(file).name).read_bytes()
        except OSError:
            raise Conflict("model_damaged", name=folder.name, file=file) from None
        if _digest(content[file]) != wanted:
            raise Conflict("model_damaged", name=folder.name, file=file)
    metrics, ablations = (json.loads(content[file]) for file in ("metrics.json", "ablations.json"))
    return Registered(folder, about, metrics, ablations, tensors_of(content[WEIGHTS]))


def current(folder: Path, name: str) -> str | None:
    """The promoted version, None when there is none."""
    with suppress(FileNotFoundError):
        return (_home(folder, name) / "CURRENT").read_text("utf-8").strip() or None
    return None


def promote(folder: Path, name: str, version: str, even_so: bool = False) -> None:
    """Make a version the one in use; a reader sees the old one or the new one.

    Conflict when it does not beat its simplest rival, unless `even_so`; as `load` when it is not whole.
    """
    if not load(folder, name, version).better and not even_so:
        raise Conflict("model_not_better", name=name, version=version)
    home = _home(folder, name)
    with FileLock(home / ".lock"):
        replace_text(home / "CURRENT", version + "\n")


def models(folder: Path, with_shipped: Path | None = SHIPPED) -> pl.DataFrame:
    """Every model: name, version, place (own or shipped), current, kind, as_of, snapshot, synthetic, figure,
    value, rival, rival_value, better, problem (code of a sentence where it cannot be used, else null)."""
    rows = [_row(place, home, folder) for place, home in _folders(folder, with_shipped)]
    text = dict.fromkeys(("name", "version", "place"), pl.String) | {"current": pl.Boolean}
    said = {**dict.fromkeys(("kind", "as_of", "snapshot"), pl.String), "synthetic": pl.Boolean}
    figures = {"figure": pl.String, "value": pl.Float64, "rival": pl.String, "rival_value": pl.Float64}
    schema = pl.Schema({**text, **said, **figures, "better": pl.Boolean, "problem": pl.String})
    return pl.DataFrame(rows, schema=schema, orient="row")


def _folders(folder: Path, with_shipped: Path | None) -> Iterator[tuple[str, Path]]:
    yield from (("own", p.parent) for p in sorted((folder / "models").glob("[a-z0-9]*/[0-9a-f]*/model.json")))
    if with_shipped is not None:
        yield from (("shipped", p.parent) for p in sorted(with_shipped.glob("[a-z0-9]*/model.json")))


def _row(place: str, home: Path, folder: Path) -> dict[str, Any]:
    name, version = (home.parent.name, home.name) if place == "own" else (home.name, None)
    used = place == "own" and current(folder, name) == version
    row: dict[str, Any] = {"name": name, "version": version, "place": place, "current": used}
    try:
        found = load(folder, name, version) if place == "own" else read_model(home)
    except DayanError as error:
        return {**row, "problem": error.code}
    about, head, rival = found.about, found.metrics["headline"], found.ablations["rival"]
    return {
        **row,
        "version": about["version"],
        "kind": about["kind"],
        **{key: about["saw"][key] for key in ("as_of", "snapshot", "synthetic")},
        "figure": head,
        "value": found.metrics["figures"][head],
        "rival": rival,
        "rival_value": found.ablations["figures"][rival][head],
        "better": found.better,
    }


def _body(trained: Trained) -> dict[str, Any]:
    """model.json without name, version and hashes. KeyError when a feature has no label."""
    seen = trained.seen
    return {
        "format": FORMAT,
        "kind": trained.kind,
        "seed": trained.seed,
        "saw": {
            "snapshot": seen.snapshot,
            "as_of": seen.as_of.isoformat(),
            "synthetic": seen.synthetic,
            "firms": seen.firms,
            "links": seen.links,
        },
        "features": [
            {"name": key, "columns": columns, "zh": label(key, "zh"), "en": label(key, "en")}
            for key, columns in trained.features.items()
        ],
        # The part of a version after + says how a wheel was built, not what it computes.
        "libraries": {package: version_of(package).split("+")[0] for package in sorted(trained.libraries)},
        "purpose": trained.purpose,
        "never": list(trained.never),
        "model": dict(trained.model),
    }


def _home(folder: Path, name: str) -> Path:
    return folder / "models" / _plain(name)


def _plain(name: str) -> str:
    """A name may come from a stranger's request: it must not leave the folder."""
    if not re.fullmatch("[a-z0-9][a-z0-9_-]{0,63}", name):
        raise InputError("model_name", name=name)
    return name


def _parsed(folder: Path, file: str) -> dict[str, Any]:
    try:
        found = json.loads((folder / file).read_text("utf-8"))
    except (OSError, ValueError):
        raise Conflict("model_damaged", name=folder.name, file=file) from None
    if not isinstance(found, dict):
        raise Conflict("model_damaged", name=folder.name, file=file)
    return found


def _version(body: Mapping[str, Any]) -> str:
    return _digest(_json(body))[:16]


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
