"""What `ragkit library` takes and says."""

from __future__ import annotations

import argparse
import time
from typing import Any


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command `library` to argparse, and give its parser back."""
    library = commands.add_parser("library", help="many PDFs in a table on disk: add them, ask them")
    actions = library.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="read, chunk and embed what is new or changed in a folder")
    add.add_argument("folder", help="a folder of PDFs, or one PDF")
    add.add_argument("--workers", type=int, help="models at work on a Ray cluster (RAY_ADDRESS)")
    add.set_defaults(action=_add)
    ask = actions.add_parser("ask", help="answer a question from the library")
    ask.add_argument("question")
    ask.add_argument("--file", action="append", help="look only into this file (may be given several times)")
    ask.add_argument("--pages", type=_pages, metavar="A-B", help="look only at these pages of a file, from 1")
    ask.set_defaults(action=_ask)
    for action in (add, ask):
        action.add_argument("--at", help="the table's place: a folder or s3://…; default: RAGKIT_LIBRARY")
    return library


def run(options: argparse.Namespace) -> str:
    """Do what was asked of the library, and say what came of it."""
    return options.action(options)


def _add(options: argparse.Namespace) -> str:
    from ragkit.library.table import open_library

    started = time.perf_counter()
    library = open_library(options.at)
    added = library.add(options.folder, options.workers)
    seconds = time.perf_counter() - started
    lines = [
        f"{added} ({seconds:.0f} s)",
        f"{library.place}: {len(library.files()):,} files, {len(library):,} chunks",
    ]
    return "\n".join([*lines, _search_line(library)])


def _search_line(library: Any) -> str:
    from ragkit.library.cells import PROBES, cells_of, recall

    if not (cells := cells_of(library.table)):
        return "search: every vector is compared"
    return f"search: {PROBES} of {cells:,} cells; recall@10 against exact search {recall(library.table):.2f}"


def _ask(options: argparse.Namespace) -> str:
    from ragkit.library.table import open_library
    from ragkit.show.card import answer

    return answer(
        open_library(options.at).ask(options.question, source=options.file, pages=options.pages)
    ).text


def _pages(text: str) -> tuple[int, int]:
    """Pages as a person counts them, from 1, as indices.

    >>> _pages("3-7"), _pages("3")
    ((2, 6), (2, 2))
    """
    first, _, last = text.partition("-")
    return int(first) - 1, int(last or first) - 1
