"""Which device and dtype to compute with, how much memory it has, and what an out-of-memory error is.

torch is imported inside the functions, so that importing this module costs nothing.
"""

from __future__ import annotations

import functools
import gc
import os
import platform
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from ragkit.notice import BadParameter, DeviceUnavailable, say

DEVICES = ("cuda", "mps", "cpu")
DTYPES = ("float32", "float16", "bfloat16")
Kind = Literal["embedder", "llm"]

_WHERE_ELSE = "Leave RAGKIT_DEVICE and the device argument out to have one chosen, or name 'cpu'."
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Device:
    """A device that torch can compute on, and why it was chosen.

    Attributes
    ----------
    name : str
        'cuda', 'mps' or 'cpu'.
    reason : str
        Half a sentence that reads on from the name: "cpu: no GPU that torch can use".
    """

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} ({self.reason})"


def choose_device(device: str | None = None) -> Device:
    """Choose the device and say so, once in a process: see `find_device`."""
    chosen = find_device(device)
    say(f"computing on {chosen}", once=True)
    return chosen


def find_device(device: str | None = None) -> Device:
    """Return the device to use: the argument, else RAGKIT_DEVICE, else CUDA, else MPS, else the CPU.

    Parameters
    ----------
    device : str, optional
        'cuda', 'mps' or 'cpu'; None, '' and 'auto' leave the choice open.

    Raises
    ------
    BadParameter
        The name is not one of the three.
    DeviceUnavailable
        A device was asked for by name and this machine does not have it.
    """
    asked = {"it was asked for": device, "RAGKIT_DEVICE says so": os.environ.get("RAGKIT_DEVICE")}
    for reason, name in asked.items():
        if name and name.lower() != "auto":
            return Device(_require_device(name.lower()), reason)
    return _first_available()


def _require_device(name: str) -> str:
    if name not in DEVICES:
        raise BadParameter(
            f"unknown device {name!r}: expected one of {', '.join(DEVICES)}. "
            "To pick one of several GPUs set CUDA_VISIBLE_DEVICES, for example CUDA_VISIBLE_DEVICES=1."
        )
    problem = _why_not(name)
    if problem:
        raise DeviceUnavailable(f"device {name!r} was asked for, but {problem}. {_WHERE_ELSE}")
    return name


def _first_available() -> Device:
    problems = {name: _why_not(name) for name in ("cuda", "mps")}
    if not problems["cuda"]:
        return Device("cuda", f"torch sees {_gpu_name()}")
    if not problems["mps"]:
        return Device("mps", "torch sees an Apple GPU")
    return Device("cpu", problems["cuda"] if "too old" in problems["cuda"] else "torch sees no GPU")


def _why_not(name: str) -> str:
    """Say why torch cannot compute on a device; '' when it can."""
    import torch

    if name == "cuda":
        return _why_not_cuda()
    if name == "mps" and not torch.backends.mps.is_available():
        built = torch.backends.mps.is_built()
        return "it needs macOS 14 and an Apple GPU" if built else "this torch is built without MPS"
    return ""


def _why_not_cuda() -> str:
    import torch

    if not torch.cuda.is_available():
        if torch.version.cuda or torch.version.hip:
            return "torch sees no CUDA GPU (is the driver installed? nvidia-smi shows it)"
        return f"this torch ({torch.__version__}) is built without CUDA"
    needed, found = _cuda_generations()
    if found < needed:
        return f"{_gpu_name()} is too old for this torch (capability {found / 10}, it needs {needed / 10})"
    return ""


def _cuda_generations() -> tuple[int, int]:
    """Return the oldest GPU generation that torch has code for, and this GPU's: (75, 61) is too old.

    `torch.cuda.is_available()` is true for a GPU of any age; the first kernel then fails.
    """
    import torch

    try:
        built_for = [
            int(name[3:].rstrip("af")) for name in torch.cuda.get_arch_list() if name.startswith("sm_")
        ]
        major, minor = torch.cuda.get_device_capability()
    except (RuntimeError, AssertionError, ValueError):
        return 0, 0  # cannot be told: let torch try
    return min(built_for, default=0), 10 * major + minor


def _gpu_name() -> str:
    import torch

    try:
        return torch.cuda.get_device_name()
    except (RuntimeError, AssertionError):
        return "a CUDA GPU"


