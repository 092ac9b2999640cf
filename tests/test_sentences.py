"""Sentences: an example for each rule; nothing lost, nothing twice, nothing slow."""

import itertools
import random
import time

import pytest

from ragkit.words.sentences import count_sentences, sentence_spans, split_sentences

# A bar stands where one sentence ends and the next begins.
RULES = {
    "stop": "Rice is cheap. | Is it healthy? | It is! | So eat it.",
    "German ordinals": "Ab 1. März, im 2. Stock und am 3. Tag. | Sie sahen die 3. | Sie sind da. | I am 5. | Cats are.",
    "French numbers": "C'est un des 12. | Les autres sont là.",
    "several marks": "You ate it all?! | Well done!! | Rest now.... | Then go on.",
    "no space": "Mail cook@kitchen.example.org for 2.5 kg of rice.",
    "line break": "Rice and beans\n|Cheap, and good together",
    "small letter": "The dept. of health likes Eat Well! magazine.",
    "small and capital letter": "Cells read the copy. | mRNA is the copy.",
    "line of small letters": "rinse the rice. | boil it as in fig. 2 for an hour, e.g. in a pot. | serve it.",
    "one small letter": "let x be a. b is the rest.",
    "mark that begins nothing": "Here 3! = 6 and (so they say.) + 1 is 7.",
    "abbreviation behind a sign": "Die Artikel-Nr. 418 passt. | Lo dice l’ing. Moretti. | Dott.ssa Ferri, tel. 035.",
    "title in another language": "Segretario: rag. Villa. | La Sra. Ruiz firma. | The arch. | It stands.",
    "number of a clause": "E1. Delay of departure. | It left at noon.",
    "never last": "Ask Dr. Okoro, i.e. Prof. Okoro, vs. Mrs. Brown.",
    "before a number": "See Fig. 7, Sec. 3.1, Eq. (4), Figs. S2 and S3, No. 12, pp. 3–9 of Vol. IV and Tab. B.",
    "not before a number": "The cook said no. | Nobody asked for that tab. | Did she say no? | 12 did.",
    "perhaps last, before a name": "Beans by Lee & Co. Lisbon and by Cruz et al. (The Bean Book) sold well.",
    "perhaps last, before a beginning": "They buy from Lee & Co. | The beans are good.",
    "initials before a name": "Maria T. Cruz and J. R. Lee left the U.S. Navy.",
    "initials before a beginning": "They left the U.S. | They now live in the E.U. | We do not.",
    "surnames that begin sentences": "By K. He, L. So and M. Do and others.",
    "letters that are no initials": "Fish has vitamin D. | Milk has less, and has A, B and K. | Eggs have all.",
    "letters apart": "Fett, z. B. Butter, ist teuer, und das nennt man x. | O nein.",
    "abbreviation in brackets": "Two of them (by Lee & Co.) The third is lost.",
    "brackets": "Rice (It was cooked. It was cold.) came first, beans (see [3, Ch. 2. Beans.]) next.",
    "brackets in brackets": "Rice ((a grass). It grows (here)) is cheap.",
    "sentence in brackets": "It was late. | (The rice was cold.) | We left.",
    "bracket without a partner": "Take the first ( of many. | "
    + "Take the next. | " * 40
    + "That was the last ).",
    "bracket without a beginning": "a) Take ] the first. | Take the next.",
    "heading of a clause": "2. RENT. Tenant pays. | Late fees are due.\n|§ 4 Notice of Term. In writing. | It ends.",
    "heading in capitals": "RENT INCREASE. The rent rises in August. | It stays so.\n|Rice. | It is cheap.",
    "numbered, and no heading": "3. Stop the pump. | Close the valve.\n|4. One Two Three Four Five. | Six.",
    "citation": "They agree.[16] | They said so before [3]. | Who cares?[1, 4–6] | We do.",
    "footnote": "Rice is a grass.12 | Beans are “not.”3 | Peas neither.",
    "no footnote": "Page 4 of pp.12 Lists it.",
    "quotes": "“Stop here!” he said. | “Why?” | “You will see.” | She saw.",
    "left out": "They wrote “rice [...] Beans” and ... I do not know . . . Peas.",
    "left out at the end": "We waited... | The rice was cold. . . . | We left… | Nobody came .... | Why?",
    "contents": "Rice . . . . . . 12 Beans ...... 14 Peas… 16",
    "number of a section": "3.1. Methods\n|(a). Rice\n|IV. Results\n|• 7. Beans",
    "number of a table": "Table 4. Prices of rice",
    "year": "Published 2009. | Read in 2010.",
    "bullets": "Buy: | • rice | • beans | ◦ peas",
    "items": "1. Wash rice | 2. Boil rice | 3. Serve rice",
    "items with letters": "a) Wash it | b) Boil it | c) Serve it",
    "items with two marks": "1.) Wash it | 2.) Boil it",
    "items with other marks": "1. Wash it 2) or not | 2. Boil it b. or not",
    "numbers referred to": "1. Read Chapter 2. | Now boil rice in 2. | Then rest.",
    "Chinese": "米饭好吃。|真的吗？|是的！|他说（昨天说过。今天又说），很好。",
    "Chinese with a colon": "问题？：第一。|完。",
    "Japanese": "米を食べた。|「おいしい！」と言った。|豆は１．５キロ．|米は３キロ。",
    "Arabic": "هل الأرز جيد؟ | نعم. | حسنا.",
    "Hindi": "चावल अच्छा है। | हाँ।",
}


