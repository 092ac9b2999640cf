"""The workspace: built once, rebuilt when something changed, whole files only."""

import contextlib
import ctypes
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import replace
from importlib import metadata

import pymupdf
import pytest
from conftest import in_child
from tqdm import tqdm

from ragkit.chunk import load_chunks
from ragkit.embed import load_embeddings
from ragkit.notice import PDFNotFound, StaleIndex, WorkspaceError
from ragkit.pdf import load_pages
from ragkit.workspace import Workspace, find_pdfs, make_recipe, open_workspace, sha256_of, write_whole

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "w", {}, {"a.pdf": "00"}, "fake")


def step(workspace, recipe, calls, text="artifact"):
    return workspace.load_or_build(
        "step", "step.txt", recipe,
        build=lambda: calls.append(1) or text,
        read=lambda path: path.read_text(encoding="utf-8"),
        write=lambda value, path: path.write_text(value, encoding="utf-8"),
    )  # fmt: skip


def test_a_step_is_built_once(workspace, capsys):
    calls = []
    assert step(workspace, {"parameters": {"n": 1}}, calls) == step(
        workspace, {"parameters": {"n": 1}}, calls
    )
    assert calls == [1]
    assert capsys.readouterr().err == "ragkit: building step of w: not built yet\n"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("a" * 64, {"n": 2}, "mpnet", ["numpy"]), "parameters.n was 1, is 2"),
        (("b" * 64, {"n": 1}, "mpnet", ["numpy"]), "input was aaaaaaaa…, is bbbbbbbb…"),
        (("a" * 64, {}, "mpnet", ["numpy"]), "parameters.n was 1, is None"),
        (("a" * 64, {"n": 1}, {"name": "mpnet"}, ["numpy"]), "model was mpnet, is {'name': 'mpnet'}"),
    ],
)
def test_a_changed_recipe_is_rebuilt_and_the_reason_said(workspace, capsys, changed, reason):
    calls = []
    step(workspace, make_recipe("a" * 64, {"n": 1}, "mpnet", ["numpy"]), calls)
    step(workspace, make_recipe(*changed), calls)
    assert calls == [1, 1]
    assert reason in capsys.readouterr().err


def test_a_new_major_version_of_a_library_is_a_reason(workspace, capsys, monkeypatch):
    calls = []
    step(workspace, make_recipe("", {}, "", ["numpy"]), calls)
    monkeypatch.setattr("ragkit.workspace.metadata.version", lambda name: "99.1")
    step(workspace, make_recipe("", {}, "", ["numpy"]), calls)
    assert calls == [1, 1]
    assert "versions.numpy was 2, is 99" in capsys.readouterr().err


def test_a_file_that_was_changed_by_hand_is_rebuilt(workspace, capsys):
    calls = []
    step(workspace, {}, calls)
    (workspace.folder / "step.txt").write_text("tampered", encoding="utf-8")
    assert step(workspace, {}, calls) == "artifact"
    assert "not the file that was saved" in capsys.readouterr().err


def test_an_artifact_that_was_deleted_is_built_again(workspace, capsys):
    calls = []
    step(workspace, {}, calls)
    (workspace.folder / "step.txt").unlink()
    assert step(workspace, {}, calls) == "artifact"
    assert calls == [1, 1]


@needs_fork
def test_a_pdf_that_may_not_be_read_is_named(pdf, tmp_path):
    pdf.chmod(0o000)
    said = error_of(lambda: open_workspace(pdf, root=tmp_path))
    assert said.endswith("paper.pdf: Permission denied. Check the file and its permissions.")


def test_a_manifest_that_cannot_be_read_means_nothing_is_built(workspace):
    (workspace.folder / "manifest.json").write_text('{"format": 1, "ste', encoding="utf-8")
    assert workspace.manifest()["steps"] == {}


def test_a_step_that_fails_leaves_the_earlier_artifact(workspace):
    step(workspace, {"parameters": {"n": 1}}, [])
    before = sha256_of(workspace.folder / "step.txt")

    def interrupted(value, path):
        path.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.load_or_build(
            "step", "step.txt", {"parameters": {"n": 2}}, lambda: "new", None, interrupted
        )
    assert sha256_of(workspace.folder / "step.txt") == before
    assert not list(workspace.folder.glob("*.tmp"))
    assert workspace.why_stale("step", "step.txt", {"parameters": {"n": 1}}) is None