def choose_dtype(device: str, kind: Kind, dtype: str | None = None) -> str:
    """Choose the number format of a model's weights on a device.

    bfloat16 where a CUDA GPU or an x86 CPU has instructions for it, and on Arm CPUs for a language model: an embedder's
    scores move by up to 0.004 (36 questions about the sample: 358 of the 360 best passages stay), and it is twice
    as fast. Else float32; a language model float16 on GPUs, since M1 and M2 emulate bfloat16.

    Parameters
    ----------
    device : str
        'cuda', 'mps' or 'cpu'.
    kind : {'embedder', 'llm'}
    dtype : str, optional
        'float32', 'float16' or 'bfloat16' overrules the choice; so does RAGKIT_EMBEDDER_DTYPE for an embedder.

    Raises
    ------
    BadParameter
        An unknown name, or float16 on the CPU: CPUs emulate it, hundreds of times slower
        (https://github.com/huggingface/transformers/issues/34692).

    Examples
    --------
    >>> choose_dtype("mps", "llm"), choose_dtype("mps", "embedder")
    ('float16', 'float32')
    """
    for label, value, allowed in (("device", device, DEVICES), ("kind", kind, ("embedder", "llm"))):
        if value not in allowed:
            raise BadParameter(f"unknown {label} {value!r}: expected one of {', '.join(allowed)}.")
    wanted = dtype or (os.environ.get("RAGKIT_EMBEDDER_DTYPE") if kind == "embedder" else None)
    name = str(wanted or _fastest_dtype(device, kind)).removeprefix("torch.")
    if name not in DTYPES:
        raise BadParameter(f"unknown dtype {name!r}: expected one of {', '.join(DTYPES)}.")
    if device == "cpu" and name == "float16":
        raise BadParameter("float16 on the CPU is emulated and takes hours: use float32 or bfloat16.")
    return name


def _fastest_dtype(device: str, kind: Kind) -> str:
    import torch

    if (
        device == "cpu"
    ):  # Arm's instructions are there for a language model; with an embedder they were not measured
        return "bfloat16" if cpu_has_bfloat16(arm=kind == "llm") else "float32"
    # With emulation counted in, the answer is yes on every CUDA GPU.
    if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16"
    return "float16" if kind == "llm" else "float32"


@functools.cache
def cpu_has_bfloat16(arm: bool = True) -> bool:
    """Tell whether the processor multiplies bfloat16 itself (AVX512-BF16, AMX-BF16, or, if that counts, Arm BF16).

    Asked of torch, which reads the same on Linux, Windows and macOS.
    """
    import torch

    names = ["avx512_bf16", "amx_bf16", *["bf16"] * arm]
    return any(torch.cpu.get_capabilities().get(name, False) for name in names)


def free_memory(device: str) -> int:
    """Return the bytes that a model may still take on a device.

    CUDA: what the driver reports free. MPS: `recommended_max_memory` less what torch has allocated.
    CPU: available RAM, or what is left of a container's own limit where that is less.
    """
    import torch

    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    if device == "mps":
        return max(0, int(torch.mps.recommended_max_memory()) - int(torch.mps.current_allocated_memory()))
    return free_ram()


def free_ram() -> int:
    """Return the bytes of RAM that this process may still take (needs no torch)."""
    import psutil

    available, left = int(psutil.virtual_memory().available), _left_in_container()
    return available if left is None else min(available, left)


def total_ram() -> int:
    """Return the bytes of RAM of this machine, or its container's limit where that is less (needs no torch)."""
    import psutil

    total = int(psutil.virtual_memory().total)
    try:
        return min(total, int((_CGROUP / "memory.max").read_text(encoding="utf-8")))
    except (OSError, ValueError):  # no such file, or "max": no limit
        return total


def _left_in_container() -> int | None:
    """Return the bytes left under the memory limit of a Linux container (cgroup v2); None without a limit."""
    try:
        limit = int((_CGROUP / "memory.max").read_text(encoding="utf-8"))
        used = int((_CGROUP / "memory.current").read_text(encoding="utf-8"))
        lines = (_CGROUP / "memory.stat").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):  # no such file, or "max": no limit
        return None
    # The page cache counts as used until something else needs the room.
    cache = next((int(line.split()[1]) for line in lines if line.startswith("inactive_file ")), 0)
    return max(0, limit - used + cache)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out: CUDA has a class for it, others only say so in their text.

    Examples
    --------
    >>> is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"))
    True
    >>> is_out_of_memory(RuntimeError("shape mismatch"))
    False
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    signs = ("out of memory", "allocate memory", "not enough memory", "alloc_failed", "invalid buffer size")
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in signs)


def release_memory(device: str) -> None:
    """Give back what torch keeps for later on a device: call it after deleting a model, or out of memory."""
    import torch

    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


def synchronize(device: str) -> None:
    """Wait until a GPU has finished; without it a timing measures only how fast work was handed over."""
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def versions_line(device: Device) -> str:
    """Return the line that each notebook prints: Python, torch, transformers, the device and why."""
    versions = [f"{name} {metadata.version(name)}" for name in ("torch", "transformers")]
    system = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, platform.system())
    return " · ".join([f"Python {platform.python_version()} on {system}", *versions, str(device)])
