"""Model folders on this disk: what they lack, what is refused, and what their files say about the model."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ragkit.disk import ragkit_home, sha256_of
from ragkit.models.catalogue import Kind
from ragkit.models.gguf import gguf_file, read_header
from ragkit.notice import ModelCorrupt, ModelNotFound

RECORD = "ragkit.json"
_PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5", ".msgpack")


def models_home() -> Path:
    """Return the folder that models are kept in: `models` in `ragkit.disk.ragkit_home()`."""
    return ragkit_home() / "models"


def read_record(folder: Path) -> dict[str, Any]:
    """Return what `ragkit.json` says about a folder's files; {} when there is none that can be read."""
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def check_model(path: Path, kind: Kind) -> Path:
    """Return a local folder, or a language model's GGUF file, that can be loaded; else raise with what it lacks."""
    if kind == "llm" and gguf_file(path):
        return path
    if not path.is_dir():
        raise ModelCorrupt(
            f"{path} is a file: name the folder with config.json and *.safetensors in it, or, for a language model, "
            "a GGUF file."
        )
    refuse_without_safetensors(str(path), [file.name for file in path.iterdir()])
    missing = missing_files(path)
    if missing:
        raise ModelNotFound(f"{path} is not a whole model: it lacks {', '.join(missing)}.")
    _refuse_own_code(path)
    return path


def _refuse_own_code(folder: Path) -> None:
    """Raise for a model that runs only with Python code of its own; transformers would ask to run it."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if "auto_map" not in config:
        return
    from transformers import CONFIG_MAPPING

    if config.get("model_type") not in CONFIG_MAPPING:
        raise ModelCorrupt(
            f"{folder} was refused: the model ({config.get('model_type')}) needs Python code from its own "
            "repository, which is never run here. Choose one that transformers knows by itself."
        )


def refuse_without_safetensors(model: str, names: Iterable[str]) -> None:
    """Raise for a model that has weights in other formats only; say why they are not loaded."""
    names = list(names)
    if any(name.endswith(".safetensors") for name in names):
        return
    reasons = {
        _PICKLED: "loading such a file can run code",
        (".gguf",): "of GGUF files, name one, as PATH/NAME.gguf or OWNER/REPOSITORY/NAME.gguf",
    }
    for endings, why in reasons.items():
        refused = sorted(name for name in names if name.endswith(endings))
        if refused:
            raise ModelCorrupt(
                f"{model} was refused: it has no *.safetensors weights, only {', '.join(refused)}; {why}. "
                "Else look for a safetensors version of the model."
            )


def missing_files(folder: Path) -> list[str]:
    """Return the files that a model folder lacks: config, or weights that its index lists."""
    missing = [] if (folder / "config.json").is_file() else ["config.json"]
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        return missing + sorted(name for name in shards if not (folder / name).is_file())
    return missing if any(folder.glob("*.safetensors")) else [*missing, "*.safetensors"]


def model_checksum(folder: Path) -> str:
    """Return one SHA-256 over all weight files of a model folder, in hexadecimal.

    A single `model.safetensors` gives that file's own SHA-256; several give the hash of their lines
    "<hash>  <path>" in alphabetical order. Packaged models answer from `ragkit.json`; a model from elsewhere
    is read once in a process.
    """
    recorded = read_record(folder).get("files", {})
    lines = []
    for path in sorted(folder.rglob("*.safetensors")):
        name, facts = path.relative_to(folder).as_posix(), path.stat()
        size, sha256 = recorded.get(name, (None, ""))
        known = sha256 if size == facts.st_size else _checksum_once(path, facts.st_size, facts.st_mtime_ns)
        lines.append(f"{known}  {name}")
    if len(lines) == 1:
        return lines[0].split()[0]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@functools.cache
def _checksum_once(path: Path, size: int, modified: int) -> str:
    """Hash a file; size and time of change are there to make a changed file a new question."""
    return sha256_of(path)


def count_parameters(folder: Path) -> int:
    """Return the number of weights of a model, from the header of its GGUF or of its safetensors files."""
    if file := gguf_file(folder):
        return read_header(file).n_parameters
    from safetensors import safe_open

    total = 0
    for path in folder.rglob("*.safetensors"):
        with safe_open(path, framework="numpy") as file:
            total += sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    return total


def count_kv_values(folder: Path) -> int:
    """Return the values that a model keeps in its KV cache for each token, from its GGUF header or its config.json.

    2 (keys and values) x layers x KV heads x head size; 0 where the config names them differently.
    """
    if file := gguf_file(folder):
        return read_header(file).kv_values
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = config.get("text_config", config)
    layers, heads = config.get("num_hidden_layers", 0), config.get("num_attention_heads", 0)
    head_size = config.get("head_dim") or (config.get("hidden_size", 0) // heads if heads else 0)
    return 2 * layers * (config.get("num_key_value_heads") or heads) * head_size
