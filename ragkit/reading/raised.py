"""Raised letters and digits: exponents stay what they are, and the number of a footnote is no part of its word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SIGNS = str.maketrans("0123456789+-−–", f"{RAISED}⁺⁻⁻⁻")
_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_NUMBER = re.compile(r"\s*[+−–-]?\d+(?:[,–-]\s?\d+)*[+−–,*†‡§¶-]*\s*")
_LETTER_MARK = re.compile(r"\s*[a-z](?:,\s?[a-z\d])*\s*")
_ANY_RAISED = re.compile(f"[{RAISED}]")
_LETTER = rf"[^\W\d_{RAISED}ᵃ-ᶻ]"
# Where a raised number is a mark and no exponent: after a word, but for units (km², ft²) and single letters (x², m²);
# after a number of two digits and more, but for 10; before a word. Charges (Fe³⁺) stay.
_MARK = re.compile(
    rf"(?:(?<={_LETTER}{{3}})|(?<=\b{_LETTER}{{2}})(?<!\b[cdkmnµ]m)(?<!\b(?:ft|in|yd|mi|ha))"
    rf"|(?<=\d\d)(?<!(?<![\d.,])10))(?=[{RAISED}])(?![{RAISED}]+[⁺⁻])"
    rf"|(?<![^\s(\[{RAISED}])(?<=[{RAISED}])(?={_LETTER}{{3}})"
)
_SMALLER, _HIGHER = 0.9, 0.12  # of the line's font: what is raised is set smaller, so much above the baseline


def join_spans(spans: Sequence[dict[str, Any]], main: dict[str, Any]) -> str:
    """Text of a line's pieces, with the raised ones written as such; `main` is in the font of the text.

    Subscripts stay as they are: people look for "CO2".
    """
    if len(spans) == 1:
        return main["text"]
    if len({span["origin"][1] for span in spans}) == 1:
        return "".join([span["text"] for span in spans])
    text, high = "", ""
    for span in [*spans, main | {"text": ""}]:
        height = main["origin"][1] - span["origin"][1]
        if is_raised(height, span["size"], main["size"]) and span["alpha"]:
            high += span["text"]  # an exponent may be of several pieces
        else:
            text += (write_raised(text, high, span["text"]) if high else "") + span["text"]
            high = ""
    return text


def is_raised(height: float, size: float, main_size: float) -> bool:
    """Whether a piece in that font size, so many points above the baseline, is raised."""
    return size < _SMALLER * main_size and _HIGHER * main_size < height < main_size


def write_raised(before: str, raised: str, after: str = "") -> str:
    """Write a raised piece of a line as what it is: "10" and "-3" are "10⁻³"; a mark of letters has a space before it.

    >>> write_raised("10", "-3"), write_raised("guarantor", "a"), write_raised("19", "th")
    ('⁻³', ' ᵃ', 'th')
    """
    if _NUMBER.fullmatch(raised):
        if after.startswith(("/", "\u2044")):  # the number over a line: 5 1/2
            return f" {raised}" if before[-1:].isdigit() else raised
        return raised.translate(_SIGNS)
    if _LETTER_MARK.fullmatch(raised) and before[-3:].isalpha() and len(before) > 2:
        return f" {raised.translate(_LETTERS).translate(_SIGNS)}"
    return {"TM": "™", "SM": "℠"}.get(raised.strip(), raised)


def part_marks(text: str) -> str:
    """Part the marks of footnotes from the words and numbers that they stand at.

    >>> part_marks("Ruritania³ has 5 km² and 10⁻³ of it; in 2019¹² it rose.⁴")
    'Ruritania ³ has 5 km² and 10⁻³ of it; in 2019 ¹² it rose.⁴'
    """
    return _MARK.sub(" ", text) if _ANY_RAISED.search(text) else text
