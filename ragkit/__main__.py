"""`python -m ragkit doctor | models | run [PDF] [QUESTION] | notebooks`: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys

from ragkit.notice import RagkitError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a named error becomes one line and exit status 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except RagkitError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ragkit", description="Local RAG over a PDF, step by step.")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("doctor", help="what this machine has").set_defaults(command=_doctor)
    models = commands.add_parser("models", help="fetch the default models and list them all")
    models.add_argument("--quiet", action="store_true", help="fetch only")
    models.set_defaults(command=_models)
    run = commands.add_parser("run", help="all six notebooks over a PDF")
    run.add_argument("pdf", nargs="?", default="", help="a PDF, or a folder of PDFs")
    run.add_argument("question", nargs="?", default="")
    run.set_defaults(command=_run)
    notebooks = commands.add_parser("notebooks", help="execute the notebooks in place")
    notebooks.set_defaults(command=_notebooks)
    return parser


def _doctor(options: argparse.Namespace) -> None:
    from ragkit.doctor import doctor

    print(doctor())


def _models(options: argparse.Namespace) -> None:
    from ragkit import models

    for name in models.COURSE_MODELS:
        models.fetch_model(name)
    if not options.quiet:
        print(models.describe())


def _run(options: argparse.Namespace) -> int:
    from ragkit.course import run

    return run(options.pdf, options.question)


def _notebooks(options: argparse.Namespace) -> None:
    from ragkit.course import render

    render()


if __name__ == "__main__":
    sys.exit(main())