def test_what_a_killed_process_left_half_written_is_cleared(workspace):
    (workspace.folder / ".step.txt.4711.tmp").write_text("half", encoding="utf-8")
    step(workspace, {}, [])
    assert not list(workspace.folder.glob(".*.tmp"))


def test_a_full_disk_is_a_named_error(tmp_path):
    def full(path):
        raise OSError(28, "No space left on device")

    (tmp_path / "file").write_text("before", encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"No space left on device.*intact.*RAGKIT_ARTIFACTS"):
        write_whole(tmp_path / "file", full)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "before"


def test_a_place_where_no_folder_can_be_made_is_a_named_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="RAGKIT_ARTIFACTS"):
        Workspace(tmp_path / "file" / "w", {}, {}, "fake")


def test_the_folder_follows_the_content(pdf, tmp_path, fake_models):
    first = open_workspace(pdf, root=tmp_path / "a")
    moved = tmp_path / "paper.pdf.copy" / "paper.pdf"
    moved.parent.mkdir()
    moved.write_bytes(pdf.read_bytes())
    assert open_workspace(moved, root=tmp_path / "a").folder == first.folder
    moved.write_bytes(pdf.read_bytes() + b"\n%changed")
    assert open_workspace(moved, root=tmp_path / "a").folder != first.folder
    assert first.folder.name.startswith("paper-")
    assert first.path_of("paper.pdf") == first.sources["paper.pdf"]


def test_names_of_sets_of_files(pdf, tmp_path, fake_models):
    other = tmp_path / "a b's 100%.pdf"
    other.write_bytes(pdf.read_bytes() + b"\n%other")
    assert open_workspace(other, root=tmp_path / "r").folder.name.startswith("a-b-s-100-")
    assert open_workspace([other, pdf], root=tmp_path / "r").folder.name.startswith("a-b-s-100-and-1-more-")
    assert open_workspace(tmp_path, root=tmp_path / "r").folder.name.startswith(tmp_path.name[:20])


def test_where_workspaces_live(pdf, tmp_path, fake_models, monkeypatch):
    monkeypatch.setenv("RAGKIT_ARTIFACTS", str(tmp_path / "elsewhere"))
    assert open_workspace(pdf).folder.parent == tmp_path / "elsewhere"
    monkeypatch.delenv("RAGKIT_ARTIFACTS")
    monkeypatch.chdir(tmp_path)
    assert open_workspace(pdf).folder.parent.resolve() == (tmp_path / "artifacts").resolve()


def test_no_pdf_no_workspace(tmp_path, fake_models):
    with pytest.raises(PDFNotFound):
        open_workspace(tmp_path / "missing.pdf", root=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_pages_and_chunks_are_kept_and_parameters_remembered(pdf, tmp_path, fake_models, capsys):
    workspace = open_workspace(pdf, root=tmp_path / "r")
    chunks = load_chunks(workspace, max_tokens=20, overlap=1)
    capsys.readouterr()
    again = load_chunks(open_workspace(pdf, root=tmp_path / "r"))
    assert capsys.readouterr().err == ""
    assert again["text"].tolist() == chunks["text"].tolist()
    assert again["boxes"].tolist() == chunks["boxes"].tolist()
    load_chunks(workspace, max_tokens=30)
    assert "parameters.max_tokens was 20, is 30" in capsys.readouterr().err
    assert workspace.parameter("chunks", "overlap", None) == 1


def test_a_limit_that_was_another_embedders_is_not_kept(pdf, tmp_path, fake_models, tokenizer, monkeypatch):
    load_chunks(open_workspace(pdf, root=tmp_path / "r"), max_tokens=60)
    monkeypatch.setattr(tokenizer, "model_max_length", 30)
    smaller = load_chunks(open_workspace(pdf, embedder="smaller", root=tmp_path / "r"))
    assert smaller["n_tokens"].max() <= 30
    assert len(smaller) > 1


def test_a_password_opens_what_was_left_out(pdf, tmp_path, fake_models, capsys):
    import pymupdf

    with pymupdf.open(pdf) as document:
        document.save(
            tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="sesame"
        )
    before = load_chunks(open_workspace([pdf, tmp_path / "locked.pdf"], root=tmp_path / "r"))
    after = load_chunks(
        open_workspace([pdf, tmp_path / "locked.pdf"], password="sesame", root=tmp_path / "r")
    )
    assert set(before["source"]) == {"paper.pdf"}
    assert set(after["source"]) == {"paper.pdf", "locked.pdf"}


def test_a_pdf_that_changes_under_the_workspace_is_not_saved_as_the_old_one(pdf, tmp_path, fake_models):
    workspace = open_workspace(pdf, root=tmp_path / "r")
    pdf.write_bytes(pdf.read_bytes() + b"\n%changed")
    with pytest.raises(StaleIndex, match="Run open_workspace again"):
        load_pages(workspace)
    assert not (workspace.folder / "pages.parquet").exists()


@pytest.mark.parametrize("text", ["[]", '"x"', "{}", '{"format": 99}'])
def test_a_manifest_of_another_shape_means_nothing_is_built(workspace, text):
    (workspace.folder / "manifest.json").write_text(text, encoding="utf-8")
    assert workspace.manifest()["steps"] == {}


def test_an_empty_path_is_no_folder(tmp_path, monkeypatch, fake_models):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PDFNotFound, match="the path is empty"):
        open_workspace("")


