"""What a dense search costs beside the bare NumPy that it stands on, and what a hybrid one costs: `make bench`.

Both ways alternate in one process, and the medians of their ratios count, because other programs share the machine.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ragkit.embed import Embedder, Vectors, embed_texts, load_embedder
from ragkit.index import Index
from ragkit.vectors import read_vectors, write_vectors

QUESTION = "Which nutrients supply energy to the body?"
SIZES = [1_000, 100_000, 1_000_000]
METHODS = ["dense", "hybrid"]
K, ROUNDS = 5, 15


def made_index(embedder: Embedder, n: int, folder: Path) -> Index:
    """An index of n random unit rows, mapped from the disk as a saved one is."""
    rng, path = np.random.default_rng(0), folder / f"{n}.safetensors"
    rows = rng.standard_normal((n, embedder.dimension), dtype=np.float32)
    for part in np.array_split(rows, max(1, n // 10_000)):
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    no_sentences = np.zeros((0, embedder.dimension), np.float16), np.zeros((0, 3), np.int32)
    write_vectors(Vectors(rows, *no_sentences), path)
    words = np.array(["energy", "body", "water", "iron", "nutrients", "lemons", "salt", "bread"])
    texts = [" ".join(row) for row in rng.choice(words, size=(n, 4))]
    chunks = pd.DataFrame(
        {"chunk": np.arange(n), "source": "made.pdf", "page": 0, "label": "1", "text": texts}
    )
    return Index(chunks, read_vectors(path), embedder)


def bare(index: Index) -> np.ndarray:
    """The least that a search has to do."""
    query = embed_texts(index.embedder, [QUESTION], role="query")[0]
    scores = index.embeddings @ query
    best = np.argpartition(scores, -K)[-K:]
    return best[np.argsort(-scores[best])]


def search(index: Index, method: str) -> pd.DataFrame:
    return index.search(QUESTION, K, method=method)


def seconds(function: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def main() -> None:
    embedder = load_embedder()
    print(f"{platform.machine()}, {embedder.name} on {embedder.device}, {K} best, medians of {ROUNDS} rounds")
    print(f"{'rows':>10} {'bare, ms':>9} {'dense, ms':>10} {'ratio':>6} {'hybrid, ms':>11}")
    with tempfile.TemporaryDirectory() as folder:
        for n in SIZES:
            index = made_index(embedder, n, Path(folder))
            assert index.search(QUESTION, K, method="dense")["chunk"].tolist() == bare(index).tolist()
            index.search(QUESTION, K)  # counts the words, once
            rounds = [
                (seconds(bare, index), *(seconds(search, index, method) for method in METHODS))
                for _ in range(ROUNDS)
            ]
            one, dense, hybrid = (1000 * statistics.median(times) for times in zip(*rounds, strict=True))
            ratio = statistics.median(times[1] / times[0] for times in rounds)
            print(f"{n:>10,} {one:>9.1f} {dense:>10.1f} {ratio:>6.2f} {hybrid:>11.1f}")


if __name__ == "__main__":
    main()
