"""Everything that can go wrong and be told to a person, as one small tree.

DayanError
├── InputError          400  a value, option or file that cannot be used as given
│   ├── FileUnreadable  422  a whole file that cannot be read (empty, encrypted, broken, too large)
│   └── UnsafeFile      422  a file that tries to do harm (bombs, paths that escape, external entities)
├── NotFound            404  the thing asked for is not here
├── Conflict            409  the state of the data does not allow it
│   └── Busy            423  somebody else is doing it now
├── NotKnown            401  nobody knows the caller: no key, no session, or one that does not hold
├── Forbidden           403  the caller may not (host, origin, scope)
├── TooMany             429  the caller asks more often than it may; `seconds` says when again
├── MissingExtra        501  an optional package is not installed
├── EndpointFailed      502  a service of the user's own (language model, sign-in) gives no usable answer
└── StoreUnavailable    503  the graph store does not answer

An error carries a stable `code`; its sentence comes from `ledger/words.yaml` in the reader's
language. Nothing here formats HTTP: `status` is the only thing the API has to know.
"""

from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, ClassVar

from ledger.words import message


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one value: where it stands, what it says and why that fails.

    `row` counts from 1 as a person sees it in the file; 0 means the file as a whole.
    """

    code: str
    file: str = ""
    row: int = 0
    field: str = ""
    value: str = ""
    params: dict[str, Any] = default(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """The problem as a sentence in `lang` (`zh` or `en`)."""
        return message(self.code, lang, **{**self.params, "field": self.field, "value": self.value})


class DayanError(Exception):
    """Root of the tree. `code` names the sentence, `params` fill it, `problems` give details."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, problems: tuple[Problem, ...] = (), **params: Any) -> None:
        self.code, self.params, self.problems = code, params, tuple(problems)
        super().__init__(self.text("en"))

    def __reduce__(self) -> tuple[Any, ...]:
        """An error that a process of its own ran into is told by the one that started it."""
        return _again, (type(self), self.code, self.problems, self.params)

    def text(self, lang: str = "en") -> str:
        """The error as a sentence in `lang` (`zh` or `en`)."""
        return message(self.code, lang, **self.params)


def _again(kind: type[DayanError], code: str, problems: tuple[Problem, ...], params: Any) -> DayanError:
    return kind(code, problems, **params)


class InputError(DayanError):
    """A value, option or file that cannot be used as given."""

    status = 400


class FileUnreadable(InputError):
    """A whole file that cannot be read; `file` is always among the params."""

    status = 422


class UnsafeFile(InputError):
    """A file that tries to do harm: bombs, escaping paths, external entities."""

    status = 422


class NotFound(DayanError):
    """The thing asked for is not here."""

    status = 404


class Conflict(DayanError):
    """The state of the data does not allow it."""

    status = 409


class Busy(Conflict):
    """Somebody else is doing it now; try again later."""

    status = 423


class NotKnown(DayanError):
    """Nobody knows the caller: no key, or one that does not hold."""

    status = 401


class Forbidden(DayanError):
    """The caller may not: wrong host, origin or scope."""

    status = 403


class TooMany(DayanError):
    """The caller asks more often than it may; `seconds` among the params says when it may again."""

    status = 429


class MissingExtra(DayanError):
    """An optional package is not installed; `extra` names the one to install."""

    status = 501


class EndpointFailed(DayanError):
    """A service of the user's own (language model, sign-in) does not answer, or not as it was asked."""

    status = 502


class StoreUnavailable(DayanError):
    """The graph store does not answer."""

    status = 503
