"""The index: chunks and embeddings that belong together, with the model that made them.

They are checked once, when the index is made or loaded, and sliced as one, so that they cannot come apart.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd

from ragkit import models
from ragkit.arrays import SAMPLE, as_chunks, prove
from ragkit.boilerplate import list_spans, rank_last
from ragkit.chunk import DEFAULT_OVERLAP, chunks_recipe, default_max_tokens, load_chunks
from ragkit.embed import Embedder, Vectors, check_embeddings, embed_texts, load_embedder
from ragkit.keywords import Keywords
from ragkit.models.sentences import sentence_spans
from ragkit.notice import BadParameter, StaleIndex, say
from ragkit.reading.find import Paths
from ragkit.search import Sources, search
from ragkit.vectors import load_vectors, take_rows
from ragkit.workspace import open_workspace, recipe_hash


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
    """

    chunks: pd.DataFrame
    vectors: Vectors
    embedder: Embedder
    files: Mapping[str, Path] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_arrays(
        cls, chunks: pd.DataFrame, embeddings: np.ndarray, embedder: Embedder, sample: int | None = SAMPLE
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
        """The part of the index in these rows: a boolean mask, a slice, or positions."""
        places = np.arange(len(self))[np.asarray(rows) if not isinstance(rows, slice) else rows]
        chunks = self.chunks.iloc[places].reset_index(drop=True)
        return replace(self, chunks=chunks, vectors=take_rows(self.vectors, places))

    def of_source(self, source: Sources) -> Index:
        """The part of the index that comes from one file or several, by their names in the column `source`."""
        names = _sources_named(source, list(self.chunks["source"].unique()))
        return self[self.chunks["source"].isin(names).to_numpy()]

    @functools.cached_property
    def keywords(self) -> Keywords:
        """The words of the chunks, for BM25; counted when they are first asked for."""
        return Keywords(self.chunks["text"].tolist())

    @functools.cached_property
    def ranked_last(self) -> np.ndarray:
        """Which chunks are little else than a list of sources or contents: booleans, shape (n,)."""
        return rank_last(self.chunks["text"].tolist())

    @overload
    def search(
        self, question: str, top_k: int = 5, source: Sources | None = None, method: str = "hybrid"
    ) -> pd.DataFrame: ...
    @overload
    def search(
        self,
        question: Sequence[str],
        top_k: int = 5,
        source: Sources | None = None,
        method: str = "hybrid",
    ) -> list[pd.DataFrame]: ...
    def search(
        self,
        question: str | Sequence[str],
        top_k: int = 5,
        source: Sources | None = None,
        method: str = "hybrid",
    ) -> pd.DataFrame | list[pd.DataFrame]:
        """Find the chunks nearest to a question: see `ragkit.search.search`."""
        return search(question, self, top_k, source, method)

    def path_of(self, source: str) -> Path:
        """Path of the PDF that a chunk, a hit or a sentence came from."""
        if source not in self.files:
            raise BadParameter(f"{source} is no PDF that this index was made from: it has no pages to show.")
        return self.files[source]

    def sentences_of(self, hits: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
        """The sentences of some of the chunks, with their embeddings.

        Parameters
        ----------
        hits : DataFrame
            From `search`.

        Returns
        -------
        DataFrame
            A row a sentence, in the order of the hits: `text`, `source`, `page`, `label`, `chunk`, `boxes`,
            and whether it is `listed`: stands in a list of sources or contents.
        ndarray, float32, shape (sentences, d)
            Unit rows.
        """
        places = pd.Index(self.chunks["chunk"]).get_indexer(hits["chunk"])
        if (places < 0).any():
            raise StaleIndex("These hits are not of this index. Search in the one whose sentences you want.")
        if len(self.vectors.spans):
            part = take_rows(self.vectors, places)
            spans, vectors = part.spans, part.sentences.astype(np.float32)
            return _sentences(hits, spans.tolist()), vectors
        texts = enumerate(hits["text"])
        sentences = _sentences(hits, [(row, *span) for row, text in texts for span in sentence_spans(text)])
        return sentences, embed_texts(self.embedder, sentences["text"].tolist())


SENTENCE_COLUMNS = ["text", "source", "page", "label", "chunk", "boxes", "listed"]


def _sentences(hits: pd.DataFrame, spans: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Sentences of chunks, given as (row, start, end), with their own places: page, and the blocks they stand in."""
    chunks = hits.to_dict("records")
    lists = [list(list_spans(text)) for text in hits["text"]]
    rows = []
    for row, start, end in spans:
        chunk = chunks[row]
        boxes = [box for box in chunk["boxes"] if box["start"] < end and start < box["end"]]
        place = boxes[0] if boxes else chunk
        listed = any(first <= start < last for first, last in lists[row])
        rows.append([
            chunk["text"][start:end], chunk["source"], place["page"], place["label"], chunk["chunk"], boxes, listed,
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=SENTENCE_COLUMNS)


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
