"""The processor is shared with other programs: a model's threads do not wait for each other at full speed then."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import Any

SETTINGS = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "MKL_NUM_THREADS")
"""Who sets one of these has decided about threads: nothing is changed then."""
SECONDS = 0.1
"""Between two looks at what else runs."""
LOOKS = 3
"""That have to agree: a program that wakes up for a moment does not count."""


def share_processor(model: Any) -> None:
    """Have a model on the CPU look, while it computes, whether other programs want the processor, and act on it.

    torch's threads wait for each other in a loop. Beside a busy program, one of them waits at full speed for another
    that does not run, and takes its place away. With one thread more than there are processors, GNU's OpenMP gives up
    waiting after a moment; alone, so many would take twice as long, and so it is done only while others are busy.

    Two questions to the sample, on two cores: alone 4.3 s with and without this; beside one busy program 7.9 s instead
    of 12, beside two 7.7, beside three 11 instead of 33. (OMP_WAIT_POLICY=PASSIVE: 5.2 s alone, 11 s beside three.)

    Only on Linux, which tells what runs, and where torch has GNU's OpenMP.
    """
    import torch

    if any(map(os.environ.get, SETTINGS)) or not Path("/proc/loadavg").exists():
        return
    usual, many = torch.get_num_threads(), len(os.sched_getaffinity(0)) + 1
    room = (os.cpu_count() or 1) - usual
    seen: deque[int] = deque([0], maxlen=LOOKS)
    last = 0.0

    def look(*_: Any) -> None:
        nonlocal last
        if time.monotonic() - last < SECONDS or torch.get_num_threads() not in (usual, many):
            return
        last = time.monotonic()
        seen.append(others_running())
        torch.set_num_threads(many if min(seen) > room else usual)

    model.register_forward_pre_hook(look)


def others_running() -> int:
    """Count the threads of other programs that run, or wait for a processor, at this moment."""
    running = Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[0]
    return int(running) - sum(map(_runs, Path("/proc/self/task").iterdir()))


def _runs(thread: Path) -> bool:
    try:
        return (thread / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][0] == "R"
    except OSError:  # it has just ended
        return False
