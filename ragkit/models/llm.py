"""A language model, ready to generate."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ragkit import device as devices
from ragkit.models.attention import pack_query_heads
from ragkit.models.catalogue import is_address, model_name
from ragkit.models.fetch import fetch_model
from ragkit.models.linear import pack_weights
from ragkit.models.loading import quiet_loading
from ragkit.models.memory import CONTEXT_TOKENS, check_memory
from ragkit.models.server import ServerLLM, open_server
from ragkit.models.sharing import share_processor
from ragkit.models.tokens import load_tokenizer
from ragkit.models.writing import Memory
from ragkit.notice import NotEnoughMemory, say


@dataclass(frozen=True)
class LLM:
    """A language model, ready to generate.

    Attributes
    ----------
    name : str
    model : transformers causal language model
    tokenizer : transformers tokenizer
    device, dtype : str
        Where and in which number format the model runs.
    context : int
        Tokens that prompt and answer can have together.
    n_parameters : int
        Weights; those that two layers share count once.
    memory : Memory
        What it read last.
    """

    name: str
    model: Any
    tokenizer: Any
    device: str
    dtype: str
    context: int
    n_parameters: int
    memory: Memory = field(default_factory=Memory, repr=False)

    @property
    def end_tokens(self) -> list[int]:
        """The tokens that end an answer."""
        ends = self.model.generation_config.eos_token_id
        return ends if isinstance(ends, list) else [ends if ends is not None else self.tokenizer.eos_token_id]


def load_llm(name: str | None = None, device: str | None = None, dtype: str | None = None) -> LLM | ServerLLM:
    """Load a language model, fetching it first if it is not on this disk; or open one that a server runs.

    Parameters
    ----------
    name : str, optional
        Catalogue name, Hugging Face name, local folder, or a server's address (see `open_server`), for which device
        and dtype have no meaning; default: `RAGKIT_LLM`, else SmolLM2-135M-Instruct.
    device : {"cpu", "mps", "cuda"}, optional
        Default: `RAGKIT_DEVICE`, else the best that this machine has.
    dtype : {"float32", "bfloat16", "float16"}, optional
        Default: what is right for the device (see `ragkit.device.choose_dtype`).

    Raises
    ------
    NotEnoughMemory
        If weights and working memory are more than the device has free; names the models that fit.
    ModelNotFound, ModelCorrupt, DeviceUnavailable, ServerError, BadParameter
    """
    name = model_name("llm", name)
    if is_address(name):
        return open_server(name)
    folder = fetch_model(name, "llm")
    chosen = devices.choose_device(device).name
    try:
        return _load(name, folder, chosen, devices.choose_dtype(chosen, "llm", dtype))
    except (RuntimeError, MemoryError) as error:
        if chosen == "cpu" or isinstance(error, NotEnoughMemory) or not devices.is_out_of_memory(error):
            raise
    devices.release_memory(chosen)
    say(f"{name} does not fit in the memory of {chosen}; running it on the CPU, slower")
    return _load(name, folder, "cpu", devices.choose_dtype("cpu", "llm"))


def _load(name: str, folder: Path, device: str, dtype: str) -> LLM:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    context = getattr(config, "max_position_embeddings", CONTEXT_TOKENS)
    check_memory(name, folder, dtype, device, min(context, CONTEXT_TOKENS))
    model: Any
    with quiet_loading():
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), attn_implementation="sdpa", local_files_only=True
        )
    n_parameters = model.num_parameters()
    model = model.to(device).eval()
    if device == "cpu":
        pack_query_heads(model)
        pack_weights(model)
        share_processor(model)
    tokenizer = load_tokenizer(name, "llm")
    return LLM(name, model, tokenizer, device, dtype, context, n_parameters)
