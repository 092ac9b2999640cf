"""The command `ragkit`: ask a question, serve a page or an API, keep a library, look at this machine."""

from __future__ import annotations

import glob
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option, Typer

from ragkit.notice import BadParameter, RagkitError

EXTRA_OF = {
    "fastapi": "serve", "uvicorn": "serve", "gradio": "chat", "lancedb": "library", "ray": "library", "mcp": "mcp",
}  # fmt: skip

Pdf = Annotated[str, Argument(help="a PDF, or a folder of PDFs", show_default=False)]
Pdfs = Annotated[list[str], Argument(help="PDFs, or folders of PDFs", show_default=False)]
At = Annotated[
    str | None, Option(metavar="PLACE", help="the table's: a folder or s3://...; default: RAGKIT_LIBRARY")
]

_look: dict[str, Any] = {
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = Typer(
    help="Local RAG over a PDF, step by step.", add_completion=False, pretty_exceptions_enable=False, **_look
)
shelf = Typer(help="many PDFs in a table on disk: add them, ask them", **_look)
app.add_typer(shelf, name="library")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a named error, or a package that is not installed, becomes one line and exit status 1."""
    try:
        app(arguments, prog_name="ragkit")
    except SystemExit as end:
        return int(end.code or 0)
    except RagkitError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRA_OF:
            raise
        print(f'This needs {package}: pip install "ragkit[{EXTRA_OF[package]}]"', file=sys.stderr)
    return 1


@app.command()
def ask(
    pdf: Annotated[list[str] | None, Argument(help="PDFs, or folders of PDFs")] = None,
    question: Annotated[str, Argument(help="in quotation marks, last", show_default=False)] = "",
) -> None:
    """answer a question from a PDF, or from several"""
    from ragkit.generate import ask
    from ragkit.show import card

    if not pdf:  # one argument is taken for the last
        file = question or "paper.pdf"
        raise BadParameter(f'A PDF and a question are needed: ragkit ask {file} "What is ...?"')
    absent = [each for each in pdf if not (glob.has_magic(each) or Path(each).expanduser().exists())]
    if absent and len(pdf) > 1:
        raise BadParameter(
            f'There is no file {absent[0]}. Put the question in quotation marks: ragkit ask {pdf[0]} "Who ...?"'
        )
    print(card.answer(ask(question, pdf)).text)


@app.command()
def chat(
    pdf: Annotated[list[str] | None, Argument(help="PDFs, or folders of PDFs, that are open at once")] = None,
    keep_chats: Annotated[
        bool, Option("--keep-chats", help="keep what is said on this disk, until it is deleted on the page")
    ] = False,
) -> None:
    """a page in the browser: choose PDFs, ask"""
    from ragkit.web.chat import serve_page

    serve_page(pdf, keep_chats)


@app.command()
def evaluate(
    pdf: Pdf, questions: Annotated[str, Argument(help="a file with one JSON object a line")] = ""
) -> None:
    """how well questions about a PDF are answered"""
    from ragkit.evaluate import evaluate_file

    print(evaluate_file(pdf, questions))


@app.command()
def serve(
    pdf: Pdfs,
    host: Annotated[str, Option(help="address to listen on; there is no login")] = "127.0.0.1",
    port: int = 8000,
) -> None:
    """answer questions about a PDF over HTTP, for other programs"""
    from ragkit.web.api import serve

    serve(pdf, host, port)


@app.command("mcp")
def serve_tools(pdf: Pdfs) -> None:
    """tools for a program on this machine that speaks the Model Context Protocol, which starts this command"""
    from ragkit.web.mcp import serve

    serve(pdf)


@app.command()
def artifacts(
    clear: Annotated[bool, Option("--clear", help="delete it (libraries and kept chats stay)")] = False,
) -> None:
    """what is kept of each document"""
    from ragkit.artifacts import clear_artifacts, list_artifacts
    from ragkit.models import format_size
    from ragkit.workspace import artifacts_root

    place = artifacts_root().resolve()
    if clear:
        print(f"{format_size(clear_artifacts())} freed in {place}")
        return
    found = list_artifacts()
    print(f"{place}: {len(found)} artifacts, {format_size(int(found['bytes'].sum()))}")
    if len(found):
        print(found.assign(bytes=found["bytes"].map("{:,}".format)).to_string(index=False))


@app.command()
def models(quiet: Annotated[bool, Option("--quiet", help="fetch only")] = False) -> None:
    """fetch the default models and list them all"""
    from ragkit import models

    for name in models.COURSE_MODELS:
        if name != models.DEFAULT_LLM:
            models.fetch_model(name)
    models.fetch_model(kind="llm")  # the default, or, where that cannot be had, the small one, which is said
    if not quiet:
        print(models.describe())


@app.command()
def doctor() -> None:
    """what this machine has"""
    from ragkit.doctor import examine, is_ready

    report = examine()
    print(report)
    raise Exit(0 if is_ready(report) else 1)


@shelf.command("add")
def add_to_library(
    folder: Annotated[str, Argument(help="a folder of PDFs, or one PDF")],
    workers: Annotated[int | None, Option(help="models at work on a Ray cluster (RAY_ADDRESS)")] = None,
    at: At = None,
) -> None:
    """read, chunk and embed what is new or changed in a folder"""
    from ragkit.library import add, open_library
    from ragkit.library.cells import describe_search

    started = time.perf_counter()
    added = add(folder, library := open_library(at), workers=workers)
    print(f"{added} ({time.perf_counter() - started:.0f} s)")
    print(f"{library.place}: {len(library.files()):,} files, {len(library):,} chunks")
    print(describe_search(library.table))


@shelf.command("ask")
def ask_library(
    question: str,
    file: Annotated[list[str] | None, Option(help="only in this file (may be given several times)")] = None,
    pages: Annotated[str | None, Option(metavar="A-B", help="only on these pages of a file, from 1")] = None,
    at: At = None,
) -> None:
    """answer a question from the library"""
    from ragkit.library import ask, open_library
    from ragkit.show import card

    print(card.answer(ask(question, open_library(at), source=file, pages=_indices(pages))).text)


def _indices(pages: str | None) -> tuple[int, int] | None:
    """Pages as a person counts them, from 1, as indices.

    >>> _indices("3-7"), _indices("3")
    ((2, 6), (2, 2))
    """
    if not pages:
        return None
    first, _, last = pages.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal() and 1 <= int(first) <= int(last or first)):
        raise BadParameter(f"--pages {pages}: give two pages, as in 3-7, or one; the first of a file is 1.")
    return int(first) - 1, int(last or first) - 1
