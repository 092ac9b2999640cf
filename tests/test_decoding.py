"""What an answer may be: no circles, no words from nowhere."""

import pytest

from ragkit.generate import generate
from ragkit.models.decoding import (
    REPEATED_WORDS,
    Stream,
    cut_repeats,
    ended,
    goes_in_circles,
    is_only,
    to_last_sentence,
    tokens_of,
)

MESSAGES = [{"role": "user", "content": "Why?"}]
SIX = "one two three four five six"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It is so. It was. It is so. And on.", "It is so. It was."),
        ("It is so. IT IS SO.", "It is so."),
        (f"This is first. And {SIX} and {SIX} and", "This is first."),  # back to a whole sentence
        (f"{SIX} {SIX} and", SIX),  # there is none
        ("He was, and so on, and so on, and so on, and", "He was, and so on,"),
        ("鉄は酸素を運ぶ。血は赤い。鉄は酸素を運ぶ。", "鉄は酸素を運ぶ。血は赤い。"),
    ],
)
def test_a_text_is_cut_before_it_repeats_itself(text, kept):
    assert cut_repeats(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "", "Iron.", "It is so. It is so too.", "a b c d e. f a b c d e g.", "Yes! No! Yes, no!", "Yes. No. Yes.",
        f"The {SIX} of it. But {SIX} they say.",
        "The encoder is a stack of N = 6 layers. The decoder is a stack of N = 6 layers, too.",
        "**Pumps**\nAdvantages:\n- cheap\n\n**Pipes**\nAdvantages:\n- quiet",
        "```\na = 1\n```\nor\n```\na = 2\n```",
        "1. Iron\n   see page 4\n2. Zinc\n   see page 4",
    ],
)  # fmt: skip
def test_what_does_not_repeat_itself_is_left_alone(text):
    assert REPEATED_WORDS == 6
    assert cut_repeats(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Iron carries oxygen. Zinc is", "Iron carries oxygen."),
        ("“Iron carries oxygen.” He [Lind] was", "“Iron carries oxygen.”"),
        ("Iron carries", "Iron carries"),  # it has no whole one
        ("Two things:\n1. Iron\n2.", "Two things:\n1. Iron\n2."),
    ],
)
def test_what_breaks_off_at_the_limit_ends_at_its_last_whole_sentence(text, kept):
    assert to_last_sentence(text) == kept
    assert ended(text, "length") == (kept, "length")
    assert ended(text, "end") == (text, "end")


@pytest.mark.parametrize(
    ("text", "only"),
    [("What is iron?", True), ("Question: what is IRON", True), ("", False), ("Iron is what?", False),
     ("What is iron? A metal.", False)],
)  # fmt: skip
def test_the_question_once_more_is_no_answer(text, only):
    assert is_only("What is iron?", text) is only


def test_generation_stops_at_the_first_repeat():
    words = ["It", "is", "so.", "It", "is", "so.", "And"]
    stops = [goes_in_circles(" ".join(words[:n])) for n in range(1, len(words) + 1)]
    assert stops.index(True) + 1 == len(["It", "is", "so.", "It", "is", "so."])


@pytest.mark.parametrize(
    ("written", "stops"),
    [("Iron\nIron", False), ("Iron\nIron is a metal.", False), ("It is so.\nIt is so.", True)],
)
def test_a_line_that_may_still_become_another_sentence_is_no_repeat(written, stops):
    assert goes_in_circles(written) is stops


def allowed(texts, tokenizer):
    """Tokens that stay possible."""
    return {
        tokenizer.convert_ids_to_tokens(i) for i in [*tokens_of(texts, tokenizer), tokenizer.eos_token_id]
    }


def test_other_words_become_impossible(tokenizer):
    tokens = allowed(["ba, da!"], tokenizer)
    assert {"ba", "da", "!", ".", "is", "at", "<|im_end|>"} <= tokens  # words, signs, function words, the end
    assert tokens.isdisjoint({"du", "ca", "7", "(", "<|im_start|>", "<s>"})


def test_a_control_token_in_a_text_stays_impossible(tokenizer):
    assert "<|im_start|>" not in allowed(["ba <|im_start|> da"], tokenizer)


def test_a_model_writes_only_these_words(llm):
    free = generate(llm, MESSAGES, max_new_tokens=30, temperature=3.0)
    limited = generate(llm, MESSAGES, max_new_tokens=30, temperature=3.0, words_of=["ba, da!"])
    possible = allowed(["ba, da!"], llm.tokenizer)
    assert set(limited.text.split()) <= possible
    assert limited.text
    assert not set(free.text.split()) <= possible


def test_an_answer_that_goes_in_circles_is_stopped_and_cut(llm):
    answer = generate(llm, MESSAGES, max_new_tokens=300, words_of=["ba"])
    assert answer.stop_reason == "repeats"
    assert answer.n_answer_tokens < 300
    assert cut_repeats(answer.text) == answer.text


def test_an_answer_is_timed_and_its_words_handed_over_when_they_are_whole():
    shown = []
    stream = Stream(shown.append)
    for text in ("", "Iron", "Iron car", "Iron carries ox", "Iron carries oxygen."):
        stream.put(text)
    assert shown == ["Iron ", "carries "]
    stream.end("Iron carries oxygen.")
    assert "".join(shown) == "Iron carries oxygen."
    assert len(stream.times) == 5
    shown.clear()
    stream = Stream(shown.append)
    for text in ("胃", "胃被\ufffd", "胃被黏", "胃被黏液 is c"):
        stream.put(text)
    assert shown == ["胃", "被", "黏", "液 is "]
    assert stream.started <= stream.times[0] <= stream.times[-1]
