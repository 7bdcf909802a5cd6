"""What a measurement counts: children too, and only what happened inside."""

import subprocess
import sys
import time

import numpy as np
import pytest

from bench.analytics import _generate, run
from bench.measure import Measure


def test_memory_and_cpu_of_a_child_are_counted():
    code = "import time; b = bytearray(300_000_000); t = time.time()\nwhile time.time() < t + 1: pass"
    with Measure() as idle:
        time.sleep(0.1)
    with Measure() as busy:
        subprocess.run([sys.executable, "-c", code], check=True)
    assert busy.peak_gb > idle.peak_gb + 0.25
    assert busy.cpu_seconds > 0.1 + idle.cpu_seconds
    assert busy.seconds > 1


def test_what_was_freed_before_is_not_counted():
    held = np.ones(50_000_000)
    with Measure() as full:
        time.sleep(0.05)
    del held
    with Measure() as freed:
        time.sleep(0.05)
    assert full.peak_gb > freed.peak_gb + 0.3


@pytest.mark.slow
def test_the_bench_runs_on_a_snapshot_of_its_own_form(tmp_path):
    _generate(tmp_path, 1_000, 5_000)
    figures = run(tmp_path)
    assert figures["enterprises"] == 1_000
    assert figures["links"] == 5_000
    assert figures["depth_settled"]
    assert {"seconds", "peak_gb", "cpu_seconds", "load"} <= set(figures)
