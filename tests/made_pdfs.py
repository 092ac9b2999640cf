"""PDF files for the tests, made with PyMuPDF: never a mock, never a file from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf

PROSE = (
    "Sailors on long voyages fell ill with scurvy until lemons were carried on board. The cure was tried in "
    "a fair comparison as early as 1747. Twelve men with the same symptoms were given six remedies. "
    "Only the two who ate fruit were soon fit for duty. It took the navy forty years to act on this. "
)


def make_pdf(path: Path, *pages: Callable[[pymupdf.Page], None] | str, size=(420, 595), **how) -> Path:
    """Save a PDF; each page is a text, or a function that draws on the page."""
    document = pymupdf.open()
    for content in pages:
        page = document.new_page(width=size[0], height=size[1])
        if callable(content):
            content(page)
        elif content:
            write_lines(page, content.split("\n"))
    document.save(path, **how)
    return path


def write_lines(page, lines: Sequence[str], x=50.0, y=80.0, step=14.0, fontsize=11.0, font="helv") -> None:
    """Write lines below each other, each as a piece of its own."""
    for i, line in enumerate(lines):
        page.insert_text((x, y + i * step), line, fontsize=fontsize, fontname=font)


def write_prose(page, text: str = PROSE, box=(50, 70, 370, 520), fontsize=10.0) -> None:
    """Write text that wraps in a box."""
    left = page.insert_textbox(box, text, fontsize=fontsize)
    assert left >= 0, "the text does not fit in the box"


def book_page(header: str = "", footer: str = "", body: str = PROSE) -> Callable[[pymupdf.Page], None]:
    """A page with a running header, a body and a footer."""

    def draw(page):
        page.insert_text((50, 40), header, fontsize=9)
        write_prose(page, body)
        page.insert_text((200, 565), footer, fontsize=9)

    return draw


def picture(page) -> None:
    """A grey picture over most of the page, as a scanner leaves it."""
    pixels = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 40, 60))
    pixels.clear_with(200)
    page.insert_image((20, 20, page.rect.width - 20, page.rect.height - 20), pixmap=pixels)


def distinct(i: int) -> str:
    """Prose that differs from page to page in more than a number."""
    words = [
        "amber",
        "birch",
        "cedar",
        "delta",
        "ember",
        "fjord",
        "grove",
        "heron",
        "ivory",
        "jolly",
        "karst",
    ]
    words += ["lemon", "maple", "north", "olive", "pearl"]
    return (
        " ".join(words[(i * 5 + k * k) % len(words)] + words[(i + 3 * k) % len(words)] for k in range(60))
        + "."
    )
