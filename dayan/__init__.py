"""The face: command line, version, client."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("dayan-graph")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+source"
