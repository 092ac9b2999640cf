"""An embedding model: which one it is, and, from the first text on, the model itself."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit import device as devices
from ragkit.models.catalogue import model_name
from ragkit.models.fetch import fetch_model
from ragkit.models.files import model_checksum
from ragkit.models.linear import pack_weights
from ragkit.models.loading import quiet_loading
from ragkit.models.sharing import share_processor
from ragkit.models.tokens import load_tokenizer, read_prompts


@dataclass(frozen=True)
class Embedder:
    """An embedding model: which one it is, and, from the first text on, the model itself.

    Attributes
    ----------
    name, checksum : str
        Name of the model; SHA-256 of its weights, in hex.
    folder : Path
        Where its files are.
    device, dtype : str
        Where and in which number format the model runs; the embeddings come back as float32 in any case.
    prompts : dict of str to str
        What the model wants written before a "query" and a "document"; often nothing.
    """

    name: str
    checksum: str
    folder: Path
    device: str
    dtype: str
    prompts: dict[str, str]

    @functools.cached_property
    def model(self) -> Any:
        """The SentenceTransformer; its weights are read now."""
        with quiet_loading():
            import torch
            from sentence_transformers import SentenceTransformer

            dtype = {"dtype": getattr(torch, self.dtype)}
            model = SentenceTransformer(
                str(self.folder), device=self.device, local_files_only=True, model_kwargs=dtype
            )
        if self.device == "cpu":
            pack_weights(model)
            share_processor(model)
        return model.eval()

    @functools.cached_property
    def after_pooling(self) -> list[Any]:
        """What the model does with a pooled vector, such as a dense layer; its length is made 1 elsewhere."""
        names = [type(module).__name__ for module in self.model]
        first = names.index("Pooling") + 1 if "Pooling" in names else len(names)
        return [module for module in list(self.model)[first:] if type(module).__name__ != "Normalize"]

    @functools.cached_property
    def tokenizer(self) -> Any:
        """The model's own tokenizer."""
        return load_tokenizer(self.folder)

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads, special ones included; it never sees what follows."""
        return self.tokenizer.model_max_length

    @property
    def dimension(self) -> int:
        """Values an embedding."""
        return self.model.get_embedding_dimension()


def load_embedder(name: str | None = None, device: str | None = None, dtype: str | None = None) -> Embedder:
    """Find an embedding model, fetching it first if it is not on this disk.

    Its weights are read with the first text, so that opening an index that is there costs nothing.

    Parameters
    ----------
    name : str, optional
        Catalogue name, Hugging Face name or local folder; default: see `model_name`.
    device : {"cpu", "mps", "cuda"}, optional
        Default: `RAGKIT_DEVICE`, else the best that this machine has.
    dtype : {"float32", "bfloat16", "float16"}, optional
        Default: what is right for the device (see `ragkit.device.choose_dtype`).

    Raises
    ------
    ModelNotFound, ModelCorrupt, DeviceUnavailable, BadParameter
    """
    name = model_name("embedder", name)
    folder = fetch_model(name, "embedder")
    device = devices.choose_device(device).name
    dtype = devices.choose_dtype(device, "embedder", dtype)
    return Embedder(name, model_checksum(folder), folder, device, dtype, read_prompts(folder))
