"""The library on one machine: what it holds after whatever happened to the folder, the model and the process."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import functions_without_models, make_embedder
from made_pdfs import book_page, make_pdf

from ragkit import generate
from ragkit.found import find
from ragkit.generate import ask, quoted
from ragkit.index import open_index
from ragkit.library import add, adding, cells, finding, near, open_library, table
from ragkit.library.rows import unpacked, vectors_of, with_vectors
from ragkit.notice import BadParameter, EmptyQuestion, PDFNotFound, RagkitError, StaleIndex, WorkspaceError

BOOKS = {
    "bread.pdf": ("Bread rises because yeast makes gas. The gas is carbon dioxide. Salt slows the yeast down.",
                  "Rye bread needs sourdough. Sourdough holds lactic acid. The acid tames the enzymes of rye.",
                  "A hot oven makes the crust. Steam keeps the crust soft until the loaf has risen to its height."),
    "deep/iron.pdf": ("Iron carries oxygen in blood. A lack of iron makes tired. Meat and lentils have iron.",),
    "sea.pdf": ("Lemons cured scurvy in sailors. James Lind tried them in 1747. Scurvy is a lack of vitamin C.",
                "Sailors ate biscuits and salt meat. The biscuits held weevils. Rum came with water.",
                "A ship of the line carried eight hundred men. Fresh fruit was for the officers and their guests."),
}  # fmt: skip
QUESTIONS = [
    "Bread rises because yeast makes what gas?",
    "What cured the sailors' scurvy?",
    "What does salt do?",
    "What is ashwagandha?",
]
WORDS = "Does salt slow the weevils of the biscuits down?"
N = sum(map(len, BOOKS.values()))


def write_book(path, *pages):
    path.parent.mkdir(parents=True, exist_ok=True)
    return make_pdf(path, *[book_page(body=text) for text in pages])


@pytest.fixture
def shelf(tmp_path):
    """A folder of three PDFs, one of them deeper down."""
    for name, pages in BOOKS.items():
        write_book(tmp_path / "shelf" / name, *pages)
    return tmp_path / "shelf"


@pytest.fixture(autouse=True)
def no_models(monkeypatch, tokenizer):
    from ragkit import models

    for name, function in functions_without_models(tokenizer).items():
        monkeypatch.setattr(models, name, function)
    monkeypatch.setattr(models, "find_card", lambda name: None)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.delenv("RAGKIT_PASSWORD", raising=False)


@pytest.fixture
def library(tmp_path, embedder):
    return open_library(tmp_path / "library", embedder)


def again(library, embedder=None):
    """The same library, opened anew as another process would."""
    return open_library(library.place, embedder or library.embedder)


def rows_of(library):
    order = [("source", "ascending"), ("chunk", "ascending")]
    return library.table.to_arrow().sort_by(order)


def texts_of(library):
    if not len(again(library)):
        return []
    rows = rows_of(again(library))
    return list(zip(rows["source"].to_pylist(), rows["text"].to_pylist(), strict=True))


# What is in it


def test_a_folder_is_added_once_and_then_left_alone(library, shelf, embedder):
    first = add(shelf, library)
    assert first.new == ["shelf/bread.pdf", "shelf/deep/iron.pdf", "shelf/sea.pdf"]
    before, batches = rows_of(library), len(embedder.model.batches)
    second = add(shelf, again(library))
    assert (second.new, second.changed, second.removed) == ([], [], [])
    assert len(second.unchanged) == 3
    assert len(embedder.model.batches) == batches, "nothing is embedded twice"
    assert rows_of(again(library)).equals(before)
    assert str(second) == "0 new, 0 changed, 0 removed, 3 unchanged, 0 left out"


def test_rows_are_the_chunks_and_vectors_of_an_index(library, shelf, embedder, tmp_path):
    add(shelf, library)
    index = open_index(shelf, embedder, root=tmp_path / "artifacts")
    rows = rows_of(library)
    chunks = rows.to_pandas()
    assert chunks["text"].tolist() == index.chunks["text"].tolist()
    for column in ("page", "last_page", "label", "n_tokens", "n_sentences"):
        assert chunks[column].tolist() == index.chunks[column].tolist()
    assert [list(boxes) for boxes in chunks["boxes"]] == index.chunks["boxes"].tolist()
    for ours, theirs in zip(vectors_of(rows), index.vectors, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3 if ours.dtype == np.float16 else 1e-6)


def test_only_a_changed_file_is_worked_on_and_its_old_rows_go(library, shelf, embedder):
    add(shelf, library)
    others = [row for row in texts_of(library) if row[0] != "shelf/sea.pdf"]
    embedder.model.batches.clear()
    write_book(shelf / "sea.pdf", "The tide follows the moon.")
    assert add(shelf, again(library)).changed == ["shelf/sea.pdf"]
    assert sum(embedder.model.batches) == 1, "one chunk is new"
    assert texts_of(library) == [*others, ("shelf/sea.pdf", "The tide follows the moon.")]


def test_rows_of_a_removed_file_go_and_of_another_folder_stay(library, shelf, tmp_path):
    other = write_book(tmp_path / "other" / "sea.pdf", "Whales sing.").parent
    add(shelf, library)
    add(other, library)
    (shelf / "sea.pdf").unlink()
    assert add(shelf, again(library)).removed == ["shelf/sea.pdf"]
    assert sorted(again(library).files()) == ["other/sea.pdf", "shelf/bread.pdf", "shelf/deep/iron.pdf"]
    shutil.rmtree(shelf / "deep")
    (shelf / "bread.pdf").unlink()
    add(shelf, library)
    assert sorted(again(library).files()) == ["other/sea.pdf"]


def test_one_pdf_may_be_added_without_its_neighbours(library, shelf):
    add(shelf, library)
    (shelf / "sea.pdf").unlink()
    added = add(shelf / "bread.pdf", library)
    assert (added.unchanged, added.removed) == (["shelf/bread.pdf"], [])
    assert "shelf/sea.pdf" in library.files()


def test_a_folder_that_moved_is_known_and_another_of_its_name_is_refused(library, shelf, tmp_path, embedder):
    add(shelf, library)
    batches = len(embedder.model.batches)
    (tmp_path / "attic").mkdir()
    moved = shelf.rename(tmp_path / "attic" / "shelf")
    assert len(add(moved, library).unchanged) == 3
    assert len(embedder.model.batches) == batches
    view = near("Why does bread rise?", again(library))
    assert view.path_of("shelf/deep/iron.pdf") == moved / "deep" / "iron.pdf"
    write_book(shelf / "bread.pdf", "Another bread.")
    with pytest.raises(BadParameter, match="has a folder shelf already"):
        add(shelf, library)


def test_no_such_folder_and_an_empty_one_are_named(library, tmp_path):
    with pytest.raises(PDFNotFound):
        add(tmp_path / "nowhere", library)
    (tmp_path / "empty").mkdir()
    with pytest.raises(PDFNotFound, match="No PDF in the folder"):
        add(tmp_path / "empty", library)


# What goes wrong


def test_a_bad_pdf_is_named_and_skipped_and_the_rest_lands(library, shelf, locked, caplog):
    (shelf / "page.pdf").write_text("<html>not found</html>")
    (shelf / "empty.pdf").write_bytes(b"")
    shutil.copy(locked, shelf / "locked.pdf")
    added = add(shelf, library)
    assert sorted(added.left_out) == ["shelf/empty.pdf", "shelf/locked.pdf", "shelf/page.pdf"]
    assert added.left_out["shelf/page.pdf"].startswith("NotAPDF: ")
    assert added.left_out["shelf/locked.pdf"].startswith("EncryptedPDF: ")
    assert len(added.new) == 3
    assert len(library.files()) == 3
    write_book(shelf / "page.pdf", "Found at last.")
    assert add(shelf, again(library)).new == ["shelf/page.pdf"]


def test_a_file_that_became_bad_keeps_its_rows_until_it_is_mended(library, shelf):
    add(shelf, library)
    before = texts_of(library)
    (shelf / "sea.pdf").write_bytes(b"%PDF-1.4 and no more")
    added = add(shelf, library)
    assert (added.changed, list(added.left_out)) == ([], ["shelf/sea.pdf"])
    assert texts_of(library) == before


def test_a_file_that_changes_while_it_is_read_is_not_taken(library, shelf, monkeypatch):
    real = adding.hash_sources
    monkeypatch.setattr(adding, "hash_sources", lambda files: dict.fromkeys(real(files), "0" * 64))
    assert all("changed while it was read" in reason for reason in add(shelf, library).left_out.values())
    assert len(library) == 0


@pytest.mark.parametrize(
    ("step", "call"),
    [
        ("embed_file", 0),
        ("embed_file", 2),
        ("_commit_together", 0),
        ("_commit_together", 2),
        ("build_indices", 0),
    ],
)
def test_stopped_anywhere_it_goes_on(library, shelf, tmp_path, step, call):
    whole = open_library(tmp_path / "whole", library.embedder)
    add(shelf, whole)
    real, calls = getattr(adding, step), []

    def stop(*arguments):
        calls.append(1)
        if len(calls) > call:
            raise KeyboardInterrupt
        return real(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adding, step, stop)
        patch.setattr(adding, "SECONDS", 0)
        with pytest.raises(KeyboardInterrupt):
            add(shelf, library)
    held = texts_of(library)
    assert held == [row for row in texts_of(whole) if row[0] in {source for source, _ in held}], "whole files"
    assert len(add(shelf, again(library)).unchanged) == len({source for source, _ in held})
    assert texts_of(library) == texts_of(whole)
    assert cells.is_indexed(again(library).table)


KILLED = """
    import os, signal, sys
    sys.path.insert(0, {tests!r})
    from conftest import functions_without_models, make_embedder, make_tokenizer
    from ragkit import models
    from ragkit.library import add, adding, open_library

    tokenizer = make_tokenizer()
    for name, function in functions_without_models(tokenizer).items():
        setattr(models, name, function)
    adding.SECONDS, real, calls = 0, adding.embed_file, []

    def embed_file(*arguments):
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)

    adding.embed_file = embed_file
    add({shelf!r}, open_library({place!r}, make_embedder(tokenizer)))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows kills otherwise")
