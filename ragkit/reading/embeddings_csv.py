"""Embeddings that somebody saved in a CSV, where a vector is a text."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ragkit.notice import BadEmbeddings, say


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
        reasons = [f"row {row}: {reason}" for row, reason in bad.items()]
        listed = "; ".join(reasons[:5] + ["…"] * (len(reasons) > 5))
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
