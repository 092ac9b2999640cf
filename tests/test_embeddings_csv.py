"""Embeddings in other people's CSVs: every form is read, bad rows are counted, numbers that are gone are refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from test_embed import unit

from ragkit.embed import check_embeddings
from ragkit.notice import BadEmbeddings
from ragkit.reading.embeddings_csv import read_embeddings_csv


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
