"""Killed at any moment: the next run ends with the same files, and embeds at most one slice again."""

import contextlib
import os
import random
import signal
import threading
import time

import pytest
from tqdm import tqdm

from ragkit import vectors
from ragkit.disk import sha256_of
from ragkit.index import open_index

MOMENTS = 50 if os.environ.get("RAGKIT_SLOW") else 20
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
    """Everything up to the embeddings; the number of chunks."""
    return len(open_index(book, embedder, root=root))


def hashes(root):
    (folder,) = root.iterdir()
    assert not list(folder.glob(".*.tmp"))
    assert not list(folder.glob("*.partial"))
    return {path.name: sha256_of(path) for path in folder.glob("[!.]*")}


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


def test_killed_at_any_moment(book, tmp_path, fake_models, embedder, monkeypatch, capsys):
    monkeypatch.setattr(vectors, "SLICE", SLICE)
    monkeypatch.setattr(
        tqdm, "_lock", threading.RLock(), raising=False
    )  # its own outlives a killed child that holds it
    real = embedder.model.preprocess
    monkeypatch.setattr(
        embedder.model, "preprocess", lambda texts, prompt=None: time.sleep(0.01) or real(texts, prompt)
    )
    started = time.perf_counter()
    n_chunks = run(book, tmp_path / "undisturbed", embedder)
    undisturbed = hashes(tmp_path / "undisturbed")
    assert len(undisturbed) == 4
    whole = time.perf_counter() - started

    chance = random.Random(7)
    interrupted, reach = 0, whole
    for moment in range(MOMENTS):
        root = tmp_path / f"killed-{moment}"
        killed_after(chance.uniform(0, reach), book, root, embedder)
        saved = len(list(root.glob("*/*.partial/*.safetensors")))
        finished = any(root.glob("*/embeddings-*.safetensors"))
        interrupted += saved > 0
        reach *= 0.9 if finished else 1 if saved else 1.2  # a machine may be busier than when it was measured
        embedder.model.batches.clear()
        run(book, root, embedder)
        assert hashes(root) == undisturbed, f"moment {moment}"
        again = sum(embedder.model.batches)
        expected = 0 if finished else max(0, n_chunks - saved * SLICE)
        assert again == expected, f"moment {moment}"
    assert interrupted >= MOMENTS / 10, "no run was killed while it embedded: the moments say nothing"


SETUP = """
import sys, time
sys.path.insert(0, {tests!r})
from conftest import functions_without_models, make_embedder, make_tokenizer
from ragkit import models, pdf, vectors
from ragkit.index import open_index

tokenizer = make_tokenizer()
vars(models).update(functions_without_models(tokenizer))
embedder = make_embedder(tokenizer)
vectors.SLICE = {slice}
slow = {slow}

def slowly(function):
    def slower(*arguments, **options):
        open({began!r}, "w").close()
        time.sleep(slow)
        return function(*arguments, **options)
    return slower

embedder.model.preprocess, pdf.read_page = slowly(embedder.model.preprocess), slowly(pdf.read_page)
"""
CELL = """
index = open_index({book!r}, embedder, root={root!r})
print(len(index), sum(embedder.model.batches))
"""


@pytest.fixture
def kernel():
    """A running Jupyter kernel, and what executes code in it: the replies to it, by kind."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outcome(client, code, when_running=lambda: None):
    """Execute a cell; give the name of its error, or "" for none, and what it printed."""
    message = client.execute(code)
    when_running()
    printed = ""
    while True:
        reply = client.get_iopub_msg(timeout=60)
        if reply["parent_header"].get("msg_id") != message:
            continue
        content = reply["content"]
        if reply["msg_type"] == "stream" and content["name"] == "stdout":
            printed += content["text"]
        if reply["msg_type"] == "status" and content["execution_state"] == "idle":
            break
    while (reply := client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != message:
        pass  # a slow kernel was asked more than once whether it is there, and answers each
    return reply["content"].get("ename", ""), printed


@pytest.mark.parametrize("moment", ["reading", "embedding"])
def test_a_stopped_cell_goes_on_when_it_is_run_again(
    book, tmp_path, kernel, fake_models, embedder, moment, monkeypatch
):
    monkeypatch.setattr(vectors, "SLICE", SLICE)
    run(book, tmp_path / "undisturbed", embedder)
    undisturbed = hashes(tmp_path / "undisturbed")
    manager, client = kernel
    root, tests = tmp_path / "stopped", os.path.dirname(__file__)
    began = tmp_path / "began"
    second_slice = "*/*.partial/0000004.safetensors"

    def stop():
        while not (began.exists() if moment == "reading" else any(root.glob(second_slice))):
            time.sleep(0.01)
        manager.interrupt_kernel()

    assert outcome(client, SETUP.format(tests=tests, slice=SLICE, slow=0.1, began=str(began))) == ("", "")
    cell = CELL.format(book=str(book), root=str(root))
    assert outcome(client, cell, stop)[0] == "KeyboardInterrupt"
    saved = len(list(root.glob("*/*.partial/*.safetensors")))
    assert saved >= 2 if moment == "embedding" else saved == 0
    assert not list(root.glob("*/.*.tmp"))
    error, printed = outcome(client, "slow = 0; embedder.model.batches.clear()" + cell)
    n_chunks, n_embedded = map(int, printed.split())
    assert (error, n_embedded) == ("", n_chunks - saved * SLICE)
    assert hashes(root) == undisturbed
