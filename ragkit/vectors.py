"""Embeddings on disk: saved slice by slice as they come, taken over from an interrupted run or another workspace."""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import save
from tqdm import tqdm

from ragkit import models
from ragkit.disk import sha256_of, write_whole
from ragkit.embed import Embedder, Vectors, check_embeddings, embed_with_sentences
from ragkit.notice import RagkitError, say
from ragkit.words.sentences import SPLITTER
from ragkit.workspace import Recipe, Workspace, make_recipe, read_manifest

SLICE = 128
"""Chunks that are embedded between two saves: what an interruption costs at most."""

Known = dict[str, tuple[Vectors, int]]
"""Texts that were embedded before: among which vectors, and in which row."""


def load_vectors(workspace: Workspace, embedder: Embedder, chunks: pd.DataFrame, chunks_hash: str) -> Vectors:
    """Load the embeddings of a workspace's chunks; what was never embedded that way is, slice by slice.

    Parameters
    ----------
    workspace : Workspace
    embedder : Embedder
    chunks : DataFrame
    chunks_hash : str
        Of their recipe: what the embeddings' recipe begins with.

    Returns
    -------
    Vectors
        `embeddings` is mapped from the file, not read into memory.
    """
    recipe = vectors_recipe(embedder, chunks_hash)
    path = workspace.path("embeddings", recipe, "safetensors")
    partial = path.with_suffix(".partial")
    vectors = workspace.load_or_build(
        path,
        recipe,
        build=lambda: _embed_in_slices(partial, embedder, chunks["text"].tolist(), _known(workspace, recipe)),
        read=read_vectors,
        write=write_vectors,
    )
    shutil.rmtree(partial, ignore_errors=True)
    return vectors


def vectors_recipe(embedder: Embedder, chunks_hash: str) -> Recipe:
    """Everything that embeddings depend on; none of it needs the model in memory."""
    model = {"name": embedder.name, "sha256": embedder.checksum}
    parameters = {"dtype": embedder.dtype, "prompts": embedder.prompts, "splitter": SPLITTER}
    return make_recipe(
        chunks_hash, parameters, model, ["ragkit", "sentence-transformers", "transformers", "torch"]
    )


def _embed_in_slices(folder: Path, embedder: Embedder, texts: list[str], known: Known) -> Vectors:
    """Embed slice after slice, each saved before the next begins; slices of an interrupted run are used again.

    Slices are cut from the texts in the order of their lengths, so that all batches hold texts of like length.
    """
    lengths = models.count_tokens(embedder.tokenizer, texts)
    order = np.argsort([-length for length in lengths], kind="stable").tolist()
    parts = []
    with tqdm(total=len(texts), unit="chunk", desc="embedding") as bar:
        for start in range(0, len(texts), SLICE):
            path, wanted = (
                folder / f"{start:07d}.safetensors",
                [texts[i] for i in order[start : start + SLICE]],
            )
            part = _read_slice(path, len(wanted))
            if part is None:
                part = _embed_unknown(embedder, wanted, known)
                write_whole(path, functools.partial(write_vectors, part))
            parts.append(part)
            bar.update(len(wanted))
    return take_rows(join_vectors(parts or [embed_with_sentences(embedder, [])]), np.argsort(order))


def _read_slice(path: Path, n_texts: int) -> Vectors | None:
    """Read a slice that an interrupted run saved; None if there is none, or the disk gave back something else."""
    if not path.exists():
        return None
    try:
        vectors = read_vectors(path)
        check_embeddings(vectors.embeddings, n_texts)
        return vectors
    except (KeyError, ValueError, RagkitError):
        say(f"{path.name}, saved by an interrupted run, is damaged; its chunks are embedded again")
        return None


def _embed_unknown(embedder: Embedder, texts: list[str], known: Known) -> Vectors:
    """Embed the texts that are not known yet; take the rows of the others. From then on, all are known."""
    new = list(dict.fromkeys(text for text in texts if text not in known))
    if new:
        made = embed_with_sentences(embedder, new)
        known.update((text, (made, row)) for row, text in enumerate(new))
    return join_vectors([take_rows(vectors, [row]) for vectors, row in map(known.__getitem__, texts)])


