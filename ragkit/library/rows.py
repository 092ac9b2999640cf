"""The rows of one file: what is worked out on whatever machine has a hand free, and whole or not at all.

Two steps, because they want different machines: reading wants a processor, embedding a model and perhaps a GPU. Both
take a file and give it back with what was made of it, as plain values that travel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ragkit import models
from ragkit.chunk import CHUNK_COLUMNS, DEFAULT_OVERLAP, chunk_pages
from ragkit.disk import sha256_of
from ragkit.embed import Embedder, Vectors, embed_with_sentences
from ragkit.notice import RagkitError, StaleIndex
from ragkit.pdf import READER, read_pdf
from ragkit.words.compounds import Compounds
from ragkit.words.keywords import looked_for, words_of
from ragkit.words.languages import language_of_most, stem
from ragkit.words.sentences import SPLITTER
from ragkit.workspace import Recipe, make_recipe

FORMAT = 7  # goes up when the rows of a table get other columns, or the same ones with another meaning

Job = dict[str, Any]
"""A file on its way: `source`, `folder`, `path`, `sha256`; then `rows` (bytes), or an `error` (text)."""

_BOX = pa.struct(
    [(name, pa.int64() if name in ("page", "start", "end") else pa.float64() if name[0] in "xy" else pa.string())
     for name in ("page", "label", "start", "end", "x0", "y0", "x1", "y1", "heads", "heading")]
)  # fmt: skip
_CHUNK = [
    ("chunk", pa.int64()), ("source", pa.string()), ("page", pa.int64()), ("last_page", pa.int64()),
    ("label", pa.string()), ("text", pa.string()), ("n_sentences", pa.int64()), ("n_tokens", pa.int64()),
    ("boxes", pa.list_(_BOX)), ("folder", pa.string()), ("sha256", pa.string()), ("words", pa.string()),
    ("stems", pa.string()), ("n_words", pa.int64()), ("language", pa.string()),
]  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """How files are read and cut: what a worker has to know beside the model."""

    tokenizer_of: str
    max_tokens: int
    ocr: str
    password: str | None = field(default=None, repr=False)


def schema_of(dimension: int) -> pa.Schema:
    """The columns of a library's table, for embeddings of so many values.

    Those of `chunks`; `folder` and `sha256` of the file; `words` as they are looked for in its `language`, and `stems`,
    by which the full-text index finds them;
    `vector`; and of each sentence its place in the text (`spans`, in characters) and its vector (`sentences`).
    """
    made = [
        ("vector", pa.list_(pa.float32(), dimension)),
        ("spans", pa.list_(pa.list_(pa.int32(), 2))),
        ("sentences", pa.list_(pa.list_(pa.float16(), dimension))),
    ]
    return pa.schema([*_CHUNK, *made])


def library_recipe(embedder: Embedder, reading: Reading) -> Recipe:
    """Everything that rows depend on beside the file: two recipes never share a table."""
    parameters = {
        "format": FORMAT, "max_tokens": reading.max_tokens, "overlap": DEFAULT_OVERLAP, "splitter": SPLITTER,
        "reader": READER, "ocr": reading.ocr, "dtype": embedder.dtype, "prompts": embedder.prompts,
    }  # fmt: skip
    model = {"name": embedder.name, "sha256": embedder.checksum}
    libraries = ["ragkit", "pymupdf", "tokenizers", "sentence-transformers", "transformers", "torch"]
    return make_recipe(None, parameters, model, libraries)


def read_file(job: Job, reading: Reading) -> Job:
    """Read and chunk one file; what is wrong with it becomes its `error`, and stops nothing else."""
    try:
        path = Path(job["path"])
        pages = read_pdf(path, reading.password, reading.ocr).assign(source=job["source"])
        if sha256_of(path) != job["sha256"]:
            raise StaleIndex(f"{path.name} changed while it was read. Add the folder again.")
        chunks = chunk_pages(pages, models.load_tokenizer(reading.tokenizer_of), reading.max_tokens)
        return job | {"rows": _packed(_rows_of(chunks, job)), "error": ""}
    except (RagkitError, OSError) as error:
        return job | {"rows": b"", "error": f"{type(error).__name__}: {error}"}


def embed_file(job: Job, embedder: Embedder) -> Job:
    """Embed the chunks of one file that was read, and their sentences."""
    if job["error"]:
        return job
    table = unpacked(job["rows"])
    vectors = embed_with_sentences(embedder, table["text"].to_pylist())
    return job | {"rows": _packed(with_vectors(table, vectors))}


def _rows_of(chunks: pd.DataFrame, job: Job) -> pa.Table:
    language = language_of_most(chunks["text"])
    words = [words_of(text) for text in chunks["text"]]
    compounds = Compounds(words, language) if language != "english" else None
    terms = [looked_for(each, language, compounds) for each in words]
    rows = chunks[CHUNK_COLUMNS].assign(
        folder=job["folder"],
        sha256=job["sha256"],
        words=[" ".join(each) for each in terms],
        stems=[" ".join(sorted({stem(word, language) for word in each})) for each in words],
        n_words=[len(each) for each in terms],
        language=language,
    )
    return pa.Table.from_pandas(rows, schema=pa.schema(_CHUNK), preserve_index=False)


def with_vectors(table: pa.Table, vectors: Vectors) -> pa.Table:
    """Put embeddings beside the chunks that they were made of: the columns of `schema_of`."""
    dimension = vectors.embeddings.shape[1]
    starts = np.searchsorted(vectors.spans[:, 0], np.arange(len(table) + 1)).astype(np.int32)

    def in_rows(values: np.ndarray, width: int) -> pa.Array:
        return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).ravel()), width)

    columns = [
        in_rows(vectors.embeddings, dimension),
        pa.ListArray.from_arrays(starts, in_rows(vectors.spans[:, 1:], 2)),
        pa.ListArray.from_arrays(starts, in_rows(vectors.sentences, dimension)),
    ]
    schema = schema_of(dimension)
    return pa.Table.from_arrays(
        [*(column.combine_chunks() for column in table.columns), *columns], schema=schema
    )


def vectors_of(table: pa.Table) -> Vectors:
    """Take the embeddings out of rows of the table: the reverse of `with_vectors`."""
    dimension = table.schema.field("vector").type.list_size
    counts = table["spans"].combine_chunks().value_lengths().to_numpy()
    rows = np.repeat(np.arange(len(table), dtype=np.int32), counts)

    def flat(column: str, width: int) -> np.ndarray:
        lists = table[column].combine_chunks()
        inner = lists.flatten() if column == "vector" else lists.flatten().flatten()
        return inner.to_numpy(zero_copy_only=False).reshape(-1, width)

    spans = np.column_stack([rows, flat("spans", 2)]).astype(np.int32)
    return Vectors(flat("vector", dimension), flat("sentences", dimension), spans)


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def unpacked(rows: bytes) -> pa.Table:
    """The rows that a job carries, as a table."""
    return pa.ipc.open_stream(rows).read_all()