def test_killed_in_the_third_file_two_are_whole_and_the_next_run_adds_one(library, shelf):
    script = KILLED.format(tests=str(Path(__file__).parent), place=library.place, shelf=str(shelf))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(near(QUESTIONS[0], again(library))) > 0, "what is there can be asked"
    added = add(shelf, again(library))
    assert (added.new, len(added.unchanged)) == (["shelf/sea.pdf"], 2)
    assert len(texts_of(library)) == len(set(texts_of(library))) == len(again(library))


def test_what_another_process_added_meanwhile_is_not_added_again(library, shelf):
    assert len(library) == 0  # looked at before
    write_book(shelf / "a.pdf", "First of all.")
    add(shelf, library)
    write_book(shelf / "z.pdf", "Last of all.")
    add(shelf, again(library))
    added = add(shelf, library)
    assert (added.new, len(added.unchanged)) == ([], 5)
    assert len(texts_of(library)) == len(set(texts_of(library)))
    write_book(shelf / "zz.pdf", "Zebras have stripes.")
    add(shelf, again(library))
    assert "Zebras have stripes." in set(near("Which animals have stripes?", library).chunks["text"])


@pytest.fixture
def closed(monkeypatch):
    """Close a path, as far as this process can tell (root may read everything)."""
    paths, real_scan, real_open = [], os.scandir, open

    def refuse(function):
        def call(path, *arguments, **options):
            if str(path) in paths:
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *arguments, **options)

        return call

    monkeypatch.setattr(os, "scandir", refuse(real_scan))
    monkeypatch.setattr("builtins.open", refuse(real_open))
    monkeypatch.setattr("io.open", refuse(real_open))
    return paths


