"""GGUF files: what their header says of a model, read without its weights.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import functools
import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.notice import ModelCorrupt

_MAGIC = b"GGUF"
_NUMBERS = dict(enumerate("BbHhIif?saQqd"))  # struct's letters; 8 is a text, 9 an array
_TEXT, _ARRAY = 8, 9
_FILE_TYPES = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
               12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
               25: "IQ4_NL", 30: "IQ4_XS", 32: "BF16"}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """What stands before the weights of a GGUF file.

    Attributes
    ----------
    path : Path
    about : dict
        The file's own keys, such as "tokenizer.ggml.pre", and their values.
    n_parameters : int
        Weights. An output layer that is the embedding table once more counts, as it lies in the file.
    """

    path: Path
    about: dict[str, Any]
    n_parameters: int

    def of_model(self, key: str, default: int = 0) -> int:
        """Return a number kept under the architecture's name: "context_length" for "llama.context_length"."""
        value = self.about.get(f"{self.about.get('general.architecture')}.{key}", default)
        return max(value) if isinstance(value, list) else int(value)

    @property
    def context(self) -> int:
        """Tokens that the model was trained to read and write together."""
        return self.of_model("context_length", 2048)

    @property
    def kv_values(self) -> int:
        """Values that the KV cache keeps for each token: 2 x layers x KV heads x head size."""
        heads = self.of_model("attention.head_count", 1)
        size = self.of_model("attention.key_length") or self.of_model("embedding_length") // heads
        return 2 * self.of_model("block_count") * self.of_model("attention.head_count_kv", heads) * size

    @property
    def quantization(self) -> str:
        """How the weights are kept, by the name that publishers give it: "Q4_K_M"."""
        return _FILE_TYPES.get(self.about.get("general.file_type", -1), "GGUF")


def gguf_file(model: Path) -> Path | None:
    """Return the GGUF file that a model is, or that its folder has instead of safetensors; else None.

    By what the file begins with, not by its name: Ollama's are named by their hash.
    """
    if model.is_file():
        with model.open("rb") as file:
            return model if file.read(4) == _MAGIC else None
    found = [] if any(model.glob("*.safetensors")) else sorted(model.glob("*.gguf"))
    return found[0] if len(found) == 1 else None


def read_header(path: Path) -> Header:
    """Read what stands before the weights: a tenth of a second for 150,000 tokens.

    Raises
    ------
    ModelCorrupt
        The file is none, or it breaks off.
    """
    return _read_once(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read_once(path: Path, modified: int) -> Header:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            reader = _Reader(data)
            magic, version, n_tensors, n_keys = reader.take("4sIQQ")
            if magic != _MAGIC or version not in (2, 3):
                raise ValueError("it is not a GGUF file of version 2 or 3")
            about = {reader.text(): reader.value(*reader.take("I")) for _ in range(n_keys)}
            tensors = [reader.tensor() for _ in range(n_tensors)]
            last = reader.at + max((offset for _, offset in tensors), default=0)
            length = len(data)
    except (struct.error, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise ModelCorrupt(f"{path}: its header cannot be read ({error}). Fetch the file again.") from error
    if last >= length:  # whatever loads it sees what is missing of the last tensor
        raise ModelCorrupt(
            f"{path} breaks off: its weights reach to byte {last:,}, and the file has {length:,}. Fetch the file again."
        )
    return Header(path, about, sum(n for n, _ in tensors))


class _Reader:
    """Reads a GGUF header from its beginning; whatever would be behind the file's end is a struct.error."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def text(self) -> str:
        (length,) = self.take("Q")
        (raw,) = self.take(f"{min(length, len(self.data))}s")
        return raw.decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self.text()
        if kind != _ARRAY:
            return self.take(_NUMBERS[kind])[0]
        inner, length = self.take("IQ")
        if length > len(self.data):
            raise ValueError(f"a list of {length:,} values")
        if inner in (_TEXT, _ARRAY):
            return [self.value(inner) for _ in range(length)]
        return list(self.take(f"{length}{_NUMBERS[inner]}"))

    def tensor(self) -> tuple[int, int]:
        """Of the tensor whose description comes next: its values, and where they begin behind the header."""
        self.text()
        (n_dimensions,) = self.take("I")
        shape = self.take(f"{min(n_dimensions, 8)}Q")
        _, offset = self.take("IQ")
        return math.prod(shape), offset
