"""What `make doctor` prints: one screen on what this machine has, and what to do about what is missing.

Each row is examined by itself, imports included, so that the report appears also where torch does not load.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import textwrap
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from ragkit import __version__, device, models

COLUMNS = 100
LINES = 24
BUSY = 40
"""Percent: one busy program on two cores makes 50, a browser in the background less."""
_LABEL = 11
_OPTIONAL = ("processor", "servers", "OCR")  # what they say has to be done, no lesson needs
_SHOWN = ("torch", "transformers", "sentence-transformers", "pymupdf")

Row = tuple[str, list[str]]  # what was found, and what to do about it


def examine() -> str:
    """Return the report: at most 24 lines of at most 100 characters, ASCII; nothing outside this machine is asked.

    The last line begins with READY or NOT READY; `python -m tools room` makes a table of many of them.

    Examples
    --------
    >>> print(examine())  # doctest: +SKIP
    ragkit 0.2.0
    Python     3.11.7 on Linux x86_64, .venv
    packages   torch 2.13.0+cpu, transformers 5.23.0, sentence-transformers 6.2.0, pymupdf 2.0.1
    device     cpu (torch sees no GPU); language models in bfloat16, embedders in bfloat16
    ...
    """
    examined = {label: _examine(check) for label, check in _CHECKS.items()}
    to_do = dict.fromkeys(step for _, steps in examined.values() for step in steps)
    rows = [(label, found) for label, (found, _) in examined.items()] + [("do:", step) for step in to_do]
    last = _verdict(examined)
    for most in (3, 2, 1):  # lines a row
        lines = [f"ragkit {__version__}", *(line for row in rows for line in _row(*row, most)), last]
        if len(lines) <= LINES:
            break
    return "\n".join(lines)


def is_ready(report: str) -> bool:
    """Tell what the last line of a report says."""
    return report.splitlines()[-1].startswith("READY")


def _verdict(examined: dict[str, Row]) -> str:
    """Return the line that a teacher collects: is there something to do before the course, and on what machine."""
    lacking = [label for label, (_, steps) in examined.items() if steps and label not in _OPTIONAL]
    device_name, memory = (re.split(" [(]| of |:", examined[label][0])[0] for label in ("device", "memory"))
    facts = f"ragkit {__version__}, {platform.system()}, {device_name}, {memory}"
    return f"NOT READY {facts}; first: {', '.join(lacking[:3])}" if lacking else f"READY {facts}: make run"


def _examine(check: Callable[[], Row]) -> Row:
    """Run a check; whatever goes wrong in it is its finding, and the other rows still appear."""
    try:
        return check()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        missing = isinstance(error, ImportError)
        return f"unknown: {reason}", ["make setup installs what does not import"] if missing else [reason]


def _row(label: str, text: str, most: int) -> list[str]:
    """Lay a row out with its label in front, wrapped; what is over so many lines is left out."""
    wrapped = textwrap.wrap(
        text, COLUMNS - _LABEL, max_lines=most, placeholder=" ...", break_on_hyphens=False
    )
    return [f"{label if i == 0 else '':{_LABEL}}{line}" for i, line in enumerate(wrapped)]


def _python() -> Row:
    version = platform.python_version()
    inside = Path(sys.prefix).name if sys.prefix != sys.base_prefix else "no virtual environment"
    steps = [] if sys.version_info >= (3, 11) else [f"install Python 3.11 or newer (this is {version})"]
    return f"{version} on {platform.system()} {platform.machine()}, {inside}", steps


def _packages() -> Row:
    """Compare what is installed with the ranges that the package asks for."""
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in metadata.requires("ragkit") or []]
    wanted = [each for each in wanted if not each.marker or each.marker.evaluate({"extra": ""})]
    problems = []
    for each in wanted:
        version = _version(each.name)
        if not version or not each.specifier.contains(version, prereleases=True):
            problems.append(f"{each.name}{each.specifier} (here: {version or 'none'})")
    found = ", ".join(f"{name} {_version(name) or 'missing'}" for name in _SHOWN)
    return found, [f"make setup, for {', '.join(problems)}"] if problems else []


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _device() -> Row:
    chosen = device.find_device()
    llm, embedder = (device.choose_dtype(chosen.name, role) for role in ("llm", "embedder"))
    return f"{chosen}; language models in {llm}, embedders in {embedder}", []


def _processor() -> Row:
    import psutil

    busy = psutil.cpu_percent(interval=0.3)  # percent of all processors, by whatever runs now
    found = f"{os.cpu_count()} cores, {busy:.0f}% busy"
    return found, ["close busy programs: next to them an answer takes longer"] if busy >= BUSY else []


def _memory() -> Row:
    found = f"{models.format_size(device.free_ram())} free of {models.format_size(device.total_ram())} RAM"
    name = device.find_device().name
    if name != "cpu":
        found += f"; {models.format_size(device.free_memory(name))} free on {name}"
    return found, []


def _disk() -> Row:
    home = models.models_home()
    folder = next(parent for parent in (home, *home.parents) if parent.is_dir())
    free = shutil.disk_usage(folder).free
    found = f"{models.format_size(free)} free at {_short(home)}"
    needed = sum(_needed_disk(name) for name in _lacking_models())
    if free < needed:
        return found, [f"free {models.format_size(needed)} there, or set RAGKIT_HOME to a larger disk"]
    return found, [] if os.access(folder, os.W_OK) else ["set RAGKIT_HOME to a folder that you may write to"]


def _needed_disk(name: str) -> int:
    package = models.PACKAGES[name]
    return models.CATALOGUE[name].download_bytes + 2 * package.size


def _lacking_models() -> list[str]:
    """Name what the course lacks; the default language model only where the small one is not here either."""
    lacking = [name for name in models.COURSE_MODELS if not models.is_present(name)]
    return (
        lacking if models.SMALL_LLM in lacking else [name for name in lacking if name != models.DEFAULT_LLM]
    )


def _short(path: Path) -> str:
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _models() -> Row:
    here = [card.name for card in models.CATALOGUE.values() if models.is_present(card.name)]
    missing = [models.CATALOGUE[name] for name in _lacking_models()]
    sizes = ", ".join(f"{card.name} ({models.format_size(card.download_bytes)})" for card in missing)
    used = sum(path.stat().st_size for path in models.models_home().rglob("*") if path.is_file())
    found = f"{', '.join(here) or 'none'}; {models.format_size(used)} used"
    return found, [f"make models, to download {sizes}"] if missing else []


def _fits() -> Row:
    name = device.find_device().name
    dtype, free = device.choose_dtype(name, "llm"), device.free_memory(name)
    needed = models.memory_of_cards(dtype)
    fitting = [f"{model} {models.format_size(size)}" for model, size in needed.items() if size <= free]
    too_large = [f"{model} {models.format_size(size)}" for model, size in needed.items() if size > free]
    found = f"on {name} in {dtype}: {', '.join(fitting) or 'no language model'}"
    smallest = min(needed.values())
    steps = (
        [] if fitting else [f"close other programs: a language model needs {models.format_size(smallest)}"]
    )
    return f"{found}; too large: {', '.join(too_large)}" if too_large else found, steps


def _servers() -> Row:
    """Name the programs that offer a language model to `RAGKIT_LLM`, and their models."""
    from ragkit.models import server

    programs = {f"http://127.0.0.1:{port}/v1": program for program, port in server.PORTS.items()}
    offered: dict[str, list[str]] = {}
    for url, _, name in (address.partition("#") for address in server.find_servers()):
        offered.setdefault(url, []).extend([name] if name else [])
    found = [f"{programs[url]} at {url}: {_first(names) or 'no model'}" for url, names in offered.items()]
    return "; ".join(found).encode("ascii", "replace").decode() or "none on the usual ports", []


def _first(names: list[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _ocr() -> Row:
    program = shutil.which("tesseract")
    if program:
        return f"Tesseract at {_short(Path(program))}", []
    return "no Tesseract", ["only for scanned PDFs: install Tesseract (tesseract-ocr; brew: tesseract)"]


_CHECKS: dict[str, Callable[[], Row]] = {
    "Python": _python,
    "packages": _packages,
    "device": _device,
    "processor": _processor,
    "memory": _memory,
    "disk": _disk,
    "models": _models,
    "fits": _fits,
    "servers": _servers,
    "OCR": _ocr,
}

if __name__ == "__main__":  # before anything is installed, the command `ragkit` is not there yet
    print(examine())
