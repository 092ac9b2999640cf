"""The drawings in the notebooks: they stand alone, look alike, and say what the code does."""

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from ragkit import models
from ragkit.chunk import _pack
from ragkit.grounding.alignment import Side
from ragkit.grounding.evidence import examine
from ragkit.prompt import render_prompt
from ragkit.search import DENSE_WEIGHT, SENTENCE_WEIGHT, WORD_WEIGHT, top_k
from ragkit.words.company import read_words

IMAGES = Path(__file__).parents[1] / "notebooks" / "images"
EVERY = sorted(path.stem for path in IMAGES.glob("*.svg"))
DRAWN = [name for name in EVERY if not name.startswith("pipeline-")]
SVG = "{http://www.w3.org/2000/svg}"
COLOURS = {
    "#f6f8fa", "#d0d7de", "#ffffff", "#24292f", "#424a53", "#57606a", "#8c959f",  # paper and ink
    "#0072b2", "#004d78", "#d6eaf8",  # what to look at
}  # fmt: skip


def read(name):
    return ElementTree.parse(IMAGES / f"{name}.svg").getroot()


def texts(name):
    return ["".join(text.itertext()) for text in read(name).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_names_and_describes_itself(name):
    root = read(name)
    said = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("role") == "img"
    assert all(len(said[id].split()) > 3 for id in root.get("aria-labelledby").split())


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_stands_alone(name):
    text = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert re.findall(r"\w+://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"href|url\(|<script|<style|<image|foreignObject|<!DOCTYPE|\bon\w+=", text)


@pytest.mark.parametrize("name", EVERY)
def test_all_drawings_have_the_same_look(name):
    root = read(name)
    width, height = root.get("width"), root.get("height")
    assert root.get("viewBox") == f"0 0 {width} {height}"
    card = root.find(f"{SVG}rect")  # of its own, so that it reads on white and on black
    assert float(card.get("width")) == float(width) - 1
    assert float(card.get("height")) == float(height) - 1
    used = {element.get(kind) for element in root.iter() for kind in ("fill", "stroke")}
    assert used - {None, "none"} <= COLOURS


@pytest.mark.parametrize("name", DRAWN)
def test_letters_are_large_enough_and_inside(name):
    root = read(name)
    width, height = float(root.get("width")), float(root.get("height"))
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        assert size * 700 / width >= 16  # 8.7 pixels where the drawing is 380 wide
        assert all(0 < float(x) < width for x in text.get("x").split())
        assert size < float(text.get("y")) < height - size / 2


def test_the_packing_is_that_of_the_packer():
    counts = [120, 90, 200, 60, 150]
    sums = [sum(counts[a:b]) for overlap in (0, 1) for a, b in _pack(counts, 300, overlap)]
    shown = [int(text) for text in texts("packing") if text.isdigit() and len(text) > 1]
    assert shown == counts + sums


def test_the_k_best_are_those_of_top_k():
    shown = texts("top-k")
    scores = [float(text) for text in shown if re.fullmatch(r"0\.\d", text)]
    best = top_k(np.array(scores, dtype=np.float32), k=3)[1].tolist()
    ranked = [text.split(" ")[-1] for text in shown if re.match(r"\d\. ", text)]
    assert ranked == [str(i) for i in best]


def test_the_sum_has_the_weights_of_the_search():
    weights = [DENSE_WEIGHT, SENTENCE_WEIGHT, WORD_WEIGHT]
    shown = texts("fusion")
    assert [text for text in shown if text.startswith("× ")] == [f"× {weight}" for weight in weights]
    rows = [text.split() for text in shown if re.fullmatch(r"[A-D] +[\d.]+", text)]
    parts, total = [dict(rows[i : i + 4]) for i in (0, 4, 8)], rows[12:]
    for passage, score in total:
        assert f"{sum(w * float(part[passage]) for w, part in zip(weights, parts, strict=True)):.2f}" == score
    for ranking in (rows[:4], rows[4:8], rows[8:12], total):
        assert ranking == sorted(ranking, key=lambda row: -float(row[1]))
    assert [rows[i][0] for i in (0, 4, 8)] == ["B", "C", "D"]
    assert total[0][0] == "A"


def test_the_untraced_sentence_fails_for_the_reason_that_is_drawn():
    claim, sentence = "Protein gives 5 kcal a gram.", "Protein supplies 4 kcal a gram."
    sides = [
        Side(words, np.zeros(len(words), int), np.eye(len(words), 8, dtype=np.float32))
        for words in (read_words(claim), read_words(sentence))
    ]
    reason = examine(*sides, Counter(word.key for word in sides[1].words)).contradiction
    assert {claim, sentence, f"contradicted: {reason}"} <= set(texts("traced-answer"))


@pytest.mark.models
def test_the_ids_are_those_of_the_default_model():
    tokenizer = models.load_tokenizer("SmolLM2-135M-Instruct", "llm")
    ids = render_prompt([{"role": "user", "content": "Hi"}], tokenizer)["input_ids"]
    shown = [text for text in texts("chat-template") if re.fullmatch(r"\d+", text)]
    assert shown == [str(id) for id in ids[-len(shown) :]]
    assert f"{len(ids) - len(shown)} ids" in texts("chat-template")


def test_the_curve_of_bm25_is_that_of_its_first_idea():
    (blue,) = [path for path in read("bm25-saturation").iter(f"{SVG}path") if path.get("stroke") == "#0072b2"]
    points = [tuple(map(float, point.split())) for point in blue.get("d")[1:].split("L")]
    times, scores = np.array(points).T
    times, scores = (times - 70) / 42, (260 - scores) / 210
    assert np.allclose(scores, times / (times + 1.5), atol=0.002)


def test_a_sort_puts_nan_where_the_drawing_has_it():
    shown = [float(text) for text in texts("nan-sort") if text[0] in "0N"]
    given, upwards, reversed_ = np.reshape(shown, (3, 4))
    assert np.array_equal(np.sort(given), upwards, equal_nan=True)
    assert np.array_equal(np.sort(given)[::-1], reversed_, equal_nan=True)
