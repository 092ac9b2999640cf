"""What was measured, kept as JSON, and the page that is written from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools.outside.counts import wilson

Cell = Any  # a text, a number, or a Count, which JSON has as a list of two

HEAD = """# On documents that nobody of this project wrote

`make outside` reads, searches, quotes, refuses and marks on whatever of these sets is there, and writes this page from
`docs/outside.json`. Nothing of the sets is a part of the project. Behind a count stands its share, with the interval in
which it lies for 95 of 100 sets of as many (Wilson).

- *mmlong*: reports, court files, guides, papers, slides and brochures with questions by people, half of them on tables
  (MMLongBench-Doc, Apache-2.0). Some ask for what no text says: sums, ratios, colours.
- *domains*: a pump's manual, a German menu and a US lease, with what a right quotation has to hold.
- *papers*, *textbook*: 30 questions on two papers, 58 on a book of 1,206 pages; and *off-topic*: five that no document
  answers, each asked of every third.
- *guides*: Debian's installation guide in English, German and French, with the text that the PDFs were made from.
- *claims*: right and wrong sentences on *domains*. *SummEdits*: summaries, some of them edited to say what their
  document does not (factualNLG, Apache-2.0).
"""


@dataclass
class Table:
    """Columns and rows of cells; under a title if there are several."""

    columns: list[str]
    rows: list[list[Cell]]
    title: str = ""


@dataclass
class Section:
    """What a part found: tables, remarks under them, and its worst cases in short."""

    title: str
    tables: list[Table]
    notes: list[str] = field(default_factory=list)
    worst: list[str] = field(default_factory=list)


WORST = 10  # cases that are shown


def keep(sections: dict[str, Section], folder: Path, order: Sequence[str]) -> None:
    """Write what was measured over what was there of the same parts, and the page anew."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "outside.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept |= {name: asdict(section) for name, section in sections.items()}
    kept = {name: kept[name] for name in order if name in kept}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "outside.md").write_text(page(kept), encoding="utf-8")


def page(kept: dict[str, dict[str, Any]]) -> str:
    """The whole page, from what JSON holds."""
    return "\n".join([HEAD, *(section_text(section) for section in kept.values())])


def section_text(section: dict[str, Any]) -> str:
    """One section as Markdown."""
    parts = [f"## {section['title']}", ""]
    for table in section["tables"]:
        parts += [f"**{table['title']}**", ""] if table["title"] else []
        parts += [*table_lines(table), ""]
    parts += [line for note in section["notes"] for line in (note, "")]
    if section["worst"]:
        shown = section["worst"][:WORST]
        parts += [f"To look at, {len(shown)} of {len(section['worst'])}:", ""]
        parts += [*(f"- {line}" for line in shown), ""]
    return "\n".join(parts)


def table_lines(table: dict[str, Any]) -> list[str]:
    """A table in Markdown."""
    rows = [[cell_text(cell) for cell in row] for row in table["rows"]]
    return [_row(table["columns"]), _row(["---"] * len(table["columns"])), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def cell_text(cell: Cell) -> str:
    """A cell as it is read.

    >>> cell_text([34, 59]), cell_text([2, 2000]), cell_text(0.5), cell_text([0, 0])
    ('34 of 59: 0.58 (0.45–0.69)', '2 of 2,000: 0.0010 (0.0003–0.0036)', '0.500', '–')
    """
    if isinstance(cell, list | tuple):
        k, n = cell
        low, high = wilson(k, n)
        digits = 4 if n >= 1000 else 2
        return f"{k:,} of {n:,}: {k / n:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})" if n else "–"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)