def test_nothing_secret_or_local_is_written(pdf, tmp_path, fake_models):
    workspace = open_workspace(pdf, root=tmp_path / "r", password="open sesame")
    load_chunks(workspace)
    text = (workspace.folder / "manifest.json").read_text(encoding="utf-8")
    assert "sesame" not in text
    assert json.dumps(str(tmp_path))[1:-1] not in text
    assert "sesame" not in repr(workspace)


def test_two_builds_give_the_same_bytes(pdf, tmp_path, fake_models):
    folders = [open_workspace(pdf, root=tmp_path / root).folder for root in "ab"]
    for root in "ab":
        load_chunks(open_workspace(pdf, root=tmp_path / root))
    for file in ("pages.parquet", "chunks.parquet", "manifest.json"):
        assert sha256_of(folders[0] / file) == sha256_of(folders[1] / file)


def test_a_second_process_waits(workspace, capsys):
    script = f"""if True:
        import filelock, time
        lock = filelock.FileLock({str(workspace.folder / ".lock")!r})
        lock.acquire()
        print("locked", flush=True)
        time.sleep(1.5)"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert step(workspace, {}, []) == "artifact"
    assert "waiting: another process" in capsys.readouterr().err


def without_root_rights():
    """Root may read and write anywhere; give that up for the rest of this process (Linux)."""
    if os.geteuid() == 0:
        version_3, all_of_none = struct.pack("Ii", 0x20080522, 0), bytes(24)
        assert ctypes.CDLL(None).capset(version_3, all_of_none) == 0


def error_of(action, *, largest_file=None):
    """What the error says in a process that is a plain user's, and whose disk may be as good as full."""
    import resource

    def attempt():
        without_root_rights()
        if largest_file:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        try:
            action()
        except (WorkspaceError, PDFNotFound) as error:
            return str(error)
        return "no error"

    return in_child(attempt)


@needs_fork
@pytest.mark.parametrize("closed", ["root", "folder", "file"])
def test_a_folder_or_file_without_permission(pdf, fake_models, embedder, tmp_path, closed):
    root = tmp_path / "artifacts"
    root.mkdir()
    if closed != "root":
        folder = open_workspace(pdf, root=root).folder
        load_pages(open_workspace(pdf, root=root))
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
    path = root if closed == "root" else folder if closed == "folder" else folder / "pages.parquet"
    path.chmod(0o000 if closed == "file" else 0o555)
    said = error_of(lambda: load_embeddings(open_workspace(pdf, root=root), embedder))
    path.chmod(0o755)
    assert "Permission denied. What was saved before is intact. See that you may read and write there" in said
    if closed != "root":
        assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


@needs_fork
def test_a_pdf_in_a_folder_that_one_may_not_enter(pdf):
    mode = pdf.parent.stat().st_mode
    pdf.parent.chmod(0o000)
    said = error_of(lambda: find_pdfs(pdf))
    pdf.parent.chmod(mode)
    assert said.endswith("paper.pdf cannot be looked at: Permission denied. Check the folder's permissions.")


