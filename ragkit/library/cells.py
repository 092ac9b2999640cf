"""LanceDB's own indices of a table: when they are made, how far they are trusted, and what they miss.

The vectors are parted into cells around centres (IVF, an inverted file: Sivic and Zisserman 2003), and only the cells
nearest to a question are searched. That is quick and may miss a row: `recall` says how often.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

EXACT_UP_TO = 10_000
"""Rows up to which every vector is compared: below, cells save no time that anyone would notice (docs/library.md)."""

PROBES = 20
"""Cells that are searched for a question: docs/library.md."""

KEPT = timedelta(hours=1)
"""How long a version of the table stays on the disk for whoever is reading it."""


def build_indices(table: Any) -> None:
    """Bring the indices of a table up to date, and join its small pieces; what a killed run left undone is done now.

    Words and stems: BM25. Vectors, from `EXACT_UP_TO` rows on: IVF, with new cells when the table has grown by four
    times.
    """
    from lancedb.index import FTS, BTree, IvfFlat

    table.optimize(cleanup_older_than=KEPT)
    there = {index.name for index in table.list_indices()}
    words = FTS(
        base_tokenizer="whitespace",
        lower_case=False,
        stem=False,
        remove_stop_words=False,
        ascii_folding=False,
    )
    for column, config in {"words": words, "stems": words, "source": BTree()}.items():
        if column not in there:
            table.create_index(column, config=config, name=column)
    cells = cells_for(table.count_rows())
    if cells and f"cells-{cells}" not in there:
        config = IvfFlat(distance_type="cosine", num_partitions=cells)
        table.create_index("vector", config=config, name=f"cells-{cells}")
        for name in there:
            if name.startswith("cells-"):
                table.drop_index(name)


def is_indexed(table: Any) -> bool:
    """Whether no row has come since `build_indices` was done last."""
    return has_indices(table) and not any(index.num_unindexed_rows for index in table.list_indices())


def has_indices(table: Any) -> bool:
    """Whether it can be searched by words: rows that came later are then looked through one by one."""
    return {"words", "stems", "source"} <= {index.name for index in table.list_indices()}


def cells_of(table: Any) -> int:
    """How many cells the vector index has; 0 where there is none, and every vector is compared."""
    names = [index.name for index in table.list_indices()]
    return max((int(name.partition("-")[2]) for name in names if name.startswith("cells-")), default=0)


def cells_for(n: int) -> int:
    """How many cells the vectors of so many rows are parted into: about the root of their number, a power of two.

    >>> cells_for(9_999), cells_for(10_000), cells_for(1_000_000)
    (0, 128, 1024)
    """
    return 2 ** round(float(np.log2(n)) / 2) if n >= EXACT_UP_TO else 0


def nearest(table: Any, vector: np.ndarray, k: int, where: str = "", probes: int | None = PROBES) -> pa.Table:
    """Find the k rows whose vectors are nearest.

    Parameters
    ----------
    vector : ndarray, float32, shape (d,)
    where : str
        A condition, as SQL: only rows that meet it are looked at.
    probes : int or None
        Cells to search; None compares with every row.
    """
    search = table.search(vector, vector_column_name="vector").distance_type("cosine").limit(k)
    search = search.bypass_vector_index() if probes is None else search.nprobes(probes)
    return (search.where(where, prefilter=True) if where else search).to_arrow()


def recall(table: Any, k: int = 10, n: int = 20, probes: int = PROBES) -> float:
    """How many of the k nearest rows a search in cells finds, as a share; exact search finds them all.

    Asked with n sentences of the library itself, evenly spread. They lie in groups with what they look
    for, so questions find less (docs/library.md).
    """
    places = np.unique(np.linspace(0, table.count_rows() - 1, n).astype(int)).tolist()
    rows = table.take_offsets(places).select(["sentences"]).to_arrow()["sentences"].to_pylist()
    queries = [np.array(row[len(row) // 2], dtype=np.float32) for row in rows if row]
    found = [_ids(table, query, k, probes) & _ids(table, query, k, None) for query in queries]
    return sum(map(len, found)) / (k * len(queries))


def describe_search(table: Any) -> str:
    """How the library is searched, and what that costs, in one line."""
    if not (cells := cells_of(table)):
        return "search: every vector is compared"
    found = f"recall@10 against exact search {recall(table):.2f}"
    return f"search: {PROBES} of {cells:,} cells; {found} for its own sentences, less for questions"


def _ids(table: Any, vector: np.ndarray, k: int, probes: int | None) -> set[tuple[str, int]]:
    rows = nearest(table, vector, k, probes=probes)
    return set(zip(rows["source"].to_pylist(), rows["chunk"].to_pylist(), strict=True))
