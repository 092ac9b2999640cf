"""Does a language model fit: what it needs, what a device has free, and what to choose instead."""

from __future__ import annotations

from pathlib import Path

from ragkit.device import free_memory
from ragkit.models.catalogue import BYTES_OF, CATALOGUE, bytes_of, find_card, format_size
from ragkit.models.files import count_kv_values, count_parameters
from ragkit.models.gguf import gguf_file
from ragkit.notice import NotEnoughMemory

MEMORY_MARGIN = 1.2  # activations, the framework's own buffers, fragmentation
CONTEXT_TOKENS = 4096  # prompt and answer that memory is reckoned for
GGUF_CACHE = "float16"  # what llama.cpp keeps keys and values in


def required_memory(weights: int, kv_values: int, dtype: str, context_tokens: int = CONTEXT_TOKENS) -> int:
    """Return the bytes that a language model needs to run: weights, KV cache, and a margin of 20 %.

    Parameters
    ----------
    weights : int
        Bytes of the weights: `card.memory(dtype)`.
    kv_values : int
        Values that the cache keeps for each token; at 4 bytes in float32, else 2.
    dtype : {'float32', 'float16', 'bfloat16'}
    context_tokens : int
        Prompt and answer together.

    Examples
    --------
    >>> card = CATALOGUE["gemma-7b-it"]
    >>> format_size(required_memory(card.memory("float16"), card.kv_values, "float16", 4096))
    '22.7 GB'
    """
    cache = context_tokens * kv_values * (4 if dtype == "float32" else 2)
    return round((weights + cache) * MEMORY_MARGIN)


def memory_of_cards(dtype: str, context_tokens: int = CONTEXT_TOKENS) -> dict[str, int]:
    """Return the bytes that each of the catalogue's language models needs to run, smallest first.

    Those of GGUF files have weights of their own format.
    """
    needed = {
        card.name: required_memory(card.gguf_bytes, card.kv_values, GGUF_CACHE, context_tokens)
        if card.gguf_bytes
        else required_memory(card.memory(dtype), card.kv_values, dtype, context_tokens)
        for card in CATALOGUE.values()
        if card.kind == "llm"
    }
    return dict(sorted(needed.items(), key=lambda item: item[1]))


def check_memory(
    name: str, folder: Path, dtype: str, device: str, context_tokens: int = CONTEXT_TOKENS
) -> int:
    """Return the bytes that a language model needs on a device; raise before loading one that does not fit.

    Parameters
    ----------
    name : str
        A catalogue model's numbers come from its card, another's from its files.
    folder : Path
        From `fetch_model`.
    dtype : str
        'float32', 'float16', 'bfloat16'; or the format of a GGUF file's weights, which stay as they are.
    device : {'cuda', 'mps', 'cpu'}
        Compared with `ragkit.device.free_memory`.
    context_tokens : int
        Prompt and answer together.

    Raises
    ------
    NotEnoughMemory
        Names what is needed and free, the catalogue's models that fit, and the choices.
    """
    card = find_card(name)
    kv_values = card.kv_values if card else count_kv_values(folder)
    if dtype in BYTES_OF:
        weights = card.memory(dtype) if card else count_parameters(folder) * bytes_of(dtype)
        needed = required_memory(weights, kv_values, dtype, context_tokens)
    else:
        weights = (
            card.gguf_bytes if card and card.gguf_bytes else (gguf_file(folder) or folder).stat().st_size
        )
        needed = required_memory(weights, kv_values, GGUF_CACHE, context_tokens)
    if needed <= (free := free_memory(device)):
        return needed
    others = memory_of_cards(dtype if dtype in BYTES_OF else GGUF_CACHE, context_tokens)
    fitting = [f"{other} ({format_size(size)})" for other, size in others.items() if size <= free]
    raise NotEnoughMemory(
        f"{name} needs {format_size(needed)} on {device} in {dtype} (weights, cache for {context_tokens} "
        f"tokens, 20 % margin); {format_size(free)} are free. "
        f"Models that fit: {', '.join(fitting) or 'none'}. "
        f"Choices: {'; '.join(_memory_choices(dtype, device, needed))}."
    )


def _memory_choices(dtype: str, device: str, needed: int) -> list[str]:
    choices = ["a smaller model (RAGKIT_LLM)", "other programs closed"]
    if dtype == "float32":
        choices.insert(0, f"dtype='bfloat16', {format_size(needed // 2)}")
    if device != "cpu":
        choices.append(f"device='cpu', slower, {format_size(free_memory('cpu'))} free")
    return choices
