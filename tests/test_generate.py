"""Generation with a language model of random weights: real machinery, no meaning."""

import copy
from dataclasses import dataclass, replace

import pandas as pd
import pytest
import torch
from conftest import found_for, make_index

from ragkit import device as devices
from ragkit import generate as generate_module
from ragkit.generate import Answer, ask, generate, load_llm
from ragkit.grounding.doubt import Outcome
from ragkit.index import open_index
from ragkit.models import transformers_llm
from ragkit.models.decoding import tokens_of
from ragkit.models.llm import LLM, Written
from ragkit.models.server import ServerLLM
from ragkit.notice import BadParameter, PromptTooLong, ServerError
from ragkit.words.sentences import split_sentences

MESSAGES = [{"role": "user", "content": "Why?"}]


def test_greedy_is_the_same_every_time(llm):
    first, second = (generate(llm, MESSAGES, max_new_tokens=8, seed=seed) for seed in (1, 2))
    assert first.text == second.text
    assert first.n_answer_tokens <= 8


def test_temperature_lets_chance_in_and_the_seed_holds_it(llm):
    texts = [
        generate(llm, MESSAGES, max_new_tokens=12, temperature=2.0, seed=seed).text for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_counts_and_times(llm):
    answer = generate(llm, MESSAGES, max_new_tokens=6)
    assert answer.n_prompt_tokens == len(
        llm.tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True)["input_ids"]
    )
    assert answer.seconds_to_first_token > 0
    assert answer.tokens_per_second > 0


def test_stops_at_the_models_end_token(llm, monkeypatch):
    likeliest = generate(llm, "lemons cure", max_new_tokens=1)
    first = llm.tokenizer(likeliest.text, add_special_tokens=False)["input_ids"][0]
    assert likeliest.stop_reason == "length"
    monkeypatch.setattr(llm.model.generation_config, "eos_token_id", [first])
    answer = generate(llm, "lemons cure", max_new_tokens=50)
    assert (answer.stop_reason, answer.n_answer_tokens, answer.tokens_per_second) == ("end", 1, 0.0)


def test_a_plain_text_is_continued_without_the_template(llm):
    answer = generate(llm, "lemons cure", max_new_tokens=2)
    assert answer.n_prompt_tokens == len(llm.tokenizer("lemons cure")["input_ids"])


def test_streaming_prints_what_is_returned(llm, capsys):
    answer = generate(llm, MESSAGES, max_new_tokens=8, stream=True)
    assert capsys.readouterr().out.strip() == answer.text
    generate(llm, MESSAGES, max_new_tokens=8)
    assert capsys.readouterr().out == ""


def test_prompt_and_answer_have_to_fit_in_the_context(llm):
    with pytest.raises(PromptTooLong, match="tiny has room for 600"):
        generate(llm, "word " * 590, max_new_tokens=50)


@pytest.mark.parametrize("parameters", [{"max_new_tokens": 0}, {"temperature": -1.0}])
def test_parameters_that_make_no_sense(llm, parameters):
    with pytest.raises(BadParameter):
        generate(llm, MESSAGES, **parameters)


def test_an_answer_is_frozen_and_names_each_page_once(llm):
    answer = Answer(
        "text",
        1,
        1,
        0.1,
        1.0,
        "end",
        found=found_for(
            hits=pd.DataFrame(
                {"source": ["a", "a", "a", "b"], "page": [8, 3, 8, 8], "label": ["9", "4", "9", "9"]}
            )
        ),
    )
    assert answer.labels == ["9", "4", "9"]
    assert Answer("text", 1, 1, 0.1, 1.0, "end").labels == []
    with pytest.raises(AttributeError):
        answer.text = "other"


@pytest.fixture
def index(pdf, tmp_path, fake_models, embedder):
    return open_index(pdf, embedder, max_tokens=20, root=tmp_path / "r")


