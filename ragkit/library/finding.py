"""From a library to the few rows that a question needs: an `Index` with the words of the whole library behind it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from ragkit import generate
from ragkit.answer import Answer
from ragkit.chunk import CHUNK_COLUMNS
from ragkit.embed import embed_texts
from ragkit.index import Index, Sources
from ragkit.library.cells import build_indices, has_indices, nearest
from ragkit.library.rows import vectors_of
from ragkit.library.sql import quoted
from ragkit.library.table import Library
from ragkit.notice import BadParameter
from ragkit.search import CANDIDATES, check_questions
from ragkit.words.followup import in_full
from ragkit.words.keywords import Keywords, stem, words_of

K1, B = 1.5, 0.75
"""Of BM25, as bm25s has them: a library scores words as an `Index` does."""

COUNTED = 100_000
"""Rows up to which it is counted in how many a word occurs: one in more of them tells little, and counts as that."""


def near(
    question: str,
    library: Library,
    *,
    source: Sources | None = None,
    pages: tuple[int, int] | None = None,
) -> Near:
    """Find the rows nearest to a question, by vectors and by words, and make an index of them.

    The best `CANDIDATES` by either; whatever takes an index then scores them as it would score them in an index of the
    whole library, sentences and all.

    Parameters
    ----------
    question : str
    library : Library
    source : str, path or sequence of them, optional
        Look only into these files: names as in the column `source`, or the ends of such.
    pages : (int, int), optional
        Look only at chunks on these pages: the first and the last, 0-based.

    Raises
    ------
    EmptyQuestion
        If the question holds no word.
    BadParameter
        If the library, or what was asked for of it, is empty.
    WorkspaceError
        If it is being filled for the first time.
    """
    check_questions([question])
    library.refresh()
    if not len(library):
        raise BadParameter(f"The library in {library.place} is empty: add a folder first.")
    if not has_indices(library.table):  # the run that filled it was killed, or is not done
        with library.locked(seconds=1):
            build_indices(library.table)
    where = _where(source, pages)
    query = embed_texts(library.embedder, [question], role="query")[0]
    found = [nearest(library.table, query, CANDIDATES, where), _by_words(library, question, where)]
    columns = found[0].schema.names[:-1]  # without the score
    rows = pa.concat_tables([table.select(columns) for table in found]).combine_chunks()
    if not len(rows):
        raise BadParameter(f"No chunk of the library is from {source or 'any file'}, pages {pages or 'all'}.")
    return _index_of(library, rows)


def ask(
    question: str,
    library: Library,
    llm: Any = None,
    *,
    before: Sequence[str | Answer] = (),
    source: Sources | None = None,
    pages: tuple[int, int] | None = None,
    **how: Any,
) -> Answer:
    """Answer a question from a library: `ragkit.ask` on what is near it, with its other parameters."""
    wanted = in_full(question, generate.questions_of(before))
    return generate.ask(
        question, near(wanted, library, source=source, pages=pages), llm, before=before, **how
    )


@dataclass(frozen=True, eq=False)
class Near(Index):
    """The part of a library that is near a question: an `Index` whose words are counted in the whole library."""

    is_whole: ClassVar[bool] = False
    library_words: LibraryWords | None = None

    @functools.cached_property
    def keywords(self) -> Keywords:
        """The words of the chunks, for BM25, as rare as they are in the library."""
        assert self.library_words
        return _NearKeywords(self.chunks["text"].tolist(), self.library_words)


class LibraryWords:
    """In how many rows of a library words occur: asked of its full-text index when it is wanted."""

    def __init__(self, library: Library) -> None:
        self._table, self.n = library.table, len(library)
        self._counts: dict[tuple[str, str, int], int] = {}
        lengths = self._table.search().select(["n_words"]).limit(COUNTED).to_arrow()["n_words"]
        self.mean_length = float(np.mean(lengths.to_numpy()))

    def count(self, word: str, column: str = "words", most: int = COUNTED) -> int:
        """In how many rows a word occurs, or a stem in the column `stems`; `most` if in more."""
        if (word, column, most) not in self._counts:
            found = _rows_with([word], self._table, column, most, columns=["_score"])
            self._counts[word, column, most] = len(found)
        return self._counts[word, column, most]


class _Counts(Counter[str]):
    """Asks for the count of a word when it is wanted."""

    def __init__(self, words: LibraryWords) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, word: str) -> int:
        return self._words.count(word)

    def __contains__(self, word: object) -> bool:
        return self[str(word)] > 0


class _NearKeywords(Keywords):
    """Scores a few texts as `Keywords` over the whole library would."""

    def __init__(self, texts: Sequence[str], words: LibraryWords) -> None:
        self.counts, self.n, self._library = _Counts(words), words.n, words
        self._words = [Counter(words_of(text)) for text in texts]
        lengths = np.array([count.total() for count in self._words], dtype=np.float32)
        self._damping = K1 * (1 - B + B * lengths / words.mean_length)

    def count_of_forms(self, word: str, language: str) -> int:
        return self._library.count(stem(word, language), "stems")

    def scores(self, question: str) -> np.ndarray:
        words = words_of(question)
        scores = np.zeros(len(self._words), dtype=np.float32)
        for word in words:
            times = np.array([count[word] for count in self._words], dtype=np.float32)
            scores += self.rarity(word) * times / (times + self._damping)
        return scores / np.float32(sum(map(self.rarity, words)) or 1)


def _by_words(library: Library, question: str, where: str) -> pa.Table:
    return _rows_with(list(dict.fromkeys(words_of(question))), library.table, "words", CANDIDATES, where)


def _rows_with(
    words: list[str], table: Any, column: str, k: int, where: str = "", columns: list[str] | None = None
) -> pa.Table:
    """The k best rows by BM25, LanceDB's own, for words that stand in a column."""
    from lancedb.query import MatchQuery

    match: Any = MatchQuery
    search = table.search(match(" ".join(words), column), query_type="fts").limit(k)
    search = search.select(columns) if columns else search
    return (search.where(where, prefilter=True) if where else search).to_arrow()