def test_a_folder_that_cannot_be_looked_at_removes_nothing(library, shelf, closed):
    add(shelf, library)
    before = texts_of(library)
    closed.append(str(shelf / "deep"))
    with pytest.raises(PDFNotFound, match="deep cannot be looked at: Permission denied"):
        add(shelf, library)
    assert texts_of(library) == before


def test_a_file_that_cannot_be_opened_is_left_out_and_keeps_its_rows(library, shelf, closed):
    add(shelf, library)
    before = texts_of(library)
    closed.append(str(shelf / "sea.pdf"))
    write_book(shelf / "new.pdf", "News of the day.")
    added = add(shelf, library)
    assert (added.new, list(added.left_out), added.removed) == (["shelf/new.pdf"], ["shelf/sea.pdf"], [])
    assert "Permission denied" in added.left_out["shelf/sea.pdf"]
    assert set(before) < set(texts_of(library))


def test_another_model_and_another_chunk_size_are_refused(library, shelf, tokenizer, embedder):
    add(shelf, library)
    with pytest.raises(StaleIndex, match="made with name fake, not other\\. One table"):
        again(library, make_embedder(tokenizer, name="other", checksum="1" * 64))
    with pytest.raises(StaleIndex, match="max_tokens 64, not 32"):
        open_library(library.place, embedder, max_tokens=32)