def test_ask_composes_search_prompt_and_generation(llm, index):
    answer = ask("What cures scurvy in sailors?", index, llm, top_k=2, template="passages", max_new_tokens=4)
    assert answer.question == "What cures scurvy in sailors?"
    assert answer.hits.loc[0, "source"] == "paper.pdf"
    assert answer.labels[0] == "1"
    assert answer.key_sentences.loc[0, "text"] == "Lemons cure scurvy in sailors."
    assert answer.n_answer_tokens <= 4
    assert answer.n_read == len(answer.hits) == 2
    assert "Lemons cure scurvy" in answer.prompt[0]["content"]
    assert answer.template == "passages"
    assert answer.refusal == ""
    assert answer.citations["claim"].tolist() == split_sentences(answer.text)


def test_a_small_model_gets_sentences_and_examples_and_only_their_words(llm, index):
    answer = ask("What cures scurvy in sailors?", index, llm, top_k=2, max_new_tokens=20)
    assert (answer.template, answer.n_read) == ("sentences", len(answer.key_sentences))
    assert len(answer.prompt) == 5
    quoted = answer.key_sentences["text"].tolist()
    places = [answer.prompt[-1]["content"].index(text) for text in quoted]
    assert places == sorted(places, reverse=True)  # the best last
    possible = tokens_of([answer.question, *quoted], llm.tokenizer)
    assert possible.issuperset(llm.tokenizer(answer.text, add_special_tokens=False)["input_ids"])
    free = generate(llm, answer.prompt, max_new_tokens=20)
    assert not possible.issuperset(llm.tokenizer(free.text, add_special_tokens=False)["input_ids"])


def test_on_a_processor_a_model_reads_what_stands_around_the_key_sentences(llm, index, monkeypatch):
    monkeypatch.setattr(generate_module, "SMALL_MODEL", 0)
    monkeypatch.setattr(generate_module, "READ_TOKENS", 1)
    how = {"max_new_tokens": 2, "top_k": 3}
    little = ask("What cures scurvy in sailors?", index, llm, **how)
    said = little.prompt[0]["content"]
    assert (little.template, little.n_read) == ("excerpts", 1)
    assert "Lemons cure scurvy in sailors." in said
    assert "1747" not in said
    assert "Iron" not in said
    gpu = ask("What cures scurvy in sailors?", index, replace(says(llm, "Lemons."), device="cuda"), **how)
    assert (gpu.template, gpu.n_read) == ("passages", 3)
    assert all(text in gpu.prompt[0]["content"] for text in gpu.hits["text"])


def test_the_question_said_once_more_is_no_answer_and_the_quotations_stay(llm, index):
    answer = ask("What cures scurvy?", index, says(llm, "Question: What cures scurvy?"))
    assert (answer.text, answer.stop_reason) == ("", "repeats the question")
    assert len(answer.key_sentences)
    assert answer.citations.empty


def test_an_answer_that_breaks_off_ends_at_its_last_whole_sentence(llm, monkeypatch):
    cut = replace(says(llm, "Lemons cure it. Iron is"), ends=False)
    answer = generate(cut, MESSAGES)
    assert (answer.text, answer.stop_reason) == ("Lemons cure it.", "length")


def test_only_the_number_of_new_tokens_may_stand_without_its_name(llm):
    with pytest.raises(TypeError, match="positional"):
        generate(llm, MESSAGES, 4, 0.0)


def test_the_template_follows_the_size_of_the_model_unless_one_is_named(llm, index, monkeypatch):
    n = llm.n_parameters
    for limit, template in ((n, "sentences"), (n - 1, "excerpts")):
        monkeypatch.setattr(generate_module, "SMALL_MODEL", limit)
        answer = ask("Lemons?", index, llm, max_new_tokens=2)
        assert (answer.template, len(answer.prompt)) == (template, 5 if template == "sentences" else 1)
    assert ask("Lemons?", index, llm, template="sentences", max_new_tokens=2).template == "sentences"


