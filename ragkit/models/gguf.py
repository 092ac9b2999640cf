"""A GGUF file becomes a folder that loads in seconds: safetensors weights, config, tokenizer, chat template.

Run as `python -m ragkit.models.gguf FOLDER`, in a process of its own, by `convert_gguf`.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.models.loading import quiet_loading
from ragkit.notice import ModelCorrupt, say

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def convert_gguf(folder: Path, converters: Sequence[Path]) -> None:
    """Replace a folder's GGUF file by what `from_pretrained` loads, once.

    Parameters
    ----------
    folder : Path
        With one `*.gguf` file in it.
    converters : sequence of Path
        Wheels of what transformers needs to read that file and nothing else here needs: the process that
        converts imports them from the wheels.

    Raises
    ------
    ModelCorrupt
        With the last words of the process.
    """
    say("converting the language model once; about 20 seconds")
    path = os.pathsep.join([*map(str, converters), *filter(None, sys.path)])
    finished = subprocess.run(
        [sys.executable, "-m", "ragkit.models.gguf", str(folder)], capture_output=True, text=True, encoding="utf-8",
        errors="replace", env=os.environ | {"PYTHONPATH": path}, check=False,
    )  # fmt: skip
    if finished.returncode:
        last = " ".join(finished.stderr.splitlines()[-3:])
        raise ModelCorrupt(f"{folder.name}: the GGUF file could not be converted: {last}")


def _convert(folder: Path) -> None:
    """Replace a folder's GGUF file by safetensors weights, config, tokenizer and chat template.

    transformers reads GGUF slowly and refuses to save what it read, so a plain model takes over the weights.
    They are kept in bfloat16, as the publisher has them: rounding moves a weight by 0.13 % on average, where
    the 4 bits had moved it by several; float32 would double the file.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    (gguf,) = folder.glob("*.gguf")
    with quiet_loading(), contextlib.redirect_stderr(io.StringIO()):  # one progress bar has no switch
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=gguf.name)
        dequantized = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=gguf.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        _split_digits(tokenizer)
        tokenizer.model_max_length = dequantized.config.max_position_embeddings
        tokenizer.save_pretrained(folder)
        _plain_model(dequantized).save_pretrained(folder)
    gguf.unlink()
    (folder / "model.safetensors").chmod(0o644)  # it was written for its owner only; the cache may be shared


def _split_digits(tokenizer: PreTrainedTokenizerBase) -> None:
    """Have numbers split into digits before anything else, as this tokenizer was trained.

    The GGUF file names the rule ('smollm'), and transformers does not apply it: line breaks before a number
    would be cut differently.
    """
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

    tokenizer.backend_tokenizer.pre_tokenizer = Sequence(
        [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
    )


def _plain_model(dequantized: PreTrainedModel) -> PreTrainedModel:
    """Return a model of the same class and weights that no longer counts as quantized."""
    import torch

    settings = dequantized.config.to_dict()
    for name in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        settings.pop(name, None)
    with torch.device("meta"):  # no memory, no random weights
        plain = type(dequantized)(type(dequantized.config)(**settings))
    plain.load_state_dict(dequantized.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = dequantized.generation_config
    return plain


if __name__ == "__main__":
    _convert(Path(sys.argv[1]))