def test_without_its_extra_it_says_what_to_install(library, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(RagkitError, match=r'pip install "ragkit\[library\]"'):
        open_library(library.place, library.embedder)


# Asking it


def test_near_a_question_a_library_finds_what_an_index_of_all_finds(library, shelf, embedder, tmp_path):
    add(shelf, library)
    index = open_index(shelf, embedder, root=tmp_path / "artifacts")
    for question in QUESTIONS:
        view = near(question, library)
        ours, theirs = view.search(question, top_k=N), index.search(question, top_k=N)
        assert ours["text"].tolist() == theirs["text"].tolist()
        np.testing.assert_allclose(ours["score"], theirs["score"], atol=1e-5)
        found, expected = quoted(find(question, view)), quoted(find(question, index))
        assert found.key_sentences["text"].tolist() == expected.key_sentences["text"].tolist()
        assert (found.doubt, found.refusal) == (expected.doubt, expected.refusal)
    assert "ashwagandha" in found.doubt + found.refusal


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        (["Las llaves se entregan en marzo.", "El perro de la casa."], "¿Cuándo es la entrega de la llave?"),
        (["Die Nummer der Karte ist geheim.", "Der Hund ist im Haus."], "Wie ist die Kartennummer des Hauses?"),
    ],
    ids=["Spanish", "German"],
)  # fmt: skip
def test_in_another_language_a_library_looks_for_the_same_stems_as_an_index(
    library, shelf, embedder, tmp_path, texts, question
):
    for n, text in enumerate(texts):
        write_book(shelf / f"other{n}.pdf", text)
    add(shelf, library)
    index = open_index(shelf, embedder, root=tmp_path / "artifacts")
    ours, theirs = (each.search(question, 3, method="bm25") for each in (near(question, library), index))
    assert ours["score"][0] > 0.3
    assert ours["text"].tolist() == theirs["text"].tolist()
    np.testing.assert_allclose(ours["score"], theirs["score"], atol=1e-5)


def test_a_compound_is_found_whole_though_another_file_has_its_parts(library, tmp_path):
    (tmp_path / "shelf").mkdir()
    write_book(tmp_path / "shelf" / "a.pdf", "Der Hauswirt ist im Flur und schreibt einen Brief.")
    write_book(
        tmp_path / "shelf" / "b.pdf",
        "Das Haus ist alt. Der Wirt der Stadt ist neu und wird gelobt.",
    )
    add(tmp_path / "shelf", library)
    part = near("Wo ist der Hauswirt?", library)
    scores = dict(zip(part.chunks["source"], part.keywords.scores("Hauswirt"), strict=True))
    assert scores["shelf/a.pdf"] > 0


def test_of_a_large_library_only_the_candidates_are_fetched_with_its_word_counts(
    library, shelf, monkeypatch, embedder, tmp_path
):
    add(shelf, library)
    index = open_index(shelf, embedder, root=tmp_path / "artifacts")
    monkeypatch.setattr(finding, "CANDIDATES", 1)
    view = near(WORDS, library)
    assert len(view) <= 2
    best = index.search(WORDS, method="bm25").iloc[0]
    ours = view.search(WORDS, method="bm25").iloc[0]
    assert (ours["text"], round(ours["score"], 5)) == (best["text"], round(best["score"], 5))
    assert view.keywords.counts["salt"] == index.keywords.counts["salt"] == 2
    assert [view.keywords.count_of_forms(word, "english") for word in ("zebra", "breads")] == [0, 1]
    assert "bread" not in " ".join(view.chunks["text"]) or len(view) == 2


