"""Step 03: from texts to embeddings that can be trusted.

One path leads from a text to its vector: batches of texts of like length, one pass through the model, and a check
that every value is finite, every row of unit length, and that there is one row a text. The same pass gives a
vector for each sentence of a text: the mean of what the model made of the sentence's tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from ragkit import device as devices
from ragkit import models
from ragkit.models.embedder import Embedder, load_embedder
from ragkit.models.pooling import pool_sentences, unit
from ragkit.notice import BadEmbeddings, BadParameter, StaleIndex, say
from ragkit.words.sentences import sentence_spans

BATCH_TOKENS = {"cpu": 512, "mps": 4096, "cuda": 16384}
"""Tokens a batch, padding included: what keeps the device busy, and no more.

On a CPU one long text is enough. Four times as many are 0.85 × as fast: what a pass works with then no longer stays
with the process, and the system hands out its memory anew each time. A GPU is idle with one text: of 4,096 to 65,536
tokens an H100 gained nothing beyond these. (MPS: not measured.)
"""

UNIT_TOLERANCE = 1e-3
"""How far a row's length may be from 1: float32 rounding gives 1e-6; text saved with few digits, more."""

__all__ = [
    "Embedder", "Vectors", "check_embeddings", "embed_chunks", "embed_one_by_one", "embed_texts",
    "embed_with_sentences", "load_embedder", "plan_batches",
]  # fmt: skip

Role = Literal["document", "query"]


