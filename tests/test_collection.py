"""Fifty PDFs as one corpus, with made models: which file a hit is from, and what a change of the files costs."""

import io

import pymupdf
import pytest
from PIL import Image

from ragkit import show
from ragkit.index import open_index

N_FILES = 50


def write_pdf(path, number, text):
    """Two pages, `200 + number` points wide, so that a picture of a page tells its file."""
    document = pymupdf.open()
    document.new_page(width=200 + number, height=100).insert_text((20, 40), f"Foreword {number}.", fontsize=8)
    document.new_page(width=200 + number, height=100).insert_text((20, 40), text, fontsize=8)
    path.parent.mkdir(exist_ok=True)
    document.save(path)


def width_of(picture):
    return Image.open(io.BytesIO(picture.image)).width


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "papers"
    for number in range(N_FILES):
        write_pdf(folder / f"paper {number}.pdf", number, f"Substance{number} cures ailment{number} in days.")
    return folder


@pytest.fixture
def load(folder, tmp_path, fake_models, embedder):
    """The index of what is in the folder now, and how many texts were embedded for it."""

    def load():
        embedder.model.batches.clear()
        index = open_index(folder, embedder, root=tmp_path / "artifacts")
        return index, sum(embedder.model.batches)

    return load


def test_hits_name_their_file_and_its_page_is_drawn(load):
    index, _ = load()
    assert index.chunks["source"].nunique() == N_FILES
    assert list(dict.fromkeys(index.chunks["source"]))[:11:5] == [
        "paper 0.pdf",
        "paper 5.pdf",
        "paper 10.pdf",
    ]
    for number in (1, 7, 49):
        best = index.search(f"Substance{number}, ailment{number}?", top_k=3).iloc[0]
        assert (best["source"], best["last_page"]) == (f"paper {number}.pdf", 1)
        drawn = show.hit_page(index, best, zoom=1.0)
        assert f"of paper {number}.pdf" in drawn.text
        assert width_of(drawn) == 200 + number


def test_a_search_in_two_of_fifty_files(load):
    wanted = ["paper 3.pdf", "paper 30.pdf"]
    hits = load()[0].search("What cures ailment7?", top_k=10, source=wanted)
    assert set(hits["source"]) == set(wanted)


def test_adding_changing_and_removing_a_file_costs_only_its_own_chunks(load, folder, capsys):
    index, n_embedded = load()
    assert n_embedded == len(index)

    write_pdf(folder / "one more.pdf", 50, "Substance50 is new here.")
    more, n_embedded = load()
    assert set(more.chunks["source"]) - set(index.chunks["source"]) == {"one more.pdf"}
    assert n_embedded == len(more) - len(index)
    assert "(new since last time: one more.pdf)" in capsys.readouterr().err

    write_pdf(folder / "paper 8.pdf", 8, "Substance8 was withdrawn.")
    changed, n_embedded = load()
    assert n_embedded == 1
    assert changed.chunks["text"].str.contains("withdrawn").sum() == 1
    assert "(changed since last time: paper 8.pdf)" in capsys.readouterr().err

    (folder / "paper 9.pdf").unlink()
    fewer, n_embedded = load()
    assert n_embedded == 0
    assert "paper 9.pdf" not in set(fewer.chunks["source"])
    assert "(gone since last time: paper 9.pdf)" in capsys.readouterr().err


def test_two_files_of_one_name_are_told_apart_in_hits_and_pictures(load, folder):
    write_pdf(folder / "old" / "paper 7.pdf", 90, "Substance7 was thought to cure nothing.")
    index, _ = load()
    both = ["old/paper 7.pdf", "papers/paper 7.pdf"]
    hits = index.search("Substance7", source=both)
    assert sorted(hits["source"]) == both
    widths = {hit["source"]: width_of(show.hit_page(index, hit, zoom=1.0)) for _, hit in hits.iterrows()}
    assert [widths[source] for source in both] == [290, 207]
