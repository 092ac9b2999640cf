"""Step 03: from texts to embeddings that can be trusted.

One path leads from a text to its vector: batches of texts of like length, and a check that every value is
finite, every row of unit length, and that there is one row a text. Embeddings of a workspace are saved a slice
at a time, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from tqdm import tqdm

from ragkit import device as devices
from ragkit import models
from ragkit.chunk import load_chunks
from ragkit.notice import BadEmbeddings, RagkitError, StaleIndex, say
from ragkit.workspace import Recipe, Workspace, make_recipe, sha256_of, write_whole

BATCH_TOKENS = 1024
"""Tokens a batch, padding included."""

SLICE = 128
"""Chunks that are embedded between two saves: what an interruption costs at most."""

PARTIAL = "embeddings.partial"
"""Folder of the slices that an unfinished run has saved."""

PROBES = 8
"""Chunks that are embedded once more to see whether embeddings that come from elsewhere are theirs."""

SAME_TEXT = 0.99
"""Cosine from which two embeddings count as made from one text by one model, be it in another number format."""

UNIT_TOLERANCE = 1e-3
"""How far a row's length may be from 1: float32 rounding gives 1e-6; text saved with few digits, more."""


@dataclass(frozen=True)
class Embedder:
    """An embedding model, ready to use.

    Attributes
    ----------
    name, checksum : str
        Name of the model; SHA-256 of its weights, in hex.
    model : SentenceTransformer
    tokenizer : transformers tokenizer
    device, dtype : str
        Where and in which number format the model runs; the embeddings come back as float32 in any case.
    dimension : int
        Values an embedding.
    max_tokens : int
        Tokens that the model reads of a text, special ones included; it never sees what follows.
    prompts : dict of str to str
        What the model wants written before a "query" and a "document"; often nothing.
    """

    name: str
    model: Any
    tokenizer: Any
    device: str
    dtype: str
    dimension: int
    max_tokens: int
    checksum: str
    prompts: dict[str, str]


Role = Literal["document", "query"]


class Origin(NamedTuple):
    """What a row of embeddings was made from."""

    text: int  # hash of the text
    checksum: str  # of the model's weights
    prompt: str  # what stood before the text


# Of the rows that this process made or loaded: hash of the row's bytes -> its origins, each with the model's name.
_origins: defaultdict[int, dict[Origin, str]] = defaultdict(dict)


def load_embedder(name: str | None = None, device: str | None = None, dtype: str | None = None) -> Embedder:
    """Load an embedding model, fetching it first if it is not on this disk.

    Parameters
    ----------
    name : str, optional
        Catalogue name, Hugging Face name or local folder; default: `RAGKIT_EMBEDDER`, else all-mpnet-base-v2.
    device : {"cpu", "mps", "cuda"}, optional
        Default: `RAGKIT_DEVICE`, else the best that this machine has.
    dtype : {"float32", "bfloat16", "float16"}, optional
        Default: float32, so that scores agree between machines.

    Raises
    ------
    ModelNotFound, ModelCorrupt, DeviceUnavailable, BadParameter
    """
    name = models.model_name("embedder", name)
    folder = models.fetch_model(name, "embedder")
    device = devices.choose_device(device).name
    dtype = devices.choose_dtype(device, "embedder", dtype)
    tokenizer = models.load_tokenizer(name)
    with models.quiet_loading():
        import torch
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            str(folder), device=device, local_files_only=True, model_kwargs={"dtype": getattr(torch, dtype)}
        )
    return Embedder(
        name=name,
        model=model.eval(),
        tokenizer=tokenizer,
        device=device,
        dtype=dtype,
        dimension=model.get_embedding_dimension(),
        max_tokens=model.max_seq_length,
        checksum=models.model_checksum(folder),
        prompts=models.read_prompts(folder),
    )


