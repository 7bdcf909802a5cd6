"""Which figures of a page open nothing: every text with a digit that stands in no link and is not excused.

A figure is a digit in the text of the page, days, months and codes taken out. It opens something where it
stands inside a link: to its proof, its paper, its own place. What cannot is named in a list of reasons, so
that a figure written later without a proof is found.
"""

from collections.abc import Mapping
from typing import Any

#: Never a figure, on any page: selector → why.
NEVER: Mapping[str, str] = {
    "button, input, textarea, select, label, legend": "a control says what it does",
    "[role=tab], [role=option]": "a control as well",
    "code": "a code or number by which a thing is known",
    "[lang='zh-CN'], bdi": "a text as a paper prints it: names, free words",
    "time, .asof": "a day",
    "svg, [role=img], [aria-hidden=true]": "a picture; its figures stand beside it or in its table twin",
    "th[scope=col], figcaption, dt": "the name of a figure, such as an age from 0 to 30 days",
    "[role=status], .more, .foot": "how many rows of a list are shown",
}
_WALK = r"""([root, excused]) => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    const text = node.textContent
      .replace(/\d{4}-\d{2}(-\d{2})?( \d{2}:\d{2})?/g, "")
      .replace(/\d{1,2}\s*月|\d{4}\s*年/g, "");
    if (!/\d/.test(text) || box.closest("a[href]") || box.closest(excused)) continue;
    if (!box.checkVisibility({ checkVisibilityCSS: true })) continue;
    const path = [];
    for (let up = box; up && up !== document.body && path.length < 4; up = up.parentElement)
      path.unshift([up.localName, ...up.classList].join("."));
    found.push(path.join(" > ") + ": " + node.textContent.trim());
  }
  return found;
}"""


def untraced(page: Any, reasons: Mapping[str, str] = NEVER, root: str = "main") -> list[str]:
    """Texts under `root` with a figure that opens nothing and that no reason excuses: where they stand, what
    they say. `reasons`: selector → why, beside `NEVER`."""
    told: list[str] = page.evaluate(_WALK, [root, ", ".join({**NEVER, **reasons})])
    return told