def test_where_nothing_is_near_no_model_is_asked(index, monkeypatch):
    monkeypatch.setattr(generate_module, "load_llm", lambda name: pytest.fail("a model was loaded"))
    monkeypatch.setattr(
        generate_module, "outcome_of", lambda *_: Outcome("refused", "“q10” is nowhere in it")
    )
    answer = ask("Do lemons have Q10?", index, "some-model")
    assert (answer.refusal, answer.doubt) == ("“q10” is nowhere in it", "")
    assert (answer.text, answer.stop_reason) == ("The document does not answer this.", "refused")
    assert (answer.n_prompt_tokens, answer.n_answer_tokens, answer.n_read, answer.prompt) == (0, 0, 0, "")
    assert len(answer.hits)
    assert len(answer.key_sentences)
    assert answer.citations.empty


@dataclass(frozen=True)
class Says(LLM):
    """A model that writes one text, a letter a token."""

    says: str
    ends: bool = True

    def write(self, prompt, most, take, temperature=0.0, seed=0, allowed=None, head=0):
        n = next((n for n, letter in enumerate(self.says, start=1) if take(letter)), len(self.says))
        return Written(n, ended=self.ends and n == len(self.says))

    @property
    def end_tokens(self):
        return [self.tokenizer.eos_token_id]


def says(llm, text):
    return Says("says", llm.tokenizer, "cpu", "float32", 600, 1, text)


@pytest.mark.parametrize("stream", [True, False])
def test_in_doubt_only_supported_words_are_kept_and_none_is_shown_before(
    index, llm, monkeypatch, capsys, stream
):
    monkeypatch.setattr(generate_module, "outcome_of", lambda *_: Outcome("in doubt", "it is far"))
    model = says(llm, "Lemons cure scurvy in sailors. Zebras are blue.")
    answer = ask("What do lemons cure?", index, model, stream=stream)
    assert (answer.doubt, answer.refusal, answer.stop_reason) == ("it is far", "", "end")
    assert answer.text == "Lemons cure scurvy in sailors."
    assert answer.citations["claim"].tolist() == ["Lemons cure scurvy in sailors."]
    assert len(answer.key_sentences)
    assert capsys.readouterr().out.strip() == ""
    nothing = ask("What do lemons cure?", index, says(llm, "Zebras are blue."), stream=stream)
    assert (nothing.text, len(nothing.citations)) == ("", 0)


def test_without_doubt_the_models_words_stay_with_their_marks(index, llm, monkeypatch):
    monkeypatch.setattr(generate_module, "outcome_of", lambda *_: Outcome("answered"))
    answer = ask("What do lemons cure?", index, says(llm, "Lemons cure scurvy in sailors. Zebras are blue."))
    assert answer.text.endswith("Zebras are blue.")
    assert answer.citations["supported"].tolist() == [True, False]


def test_items_are_read_with_the_sentence_that_opens_their_list(embedder, llm):
    index = make_index(embedder, "Against scurvy at sea:\n• oats\n• lemons cure scurvy")
    answer = ask("What do lemons cure, scurvy?", index, llm, template="sentences", max_new_tokens=2)
    assert "Against scurvy at sea: • oats • lemons cure scurvy" in answer.prompt[-1]["content"]


def test_what_a_model_thinks_aloud_is_not_its_answer(llm):
    shown = []
    thinks = says(llm, "<think>Lemons? No.</think>\n\nIron does.")
    assert generate(thinks, MESSAGES, stream=shown.append).text == "Iron does."
    assert "".join(shown) == "Iron does."
    with pytest.raises(BadParameter, match="only thought, for 256 tokens: allow more"):
        generate(says(llm, "<think>Lemons? No. But"), MESSAGES)


def test_a_model_that_says_nothing_has_an_empty_answer(llm):
    answer = generate(says(llm, ""), MESSAGES)
    assert (answer.text, answer.n_answer_tokens, answer.stop_reason) == ("", 0, "end")
    assert answer.seconds_to_first_token > 0


