"""Killed at any moment: the next run ends with the same files, and embeds at most one slice again."""

import contextlib
import os
import random
import signal
import threading
import time

import pytest
from tqdm import tqdm

from ragkit import embed
from ragkit.chunk import load_chunks
from ragkit.embed import load_embeddings
from ragkit.workspace import open_workspace, sha256_of

ARTIFACTS = ("pages.parquet", "chunks.parquet", "embeddings.safetensors", "manifest.json")
MOMENTS = 50
SLICE = 4  # chunks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@pytest.fixture
def book(tmp_path):
    """A PDF of 12 pages of prose."""
    import pymupdf

    document = pymupdf.open()
    for page in range(12):
        words = " ".join(f"Sentence {i} of page {page} tells of lemons and of sailors." for i in range(20))
        document.new_page(width=400, height=500).insert_textbox((30, 30, 370, 470), words, fontsize=10)
    document.save(tmp_path / "book.pdf")
    return tmp_path / "book.pdf"


def run(book, root, embedder):
    workspace = open_workspace(book, root=root)
    load_chunks(workspace)
    load_embeddings(workspace, embedder)
    return workspace.folder


def hashes(folder):
    assert sorted(path.name for path in folder.iterdir() if path.name != ".lock") == sorted(ARTIFACTS)
    return [sha256_of(folder / name) for name in ARTIFACTS]


def killed_after(seconds, book, root, embedder):
    """Start a run in a process of its own and kill it."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):  # a child must never go on as a second pytest
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            run(book, root, embedder)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_killed_at_fifty_moments(book, tmp_path, fake_models, embedder, monkeypatch, capsys):
    monkeypatch.setattr(embed, "SLICE", SLICE)
    monkeypatch.setattr(
        tqdm, "_lock", threading.RLock(), raising=False
    )  # its own outlives a killed child that holds it
    real = embedder.model.encode
    monkeypatch.setattr(
        embedder.model, "encode", lambda texts, **options: time.sleep(0.01) or real(texts, **options)
    )
    started = time.perf_counter()
    undisturbed = hashes(run(book, tmp_path / "undisturbed", embedder))
    whole = time.perf_counter() - started

    chance = random.Random(7)
    interrupted = 0
    for moment in range(MOMENTS):
        root = tmp_path / f"killed-{moment}"
        killed_after(chance.uniform(0, whole), book, root, embedder)
        saved = len(list(root.glob(f"*/{embed.PARTIAL}/*/*.safetensors")))
        finished = any(root.glob("*/embeddings.safetensors"))
        interrupted += saved > 0
        embedder.model.batches.clear()
        folder = run(book, root, embedder)
        assert hashes(folder) == undisturbed, f"moment {moment}"
        n_chunks = len(load_chunks(open_workspace(book, root=root)))
        again = sum(embedder.model.batches)
        expected = 0 if finished else max(0, n_chunks - saved * SLICE)
        assert again == expected, f"moment {moment}"
    assert interrupted >= 5, "no run was killed while it embedded: the moments say nothing"
