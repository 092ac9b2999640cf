"""How a model writes: the same tokens, whether it guesses, remembers, packs its heads, or none of these."""

import pytest
import torch
from transformers import DynamicCache

from ragkit.generate import generate
from ragkit.models import writing
from ragkit.models.attention import _packed, pack_query_heads
from ragkit.models.writing import chooser, copy_ahead, write_tokens

MESSAGES = [{"role": "user", "content": "Why do lemons cure scurvy?"}]


def prompt(tokenizer, text="Lemons cure scurvy. What cures scurvy?"):
    return tokenizer(text)["input_ids"]


def plain(llm, ids, most):
    """Greedy decoding as it is written in books: everything is read again for each token."""
    ids, n = list(ids), len(ids)
    while len(ids) < n + most and (len(ids) == n or ids[-1] not in llm.end_tokens):
        with torch.inference_mode():
            ids.append(llm.model(torch.tensor([ids], device=llm.device)).logits[0, -1].argmax().item())
    return ids[n:]


def written(llm, ids, most=40, guess=True, choose=None):
    return [t for new in write_tokens(llm, ids, most, choose or chooser(0, 0), guess) for t in new]


@pytest.mark.parametrize("guess", [True, False])
def test_the_tokens_are_those_of_plain_greedy_decoding(llm, guess):
    for text in ("Lemons cure scurvy. What cures scurvy?", "Why?", "no is it at no is it at no is"):
        ids = prompt(llm.tokenizer, text)
        assert written(llm, ids, guess=guess) == plain(llm, ids, 40)


