"""Letters that a file has in pieces or apart: accents beside their letters, initials, words in spaced capitals."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

_COMBINING = {
    "¨": "\u0308", "´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303", "ˇ": "\u030c",
    "¸": "\u0327", "˚": "\u030a", "˝": "\u030b", "˘": "\u0306", "˙": "\u0307", "¯": "\u0304", "˛": "\u0328",
}  # fmt: skip
_DOTTED = {"ı": "i", "ȷ": "j"}
# Signs that may be an accent; those that are on keyboards, too, only beside a letter
ACCENT = r"[¨´ˆ˜ˇ¸˚˝˘˙¯˛]|[`^~]\s?[^\W\d_]"


def compose_accents(letters: Sequence[dict[str, Any]], size: float) -> None:
    """Put accents that are signs of their own onto the letters that they stand over, as LaTeX sets them.

    `letters`: the characters of an upright line in a font of that size, of MuPDF's `rawdict`; changed in place. An
    accent that stands over no letter, or over one that is never written with it, stays.
    """
    for i, sign in enumerate(letters):
        if sign["c"] in _COMBINING:
            middle = (sign["bbox"][0] + sign["bbox"][2]) / 2
            near = [k for k in (i + 1, i + 2, i - 1, i - 2) if 0 <= k < len(letters)]
            over = [k for k in near if letters[k]["bbox"][0] < middle < letters[k]["bbox"][2]]
            base = next((k for k in over if letters[k]["c"].isalpha()), i)
            letter = letters[base]["c"]
            both = unicodedata.normalize("NFC", _DOTTED.get(letter, letter) + _COMBINING[sign["c"]])
            if base != i and len(both) == 1:
                letters[base]["c"], sign["c"] = both, ""
                _close_up(letters, min(i, base), max(i, base), size)


def _close_up(letters: Sequence[dict[str, Any]], first: int, last: int, size: float) -> None:
    """Take out the spaces that MuPDF saw around an accent: within, and before it where no gap is before its letter."""
    for space in letters[first + 1 : last]:
        space["c"] = ""
    if first > 1 and letters[first - 1]["c"] == " " and letters[first - 1]["synthetic"]:
        if letters[last]["bbox"][0] - letters[first - 2]["bbox"][2] < 0.12 * size:
            letters[first - 1]["c"] = ""
