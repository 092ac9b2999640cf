"""The guesses of a notebook: read from its text, counted for a reader, told to a teacher in one line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ragkit.notice import BadParameter
from ragkit.show.display import Display

_GUESS = re.compile(
    r"\*\*Guess first\.\*\* (?P<question>.+)\n\n(?P<choices>(?:- \*\*[a-d]\)\*\* .+\n)+)\n"
    r"<details><summary>Answer</summary>\n\n\*\*(?P<right>[a-d])\)\*\* (?P<why>.+)\n\n</details>"
)


@dataclass(frozen=True)
class Guess:
    """A question that is asked before its output: `choices` by letter, the `right` letter, and why."""

    question: str
    choices: dict[str, str]
    right: str
    why: str


def guesses_of(path: str | Path) -> list[Guess]:
    """Read the guesses of a notebook's text cells, in order.

    Raises
    ------
    BadParameter
        If there is no such notebook.
    """
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError) as error:
        raise BadParameter(f"{path} is no notebook: {error}") from error
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return [
        Guess(
            found["question"],
            dict(re.findall(r"- \*\*([a-d])\)\*\* (.+)\n", found["choices"])),
            found["right"],
            found["why"],
        )
        for text in texts
        for found in _GUESS.finditer(text)
    ]


def guessed(path: str | Path, letters: str) -> Display:
    """Count which of a reader's guesses were right, name the others, and write a line for a teacher.

    Parameters
    ----------
    path : str or Path
        The notebook.
    letters : str
        A letter for each of its guesses, in order; `-` where there was none. Spaces do not count.

    Raises
    ------
    BadParameter
        If the letters are not as many as the guesses, or one is no choice.
    """
    guesses, letters = guesses_of(path), "".join(letters.lower().split())
    if not letters.strip("-"):
        return _lines([f"{len(guesses)} guesses: put your letters between the quotation marks."])
    if len(letters) != len(guesses):
        raise BadParameter(f"There are {len(guesses)} guesses here, and {len(letters)} letters.")
    pairs = list(enumerate(zip(guesses, letters, strict=True), start=1))
    for number, (guess, letter) in pairs:
        if letter not in {*guess.choices, "-"}:
            raise BadParameter(f"Guess {number} has {', '.join(guess.choices)} or -, and not {letter!r}.")
    right = sum(letter == guess.right for _, (guess, letter) in pairs)
    others = [
        f"{number}. {guess.question} {guess.right}) {guess.choices[guess.right]}"
        for number, (guess, letter) in pairs
        if letter not in (guess.right, "-")
    ]
    first = f"You guessed {right} of {len(guesses)}." + (" Surprising:" if others else "")
    return _lines([first, *others, f"For your teacher: guesses {Path(path).stem} {letters}"])


def _lines(lines: list[str]) -> Display:
    text = "\n".join(lines)
    return Display(text, "".join(f'<div style="margin:4px 0">{escape(line)}</div>' for line in lines))
