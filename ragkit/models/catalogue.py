"""The catalogue: what the course knows about a model before a byte of it is downloaded (`catalogue.toml`)."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ragkit.device import Kind, total_ram
from ragkit.notice import BadParameter, say

DEFAULT_EMBEDDER = "all-mpnet-base-v2"
SMALL_EMBEDDER = "all-MiniLM-L6-v2"
MULTILINGUAL = "paraphrase-multilingual-MiniLM-L12-v2"  # not tried here: only huggingface.co has it
DEFAULT_LLM = "Qwen2.5-Coder-0.5B-Instruct"
SMALL_LLM = "SmolLM2-135M-Instruct"
_DEFAULTS = {  # the usual one, the small one, and the bytes of RAM in all up to which that is the default
    "embedder": ("embedder", DEFAULT_EMBEDDER, SMALL_EMBEDDER, 5_000_000_000),
    "llm": ("language model", DEFAULT_LLM, SMALL_LLM, 3_000_000_000),
}
BYTES_OF = {"float32": 4, "float16": 2, "bfloat16": 2}  # a value


@dataclass(frozen=True)
class ModelCard:
    """What the course knows about a model.

    Attributes
    ----------
    name, hub : str
        The short name, and the name on huggingface.co.
    kind : {'embedder', 'llm'}
    parameters : int
        Weights that memory is needed for (a tied output layer counts once).
    download_bytes : int
        Weights, tokenizer and configuration, as downloaded.
    licence : str
    max_tokens : int
        Embedder: what it reads of a text. Language model: prompt and answer together.
    note : str
        One sentence.
    gated : bool
        True when the licence has to be accepted on the model page first.
    dimension : int or None
        Values of an embedding; None for a language model.
    kv_values : int
        Language model: values that the KV cache keeps for each token, 2 x layers x KV heads x head size.
    gguf_bytes : int
        Language model: its weights as they lie in a GGUF file, and in memory; 0 for one of safetensors.
    """

    name: str
    hub: str
    kind: Kind
    parameters: int
    download_bytes: int
    licence: str
    max_tokens: int
    note: str
    gated: bool = False
    dimension: int | None = None
    kv_values: int = 0
    gguf_bytes: int = 0

    def memory(self, dtype: str) -> int:
        """Return the bytes that the weights take: parameters x bytes a value.

        Examples
        --------
        >>> CATALOGUE["gemma-2b-it"].memory("bfloat16") / 1e9
        5.012344832
        """
        return self.parameters * bytes_of(dtype)


def bytes_of(dtype: str) -> int:
    """Bytes that one value takes in a number format."""
    if dtype not in BYTES_OF:
        raise BadParameter(f"unknown dtype {dtype!r}: expected one of {', '.join(BYTES_OF)}.")
    return BYTES_OF[dtype]


def _read_catalogue() -> dict[str, ModelCard]:
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    return {name: ModelCard(name, **facts) for name, facts in tomllib.loads(text).items()}


CATALOGUE = _read_catalogue()


def model_name(kind: Kind, name: str | Path | None = None) -> str:
    """Return the model to use: the argument, else RAGKIT_EMBEDDER or RAGKIT_LLM, else the default.

    On a machine with little memory the defaults are the small ones, which is said. A catalogue model comes
    back under its short name, also when its Hugging Face name was given; a server's address as it is.

    Raises
    ------
    BadParameter
        The kind is neither 'embedder' nor 'llm', the catalogue lists the model as the other kind, or an embedder is
        to come from a server.

    Examples
    --------
    >>> model_name("embedder", "sentence-transformers/all-MiniLM-L6-v2")
    'all-MiniLM-L6-v2'
    """
    if kind not in _DEFAULTS:
        raise BadParameter(f"unknown kind of model {kind!r}: expected 'embedder' or 'llm'.")
    chosen = str(name or os.environ.get(f"RAGKIT_{kind.upper()}") or _default(kind))
    if kind == "embedder" and is_address(chosen):
        raise BadParameter(
            f"{chosen}: only the language model (RAGKIT_LLM) can be on a server, not the embedder."
        )
    card = find_card(chosen)
    if card and card.kind != kind:
        others = ", ".join(other.name for other in CATALOGUE.values() if other.kind == kind)
        raise BadParameter(f"{chosen} is an {card.kind}, not an {kind}. The catalogue has: {others}.")
    return card.name if card else chosen


def is_asked_for(kind: Kind, name: str | Path | None) -> bool:
    """Tell whether somebody chose a model, by name or by setting, or left the choice open."""
    return bool(name or os.environ.get(f"RAGKIT_{kind.upper()}"))


def _default(kind: Kind) -> str:
    """Choose by the RAM of this machine; artifacts are kept by model, so that both can lie side by side."""
    what, usual, small, border = _DEFAULTS[kind]
    if (total := total_ram()) > border:
        return usual
    say(
        f"this machine has {format_size(total)} of memory: {small}, the small {what}, is used "
        f"(RAGKIT_{kind.upper()}={usual} overrules it)",
        once=True,
    )
    return small


def is_address(name: str | Path) -> bool:
    """Tell whether a model's name is the address of a server that runs it (see `ragkit.models.server`)."""
    return str(name).lower().startswith(("http://", "https://"))


def find_card(name: str | Path) -> ModelCard | None:
    """Return the catalogue's card for a short name or a Hugging Face name, in any case; else None."""
    wanted = str(name).lower()
    cards = CATALOGUE.values()
    return next((card for card in cards if wanted in (card.name.lower(), card.hub.lower())), None)


def format_size(size: int) -> str:
    """Write a number of bytes for people, in powers of 1000 as disks and download pages count.

    Examples
    --------
    >>> format_size(438_000_000), format_size(5_012_344_832)
    ('438 MB', '5.0 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 999_500_000 else f"{size / 1e6:.0f} MB"
