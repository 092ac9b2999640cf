"""The tokenizer in a GGUF file, as transformers has tokenizers: vocabulary, merges, control tokens, chat template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ragkit.models.gguf import Header
from ragkit.notice import ModelCorrupt, say

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

_CONTROL, _USER_DEFINED = 3, 4  # kinds of tokens
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"

CUTS = {
    "qwen2": rf"{_ENDINGS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{_REST}",
    "llama-bpe": rf"{_ENDINGS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{_REST}",
    "smollm": r"\p{N}",  # and then as GPT-2
    "gpt-2": "",
    "default": "",
}
"""How a text is cut before its pieces are merged, by the name in `tokenizer.ggml.pre`: the publishers' own patterns
(Qwen2, Llama 3, SmolLM, GPT-2)."""

_SAME = {"llama-v3": "llama-bpe", "llama3": "llama-bpe", "falcon3": "llama-bpe", "deepseek-r1-qwen": "qwen2"}


def gguf_tokenizer(header: Header) -> PreTrainedTokenizerFast:
    """Make the tokenizer of a GGUF file: a second for 150,000 tokens.

    Raises
    ------
    ModelCorrupt
        The file has no tokenizer, or one that is neither a byte-level BPE nor SentencePiece's.
    """
    from transformers import PreTrainedTokenizerFast

    about = header.about
    kind, tokens = about.get("tokenizer.ggml.model"), about.get("tokenizer.ggml.tokens")
    makers = {"gpt2": _byte_level, "llama": _sentencepiece}
    if kind not in makers or not tokens:
        raise ModelCorrupt(
            f"{header.path} has a tokenizer of kind {kind!r}; {', '.join(makers)} can be read. "
            "Let Ollama, LM Studio or llama-server run it (RAGKIT_LLM=http://127.0.0.1:11434/v1)."
        )
    backend = makers[kind](header, tokens)
    _add_tokens(backend, about, tokens)
    names = {
        f"{name}_token": tokens[place]
        for name in ("bos", "eos")
        if (place := about.get(f"tokenizer.ggml.{name}_token_id", -1)) in range(len(tokens))
    }
    if about.get("tokenizer.ggml.add_bos_token", kind == "llama") and "bos_token" in names:
        _begin_with(backend, names["bos_token"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_max_length=header.context,
        clean_up_tokenization_spaces=False,
        chat_template=about.get("tokenizer.chat_template"),
        **names,
    )
    tokenizer.name_or_path = str(header.path)
    return tokenizer


def _byte_level(header: Header, tokens: list[str]) -> Tokenizer:
    """Byte-level BPE, as GPT-2, Llama 3, Qwen and SmolLM have it."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    named = header.about.get("tokenizer.ggml.pre", "default")
    cut = CUTS.get(name := _SAME.get(named, named))
    if cut is None:
        say(
            f"{header.path.name} cuts texts as {named!r}, which is not known here: they are cut as GPT-2 does",
            once=True,
        )
    merges = [_pair(merge) for merge in header.about.get("tokenizer.ggml.merges", [])]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    backend = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=name == "llama-bpe"))
    own = [pre_tokenizers.Split(Regex(cut), "isolated")] if cut else []
    whole = bool(cut) and name != "smollm"
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [*own, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not whole)]
    )
    backend.decoder = decoders.ByteLevel()
    return backend


def _pair(merge: str) -> tuple[str, str]:
    left, _, right = merge.partition(" ")
    return left, right


def _sentencepiece(header: Header, tokens: list[str]) -> Tokenizer:
    """SentencePiece's BPE, as Gemma, Llama 2 and Mistral have it: merges come from the scores of the tokens."""
    from tokenizers import Tokenizer, decoders, models, normalizers

    vocabulary = {token: i for i, token in enumerate(tokens)}
    merges = list(_merges(vocabulary, header.about.get("tokenizer.ggml.scores", [])))
    unknown = tokens[header.about.get("tokenizer.ggml.unknown_token_id", 0)]
    backend = Tokenizer(models.BPE(vocabulary, merges, unk_token=unknown, fuse_unk=True, byte_fallback=True))
    prefix = header.about.get("tokenizer.ggml.add_space_prefix", True)
    spaces = normalizers.Replace(" ", "▁")
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), spaces]) if prefix else spaces
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    backend.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)] if prefix else steps)
    return backend


def _merges(vocabulary: dict[str, int], scores: list[float]) -> Iterator[tuple[str, str]]:
    """Pairs of tokens that make a third one, the third of the highest score first."""
    for token, _ in sorted(vocabulary.items(), key=lambda item: -scores[item[1]]):
        pairs = ((token[:cut], token[cut:]) for cut in range(1, len(token)))
        known = [pair for pair in pairs if pair[0] in vocabulary and pair[1] in vocabulary]
        yield from sorted(known, key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))


def _add_tokens(backend: Tokenizer, about: dict[str, Any], tokens: list[str]) -> None:
    """Tell the control tokens, and those that are never taken apart, from the others."""
    from tokenizers import AddedToken

    kinds = about.get("tokenizer.ggml.token_type", [])
    for wanted, special in ((_CONTROL, True), (_USER_DEFINED, False)):
        found = [token for token, kind in zip(tokens, kinds, strict=False) if kind == wanted]
        backend.add_tokens([AddedToken(token, special=special, normalized=False) for token in found])


def _begin_with(backend: Tokenizer, token: str) -> None:
    from tokenizers import processors

    place = backend.token_to_id(token)
    backend.post_processor = processors.TemplateProcessing(
        f"{token}:0 $A:0", f"{token}:0 $A:0 $B:0", special_tokens=[(token, place)]
    )
