"""The choice of the next token: no circles, no words from nowhere, nobody else's chance touched."""

from types import SimpleNamespace

import pytest
import torch

from ragkit.generate import generate
from ragkit.models.decoding import (
    REPEATED_WORDS,
    Stream,
    cut_repeats,
    only_words_of,
    seeded,
    stop_at_repeats,
)

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
    words = ["p", "q", "It", "is", "so.", "It", "is", "so.", "And"]
    tokenizer = SimpleNamespace(decode=lambda ids, **_: " ".join(words[i] for i in ids))
    (stop,) = stop_at_repeats(tokenizer, n_prompt=2)
    stopped = [bool(stop(torch.arange(n).reshape(1, -1), None)) for n in range(2, len(words) + 1)]
    assert stopped.index(True) == len(["It", "is", "so.", "It", "is", "so."])


@pytest.mark.parametrize(
    ("written", "stops"), [("Iron\nIron", False), ("Iron\nIron is a metal.", False), ("It is.\nIt is.", True)]
)
def test_a_line_that_may_still_become_another_sentence_is_no_repeat(written, stops):
    tokenizer = SimpleNamespace(decode=lambda ids, skip_special_tokens: written)
    (criterion,) = stop_at_repeats(tokenizer, 0)
    assert bool(criterion(torch.tensor([[1]]), None)) is stops


def test_a_prompt_may_say_what_the_answer_says():
    words = ["It", "is", "so.", "It", "is", "so."]
    tokenizer = SimpleNamespace(decode=lambda ids, **_: " ".join(words[i] for i in ids))
    assert not stop_at_repeats(tokenizer, n_prompt=3)[0](torch.arange(6).reshape(1, -1), None)


def allowed(texts, tokenizer):
    """Tokens that stay possible, and what became of their scores."""
    (process,) = only_words_of(texts, tokenizer, [tokenizer.eos_token_id])
    scores = torch.arange(len(tokenizer), dtype=torch.float32)[None]
    kept = process(None, scores)
    assert torch.equal(kept[kept.isfinite()], scores[kept.isfinite()])
    return {tokenizer.convert_ids_to_tokens(i) for i in torch.where(kept[0].isfinite())[0].tolist()}


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


def test_a_seed_holds_inside_and_the_callers_chance_goes_on_after():
    drawn = []
    for outer in (1, 2):
        torch.manual_seed(outer)
        with seeded(7, "cpu"):
            drawn.append(torch.rand(1))
    assert drawn[0] == drawn[1]
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    with pytest.raises(ZeroDivisionError), seeded(7, "cpu"):
        _ = torch.rand(1), 1 / 0
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_stream_times_the_answer_and_hands_its_words_over_if_asked_to(tokenizer, wanted):
    shown = []
    stream = Stream(tokenizer, shown.append if wanted else None)
    for word in ("no", "is it", "at"):  # the prompt comes first
        stream.put(torch.tensor(tokenizer(word, add_special_tokens=False)["input_ids"]))
    stream.end()
    assert len(stream.times) == 2
    assert stream.started <= stream.times[0] <= stream.times[1]
    assert "".join(shown).split() == (["is", "it", "at"] if wanted else [])