def test_a_thought_that_the_template_opened_is_none_of_the_answer_either(llm, monkeypatch):
    real = type(llm.tokenizer).decode
    opened = "assistant <think>\n"
    monkeypatch.setattr(
        type(llm.tokenizer), "decode", lambda self, ids, **how: real(self, ids) if how else opened
    )
    assert generate(says(llm, "Lemons? No.</think>Iron does."), MESSAGES).text == "Iron does."


def test_one_question_has_one_prompt_and_one_answer(llm, index):
    first, second = (ask("What cures scurvy?", index, llm, max_new_tokens=8) for _ in range(2))
    assert (first.text, first.prompt) == (second.text, second.prompt)


@pytest.mark.parametrize("template", ["sentences", "excerpts", "passages"])
def test_ask_keeps_to_the_models_context(llm, index, template):
    how = {"template": template, "max_new_tokens": 4}
    whole = ask("Lemons?", index, llm, **how)
    small = ask("Lemons?", index, replace(llm, context=whole.n_prompt_tokens), **how)
    assert 0 < small.n_read < whole.n_read == 3
    assert small.n_prompt_tokens + 4 <= whole.n_prompt_tokens


def test_key_sentences_come_from_all_hits_also_from_those_that_were_not_read(llm, index):
    how = {"template": "passages", "max_new_tokens": 4}
    whole = ask("Lemons? Iron? Water?", index, llm, **how)
    small = ask("Lemons? Iron? Water?", index, replace(llm, context=whole.n_prompt_tokens), **how)
    assert small.n_read < len(small.hits)
    assert small.key_sentences["text"].tolist() == whole.key_sentences["text"].tolist()
    assert set(small.key_sentences["chunk"]) - set(small.hits["chunk"][: small.n_read])


def test_ask_takes_a_path_and_the_name_of_a_model(llm, index, embedder, pdf, tmp_path, monkeypatch):
    monkeypatch.setattr(generate_module, "open_index", lambda path: index)
    loaded = []
    monkeypatch.setattr(generate_module, "load_llm", lambda name: loaded.append(name) or llm)
    generate_module._loaded_llm.cache_clear()
    for _ in range(2):
        assert ask("Iron?", pdf, "some-model", max_new_tokens=2).n_answer_tokens <= 2
    generate_module._loaded_llm.cache_clear()
    assert loaded == ["some-model"]


def test_ask_in_one_file_only(llm, index):
    assert ask("Iron?", index, llm, source="paper.pdf", max_new_tokens=1).labels
    with pytest.raises(BadParameter, match=r"other\.pdf"):
        ask("Iron?", index, llm, source="other.pdf", max_new_tokens=1)


@pytest.mark.parametrize("prompt", ["", []])
def test_an_empty_prompt(llm, prompt):
    with pytest.raises(BadParameter, match="prompt is empty"):
        generate(llm, prompt)


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_the_callers_random_state_is_left_alone(llm, temperature):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    generate(llm, MESSAGES, max_new_tokens=3, temperature=temperature)
    assert torch.rand(1) == expected


@pytest.fixture
def saved(llm, tmp_path, monkeypatch):
    """The tiny model as a folder, behind the same call as a real one."""
    llm.model.save_pretrained(tmp_path / "tiny")
    llm.tokenizer.save_pretrained(tmp_path / "tiny")
    monkeypatch.setenv("RAGKIT_DEVICE", "cpu")
    return tmp_path / "tiny"


def test_a_local_folder_is_loaded_in_the_dtype_asked_for(saved):
    llm = load_llm(str(saved), dtype="float32")
    assert (llm.device, llm.dtype, llm.context) == ("cpu", "float32", 600)
    assert llm.model.dtype == torch.float32
    assert generate(llm, MESSAGES, max_new_tokens=2).n_answer_tokens <= 2


def test_weights_that_two_layers_share_count_once(llm, tmp_path):
    config = copy.deepcopy(llm.model.config)
    config.tie_word_embeddings = True
    tied = type(llm.model)(config)
    tied.save_pretrained(tmp_path)
    llm.tokenizer.save_pretrained(tmp_path)
    n_shared = config.vocab_size * config.hidden_size
    assert load_llm(str(tmp_path), device="cpu").n_parameters == llm.n_parameters - n_shared


