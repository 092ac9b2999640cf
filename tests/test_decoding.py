"""What an answer may be: no circles, no words from nowhere."""

import pytest

from ragkit.generate import generate
from ragkit.models.decoding import REPEATED_WORDS, Stream, cut_repeats, goes_in_circles, tokens_of

MESSAGES = [{"role": "user", "content": "Why?"}]
SIX = "one two three four five six"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It is so. It was. It is so. And on.", "It is so. It was."),
        ("It is so. IT IS SO.", "It is so."),
        (f"First. And {SIX} and {SIX} and", "First."),  # back to a whole sentence
        (f"{SIX} {SIX} and", SIX),  # there is none
        (f"First. The {SIX}. Then {SIX}, they say. Last.", f"First. The {SIX}. Then {SIX}, they say. Last."),
        (f"First. The {SIX} of it. But {SIX} they say.", f"First. The {SIX} of it."),
    ],
)
def test_a_text_is_cut_before_it_repeats_itself(text, kept):
    assert cut_repeats(text) == kept


@pytest.mark.parametrize(
    "text", ["", "Iron.", "It is so. It is so too.", "a b c d e. f a b c d e g.", "Yes! No! Yes, no!"]
)
def test_what_does_not_repeat_itself_is_left_alone(text):
    assert REPEATED_WORDS == 6
    assert cut_repeats(text) == text


def test_generation_stops_at_the_first_repeat():
    words = ["It", "is", "so.", "It", "is", "so.", "And"]
    stops = [goes_in_circles(" ".join(words[:n])) for n in range(1, len(words) + 1)]
    assert stops.index(True) + 1 == len(["It", "is", "so.", "It", "is", "so."])


@pytest.mark.parametrize(
    ("written", "stops"), [("Iron\nIron", False), ("Iron\nIron is a metal.", False), ("It is.\nIt is.", True)]
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
