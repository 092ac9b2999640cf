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
from importlib import metadata
from pathlib import Path

import pymupdf
import pytest
from conftest import in_child, make_embedder
from tqdm import tqdm

from ragkit import notice
from ragkit import workspace as workspace_module
from ragkit.artifacts import clear_artifacts, list_artifacts
from ragkit.chunk import load_chunks
from ragkit.disk import sha256_of, write_whole
from ragkit.index import open_index
from ragkit.notice import PDFNotFound, StaleIndex, WorkspaceError
from ragkit.pdf import load_pages
from ragkit.reading.find import find_pdfs
from ragkit.words.sentences import SPLITTER
from ragkit.workspace import Workspace, make_recipe, open_workspace, recipe_hash

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "w", {}, {"a.pdf": "00"})


RECIPE = make_recipe("a" * 64, {"n": 1}, {"name": "mpnet"}, ["numpy"])


def build(workspace, recipe, calls, text="artifact"):
    return workspace.load_or_build(
        workspace.path("step", recipe, "txt"), recipe,
        build=lambda: calls.append(1) or text,
        read=lambda path: path.read_text(encoding="utf-8"),
        write=lambda value, path: path.write_text(value, encoding="utf-8"),
    )  # fmt: skip


def test_an_artifact_is_built_once(workspace, capsys):
    calls = []
    assert build(workspace, RECIPE, calls) == build(workspace, RECIPE, calls) == "artifact"
    assert calls == [1]
    assert capsys.readouterr().err == "ragkit: building step of w\n"


@pytest.mark.parametrize(
    "changed",
    [("b" * 64, {"n": 1}, {"name": "mpnet"}, ["numpy"]), ("a" * 64, {"n": 2}, {"name": "mpnet"}, ["numpy"]),
     ("a" * 64, {}, {"name": "mpnet"}, ["numpy"]), ("a" * 64, {"n": 1}, None, ["numpy"]),
     ("a" * 64, {"n": 1}, {"name": "mpnet"}, [])],
    ids=["input", "parameter", "no parameter", "model", "library"],
)  # fmt: skip
def test_another_recipe_is_another_artifact_and_both_are_kept(workspace, changed):
    calls = []
    for recipe in (RECIPE, make_recipe(*changed), RECIPE, make_recipe(*changed)):
        build(workspace, recipe, calls)
    assert calls == [1, 1]
    assert len(list(workspace.folder.glob("step-*.txt"))) == 2


def test_a_new_major_version_of_a_library_is_another_recipe(monkeypatch):
    monkeypatch.setattr("ragkit.workspace.metadata.version", lambda name: "99.1")
    newer = make_recipe("a" * 64, {"n": 1}, {"name": "mpnet"}, ["numpy"])
    assert recipe_hash(newer) != recipe_hash(RECIPE)
    monkeypatch.setattr("ragkit.workspace.metadata.version", lambda name: "99.2")
    assert make_recipe("a" * 64, {"n": 1}, {"name": "mpnet"}, ["numpy"]) == newer


def test_a_file_that_was_changed_by_hand_is_rebuilt(workspace, capsys):
    calls = []
    build(workspace, RECIPE, calls)
    workspace.path("step", RECIPE, "txt").write_text("tampered", encoding="utf-8")
    assert build(workspace, RECIPE, calls) == "artifact"
    assert "not the file that was saved" in capsys.readouterr().err


def test_two_recipes_with_one_name_are_not_mixed_up(workspace, monkeypatch):
    monkeypatch.setattr(workspace_module, "recipe_hash", lambda recipe: "00000000")
    build(workspace, RECIPE, [], "one")
    assert build(workspace, make_recipe("b", {}, None, []), [], "other") == "other"


def test_an_artifact_that_was_deleted_is_built_again(workspace):
    calls = []
    build(workspace, RECIPE, calls)
    workspace.path("step", RECIPE, "txt").unlink()
    assert build(workspace, RECIPE, calls) == "artifact"
    assert calls == [1, 1]


@needs_fork
def test_a_pdf_that_may_not_be_read_is_named(pdf, tmp_path):
    pdf.chmod(0o000)
    said = error_of(lambda: open_workspace(pdf, root=tmp_path))
    assert said.endswith("paper.pdf: Permission denied. Check the file and its permissions.")


@pytest.mark.parametrize(
    "text", ['{"format": 2, "art', "[]", '"x"', "{}", '{"format": 99}', '{"format": 1, "steps": {}}']
)
def test_a_manifest_of_another_shape_or_version_is_not_used_and_that_is_said(workspace, text, capsys):
    (workspace.folder / "manifest.json").write_text(text, encoding="utf-8")
    (workspace.folder / "step.txt").write_text("of an earlier version", encoding="utf-8")
    assert build(workspace, RECIPE, []) == "artifact"
    assert "made by another version of ragkit, and is not used" in capsys.readouterr().err
    build(workspace, make_recipe("b", {}, None, []), [])
    assert "another version" not in capsys.readouterr().err


