"""What is measured: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower"]

ROUNDS = 5
EMBEDDED = 32  # texts: one batch of the tutorial's
ONE_BY_ONE = 4  # texts
SMALL, MADE = 808, [100_000, 1_000_000]  # rows that are searched; 808 is a textbook of 1,206 pages
NEW_TOKENS = 64


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes
    ----------
    key : str
        What the sides call it.
    name, unit : str
    better : {"higher", "lower"}
    """

    key: str
    name: str
    unit: str
    better: Better


def search_rows(n: int) -> list[Row]:
    """A search for the five best of n chunks, by ragkit's default and by the tutorial's score alone."""
    name = f"question to 5 of {n:,} chunks"
    return [Row(f"search_{n}", name, "ms", "lower"), Row(f"dense_{n}", f"{name}, dense", "ms", "lower")]


TABLE = [
    Row("read", "read and clean", "pages/s", "higher"),
    Row("split", "split", "chunks/s", "higher"),
    Row("dropped", "tokens that the model never reads", "%", "lower"),
    Row("embed", f"embed {EMBEDDED} texts", "tokens/s", "higher"),
    Row("embed_one", "embed, one text at a time", "tokens/s", "higher"),
    Row("whole", "PDF to searchable", "s", "lower"),
    Row("memory", "peak memory of that", "MB", "lower"),
    Row("import", "import", "s", "lower"),
    *(row for n in [SMALL, *MADE] for row in search_rows(n)),
    Row("first_word", "question to the answer's first word", "s", "lower"),
    Row("second_word", "the same, for the second question", "s", "lower"),
    Row("writing", "writing the answer", "tokens/s", "higher"),
    Row("same_first_word", "the tutorial's prompt for both: first word", "s", "lower"),
    Row("same_writing", "the tutorial's prompt for both: writing", "tokens/s", "higher"),
]
ROWS = {row.key: row for row in TABLE}
