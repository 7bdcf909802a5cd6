"""Who makes a contract: every mention of a party with what stands beside it, mentions of one party joined.

A party is named by words (甲方, 买方, 供方 …). Two words are one party where the paper says so: in brackets
(甲方(买方)), by 以下简称, or by the same name behind both.
"""

import re
from dataclasses import dataclass, field

from extraction.contracts.document import Place
from extraction.contracts.found import Found
from extraction.contracts.lexicon import is_blank, lexicon, plain
from extraction.contracts.lines import Line, Pair, pairs_of, value_below
from extraction.contracts.names import firm_name, looks_like_firm, names_in
from extraction.contracts.numbering import numbered
from extraction.credit_codes import is_credit_code

_CODE = re.compile(r"[0-9A-Z](?:\s?[0-9A-Z]){14,19}", re.IGNORECASE)
_USCC = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<!\d)(?:1[3-9]\d(?:[- ]?\d{4}){2}|400[- ]?\d{3,4}[- ]?\d{3,4}"
    r"|(?:\+?86[- ]?)?(?:\(?0\d{2,3}\)?[- ]?)?\d{7,8}(?:-\d{1,6})?)(?!\d)"
)
_ACCOUNT = re.compile(r"\d(?:[ -]?\d){6,30}")
_ALIAS = re.compile(
    r"(?:以下|下文|下|后)?\s{0,8}(?:统?简?\s{0,8}称|称为|称之为|统称)(?:为|:|之为)?\s{0,8}[“\"'‘「『]?\s{0,8}([^”\"'’」』()\s,。、]{2,8})"
)
_NAMED_AS = re.compile(r"[(\[【]([^()\[\]【】]{2,40})[)\]】]|作为([\u4e00-\u9fff]{2,4})(?=[,与和、的(])")
_QUOTES = re.compile(r"[:、“”\"']")
_ACCOUNT_OF = re.compile(r"(?:账户|帐户|账号|帐号|开票|收款|银行|户名|付款)(?:信息|资料|如下|指定)?")
#: Attributes that go with a party, and how the value is cut out.
_PLAIN = ("address", "representative", "agent", "bank", "account_name")


@dataclass
class Mention:
    """One party as far as the paper tells: the words for it, and its names and attributes as found."""

    roles: set[str] = field(default_factory=set)
    names: list[Found[str]] = field(default_factory=list)
    details: dict[str, Found[str]] = field(default_factory=dict)
    first: Place = field(default_factory=Place)

    @property
    def name(self) -> Found[str] | None:
        """The name it carries most often; the first of equals."""
        if not self.names:
            return None
        count = {f.value: sum(o.value == f.value for o in self.names) for f in self.names}
        firms = [f for f in self.names if looks_like_firm(f.value)] or self.names
        return max(firms, key=lambda f: count[f.value])

    @property
    def side(self) -> str | None:
        """seller or buyer where a word for it says so."""
        known = lexicon().roles
        sides = [known[r] for r in self.roles if known[r] != "neutral"]
        if not sides or len(set(sides)) > 1:
            return None
        return sides[0]

    def take(self, key: str, found: Found[str]) -> None:
        """Note an attribute, unless it is already known."""
        self.details.setdefault(key, found)

    def absorb(self, other: "Mention") -> None:
        """Join another mention of the same party."""
        self.roles |= other.roles
        self.names += other.names
        for key, found in other.details.items():
            self.details.setdefault(key, found)


def mentions_of(lines: list[Line]) -> list[Mention]:
    """The parties of a paper, mentions of one party joined."""
    gather = _Gather()
    for index, line in enumerate(lines):
        gather.line(lines, index, line)
    for line in lines:
        _in_prose(line, gather)
    return _joined(list(gather.parties.values()))


@dataclass
class _Gather:
    """Walks the lines and knows whose attributes follow."""

    parties: dict[str, Mention] = field(default_factory=dict)
    current: list[tuple[str, float]] = field(default_factory=list)  # role, column
    row: int = -1

    def of(self, role: str) -> Mention:
        """The party that a word names."""
        return self.parties.setdefault(role, Mention({role}))

    def line(self, lines: list[Line], index: int, line: Line) -> None:
        """Take what one line says."""
        pairs = pairs_of(line)
        if not pairs and numbered(line.text)[0] in (0, 1, 2) and not line.cell:
            self.current = []
        if bare := _only_role(line.text):
            self._turn_to(bare, line, line.source.left_of(line.offset) if line.source.marks else line.column)
        for pair in pairs:
            if pair.word in lexicon().roles:
                self._role(pair, lines, index, pair is pairs[-1])
            elif pair.keys:
                self._attribute(pair)
        self._bare_codes(line)
        if not pairs and (found := _speaks_of_account(line.text)):
            self.current = [(found, 0.0)]

    def _bare_codes(self, line: Line) -> None:
        """Credit codes without a label we know: they go with the name before them, else with the party
        whose column they stand in. The check digit tells them from other numbers."""
        for match in _USCC.finditer(line.text):
            code = match[0].upper()
            if not is_credit_code(code) or code in {f.value for f in self._codes()}:
                continue
            before = line.text[: match.start()]
            named = [(before.rfind(f.value), p) for p in self.parties.values() for f in p.names]
            near = max((at for at, _ in named), default=-1)
            party = next((p for at, p in named if at == near), None) if near >= 0 else None
            if party is None and (role := self._at(line.source.left_of(line.offset + match.start()))):
                party = self.of(role)
            if party is not None and "code" not in party.details:
                place = line.place(match.start(), match.end())
                party.take("code", Found(code, match[0], place, "prose"))

    def _codes(self) -> list[Found[str]]:
        return [p.details["code"] for p in self.parties.values() if "code" in p.details]

    def _turn_to(self, role: str, line: Line, column: float) -> None:
        if line.row == self.row and any(role == r for r, _ in self.current):
            return
        beside = line.row == self.row and self.current
        self.current = [*self.current, (role, column)] if beside else [(role, column)]
        self.row = line.row

    def _role(self, pair: Pair, lines: list[Line], index: int, last: bool) -> None:
        party = self.of(pair.word)
        self._turn_to(pair.word, pair.line, pair.column)
        value, line, start = pair.value, pair.line, pair.start
        _aliases(party, pair.bracket, pair.word)
        if not value and last:
            below = value_below(lines, index)
            if below and looks_like_firm(firm_name(below[0])):
                value, line, start = below[0], below[1], below[1].text.index(below[0])
        for match in re.finditer(r"[(\[【]([^()\[\]【】]*)[)\]】]", value):
            _aliases(party, match[0], pair.word)
        if name := firm_name(value):
            way = "label" if looks_like_firm(name) else "prose"
            party.names.append(Found(name, value, line.place(start, start + len(value)), way))

    def _attribute(self, pair: Pair) -> None:
        role = pair.role or self._at(pair.column)
        if not role or is_blank(pair.value):
            return
        party = self.of(role)
        for key in pair.keys:
            _detail(party, key, pair)

    def _at(self, column: float) -> str:
        """The party in whose column a value stands."""
        left = [(c, role) for role, c in self.current if c <= column + 20.0 * (c > 20) + 0.01]
        if left:
            return max(left)[1]
        return self.current[0][0] if self.current else ""


