"""Words of a text, and BM25 against a hand calculation."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ragkit.words.keywords import Keywords, stem, words_of

TEXTS = ["Iron carries oxygen.", "Iron and iron and rust.", "Water cools."]


@pytest.fixture
def keywords():
    return Keywords(TEXTS)


def bm25_share(keywords, question, row):
    """Lucene's BM25 by hand, k1 = 1.5 and b = 0.75, over the sum of the words' rarities."""
    texts = [words_of(text) for text in TEXTS]
    mean = sum(map(len, texts)) / len(texts)
    score = most = 0.0
    for word in words_of(question):
        n = sum(word in text for text in texts)
        rarity = math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
        times = texts[row].count(word)
        score += rarity * times / (times + 1.5 * (1 - 0.75 + 0.75 * len(texts[row]) / mean))
        most += rarity
    return score / most


@pytest.mark.parametrize(
    "question", ["Does iron rust?", "iron", "Which zebra has iron and water?", "iron iron rust"]
)
def test_shares_against_a_hand_calculation(keywords, question):
    expected = [bm25_share(keywords, question, row) for row in range(3)]
    np.testing.assert_allclose(keywords.scores(question), expected, rtol=1e-5)
    assert keywords.scores(question).dtype == np.float32


def test_a_share_comes_near_1_for_a_text_full_of_all_the_words_and_never_over(keywords):
    full = Keywords(["iron rust " * 500, "water", "oxygen", "air"]).scores("iron rust")
    assert 1 > full[0] > 0.98
    assert full[1:].tolist() == [0, 0, 0]


def test_words_that_no_text_has_take_their_part_of_the_share_away(keywords):
    assert 0 < keywords.scores("iron zebra")[0] < keywords.scores("iron")[0] / 2


@pytest.mark.parametrize("question", ["zebra", "What is it?", "?"])
def test_no_known_word_gives_zeros(keywords, question):
    assert keywords.scores(question).tolist() == [0, 0, 0]


@pytest.mark.parametrize("texts", [[], [""], ["It is.", "…"]])
def test_texts_without_words(texts):
    assert Keywords(texts).scores("iron").tolist() == [0] * len(texts)


def test_a_text_without_words_among_others_is_no_match(keywords):
    assert Keywords(["", *TEXTS]).scores("water").tolist()[0] == 0
    assert Keywords(["", *TEXTS]).scores("water").argmax() == 3


def test_small_letters_numbers_and_no_function_words():
    assert words_of("The B12 of Émile's 3.5 mg_a, WHY?") == ["b12", "émile", "s", "3", "5", "mg"]


def test_chinese_and_japanese_letters_stand_one_by_one():
    assert words_of("柠檬治病 and カン") == ["柠", "檬", "治", "病", "カ", "ン"]
    scores = Keywords(["柠檬能治坏血病。", "水使身体凉爽。", "铁在血中。"]).scores("什么治坏血病？")
    assert scores.argmax() == 0
    assert scores[0] > 2 * scores[1:].max()


def test_the_rarer_the_word_the_more_it_tells(keywords):
    rarities = [keywords.rarity(word) for word in ("zebra", "water", "iron")]
    assert rarities == sorted(rarities, reverse=True)
    assert rarities[-1] > 0
    assert keywords.rarity("iron") == pytest.approx(math.log(1 + 1.5 / 2.5))


def test_a_stem_holds_the_forms_of_a_word_together_and_short_words_apart(keywords):
    assert len({stem(word) for word in ("cures", "cured", "cure")}) == 1
    assert stem("iron") != stem("ire")
    assert stem("carried") in keywords.stems


def test_jax_is_not_touched_and_can_be_imported_after(tmp_path):
    (tmp_path / "jax.py").write_text("loaded = True\n", encoding="utf-8")
    code = (
        "import sys; from ragkit.words.keywords import Keywords; Keywords(['iron']).scores('iron'); "
        "assert 'jax' not in sys.modules; import jax; Keywords(['iron']); assert sys.modules['jax'] is jax"
    )
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths}, check=True)
