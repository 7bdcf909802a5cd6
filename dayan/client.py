"""A small client of the API: `from dayan import Client`.

    with Client("https://dayan.bank.cn", key) as dayan:
        firm = dayan.find("平湖")[0]["id"]
        dayan.features([firm])          # a pandas frame
        dayan.cashflow(enterprise=firm) # a pandas frame

Answers are JSON objects as OpenAPI describes them, tables are pandas frames, lists that are long are
iterators over all pages, and what is refused is raised as the error tree of `ledger.errors`.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

import httpx

from dayan.client_http import Asker, Json, once
from ledger.errors import Conflict

if TYPE_CHECKING:
    import pandas as pd

Side = Literal["suppliers", "customers"]
#: Where a server that nobody configured stands.
HERE = "http://127.0.0.1:8000"
#: States in which a job has ended.
ENDED = ("done", "failed", "stopped")


class Client:
    """One server, asked with one key (`DAYAN_KEY` where none is given).

    Raises InputError where a key would travel in the clear.
    """

    def __init__(
        self,
        url: str = HERE,
        key: str | None = None,
        *,
        lang: Literal["zh", "en"] = "en",
        timeout: float = 30.0,
        retries: int = 4,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        shown = key or os.environ.get("DAYAN_KEY") or None
        self._asker = Asker(
            url, shown, lang=lang, timeout=timeout, retries=retries, transport=transport, sleep=sleep
        )
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._asker.http.close()

    # Enterprises

    def find(self, text: str, limit: int = 20) -> list[Json]:
        """Enterprises by name, pinyin, initials or code, best matches first: id, name, code."""
        found: list[Json] = self._asker.get("/v1/enterprises", q=text, limit=limit)["items"]
        return found

    def enterprise(self, id_: str) -> Json:
        """All that is known of one enterprise."""
        return self._asker.get(f"/v1/enterprises/{_segment(id_)}")

    def position(self, id_: str) -> Json:
        """Where it stands in its chains, and why."""
        return self._asker.get(f"/v1/enterprises/{_segment(id_)}/position")

    def scores(self, id_: str) -> Json:
        """What it means to its chain and what it hangs on."""
        return self._asker.get(f"/v1/enterprises/{_segment(id_)}/scores")

    def neighbours(self, id_: str, side: Side, limit: int = 40) -> Json:
        """Its largest partners on one side."""
        return self._asker.get(f"/v1/enterprises/{_segment(id_)}/neighbours", side=side, limit=limit)

    def evidence(self, id_: str, partner: str, side: Side) -> Iterator[Json]:
        """The invoices behind a link, latest first."""
        return self._asker.pages(
            f"/v1/enterprises/{_segment(id_)}/evidence", partner=partner, side=side, limit=100
        )

    def receivables(self, id_: str, on: date | None = None) -> "pd.DataFrame":
        """What each buyer owes it, a row an invoice."""
        return _frame(self._asker.pages(f"/v1/enterprises/{_segment(id_)}/receivables", on=on, limit=200))

    def chains(self) -> list[Json]:
        """Every industry chain with its counts."""
        found: list[Json] = self._asker.get("/v1/chains")["items"]
        return found

    def enterprises(self, chain: str, segment: str | None = None) -> Iterator[Json]:
        """The enterprises of a chain or of one segment, largest sales first."""
        return self._asker.pages(f"/v1/chains/{_segment(chain)}/enterprises", segment=segment, limit=200)

    # Services

    def features(
        self, ids: str | Iterable[str], as_of: date | None = None, names: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Features, a row an enterprise, a column each. `attrs["missing"]` holds why a value is null, by
        (enterprise, name); `attrs["versions"]` the feature set and the snapshot."""
        import pandas as pd

        rows: dict[str, Json] = {}
        missing: dict[tuple[str, str], str] = {}
        versions: Json = {}
        for id_ in [ids] if isinstance(ids, str) else ids:
            told = self._asker.get(
                f"/v1/enterprises/{_segment(id_)}/features",
                as_of=as_of,
                names=",".join(names) if names else None,
            )
            rows[id_] = {item["name"]: item["value"] for item in told["items"]}
            missing |= {(id_, i["name"]): i["missing"] for i in told["items"] if i["missing"]}
            versions = {"feature_set": told["feature_set_version"], "snapshot": told["snapshot"]}
        frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("enterprise")
        frame.attrs = {"missing": missing, "versions": versions}
        return frame

    def apply(self, application: Mapping[str, Any]) -> Json:
        """Enter an application: enterprise, product, amount_fen, months, purpose, consent, documents."""
        return self._asker.post("/v1/applications", application)

    def decide(self, application: str, as_of: date | None = None, *, machine_refused: bool = False) -> Json:
        """Decide an application: status, score, pd, limit, rate, reasons, versions."""
        body = {"application": application, "as_of": as_of and as_of.isoformat()}
        return self._asker.post("/v1/credit/decisions", body | {"machine_refused": machine_refused})

    def decision(self, id_: str) -> Json:
        """A decision as it was made, and what people did about it since."""
        return self._asker.get(f"/v1/credit/decisions/{_segment(id_)}")

    def decisions(self, enterprise: str | None = None, status: str | None = None) -> Iterator[Json]:
        """Decisions, the newest first."""
        return self._asker.pages("/v1/credit/decisions", enterprise=enterprise, status=status, limit=100)

    def cashflow(self, **question: Any) -> "pd.DataFrame":
        """Cash to come, a row a step, amounts in fen with tax. One of enterprise, chain and portfolio; step,
        horizon, as_of, opening_fen, levels. `attrs` holds the rest of the answer."""
        told = self._asker.post("/v1/cashflow/forecast", {k: _plain(v) for k, v in question.items()})
        frame = _frame(_step(step) for step in told.pop("items"))
        frame.attrs = told
        return frame

    def matches(self, customer: Mapping[str, Any], **question: Any) -> Json:
        """A plan for idle money: rungs, free money, scenario, risk, shortlist. Yields are scenarios."""
        return self._asker.post(
            "/v1/wealth/matches", {"customer": dict(customer), **{k: _plain(v) for k, v in question.items()}}
        )

    # Documents and jobs

    def upload(self, paths: Iterable[Path], *, build: bool = True) -> Json:
        """Hand in documents; the job that reads them is under `job`."""
        with ExitStack() as opened:
            files = [("files", (path.name, opened.enter_context(path.open("rb")))) for path in paths]
            told = {"build": "true" if build else "false"}
            # Sent again where the answer was lost: under one key it is read once.
            return self._asker.ask("POST", "/v1/documents", files=files, data=told, headers=once())

    def job(self, id_: str) -> Json:
        """One job: its progress, its result, what became of each document."""
        return self._asker.get(f"/v1/jobs/{_segment(id_)}")

    def wait(self, job: str, seconds: float = 600.0) -> Json:
        """The job once it has ended, and the build that it asked for too. Raises Conflict `client_waited`."""
        until = time.monotonic() + seconds
        while True:
            told = self.job(job)
            if told["state"] in ENDED:
                build = (told["result"] or {}).get("build")
                return self.wait(build, until - time.monotonic()) if build else told
            if time.monotonic() > until:
                raise Conflict("client_waited", job=job, seconds=seconds)
            self._sleep(0.3)

    def audit(self, **wanted: Any) -> Iterator[Json]:
        """Entries of the audit chain, oldest first: subject, by, action, since, until."""
        return self._asker.pages("/v1/audit", limit=200, **wanted)


def _segment(id_: str) -> str:
    """An id as one segment of a path: it cannot lead elsewhere."""
    return quote(id_, safe="") if id_ not in ("", ".", "..") else "-"


def _frame(rows: Iterable[Json]) -> "pd.DataFrame":
    """Rows as a frame; what is nested gets a column a value, `buyer.name`."""
    import pandas as pd

    return pd.json_normalize(list(rows))


def _step(step: Json) -> Json:
    """A step of a forecast as one flat row: `inflow_fen`, `inflow_80_low_fen` …"""
    row: Json = {"first": step["first"], "last": step["last"]}
    for name in ("inflow", "outflow", "balance"):
        amount = step[name] or {"expected_fen": None, "intervals": []}
        row[f"{name}_fen"] = amount["expected_fen"]
        for band in amount["intervals"]:
            row[f"{name}_{band['level']}_low_fen"] = band["low_fen"]
            row[f"{name}_{band['level']}_high_fen"] = band["high_fen"]
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
