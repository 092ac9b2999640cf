"""The page labels that a file itself holds: "i, ii, iii, 1, 2" or "A-1", as its list of rules says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymupdf

from ragkit.reading.numbers import to_roman

MAX_DEPTH = 20  # of the tree that a damaged file may have made a circle of


def file_labels(document: pymupdf.Document) -> list[str]:
    """Label of every page, by the file's own rules; "" where there is none.

    Every rule is read once, by MuPDF's own objects: asked page by page, PyMuPDF reads them all each time, and knows
    prefixes neither with signs such as "/" nor in every encoding.
    """
    labels = [""] * document.page_count
    mupdf = pymupdf.mupdf
    pdf = mupdf.pdf_document_from_fz_document(document.this)
    catalog = mupdf.pdf_load_object(pdf, document.pdf_catalog())
    rules = sorted(_rules(mupdf.pdf_dict_gets(catalog, "PageLabels")), key=lambda rule: rule[0])
    ends = [first for first, _ in rules[1:]] + [len(labels)]
    for (first, rule), end in zip(rules, ends, strict=False):
        prefix = mupdf.pdf_to_text_string(mupdf.pdf_dict_gets(rule, "P"))
        style = mupdf.pdf_to_name(mupdf.pdf_dict_gets(rule, "S"))
        start = max(mupdf.pdf_to_int(mupdf.pdf_dict_gets(rule, "St")), 1)
        for page in range(max(first, 0), min(end, len(labels))):
            labels[page] = prefix + _number(style, start + page - first)
    return labels


def _rules(node: Any, depth: int = 0) -> Iterator[tuple[int, Any]]:
    """The rules of a tree of numbers: (0-based index of the first page, dictionary)."""
    mupdf = pymupdf.mupdf
    kids, numbers = mupdf.pdf_dict_gets(node, "Kids"), mupdf.pdf_dict_gets(node, "Nums")
    for i in range(mupdf.pdf_array_len(kids) if depth < MAX_DEPTH else 0):
        yield from _rules(mupdf.pdf_array_get(kids, i), depth + 1)
    for i in range(0, mupdf.pdf_array_len(numbers) - 1, 2):
        yield mupdf.pdf_to_int(mupdf.pdf_array_get(numbers, i)), mupdf.pdf_array_get(numbers, i + 1)


def _number(style: str, number: int) -> str:
    """Write a number in one of PDF's styles: D, r, R, a, A (a to z, aa to zz, ...); "" in any other.

    >>> _number("D", 4), _number("R", 4), _number("a", 28), _number("", 4)
    ('4', 'IV', 'bb', '')
    """
    if style == "D":
        return str(number)
    text = to_roman(number) if style in ("r", "R") else ""
    if style in ("a", "A"):
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    return text.upper() if style.isupper() else text