def _detail(party: Mention, key: str, pair: Pair) -> None:
    """One attribute of a party, cut out of its value."""
    value, place = pair.value, pair.place
    if key == "name":
        name = firm_name(value)
        if name and looks_like_firm(name):
            party.names.append(Found(name, value, place))
    elif key == "code":
        if found := _CODE.search(value):
            party.take("code", Found("".join(found[0].split()).upper(), value, place))
    elif key in ("phone", "account"):
        pattern = _PHONE if key == "phone" else _ACCOUNT
        if found := pattern.search(value):
            party.take(key, Found(found[0].strip(), value, place))
    elif key in ("bank_account", "address_phone"):
        _both(party, key, value, place)
    elif key in _PLAIN:
        party.take(key, Found(value.split("\t")[0].strip(), value, place))


def _both(party: Mention, key: str, value: str, place: Place) -> None:
    """Two attributes in one value: bank and account, address and telephone."""
    first, second, pattern = (
        ("bank", "account", _ACCOUNT) if key == "bank_account" else ("address", "phone", _PHONE)
    )
    found = list(pattern.finditer(value))
    if found:
        rest = value[: found[-1].start()].strip(" ,;、:/账帐号电话")
        party.take(second, Found(found[-1][0], value, place))
        value = rest
    if value:
        party.take(first, Found(value, value, place))


def _only_role(text: str) -> str:
    word = plain(text).strip(":")
    word = re.sub(r"[(\[【].*?[)\]】]", "", word)
    return word if word in lexicon().roles else ""


def _speaks_of_account(text: str) -> str:
    """The party whose account or invoice details a line announces: 乙方收款账户信息如下."""
    for match in lexicon().role.finditer(text):
        if _ACCOUNT_OF.search(text[match.end() : match.end() + 12]) and len(text) < 60:
            return plain(match[0])
    return ""


def _aliases(party: Mention, bracket: str, own: str) -> None:
    """Other words for the party that a bracket tells: (买方、定作方), (以下简称“甲方”)."""
    for match in lexicon().role.finditer(bracket):
        if plain(match[0]) != own:
            party.roles.add(plain(match[0]))


def _in_prose(line: Line, gather: _Gather) -> None:
    """Names bound to a word for a party inside a sentence: A公司(以下简称“甲方”)与B公司(下称乙方)."""
    text, after = line.text, 0
    for match in _NAMED_AS.finditer(text):
        alias = _ALIAS.search(match[1] or "")
        role = _QUOTES.sub("", plain(alias[1] if alias else match[1] or match[2]))
        if role not in lexicon().roles:
            continue
        names = [(s, n) for s, n in names_in(text[: match.start()]) if s >= after]
        beside = [(s, n) for s, n in names if s + len(n) >= match.start() - 1]
        found = beside[-1:] or (names[:1] if alias else [])  # …公司, 注册地址为 … (以下简称“买方”)
        after = match.end()
        for start, name in found:
            gather.of(role).names.append(Found(name, name, line.place(start, start + len(name)), "prose"))


def _joined(parties: list[Mention]) -> list[Mention]:
    """Mentions with a word, a name or a code in common as one party."""
    made: list[Mention] = []
    for party in parties:
        same = [o for o in made if o.roles & party.roles]
        for other in same:
            party.absorb(other)
            made.remove(other)
        made.append(party)
    again = True
    while again:
        again = False
        for one in made:
            twin = next((o for o in made if o is not one and _same(one, o)), None)
            if twin is not None:
                one.absorb(twin)
                made.remove(twin)
                again = True
                break
    return made


def _same(one: Mention, other: Mention) -> bool:
    """One name, or one code, and no word that tells them apart."""
    if one.side and other.side and one.side != other.side:
        return False
    if {"甲方", "乙方"} <= one.roles | other.roles:
        return False
    names = {f.value for f in one.names} & {f.value for f in other.names}
    codes = [m.details["code"].value for m in (one, other) if "code" in m.details]
    return bool(names) or (len(codes) == 2 and codes[0] == codes[1])