@needs_fork
@pytest.mark.parametrize("step", ["pages", "chunks", "embeddings"])
def test_a_disk_that_is_full_at_any_step(pdf, tmp_path, fake_models, embedder, step):
    load = {"pages": load_pages, "chunks": load_chunks, "embeddings": lambda w: load_embeddings(w, embedder)}
    names = list(load)
    whole = open_workspace(pdf, root=tmp_path / "whole")
    load_embeddings(whole, embedder)
    workspace = open_workspace(pdf, root=tmp_path / "full")
    for earlier in names[: names.index(step)]:
        load[earlier](workspace)
    before = {path.name: path.read_bytes() for path in workspace.folder.glob("[!.]*")}
    said = error_of(lambda: load[step](open_workspace(pdf, root=tmp_path / "full")), largest_file=100)
    assert "File too large. What was saved before is intact. Free some disk space" in said
    assert before == {
        path.name: path.read_bytes() for path in workspace.folder.glob("[!.]*") if path.is_file()
    }
    load_embeddings(workspace, embedder)
    for name in ("pages.parquet", "chunks.parquet", "embeddings.safetensors", "manifest.json"):
        assert sha256_of(workspace.folder / name) == sha256_of(whole.folder / name)


@needs_fork
def test_four_processes_on_one_workspace(pdf, tmp_path, fake_models, embedder, monkeypatch):
    monkeypatch.setattr(
        tqdm, "_lock", threading.RLock(), raising=False
    )  # its own is shared with the children
    alone = open_workspace(pdf, root=tmp_path / "alone")
    load_embeddings(alone, embedder)
    children = []
    for _ in range(4):
        children.append(os.fork())
        if children[-1] == 0:
            status = 1
            with contextlib.suppress(BaseException):  # a child must never go on as a second pytest
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                load_embeddings(open_workspace(pdf, root=tmp_path / "four"), embedder)
                status = 0
            os._exit(status)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    (folder,) = (tmp_path / "four").iterdir()
    for file in ("pages.parquet", "chunks.parquet", "embeddings.safetensors", "manifest.json"):
        assert sha256_of(folder / file) == sha256_of(alone.folder / file)


@pytest.fixture
def rebuilt(pdf, tmp_path, fake_models, embedder, capsys, monkeypatch):
    """Build everything; then, after a change, what the next run builds again, each step with its reason."""
    settings = {"max_tokens": 20}
    embedder = replace(embedder, prompts=dict(embedder.prompts))

    def build(**changes):
        workspace = open_workspace(pdf, embedder=changes.get("name", "fake"), root=tmp_path / "r")
        load_chunks(workspace, **{name: changes.get(name, settings[name]) for name in settings})
        load_embeddings(
            workspace, replace(embedder, **{k: v for k, v in changes.items() if k not in settings})
        )
        return dict(re.findall(r"building (\w+) of \S+: (.*)", capsys.readouterr().err))

    assert list(build()) == ["pages", "chunks", "embeddings"]
    assert build() == {}
    return build


@pytest.mark.parametrize(
    ("change", "steps", "reason"),
    [
        ({"max_tokens": 30}, ["chunks", "embeddings"], "parameters.max_tokens was 20, is 30"),
        ({"name": "other"}, ["pages", "chunks", "embeddings"], "model was fake, is other"),
        ({"checksum": "1" * 64}, ["embeddings"], "model.sha256 was 00000000…, is 11111111…"),
        ({"dtype": "bfloat16"}, ["embeddings"], "parameters.dtype was float32, is bfloat16"),
        (
            {"prompts": {"query": "", "document": "passage: "}},
            ["embeddings"],
            "parameters.prompts.document was",
        ),
    ],
)
def test_a_change_rebuilds_exactly_what_depends_on_it(rebuilt, change, steps, reason):
    built = rebuilt(**change)
    assert list(built) == steps
    assert reason in built[steps[0]]


@pytest.mark.parametrize(
    ("library", "steps"),
    [("pymupdf", ["pages"]), ("spacy", ["pages", "chunks"]), ("torch", ["embeddings"]),
     ("ragkit", ["pages", "chunks", "embeddings"])],
)  # fmt: skip
def test_a_new_library_rebuilds_what_it_took_part_in(rebuilt, library, steps, monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99.0" if name == library else real(name))
    built = rebuilt()
    assert list(built) == steps  # what comes out the same as before needs nothing after it built again
    assert f"versions.{library} was" in built[steps[0]]


def test_a_changed_pdf_rebuilds_everything(rebuilt, pdf):
    with pymupdf.open(pdf) as document:
        document[0].insert_text((30, 30), "One line more.")
        document.saveIncr()
    assert rebuilt() == {
        "pages": "changed since last time: paper.pdf", "chunks": "not built yet", "embeddings": "not built yet",
    }  # fmt: skip