def embed_texts(
    embedder: Embedder,
    texts: Sequence[str],
    role: Role = "document",
    batch_tokens: int = BATCH_TOKENS,
    progress: bool = False,
) -> np.ndarray:
    """Embed texts in batches of like length, and give the rows back in the order of the texts.

    Parameters
    ----------
    embedder : Embedder
        From `load_embedder`.
    texts : sequence of str
        Any number; a text over `embedder.max_tokens` is embedded by its beginning, and that is said.
    role : {"document", "query"}
        Which of the model's prompts goes before each text.
    batch_tokens : int
        Tokens a batch, padding included: sets the speed and the memory, not the result.
    progress : bool
        Draw a progress bar with texts per second on stderr.

    Returns
    -------
    ndarray, float32, shape (len(texts), embedder.dimension)
        Rows of unit length.

    Raises
    ------
    BadEmbeddings
        If the model gave a value that is not a number, or a row that is not of unit length.
    """
    texts = list(texts)
    lengths = models.count_tokens(embedder.tokenizer, texts)
    _say_what_is_cut(embedder, lengths, role)
    embeddings = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    with tqdm(total=len(texts), unit="text", desc="embedding", disable=not progress) as bar:
        for batch in plan_batches(lengths, batch_tokens, embedder.max_tokens):
            embeddings[batch] = _encode(embedder, [texts[i] for i in batch], role)
            bar.update(len(batch))
    return check_embeddings(embeddings, len(texts), embedder.dimension)


def embed_one_by_one(embedder: Embedder, texts: Sequence[str], progress: bool = False) -> np.ndarray:
    """Embed one text after the other: the same rows as `embed_texts` within 1e-5, and slower.

    Parameters and result are those of `embed_texts`.
    """
    rows = [
        _encode(embedder, [text], "document")[0] for text in tqdm(texts, unit="text", disable=not progress)
    ]
    return check_embeddings(np.array(rows, dtype=np.float32), len(texts), embedder.dimension)


def embed_chunks(embedder: Embedder, chunks: pd.DataFrame, progress: bool = True) -> np.ndarray:
    """Embed the `text` of every chunk.

    Returns
    -------
    ndarray, float32, shape (len(chunks), embedder.dimension)
        Row i belongs to row i of `chunks`; `search` will know it by that.
    """
    embeddings = embed_texts(embedder, chunks["text"].tolist(), progress=progress)
    _remember(chunks, embeddings, embedder.name, embedder.checksum, embedder.prompts)
    return embeddings


def plan_batches(lengths: Sequence[int], batch_tokens: int, max_tokens: int) -> Iterator[list[int]]:
    """Group texts of like length so that a batch holds at most `batch_tokens` tokens, padding included.

    Parameters
    ----------
    lengths : sequence of int
        Tokens a text.
    batch_tokens, max_tokens : int
        Tokens a batch; tokens that the model reads of one text.

    Yields
    ------
    list of int
        Positions in `lengths`, longest texts first, so that a batch that is too big shows at once.

    Examples
    --------
    >>> list(plan_batches([5, 90, 6, 100], batch_tokens=200, max_tokens=384))
    [[3, 1], [2, 0]]
    """
    batch: list[int] = []
    longest = 1
    for i in np.argsort(-np.asarray(lengths), kind="stable").tolist():
        if batch and (len(batch) + 1) * longest > batch_tokens:
            yield batch
            batch = []
        if not batch:
            longest = max(1, min(lengths[i], max_tokens))
        batch.append(i)
    if batch:
        yield batch


def check_embeddings(
    embeddings: np.ndarray, n_rows: int | None = None, dimension: int | None = None
) -> np.ndarray:
    """Give embeddings back if they can be searched; say what is wrong with them if not.

    Parameters
    ----------
    embeddings : ndarray, shape (n, d)
        What is to be checked.
    n_rows, dimension : int, optional
        Number of chunks, and values an embedding, that they have to match.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    BadEmbeddings
        If they are not a float32 matrix, or a row is not finite or not of unit length.
    StaleIndex
        If there is not one row a chunk, or the dimension is another model's.
    """
    embeddings = np.asarray(embeddings)
    if embeddings.ndim != 2 or embeddings.dtype != np.float32:
        raise BadEmbeddings(
            f"Embeddings have to be a float32 matrix, one row a chunk; these are {embeddings.dtype} of shape "
            f"{embeddings.shape}. If they come from a CSV, read it with ragkit.read_embeddings_csv."
        )
    if n_rows is not None and len(embeddings) != n_rows:
        raise StaleIndex(
            f"{n_rows} chunks but {len(embeddings)} embeddings: they do not belong together. Embed the chunks again."
        )
    if dimension is not None and embeddings.shape[1] != dimension:
        raise StaleIndex(
            f"The embeddings have {embeddings.shape[1]} values a row, the embedder makes {dimension}: they come from "
            "another model. Embed the chunks again with this one."
        )
    _check_rows(embeddings)
    return embeddings