@pytest.mark.parametrize("marked", RULES.values(), ids=RULES)
def test_rules(marked):
    text = marked.replace(" | ", " ").replace("|", "")
    assert split_sentences(text) == [sentence.strip() for sentence in marked.split("|")]


def test_spans_are_ranges_of_the_text_without_white_space_around_them():
    text = "  Rice.\t Beans.\r\n\n \u3000Peas? Corn "
    assert sentence_spans(text) == [(2, 7), (9, 15), (20, 25), (26, 30)]
    assert split_sentences(text) == ["Rice.", "Beans.", "Peas?", "Corn"]
    assert count_sentences([text, "", " \n\t"]) == [4, 0, 0]


def test_every_character_is_in_one_sentence():
    chance = random.Random(1)
    parts = [
        *"aBé豆1.!?…。！()[]「」“”\"'•:=\n\t ",
        "Fig.",
        "et al.",
        "2. ",
        ". . .",
        "[3]",
        "The ",
        "U.S. ",
        "b) ",
    ]
    for _ in range(3000):
        text = "".join(chance.choices(parts, k=chance.randrange(40)))
        spans = sentence_spans(text)
        assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
        assert all(text[a:b] == text[a:b].strip() != "" and "\n" not in text[a:b] for a, b in spans)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


@pytest.mark.parametrize(
    "unit",
    [
        ".", ". ", " .", "a.", "a. ", "A. ", "(", ")", "()", "( [ ", "((a. ))", "[1]", ".[1", ".[1,", ".\"", ".”1", "1",
        "1.1", "1. ", ".1", "•", "• ", "! ", "!\"", "。", "「。", "」とは", " ", " -", "Fig. ", "The. ", "e.g. ", "\n",
    ],
)  # fmt: skip
def test_time_grows_with_the_length(unit):
    many = unit * (40_000 // len(unit))
    began = time.process_time()
    sentence_spans(f"{many}\nx{many} X\n{many}. a b. C")
    assert time.process_time() - began < 6  # half a second; a pattern that is tried in vain takes a minute


def test_many_stops_after_a_beginning_that_looks_like_a_label():
    began = time.process_time()
    for begin in ["1" * 80_000, " " * 80_000, "1." * 40_000, "•" * 80_000, "(" * 20_000 + ")" * 20_000]:
        sentence_spans(begin + " a. b" * 20_000)
    assert time.process_time() - began < 10
