"""A language model that transformers runs: safetensors, or a GGUF file with its weights turned into a dtype."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit import device as devices
from ragkit.models.gguf import gguf_file
from ragkit.models.llm import LLM, Take, Written
from ragkit.models.loading import quiet_loading
from ragkit.models.memory import CONTEXT_TOKENS, check_memory
from ragkit.models.sharing import share_processor
from ragkit.models.tokens import load_tokenizer
from ragkit.notice import NotEnoughMemory, say


@dataclass(frozen=True)
class TransformersLLM(LLM):
    """A language model that transformers runs.

    Attributes
    ----------
    model : transformers causal language model
    """

    model: Any

    @property
    def end_tokens(self) -> list[int]:
        """The tokens that end an answer."""
        ends = self.model.generation_config.eos_token_id
        return ends if isinstance(ends, list) else [ends if ends is not None else self.tokenizer.eos_token_id]

    def write(
        self,
        prompt: Sequence[int],
        most: int,
        take: Take,
        temperature: float = 0.0,
        seed: int = 0,
        allowed: Sequence[int] | None = None,
        head: int = 0,
    ) -> Written:
        """Write on from a prompt: see `LLM.write`."""
        import torch

        stream = _Stream(self.tokenizer, take)
        ids = torch.tensor([prompt], device=self.device)
        chance = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=most,
                streamer=stream,
                stopping_criteria=[stream.stops],
                prefix_allowed_tokens_fn=(lambda *_: list(allowed)) if allowed else None,
                eos_token_id=self.end_tokens,
                pad_token_id=self.end_tokens[0],
                **chance
                if temperature
                else {"do_sample": False, "temperature": None, "top_p": None, "top_k": None},
            )
        return Written(len(stream.ids), stream.ids[-1] in self.end_tokens)


class _Stream:
    """What transformers hands each token to as it comes, and asks whether to stop."""

    def __init__(self, tokenizer: Any, take: Take) -> None:
        self.tokenizer, self.take = tokenizer, take
        self.ids: list[int] = []
        self.said, self.stop, self.heard_prompt = "", False, False

    def put(self, ids: Any) -> None:
        if not self.heard_prompt:  # transformers begins with the prompt itself
            self.heard_prompt = True
            return
        self.ids += ids.flatten().tolist()
        text = self.tokenizer.decode(self.ids, skip_special_tokens=True)
        if not text.endswith("\ufffd"):  # the token is part of a letter
            piece, self.said = text[len(self.said) :], text
            self.stop = bool(self.take(piece))

    def end(self) -> None:
        """Nothing is left over."""

    def stops(self, ids: Any, scores: Any, **_: Any) -> Any:
        return ids.new_full((1,), self.stop).bool()


def load_transformers(name: str, folder: Path, device: str, dtype: str | None) -> TransformersLLM:
    """Load a model onto a device; onto the CPU where it does not fit there, which is said."""
    try:
        return _load(name, folder, device, devices.choose_dtype(device, "llm", dtype))
    except (RuntimeError, MemoryError) as error:
        if device == "cpu" or isinstance(error, NotEnoughMemory) or not devices.is_out_of_memory(error):
            raise
    devices.release_memory(device)
    say(f"{name} does not fit in the memory of {device}; running it on the CPU, slower")
    return _load(name, folder, "cpu", devices.choose_dtype("cpu", "llm"))


def _load(name: str, folder: Path, device: str, dtype: str) -> TransformersLLM:
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    tokenizer = load_tokenizer(folder, "llm")
    context = tokenizer.model_max_length
    check_memory(name, folder, dtype, device, min(context, CONTEXT_TOKENS))
    model: Any
    where, how = folder, {}
    if file := gguf_file(folder):
        where = file.parent
        how = {"gguf_file": file.name, "quantization_config": GgufConfig(dequantize=True)}
    with quiet_loading(), contextlib.redirect_stderr(io.StringIO()):  # one progress bar has no switch
        model = AutoModelForCausalLM.from_pretrained(
            where, dtype=getattr(torch, dtype), attn_implementation="sdpa", local_files_only=True, **how
        )
    context = getattr(model.config, "max_position_embeddings", CONTEXT_TOKENS)
    model = model.to(device).eval()
    if device == "cpu":
        share_processor(model)
    return TransformersLLM(name, tokenizer, device, dtype, context, model.num_parameters(), model)
