"""Opens a language model by what it is: an address, a GGUF file for llama.cpp, or safetensors for transformers."""

from __future__ import annotations

from ragkit import device as devices
from ragkit.models.catalogue import is_address, is_asked_for, model_name
from ragkit.models.fetch import fetch_model
from ragkit.models.gguf import gguf_file
from ragkit.models.llama_cpp import load_llama, why_not
from ragkit.models.llm import LLM
from ragkit.models.server import ServerLLM, open_server
from ragkit.models.transformers_llm import load_transformers
from ragkit.notice import say


def load_llm(name: str | None = None, device: str | None = None, dtype: str | None = None) -> LLM | ServerLLM:
    """Load a language model, fetching it first if it is not on this disk; or open one that a server runs.

    llama.cpp runs GGUF files as they are. transformers runs safetensors; and a GGUF file where a dtype is asked for, or
    where llama.cpp is missing: then all weights are turned into that format, which takes several times the memory.

    Parameters
    ----------
    name : str, optional
        Catalogue name, Hugging Face name, local folder, GGUF file, or a server's address (see `open_server`), for which
        device and dtype have no meaning; default: `RAGKIT_LLM`, else Qwen2.5-Coder-0.5B-Instruct, with little memory
        SmolLM2-135M-Instruct.
    device : {"cpu", "mps", "cuda"}, optional
        Default: `RAGKIT_DEVICE`, else the best that this machine has.
    dtype : {"float32", "bfloat16", "float16"}, optional
        Default: a GGUF file's own format; else what is right for the device (see `ragkit.device.choose_dtype`).

    Raises
    ------
    NotEnoughMemory
        If weights and working memory are more than the device has free; names the models that fit.
    ModelNotFound, ModelCorrupt, DeviceUnavailable, ServerError, BadParameter
    """
    chosen = model_name("llm", name)
    if is_address(chosen):
        return open_server(chosen)
    folder = fetch_model(name, "llm")
    if not is_asked_for("llm", name):
        chosen = folder.name  # the small one, where the default cannot be had
    where = devices.choose_device(device).name
    file = gguf_file(folder)
    if not file or dtype:
        return load_transformers(chosen, folder, where, dtype)
    if why := why_not():
        say(f"{why}. transformers runs {chosen} instead: slower, and in several times the memory")
        return load_transformers(chosen, folder, where, None)
    return load_llama(chosen, file, where)
