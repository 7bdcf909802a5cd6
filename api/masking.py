"""Numbers of people hidden in answers to callers without the scope `personal:read`.

What was read is masked when it is read; this is the second lock, for what readers keep because a
bank needs it (accounts, telephones of firms) and for what somebody wrote into a free text.
"""

import json
import re

from extraction.personal import masked_text

_QUOTED = r'"(?:[^"\\]|\\.)*"'
#: A text of JSON, with the key before it where it has one; amounts and counts are no texts and stay.
_TEXT = re.compile(rf"(?:({_QUOTED}):\s?)?({_QUOTED})")
_LONG = re.compile(r"(?:[0-9０-９][^0-9A-Za-z０-９]{0,2}){10}[0-9０-９]")
#: Keys of our own ids, some of which are all digits.
_OURS = frozenset(f'"{name}"' for name in ("id", "enterprise", "party", "partner", "fact", "sha256", "next"))

#: Texts that are ids of ours whatever stands before them: of a link, or 16 hex digits not all of them 0 to 9.
_ID = re.compile(r'"(?:[A-Z_]{4,20}:[0-9a-f]{16}:[0-9a-f]{16}|(?=[0-9]*[a-f])[0-9a-f]{16})"')


def masked_json(body: bytes) -> bytes:
    """`body`, JSON, with the numbers of people in its texts masked."""
    text = body.decode()
    return _TEXT.sub(_masked, text).encode() if _LONG.search(text) else body


def _masked(found: "re.Match[str]") -> str:
    key, quoted = found.groups()
    if key in _OURS or not _LONG.search(quoted) or _ID.fullmatch(quoted):
        return found[0]
    said = json.loads(quoted)
    shown = masked_text(said)
    if shown == said:
        return found[0]
    return found[0][: -len(quoted)] + json.dumps(shown, ensure_ascii=False)
