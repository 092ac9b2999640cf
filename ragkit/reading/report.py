"""What to say of a document that was read: one line for each thing that a reader has to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ragkit.notice import BrokenPDF, NoText, say
from ragkit.reading.opening import broken
from ragkit.reading.page import Page


def refuse_textless(file: Path, pages: Sequence[Page], failed: Sequence[int], about: dict[str, Any]) -> None:
    """Raise the error for a file without any text: damaged, scanned or blank."""
    if all(page.error and not page.lines for page in pages):
        raise BrokenPDF(broken(file, pages[0].error))
    if any(page.lines for page in pages):
        return
    scanned, damaged = sum(page.scanned for page in pages), about["repaired"] or bool(failed)
    if damaged and not scanned:
        raise BrokenPDF(broken(file, f"none of its {len(pages)} pages has any text left"))
    found = f"{scanned} of its {len(pages)} pages are scanned pictures" if scanned else "every page is blank"
    found += ", and the file is damaged" if damaged else ""
    way_out = _way_out(about) if scanned else "Look at it in a PDF reader"
    raise NoText(f"{file} has no text: {found}. {way_out}.")


def _way_out(about: dict[str, Any]) -> str:
    """Say what to do about scanned pages, or what was done in vain."""
    if not about["ocr_languages"]:
        return 'Install Tesseract and set ocr="auto" (or RAGKIT_OCR=auto), or run the file through OCRmyPDF first'
    return about["ocr_error"] or "Tesseract found no words there"


def say_findings(source: str, report: dict[str, Any], once: bool = False) -> None:
    """Say what a reader has to know about a document: one line each."""
    recognised = report["ocr_pages"]
    for note in [*(f" is {note}." for note in report["notes"]), *_faults(report)]:
        say(f"{source}{note}", once=once)
    if attached := report["attached_files"]:
        more = f" and {len(attached) - 5} more" if len(attached) > 5 else ""
        say(f"{source}: attached files are not read: {', '.join(attached[:5])}{more}.", once=once)
    if hidden := report["hidden_pages"]:
        say(f"{source}: text that is white on white, or too small to see, on {_pages(hidden)}.", once=once)
    if twice := report["lines_twice"]:
        lines = "one line that stood" if twice == 1 else f"{twice} lines that stood"
        say(f"{source}: {lines} at one place twice, as shadows and recognised text do, read once.", once=once)
    for line in _lost(source, report):
        say(line, once=once)
    if recognised:
        hint = ' (another one: ocr="deu")' if report["ocr_languages"] == "eng" else ""
        say(
            f"{source}: Tesseract read {_pages(recognised)}, in language {report['ocr_languages']}{hint}; "
            "expect mistakes.",
            once=once,
        )


def lost_text(about: dict[str, Any]) -> list[str]:
    """What cannot be found in documents, from the attributes of their pages: a line for each reason."""
    lines = [line for source, report in about["report"].items() for line in _lost(source, report)]
    return [*lines, *(f"left out: {message}" for message in about["left_out"].values())]


def _lost(source: str, report: dict[str, Any]) -> Iterator[str]:
    """Say on which pages text is missing, and why."""
    if report["repaired"]:
        wrong = f"text may be missing or wrong on {_pages(report['failed_pages'])}"
        how_far = wrong if report["failed_pages"] else "every page found was read"
        if report["page_list_damaged"]:
            how_far += "; its list of pages is wrong, so that some may be missing"
        yield f"{source} is damaged and was repaired: {how_far}."
    if scanned := report["scanned_pages"]:
        yield f"{source}: a picture, and little or no text, on {_pages(scanned)}. {_way_out(report)}."
    if nonsense := report["nonsense_pages"]:
        yield f"{source}: signs without a meaning on {_pages(nonsense)}: its fonts do not say what they show."


def _faults(report: dict[str, Any]) -> Iterator[str]:
    """Say on which pages a rule of ours failed; most reports, and those of older versions, have no such entry."""
    if "fault" in report:
        yield (
            f": a fault of ragkit's own on {_pages(report['fault_pages'])} ({report['fault']}). Their plain text is "
            "there, without tables and columns. Please report it, with the file if you may."
        )


def _pages(indices: Sequence[int]) -> str:
    """Name pages by their number in the file, from 1; the first ten of many."""
    named = ", ".join(str(index + 1) for index in indices[:10])
    more = f" and {len(indices) - 10} more" if len(indices) > 10 else ""
    return f"page{'s' if len(indices) > 1 else ''} {named}{more} of the file"


def one_line(messages: Iterable[str]) -> str:
    """MuPDF's first ten messages in one line, each once with its count."""
    counts = Counter(line for message in messages for line in message.splitlines() if "repeated" not in line)
    return "; ".join(f"{message} (x{n})" if n > 1 else message for message, n in list(counts.items())[:10])
