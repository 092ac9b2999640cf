"""The models that the course talks about: what is known of them, how their files come here, how they are loaded.

In the order in which the files build on each other: `catalogue` (numbers), `gguf` (the header of such a file), `files`
(folders on this disk), `loading`, `unpack`, `wheels`, `packaged`, `hub`, `fetch` (where a model comes from),
`gguf_tokenizer`, `tokens`, `sentences`, `memory` (does it fit), `linear` and `pooling` (quick passes), `embedder`,
`cross_encoder`, `asking` and `server` (a model that another program runs), `decoding`, `llm`, `llama_cpp` and
`transformers_llm` (what runs one), `open_llm`. Only safetensors and GGUF weights are loaded: no pickle, no code from a
model's repository. torch, transformers and llama.cpp are imported inside the functions.
"""

from ragkit.models.catalogue import (
    CATALOGUE,
    DEFAULT_EMBEDDER,
    DEFAULT_LLM,
    SMALL_EMBEDDER,
    SMALL_LLM,
    ModelCard,
    find_card,
    format_size,
    model_name,
)
from ragkit.models.fetch import COURSE_MODELS, describe, fetch_model
from ragkit.models.files import model_checksum, models_home
from ragkit.models.hub import is_present, present_models
from ragkit.models.loading import quiet_loading
from ragkit.models.memory import check_memory, memory_of_cards, required_memory
from ragkit.models.tokens import count_tokens, load_tokenizer, read_prompts
from ragkit.models.wheels import PACKAGES

__all__ = [
    "CATALOGUE", "COURSE_MODELS", "DEFAULT_EMBEDDER", "DEFAULT_LLM", "PACKAGES", "SMALL_EMBEDDER", "SMALL_LLM",
    "ModelCard",
    "check_memory", "count_tokens", "describe", "fetch_model", "find_card", "format_size", "is_present",
    "load_tokenizer", "memory_of_cards", "model_checksum", "model_name", "models_home", "present_models",
    "quiet_loading", "read_prompts", "required_memory",
]  # fmt: skip
