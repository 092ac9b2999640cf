"""The same work on a Ray cluster: Ray reads, embeds, and does again what a machine that died had in hand.

Ray Data decides which machine does what and when; the rows come back here, and only here is the table written.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

from ragkit.embed import Embedder, load_embedder
from ragkit.library.rows import Job, Reading, embed_file, read_file
from ragkit.notice import RagkitError

MOST_BLOCKS = 10_000
"""Pieces that the files are handed out in: one each, as long as there are no more files than this."""


def made_on_a_cluster(
    jobs: list[Job], reading: Reading, embedder: Embedder, workers: int | None = None
) -> Iterator[Job]:
    """Give the files with their rows, in the order in which the cluster finishes them.

    Parameters
    ----------
    jobs : list of Job
        Every machine has to find their paths.
    workers : int, optional
        Models at work; default: one a GPU, else one a processor.
    """
    ray = _ray()
    if not ray.is_initialized():
        ray.init(address=os.environ["RAY_ADDRESS"], log_to_driver=False, logging_level=logging.WARNING)
    has = ray.cluster_resources()
    gpus, most = int(has.get("GPU", 0)), int(has.get("GPU", 0) or has["CPU"])
    files = ray.data.from_items(jobs, override_num_blocks=min(len(jobs), MOST_BLOCKS))
    read = files.map(read_file, fn_kwargs={"reading": reading}, num_cpus=0.25)
    embedded = read.map(
        Worker,
        fn_constructor_args=(embedder.name, embedder.dtype),
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers or most),
        num_cpus=0 if gpus else 0.75,  # other than for reading: else one worker did both in turn
        num_gpus=1 if gpus else 0,
    )
    yield from embedded.iter_rows()


class Worker:
    """One model, loaded once, on the device that its machine has."""

    def __init__(self, name: str, dtype: str) -> None:
        self.embedder = load_embedder(name, dtype=dtype)

    def __call__(self, job: Job) -> Job:
        return embed_file(job, self.embedder)


def _ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is sent anywhere
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as error:
        raise RagkitError(f'A cluster needs {error.name}: pip install "ragkit[library]"') from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray
