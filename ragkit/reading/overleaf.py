"""Tables that go on overleaf: their heads are said there, too, and a row that the page's end cut is put together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ragkit.reading.cells import add_text, cells_in, row_text
from ragkit.reading.evidence import is_figure
from ragkit.reading.lines import TERMINAL, Line
from ragkit.words.sentences import CELL

_MARGIN = (
    3  # lines of a page's header or footer, between the parts of a table whose lines stand in the same places
)
_MOVED = 2.0  # points between the places of the same lines


def carry_tables(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Give tables that go on at the top of the next page the heads that they had, and cut rows their other half.

    A table goes on where nothing stands between its parts and they have as many columns; or no more than headers and
    footers, and the lines between its columns are drawn in the same places.
    """
    carried = [list(rows) for rows in pages]
    for above, rows in pairwise(carried):
        last, first = _part(above[::-1])[::-1], _part(rows)
        if not last or not first:
            continue
        heads, edges = last[-1].heads, last[-1].edges
        at, top = above.index(last[-1]), rows.index(first[0])
        same = bool(edges) and _is_same(edges, first[0].edges)
        named = heads.partition("\n")[0]  # below it, the title of the last rows
        repeated = [row for row in first if not row.heads] if heads and first[0].text == named else []
        if same and _join_cut_row(above, rows, at, top + len(repeated)):
            first.pop(len(repeated))  # which may have been taken for heads
        elif any(row.heads for row in first):
            continue
        near = top == 0 and at == len(above) - 1
        if heads and (same or (near and max(row.cells for row in first) == named.count(CELL) + 1)):
            known = [row._replace(heads=heads) for row in first[len(repeated) :]]
            rows[top + len(repeated) : top + len(first)] = known
    return carried


def _part(rows: Sequence[Line]) -> list[Line]:
    """The rows of the first table of a page that no more than a header stands before."""
    number = next((row.table for row in rows[: _MARGIN + 1] if row.table), 0)
    return [row for row in rows if row.table == number] if number else []


def _is_same(edges: Sequence[float], others: Sequence[float]) -> bool:
    return len(edges) == len(others) and all(
        abs(one - other) < _MOVED for one, other in zip(edges, others, strict=True)
    )


def _join_cut_row(above: list[Line], rows: list[Line], at: int, cut: int) -> bool:
    """Put what stands in a few cells at the top of a page, and in none of the first column, to the row it is of."""
    if cut == len(rows) or not _is_same(above[at].edges, rows[cut].edges):
        return False
    n_columns = len(above[at].edges) - 1
    cells, rest = cells_in(above[at].text, n_columns), cells_in(rows[cut].text, n_columns)
    filled = [i for i, cell in enumerate(rest) if cell]
    if 2 * len(filled) > n_columns or not all(_goes_on(cells[i], rest[i]) for i in filled) or 0 in filled:
        return False
    joined = [add_text(cell, after) if after else cell for cell, after in zip(cells, rest, strict=True)]
    above[at] = above[at]._replace(text=row_text(joined))
    del rows[cut]
    return True


def _goes_on(cell: str, after: str) -> bool:
    """Whether the text of a cell goes on in another one."""
    if not cell or is_figure(after) or TERMINAL.search(cell):
        return False
    return not after[0].isupper() or cell.endswith((",", "-"))