def test_a_guess_that_is_right_saves_passes(llm, monkeypatch):
    ids = prompt(llm.tokenizer)
    expected, passes = plain(llm, ids, 40), []
    read = writing._read
    monkeypatch.setattr(writing, "_read", lambda *given: passes.append(given[-1]) or read(*given))
    monkeypatch.setattr(writing, "copy_ahead", lambda known: expected[len(known) - len(ids) :][:6])
    assert written(llm, ids) == expected
    assert len(passes) == 1 + -(-39 // 7)  # the prompt, then six guessed and one more each time
    assert passes[1] == 7


def test_a_wrong_guess_changes_nothing(llm, monkeypatch):
    ids = prompt(llm.tokenizer)
    monkeypatch.setattr(writing, "copy_ahead", lambda known: [5, 5, 5])
    assert written(llm, ids) == plain(llm, ids, 40)


def test_a_prompt_that_begins_like_the_last_is_read_from_where_it_differs(llm, monkeypatch):
    read, n_read = writing._read, []
    monkeypatch.setattr(writing, "_read", lambda *given: n_read.append(len(given[1])) or read(*given))
    first, second = (
        prompt(llm.tokenizer, f"Lemons cure scurvy. What {what}?") for what in ("cures", "is it")
    )
    written(llm, first, 5)
    n_read.clear()
    assert written(llm, second, 5) == plain(llm, second, 5)
    assert n_read[0] < len(second) - 3
    n_read.clear()
    assert written(llm, second, 5) == plain(llm, second, 5)
    assert n_read[0] == 1  # the same prompt again: the last token only


def test_a_beginning_that_is_short_is_read_again(llm, monkeypatch):
    read, n_read = writing._read, []
    monkeypatch.setattr(writing, "_read", lambda *given: n_read.append(len(given[1])) or read(*given))
    first, second = ([1, 2, 3, *[4 + i] * 12] for i in (0, 1))
    written(llm, first, 2)
    n_read.clear()
    assert written(llm, second, 2) == plain(llm, second, 2)
    assert n_read[0] == len(second)


def test_nothing_is_remembered_of_a_pass_that_failed(llm, monkeypatch):
    ids = prompt(llm.tokenizer)
    written(llm, ids, 5)
    with monkeypatch.context() as broken:
        broken.setattr(writing, "_read", lambda *_: pytest.fail("no memory left"))
        with pytest.raises(pytest.fail.Exception):
            written(llm, ids, 5)
    assert llm.memory.cache is None
    assert written(llm, ids, 5) == plain(llm, ids, 5)


def test_nothing_is_remembered_of_an_answer_that_is_broken_off_in_a_pass(llm, monkeypatch):
    ids = prompt(llm.tokenizer)
    tokens = write_tokens(llm, ids, 40, chooser(0, 0), guess=False)
    next(tokens), next(tokens)

    def broken(llm, ids, cache, n_scores):
        cache.layers[0].update(*(torch.zeros(1, 2, 1, 8) for _ in range(2)))  # one layer, then Ctrl-C
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_read", broken)
        with pytest.raises(KeyboardInterrupt):
            next(tokens)
    assert written(llm, ids) == plain(llm, ids, 40)


def test_an_answer_that_is_given_up_leaves_a_memory_that_is_whole(llm):
    ids = prompt(llm.tokenizer)
    tokens = write_tokens(llm, ids, 40, chooser(0, 0), guess=True)
    for _ in range(4):
        next(tokens)
    tokens.close()
    assert llm.memory.cache.get_seq_length() == len(llm.memory.ids)
    assert written(llm, ids) == plain(llm, ids, 40)


def test_never_more_than_asked_for_and_never_past_the_end(llm, monkeypatch):
    ids = prompt(llm.tokenizer)
    expected = plain(llm, ids, 40)
    monkeypatch.setattr(writing, "copy_ahead", lambda known: expected[len(known) - len(ids) :][:6])
    assert written(llm, ids, 5) == expected[:5]
    monkeypatch.setattr(llm.model.generation_config, "eos_token_id", [expected[3]])
    end = expected.index(expected[3])
    assert written(llm, ids) == expected[: end + 1]


def test_a_cache_that_forgets_is_neither_cropped_nor_used_again(llm, monkeypatch):
    monkeypatch.setattr(writing, "can_crop", lambda cache: False)
    monkeypatch.setattr(DynamicCache, "crop", lambda *_: pytest.fail("cropped"))
    ids = prompt(llm.tokenizer)
    assert written(llm, ids) == written(llm, ids) == plain(llm, ids, 40)


def test_the_latest_place_is_copied_from_and_three_tokens_go_before_two():
    assert copy_ahead([1, 2, 3, 7, 1, 2, 3, 8, 1, 2, 3]) == [8, 1, 2, 3]
    assert copy_ahead([1, 2, 3, 7, 9, 2, 3, 8, 1, 2, 3]) == [7, 9, 2, 3, 8, 1]
    assert copy_ahead([9, 2, 3, 8, 1, 2, 3]) == [8, 1, 2, 3]
    assert copy_ahead([1, 2, 3]) == copy_ahead([]) == []


def test_chance_is_held_by_the_seed_and_nobody_elses_is_touched(llm):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    texts = [
        generate(llm, MESSAGES, max_new_tokens=12, temperature=2.0, seed=seed).text for seed in (7, 7, 8)
    ]
    assert texts[0] == texts[1] != texts[2]
    assert torch.equal(torch.rand(2), expected)


def test_a_choice_among_some_is_a_choice_of_their_best():
    scores = torch.tensor([[0.1, 9.0, 0.3, 0.2], [0.4, 9.0, 0.1, 0.3]])
    assert chooser(0, 0)(scores) == [1, 1]
    assert chooser(0, 0, allowed=[0, 2, 3])(scores) == [2, 0]
    drawn = {chooser(1.0, seed, allowed=[2, 3])(scores)[0] for seed in range(20)}
    assert drawn == {2, 3}


def test_packed_heads_are_the_same_attention(llm):
    class Module:
        num_key_value_groups, is_causal, training = 3, True, False

    torch.manual_seed(0)
    query, key, value = torch.randn(1, 9, 1, 64), torch.randn(1, 3, 50, 64), torch.randn(1, 3, 50, 64)
    shares = (query.view(3, 3, 64) @ key[0].transpose(1, 2) / 8).softmax(-1)
    by_hand = (shares @ value[0]).view(1, 1, 9, 64)
    assert torch.allclose(_packed(Module, query, key, value, None, scaling=1 / 8)[0], by_hand, atol=1e-5)


def test_a_model_with_packed_heads_writes_the_same(llm):
    ids = prompt(llm.tokenizer)
    expected = plain(llm, ids, 40)
    before = llm.model.config._attn_implementation
    pack_query_heads(llm.model)
    try:
        assert llm.model.config._attn_implementation == "packed" != before
        assert written(llm, ids) == expected
    finally:
        llm.model.set_attn_implementation(before)