def _where(source: Sources | None, pages: tuple[int, int] | None) -> str:
    """The condition for files and pages, as SQL; "" for none."""
    parts = []
    if source is not None:
        names = [source] if isinstance(source, str | Path) else list(source)
        texts = [Path(name).as_posix() for name in names]
        either = [f"source = {quoted(text)} OR ends_with(source, {quoted('/' + text)})" for text in texts]
        parts.append(f"({' OR '.join(either)})")
    if pages is not None:
        parts.append(f"page <= {int(pages[1])} AND last_page >= {int(pages[0])}")
    return " AND ".join(parts)


def _index_of(library: Library, rows: pa.Table) -> Near:
    """An index of rows: each once, in the order of the files, numbered anew, with a gap where chunks are left out."""
    places = {
        key: place
        for place, key in enumerate(zip(rows["source"].to_pylist(), rows["chunk"].to_pylist(), strict=True))
    }
    rows = rows.take([places[key] for key in sorted(places)])
    chunks = rows.select(CHUNK_COLUMNS).to_pandas()
    follows = (chunks["chunk"].diff() == 1) & (chunks["source"] == chunks["source"].shift())
    numbers = np.arange(len(chunks)) + np.cumsum(~follows)
    chunks = chunks.assign(chunk=numbers, boxes=[list(boxes) for boxes in chunks["boxes"]])
    folders = zip(rows["source"].to_pylist(), rows["folder"].to_pylist(), strict=True)
    files = {source: Path(folder).parent / source for source, folder in folders}
    words = LibraryWords(library)
    return Near(chunks, vectors_of(rows), library.embedder, files, library.reading.password, words)
