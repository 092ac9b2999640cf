"""Attention for the one token that a model writes next, on a CPU."""

from __future__ import annotations

from typing import Any


def pack_query_heads(model: Any) -> None:
    """Let query heads that share keys be computed in one go while a model writes token after token.

    In grouped-query attention (Ainslie et al. 2023, https://arxiv.org/abs/2305.13245) several query heads read the
    same keys. With a single token to come, torch's kernel takes them one by one; given as rows of one matrix, they
    are one small product: the kernel is 4 to 6 × as fast at 250 to 1,345 tokens, the whole model writes 1.35 × as fast
    in bfloat16 after a prompt of 540 (in float32 1.06 ×). The result is the kernel's own but for the last bit of a
    value now and then.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS

    AttentionInterface.register("packed", _packed)
    AttentionMaskInterface.register("packed", ALL_MASK_ATTENTION_FUNCTIONS["sdpa"])
    model.set_attn_implementation("packed")


def _packed(
    module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float | None = None, **rest: Any
) -> Any:
    """Attention over (texts, heads, tokens, values), as transformers asks for it."""
    from torch.nn.functional import scaled_dot_product_attention
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    texts, heads, tokens, width = query.shape
    if tokens > 1 or mask is not None:
        return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling, **rest)
    rows = query.view(texts, key.shape[1], -1, width)
    return scaled_dot_product_attention(rows, key, value, scale=scaling).view(texts, 1, heads, width), None
