"""The command `ragkit`: ask a question, or do what the Makefile calls."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ragkit.library.commands import add_parser
from ragkit.notice import RagkitError

EXTRA_OF = {"fastapi": "serve", "uvicorn": "serve", "gradio": "chat", "lancedb": "library", "ray": "library"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a named error, or a package that is not installed, becomes one line and exit status 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except RagkitError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        if (error.name or "ragkit").startswith("ragkit"):
            raise
        extra = EXTRA_OF.get(error.name or "", "course")
        or_else = ", or make setup" if extra == "course" else ""
        print(f'This needs {error.name}: pip install "ragkit[{extra}]"{or_else}', file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ragkit", description="Local RAG over a PDF, step by step.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="answer a question from a PDF")
    ask.add_argument("pdf", help="a PDF, or a folder of PDFs")
    ask.add_argument("question")
    ask.set_defaults(command=_ask)
    chat = commands.add_parser("chat", help="a page in the browser: choose PDFs, ask")
    chat.add_argument("pdf", nargs="?", help="a PDF, or a folder of PDFs, that is open at once")
    chat.set_defaults(command=_chat)
    add_parser(commands).set_defaults(command=_library)
    run = commands.add_parser("run", help="the six notebooks over a PDF, and one report")
    run.add_argument("pdf", nargs="?", default="", help="a PDF, or a folder of PDFs")
    run.add_argument("question", nargs="?", default="")
    run.set_defaults(command=_run)
    evaluate = commands.add_parser("evaluate", help="how well questions about a PDF are answered")
    evaluate.add_argument("pdf", nargs="?", default="", help="a PDF, or a folder of PDFs")
    evaluate.add_argument("questions", nargs="?", default="", help="a file with one JSON object a line")
    evaluate.set_defaults(command=_evaluate)
    serve = commands.add_parser("serve", help="answer questions about a PDF over HTTP, for other programs")
    serve.add_argument("pdf", help="a PDF, or a folder of PDFs")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on; there is no login")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(command=_serve)
    artifacts = commands.add_parser("artifacts", help="what is kept of each document")
    artifacts.add_argument("--clear", action="store_true", help="delete it (libraries stay)")
    artifacts.set_defaults(command=_artifacts)
    models = commands.add_parser("models", help="fetch the default models and list them all")
    models.add_argument("--quiet", action="store_true", help="fetch only")
    models.add_argument(
        "--from", type=Path, dest="folder", help="a folder of `ragkit offline` instead of the network"
    )
    models.set_defaults(command=_models)
    offline = commands.add_parser("offline", help="one folder for a room without a network")
    offline.add_argument("folder", nargs="?", type=Path, default=Path("ragkit-offline"))
    offline.add_argument(
        "--check", action="store_true", help="only say whether it is whole and for this machine"
    )
    offline.add_argument("--small", action="store_true", help="with the small language model only")
    offline.set_defaults(command=_offline)
    room = commands.add_parser("room", help="who is ready, by the last lines of their doctors")
    room.add_argument("lines", type=Path, help="a file with a line each, or a folder with a report each")
    room.set_defaults(command=_room)
    commands.add_parser("doctor", help="what this machine has").set_defaults(command=_doctor)
    commands.add_parser("notebooks", help="execute the notebooks in place").set_defaults(command=_notebooks)
    exercises = commands.add_parser("exercises", help="renew the notebooks' exercises from the solutions")
    exercises.set_defaults(command=_exercises)
    commands.add_parser("html", help="the course as linked web pages").set_defaults(command=_html)
    return parser


def _ask(options: argparse.Namespace) -> None:
    from ragkit.generate import ask
    from ragkit.show.card import answer

    print(answer(ask(options.question, options.pdf)).text)


def _chat(options: argparse.Namespace) -> None:
    from ragkit.web import chat

    chat.chat(options.pdf)


def _library(options: argparse.Namespace) -> None:
    from ragkit.library.commands import run

    print(run(options))


def _run(options: argparse.Namespace) -> int:
    from ragkit.course.run import run

    return run(options.pdf, options.question)


def _evaluate(options: argparse.Namespace) -> None:
    from ragkit.course.evaluate import evaluate

    print(evaluate(options.pdf, options.questions))


def _serve(options: argparse.Namespace) -> None:
    from ragkit.web.api import serve

    serve(options.pdf, options.host, options.port)


def _artifacts(options: argparse.Namespace) -> None:
    from ragkit.course.artifacts import clear_artifacts, list_artifacts
    from ragkit.models import format_size
    from ragkit.workspace import artifacts_root

    place = artifacts_root().resolve()
    if options.clear:
        print(f"{format_size(clear_artifacts())} freed in {place}")
        return
    found = list_artifacts()
    print(f"{place}: {len(found)} artifacts, {format_size(int(found['bytes'].sum()))}")
    if len(found):
        print(found.assign(bytes=found["bytes"].map("{:,}".format)).to_string(index=False))


def _models(options: argparse.Namespace) -> None:
    from ragkit import models

    if options.folder:
        from ragkit.course.room import take_models

        take_models(options.folder.expanduser())
    for name in models.COURSE_MODELS:
        if name != models.DEFAULT_LLM:
            models.fetch_model(name)
    models.fetch_model(kind="llm")  # the default, or, where that cannot be had, the small one, which is said
    if not options.quiet:
        print(models.describe())


def _offline(options: argparse.Namespace) -> None:
    if options.check:
        from ragkit.course.room import check_folder

        print(check_folder(options.folder.expanduser()))
    else:
        from ragkit.course.offline import make_folder

        print(make_folder(options.folder.expanduser(), options.small))


def _room(options: argparse.Namespace) -> None:
    from ragkit.course.room import who_is_ready

    print(who_is_ready(options.lines))


def _doctor(options: argparse.Namespace) -> int:
    from ragkit.course.doctor import doctor, is_ready

    report = doctor()
    print(report)
    return 0 if is_ready(report) else 1


def _notebooks(options: argparse.Namespace) -> None:
    from ragkit.course.notebooks import render

    render()


def _exercises(options: argparse.Namespace) -> None:
    from ragkit.course.stubs import write_exercises

    write_exercises()


def _html(options: argparse.Namespace) -> None:
    from ragkit.course.html import write_edition

    print(f"Open in a browser: {write_edition().as_uri()}")
