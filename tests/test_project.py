"""What holds for the project as a whole: its layout, its imports, its versions, its documentation."""

import ast
import functools
import importlib
import inspect
import os
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import ragkit

ROOT = Path(__file__).resolve().parents[1]
STEPS = ["pdf", "chunk", "embed", "search", "prompt", "generate"]
PICTURE = re.search(
    r"^## The house\n.*?^```text\n(.*?)^```",
    (ROOT / "CONTRIBUTING.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)[1]
ORDER = [name for line in PICTURE.splitlines() for name in re.split(r"  +", line.strip())[0].split()]
"""A module, or a room (with a slash), imports only what stands before it."""
ROOMS = [name.removesuffix("/") for name in ORDER if name.endswith("/")]
PLACES = [name.removesuffix("/") for name in ORDER]
ONE_LINE_UP = {"index": "search"}
"""`Index.search` is one documented line, and imports when it is called: readers look for it there."""
FILES = sorted(path.relative_to(ROOT / "ragkit") for path in (ROOT / "ragkit").rglob("*.py"))
NAMES = {file: ".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in FILES}
"""Modules without the leading `ragkit.`; a room's `__init__` is named as the room."""
MODULES = [name for name in NAMES.values() if name not in ("__init__", "__main__")]
FILE_OF = {name: file for file, name in NAMES.items()}
PLAIN = {"show.card", "show.display", "web.answering"}
"""What `ragkit ask` needs of a room whose other files need an extra."""
NEEDED_BY_OTHERS = {
    "jinja2": "transformers, for chat templates", "pyarrow": "pandas, for Parquet",
    "gguf": "transformers, for a GGUF file", "accelerate": "transformers, for a GGUF file",
}  # fmt: skip


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(*extras):
    """The core dependencies and those of some extras, all without arguments, by normalized name."""
    groups = project()["optional-dependencies"]
    lines = project()["dependencies"] + [line for extra in extras or groups for line in groups[extra]]
    found = {normalized(requirement.name): requirement for requirement in map(Requirement, lines)}
    found.pop("ragkit", None)  # an extra that contains another
    return found


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def constraints():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("#")[0].strip().split("==") for line in lines if line.split("#")[0].strip()]
    return {normalized(name): version for name, version in pins}


def conda_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    return environment["dependencies"], pip


# Layout


def test_every_module_has_its_place():
    assert len(set(PLACES)) == len(PLACES)
    assert {name.split(".")[0] for name in NAMES.values()} == {*PLACES, "__init__", "__main__"}
    assert sorted(path.parent.name for path in (ROOT / "ragkit").glob("*/__init__.py")) == sorted(ROOMS)


# Imports


@functools.cache
def imported(name):
    """What a module imports, also inside functions and for type checkers: (dotted module, names) each."""
    nodes = list(ast.walk(ast.parse((ROOT / "ragkit" / FILE_OF[name]).read_text(encoding="utf-8"))))
    plain = [(alias.name, []) for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named = [
        (node.module or "", [alias.name for alias in node.names])
        for node in nodes
        if isinstance(node, ast.ImportFrom)
    ]
    assert not any(node.level for node in nodes if isinstance(node, ast.ImportFrom)), "write ragkit., no dot"
    return plain + named


def own_imports(name):
    """The modules of ragkit that a module imports."""
    found = set()
    for module, names in imported(name):
        if module.split(".")[0] == "ragkit":
            inside = module.removeprefix("ragkit").removeprefix(".")
            below = {f"{inside}.{each}".removeprefix(".") for each in names} & set(MODULES)
            found |= below or ({inside} if inside else set())
    return found - {ONE_LINE_UP.get(name)}


def other_imports(name):
    """The installed packages that a module imports, by normalized name."""
    roots = {module.split(".")[0] for module, _ in imported(name)} - {"ragkit", *sys.stdlib_module_names}
    return {normalized(distribution_of()[root][0]) for root in roots}


distribution_of = functools.cache(packages_distributions)


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name):
    place = name.split(".")[0]
    allowed = {*PLACES[: PLACES.index(place)], *({place} & set(ROOMS))}
    assert {each for each in own_imports(name) if each.split(".")[0] not in allowed} == set()


@pytest.mark.parametrize("name", MODULES)
def test_the_library_knows_nothing_of_the_course(name):
    assert {module.split(".")[0] for module, _ in imported(name)} & {"tools", "checkers", "tests"} == set()


@pytest.mark.parametrize("step", STEPS[1:])
def test_only_step_01_reads(step):
    assert [each for each in own_imports(step) if each.split(".")[0] == "reading"] == []


def test_there_are_no_cycles():
    TopologicalSorter({name: own_imports(name) for name in MODULES}).prepare()


def test_import_is_fast_and_loads_nothing_heavy():
    script = (
        "import sys, time; start = time.process_time(); import ragkit; print(time.process_time() - start); "
        "print(sorted({'torch', 'transformers', 'pymupdf', 'pandas'} & set(sys.modules)))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    ]
    seconds, heavy = zip(*(run.split("\n")[:2] for run in runs), strict=True)
    assert min(map(float, seconds)) < 0.3  # a busy machine may be slow once
    assert set(heavy) == {"[]"}


def test_what_reads_pdfs_makes_no_identifier_of_this_machine_to_report_with(tmp_path):
    """ONNX Runtime, which comes with PyMuPDF, does so when it is imported, and reports to Microsoft."""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    without = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    script = "import ragkit.pdf, pymupdf, sys; print('onnxruntime' in sys.modules)"
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, env=without | home, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "True"
    assert [path for path in tmp_path.rglob("*") if "onnx" in path.name] == []


# Public names


@pytest.mark.parametrize("package", ["ragkit", "ragkit.show", "ragkit.library"])
def test_the_names_that_type_checkers_see_are_those_of_python(package):
    loaded = importlib.import_module(package)
    stub = ast.parse(Path(loaded.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    assert {ast.unparse(node) for node in imports} == {  # nothing is public for mypy and pyright without "as"
        f"from {node.module} import {each.name} as {each.name}" for node in imports for each in node.names
    }
    public = {each.name: node.module for node in imports for each in node.names}
    assert sorted(public) == sorted(loaded.__all__) == dir(loaded)
    for name, module in public.items():
        found = getattr(importlib.import_module(module), name, None)
        assert getattr(loaded, name) is (found or importlib.import_module(f"{module}.{name}"))
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = loaded.nothing


@pytest.mark.parametrize("module", MODULES)
def test_public_functions_are_documented(module):
    loaded = importlib.import_module(f"ragkit.{module}")
    for name, thing in vars(loaded).items():
        if not name.startswith("_") and getattr(thing, "__module__", "") == loaded.__name__:
            assert inspect.getdoc(thing), f"{module}.{name}"
    assert loaded.__doc__


# Dependencies and versions


def used_by(*modules):
    return set().union(*(other_imports(name) for name in modules))


def test_the_core_asks_for_what_it_imports_and_for_nothing_else():
    extras = {name for name in MODULES if name.startswith(("show", "library", "web."))}
    used = used_by(*{*MODULES} - extras, *PLAIN)
    asked = {normalized(Requirement(line).name) for line in project()["dependencies"]}
    assert used | set(NEEDED_BY_OTHERS) == asked


def test_pictures_libraries_servers_and_pages_ask_for_their_extras():
    comes_with = {"starlette", "pydantic"}  # FastAPI's own two, which it is built on
    for room, extras in {"show": ["show"], "library": ["library"], "web": ["serve", "chat", "mcp"]}.items():
        used = used_by(*(name for name in MODULES if name.split(".")[0] == room))
        assert used - comes_with <= set(requirements(*extras)), room
    assert "ragkit[show]" in project()["optional-dependencies"]["course"]


def test_what_make_does_for_the_course_asks_for_its_extra():
    roots = {
        module.split(".")[0]
        for path in [*ROOT.glob("tools/*.py"), *ROOT.glob("notebooks/checkers/*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in [getattr(node, "module", None) or node.names[0].name]
    } - {"ragkit", "tools", "checkers", *sys.stdlib_module_names}
    assert {normalized(distribution_of()[root][0]) for root in roots} <= set(requirements("course"))


def test_the_version_is_written_once():
    assert ragkit.__version__ == version("ragkit") == project()["version"]
    text = "".join((ROOT / "ragkit" / file).read_text(encoding="utf-8") for file in FILES)
    assert re.findall(r"^(?:__version__|VERSION) *=.*\d", text, re.MULTILINE) == []


def test_who_cites_and_who_reads_what_changed_find_the_same_version():
    about = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (about["version"], about["license"]) == (project()["version"], project()["license"])
    assert {"cff-version", "message", "title", "authors"} <= set(about)
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\S+)\] - (?:\d{4}-\d\d-\d\d|unreleased)$", changes, re.MULTILINE)
    assert versions[0] == project()["version"]
    assert versions == sorted(versions, reverse=True) == re.findall(r"^\[(\S+)\]: ", changes, re.MULTILINE)


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
    assert Requirement(f"python{project()['requires-python']}").specifier.contains(
        python.removeprefix("python=")
    )
    for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines():
        if re.search(r"==|python=|pip>=", line):
            assert "#" in line, f"no reason beside {line.strip()}"


def test_this_environment_is_the_tested_one():
    wrong = {
        name: version(name) for name in requirements() if version(name).split("+")[0] != constraints()[name]
    }
    assert wrong == {}


def with_what_they_pull_in(requirements):
    """Names of the packages that requirements install here, directly or not."""
    found, to_visit = set(), [(each, "") for each in requirements]
    while to_visit:
        requirement, for_extra = to_visit.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": for_extra}):
            continue
        for package in ((normalized(requirement.name), extra) for extra in ("", *requirement.extras)):
            if package not in found:
                found.add(package)
                to_visit += [(Requirement(line), package[1]) for line in requires(package[0]) or []]
    return {name for name, _ in found}


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info[:2] != (3, 11), reason="other systems install other packages"
)
def test_every_package_that_gets_installed_is_pinned_to_its_version():
    names = with_what_they_pull_in(requirements().values())
    installed = {name: version(name).split("+")[0] for name in names}
    cuda = re.compile(r"nvidia-.*|cuda-.*|triton")  # what only torch's CUDA build asks for
    assert constraints() == {name: found for name, found in installed.items() if not cuda.fullmatch(name)}


def test_torch_is_pinned_exactly():
    assert constraints()["torch"] == "2.13.0"


# What runs


def test_make_lists_its_commands():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()
    assert {"setup", "run", "lint", "test", "notebooks", "artifacts", "clean"} <= set(targets)
    for target in targets:
        assert re.search(rf"make {target} +\w", listed), target


WORKFLOWS = {path.stem: path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def workflow_steps():
    jobs = [job for text in WORKFLOWS.values() for job in yaml.safe_load(text)["jobs"].values()]
    return [step for job in jobs for step in job["steps"]], "\n".join(WORKFLOWS.values())


def test_actions_are_pinned_to_a_commit_with_its_version_beside_it():
    steps, text = workflow_steps()
    pinned = re.findall(r"uses: (\S+@[0-9a-f]{40}) # v\d+\.\d+\.\d+$", text, re.MULTILINE)
    assert sorted(pinned) == sorted(step["uses"] for step in steps if "uses" in step)
    assert len(set(pinned)) == len({action.split("@")[0] for action in pinned})  # one version of each


def test_versions_of_python_in_ci_are_text_and_files_in_its_keys_exist():
    steps, text = workflow_steps()
    given = [step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})]
    matrix = yaml.safe_load(WORKFLOWS["ci"])["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert all(isinstance(each, str) for each in [*given, *matrix])  # 3.10 without quotes is 3.1
    assert matrix == ["3.11", "3.12", "3.13", "3.14"]
    assert project()["requires-python"] == f">={matrix[0]}"
    for names in re.findall(r"hashFiles\((.+?)\)", text):
        for name in re.findall(r"'(.+?)'", names):
            assert (ROOT / name).is_file(), name


def test_before_a_commit_run_the_checks_of_make_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
        "hooks"
    ]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    linted = re.search(r"^lint:.*\n((?:\t.+\n)+)", makefile, re.MULTILINE)[1]
    checks = [line.strip().removeprefix("@$(PY) ").removesuffix(" .") for line in linted.splitlines()]
    assert [hook["entry"].removeprefix(".venv/bin/python ") for hook in hooks] == checks


def test_who_reports_is_asked_for_device_and_version():
    forms = [path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
    assert len(forms) == 2
    for path in forms:
        fields = {each["id"]: each for each in yaml.safe_load(path.read_text(encoding="utf-8"))["body"]}
        assert all(fields[name]["validations"]["required"] for name in ("device", "version")), path.name
    asked = (ROOT / ".github" / "pull_request_template.md").read_text(encoding="utf-8")
    assert "- Device" in asked
    assert "- Version" in asked
