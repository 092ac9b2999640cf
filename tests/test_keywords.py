"""Words of a text, and BM25 against a hand calculation."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ragkit.pdf import read_pdf
from ragkit.words.keywords import Keywords, shares, words_of
from ragkit.words.languages import is_foreign, language_of, stem, stop_words

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
    assert words_of("The B12 of Émile's 3.5 mg_a, WHY?") == ["b12", "émile", "s", "3.5", "mg"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("88-4425-B", ["884425b"]), ("HX-40", ["hx40"]), ("HX40", ["hx40"]), ("IP44", ["ip44"]), ("§9.4", ["9.4"]),
        ("IP 44", ["ip44", "ip", "44"]), ("B-12", ["b12"]), ("CO₂", ["co2"]), ("5HT2A", ["5ht2a"]), ("3M", ["3m"]),
        ("1,480", ["1480"]), ("1.234.567", ["1234567"]), ("21,90", ["21.90"]), ("400mg", ["400", "mg"]),
        ("18th", ["18", "th"]), ("FY2021", ["fy", "2021"]), ("omega-3", ["omega", "3"]), ("97-98", ["97", "98"]),
        ("COVID-19", ["covid", "19"]), ("well-known", ["well", "known"]), ("IP 44.5", ["ip", "44.5"]),
    ],
)  # fmt: skip
def test_a_code_is_one_word_and_a_number_has_one_form(written, words):
    assert words_of(f"Zebra {written}, zebra") == ["zebra", *words, "zebra"]


def test_function_words_are_those_of_the_texts_language():
    assert words_of("Darf man im Hof den Hund anleinen?") == ["hof", "hund", "anleinen"]
    assert words_of("Can a man die in the hat?") == [
        "man",
        "die",
        "hat",
    ]  # all three are German function words
    assert language_of("Où se trouve la gare de la ville ?") == "french"
    assert [language_of(text) for text in ("", "88-4425-B", "zebra", "Was it in?")] == ["english"] * 4
    assert {"english", "german", "french", "spanish", "italian"} <= stop_words().keys()


def test_a_share_counts_the_forms_of_a_word_by_its_weight():
    weights = {"cures": 3.0, "scurvy": 1.0}
    assert shares(["Lemons cured it.", "Of scurvy.", "A cure of scurvy", ""], weights).tolist() == [
        0.75,
        0.25,
        1,
        0,
    ]
    assert shares(["cure"], {}).tolist() == [0]
    assert shares(["Die Hunde"], {"hund": 1.0}, lambda word: [stem(word, "german")]).tolist() == [1]
    assert shares(["protein"], {"proton": 1.0}).tolist() == [0]


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


def test_a_stem_holds_the_forms_of_a_word_together_and_other_words_apart():
    assert len({stem(word) for word in ("cures", "cured", "cure")}) == 1
    assert len({stem(word) for word in ("runs", "running", "run")}) == 1
    assert len({stem(word) for word in ("protein", "proton", "protect")}) == 3


def test_forms_are_counted_in_texts(keywords):
    counts = Keywords(["He cures.", "They cured.", "The cure, the cures.", "Curry."])
    assert [counts.count_of_forms(word, "english") for word in ("curing", "curry", "zebra")] == [4, 1, 0]
    assert (
        Keywords(["a cure cures"] * 2).count_of_forms("cured", "english") == 2
    )  # no more than there are texts


def test_jax_is_not_touched_and_can_be_imported_after(tmp_path):
    (tmp_path / "jax.py").write_text("loaded = True\n", encoding="utf-8")
    code = (
        "import sys; from ragkit.words.keywords import Keywords; Keywords(['iron']).scores('iron'); "
        "assert 'jax' not in sys.modules; import jax; Keywords(['iron']); assert sys.modules['jax'] is jax"
    )
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths}, check=True)


# Other languages than English


MENU = [
    "Kreditkarten nehmen wir nicht.",
    "Die Karte ist neu.",
    "Der Hauswein ist rot.",
    "Ein Kredit, zwei Zimmer.",
]


@pytest.mark.parametrize(
    ("question", "row"),
    [("Kann ich mit Kreditkarte zahlen?", 0), ("neue Karten", 1), ("Haben Sie Wein?", 2), ("ein Zimmer", 3)],
)
def test_in_german_a_word_is_found_by_its_stem_and_in_compounds(question, row):
    assert Keywords(MENU, ["german"] * 4).scores(question).argmax() == row
    assert Keywords(MENU).scores("Kreditkarte Wein").max() == 0  # English is looked for as it is written


def test_a_compound_has_the_forms_of_its_parts():
    keywords = Keywords(MENU, ["german"] * 4)
    assert keywords.forms("Kreditkarte", "german") == ("kredit", "kart")
    assert keywords.forms("Kartoffel", "german") == ("kartoffel",)
    assert keywords.forms("Kreditkarte", "english") == (stem("Kreditkarte"),)
    assert [keywords.count_of_forms(word, "german") for word in ("kredite", "wein", "bier")] == [2, 1, 0]
    assert shares(MENU, {"kreditkarte": 1.0}, lambda word: keywords.forms(word, "german")).tolist() == [
        1,
        0.5,
        0,
        0.5,
    ]


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("räumt", ("raum",)),  # the texts have the infinitive
        ("gezahlt", ("zahl",)),
        ("kündige", ("gekundigt",)),  # or the participle
        ("Winter", ("winterdien",)),  # a compound begins with it, and its stem is short
        ("Nebenkostenabrechnung", ("nebenkost", "abrechn")),  # of which one part is there
        ("Kontonummer", ("konto", "numm")),
        ("Elektroauto", ("elektroauto",)),
    ],
)
def test_a_word_that_no_text_has_is_looked_for_by_what_it_shares_with_theirs(word, forms):
    texts = [
        "Den Winterdienst räumen sie.",
        "Sie zahlen.",
        "Es ist gekündigt.",
        "Die Abrechnung kommt auf das Konto.",
    ]
    found = Keywords(texts, ["german"] * 4).forms(word, "german")
    assert (found[0][:9], *found[1:]) == (forms[0][:9], *forms[1:])


def test_a_compound_may_be_missing_by_half():
    keywords = Keywords(["Das Konto ist neu.", "Es ist da."], ["german"] * 2)
    assert [keywords.missing(word, "german") for word in ("konten", "konto", "kontonummer", "hund")] == [
        1,
        0,
        0.5,
        1,
    ]
    assert [Keywords(["An account."]).missing(word, "english") for word in ("accounts", "hound")] == [0, 1]


def test_in_romance_languages_no_word_is_taken_apart():
    keywords = Keywords(["El cambio está en la red.", "Un int es un número."], ["spanish"] * 2)
    assert keywords.forms("intercambio", "spanish") == ("intercambi",)


@pytest.mark.parametrize(
    ("language", "texts", "question"),
    [
        ("french", ["Les cartes de crédit sont refusées.", "Le chien est là."], "Peut-on payer par carte ?"),
        ("spanish", ["Las tarjetas no se aceptan.", "El perro duerme."], "¿Puedo pagar con tarjeta?"),
        (
            "italian",
            ["Le carte non sono accettate.", "Il cane dorme nella casa di sua madre."],
            "Posso pagare con la carta?",
        ),
    ],
)
def test_words_of_other_languages_are_found_in_another_form(language, texts, question):
    assert [language_of(text) for text in texts] == [language] * 2
    assert Keywords(texts, [language] * 2).scores(question).argmax() == 0
    assert Keywords(texts, [language] * 2).scores(question).max() > 0
    assert Keywords(texts).scores(question)[0] == 0


def test_each_text_is_scored_in_its_documents_language():
    keywords = Keywords([*MENU, "The wine list is new.", "Wines."], ["german"] * 4 + ["english"] * 2)
    assert keywords.scores("Weine").argmax() == 2
    assert keywords.scores("wine").argmax() == 4
    assert keywords.scores("wine")[5] == 0


def in_pieces(share):
    """A tokenizer that has this share of all words whole."""
    return lambda words, **_: {
        "input_ids": [[1] if i < share * len(words) else [1, 2] for i in range(len(words))]
    }


def test_a_language_is_foreign_if_its_common_words_are_in_pieces():
    assert is_foreign("german", in_pieces(0.4))
    assert not is_foreign("german", in_pieces(0.6))


@pytest.mark.parametrize(
    ("code", "language", "least"), [("en", "english", 38), ("de", "german", 37), ("fr", "french", 39)]
)
def test_parallel_questions_find_their_page_in_each_language(shared, code, language, least):
    """By words alone, page by page, 40 questions; without stems and compounds 35 in German, 38 in French."""
    texts = read_pdf(shared.parent / "public" / "guides" / f"install.{code}.pdf")["text"].tolist()
    keywords, found = Keywords(texts, [language] * len(texts)), 0
    for line in (Path(__file__).parent / "guide_questions.jsonl").read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)[code]
        found += bool(set(np.argsort(-keywords.scores(asked["question"]))[:5].tolist()) & set(asked["pages"]))
    assert found >= least


# Ways to reach somebody


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ("priya@mailbox.example", "What is her e-mail?"), ("a.b-c@x.example.org", "E-Mail-Adresse"),
        ("+44 7700 900 318", "phone number"), ("(0421) 55 66-770", "Telefonnummer?"),
        ("05 61 00 14 52", "numéro de téléphone"), ("Tel: 555-0123", "the telephone"),
        ("+1 (555) 012-3456", "tel"), ("see www.x.example/a", "their homepage"), ("https://x.example", "website"),
    ],
)  # fmt: skip
def test_a_way_to_reach_somebody_is_found_by_its_name(shown, asked):
    assert set(words_of(shown)) & set(words_of(asked)) & {"email", "telephone", "website"}


@pytest.mark.parametrize(
    "text",
    [
        "IBAN DE02 1203 0000 0000 2020 51", "account 01234567", "on 01.02.2021 at 12:30", "2024-01-02 03:04:05",
        "Case No. 2021-0017-001", "ISBN 978-0-306-40615-7", "0.25 0.50 0.75 0.125", "0 10 20 30 40 50 60 70",
        "1A 198 442 7703 5", "at 12 @ 4 euros", "www. and http", "1,480,000,000", "from 01/02/2021 - 03/04/2021",
    ],
)  # fmt: skip
def test_other_numbers_are_no_way_to_reach_somebody(text):
    assert not set(words_of(text)) & {"email", "telephone", "website"}
