"""Step 06: from a prompt to an answer that names the pages it came from."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ragkit import StepModule, models
from ragkit import device as devices
from ragkit.chunk import load_chunks
from ragkit.embed import Embedder, load_embedder, load_embeddings
from ragkit.notice import BadParameter, NotEnoughMemory, PromptTooLong, say
from ragkit.prompt import MAX_PROMPT_TOKENS, Messages, Template, build_messages, fit_passages, render_prompt
from ragkit.search import KEY_SENTENCE_COLUMNS, key_sentences, search
from ragkit.workspace import Paths, Workspace, open_workspace

MAX_NEW_TOKENS = 256


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
    """

    name: str
    model: Any
    tokenizer: Any
    device: str
    dtype: str
    context: int


@dataclass(frozen=True, eq=False)
class Answer:
    """What the model said, what it was given to read, and how long it took.

    Attributes
    ----------
    question, text : str
        The question; the model's own words.
    hits : DataFrame
        The passages found, best first (as from `search`).
    n_read : int
        How many of them, from the best down, fitted in the prompt: what the model could read.
    key_sentences : DataFrame
        The sentences of the hits nearest to the question, each with file and printed page.
    n_prompt_tokens, n_answer_tokens : int
    seconds_to_first_token, tokens_per_second : float
        Wait before the first token of the answer; speed from then on (0 if there was only one token).
    stop_reason : {"end", "length"}
        The model's own end token, or `max_new_tokens`.
    """

    text: str
    n_prompt_tokens: int
    n_answer_tokens: int
    seconds_to_first_token: float
    tokens_per_second: float
    stop_reason: str
    question: str = ""
    hits: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    n_read: int = 0
    key_sentences: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=KEY_SENTENCE_COLUMNS), repr=False
    )

    @property
    def labels(self) -> list[str]:
        """Printed pages that the passages begin on, best first, each once."""
        pages = self.hits.drop_duplicates(["source", "page"]) if len(self.hits) else self.hits
        return list(pages["label"]) if len(pages) else []


def load_llm(name: str | None = None, device: str | None = None, dtype: str | None = None) -> LLM:
    """Load a language model, fetching it first if it is not on this disk.

    Parameters
    ----------
    name : str, optional
        Catalogue name, Hugging Face name or local folder; default: `RAGKIT_LLM`, else SmolLM2-135M-Instruct.
    device : {"cpu", "mps", "cuda"}, optional
        Default: `RAGKIT_DEVICE`, else the best that this machine has.
    dtype : {"float32", "bfloat16", "float16"}, optional
        Default: what is right for the device (see `ragkit.device.choose_dtype`).

    Raises
    ------
    NotEnoughMemory
        If weights and working memory are more than the device has free; names the models that fit.
    ModelNotFound, ModelCorrupt, DeviceUnavailable, BadParameter
    """
    name = models.model_name("llm", name)
    folder = models.fetch_model(name, "llm")
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
    context = getattr(config, "max_position_embeddings", MAX_PROMPT_TOKENS + MAX_NEW_TOKENS)
    models.check_memory(name, folder, dtype, device, min(context, MAX_PROMPT_TOKENS + MAX_NEW_TOKENS))
    with models.quiet_loading():
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), attn_implementation="sdpa", local_files_only=True
        )
    tokenizer = models.load_tokenizer(name, "llm")
    return LLM(name, model.to(device).eval(), tokenizer, device, dtype, context)


def generate(
    llm: LLM,
    prompt: Messages | str,
    max_new_tokens: int = MAX_NEW_TOKENS,
    temperature: float = 0.0,
    seed: int = 0,
    stream: bool = False,
) -> Answer:
    """Let the model write the answer, token by token, until its own end token.

    Parameters
    ----------
    llm : LLM
        From `load_llm`.
    prompt : list of dict, or str
        Chat messages; or a plain text to be continued, without the chat template.
    max_new_tokens : int
        Tokens an answer at most.
    temperature : float
        0 takes the likeliest token each time (greedy); higher values let chance in.
    seed : int
        For the chance, so that the same call gives the same answer.
    stream : bool
        Print the words on stdout as they come.

    Returns
    -------
    Answer
        Without hits and key sentences, which `ask` adds.

    Raises
    ------
    PromptTooLong
        If prompt and answer together are over the model's context.
    BadParameter
        If `max_new_tokens` or `temperature` makes no sense.
    """
    import torch

    if max_new_tokens < 1 or temperature < 0:
        raise BadParameter(
            f"max_new_tokens={max_new_tokens}, temperature={temperature}: at least 1, at least 0."
        )
    encoding = llm.tokenizer(prompt) if isinstance(prompt, str) else render_prompt(prompt, llm.tokenizer)
    ids = torch.tensor([encoding["input_ids"]], device=llm.device)
    _check_context(llm, ids.shape[1], max_new_tokens)
    torch.manual_seed(seed)
    sampling = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
    streamer = _Stream(llm.tokenizer, stream)
    with torch.inference_mode():
        output = llm.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_new_tokens,
            streamer=streamer,
            pad_token_id=_end_tokens(llm)[0],
            **sampling,
        )
    return _answer(llm, output[0, ids.shape[1] :].tolist(), ids.shape[1], streamer)


