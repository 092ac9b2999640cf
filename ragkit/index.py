"""The index: chunks and embeddings that belong together, with the model that made them.

They are checked once, when the index is made or loaded, and sliced as one, so that they cannot come apart.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ragkit import models
from ragkit.arrays import N_PROVED, as_chunks, prove
from ragkit.chunk import DEFAULT_OVERLAP, chunks_recipe, default_max_tokens, load_chunks
from ragkit.embed import Embedder, Vectors, check_embeddings, load_embedder
from ragkit.notice import BadParameter, say
from ragkit.reading.find import Paths
from ragkit.vectors import load_vectors, take_rows
from ragkit.words.keywords import Keywords
from ragkit.words.languages import is_foreign, language_of_most
from ragkit.words.lists import list_spans, mostly
from ragkit.workspace import open_workspace, recipe_hash

Sources = str | Path | Sequence[str | Path]


@dataclass(frozen=True, eq=False)
class Index:
    """Chunks, their embeddings, and the embedder that made them: row i of one is row i of the other.

    Made by `open_index` from PDFs or by `Index.from_arrays` from what you have.

    Attributes
    ----------
    chunks : DataFrame
        One row a chunk, columns `CHUNK_COLUMNS` and maybe more.
    vectors : Vectors
        `embeddings`, float32, shape (n, d), unit rows; and those of the sentences, where they were made.
    embedder : Embedder
        Its name, checksum and prompts say who made the embeddings; it embeds the questions, too.
    files : mapping of str to Path
        Where the PDF of each `source` is.
    password : str or None
        Opens those that are encrypted.
    is_whole : bool
        Whether all chunks of its documents are here, and not only those near a question.
    """

    is_whole: ClassVar[bool] = True

    chunks: pd.DataFrame
    vectors: Vectors
    embedder: Embedder
    files: Mapping[str, Path] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_arrays(
        cls, chunks: pd.DataFrame, embeddings: np.ndarray, embedder: Embedder, sample: int | None = N_PROVED
    ) -> Index:
        """Make an index of chunks and embeddings that come from elsewhere: a CSV, a file of your own.

        Parameters
        ----------
        chunks : DataFrame
            n rows with a column `text`; the other columns of a chunk are filled in where they are missing.
        embeddings : ndarray, float32, shape (n, d)
            Unit rows. Row i has to be what `embedder` makes of chunk i.
        embedder : Embedder
            The model that made them, by what you know.
        sample : int or None
            How many chunks, evenly spread, are embedded again and compared, all for None; the others are taken on
            trust, and that is said.

        Raises
        ------
        BadEmbeddings
            If the embeddings are not finite unit rows of float32.
        StaleIndex
            If they come from another model, from other texts or in another order; the message says which.
        BadParameter
            If there is no column `text`.
        """
        if "text" not in chunks:
            raise BadParameter(
                f"chunks need a column 'text'; there is {', '.join(map(str, chunks.columns))}."
            )
        embeddings = check_embeddings(embeddings, len(chunks))
        n_proved = prove(chunks["text"].tolist(), embeddings, embedder, sample)
        if n_proved < len(chunks):
            rest = len(chunks) - n_proved
            proved = (
                f"{n_proved:,} of {len(chunks):,} embeddings were made again and agree"
                if n_proved
                else "no proof"
            )
            say(f"{proved}; {rest:,} are taken on trust")
        no_sentences = Vectors(
            embeddings, np.zeros((0, embeddings.shape[1]), np.float16), np.zeros((0, 3), np.int32)
        )
        return cls(as_chunks(chunks), no_sentences, embedder)

    @property
    def embeddings(self) -> np.ndarray:
        """Float32, shape (len(chunks), d), unit rows; mapped from the disk if they were loaded."""
        return self.vectors.embeddings

    def __len__(self) -> int:
        return len(self.chunks)

    def __getitem__(self, rows: Any) -> Index:
        """The part of the index in these rows: a boolean mask, a slice, or one position or more."""
        places = np.arange(len(self))[rows if isinstance(rows, slice) else np.atleast_1d(rows)]
        chunks = self.chunks.iloc[places].reset_index(drop=True)
        return replace(self, chunks=chunks, vectors=take_rows(self.vectors, places))

    def of_source(self, source: Sources) -> Index:
        """The part of the index that comes from one file or several, by their names in the column `source`."""
        return self._part(tuple(_sources_named(source, list(self.chunks["source"].unique()))))

    @functools.cached_property
    def _part(self) -> Callable[[tuple[str, ...]], Index]:
        """The part of some files: kept, since its words are counted for the first question that is asked of it."""
        return functools.lru_cache(maxsize=8)(
            lambda names: self[self.chunks["source"].isin(names).to_numpy()]
        )

    @functools.cached_property
    def keywords(self) -> Keywords:
        """The words of the chunks, for BM25; counted when they are first asked for."""
        return Keywords(self.chunks["text"].tolist(), self.chunks["source"].map(self.languages).tolist())

    @functools.cached_property
    def languages(self) -> dict[str, str]:
        """The language of each file: that of most of its chunks."""
        return {
            str(source): language_of_most(texts)
            for source, texts in self.chunks.groupby("source", sort=False)["text"]
        }

    @functools.cached_property
    def foreign(self) -> np.ndarray:
        """Which chunks are in a language that the embedder was not made for: booleans, shape (n,)."""
        tokenizer = self.embedder.tokenizer if set(self.languages.values()) - {"english"} else None
        foreign = {
            source: language != "english" and is_foreign(language, tokenizer)
            for source, language in self.languages.items()
        }
        return self.chunks["source"].map(foreign).to_numpy(dtype=bool)

    @functools.cached_property
    def lists(self) -> list[list[tuple[int, int]]]:
        """Where in each chunk lines of a list of sources, of contents or of an index stand: as `list_spans`."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(len(self))]
        for places in self.chunks.groupby("source", sort=False).indices.values():
            spans = list_spans(self.chunks["text"].iloc[places].tolist())
            for place, of_one in zip(places, spans, strict=True):
                found[place] = of_one
        return found

    @functools.cached_property
    def ranked_last(self) -> np.ndarray:
        """Which chunks are little else than such lines: booleans, shape (n,)."""
        return mostly(self.lists, self.chunks["text"].tolist())

    def search(self, question: Any, top_k: int = 5, **how: Any) -> Any:
        """Find the chunks nearest to a question, best first: `ragkit.search.search`, with its other parameters."""
        from ragkit.search import search  # it stands above the index, which is only data

        return search(question, self, top_k, **how)

    def path_of(self, source: str) -> Path:
        """Path of the PDF that a chunk, a hit or a sentence came from."""
        if source not in self.files:
            raise BadParameter(
                f"{source} is not a PDF that this index was made from, so it has no pages to show."
            )
        return self.files[source]


