"""From a library to the few rows that a question needs: an `Index` with the words of the whole library behind it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
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
from ragkit.words.compounds import Compounds
from ragkit.words.followup import in_full
from ragkit.words.keywords import Keywords
from ragkit.words.languages import stem

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
    close = nearest(library.table, query, CANDIDATES, where)
    if not len(close):
        raise BadParameter(f"No chunk of the library is from {source or 'any file'}, pages {pages or 'all'}.")
    words = LibraryWords(library)
    terms = NearKeywords(close.select(["words", "language"]).to_pandas(), words).terms_of(question)
    found = [close, _rows_with(terms, library.table, "words", CANDIDATES, where)]
    columns = close.schema.names[:-1]  # without the score
    rows = pa.concat_tables([table.select(columns) for table in found]).combine_chunks()
    return _index_of(library, rows, words)


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
    def keywords(self) -> NearKeywords:
        """The words of the chunks, for BM25, as rare as they are in the library."""
        assert self.library_words
        return NearKeywords(self.chunks, self.library_words)

    @functools.cached_property
    def languages(self) -> dict[str, str]:
        """The language of each file."""
        return dict(zip(self.chunks["source"], self.chunks["language"], strict=True))


class LibraryWords:
    """In how many rows of a library words occur: asked of its full-text index when it is wanted."""

    def __init__(self, library: Library) -> None:
        self._table, self.n = library.table, len(library)
        self._counts: dict[tuple[str, str], int] = {}
        lengths = self._table.search().select(["n_words"]).limit(COUNTED).to_arrow()["n_words"]
        self.mean_length = float(np.mean(lengths.to_numpy()))

    def count(self, word: str, column: str = "words") -> int:
        """In how many rows a word occurs, or a stem in the column `stems`; `COUNTED` if in more."""
        if (word, column) not in self._counts:
            self._counts[word, column] = len(
                _rows_with([word], self._table, column, COUNTED, columns=["_score"])
            )
        return self._counts[word, column]

    __getitem__ = count

    def __contains__(self, word: str) -> bool:
        return self.count(word) > 0

    def __iter__(self) -> Iterator[str]:
        return iter(())  # all of them are too many


class NearKeywords(Keywords):
    """Scores a few chunks as `Keywords` over the whole library would; compounds are parted by the words of these."""

    def __init__(self, chunks: pd.DataFrame, words: LibraryWords) -> None:
        self.counts, self.n, self._library = words, words.n, words  # type: ignore[assignment]
        self.written = ()  # by which slips are mended: all of a library's words are too many
        terms, self._languages = chunks["words"].str.split(), chunks["language"].to_numpy()
        self._compounds = {
            name: Compounds(terms[self._languages == name], name)
            for name in set(self._languages.tolist()) - {"english"}
        }
        self._words = [Counter(each) for each in terms]
        lengths = np.array([count.total() for count in self._words], dtype=np.float32)
        self._damping = K1 * (1 - B + B * lengths / words.mean_length)

    def _terms(self, words: Sequence[str], language: str) -> list[str]:
        """A compound whole, too: each file's were taken apart by its own words, a question's by these rows'."""
        terms = super()._terms(words, language)
        whole = [stem(word, language) for word in words] if language in self._compounds else []
        return [*terms, *(each for each in whole if each not in terms and each in self._library)]

    def count_of_forms(self, word: str, language: str) -> int:
        if language in self._compounds:
            return super().count_of_forms(word, language)
        return self._library.count(stem(word, language), "stems")

    def _sums(self, words: list[str]) -> np.ndarray:
        times = np.array([[count[word] for count in self._words] for word in words], dtype=np.float32)
        rarity = np.array([self.rarity(word) for word in words], dtype=np.float32)
        return rarity @ (times / (times + self._damping))


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


def _index_of(library: Library, rows: pa.Table, words: LibraryWords) -> Near:
    """An index of rows: each once, in the order of the files, numbered anew, with a gap where chunks are left out."""
    places = {
        key: place
        for place, key in enumerate(zip(rows["source"].to_pylist(), rows["chunk"].to_pylist(), strict=True))
    }
    rows = rows.take([places[key] for key in sorted(places)])
    chunks = rows.select([*CHUNK_COLUMNS, "words", "language"]).to_pandas()
    follows = (chunks["chunk"].diff() == 1) & (chunks["source"] == chunks["source"].shift())
    numbers = np.arange(len(chunks)) + np.cumsum(~follows)
    chunks = chunks.assign(chunk=numbers, boxes=[list(boxes) for boxes in chunks["boxes"]])
    folders = zip(rows["source"].to_pylist(), rows["folder"].to_pylist(), strict=True)
    files = {source: Path(folder).parent / source for source, folder in folders}
    return Near(chunks, vectors_of(rows), library.embedder, files, library.reading.password, words)
