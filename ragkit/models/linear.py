"""Linear layers whose weights lie as the processor's matrix products read them."""

from __future__ import annotations

import functools
import platform
from typing import Any


def pack_weights(model: Any) -> None:
    """Lay out the weights of a model's linear layers for oneDNN, once, not anew with every pass.

    torch computes float32 products with MKL, made for Intel's processors, and bfloat16 products with oneDNN, to which
    it hands the weights as rows, to be rearranged each time. Packed, oneDNN does both. On two cores of an AMD EPYC a
    question is embedded 1.3 × as fast in bfloat16 and 3.0 × in float32, a text of 384 tokens 1.1 and 1.7 ×; a language
    model's next token comes 1.3 and 2.1 × as fast. In bfloat16 embeddings stay the same, in float32 all but their last
    digit. It takes a tenth of a second, and no memory but for weights that another layer shares: those are there twice
    (57 MB for the default language model). On Intel not measured; left out on Arm.

    Parameters
    ----------
    model : torch.nn.Module
        On the CPU, for use only: its linear layers, exchanged here, cannot be trained, saved or moved any more.
    """
    import torch

    if not _has_onednn():
        return
    for layer in model.modules():
        if type(layer) is torch.nn.Linear and _multiplies(layer.weight.dtype):
            packed = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach())
            layer.forward = functools.partial(_linear, packed, layer.bias)
            # The memory of the rows is given back; shape and dtype can still be asked.
            layer.weight = torch.nn.Parameter(layer.weight.to("meta"), requires_grad=False)
    for kept in (*model.parameters(), *model.buffers()):
        kept.data = kept.data.clone()  # one of them alone would keep the weights' whole file mapped: 330 MB


def _has_onednn() -> bool:
    """Tell whether this torch has oneDNN's products, under the names that torch's own compiler calls them by."""
    import torch

    names = ("_reorder_linear_weight", "_linear_pointwise")
    known = torch.backends.mkldnn.is_available() and all(hasattr(torch.ops.mkldnn, name) for name in names)
    return known and platform.machine().lower() in ("x86_64", "amd64")


def _multiplies(dtype: Any) -> bool:
    import torch

    return dtype == torch.float32 or (
        dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )


def _linear(weight: Any, bias: Any, states: Any) -> Any:
    import torch

    return torch.ops.mkldnn._linear_pointwise(states, weight, bias, "none", [], "")