def ask(
    question: str,
    workspace: Workspace | Paths,
    embedder: Embedder | None = None,
    llm: LLM | None = None,
    *,
    top_k: int = 5,
    max_prompt_tokens: int = MAX_PROMPT_TOKENS,
    max_new_tokens: int = MAX_NEW_TOKENS,
    template: Template = "plain",
    temperature: float = 0.0,
    stream: bool = False,
) -> Answer:
    """Answer a question from the passages of a workspace: search, prompt, generate.

    Parameters
    ----------
    question : str
    workspace : Workspace, or what `open_workspace` takes
        What is missing in it (pages, chunks, embeddings) is built first.
    embedder, llm : optional
        Loaded if not given; to ask several questions, load them once.
    top_k : int
        Passages.
    max_prompt_tokens, template
        As in `build_messages`.
    max_new_tokens, temperature, stream
        As in `generate`.

    Returns
    -------
    Answer
        The model's words, the passages, and the key sentences, with printed pages.
    """
    if not isinstance(workspace, Workspace):
        workspace = open_workspace(workspace)
    embedder = embedder or load_embedder(workspace.embedder)
    llm = llm or load_llm()
    with workspace.locked():
        chunks, embeddings = load_chunks(workspace), load_embeddings(workspace, embedder)

    hits = search(question, chunks, embeddings, embedder, top_k)
    budget = min(max_prompt_tokens, llm.context - max_new_tokens)
    read = fit_passages(question, hits, llm.tokenizer, budget, template)
    messages = build_messages(question, read, llm.tokenizer, budget, template)
    answer = generate(llm, messages, max_new_tokens, temperature, stream=stream)
    sentences = key_sentences(question, hits, embedder)
    return replace(answer, question=question, hits=hits, n_read=len(read), key_sentences=sentences)


class _Stream:
    """Takes tokens from `model.generate` as they come: notes the times, and prints the words if asked to."""

    def __init__(self, tokenizer: Any, show: bool) -> None:
        from transformers import TextStreamer

        self.printer = TextStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True) if show else None
        self.started = time.perf_counter()
        self.times: list[float] = []
        self.prompt_seen = False

    def put(self, tokens: Any) -> None:
        if self.prompt_seen:
            self.times.append(time.perf_counter())
        self.prompt_seen = True
        if self.printer:
            self.printer.put(tokens)

    def end(self) -> None:
        if self.printer:
            self.printer.end()


def _answer(llm: LLM, ids: list[int], n_prompt_tokens: int, streamer: _Stream) -> Answer:
    first, last = streamer.times[0], streamer.times[-1]
    return Answer(
        text=llm.tokenizer.decode(ids, skip_special_tokens=True).strip(),
        n_prompt_tokens=n_prompt_tokens,
        n_answer_tokens=len(ids),
        seconds_to_first_token=first - streamer.started,
        tokens_per_second=(len(ids) - 1) / (last - first) if last > first else 0.0,
        stop_reason="end" if ids[-1] in _end_tokens(llm) else "length",
    )


def _end_tokens(llm: LLM) -> list[int]:
    ends = llm.model.generation_config.eos_token_id
    return ends if isinstance(ends, list) else [ends if ends is not None else llm.tokenizer.eos_token_id]


def _check_context(llm: LLM, n_prompt_tokens: int, max_new_tokens: int) -> None:
    if n_prompt_tokens + max_new_tokens > llm.context:
        raise PromptTooLong(
            f"The prompt has {n_prompt_tokens} tokens and the answer may have {max_new_tokens}; {llm.name} has room "
            f"for {llm.context} in all. Use fewer passages (TOP_K) or a smaller max_new_tokens."
        )


sys.modules[__name__].__class__ = StepModule
