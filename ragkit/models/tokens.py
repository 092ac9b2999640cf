"""Tokenizers: a model's own, and how many tokens a text has."""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.models.catalogue import Kind
from ragkit.models.fetch import fetch_model
from ragkit.models.gguf import gguf_file, read_header
from ragkit.models.gguf_tokenizer import gguf_tokenizer
from ragkit.models.loading import quiet_loading
from ragkit.notice import BadParameter

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase


def load_tokenizer(name: str | Path | None = None, kind: Kind = "embedder") -> PreTrainedTokenizerBase:
    """Return a model's own tokenizer, fetching the model where it is missing. Loaded once in a process.

    Parameters
    ----------
    name : str, optional
        As for `fetch_model`.
    kind : {'embedder', 'llm'}
    """
    return _load_tokenizer(fetch_model(name, kind))


@functools.cache
def _load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    if file := gguf_file(folder):
        return gguf_tokenizer(read_header(file))
    with quiet_loading():
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # What a text may have: the prompt that the model wants before each one takes its part of the limit.
    prompt = count_tokens(tokenizer, [read_prompts(folder)["document"]])[0]
    tokenizer.model_max_length = min(tokenizer.model_max_length, _reading_limit(folder)) - prompt
    return tokenizer


def _reading_limit(folder: Path) -> int:
    """Tokens that sentence-transformers lets an embedder read; a tokenizer's own files often say more."""
    settings = folder / "sentence_bert_config.json"
    if not settings.is_file():
        return sys.maxsize
    return json.loads(settings.read_text(encoding="utf-8")).get("max_seq_length") or sys.maxsize


def read_prompts(folder: Path) -> dict[str, str]:
    """Return what an embedder wants written before a "query" and a "document"; often nothing.

    Its own configuration says so; for documents under one of the three names that sentence-transformers'
    `encode_document` looks for, in that order.
    """
    path = folder / "config_sentence_transformers.json"
    prompts = json.loads(path.read_text(encoding="utf-8")).get("prompts") if path.exists() else None
    prompts = prompts or {}
    document = next((prompts[name] for name in ("document", "passage", "corpus") if name in prompts), "")
    return {"query": prompts.get("query") or "", "document": document or ""}


def count_tokens(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> list[int]:
    """Return how many tokens each text has: all of them, without the special tokens around a text.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
        From `load_tokenizer`.
    texts : iterable of str

    Returns
    -------
    list of int
        Tokens, one number a text, also past the model's limit.

    Raises
    ------
    BadParameter
        One string instead of several.
    """
    if isinstance(texts, str):
        raise BadParameter("count_tokens takes a list of texts: put the one text in brackets, [text].")
    texts = list(texts)
    if not texts:
        return []
    if _cuts_at_spaces(tokenizer):
        backend = tokenizer.backend_tokenizer
        return [
            sum(_count_word(backend, word) for word in text.replace("\n", " ").split(" ")) for text in texts
        ]
    # The files of some models switch truncation and padding on; verbose=False: no warning about long texts.
    encoded = tokenizer(
        texts, add_special_tokens=False, truncation=False, padding=False, verbose=False,
        return_attention_mask=False, return_token_type_ids=False,
    )  # fmt: skip
    return [len(ids) for ids in encoded["input_ids"]]


def _cuts_at_spaces(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a text has the tokens of its words, each taken alone: so BERT's tokenizers count, others may not.

    MPNet, MiniLM, BGE and mxbai have BERT's.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or type(backend.pre_tokenizer).__name__ != "BertPreTokenizer":
        return False
    bert = type(backend.normalizer).__name__ == "BertNormalizer"
    return bert and not any(re.search("[ \n]", token) for token in tokenizer.get_added_vocab())


@functools.lru_cache(maxsize=100_000)
def _count_word(backend: Tokenizer, word: str) -> int:
    """Tokens of one word, remembered: a book of 201,000 words has 24,000 different ones.

    The book's chunks are counted 1.3 × to 3.4 × as fast as text by text when all words are new, and 9 × when they are
    known: `chunk_pages` counts everything twice, alone and together.
    """
    backend.no_truncation()
    backend.no_padding()
    return len(backend.encode(word, add_special_tokens=False))
