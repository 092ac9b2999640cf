"""What a room guessed: the lines that learners send, as a table of the choices that were taken."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from ragkit.notice import BadParameter
from ragkit.show.guesses import Guess, guesses_of
from tools.notebooks import notebook_paths
from tools.room import lines_of

_LINE = re.compile(r"^(?P<who>.*?)\W*\bguesses (?P<name>\d\d_\w+) (?P<letters>[a-d-]+)\s*$")


def what_was_guessed(path: Path) -> str:
    """Return, for each notebook, how many took each choice of its guesses, and which surprised most.

    Parameters
    ----------
    path : Path
        A text file with a line each, a name in front ("Ana: guesses 01_pdf ab-c…"), or a folder of such files, the
        name being the file's. The last line of a name counts, for each notebook.

    Raises
    ------
    BadParameter
        If there is no such file, or a line has not as many letters as the notebook has guesses.
    """
    guesses = {notebook.stem: guesses_of(notebook) for notebook in notebook_paths()}
    taken: dict[str, dict[str, str]] = {}  # notebook: who: letters
    for who, line in lines_of(path):
        match = _LINE.search(line)
        if not match or match["name"] not in guesses:
            continue
        if len(match["letters"]) != len(guesses[match["name"]]):
            raise BadParameter(
                f"{line.strip()!r}: {match['name']} has {len(guesses[match['name']])} guesses, and the line "
                f"{len(match['letters'])} letters. Has it another version of the course?"
            )
        taken.setdefault(match["name"], {})[match["who"] or who] = match["letters"]
    if not taken:
        raise BadParameter(
            f"{path} has no line such as 'Ana: guesses 01_pdf ab-c': see the end of a notebook."
        )
    return "\n\n".join(_table(name, guesses[name], list(taken[name].values())) for name in sorted(taken))


def _table(name: str, guesses: list[Guess], sent: list[str]) -> str:
    """One notebook: a line for each guess, the right choice with a star."""
    lines, wrong = [f"{name}, {len(sent)} sent"], {}
    for number, (guess, letters) in enumerate(zip(guesses, zip(*sent, strict=True), strict=True), start=1):
        counts = Counter(letters)
        shown = "  ".join(
            f"{letter}{'*' if letter == guess.right else ' '}{counts[letter]:3}" for letter in guess.choices
        )
        lines.append(f"{number:2}  {shown:30}  {guess.question}")
        guessed = counts.total() - counts["-"]
        if guessed and counts[guess.right] < guessed:
            wrong[number] = 1 - counts[guess.right] / guessed
    most = sorted(wrong, key=lambda number: -wrong[number])[:3]
    surprised = ", ".join(f"{number} ({wrong[number]:.0%} took another)" for number in most)
    return "\n".join([*lines, f"Most were surprised by {surprised}" if most else "Nobody was surprised"])