def test_a_question_changes_nothing_on_the_disk(library, shelf, monkeypatch):
    add(shelf, library)
    write_book(shelf / "zz.pdf", "Zebras have stripes.")
    with monkeypatch.context() as patch:
        patch.setattr(adding, "build_indices", lambda table: None)  # as if killed, or not done yet
        add(shelf, library)
    version = library.table.version
    view = near("Which animals have stripes?", again(library))
    assert view.search("zebras", method="bm25")["text"][0] == "Zebras have stripes."
    assert view.keywords.counts["zebras"] == 1
    library.refresh()
    assert library.table.version == version


def test_a_library_that_is_being_filled_for_the_first_time_cannot_be_asked_yet(library, shelf, monkeypatch):
    monkeypatch.setattr(adding, "build_indices", lambda table: None)
    add(shelf, library)
    with library.locked(), pytest.raises(WorkspaceError, match="is being filled"):
        near(QUESTIONS[0], again(library))
    assert near(QUESTIONS[0], again(library)).search(QUESTIONS[0])["source"][0] == "shelf/bread.pdf"


def test_passages_that_are_not_neighbours_are_not_joined(library, shelf, monkeypatch):
    pages = [f"Page {number} of many says something about {topic}." for number, topic in
             enumerate(["bread", "salt", "iron", "wine", "bread"])]  # fmt: skip
    for path in shelf.rglob("*.pdf"):
        path.unlink()
    write_book(shelf / "long.pdf", *[page * 8 for page in pages])
    add(shelf, library)
    monkeypatch.setattr(finding, "CANDIDATES", 2)
    chunks = near("What is said about bread?", library).chunks
    true = dict(zip(rows_of(library)["text"].to_pylist(), rows_of(library)["chunk"].to_pylist(), strict=True))
    numbers = [true[text] for text in chunks["text"]]
    neighbours = [after - before == 1 for before, after in itertools.pairwise(numbers)]
    assert not all(neighbours)
    assert (chunks["chunk"].diff()[1:] == 1).tolist() == neighbours


def test_an_answer_goes_the_way_of_ask(library, shelf, llm):
    add(shelf, library)
    ours = finding.ask(QUESTIONS[0], library, llm, max_new_tokens=4)
    theirs = ask(QUESTIONS[0], near(QUESTIONS[0], library), llm, max_new_tokens=4)
    assert (ours.text, ours.hits["text"].tolist()) == (theirs.text, theirs.hits["text"].tolist())
    assert ours.key_sentences["source"][0] == "shelf/bread.pdf"
    assert ours.key_sentences["label"][0] == "1"


@pytest.mark.parametrize("name", ["shelf/sea.pdf", "sea.pdf", Path("shelf") / "sea.pdf", ["sea.pdf"]])
def test_filter_by_file(library, shelf, name):
    add(shelf, library)
    assert set(near("salt", library, source=name).chunks["source"]) == {"shelf/sea.pdf"}


def test_filter_by_page_and_by_what_is_not_there(library, shelf):
    add(shelf, library)
    second = near("salt and bread", library, pages=(1, 1)).chunks
    assert set(second["source"]) == {"shelf/bread.pdf", "shelf/sea.pdf"}
    assert ((second["page"] <= 1) & (second["last_page"] >= 1)).all()
    for wrong in ({"source": "ea.pdf"}, {"source": "o'hara.pdf"}, {"pages": (7, 9)}):
        with pytest.raises(BadParameter, match="No chunk of the library"):
            near("salt", library, **wrong)


def test_nothing_to_ask(library, shelf):
    with pytest.raises(BadParameter, match="is empty"):
        near("salt", library)
    add(shelf, library)
    with pytest.raises(EmptyQuestion):
        near(" ", library)
    assert len(near("which of them is it", library)) > 0, "function words only: by the vector"


# The indices


def test_cells_are_made_from_a_size_on_and_recall_is_measured(library, shelf, monkeypatch):
    add(shelf, library)
    assert cells.cells_of(library.table) == 0
    assert cells.recall(library.table, k=2) == 1
    monkeypatch.setattr(cells, "EXACT_UP_TO", 200)
    library.replace(synthetic(rows_of(library), 400))
    assert not cells.is_indexed(library.table)
    cells.build_indices(library.table)
    assert cells.cells_of(library.table) == 2 ** round(np.log2(400) / 2) == 16
    shares = [cells.recall(library.table, probes=probes) for probes in (1, 4, 16)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1] == 1
    library.replace(synthetic(rows_of(library).slice(0, 5), 2000))
    cells.build_indices(library.table)
    assert [index.name for index in library.table.list_indices() if "cells" in index.name] == ["cells-64"]
    assert cells.is_indexed(library.table)


