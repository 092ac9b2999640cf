"""How a page is named: by its printed number, or by what stands on it where a document has no pages of its own."""

from __future__ import annotations


def page_named(first: str, last: str = "") -> str:
    """Name a page, or the first and the last of some, by their labels.

    >>> page_named("iv"), page_named("12", "13"), page_named("lines 1–24"), page_named("§ Fees", "§ Damage")
    ('p. iv', 'pp. 12–13', 'lines 1–24', '§ Fees to Damage')
    """
    if " " in first:  # a label in words says itself what it is
        kind = first.partition(" ")[0] + " "
        return first if last in ("", first) else f"{first} to {last.removeprefix(kind)}"
    return f"p. {first}" if last in ("", first) else f"pp. {first}–{last}"
