"""Measure the parts that are asked for, print them, and keep them."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tools.outside import answers, finding, marks, reading
from tools.outside.report import Section, keep, section_text
from tools.outside.sets import load_questions

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ROOT.parent / "shared" / "public"
PARTS = ("reading", "tables", "pages", "quotations", "doubt", "marks", "answers")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="outside", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)} (default: all but answers)")
    parser.add_argument("--folder", type=Path, default=OUTSIDE, help="where the sets are")
    parser.add_argument(
        "--limit", type=int, default=0, help="documents of each set, for a quick look; nothing is kept"
    )
    parser.add_argument("--full", action="store_true", help="all summaries of SummEdits, not four a document")
    parser.add_argument("--answers", action="store_true", help="let the language model answer, too: slow")
    parser.add_argument(
        "--lines", type=Path, help="write the lines that only other readers have to this file"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return given


def measure(part: str, given: argparse.Namespace) -> Section | None:
    """One part; None if nothing that it needs is there."""
    folder, limit = given.folder, given.limit
    if part == "reading":
        return reading.reading(folder, limit, given.lines)
    if part == "marks":
        return marks.marks(folder, limit, given.full)
    questions = load_questions(folder, limit)
    return getattr(answers if part == "answers" else finding, part)(questions) if questions else None


def main() -> int:
    given = arguments()
    parts = given.parts or [part for part in PARTS if part != "answers" or given.answers]
    sections = {}
    for part in parts:
        started, worked = time.perf_counter(), time.process_time()
        section = measure(part, given)
        if section:
            sections[part] = section
            took, worked = time.perf_counter() - started, time.process_time() - worked
            print(f"\n{section_text(asdict(section))}")
            print(f"({part}: {took:.0f} s, of which this process worked {worked:.0f})", flush=True)
    if not given.limit:
        kept = ROOT / ("docs" if given.folder.resolve() == OUTSIDE.resolve() else "runs/outside")
        keep(sections, kept, PARTS)
        print(f"Written: {kept.relative_to(ROOT)}/outside.md and outside.json")
    return 0 if sections else 1


if __name__ == "__main__":
    sys.exit(main())
