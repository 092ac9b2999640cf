"""Embeddings: the right row for each text, finite, of unit length, and never another model's."""

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import save

from ragkit import embed
from ragkit.chunk import load_chunks
from ragkit.embed import (
    check_embeddings,
    embed_chunks,
    embed_one_by_one,
    embed_texts,
    load_embeddings,
    plan_batches,
    read_embeddings_csv,
)
from ragkit.notice import BadEmbeddings, StaleIndex, WorkspaceError
from ragkit.workspace import open_workspace, sha256_of

TEXTS = [f"lemons {'and sailors ' * n}cure scurvy {n}" for n in (9, 0, 3, 30, 1, 2, 0, 5)]


def unit(rows, d=4):
    rows = np.random.default_rng(0).standard_normal((rows, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_batches_give_the_rows_of_one_by_one(embedder):
    batched = embed_texts(embedder, TEXTS, batch_tokens=40)
    assert max(embedder.model.batches) > 1
    assert batched.dtype == np.float32
    np.testing.assert_allclose(batched, embed_one_by_one(embedder, TEXTS), atol=1e-6)
    np.testing.assert_array_equal(
        batched, embed_chunks(embedder, pd.DataFrame({"text": TEXTS}), progress=False)
    )


def test_no_text_no_rows(embedder):
    assert embed_texts(embedder, []).shape == (0, 32)


def test_batches_stay_in_the_token_budget_and_hold_every_text():
    lengths = np.random.default_rng(1).integers(0, 500, 200).tolist()
    batches = list(plan_batches(lengths, batch_tokens=1000, max_tokens=384))
    assert sorted(i for batch in batches for i in batch) == list(range(200))
    assert all(len(batch) * min(384, max(lengths[i] for i in batch)) <= 1000 for batch in batches)
    assert len(batches) < 100


def test_a_text_over_the_budget_gets_a_batch_of_its_own():
    assert list(plan_batches([300, 300], batch_tokens=100, max_tokens=384)) == [[0], [1]]


def test_prompts_go_before_queries_only_where_the_model_has_them(embedder):
    embedder.prompts["query"] = "question: "
    asked = embed_texts(embedder, ["lemons"], role="query")
    stored = embed_texts(embedder, ["lemons", "question: lemons"])
    assert np.allclose(asked[0], stored[1])
    assert not np.allclose(asked[0], stored[0])


def test_texts_that_are_too_long_are_counted_aloud(embedder, capsys):
    embed_texts(embedder, ["word " * 100, "short"])
    said = capsys.readouterr().err
    assert "1 of 2 texts are longer than the 64 tokens" in said
    assert "; 38 tokens at their ends" in said  # of 100, with 2 special tokens around 62


def test_out_of_memory_halves_the_batch_and_goes_on(embedder, capsys):
    expected = embed_texts(embedder, TEXTS)
    embedder.model.out_of_memory_above = 1
    np.testing.assert_allclose(embed_texts(embedder, TEXTS), expected, atol=1e-6)
    assert "out of memory" in capsys.readouterr().err


def test_other_errors_of_the_model_are_not_swallowed(embedder, monkeypatch):
    calls = []

    def broken(texts, **_):
        calls.append(len(texts))
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(embedder.model, "encode", broken)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        embed_texts(embedder, TEXTS[4:])
    assert calls == [4]  # not tried again in halves


def test_nan_from_the_model_never_gets_out(embedder, monkeypatch):
    real = embedder.model.encode

    def sometimes_nan(texts, **options):
        rows = real(texts, **options)
        rows[0, 3] = np.nan
        return rows

    monkeypatch.setattr(embedder.model, "encode", sometimes_nan)
    with pytest.raises(BadEmbeddings, match=r"1 of 8 embeddings are not finite.*row 3"):
        embed_texts(embedder, TEXTS)


@pytest.mark.parametrize(
    ("embeddings", "error", "message"),
    [
        (unit(3).astype(np.float64), BadEmbeddings, "float64"),
        (np.array(["[0.1 0.2]"]), BadEmbeddings, "read_embeddings_csv"),
        (unit(3)[0], BadEmbeddings, r"shape \(4,\)"),
        (unit(3) * 2, BadEmbeddings, r"3 of 3 .* row 0 \(length 2.000\)"),
        (np.zeros((3, 4), np.float32), BadEmbeddings, r"length 0.000"),
        (unit(2), StaleIndex, "3 chunks but 2 embeddings"),
        (unit(3, d=5), StaleIndex, "5 values a row, the embedder makes 4"),
    ],
)
def test_embeddings_that_cannot_be_searched(embeddings, error, message):
    with pytest.raises(error, match=message):
        check_embeddings(embeddings, 3, 4)


def test_good_embeddings_come_back(embedder):
    embeddings = unit(3)
    assert check_embeddings(embeddings, 3, 4) is embeddings


@pytest.fixture
def workspace(pdf, tmp_path, fake_models):
    return open_workspace(pdf, root=tmp_path / "r")


def test_a_workspace_embeds_once(workspace, embedder, capsys):
    first = load_embeddings(workspace, embedder)
    batches = len(embedder.model.batches)
    np.testing.assert_array_equal(first, load_embeddings(workspace, embedder))
    assert len(embedder.model.batches) == batches
    assert not (workspace.folder / embed.PARTIAL).exists()


def test_no_model_is_loaded_when_nothing_is_to_be_embedded(workspace, embedder, monkeypatch):
    load_embeddings(workspace, embedder)
    monkeypatch.setattr(embed, "load_embedder", lambda *_, **__: pytest.fail("loaded"))
    assert len(load_embeddings(workspace)) == 1


def test_the_workspaces_own_model_is_loaded_when_something_is(workspace, embedder, monkeypatch):
    monkeypatch.setattr(embed, "load_embedder", lambda name, dtype: embedder)
    assert load_embeddings(workspace).shape == (1, 32)


def test_a_full_disk_while_embedding_is_a_named_error(workspace, embedder, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    load_chunks(workspace)
    monkeypatch.setattr(embed.Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        load_embeddings(workspace, embedder)


def test_what_is_read_and_what_is_embedded_cannot_change_in_between(workspace, embedder, monkeypatch):
    held = []
    monkeypatch.setattr(embed, "load_chunks", lambda w: held.append(w._lock.is_locked) or load_chunks(w))
    load_embeddings(workspace, embedder)
    assert held == [True]


def test_another_model_is_refused(workspace, embedder):
    from dataclasses import replace

    with pytest.raises(StaleIndex, match="workspace is for fake, the embedder is other"):
        load_embeddings(workspace, replace(embedder, name="other"))


@pytest.mark.parametrize(
    "change",
    [{"dtype": "bfloat16"}, {"checksum": "1" * 64}, {"prompts": {"query": "", "document": "passage: "}}],
)
def test_another_dtype_other_weights_or_prompts_are_embedded_again(workspace, embedder, change, capsys):
    from dataclasses import replace

    load_embeddings(workspace, embedder)
    batches = len(embedder.model.batches)
    load_embeddings(workspace, replace(embedder, **change))
    assert len(embedder.model.batches) > batches
    assert " was " in capsys.readouterr().err


def test_an_interrupted_run_goes_on_where_it_stopped(workspace, embedder, monkeypatch, tmp_path, pdf):
    monkeypatch.setattr(embed, "SLICE", 1)
    n = len(load_chunks(workspace, max_tokens=12))
    assert n > 3
    other = open_workspace(pdf, root=tmp_path / "undisturbed")
    load_chunks(other, max_tokens=12)
    load_embeddings(other, embedder)

    real, calls = embedder.model.encode, []

    def interrupted(texts, **options):
        calls.append(len(texts))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(texts, **options)

    monkeypatch.setattr(embedder.model, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_embeddings(workspace, embedder)
    load_embeddings(workspace, embedder)
    assert len(calls) == n + 1
    for file in ("embeddings.safetensors", "manifest.json"):
        assert sha256_of(workspace.folder / file) == sha256_of(other.folder / file)


@pytest.mark.parametrize(
    "damaged",
    [b"", b"not a tensor", save({"rows": unit(1, d=32)}), save({"embeddings": unit(2, d=32)}),
     save({"embeddings": np.full((1, 32), np.nan, np.float32)})],
    ids=["empty", "text", "another name", "a row too many", "not finite"],
)  # fmt: skip
def test_a_damaged_slice_of_an_interrupted_run_is_made_again(workspace, embedder, damaged, capsys):
    expected = load_embeddings(workspace, embedder)
    (workspace.folder / "embeddings.safetensors").unlink()
    slices = embed._slice_folder(workspace, embed._recipe(workspace, embedder, "float32"))
    slices.mkdir(parents=True)
    (slices / "0000000.safetensors").write_bytes(damaged)
    np.testing.assert_array_equal(load_embeddings(workspace, embedder), expected)
    assert "0000000.safetensors, saved by an interrupted run, is damaged" in capsys.readouterr().err


def test_one_file_changed_among_several_only_its_chunks_are_embedded(pdf, tmp_path, fake_models, embedder):
    import pymupdf

    for i in range(3):
        other = pymupdf.open()
        other.new_page().insert_text((50, 50), f"Paper number {i} is about lemons.")
        other.save(tmp_path / f"other{i}.pdf")
    before = load_embeddings(open_workspace(tmp_path, root=tmp_path / "r"), embedder)
    with pymupdf.open(tmp_path / "other1.pdf") as changed:
        changed[0].insert_text((50, 100), "It was changed today.")
        changed.saveIncr()
    embedder.model.batches.clear()
    after = load_embeddings(open_workspace(tmp_path, root=tmp_path / "r"), embedder)
    assert embedder.model.batches == [1]
    assert [np.array_equal(a, b) for a, b in zip(before, after, strict=True)] == [True, False, True, True]


def test_damaged_embeddings_of_another_workspace_are_not_taken_over(workspace, embedder, tmp_path, pdf):
    load_embeddings(workspace, embedder)
    (workspace.folder / "embeddings.safetensors").write_bytes(b"damaged")
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(pdf.read_bytes() + b"\n%copy")
    batches = len(embedder.model.batches)
    load_embeddings(open_workspace(copy, root=workspace.folder.parent), embedder)
    assert len(embedder.model.batches) > batches


def write_csv(path, vectors, **columns):
    pd.DataFrame(
        {"sentence_chunk": [f"text {i}" for i in range(len(vectors))], "embedding": vectors, **columns}
    ).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda row: str(row.tolist()),
        lambda row: str(list(row)),
        lambda row: np.array2string(row, max_line_width=20),
        lambda row: str(torch.tensor(row)).replace(")", ", device='mps:0')"),
    ],
)
def test_vectors_as_text_are_read_in_every_form_that_pandas_writes(tmp_path, form):
    rows = unit(3, d=12)
    chunks, embeddings = read_embeddings_csv(
        write_csv(tmp_path / "a.csv", [form(row) for row in rows], page_number=[1, 2, 3])
    )
    np.testing.assert_allclose(embeddings, rows, atol=1e-4)  # torch writes four decimals
    assert embeddings.dtype == np.float32
    assert chunks["text"].tolist() == ["text 0", "text 1", "text 2"]
    assert "embedding" not in chunks
    assert chunks["page_number"].tolist() == [1, 2, 3]


def test_a_thousand_values_survive_and_one_more_is_refused(tmp_path):
    _, embeddings = read_embeddings_csv(write_csv(tmp_path / "a.csv", [unit(1, d=1000)[0]]))
    assert embeddings.shape == (1, 1000)
    with pytest.raises(BadEmbeddings, match=r"0 good vectors, 1 bad.*row 0: shortened with '...'"):
        read_embeddings_csv(write_csv(tmp_path / "b.csv", [unit(1, d=1001)[0]]))


def test_bad_rows_are_counted_listed_and_can_be_left_out(tmp_path, capsys):
    path = write_csv(tmp_path / "a.csv", ["[1 0]", "[nan 1]", "[0 1]", "[1 2 3]", "oops", "[]", None])
    with pytest.raises(BadEmbeddings) as error:
        read_embeddings_csv(path)
    for part in (
        "2 good vectors, 5 bad",
        "row 1: holds NaN",
        "row 3: 3 values where most have 2",
        "row 4: not a vector",
        "row 5: 0 values",
    ):
        assert part in str(error.value)
    chunks, embeddings = read_embeddings_csv(path, skip_bad=True)
    assert chunks["text"].tolist() == ["text 0", "text 2"]
    assert embeddings.tolist() == [[1, 0], [0, 1]]
    assert "left out" in capsys.readouterr().err


def test_a_csv_without_vectors_names_its_columns(tmp_path):
    pd.DataFrame({"text": ["a"]}).to_csv(tmp_path / "a.csv")
    with pytest.raises(BadEmbeddings, match=r"no column 'embedding'.*text"):
        read_embeddings_csv(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "No columns to parse"), ("café,embedding\n1,[1 0]".encode("cp1252"), "codec can't decode"),
     (b'a,embedding\n1,2,3\n1,2,3,4,5\n"', "rror tokenizing|EOF inside string"), (None, "No such file")],
)  # fmt: skip
def test_what_is_no_csv_is_refused_with_the_reason(tmp_path, content, reason):
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadEmbeddings, match=rf"a\.csv cannot be read as a CSV in UTF-8: .*({reason})"):
        read_embeddings_csv(path)


def test_somebody_elses_file(shared):
    chunks, embeddings = read_embeddings_csv(shared / "legacy_embeddings_spaces.csv")
    assert (len(chunks), embeddings.shape) == (76, (76, 768))
    check_embeddings(embeddings, 76)