def open_index(
    pdf: Paths,
    embedder: Embedder | str | None = None,
    *,
    max_tokens: int | None = None,
    overlap: int = DEFAULT_OVERLAP,
    password: str | None = None,
    ocr: str | None = None,
    root: str | Path | None = None,
) -> Index:
    """Open the index of one or more PDFs; what was never made that way is made, and one line each says so.

    Parameters
    ----------
    pdf : str, path or sequence of them
        A PDF file, a folder of PDFs, a glob, or a list of these.
    embedder : Embedder or str, optional
        From `load_embedder`, or what it takes; default: `RAGKIT_EMBEDDER`, else the catalogue's default.
    max_tokens, overlap : int
        As in `chunk_pages`.
    password, ocr, root
        As in `open_workspace`.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF, NoText, WorkspaceError, ModelNotFound, BadParameter
        Whatever was computed before is kept.

    Examples
    --------
    >>> index = open_index("paper.pdf")  # doctest: +SKIP
    >>> index.search("What is multi-head attention?")  # doctest: +SKIP
    """
    workspace = open_workspace(pdf, password, ocr, root)
    embedder = embedder if isinstance(embedder, Embedder) else load_embedder(embedder)
    max_tokens = max_tokens or default_max_tokens(models.load_tokenizer(embedder.name))
    with workspace.locked():
        chunks = load_chunks(workspace, embedder.name, max_tokens, overlap)
        made_from = recipe_hash(chunks_recipe(workspace, embedder.name, max_tokens, overlap))
        vectors = load_vectors(workspace, embedder, chunks, made_from)
    check_embeddings(vectors.embeddings, len(chunks))
    return Index(chunks, vectors, embedder, workspace.sources, workspace.password)


def _sources_named(sources: Sources, known: Sequence[str]) -> list[str]:
    """The names in the column `source` that are meant; a path means the file of its name.

    Raises
    ------
    BadParameter
        For one that is not there; names those near it.
    """
    wanted = [sources] if isinstance(sources, str | Path) else list(sources)
    names = [str(source) if str(source) in known else Path(source).name for source in wanted]
    if unknown := [name for name in names if name not in known]:
        near = difflib.get_close_matches(unknown[0], known, n=3, cutoff=0) or known[:3]
        raise BadParameter(
            f"source={unknown[0]!r}: no chunk comes from a file of that name. Near it: {', '.join(near)}."
        )
    return names