def test_a_step_that_fails_leaves_the_earlier_artifact(workspace):
    build(workspace, RECIPE, [])
    path = workspace.path("step", RECIPE, "txt")
    path.write_text("tampered", encoding="utf-8")

    def interrupted(value, path):
        path.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.load_or_build(path, RECIPE, lambda: "new", Path.read_text, interrupted)
    assert path.read_text(encoding="utf-8") == "tampered"
    assert not list(workspace.folder.glob("*.tmp"))


def test_what_a_killed_process_left_half_written_is_cleared(workspace):
    (workspace.folder / ".step.txt.4711.tmp").write_text("half", encoding="utf-8")
    build(workspace, RECIPE, [])
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
        Workspace(tmp_path / "file" / "w", {}, {})


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


def test_pages_and_chunks_are_kept(pdf, tmp_path, fake_models, capsys):
    chunks = load_chunks(open_workspace(pdf, root=tmp_path / "r"), max_tokens=20, overlap=1)
    capsys.readouterr()
    again = load_chunks(open_workspace(pdf, root=tmp_path / "r"), max_tokens=20, overlap=1)
    assert capsys.readouterr().err == ""
    assert again["text"].tolist() == chunks["text"].tolist()
    assert again["boxes"].tolist() == chunks["boxes"].tolist()


def test_what_is_missing_in_the_chunks_is_said_again_by_the_next_process(tmp_path, fake_models, capsys):
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "Lemons cure scurvy.")
    document.new_page().insert_image((0, 0, 300, 300), pixmap=pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 300, 300)))
    document.save(tmp_path / "half.pdf")
    said = []
    for _ in range(2):
        notice._said.clear()
        load_chunks(open_workspace(tmp_path / "half.pdf", root=tmp_path / "r"))
        said.append(capsys.readouterr().err)
    assert all("half.pdf: a picture, and little or no text, on page 2 of the file" in each for each in said)
    assert "building" not in said[1]


def test_parameters_do_not_stick(pdf, tmp_path, fake_models):
    workspace = open_workspace(pdf, root=tmp_path / "r")
    by_default = load_chunks(workspace)
    load_chunks(workspace, max_tokens=20, overlap=1)
    assert load_chunks(workspace).equals(by_default)


def test_pages_do_not_depend_on_the_embedder(pdf, tmp_path, fake_models, capsys):
    workspace = open_workspace(pdf, root=tmp_path / "r")
    for name in ("fake", "other", "fake"):
        load_chunks(workspace, name)
    assert re.findall(r"building (\w+) of", capsys.readouterr().err) == ["chunks", "pages", "chunks"]


def test_a_password_opens_what_was_left_out_also_after_a_wrong_one(pdf, tmp_path, fake_models, capsys):
    with pymupdf.open(pdf) as document:
        how = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "owner_pw": "o", "user_pw": "sesame"}
        document.save(tmp_path / "locked.pdf", **how)
    found = {}
    for password in (None, "wrong", "sesame"):
        workspace = open_workspace([pdf, tmp_path / "locked.pdf"], password, root=tmp_path / "r")
        found[password] = set(load_chunks(workspace)["source"])
    both = {"paper.pdf", "locked.pdf"}
    assert found == {None: {"paper.pdf"}, "wrong": {"paper.pdf"}, "sesame": both}


def test_a_pdf_that_changes_under_the_workspace_is_not_saved_as_the_old_one(pdf, tmp_path, fake_models):
    workspace = open_workspace(pdf, root=tmp_path / "r")
    pdf.write_bytes(pdf.read_bytes() + b"\n%changed")
    with pytest.raises(StaleIndex, match="Open it again"):
        load_pages(workspace)
    assert not list(workspace.folder.glob("pages-*"))


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


def contents(folder):
    """What lies in a workspace: the hash of each file."""
    return {path.name: sha256_of(path) for path in folder.glob("[!.]*") if path.is_file()}


def test_two_builds_give_the_same_bytes(pdf, tmp_path, fake_models):
    folders = [open_workspace(pdf, root=tmp_path / root).folder for root in "ab"]
    for root in "ab":
        load_chunks(open_workspace(pdf, root=tmp_path / root))
    assert contents(folders[0]) == contents(folders[1])
    assert len(contents(folders[0])) == 3