def _check_rows(embeddings: np.ndarray) -> None:
    finite = np.isfinite(embeddings).all(axis=1)
    if not finite.all():
        raise BadEmbeddings(
            f"{np.sum(~finite)} of {len(embeddings)} embeddings are not finite (NaN or infinite), the first in row "
            f"{np.argmin(finite)}. Embed those texts again, in float32."
        )
    lengths = np.linalg.norm(embeddings.astype(np.float64), axis=1)
    unit = np.abs(lengths - 1) <= UNIT_TOLERANCE
    if not unit.all():
        row = int(np.argmin(unit))
        raise BadEmbeddings(
            f"{np.sum(~unit)} of {len(embeddings)} embeddings are not of unit length, the first in row {row} (length "
            f"{lengths[row]:.3f}). Divide each row by its length: x / np.linalg.norm(x, axis=1, keepdims=True)."
        )


def check_origin(chunks: pd.DataFrame, embeddings: np.ndarray, embedder: Embedder) -> None:
    """Make sure that row i of the embeddings is what this embedder makes of chunk i.

    Rows that this process embedded, or loaded from a workspace, are known one by one. Of rows from elsewhere (a
    CSV, a file of your own) a few chunks, evenly spread, are embedded once more and compared.

    Parameters
    ----------
    chunks : DataFrame
        n rows with a column `text`.
    embeddings : ndarray, float32, shape (n, d)
        Unit rows that `check_embeddings` has seen.
    embedder : Embedder
        What the questions are embedded with.

    Raises
    ------
    StaleIndex
        If they come from another model, from other texts or in another order; the message says which.
    """
    expected = _expected_origins(chunks, embedder.checksum, embedder.prompts)
    known = [_origins.get(hash(row.tobytes()), {}) for row in embeddings]
    for i, (origins, origin) in enumerate(zip(known, expected, strict=True)):
        if origins and origin not in origins:
            raise StaleIndex(_what_differs(i, origin, known, embedder))
    if unknown := [i for i, origins in enumerate(known) if not origins]:
        _probe(chunks, embeddings, embedder, unknown)
        _remember(chunks, embeddings, embedder.name, embedder.checksum, embedder.prompts)


def _expected_origins(chunks: pd.DataFrame, checksum: str, prompts: dict[str, str]) -> list[Origin]:
    return [Origin(hash(text), checksum, prompts["document"]) for text in chunks["text"]]


def _remember(
    chunks: pd.DataFrame, embeddings: np.ndarray, name: str, checksum: str, prompts: dict[str, str]
) -> None:
    for row, origin in zip(embeddings, _expected_origins(chunks, checksum, prompts), strict=True):
        _origins[hash(row.tobytes())][origin] = name


def _what_differs(i: int, expected: Origin, known: Sequence[dict[Origin, str]], embedder: Embedder) -> str:
    """Say which two things do not belong together: row i has other origins than the one expected."""
    found, name = next(iter(known[i].items()))
    if expected.checksum != found.checksum:
        return (
            f"{name} (weights {found.checksum[:8]}…) made the embeddings, {embedder.name} (weights "
            f"{expected.checksum[:8]}…) embeds the question: their numbers mean different things. Use one model for "
            "both."
        )
    if expected.prompt != found.prompt:
        return (
            f"The embeddings were made with {found.prompt!r} before each text, the embedder writes "
            f"{expected.prompt!r} there. Embed the chunks again."
        )
    row = next((row for row, origins in enumerate(known) if expected in origins), None)
    if row is not None:
        return _in_another_order(i, row)
    return (
        f"Chunks and embeddings come from two documents, or from two versions of one: the embedding in row {i} was "
        "made from another text than the chunk there has. Load both from one workspace, or embed the chunks again."
    )