def test_rows_that_are_not_in_the_indices_yet_are_found(library, shelf, monkeypatch):
    add(shelf, library)
    write_book(shelf / "new.pdf", "Zebras graze in Kenya.")
    monkeypatch.setattr(adding, "build_indices", lambda table: None)
    add(shelf, library)
    assert near("Where do zebras graze?", library).search("zebras", top_k=1)["source"][0] == "shelf/new.pdf"


def synthetic(rows, n):
    """Rows of another file, with vectors of chance."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((n, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    frame = (
        pd.concat([rows.to_pandas()] * (n // len(rows) + 1)).head(n).assign(source=f"{n}.pdf", chunk=range(n))
    )
    kept = rows.schema.names[: rows.schema.get_field_index("vector")]
    import pyarrow as pa

    spans = np.column_stack([np.arange(n), np.zeros(n), np.ones(n)]).astype(np.int32)
    table = pa.Table.from_pandas(frame[kept], schema=pa.schema([rows.schema.field(name) for name in kept]))
    return with_vectors(table, vectors_of(rows)._replace(
        embeddings=vectors, sentences=vectors.astype(np.float16), spans=spans))  # fmt: skip


def test_vectors_come_back_as_they_went_in(library, shelf):
    add(shelf, library)
    rows = rows_of(library)
    kept = rows.select(rows.schema.names[: rows.schema.get_field_index("vector")])
    there = with_vectors(kept, vectors_of(rows))
    assert there.equals(rows.replace_schema_metadata(None))
    part = vectors_of(rows.slice(1, 2))
    assert part.spans[:, 0].max() == 1
    assert len(part.sentences) == len(part.spans)


# The command


def test_the_command_adds_and_asks(tmp_path, shelf, embedder, llm, monkeypatch, capsys):
    from ragkit.commands import main

    monkeypatch.setattr(table, "load_embedder", lambda name=None: embedder)
    monkeypatch.setattr(generate, "_loaded_llm", lambda *_: llm)
    monkeypatch.setenv("RAGKIT_LIBRARY", str(tmp_path / "by-variable"))
    assert main(["library", "add", str(shelf)]) == 0
    said = capsys.readouterr().out
    assert "3 new, 0 changed" in said
    assert "3 files, " in said
    assert "every vector is compared" in said
    assert main(["library", "ask", QUESTIONS[0]]) == 0
    assert "Bread rises because yeast makes gas. (shelf/bread.pdf, p. 1)" in capsys.readouterr().out
    assert main(["library", "ask", "salt meat", "--file", "sea.pdf", "--pages", "2-2"]) == 0
    assert "bread" not in capsys.readouterr().out
    for pages in ("x", "1,2", "3-1", "0"):
        assert main(["library", "ask", "salt meat", "--pages", pages]) == 1
        assert f"--pages {pages}: give two pages, as in 3-7" in capsys.readouterr().err
    assert main(["library", "add", str(tmp_path / "nowhere")]) == 1


def test_the_command_prints_recall_where_there_are_cells(tmp_path, shelf, embedder, monkeypatch, capsys):
    from ragkit.commands import main

    monkeypatch.setattr(table, "load_embedder", lambda name=None: embedder)
    monkeypatch.setattr(cells, "EXACT_UP_TO", 5)
    monkeypatch.setattr(cells, "cells_for", lambda n: 2)
    assert main(["library", "add", str(shelf), "--at", str(tmp_path / "at")]) == 0
    assert "20 of 2 cells; recall@10 against exact search" in capsys.readouterr().out


def test_a_job_carries_its_rows_as_bytes(shelf, library):
    from ragkit.library.rows import embed_file, read_file

    job = {"source": "s/bread.pdf", "folder": "s", "path": str(shelf / "bread.pdf"), "sha256": ""}
    job["sha256"] = adding.hash_sources({"a": shelf / "bread.pdf"})["a"]
    made = embed_file(read_file(job, library.reading), library.embedder)
    assert made["error"] == ""
    assert unpacked(made["rows"])["source"].unique().to_pylist() == ["s/bread.pdf"]
