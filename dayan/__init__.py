"""The face: command line, version, client."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dayan.client import Client as Client

__all__ = ["Client", "__version__"]

try:
    __version__ = version("dayan-graph")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+source"


def __getattr__(name: str) -> Any:
    """`Client`, imported when somebody asks for it: the command line never does."""
    if name == "Client":
        from dayan.client import Client

        return Client
    raise AttributeError(name)
