"""What the machine is, and the limits that it sets: memory bandwidth and matrix products, measured on the spot."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import torch

ROUNDS = 7
MEGABYTES, WIDTH = 1024, 2048  # of what is read; of the square matrices


class Way:
    """See `bench.side`: the limits are measured in a process of its own, like everything else."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.embedder, self.llm = Path(setup["embedder"]), Path(setup["llm"])

    def limits(self) -> dict[str, Any]:
        """Bandwidth in bytes / s, matrix products in operations / s, and the sizes of the models in weights."""
        weights = matrices(self.embedder)
        return {
            "machine": describe(),
            "bandwidth": bandwidth(),
            "operations": {name: operations(getattr(torch, name)) for name in ("float32", "bfloat16")},
            "dimension": json.loads((self.embedder / "config.json").read_bytes())["hidden_size"],
            "embedder_weights": sum(n for name, n in weights.items() if "embeddings" not in name),
            "llm_weights": sum(matrices(self.llm).values()),
        }


def describe() -> dict[str, Any]:
    """What a reader of the numbers has to know."""
    return {
        "processor": processor(), "cores": os.cpu_count(), "threads": torch.get_num_threads(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9), "system": platform.system(),
        "python": platform.python_version(), "torch": torch.__version__,
    }  # fmt: skip


def processor() -> str:
    """Name of the processor, which Linux keeps in a file of its own."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def best(function: Callable[[], Any]) -> float:
    """The shortest of several times: the limit is what the machine can do when nothing disturbs it."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def bandwidth() -> float:
    """Bytes / s that a product of a large matrix with a vector, or a sum, reads."""
    matrix = torch.ones(MEGABYTES * 2**20 // 4 // WIDTH, WIDTH)
    vector = torch.ones(WIDTH)
    return matrix.nbytes / min(best(lambda: matrix @ vector), best(matrix.sum))


def operations(dtype: torch.dtype) -> float:
    """Multiplications and additions / s of a product of two large matrices."""
    matrix = torch.ones(WIDTH, WIDTH, dtype=dtype)
    return 2 * WIDTH**3 / best(lambda: matrix @ matrix)


def matrices(folder: Path) -> dict[str, int]:
    """Weights of each matrix of a model, from the head of its file.

    The head is JSON behind 8 bytes with its length (https://huggingface.co/docs/safetensors).
    """
    with (folder / "model.safetensors").open("rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    shapes = {name: about["shape"] for name, about in head.items() if name != "__metadata__"}
    return {name: shape[0] * shape[1] for name, shape in shapes.items() if len(shape) == 2}