def _in_another_order(chunk: int, row: int) -> str:
    return (
        f"Chunks and embeddings are in two different orders: the embedding of the chunk in row {chunk} is in row "
        f"{row}. Sort or filter both alike, or load both again."
    )


def _probe(chunks: pd.DataFrame, embeddings: np.ndarray, embedder: Embedder, rows: Sequence[int]) -> None:
    """Embed a few of the chunks in these rows once more; raise StaleIndex where the embedding is another."""
    probes = [rows[i] for i in np.linspace(0, len(rows) - 1, min(PROBES, len(rows))).astype(int)]
    made = embed_texts(embedder, chunks["text"].iloc[probes].tolist())
    for probe, scores in zip(probes, made @ embeddings.T, strict=True):
        if scores[probe] >= SAME_TEXT:
            continue
        if scores.max() >= SAME_TEXT:
            raise StaleIndex(_in_another_order(probe, int(scores.argmax())))
        raise StaleIndex(
            f"Embedding {probe} is not what {embedder.name} makes of chunk {probe} (cosine {scores[probe]:.2f}, for "
            "one text it is 1): the embeddings come from other texts or another model. Embed the chunks again."
        )


def _encode(embedder: Embedder, texts: list[str], role: Role) -> np.ndarray:
    """Embed one batch; if the device runs out of memory, halve the batch and go on."""
    try:
        rows = embedder.model.encode(
            texts,
            prompt=embedder.prompts[
                role
            ],  # also where it is empty: None would mean the model's default prompt
            batch_size=len(texts),
            show_progress_bar=False,
            convert_to_numpy=True,
        ).astype(np.float32)
        # To unit length here, in float32: a model in bfloat16 does it to 3 parts in 1,000 only.
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
    except (RuntimeError, MemoryError) as error:
        if len(texts) == 1 or not devices.is_out_of_memory(error):
            raise
    devices.release_memory(embedder.device)
    say(f"out of memory with {len(texts)} texts a batch on {embedder.device}; going on with half", once=True)
    middle = len(texts) // 2
    return np.concatenate([_encode(embedder, part, role) for part in (texts[:middle], texts[middle:])])


def _say_what_is_cut(embedder: Embedder, lengths: list[int], role: Role) -> None:
    prompt = models.count_tokens(embedder.tokenizer, [embedder.prompts[role]])[0]
    room = embedder.max_tokens - embedder.tokenizer.num_special_tokens_to_add() - prompt
    over = [length - room for length in lengths if length > room]
    if over:
        say(
            f"{len(over)} of {len(lengths)} texts are longer than the {embedder.max_tokens} tokens that "
            f"{embedder.name} reads; {sum(over)} tokens at their ends are not in the embeddings"
        )


def load_embeddings(workspace: Workspace, embedder: Embedder | None = None) -> np.ndarray:
    """Load a workspace's embeddings; what is missing or stale is embedded, slice by slice.

    Parameters
    ----------
    workspace : Workspace
        From `open_workspace`.
    embedder : Embedder, optional
        Default: the workspace's embedding model, loaded only if there is something to embed.

    Returns
    -------
    ndarray, float32, shape (n_chunks, d)
        Finite rows of unit length, one a chunk of `load_chunks(workspace)`.

    Raises
    ------
    StaleIndex
        If `embedder` is another model than the workspace's.
    """
    if embedder is not None and embedder.name != workspace.embedder:
        raise StaleIndex(
            f"The workspace is for {workspace.embedder}, the embedder is {embedder.name}: their numbers mean "
            f"different things. Open the workspace with open_workspace(pdf, embedder={embedder.name!r})."
        )
    with workspace.locked():
        return _load_embeddings(workspace, embedder)


def _load_embeddings(workspace: Workspace, embedder: Embedder | None) -> np.ndarray:
    chunks = load_chunks(workspace)
    dtype = embedder.dtype if embedder else workspace.parameter("embeddings", "dtype", "float32")
    recipe = _recipe(workspace, embedder, dtype)

    def build() -> np.ndarray:
        model = embedder or load_embedder(workspace.embedder, dtype=dtype)
        return _embed_in_slices(workspace, model, chunks, recipe)

    embeddings = workspace.load_or_build(
        "embeddings",
        "embeddings.safetensors",
        recipe,
        build=build,
        read=lambda path: load_file(path)["embeddings"],
        write=_write_embeddings,
    )
    shutil.rmtree(workspace.folder / PARTIAL, ignore_errors=True)
    check_embeddings(embeddings, len(chunks))
    model, parameters = recipe["model"], recipe["parameters"]
    _remember(chunks, embeddings, model["name"], model["sha256"], parameters["prompts"])
    return embeddings


