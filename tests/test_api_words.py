"""Small parts of the API by themselves: the language of an answer, cursors, the memory of answers."""

import threading
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.language import preferred
from api.memo import Memo
from api.paging import Cursor, read_cursor
from api.views.evidence import plain
from ledger.errors import InputError


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("ZH-hans-CN", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("fr, de;q=0.9", "en"),
        ("fr, zh;q=0.1", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=nonsense", "en"),
        ("zh;q=7", "en"),
        ("*", "en"),
    ],
)
def test_the_better_liked_language_is_taken(header, lang):
    assert preferred(header) == lang


def test_the_default_language_holds_where_the_header_names_none():
    assert preferred("fr", "zh") == "zh"
    assert preferred("*", "zh") == "zh"


@given(st.text())
def test_no_header_breaks_it(header):
    assert preferred(header) in ("zh", "en")


keys = st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=2, max_size=2).map(tuple)


@given(keys)
def test_a_cursor_comes_back_as_it_was(key):
    cursor = Cursor("chain", "0123456789abcdef", key)
    assert read_cursor(cursor.text(), "chain", 2) == cursor
    assert cursor.text().replace("-", "").replace("_", "").isalnum()


@given(st.text())
def test_any_other_text_is_refused_as_input(text):
    with pytest.raises(InputError):
        read_cursor(text, "chain", 2)


def test_a_cursor_of_another_list_or_length_is_refused():
    text = Cursor("chain", "0123456789abcdef", (1, 2)).text()
    assert read_cursor(None, "chain", 2) is None
    for listing, count in (("evidence", 2), ("chain", 1)):
        with pytest.raises(InputError):
            read_cursor(text, listing, count)


def test_what_is_worked_out_at_once_by_many_is_worked_out_once():
    memo, made = Memo(2), []

    def make():
        time.sleep(0.05)
        made.append(1)
        return 7

    threads = [threading.Thread(target=lambda: memo.get("a", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_nobody_comes_between_an_entry_worked_out_and_its_keeping():
    memo, made = Memo(2), []

    def make():
        made.append(1)
        return 7

    class Gap:
        """The memory's lock; each time it is let go once something was made, somebody else asks."""

        def __init__(self, lock):
            self.lock, self.asking = lock, False

        def __enter__(self):
            self.lock.acquire()

        def __exit__(self, *_):
            self.lock.release()
            if made and not self.asking:
                self.asking = True
                other = threading.Thread(target=lambda: memo.get("a", make), daemon=True)
                other.start()
                other.join(0.5)
                self.asking = False

    memo._lock = Gap(memo._lock)
    assert memo.get("a", make) == 7
    assert len(made) == 1
    assert memo._guards == {}


def test_after_a_failure_those_who_wait_still_work_in_turn():
    memo, at_once, most = Memo(2), [], []
    begun = threading.Event()

    def make():
        at_once.append(1)
        most.append(len(at_once))
        begun.set()
        time.sleep(0.05)
        at_once.pop()
        if len(most) < 3:
            raise ZeroDivisionError
        return 7

    def ask():
        with suppress(ZeroDivisionError):
            memo.get("a", make)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    begun.wait(5)
    time.sleep(0.07)  # the first has failed, the second works: a newcomer waits too
    ask()
    for thread in threads:
        thread.join()
    assert max(most) == 1


def test_the_memory_forgets_what_was_used_longest_ago():
    memo = Memo(2)
    for key in "abac":
        memo.get(key, lambda key=key: key)
    assert memo.get("a", lambda: "again") == "a"
    assert memo.get("b", lambda: "again") == "again"


def test_a_failure_is_not_remembered():
    memo = Memo(2)
    with pytest.raises(ZeroDivisionError):
        memo.get("a", lambda: 1 // 0)
    assert memo.get("a", lambda: 3) == 3


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=14))
def test_a_decimal_is_written_plainly_and_loses_nothing(value):
    text = plain(value)
    assert type(value)(text) == value
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))