def test_out_of_memory_while_loading_falls_back_to_the_cpu(saved, monkeypatch, capsys):
    real, tried = transformers_llm._load, []

    def first_fails(name, folder, device, dtype):
        tried.append((device, dtype))
        if device != "cpu":
            raise RuntimeError("CUDA out of memory. Tried to allocate 4 GiB")
        return real(name, folder, device, dtype)

    monkeypatch.setattr(transformers_llm, "_load", first_fails)
    monkeypatch.setattr(devices, "choose_device", lambda device=None: devices.Device("mps", "fake"))
    monkeypatch.setattr(devices, "release_memory", lambda device: None)
    assert load_llm(str(saved)).device == "cpu"
    assert [device for device, _ in tried] == ["mps", "cpu"]
    assert tried[1][1] != "float16"
    assert "does not fit in the memory of mps" in capsys.readouterr().err


def test_other_loading_errors_are_not_swallowed(saved, monkeypatch):
    def broken(*_):
        raise RuntimeError("header too large")

    monkeypatch.setattr(transformers_llm, "_load", broken)
    with pytest.raises(RuntimeError, match="header too large"):
        load_llm(str(saved))


SERVER = ServerLLM("toy", "http://127.0.0.1:9/v1")


def pieces_then(*pieces, error=None):
    def stream(llm, messages, max_new_tokens, temperature, seed):
        stream.messages = messages
        yield from ((piece, None) for piece in pieces)
        if error:
            raise error
        yield "", "end"

    return stream


def test_a_server_reads_whole_passages_and_its_sentences_are_traced(index, monkeypatch):
    stream = pieces_then("Lemons cure scurvy ", "in sailors. ", "It took 99 days.")
    monkeypatch.setattr(generate_module, "stream_chat", stream)
    answer = ask("What cures scurvy in sailors?", index, SERVER)
    assert (answer.text, answer.stop_reason) == ("Lemons cure scurvy in sailors. It took 99 days.", "end")
    assert (answer.template, answer.n_read, answer.n_answer_tokens) == ("passages", len(answer.hits), 3)
    assert answer.citations["supported"].tolist() == [True, False]
    assert "Lemons cure scurvy" in stream.messages[0]["content"]


def test_what_a_server_sent_before_it_broke_off_is_kept(monkeypatch, capsys):
    monkeypatch.setattr(generate_module, "stream_chat", pieces_then("Half an", error=ServerError("gone.")))
    answer = generate(SERVER, MESSAGES)
    assert (answer.text, answer.stop_reason) == ("Half an", "cut off")
    assert "the answer is cut off: gone." in capsys.readouterr().err
    monkeypatch.setattr(generate_module, "stream_chat", pieces_then(error=ServerError("gone.")))
    with pytest.raises(ServerError, match="gone"):
        generate(SERVER, MESSAGES)


def test_control_tokens_in_a_text_for_a_server_are_taken_apart(monkeypatch):
    stream = pieces_then("It is so. ", "It is so.")
    monkeypatch.setattr(generate_module, "stream_chat", stream)
    answer = generate(SERVER, "Say <|im_end|>, <end_of_turn>, </s> and [/INST], if a < b.")
    said = "Say < |im_end|>, < end_of_turn>, < /s> and [ /INST], if a < b."
    assert stream.messages == [{"role": "user", "content": said}]
    assert (answer.text, answer.stop_reason) == ("It is so.", "repeats")


def test_a_server_that_goes_in_circles_is_heard_no_further(monkeypatch, capsys):
    pieces = pieces_then("It is so. ", "It is so.", error=ServerError("gone."))
    monkeypatch.setattr(generate_module, "stream_chat", pieces)
    answer = generate(SERVER, MESSAGES)
    assert (answer.text, answer.stop_reason, answer.n_answer_tokens) == ("It is so.", "repeats", 2)
    assert capsys.readouterr().err == ""
