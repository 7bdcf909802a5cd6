"""Numeric kernels over the mapped graph: compiled, deterministic, ignorant of files and databases.

Every kernel runs without the interpreter's lock and sums in an order that does not depend on the
number of threads, so the same snapshot gives the same bytes on every machine of one kind.
"""
