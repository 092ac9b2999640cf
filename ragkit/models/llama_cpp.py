"""A language model in a GGUF file, run as it is by llama.cpp (`xllamacpp`): no conversion, weights of 4 to 8 bits.

It is what Ollama and LM Studio run. Prompts go to it as token ids, so that no text of a document becomes a control
token. Inside the package is llama.cpp's server: it listens on this machine only, and a key that nobody knows keeps
other programs out.
"""

from __future__ import annotations

import contextlib
import platform
import queue
import secrets
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ragkit.models.catalogue import find_card
from ragkit.models.gguf import read_header
from ragkit.models.llm import LLM, Take, Written
from ragkit.models.memory import CONTEXT_TOKENS, check_memory
from ragkit.models.tokens import load_tokenizer
from ragkit.notice import ModelCorrupt, RagkitError

READ_AT_ONCE = 128
"""Tokens of a prompt between two looks at whether to stop. (More are no faster on two cores.)"""

MUCH = 100.0
"""What is added to the scores of allowed tokens: more than scores ever differ by."""

_SILENCE = {"choices": [{"text": "", "finish_reason": None}]}
_NEEDED = ("avx2", "fma3", "f16c")  # the package's x86 build has no other code


@dataclass(frozen=True)
class LlamaLLM(LLM):
    """A language model in a GGUF file that llama.cpp runs.

    Attributes
    ----------
    server : xllamacpp.Server
    kept : list of int
        The head that it has in its memory.
    """

    server: Any = field(repr=False)
    kept: list[int] = field(default_factory=list, repr=False)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def end_tokens(self) -> list[int]:
        """The tokens that end an answer."""
        return [self.tokenizer.eos_token_id]

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
        """Write on from a prompt: see `LLM.write`.

        Of the prompt before, nothing is used but a head that was read alone: the rest would be read in other portions,
        and the last bits of some scores, now and then a word of the answer, would depend on what was asked before.
        """
        body = {
            "prompt": list(prompt), "max_tokens": most, "temperature": temperature, "seed": seed,
            "samplers": ["temperature"], "stream": True, "return_progress": True, "cache_prompt": head > 0,
            "logit_bias": [[token, MUCH] for token in allowed or ()],
        }  # fmt: skip
        written, reason = 0, None
        with contextlib.closing(self._events(body, list(prompt[:head]))) as events:
            for event in events:
                if "error" in event:
                    raise RagkitError(f"llama.cpp gave up on {self.name}: {event['error'].get('message')}")
                written = event.get("usage", {}).get("completion_tokens", written)
                choice = event["choices"][0]
                reason = choice["finish_reason"] or reason
                written += bool(choice["text"])
                if take(choice["text"]):
                    break
        return Written(written, reason == "stop")

    def _keep(self, head: list[int]) -> None:
        """Leave in llama.cpp's memory what it computes for a head, and nothing of what it read or wrote after that."""
        again = head == self.kept
        self.kept.clear()
        if head:
            # one token more, since it reads the last one of a prompt anew
            body = {"prompt": [*head, self.end_tokens[0]], "max_tokens": 0, "cache_prompt": again}
            self.server.handle_completions(body, lambda event: False)
        self.kept.extend(head)

    def _events(self, body: dict[str, Any], head: list[int]) -> Generator[dict[str, Any]]:
        """Yield what llama.cpp says, which works in a thread of its own: so Ctrl-C is heard at any time.

        Where it says nothing, there is an event without text each half second: who has gone by then is known before
        llama.cpp asks, after each portion of a prompt and after each token.
        """
        said: queue.SimpleQueue[Any] = queue.SimpleQueue()
        left = threading.Event()

        def hear(event: dict[str, Any]) -> bool:
            said.put(event)
            return left.is_set()

        def run() -> None:
            try:
                with self.one_at_a_time:  # or the head would be another's
                    self._keep(head)
                    self.server.handle_completions(body, hear)
            except BaseException as error:
                said.put(error)
            finally:
                said.put(None)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            while True:
                event: Any = _SILENCE
                with contextlib.suppress(queue.Empty):
                    event = said.get(timeout=0.5)  # Windows hears Ctrl-C only between two waits
                if isinstance(event, BaseException):
                    raise event
                if event is None:
                    return
                yield event
        finally:
            left.set()
            thread.join()


def why_not() -> str:
    """Say why llama.cpp cannot run here, and what to do; "" if it can."""
    if lacking := _lacking():
        return f"llama.cpp as packaged needs a processor with {lacking}, which this one has not"
    try:
        import xllamacpp  # noqa: F401
    except ImportError as error:
        return f"llama.cpp is not installed here ({error}): python -m pip install xllamacpp"
    return ""


def _lacking() -> str:
    """The instructions that the package's code has and this processor has not: it would end the whole program."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return ""
    import torch

    found = torch.cpu.get_capabilities()
    return ", ".join(name.upper() for name in _NEEDED if not found.get(name, False))


def gpu_of_llama() -> bool:
    """Tell whether this llama.cpp computes on a GPU: on a Mac it does, elsewhere with another build of its package."""
    import xllamacpp

    return any("GPU" in str(device["type"]) for device in xllamacpp.get_device_info())


def load_llama(name: str, file: Path, device: str) -> LlamaLLM:
    """Open a GGUF file: its weights are mapped, and read when they are first needed.

    Parameters
    ----------
    device : {"cpu", "mps", "cuda"}
        What is not the CPU counts only where llama.cpp has been built for a GPU.

    Raises
    ------
    NotEnoughMemory
    ModelCorrupt
        llama.cpp does not take the file.
    """
    import torch
    import xllamacpp

    header = read_header(file)
    device = device if device != "cpu" and gpu_of_llama() else "cpu"
    context = min(header.context, CONTEXT_TOKENS)
    check_memory(name, file, header.quantization, device, context)
    settings = xllamacpp.CommonParams()
    settings.model.path = str(file)
    settings.n_ctx, settings.n_parallel = context, 1
    settings.n_batch = settings.n_ubatch = READ_AT_ONCE
    settings.n_gpu_layers = 0 if device == "cpu" else -1
    for threads in (settings.cpuparams, settings.cpuparams_batch):
        threads.n_threads = torch.get_num_threads()
        threads.poll = 0  # a thread that waits leaves its core to other programs
    settings.verbosity, settings.warmup, settings.cache_ram_mib = 0, False, 0
    settings.swa_full = True  # also a model with windows is to forget what follows a head
    settings.n_ctx_checkpoints = 0
    settings.ui = settings.endpoint_slots = False
    settings.api_keys, settings.cors_origins = [secrets.token_hex()], "null"
    try:
        server = xllamacpp.Server(settings)
    except RuntimeError as error:
        raise ModelCorrupt(
            f"llama.cpp cannot load {file} ({error}). Fetch the file again, or another one."
        ) from error
    card = find_card(name)
    n_parameters = card.parameters if card else header.n_parameters
    return LlamaLLM(
        name, load_tokenizer(file, "llm"), device, header.quantization, context, n_parameters, server
    )
