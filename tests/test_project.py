"""What holds for the project as a whole: its imports, its versions, its documentation."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import ragkit

ROOT = Path(__file__).resolve().parents[1]
ORDER = [
    "notice", "device", "models", "workspace", "opening", "layout", "margins", "pdf", "chunk", "embed", "search",
    "prompt", "generate", "show", "doctor", "course", "__main__",
]  # fmt: skip
"""A module imports only what stands before it."""


def requirements():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + [
        line for group in project["optional-dependencies"].values() for line in group
    ]
    return {
        requirement.name.lower().replace("_", "-"): requirement for requirement in map(Requirement, lines)
    }


def constraints():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].strip().split("==") for line in lines if line.split("#")[0].strip()]
    return {name.lower().replace("_", "-"): version for name, version in pins}


def conda_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    return environment["dependencies"], pip


def test_import_is_fast_and_loads_nothing_heavy():
    script = (
        "import sys, time; start = time.perf_counter(); import ragkit; print(time.perf_counter() - start); "
        "print(sorted({'torch', 'transformers', 'pymupdf', 'pandas', 'spacy'} & set(sys.modules)))"
    )
    seconds, heavy = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split("\n")[:2]
    assert float(seconds) < 0.3
    assert heavy == "[]"


def test_public_names_resolve():
    for name in ragkit._MODULE_OF:
        assert callable(getattr(ragkit, name)), name
        assert name in dir(ragkit)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ragkit.nothing


def imported_modules(module):
    for node in ast.walk(ast.parse((ROOT / "ragkit" / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "ragkit":
            yield from (alias.name for alias in node.names if alias.name in ORDER)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ragkit."):
            yield node.module.split(".")[1]


def test_every_module_has_its_place():
    assert sorted(path.stem for path in (ROOT / "ragkit").glob("*.py")) == sorted([*ORDER, "__init__"])


@pytest.mark.parametrize("module", ORDER)
def test_imports_go_one_way(module):
    later = ORDER[ORDER.index(module) :]
    assert [name for name in imported_modules(module) if name in later] == []


@pytest.mark.parametrize("module", [name for name in ORDER if name != "__main__"])
def test_public_functions_are_documented(module):
    loaded = importlib.import_module(f"ragkit.{module}")
    for name, thing in vars(loaded).items():
        if not name.startswith("_") and getattr(thing, "__module__", "") == loaded.__name__:
            assert inspect.getdoc(thing), f"{module}.{name}"
    assert loaded.__doc__


def test_every_dependency_is_pinned_inside_its_range():
    pins = constraints()
    for name, requirement in requirements().items():
        assert requirement.specifier.contains(pins[name]), (
            f"{name}: {pins[name]} is not {requirement.specifier}"
        )


def test_conda_pins_are_the_tested_versions_each_with_a_reason():
    dependencies, pip = conda_pins()
    pins = constraints()
    for line in pip:
        if "==" in line:
            name, version = line.split("==")
            assert pins[name] == version
    assert "-c constraints.txt" in pip
    assert "-e .[course,dev]" in pip
    python = next(line for line in dependencies if str(line).startswith("python="))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert Requirement(f"python{project['requires-python']}").specifier.contains(
        python.removeprefix("python=")
    )
    for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines():
        if re.search(r"==|python=|pip>=", line):
            assert "#" in line, f"no reason beside {line.strip()}"


def test_this_environment_is_the_tested_one():
    from importlib.metadata import version

    wrong = {
        name: version(name) for name in requirements() if version(name).split("+")[0] != constraints()[name]
    }
    assert wrong == {}


def test_torch_is_pinned_exactly():
    assert constraints()["torch"] == "2.13.0"


def test_make_lists_its_commands():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "run", "lab", "test", "notebooks", "doctor", "models", "clean"):
        assert re.search(rf"make {target} +\w", listed), target
