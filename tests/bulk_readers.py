"""Readers that go wrong in every way a reader can, for processes that are to outlive them."""

import os
import signal
import time
from pathlib import Path

import polars as pl

from extraction.rows import Facts, facts_frame
from extraction.source import Source
from ledger.ids import stable_id


class OrderReader:
    """Does what the document says: `good N`, `raise`, `panic`, `die`, `sleep`, `grow`, `die once PATH`."""

    name = "order"
    version = 1

    def recognises(self, source: Source) -> bool:
        return source.data.startswith(b"order ")

    def facts(self, source: Source) -> Facts:
        what = source.data.decode().split()[1:]
        match what:
            case ["raise"]:
                raise ValueError("a bug that nobody foresaw")
            case ["panic"]:
                raise Panic("a bug of an extension module")
            case ["die"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case ["die", "once", path] if not Path(path).exists():
                Path(path).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            case ["sleep"]:
                time.sleep(600)
            case ["grow"]:
                kept = [bytes(b"x" * (64 << 20)) for _ in range(12)]
                time.sleep(600)
                del kept
            case ["slow", *_]:
                time.sleep(0.05)
            case ["slower", *_]:
                time.sleep(0.4)
        row = {
            "row": 1,
            "fact": stable_id("test", source.data.decode()),
            "kind": "OWNS",
            "src": "a",
            "dst": "b",
        }
        return Facts({"relations": facts_frame("relations", pl.DataFrame([row]))}, 1, 0, 0, self.name, 1)


class Panic(BaseException):
    """What extension modules raise: no Exception."""
