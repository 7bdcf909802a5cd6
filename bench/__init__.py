"""Benchmarks: each module measures one thing and has `run(data)`, which returns its figures.

`seconds` is wall time with everything compiled, best of three; GB = 10⁹ bytes, the peak of the
whole process tree; CPU time and load average stand beside them.
"""
