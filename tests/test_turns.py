"""Turns: so many at once and no more, the earliest due first, and none lost when a request fails."""

import time
from threading import Event, Lock, Thread

import pytest

from api.turns import DUE_S, Kind, Turns


def waiting(turns: Turns, number: int) -> None:
    """Until `number` requests wait."""
    deadline = time.monotonic() + 5
    while turns.waiting < number:
        assert time.monotonic() < deadline, f"{turns.waiting} of {number} wait"
        time.sleep(0.001)


def asked_in_this_order(turns: Turns, kinds: list[Kind]) -> list[Kind]:
    """The order in which `kinds`, asked one after the other while somebody computes, get their turns."""
    computes, done = Event(), Event()
    order: list[Kind] = []

    def compute() -> None:
        with turns.turn(0):
            computes.set()
            done.wait(5)

    def ask(kind: Kind) -> None:
        with turns.turn(DUE_S[kind]):
            order.append(kind)

    threads = [Thread(target=compute)]
    threads[0].start()
    assert computes.wait(5)
    for number, kind in enumerate(kinds, 1):
        threads.append(Thread(target=ask, args=(kind,)))
        threads[-1].start()
        waiting(turns, number)
    done.set()
    for thread in threads:
        thread.join(5)
    return order


def test_what_is_due_first_goes_first():
    order = asked_in_this_order(Turns(1), ["match", "decision", "features", "forecast", "features"])
    assert order == ["features", "features", "decision", "forecast", "match"]


def test_who_waits_long_is_overtaken_by_nobody(monkeypatch):
    # A match asked three seconds ago is due before anything that is asked now.
    now, turns = time.monotonic(), Turns(1)
    clock = iter([now - 3.0, *(now + at / 1000 for at in range(3))])
    monkeypatch.setattr("api.turns.clock", lambda: next(clock))
    assert asked_in_this_order(turns, ["match", "features", "decision"]) == ["match", "features", "decision"]


@pytest.mark.parametrize("at_once", [1, 2])
def test_no_more_than_so_many_compute_at_once(at_once):
    turns, lock, now, most = Turns(at_once), Lock(), 0, 0

    def compute() -> None:
        nonlocal now, most
        for _ in range(20):
            with turns.turn(0.1):
                with lock:
                    now += 1
                    most = max(most, now)
                time.sleep(0.0005)
                with lock:
                    now -= 1

    threads = [Thread(target=compute) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (most, now, turns.waiting) == (at_once, 0, 0)


def test_a_request_that_fails_gives_its_turn_on():
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="bad"), turns.turn(0.1):
            raise ValueError("bad")
    assert asked_in_this_order(turns, ["decision"]) == ["decision"]
