"""A taken port gives the next free one; the demo never mixes with real data and reuses what stands."""

import socket
from pathlib import Path

import pytest

from api.settings import load_settings
from dayan import demo
from dayan.serving import TRIES, bind
from ledger.errors import Conflict
from ledger.ledger import Ledger, Load


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        listener, found = bind("127.0.0.1", port)
        with listener:
            assert port < found < port + TRIES
            with socket.create_connection(("127.0.0.1", found), timeout=5):
                pass


def test_when_none_is_free_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr("dayan.serving.TRIES", 1)
        with pytest.raises(Conflict):
            bind("127.0.0.1", taken.getsockname()[1])


def test_the_demo_does_not_go_beside_real_data(tmp_path: Path) -> None:
    Ledger(tmp_path).commit([Load("ab" * 32, "real.csv", b"x", "t", 1, {}, rows=1, facts=0)])
    with pytest.raises(Conflict, match="real data"):
        demo.run(load_settings(data=tmp_path), 1_000, 4_000, serve=False)
    assert not (tmp_path / "economy").exists()


@pytest.mark.slow
def test_half_a_demo_is_made_again_and_a_whole_one_kept(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)
    (tmp_path / "economy" / "documents").mkdir(parents=True)  # a generator that was killed
    demo.run(settings, 1_000, 4_000, serve=False)
    first = (tmp_path / "economy" / "economy.json").stat().st_mtime_ns
    readings = Ledger(tmp_path).documents()
    demo.run(settings, 1_000, 4_000, serve=False)
    assert (tmp_path / "economy" / "economy.json").stat().st_mtime_ns == first
    assert Ledger(tmp_path).documents().equals(readings)