def test_a_second_process_waits(workspace, capsys):
    script = f"""if True:
        import filelock, time
        lock = filelock.FileLock({str(workspace.folder / ".lock")!r})
        lock.acquire()
        print("locked", flush=True)
        time.sleep(1.5)"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert build(workspace, RECIPE, []) == "artifact"
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
    path = root if closed == "root" else folder if closed == "folder" else next(folder.glob("pages-*"))
    path.chmod(0o000 if closed == "file" else 0o555)
    said = error_of(lambda: open_index(pdf, embedder, root=root))
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
    load = {
        "pages": lambda root: load_pages(open_workspace(pdf, root=root)),
        "chunks": lambda root: load_chunks(open_workspace(pdf, root=root)),
        "embeddings": lambda root: open_index(pdf, embedder, root=root),
    }
    names, root = list(load), tmp_path / "full"
    open_index(pdf, embedder, root=tmp_path / "whole")
    folder = open_workspace(pdf, root=root).folder
    for earlier in names[: names.index(step)]:
        load[earlier](root)
    before = contents(folder)
    said = error_of(lambda: load[step](root), largest_file=100)
    assert "File too large. What was saved before is intact. Free some disk space" in said
    assert before == contents(folder)
    open_index(pdf, embedder, root=root)
    assert contents(folder) == contents(open_workspace(pdf, root=tmp_path / "whole").folder)


@needs_fork
def test_four_processes_on_one_workspace(pdf, tmp_path, fake_models, embedder, monkeypatch):
    monkeypatch.setattr(
        tqdm, "_lock", threading.RLock(), raising=False
    )  # its own is shared with the children
    open_index(pdf, embedder, root=tmp_path / "alone")
    children = []
    for _ in range(4):
        children.append(os.fork())
        if children[-1] == 0:
            status = 1
            with contextlib.suppress(BaseException):  # a child must never go on as a second pytest
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                open_index(pdf, embedder, root=tmp_path / "four")
                status = 0
            os._exit(status)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert contents(next((tmp_path / "four").iterdir())) == contents(next((tmp_path / "alone").iterdir()))


@pytest.fixture
def rebuilt(pdf, tmp_path, fake_models, tokenizer, capsys):
    """Build everything; then, after a change, what the next run builds, and how many texts it embeds."""

    def build(max_tokens=20, **changes):
        embedder = make_embedder(tokenizer, **changes)
        open_index(pdf, embedder, max_tokens=max_tokens, root=tmp_path / "r")
        steps = re.findall(r"building (\w+) of", capsys.readouterr().err)
        return sorted(steps), sum(embedder.model.batches)

    assert build() == (["chunks", "embeddings", "pages"], 3)
    assert build() == ([], 0)
    return build


@pytest.mark.parametrize(
    ("change", "steps", "n_embedded"),
    [
        ({"max_tokens": 30}, ["chunks", "embeddings"], 1),  # the other chunk is as it was
        ({"name": "other"}, ["chunks", "embeddings"], 3),
        ({"checksum": "1" * 64}, ["embeddings"], 3),
        ({"dtype": "bfloat16"}, ["embeddings"], 3),
        ({"prompts": {"query": "", "document": "passage: "}}, ["embeddings"], 3),
    ],
)
def test_a_change_builds_exactly_what_depends_on_it(rebuilt, change, steps, n_embedded):
    assert rebuilt(**change) == (steps, n_embedded)
    assert rebuilt() == rebuilt(**change) == ([], 0)  # both are kept


@pytest.mark.parametrize(
    ("library", "n_embedded"), [("pymupdf", 0), ("tokenizers", 0), ("torch", 3), ("ragkit", 3)]
)
def test_a_new_library_makes_anew_what_it_took_part_in(rebuilt, library, n_embedded, monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99.0" if name == library else real(name))
    assert rebuilt()[1] == n_embedded  # texts that come out the same are not embedded again


def test_other_sentences_make_other_chunks_and_embeddings(rebuilt, monkeypatch):
    monkeypatch.setattr("ragkit.chunk.SPLITTER", 99)
    monkeypatch.setattr("ragkit.vectors.SPLITTER", 99)
    assert rebuilt() == (
        ["chunks", "embeddings"],
        3,
    )  # also where the text is the same: its sentences are not


def test_a_changed_pdf_is_another_workspace_and_that_is_said(pdf, tmp_path, fake_models, embedder, capsys):
    open_index(pdf, embedder, root=tmp_path / "r")
    with pymupdf.open(pdf) as document:
        document[0].insert_text((30, 30), "One line more.")
        document.saveIncr()
    capsys.readouterr()
    open_index(pdf, embedder, root=tmp_path / "r")
    assert "(changed since last time: paper.pdf)" in capsys.readouterr().err


def test_artifacts_are_listed_and_cleared(pdf, tmp_path, fake_models, embedder):
    root = tmp_path / "r"
    assert list_artifacts(root).empty
    open_index(pdf, embedder, max_tokens=20, root=root)
    listed = list_artifacts(root)
    assert sorted(listed["step"]) == ["chunks", "embeddings", "pages"]
    assert f"fake, max_tokens=20, splitter={SPLITTER}" in listed["made_with"].tolist()
    old = root / "old-00000000"
    old.mkdir()
    (old / "manifest.json").write_text('{"format": 1}', encoding="utf-8")
    (root / "mine.txt").write_text("not a workspace", encoding="utf-8")
    (root / "my-web-app").mkdir()
    (root / "my-web-app" / "manifest.json").write_text('{"name": "not a workspace"}', encoding="utf-8")
    (root / "gone-00000000").mkdir()  # whoever was stopped before anything was saved left it
    assert clear_artifacts(root) >= listed["bytes"].sum()
    assert sorted(path.name for path in root.iterdir()) == ["mine.txt", "my-web-app"]