def _recipe(workspace: Workspace, embedder: Embedder | None, dtype: str) -> Recipe:
    """Everything that the embeddings depend on; none of it needs the model in memory."""
    if embedder:
        checksum, prompts = embedder.checksum, embedder.prompts
    else:
        folder = models.fetch_model(workspace.embedder, "embedder")
        checksum, prompts = models.model_checksum(folder), models.read_prompts(folder)
    model = {"name": workspace.embedder, "sha256": checksum}
    libraries = ["ragkit", "sentence-transformers", "transformers", "torch"]
    parameters = {"dtype": dtype, "prompts": prompts}
    return make_recipe(workspace.fingerprint("chunks"), parameters, model, libraries)


def _embed_in_slices(
    workspace: Workspace, embedder: Embedder, chunks: pd.DataFrame, recipe: Recipe
) -> np.ndarray:
    """Embed slice after slice, each saved before the next begins; slices of an interrupted run are used again."""
    folder = _slice_folder(workspace, recipe)
    texts = chunks["text"].tolist()
    known: dict[str, np.ndarray] | None = None
    parts = [np.zeros((0, embedder.dimension), dtype=np.float32)]
    with tqdm(total=len(texts), unit="chunk", desc="embedding") as bar:
        for start in range(0, len(texts), SLICE):
            path, wanted = folder / f"{start:07d}.safetensors", texts[start : start + SLICE]
            rows = _read_slice(path, (len(wanted), embedder.dimension))
            if rows is None:
                known = _known_embeddings(workspace, recipe) if known is None else known
                rows = _embed_unknown(embedder, wanted, known)
                write_whole(path, functools.partial(_write_embeddings, rows))
            parts.append(rows)
            bar.update(len(rows))
    return np.concatenate(parts)


