"""From the states of tokens to the vectors of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def pool_sentences(
    states: Any,
    offsets: Sequence[Sequence[tuple[int, int]]],
    spans: Sequence[Sequence[tuple[int, int]]],
    n_prompt: int,
    modules: Sequence[Any] = (),
) -> list[np.ndarray]:
    """Mean of the tokens' states, (texts, tokens, d), over each sentence: float16, shape (sentences, d) a text.

    A token belongs to the sentence that it ends in. What the model did not read has rows of zeros. One product
    of torch's for all texts: with NumPy's, two pools of threads wait for each other, and the whole pass is 1.45 × as
    slow on two cores; with a product a text, a GPU waits.

    Parameters
    ----------
    offsets : sequence of sequences of (int, int)
        Where each token begins and ends in prompt and text, in characters; (0, 0) for special ones and padding.
    spans : sequence of sequences of (int, int)
        Where each sentence begins and ends in the text.
    n_prompt : int
        Characters of the prompt.
    modules : sequence of torch modules
        What the model does with the mean after that, such as a dense layer.
    """
    import torch

    inside = torch.zeros(len(spans), max(map(len, spans)), states.shape[1])
    for row, (of_text, of_tokens) in enumerate(zip(spans, offsets, strict=True)):
        edges = np.array(of_text, dtype=int).reshape(-1, 2)
        ends = np.array([end - n_prompt if end > start else -1 for start, end in of_tokens])
        inside[row, : len(edges)] = torch.from_numpy((edges[:, :1] < ends) & (ends <= edges[:, 1:]))
    inside = inside.to(states.device)
    rows = torch.bmm(inside, states.float())
    if modules:
        counts = inside.sum(-1, keepdim=True)
        features = {"sentence_embedding": (rows / counts.clamp(min=1)).to(states.dtype)}
        for module in modules:
            features = module(features)
        rows = features["sentence_embedding"].float() * (counts > 0)
    pooled = rows.cpu().numpy()
    return [unit(pooled[row, : len(of_text)]).astype(np.float16) for row, of_text in enumerate(spans)]


def unit(rows: np.ndarray) -> np.ndarray:
    """Divide each row by its length; rows of zeros stay as they are."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths != 0)