def embed_texts(
    embedder: Embedder,
    texts: Sequence[str],
    role: Role = "document",
    batch_tokens: int | None = None,
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
    batch_tokens : int, optional
        Tokens a batch, padding included: sets the speed and the memory, not the result. Default: by the device.
    progress : bool
        Draw a progress bar with texts per second on stderr.

    Returns
    -------
    ndarray, float32, shape (len(texts), embedder.dimension)
        Rows of unit length.

    Raises
    ------
    BadParameter
        If `texts` is one string, or the role is unknown.
    BadEmbeddings
        If the model gave a value that is not a number, or a row that is not of unit length.
    """
    if isinstance(texts, str):
        raise BadParameter("embed_texts takes a list of texts: put the one text in brackets, [text].")
    if role not in embedder.prompts:
        raise BadParameter(f"role={role!r}: choose {' or '.join(map(repr, embedder.prompts))}.")
    texts = list(texts)
    embeddings = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    lengths = models.count_tokens(embedder.tokenizer, texts)
    _say_what_is_cut(embedder, lengths)
    with tqdm(total=len(texts), unit="text", desc="embedding", disable=not progress) as bar:
        for batch in plan_batches(
            lengths, batch_tokens or BATCH_TOKENS[embedder.device], embedder.max_tokens
        ):
            embeddings[batch] = _forward(embedder, [texts[i] for i in batch], role)[0]
            bar.update(len(batch))
    return check_embeddings(embeddings, len(texts))


def embed_one_by_one(embedder: Embedder, texts: Sequence[str], progress: bool = False) -> np.ndarray:
    """Embed one text after the other: the same rows as `embed_texts` within 1e-5, and slower.

    Parameters and result are those of `embed_texts`.
    """
    texts = tqdm(texts, unit="text", disable=not progress)
    rows = [_forward(embedder, [text], "document")[0][0] for text in texts]
    return check_embeddings(np.array(rows, dtype=np.float32), len(rows))


def embed_chunks(embedder: Embedder, chunks: pd.DataFrame, progress: bool = True) -> np.ndarray:
    """Embed the `text` of every chunk.

    Returns
    -------
    ndarray, float32, shape (len(chunks), embedder.dimension)
        Row i belongs to row i of `chunks`.
    """
    return embed_texts(embedder, chunks["text"].tolist(), progress=progress)


class Vectors(NamedTuple):
    """Embeddings of texts and of their sentences.

    Attributes
    ----------
    embeddings : ndarray, float32, shape (n, d)
        A unit row a text.
    sentences : ndarray, float16, shape (m, d)
        A unit row a sentence (to 3 digits), in the order of the texts.
    spans : ndarray, int32, shape (m, 3)
        Of each sentence the text's row, and where in it the sentence begins and ends, in characters.
    """

    embeddings: np.ndarray
    sentences: np.ndarray
    spans: np.ndarray


def embed_with_sentences(
    embedder: Embedder, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]] | None = None
) -> Vectors:
    """Embed texts, and each sentence in them from the same pass: the mean of its tokens' vectors.

    A sentence so embedded knows what stands around it, and costs nothing beside the pass of its text. (Late
    chunking: Günther et al. 2024, https://arxiv.org/abs/2409.04701.)

    Parameters
    ----------
    embedder : Embedder
    texts : sequence of str
    spans : sequence of sequences of (int, int), optional
        Where in each text what is embedded begins and ends, in characters: of its words, for one. Default: of its
        sentences.
    """
    spans = [sentence_spans(text) for text in texts] if spans is None else spans
    lengths = models.count_tokens(embedder.tokenizer, texts)
    _say_what_is_cut(embedder, lengths)
    embeddings = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    sentences = [np.zeros((0, embedder.dimension), dtype=np.float16)] * len(texts)
    for batch in plan_batches(lengths, BATCH_TOKENS[embedder.device], embedder.max_tokens):
        embeddings[batch], pooled = _forward(
            embedder, [texts[i] for i in batch], "document", [spans[i] for i in batch]
        )
        for i, rows in zip(batch, pooled, strict=True):
            sentences[i] = rows
    numbered = [(row, *span) for row, found in enumerate(spans) for span in found]
    return Vectors(
        check_embeddings(embeddings, len(texts)),
        np.concatenate([np.zeros((0, embedder.dimension), dtype=np.float16), *sentences]),
        np.array(numbered, dtype=np.int32).reshape(-1, 3),
    )


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


def check_embeddings(embeddings: np.ndarray, n_rows: int | None = None) -> np.ndarray:
    """Give embeddings back if they can be searched; say what is wrong with them if not.

    Parameters
    ----------
    embeddings : ndarray, shape (n, d)
        What is to be checked.
    n_rows : int, optional
        Number of chunks that they have to match.

    Raises
    ------
    BadEmbeddings
        If they are not a float32 matrix, or a row is not finite or not of unit length.
    StaleIndex
        If there is not one row a chunk.
    """
    embeddings = np.asanyarray(embeddings)
    if embeddings.ndim != 2 or embeddings.dtype != np.float32:
        raise BadEmbeddings(
            f"Embeddings have to be a float32 matrix, one row a chunk; these are {embeddings.dtype} of shape "
            f"{embeddings.shape}. If they come from a CSV, read it with ragkit.read_embeddings_csv."
        )
    if n_rows is not None and len(embeddings) != n_rows:
        raise StaleIndex(
            f"{n_rows} chunks but {len(embeddings)} embeddings: they do not belong together. Embed the chunks again."
        )
    lengths = np.sqrt(np.einsum("ij,ij->i", embeddings, embeddings))  # NaN or infinite where a value is
    if not np.isfinite(lengths).all():
        bad = ~np.isfinite(lengths)
        raise BadEmbeddings(
            f"{bad.sum()} of {len(embeddings)} embeddings are not finite (NaN or infinite), the first in row "
            f"{bad.argmax()}. Embed those texts again, in float32."
        )
    if not (unit := np.abs(lengths - 1) <= UNIT_TOLERANCE).all():
        row = int(unit.argmin())
        raise BadEmbeddings(
            f"{np.sum(~unit)} of {len(embeddings)} embeddings are not of unit length, the first in row {row} (length "
            f"{lengths[row]:.3f}). Divide each row by its length: x / np.linalg.norm(x, axis=1, keepdims=True)."
        )
    return embeddings


def _forward(
    embedder: Embedder, texts: list[str], role: Role, spans: Sequence[Sequence[tuple[int, int]]] = ()
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Embed one batch, and the sentences at `spans`; if the memory runs out, halve the batch and go on."""
    try:
        return _one_pass(embedder, texts, role, spans)
    except (RuntimeError, MemoryError) as error:
        if len(texts) == 1 or not devices.is_out_of_memory(error):
            raise
    devices.release_memory(embedder.device)
    say(f"out of memory with {len(texts)} texts a batch on {embedder.device}; going on with half", once=True)
    middle = len(texts) // 2
    first = _forward(embedder, texts[:middle], role, spans[:middle])
    rest = _forward(embedder, texts[middle:], role, spans[middle:])
    return np.concatenate([first[0], rest[0]]), first[1] + rest[1]


def _one_pass(
    embedder: Embedder, texts: list[str], role: Role, spans: Sequence[Sequence[tuple[int, int]]]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """One pass through the model: unit rows, shape (texts, d), and for each text its sentences' rows."""
    import torch

    prompt = embedder.prompts[role]
    with torch.inference_mode():
        features = embedder.model.preprocess(texts, prompt=prompt or None)
        tensors = {k: v.to(embedder.device) if hasattr(v, "to") else v for k, v in features.items()}
        output = embedder.model(tensors)
        # To unit length here, in float32: a model in bfloat16 does it to 3 parts in 1,000 only.
        rows = unit(output["sentence_embedding"].float().cpu().numpy())
        if not spans:
            return rows, []
        offsets = [encoding.offsets for encoding in features.encodings]
        states = output["token_embeddings"]
        return rows, pool_sentences(states, offsets, spans, len(prompt), embedder.after_pooling)


def _say_what_is_cut(embedder: Embedder, lengths: list[int]) -> None:
    room = embedder.max_tokens - embedder.tokenizer.num_special_tokens_to_add()
    over = [length - room for length in lengths if length > room]
    if over:
        say(
            f"{len(over)} of {len(lengths)} texts are longer than the {embedder.max_tokens} tokens that "
            f"{embedder.name} reads; {sum(over)} tokens at their ends are not in the embeddings"
        )