def _known(workspace: Workspace, recipe: Recipe) -> Known:
    """Embeddings of texts in any workspace, made by the same model in the same way.

    A collection in which one file changed is a new workspace; only the chunks of that file are new in it.
    """
    known: Known = {}
    for folder, made_from, vectors_path in _made_alike(workspace.folder.parent, recipe):
        chunks_path = folder / f"chunks-{made_from}.parquet"
        with contextlib.suppress(OSError, KeyError, ValueError):  # damaged: then it is not known
            if _is_intact(folder, chunks_path) and _is_intact(folder, vectors_path):
                texts, vectors = (
                    pd.read_parquet(chunks_path, columns=["text"])["text"],
                    read_vectors(vectors_path),
                )
                known.update((text, (vectors, row)) for row, text in enumerate(texts))
    return known


def _made_alike(root: Path, recipe: Recipe) -> Iterator[tuple[Path, str, Path]]:
    """Workspace, hash of the chunks' recipe, and file of all embeddings that differ in their texts only."""
    for folder in sorted(path.parent for path in root.glob("*/manifest.json")):
        for name, record in read_manifest(folder)["artifacts"].items():
            if {**record["recipe"], "input": recipe["input"]} == recipe:
                yield folder, record["recipe"]["input"], folder / name


def _is_intact(folder: Path, path: Path) -> bool:
    record = read_manifest(folder)["artifacts"].get(path.name)
    return record is not None and sha256_of(path) == record["sha256"]


def take_rows(vectors: Vectors, rows: Sequence[int] | np.ndarray) -> Vectors:
    """Take the embeddings in these rows, in this order, each with its sentences."""
    first = np.searchsorted(vectors.spans[:, 0], rows, side="left")
    last = np.searchsorted(vectors.spans[:, 0], rows, side="right")
    picked = np.concatenate([np.arange(0), *map(np.arange, first, last)])
    spans = vectors.spans[picked]
    spans[:, 0] = np.repeat(np.arange(len(rows)), last - first)
    return Vectors(vectors.embeddings[rows], vectors.sentences[picked], spans)


def join_vectors(parts: Sequence[Vectors]) -> Vectors:
    """Put the embeddings of several groups of texts, at least one, into one."""
    offsets = np.cumsum([0, *(len(part.embeddings) for part in parts[:-1])])
    spans = [
        part.spans + np.array([offset, 0, 0], dtype=np.int32)
        for part, offset in zip(parts, offsets, strict=True)
    ]
    return Vectors(
        np.concatenate([part.embeddings for part in parts]),
        np.concatenate([part.sentences for part in parts]),
        np.concatenate(spans).astype(np.int32),
    )


def write_vectors(vectors: Vectors, path: Path) -> None:
    """Save embeddings as a safetensors file."""
    arrays = {name: np.ascontiguousarray(array) for name, array in vectors._asdict().items()}
    # As bytes, because safetensors' own way of writing reports a full disk as an error of its own kind.
    path.write_bytes(save(arrays))


def read_vectors(path: Path) -> Vectors:
    """Map a safetensors file of embeddings into memory: only what is looked at is read from the disk.

    The format is 8 bytes with the length of a JSON header, the header, and the arrays one after the other
    (https://huggingface.co/docs/safetensors).
    """
    dtypes = {"F32": np.float32, "F16": np.float16, "I32": np.int32}
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > path.stat().st_size:
            raise ValueError(f"{path} is not a safetensors file")
        header: dict[str, Any] = json.loads(file.read(length))

    def array(name: str) -> np.ndarray:
        about = header[name]
        dtype, shape, start = (
            dtypes[about["dtype"]],
            tuple(about["shape"]),
            8 + length + about["data_offsets"][0],
        )
        return np.memmap(path, dtype, "r", start, shape) if 0 not in shape else np.zeros(shape, dtype)

    return Vectors(array("embeddings"), array("sentences"), array("spans"))
