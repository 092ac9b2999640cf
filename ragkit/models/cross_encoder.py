"""A cross-encoder: it reads question and passage together, which finds more and takes a pass of the model a pair."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ragkit import device as devices
from ragkit.models.fetch import fetch_model
from ragkit.models.loading import quiet_loading


def pair_scores(name: str, question: str, texts: Sequence[str]) -> np.ndarray:
    """Score texts for a question by a cross-encoder: float32, shape (n,), higher is better, on the model's own scale.

    Parameters
    ----------
    name : str
        Hugging Face name or local folder, such as "cross-encoder/ms-marco-MiniLM-L6-v2".

    Raises
    ------
    ModelNotFound, ModelCorrupt, DeviceUnavailable
    """
    if not len(texts):
        return np.zeros(0, dtype=np.float32)
    scores = _load(name).predict([(question, text) for text in texts], show_progress_bar=False)
    return np.asarray(scores, dtype=np.float32)


@functools.lru_cache(maxsize=1)
def _load(name: str) -> Any:
    folder = fetch_model(name, "embedder")
    with quiet_loading():
        from sentence_transformers import CrossEncoder

        return CrossEncoder(str(folder), device=devices.choose_device().name, local_files_only=True)
