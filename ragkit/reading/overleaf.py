"""Tables that go on overleaf."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.reading.lines import Line
from ragkit.words.sentences import CELL


def carry_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Give a table that goes on at the top of the next page, with as many columns, the heads that it had."""
    carried: list[list[Line]] = []
    heads = ""
    for rows in pages:
        first = [row for row in rows if row.table == rows[0].table] if rows and rows[0].table else []
        own = (
            any(row.heads for row in first)
            or max((row.cells for row in first), default=0) != heads.count(CELL) + 1
        )
        goes_on = {id(row) for row in first} if heads and not own else set()
        carried.append([row._replace(heads=heads) if id(row) in goes_on else row for row in rows])
        heads = carried[-1][-1].heads if rows else ""
    return carried
