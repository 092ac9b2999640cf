"""What a library costs: `python tests/bench_library.py rows PDF 10000 100000 1000000`, or `... workers FOLDER 1 2`.

`rows`: vectors like those of real sentences (two of a PDF's mixed, with noise) in a table; the time of a question
and recall@10 by probes, against exact search. `workers`: a folder of PDFs added on a Ray cluster of this machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from ragkit.index import open_index
from ragkit.library import add, cells, open_library

ROWS, QUESTIONS = 50_000, 30


def measure_rows(n: int, sentences: np.ndarray) -> None:
    """Fill a table, part its vectors into cells, and ask it."""
    import lancedb
    from lancedb.index import IvfFlat

    rng, d = np.random.default_rng(n), sentences.shape[1]
    schema = pa.schema(
        [("source", pa.string()), ("chunk", pa.int64()), ("vector", pa.list_(pa.float32(), d))]
    )
    with tempfile.TemporaryDirectory() as place:
        table = lancedb.connect(place).create_table("chunks", schema=schema)
        for start in range(0, n, ROWS):
            vectors = mixed(rng, sentences, min(ROWS, n - start))
            columns = [["-"] * len(vectors), range(start, start + len(vectors))]
            lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), d)
            table.add(pa.table([*map(pa.array, columns), lists], schema=schema))
        started = time.perf_counter()
        count = cells.cells_for(n)
        table.create_index(
            "vector", config=IvfFlat(distance_type="cosine", num_partitions=count), name="cells"
        )
        print(
            f"{n:,} rows of {d}, {count} cells made in {time.perf_counter() - started:.0f} s, {size(place):.2f} GB"
        )
        asking = mixed(rng, sentences, QUESTIONS)
        exact = [asked(table, question, None) for question in asking]
        print(f"  exact       {1000 * np.median([seconds for seconds, _ in exact]):8.1f} ms")
        for probes in (1, 2, 5, 10, 20, 50):
            found = [asked(table, question, probes) for question in asking]
            share = np.mean([len(a & b) / 10 for (_, a), (_, b) in zip(found, exact, strict=True)])
            milliseconds = 1000 * np.median([seconds for seconds, _ in found])
            print(f"  {probes:3} probes  {milliseconds:8.1f} ms  recall@10 {share:.3f}", flush=True)


def mixed(rng: np.random.Generator, sentences: np.ndarray, n: int) -> np.ndarray:
    """Vectors between two real ones each, with noise."""
    one, other = (sentences[rng.integers(len(sentences), size=n)] for _ in range(2))
    noise = rng.standard_normal(one.shape, dtype=np.float32) * (0.35 / one.shape[1] ** 0.5)
    rows = 0.7 * one + 0.3 * other + noise
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def asked(table, question: np.ndarray, probes: int | None) -> tuple[float, set[int]]:
    """Seconds, and the ten rows found."""
    started = time.perf_counter()
    found = cells.nearest(table, question, 10, probes=probes)
    return time.perf_counter() - started, set(found["chunk"].to_pylist())


def size(place: str) -> float:
    """What lies in a folder, in GB."""
    return sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file()) / 1e9


def measure_workers(folder: str, workers: int) -> None:
    """Add a folder to a new library on a cluster of so many processors, twice: the first starts the workers."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.pop("RAY_ADDRESS", None)
    import ray

    ray.init(num_cpus=workers, include_dashboard=False, object_store_memory=300 * 2**20, log_to_driver=False)
    os.environ["RAY_ADDRESS"] = ray.get_runtime_context().gcs_address
    with tempfile.TemporaryDirectory() as place:
        library = open_library(place)
        started = time.perf_counter()
        added = add(folder, library, workers=workers)
        seconds = time.perf_counter() - started
        print(f"{workers} workers: {added}; {seconds:.0f} s, {len(library) / seconds:.2f} chunks/s")
        print(f"  {size(place) / len(library) * 1e6:.1f} GB a million chunks", flush=True)
    ray.shutdown()


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        real = open_index(sys.argv[2]).vectors.sentences.astype(np.float32)
        for argument in sys.argv[3:]:
            measure_rows(int(argument), real)
    else:
        for argument in sys.argv[3:]:
            measure_workers(sys.argv[2], int(argument))
