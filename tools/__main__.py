"""`python -m tools`, from the top of the repository: what the Makefile does for the course.

`offline --check` runs before anything is installed: only the standard library is used at the top.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ragkit.notice import RagkitError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a named error, or a package that is not installed, becomes one line and exit status 1."""
    options = vars(_parser().parse_args(arguments))
    try:
        return options.pop("command")(**options) or 0
    except RagkitError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        if (error.name or "ragkit").split(".")[0] in ("ragkit", "tools"):
            raise
        print(f'This needs {error.name}: pip install "ragkit[course]", or make setup', file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools", description="What make does for the course.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="the six notebooks over a PDF, and one report")
    run.add_argument("pdf", nargs="?", default="", help="a PDF, or a folder of PDFs")
    run.add_argument("question", nargs="?", default="")
    run.set_defaults(command=_run)
    offline = commands.add_parser("offline", help="one folder for a room without a network")
    offline.add_argument("folder", nargs="?", type=Path, default=Path("ragkit-offline"))
    does = offline.add_mutually_exclusive_group()
    does.add_argument(
        "--check", action="store_true", help="only say whether it is whole and for this machine"
    )
    does.add_argument(
        "--take", action="store_true", help="only copy its models to where ragkit looks for them"
    )
    offline.add_argument("--small", action="store_true", help="with the small language model only")
    offline.set_defaults(command=_offline)
    room = commands.add_parser("room", help="who is ready, by the last lines of their doctors")
    room.add_argument("lines", type=Path, help="a file with a line each, or a folder with a report each")
    room.set_defaults(command=_room)
    guesses = commands.add_parser("guesses", help="what a room guessed, by the lines that it sent")
    guesses.add_argument("lines", type=Path, help="a file with a line each, or a folder with a file each")
    guesses.set_defaults(command=_guesses)
    commands.add_parser("notebooks", help="execute the notebooks in place").set_defaults(command=_notebooks)
    exercises = commands.add_parser("exercises", help="renew the notebooks' exercises from the solutions")
    exercises.set_defaults(command=_exercises)
    commands.add_parser("html", help="the course as linked web pages").set_defaults(command=_html)
    commands.add_parser("slides", help="the workshop as slides").set_defaults(command=_slides)
    return parser


def _run(pdf: str, question: str) -> int:
    from tools.run import run_course

    return run_course(pdf, question)


def _offline(folder: Path, check: bool, take: bool, small: bool) -> None:
    from tools import room

    folder = folder.expanduser()
    if take:
        room.take_models(folder)
    elif check:
        print(room.check_folder(folder))
    else:
        from tools.offline import make_folder

        print(make_folder(folder, small))


def _room(lines: Path) -> None:
    from tools.room import who_is_ready

    print(who_is_ready(lines))


def _guesses(lines: Path) -> None:
    from tools.guesses import what_was_guessed

    print(what_was_guessed(lines))


def _notebooks() -> None:
    from tools.notebooks import render

    render()


def _exercises() -> None:
    from tools.exercises import write_exercises

    write_exercises()


def _html() -> None:
    from tools.html import write_edition

    print(f"Open in a browser: {write_edition().as_uri()}")


def _slides() -> None:
    from tools.slides import write_slides

    print(f"Open in a browser: {write_slides().as_uri()}")


if __name__ == "__main__":
    sys.exit(main())