def _read_slice(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    """Read a slice that an interrupted run saved; None if there is none, or the disk gave back something else."""
    if not path.exists():
        return None
    try:
        return check_embeddings(load_file(path)["embeddings"], *shape)
    except (SafetensorError, KeyError, RagkitError):
        say(f"{path.name}, saved by an interrupted run, is damaged; its chunks are embedded again")
        return None


def _slice_folder(workspace: Workspace, recipe: Recipe) -> Path:
    """Where slices wait for the rest; one folder a recipe, so that slices made differently never meet."""
    key = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return workspace.folder / PARTIAL / key[:16]


def _embed_unknown(embedder: Embedder, texts: list[str], known: dict[str, np.ndarray]) -> np.ndarray:
    """Embed the texts that are not known yet; take the rows of the others. From then on, all are known."""
    new = [text for text in texts if text not in known]
    if new:
        known.update(zip(new, embed_texts(embedder, new), strict=True))
    return np.array([known[text] for text in texts])


def _write_embeddings(embeddings: np.ndarray, path: Path) -> None:
    # As bytes, because safetensors' own way of writing reports a full disk as an error of its own kind.
    path.write_bytes(save({"embeddings": embeddings}))


def _known_embeddings(workspace: Workspace, recipe: Recipe) -> dict[str, np.ndarray]:
    """Embeddings of texts in other workspaces, made by the same model in the same way.

    A collection in which one file changed is a new workspace; only the chunks of that file are new in it.
    """
    known: dict[str, np.ndarray] = {}
    for folder, steps in workspace.others():
        made = steps.get("embeddings", {}).get("recipe", {})
        same = all(made.get(part) == recipe[part] for part in ("parameters", "model", "versions"))
        if same and made["input"] == steps["chunks"]["sha256"] and _is_intact(folder, steps):
            texts = pd.read_parquet(folder / "chunks.parquet", columns=["text"])["text"]
            rows = load_file(folder / "embeddings.safetensors")["embeddings"]
            known.update(zip(texts, rows, strict=True) if len(texts) == len(rows) else ())
    return known


def _is_intact(folder: Path, steps: dict[str, Any]) -> bool:
    records = [steps[step] for step in ("chunks", "embeddings")]
    return all(
        (folder / record["file"]).exists() and sha256_of(folder / record["file"]) == record["sha256"]
        for record in records
    )


def read_embeddings_csv(path: str | Path, skip_bad: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """Read chunks and embeddings from a CSV in which the vectors were saved as text.

    `DataFrame.to_csv` writes an array as text: `[0.1 0.2]` for a NumPy array, `[0.1, 0.2]` for a list. Both are
    read here. From 1,001 values on NumPy writes `...` in the middle: those numbers are gone, and that is said.

    Parameters
    ----------
    path : str or Path
        A CSV with a column `embedding`.
    skip_bad : bool
        Leave bad rows out, and say which, instead of raising.

    Returns
    -------
    chunks : DataFrame
        The other columns; where the texts are in `sentence_chunk`, as the well-known tutorial calls it, they
        are in `text` too.
    embeddings : ndarray, float32, shape (n, d)

    Raises
    ------
    BadEmbeddings
        If the file is no CSV, the column is missing, or vectors are abbreviated, not finite, or of another length
        than most.
    """
    name = Path(path).name
    try:
        frame = pd.read_csv(path, encoding="utf-8")
    except (OSError, ValueError) as error:  # pandas: empty, not UTF-8, no table are all ValueErrors
        raise BadEmbeddings(f"{path} cannot be read as a CSV in UTF-8: {error}") from error
    if "embedding" not in frame:
        raise BadEmbeddings(
            f"{name} has no column 'embedding'; its columns are {', '.join(frame.columns)}. "
            "Rename the one that holds the vectors."
        )
    vectors = [_vector(text) for text in frame["embedding"]]
    bad = _bad_vectors(vectors)
    if bad:
        listed = [f"row {row}: {reason}" for row, reason in bad.items()]
        listed = "; ".join(listed[:5] + ["…"] * (len(listed) > 5))
        message = f"{name}: {len(vectors) - len(bad)} good vectors, {len(bad)} bad ones ({listed})"
        if len(bad) == len(vectors) or not skip_bad:
            raise BadEmbeddings(f"{message}. Embed those texts again, or leave them out with skip_bad=True.")
        say(f"{message}; left out")
    if not vectors:
        raise BadEmbeddings(f"{name} has the column 'embedding' and not one row.")
    good = [row for row in range(len(vectors)) if row not in bad]
    chunks = frame.drop(columns="embedding").iloc[good].reset_index(drop=True)
    if "text" not in chunks and "sentence_chunk" in chunks:
        chunks = chunks.assign(text=chunks["sentence_chunk"])
    return chunks, np.array([vectors[row] for row in good], dtype=np.float32)


def _vector(text: Any) -> list[float] | str:
    """Read a vector from its text, or say what is wrong with it."""
    if "..." in str(text):
        return "shortened with '...' when it was written, so the numbers are not in the file"
    # list(vector) writes "[np.float32(0.1), …]" from NumPy 2 on, torch "tensor([0.1, …], device='mps:0')"
    bare = re.sub(r"np\.float\d+\(([^)]*)\)", r"\1", str(text))
    inside = re.fullmatch(r"\s*(?:tensor\()?\[(.*)\][^\]]*", bare, flags=re.DOTALL)
    numbers = (inside[1] if inside else bare).replace(",", " ").split()
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        return f"not a vector: {str(text)[:30]!r}"
    return values if np.isfinite(values).all() else "holds NaN or infinity"


def _bad_vectors(vectors: list[list[float] | str]) -> dict[int, str]:
    """Row to reason, for vectors that could not be read or are not as long as most."""
    lengths = Counter(len(vector) for vector in vectors if not isinstance(vector, str))
    usual = max(lengths, key=lambda n: lengths[n], default=0)
    bad = {}
    for row, vector in enumerate(vectors):
        if isinstance(vector, str):
            bad[row] = vector
        elif len(vector) != usual or usual == 0:
            bad[row] = f"{len(vector)} values where most have {usual}"
    return bad
