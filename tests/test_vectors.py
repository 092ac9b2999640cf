"""Embeddings on disk: embedded once, saved as they come, never another model's or another text's."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import make_embedder
from safetensors.numpy import load_file, save
from test_embed import unit

from ragkit import vectors as vectors_module
from ragkit.disk import sha256_of
from ragkit.embed import Vectors, embed_with_sentences
from ragkit.index import open_index
from ragkit.notice import WorkspaceError
from ragkit.vectors import join_vectors, read_vectors, take_rows, write_vectors

TEXTS = ["Lemons cure scurvy. Iron is in blood.", "Water.", "", "One. Two. Three."]


def same(one: Vectors, other: Vectors) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def load(pdf, tmp_path, fake_models):
    """Opens the index of the three pages, a chunk each."""

    def load(embedder, root="r", file=pdf):
        return open_index(file, embedder, max_tokens=20, root=tmp_path / root)

    return load


def folder(tmp_path, root="r"):
    (found,) = (tmp_path / root).iterdir()
    return found


def test_what_is_written_is_what_is_read(embedder, tmp_path):
    vectors = embed_with_sentences(embedder, TEXTS)
    write_vectors(vectors, tmp_path / "a.safetensors")
    read = read_vectors(tmp_path / "a.safetensors")
    assert same(read, vectors)
    assert isinstance(read.embeddings, np.memmap)
    for name, array in load_file(tmp_path / "a.safetensors").items():  # a file like any other of its kind
        np.testing.assert_array_equal(array, getattr(vectors, name))


def test_rows_are_taken_and_joined_with_their_sentences(embedder):
    vectors = embed_with_sentences(embedder, TEXTS)
    assert same(take_rows(vectors, [3, 0]), embed_with_sentences(embedder, [TEXTS[3], TEXTS[0]]))
    assert same(join_vectors([take_rows(vectors, [i]) for i in range(4)]), vectors)
    assert len(take_rows(vectors, []).embeddings) == 0


def test_no_model_is_loaded_when_nothing_is_to_be_embedded(load, embedder):
    load(embedder)
    unloaded = replace(embedder)  # the same, but for what its cached properties have kept
    assert len(load(unloaded)) == 3
    assert "model" not in vars(unloaded)


@pytest.mark.parametrize(
    "change",
    [{"dtype": "bfloat16"}, {"checksum": "1" * 64}, {"prompts": {"query": "", "document": "passage: "}}],
)
def test_another_dtype_other_weights_or_prompts_are_embedded_anew(load, embedder, tokenizer, change):
    first = load(embedder)
    other = make_embedder(tokenizer, **change)
    load(other)
    assert sum(other.model.batches) == len(first)
    load(replace(embedder))  # what there was is still there


def test_a_full_disk_while_embedding_is_a_named_error(load, embedder, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vectors_module.Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        load(embedder)


def test_an_interrupted_run_goes_on_where_it_stopped(load, embedder, monkeypatch, tmp_path):
    monkeypatch.setattr(vectors_module, "SLICE", 1)
    load(embedder, root="undisturbed")
    real, calls = embedder.model.preprocess, []

    def interrupted(texts, prompt=None):
        calls.append(len(texts))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(texts, prompt)

    monkeypatch.setattr(embedder.model, "preprocess", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(embedder)
    assert len(list(folder(tmp_path).glob("*.partial/*"))) == 2
    load(embedder)
    assert len(calls) == 3 + 1
    files = [path.name for path in sorted(folder(tmp_path).glob("[!.]*"))]
    assert files == [path.name for path in sorted(folder(tmp_path, "undisturbed").glob("[!.]*"))]
    for file in files:
        assert sha256_of(folder(tmp_path) / file) == sha256_of(folder(tmp_path, "undisturbed") / file)


def saved(embeddings):
    return save(Vectors(embeddings, np.zeros((0, 32), np.float16), np.zeros((0, 3), np.int32))._asdict())


@pytest.mark.parametrize(
    "damaged",
    [b"", b"not a tensor", save({"rows": unit(1, d=32)}), saved(unit(4, d=32)), saved(unit(3, d=32))[:-50],
     saved(np.full((3, 32), np.nan, np.float32))],
    ids=["empty", "text", "another name", "a row too many", "cut off", "not finite"],
)  # fmt: skip
def test_a_damaged_slice_of_an_interrupted_run_is_made_again(load, embedder, damaged, capsys, tmp_path):
    expected = load(embedder).vectors
    (finished,) = folder(tmp_path).glob("embeddings-*.safetensors")
    finished.unlink()
    slices = finished.with_suffix(".partial")
    slices.mkdir()
    (slices / "0000000.safetensors").write_bytes(damaged)
    assert same(load(embedder).vectors, expected)
    assert "0000000.safetensors, saved by an interrupted run, is damaged" in capsys.readouterr().err


@pytest.fixture
def copy(pdf, tmp_path):
    """The same pages in a file of its own: another workspace."""
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(pdf.read_bytes() + b"\n%copy")
    return copy


def test_texts_that_another_workspace_has_embedded_are_taken_over(load, embedder, copy):
    first = load(embedder)
    embedder.model.batches.clear()
    assert same(load(embedder, file=copy).vectors, first.vectors)
    assert embedder.model.batches == []


def test_another_models_embeddings_are_not_taken_over(load, embedder, tokenizer, copy):
    first = load(embedder)
    other = make_embedder(tokenizer, checksum="1" * 64)
    load(other, file=copy)
    assert sum(other.model.batches) == len(first)


def test_damaged_embeddings_of_another_workspace_are_not_taken_over(load, embedder, copy, tmp_path):
    first = load(embedder)
    (path,) = folder(tmp_path).glob("embeddings-*.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    embedder.model.batches.clear()
    load(embedder, file=copy)
    assert sum(embedder.model.batches) == len(first)
