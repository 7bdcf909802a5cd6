"""The collector's pace while documents are read, and after."""

import gc

import pytest

from extraction.seldom import seldom_collected


def test_the_pace_is_put_back_also_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="x"), seldom_collected():
        assert gc.get_threshold()[0] > before[0]
        raise ValueError("x")
    assert gc.get_threshold() == before
