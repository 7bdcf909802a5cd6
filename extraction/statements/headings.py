"""Where the header of a table stands, and what its columns are: by headings first, then by patterns."""

from dataclasses import dataclass, field

from extraction.sheet import Sheet
from extraction.statements.vocabulary import Role, plain, words

#: A kind is asked in this order: the sharper first.
KINDS = ("bills", "merchant", "account")


#: Columns of an account, which a merchant's bill has not.
_ACCOUNTS = ("balance", "flag", "in", "out")


@dataclass(frozen=True)
class Header:
    """A header found: its kind, its last row (index into the sheet's head), how many rows it spans, its
    cells joined, and role → columns. `either`: columns that are the owner's or the other side's."""

    kind: str
    last: int
    rows: int
    cells: tuple[str, ...]
    roles: dict[str, list[int]]
    either: dict[str, list[int]] = field(default_factory=dict)

    def has(self, role: str) -> bool:
        """Whether some column has that role."""
        return role in self.roles


def find_header(sheet: Sheet) -> Header | None:
    """The row (or two rows, one above the other) near the top that explains most columns; None when the
    table is of no kind we know."""
    head, best = sheet.head, None
    for index, row in enumerate(head):
        if sum(1 for cell in row if cell.strip()) < 3:
            continue
        for cells, last, rows in _spellings(head, index):
            header = read_header(cells, last, rows)
            if header and (best is None or _weight(header) > _weight(best)):
                best = header
    return best


def read_header(cells: list[str], last: int = 0, rows: int = 1) -> Header | None:
    """The header that these cells are, None when they are none."""
    if sum(1 for c in cells if sum(map(str.isdigit, c)) >= 4) > 1:
        return None  # values, not headings
    keys = [plain(c) if len(c) < 60 else "" for c in cells]
    if any(k in words().never for k in keys) and not _is_account(keys):
        return None
    for kind in KINDS:
        roles = roles_of(kind, keys)
        if _meets(kind, roles):
            if kind == "merchant" and any(r in roles_of("account", keys) for r in _ACCOUNTS):
                continue
            either = {
                role: [i for i, k in enumerate(keys) if k in known and not _taken(roles, i)]
                for role, known in words().either.items()
            }
            return Header(kind, last, rows, tuple(cells), roles, {r: c for r, c in either.items() if c})
    return None


def roles_of(kind: str, keys: list[str]) -> dict[str, list[int]]:
    """Role → columns, for headings in plain form."""
    roles: dict[str, list[int]] = {}
    free = [i for i, key in enumerate(keys) if key]
    table = words().roles[kind]
    either = set().union(*words().either.values()) if kind == "account" else set()
    for role in table:
        hits = [i for heading in role.headings for i in free if keys[i] == heading]
        _take(role, hits, roles, free)
    for role in table:
        if role.like is not None and (role.many or role.name not in roles):
            hits = [i for i in free if keys[i] not in either and role.like.search(keys[i])]
            _take(role, hits, roles, free)
    return roles


def _take(role: Role, hits: list[int], roles: dict[str, list[int]], free: list[int]) -> None:
    if not hits:
        return
    taken = hits if role.many else hits[:1]
    roles.setdefault(role.name, []).extend(taken)
    for column in taken:
        if column in free:
            free.remove(column)


def _spellings(head: list[list[str]], index: int) -> list[tuple[list[str], int, int]]:
    """The cells of a header of one row, and of two rows where merged cells stand above."""
    row = head[index]
    found = [(row, index, 1)]
    if index + 1 < len(head):
        below = head[index + 1]
        if any(c.strip() for c in below) and not any(sum(map(str.isdigit, c)) >= 4 for c in below):
            found.append((_stacked(row, below), index + 1, 2))
    return found


def _stacked(above: list[str], below: list[str]) -> list[str]:
    """Two rows of a header as one: a merged cell above reaches over the empty ones beside it."""
    cells, reach = [], ""
    for i in range(max(len(above), len(below))):
        top = above[i].strip() if i < len(above) else ""
        low = below[i].strip() if i < len(below) else ""
        reach = top or (reach if low else "")
        cells.append(low if low and plain(low) == plain(reach) else f"{reach}{low}")
    return cells


def _meets(kind: str, roles: dict[str, list[int]]) -> bool:
    return all(any(all(r in roles for r in option) for option in group) for group in words().needs[kind])


def _is_account(keys: list[str]) -> bool:
    """Whether headings can be nothing but an account's, whatever else a bank adds to them."""
    roles = roles_of("account", keys)
    return {"date", "balance", "account"} <= roles.keys() and bool({"amount", "out", "in"} & roles.keys())


def _taken(roles: dict[str, list[int]], column: int) -> bool:
    return any(column in columns for columns in roles.values())


def _weight(header: Header) -> tuple[int, int]:
    """More columns explained first; of two equal ones the header of one row."""
    return sum(len(c) for c in header.roles.values()), -header.rows
