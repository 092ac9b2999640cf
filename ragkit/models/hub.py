"""Models from Hugging Face: its cache first, the network only for what is not there."""

from __future__ import annotations

import difflib
from pathlib import Path

from ragkit.models.catalogue import CATALOGUE, Kind, format_size
from ragkit.models.files import missing_files, models_home, refuse_without_safetensors
from ragkit.models.unpack import is_complete
from ragkit.models.wheels import PACKAGES
from ragkit.notice import ModelNotFound, RagkitError, say

_HUB_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
_HUB_SKIPPED = ["onnx/*", "openvino/*", "original/*", "consolidated*"]  # the same weights once more


def fetch_hub(hub: str, kind: Kind) -> Path:
    """Return the folder in the Hugging Face cache; the network is asked only for what is not there."""
    try:
        return cached_snapshot(hub) or _download_snapshot(hub)
    except RagkitError:
        raise
    except Exception as error:  # of the client, of its HTTP library, of the disk: one way out for each
        raise ModelNotFound(_hub_problem(hub, kind, error)) from error


def fetch_hub_file(hub: str, name: str, kind: Kind) -> Path:
    """Return one file of a repository, a GGUF file, from the Hugging Face cache or, where it lacks it, the network."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
    from huggingface_hub.constants import HF_HUB_CACHE

    if isinstance(cached := try_to_load_from_cache(hub, name), str):
        return Path(cached)
    try:
        size = format_size(get_hf_file_metadata(hf_hub_url(hub, name)).size or 0)
        say(f"{hub}/{name}: downloading {size} from huggingface.co to {HF_HUB_CACHE}")
        return Path(hf_hub_download(hub, name))
    except Exception as error:  # as above
        raise ModelNotFound(_hub_problem(hub, kind, error)) from error


def cached_snapshot(hub: str) -> Path | None:
    """Return a model's folder in the Hugging Face cache if it is whole there, else None."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            hub, local_files_only=True, allow_patterns=_HUB_FILES, ignore_patterns=_HUB_SKIPPED
        )
    except LocalEntryNotFoundError:
        return None
    return None if missing_files(Path(folder)) else Path(folder)


def _download_snapshot(hub: str) -> Path:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.utils import filter_repo_objects

    info = HfApi().model_info(hub, files_metadata=True, timeout=10)
    listed = info.siblings or []
    refuse_without_safetensors(hub, [file.rfilename for file in listed])
    if info.gated:
        HfApi().auth_check(hub)  # raises before a size is promised
    wanted = filter_repo_objects(
        listed, allow_patterns=_HUB_FILES, ignore_patterns=_HUB_SKIPPED, key=lambda file: file.rfilename
    )
    size = format_size(sum(file.size or 0 for file in wanted))
    say(f"{hub}: downloading {size} from huggingface.co to {HF_HUB_CACHE}")
    return Path(snapshot_download(hub, allow_patterns=_HUB_FILES, ignore_patterns=_HUB_SKIPPED))


def _hub_problem(hub: str, kind: Kind, error: Exception) -> str:
    """Say in words of this course why a model did not come from Hugging Face, and the way out."""
    from huggingface_hub import errors
    from huggingface_hub.constants import HF_HUB_CACHE

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.HFValidationError):
        return f"{hub!r} is neither a folder nor a name that a model can have. {suggest(hub, kind)}"
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return (
            f"{hub} is gated: its licence has to be accepted first. "
            f"1. Sign in and accept it on https://huggingface.co/{hub} "
            "2. Create a read token on https://huggingface.co/settings/tokens "
            "3. Run: hf auth login. The default models need none of this."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"huggingface.co has no public model {hub!r}. {suggest(hub, kind)}"
    why = " ".join([type(error).__name__, *str(error).split()[:25]])
    here = ", ".join(present_models(kind)) or "none of this kind yet (make models)"
    return (
        f"{hub} is not whole in the cache {HF_HUB_CACHE}, and did not come from huggingface.co ({why}). "
        "Ways out: go online (HTTPS_PROXY, HF_ENDPOINT and HF_HUB_OFFLINE are obeyed); or run "
        f"`hf download {hub} --local-dir FOLDER` on another machine and name that folder here; "
        f"or use a model that is on this disk: {here}."
    )


def suggest(name: str, kind: Kind) -> str:
    """Name what was probably meant, and what there is."""
    names = {card.name.lower(): card.name for card in CATALOGUE.values() if card.kind == kind}
    near = difflib.get_close_matches(name.lower().rpartition("/")[2], names, n=1)
    meant = f"Did you mean {names[near[0]]}? " if near else ""
    known = ", ".join(names.values())
    return f"{meant}Give a folder, a Hugging Face name such as 'Qwen/Qwen3-0.6B', or one of: {known}."


def is_present(name: str) -> bool:
    """Tell whether a catalogue model is complete on this disk; no weights are read, no network is asked."""
    if name in PACKAGES:
        return is_complete(models_home() / name, PACKAGES[name])
    return cached_snapshot(CATALOGUE[name].hub) is not None


def present_models(kind: Kind) -> list[str]:
    """Return the names of the catalogue's models of a kind that are complete on this disk."""
    return [card.name for card in CATALOGUE.values() if card.kind == kind and is_present(card.name)]
