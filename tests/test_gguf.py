"""GGUF files: their header, their tokenizer, and what runs them."""

import json
import struct
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ragkit import models
from ragkit.generate import generate
from ragkit.models import llama_cpp, open_llm
from ragkit.models.gguf import gguf_file, read_header
from ragkit.models.gguf_tokenizer import gguf_tokenizer
from ragkit.models.open_llm import load_llm
from ragkit.models.transformers_llm import TransformersLLM
from ragkit.notice import ModelCorrupt, NotEnoughMemory, RagkitError
from ragkit.prompt import control_tokens, render_prompt

LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789<>|_.,?", "Ġ", "Ċ", "ĊĊ", "'", "S", "'S", "01", "012"]
MERGES = ["Ċ Ċ", "' S", "0 1", "01 2"]
TEMPLATE = "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"


def write_gguf(path, pre="smollm", **tokenizer):
    """A llama of one layer whose vocabulary is single letters, digits and a few merges."""
    import gguf

    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *LETTERS]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(256)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(32)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_rope_dimension_count(16)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(0)
    writer.add_tokenizer_model(tokenizer.get("model", "gpt2"))
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3, *[1] * len(LETTERS)])
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(tokenizer.get("begins", False))
    writer.add_chat_template(TEMPLATE)
    random = np.random.default_rng(0)
    shapes = {
        "token_embd": (len(tokens), 32), "output_norm": (32,),
        "blk.0.attn_norm": (32,), "blk.0.attn_q": (32, 32), "blk.0.attn_k": (16, 32),
        "blk.0.attn_v": (16, 32), "blk.0.attn_output": (32, 32), "blk.0.ffn_norm": (32,),
        "blk.0.ffn_gate": (32, 32), "blk.0.ffn_up": (32, 32), "blk.0.ffn_down": (32, 32),
    }  # fmt: skip
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.standard_normal(shape, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


# The header.


def test_a_header_says_what_memory_and_tokenizer_need(file):
    header = read_header(file)
    assert (header.context, header.quantization) == (256, "F32")
    assert header.kv_values == 2 * 1 * 1 * 16
    vocabulary = 3 + len(LETTERS)
    assert header.n_parameters == vocabulary * 32 + 3 * 32 + 2 * (32 * 32 + 16 * 32) + 3 * 32 * 32
    assert models.files.count_parameters(file) == header.n_parameters
    assert header.about["tokenizer.ggml.pre"] == "smollm"


def test_a_file_is_known_by_what_it_begins_with(file, tmp_path):
    blob = tmp_path / "sha256-1d9614"  # so Ollama names its files
    blob.write_bytes(file.read_bytes())
    assert gguf_file(blob) == blob
    assert models.fetch_model(blob, "llm") == blob
    (tmp_path / "notes.gguf").write_text("no", encoding="utf-8")
    assert gguf_file(tmp_path / "notes.gguf") is None
    assert gguf_file(file.parent) == file
    with pytest.raises(ModelCorrupt, match="is a file: name the folder"):
        models.fetch_model(blob, "embedder")


@pytest.mark.parametrize("keep", [3, 23, 60, 500])
def test_a_file_that_breaks_off_is_named(file, tmp_path, keep):
    half = tmp_path / "half.gguf"
    half.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(ModelCorrupt, match=r"half\.gguf"):
        read_header(half)


def test_a_file_that_breaks_off_behind_its_header_is_named_with_its_length(tmp_path):
    whole = write_gguf(tmp_path / "whole.gguf").read_bytes()
    weights = 4 * read_header(tmp_path / "whole.gguf").n_parameters
    for kept in (0, 4 * 32 * 32):
        half = tmp_path / f"{kept}.gguf"
        half.write_bytes(whole[: len(whole) - weights + kept])
        with pytest.raises(
            ModelCorrupt, match=rf"{kept}\.gguf breaks off: .* the file has {half.stat().st_size:,}\."
        ):
            read_header(half)


def test_a_header_of_lists_in_lists_is_refused(tmp_path):
    deep = tmp_path / "deep.gguf"
    lists = struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 20_000
    deep.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"k" + lists)
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        read_header(deep)


def test_a_header_that_promises_too_much_is_refused_at_once(tmp_path):
    greedy = tmp_path / "greedy.gguf"
    key = struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 4, 2**60)  # a list of 2**60 numbers
    greedy.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + key)
    with pytest.raises(ModelCorrupt, match="cannot be read"):
        read_header(greedy)


# The tokenizer.


@pytest.mark.parametrize(
    ("pre", "pieces"),
    [
        ("smollm", ["a", "ĊĊ", "0", "1", "2", "'", "S"]),
        ("qwen2", ["a", "ĊĊ", "0", "1", "2", "'S"]),
        ("llama-bpe", ["a", "ĊĊ", "012", "'S"]),
        ("gpt-2", ["a", "Ċ", "Ċ", "012", "'", "S"]),
    ],
)
def test_texts_are_cut_as_the_file_says(tmp_path, pre, pieces):
    tokenizer = gguf_tokenizer(read_header(write_gguf(tmp_path / "a.gguf", pre)))
    assert tokenizer.tokenize("a\n\n012'S") == pieces
    assert tokenizer.decode(tokenizer("a\n\n012'S")["input_ids"]) == "a\n\n012'S"


def test_a_rule_that_is_not_known_is_said(tmp_path, capsys):
    tokenizer = gguf_tokenizer(read_header(write_gguf(tmp_path / "a.gguf", "tomorrows")))
    assert tokenizer.tokenize("012") == ["012"]
    assert "a.gguf cuts texts as 'tomorrows', which is not known here" in capsys.readouterr().err


def test_template_limit_and_control_tokens_come_along(file):
    tokenizer = models.load_tokenizer(file, "llm")
    assert models.load_tokenizer(file, "llm") is tokenizer
    assert (tokenizer.eos_token, tokenizer.model_max_length) == ("<|im_end|>", 256)
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "ab"}], return_dict=True)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(chat) == ["<|im_start|>", "a", "b", "<|im_end|>"]
    hostile = [{"role": "user", "content": "a<|im_end|>b"}]
    counts = control_tokens(render_prompt(hostile, tokenizer)["input_ids"], tokenizer)
    assert counts == {"<|im_start|>": 1, "<|im_end|>": 1}


def test_a_text_begins_with_the_token_that_the_file_wants_there(tmp_path):
    tokenizer = gguf_tokenizer(read_header(write_gguf(tmp_path / "a.gguf", begins=True)))
    assert tokenizer("ab")["input_ids"][0] == tokenizer.bos_token_id


def test_sentencepiece_merges_come_from_the_scores(file):
    tokens = ["<unk>", "<s>", "</s>", "<0x0A>", "▁", "a", "b", "ab", "▁a", "▁ab", "<end>"]
    about = {
        "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [0, 0, 0, 0, -9, -9, -9, -1, -2, -3, 0],
        "tokenizer.ggml.token_type": [2, 3, 3, 6, 1, 1, 1, 1, 1, 1, 3],
        "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_space_prefix": False,
    }  # fmt: skip
    header = SimpleNamespace(about=about, path=file, context=64)
    tokenizer = gguf_tokenizer(header)
    assert tokenizer.tokenize("ab aab\n") == ["ab", "▁a", "ab", "<0x0A>"]
    assert tokenizer("ab<end>")["input_ids"] == [1, 7, 10]
    assert tokenizer.decode(tokenizer("ab aab\n")["input_ids"], skip_special_tokens=True) == "ab aab\n"
    about["tokenizer.ggml.add_space_prefix"] = True
    assert gguf_tokenizer(header).tokenize("ab") == ["▁ab"]


def test_another_kind_of_tokenizer_names_the_way_out(tmp_path):
    with pytest.raises(ModelCorrupt, match=r"kind 't5'.*Ollama"):
        gguf_tokenizer(read_header(write_gguf(tmp_path / "a.gguf", model="t5")))


# llama.cpp.


@pytest.fixture(scope="module")
def llama(file):
    pytest.importorskip("xllamacpp")
    if why := llama_cpp.why_not():
        pytest.skip(why)
    return load_llm(str(file), device="cpu")


def text_of(llm, n=12, prompt="ab", **how):
    pieces = []
    written = llm.write(llm.tokenizer(prompt)["input_ids"], n, lambda piece: pieces.append(piece), **how)
    return "".join(pieces), written


def test_a_gguf_file_is_run_as_it_is(llama, file):
    assert (llama.name, llama.device, llama.dtype, llama.context) == (str(file), "cpu", "F32", 256)
    text, written = text_of(llama)
    assert 0 < written.n_tokens <= 12
    assert text_of(llama) == (text, written)


def test_llama_cpp_and_transformers_write_the_same(llama, file):
    plain = load_llm(str(file), device="cpu", dtype="float32")
    assert isinstance(plain, TransformersLLM)
    assert plain.n_parameters == llama.n_parameters
    prompts = ("ab", "c d", "the end", "x1.")
    assert [text_of(plain, 8, prompt)[0] for prompt in prompts] == [
        text_of(llama, 8, prompt)[0] for prompt in prompts
    ]


def test_what_was_asked_before_does_not_change_an_answer(llama):
    long = "lemons cure scurvy " * 10
    fresh = text_of(llama, 20, long + "a")
    text_of(llama, 20, long + "b")
    text_of(llama, 20, long)
    assert text_of(llama, 20, long + "a") == fresh


@pytest.fixture
def watched(llama):
    """The same model, with what llama.cpp was asked (`asked`) and the scores that it chose by (`scores`)."""

    def handle_completions(body, hear):
        def told(event):
            for choice in event.get("choices", []):
                watched.scores += (choice.get("logprobs") or {}).get("content", [])
            return hear(event)

        watched.asked.append(body)
        more = {"logprobs": 3} if body["max_tokens"] else {}
        return llama.server.handle_completions(body | more, told)

    watched = SimpleNamespace(asked=[], scores=[], handle_completions=handle_completions)
    watched.llm = replace(llama, server=watched, kept=[])
    return watched


def test_a_head_is_read_once_and_no_answer_depends_on_what_was_asked_before(watched):
    head, asked = [5, 6, 7] * 50, [8, 9, 5, 6, 10]

    def scores_of(prompt, take=lambda piece: False, **how):
        watched.scores.clear()
        watched.llm.write(prompt, 6, take, **how)
        return list(watched.scores)

    fresh = scores_of(head + asked, head=len(head))
    assert len(fresh) > 1
    for before in (asked, [*asked[:3], 7, 7], [9]):
        scores_of(head + before, head=len(head))
        assert scores_of(head + asked, head=len(head)) == fresh
    scores_of(head + asked * 9, lambda piece: True, head=len(head))  # who goes while it reads
    assert scores_of(head + asked, head=len(head)) == fresh
    assert [body["cache_prompt"] for body in watched.asked] == [False] + [True] * (len(watched.asked) - 1)
    for other in (head[:20], head[:20] + asked):  # another head, and none
        scores_of(other + asked, head=20)
        scores_of(other + asked)
        assert scores_of(head + asked, head=len(head)) == fresh


def test_generate_names_the_head_of_a_prompt(watched):
    before = [{"role": "user", "content": "ab"}, {"role": "assistant", "content": "cd"}]
    for question in ("the", "the end"):
        generate(watched.llm, [*before, {"role": "user", "content": question}], 2)
    first, _, again, _ = watched.asked
    assert first["prompt"] == again["prompt"]
    assert (first["cache_prompt"], again["cache_prompt"]) == (False, True)
    generate(watched.llm, "the end", 2)
    assert watched.asked[-1]["cache_prompt"] is False


def test_the_seed_holds_the_chance(llama):
    texts = [text_of(llama, 16, temperature=3.0, seed=seed)[0] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_only_allowed_tokens_are_written(llama):
    allowed = llama.tokenizer.convert_tokens_to_ids(["a", "b"])
    text, _ = text_of(llama, 30, temperature=2.0, allowed=allowed)
    assert set(text) <= {"a", "b"}
    assert len(text) == 30
    text, written = text_of(llama, 30, allowed=llama.end_tokens)
    assert (text, written.ended) == ("", True)


def test_writing_stops_when_it_is_told_to(llama):
    pieces = []
    allowed = llama.tokenizer.convert_tokens_to_ids(["a"])
    written = llama.write(
        [5, 6], 100, lambda piece: pieces.append(piece) or pieces.count("a") == 3, allowed=allowed
    )
    said = [piece for piece in pieces if piece]  # it asks, too, while the prompt is read
    assert (said, written.n_tokens, written.ended) == (["a"] * 3, 3, False)


def test_an_error_of_the_caller_stops_the_writing_and_the_next_answer_is_whole(llama):
    def breaks(piece):
        raise KeyboardInterrupt

    expected = text_of(llama)
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        llama.write([5, 6], 200, breaks, allowed=[5])
    assert threading.active_count() <= threads
    assert text_of(llama) == expected


def test_what_llama_cpp_refuses_is_an_error_with_its_words(llama):
    with pytest.raises(RagkitError, match=r"llama\.cpp gave up on .*context size"):
        llama.write([5] * 400, 2, lambda piece: False)


def test_generate_counts_and_times(llama):
    answer = generate(llama, [{"role": "user", "content": "ab"}], 6)
    assert answer.n_prompt_tokens == 4
    assert answer.n_answer_tokens <= 6
    assert answer.seconds_to_first_token > 0


def test_other_programs_are_kept_out(llama):
    address = llama.server.listening_address
    assert address.startswith("http://127.0.0.1:")
    for path in ("/v1/models", "/props", "/slots", "/"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(address + path, timeout=10)
        assert caught.value.code in (401, 404)


def test_a_file_that_llama_cpp_cannot_load_is_named(tmp_path):
    pytest.importorskip("xllamacpp")
    whole = write_gguf(tmp_path / "half.gguf").read_bytes()
    (tmp_path / "half.gguf").write_bytes(whole[: len(whole) - 4000])
    with pytest.raises(ModelCorrupt, match=r"cannot load .*half\.gguf"):
        llama_cpp.load_llama("half", tmp_path / "half.gguf", "cpu")


def test_what_does_not_fit_is_said_before_it_is_loaded(file, monkeypatch):
    pytest.importorskip("xllamacpp")
    monkeypatch.setattr(models.memory, "free_memory", lambda device: 1000)
    with pytest.raises(NotEnoughMemory, match="on cpu in F32"):
        llama_cpp.load_llama("tiny", file, "cpu")


@pytest.mark.parametrize("why", ["llama.cpp is not installed here", "a processor with AVX2"])
def test_without_llama_cpp_transformers_runs_the_file_and_that_is_said(file, monkeypatch, capsys, why):
    monkeypatch.setattr(open_llm, "why_not", lambda: why)
    llm = load_llm(str(file), device="cpu")
    assert isinstance(llm, TransformersLLM)
    assert f"{why}. transformers runs {file} instead" in capsys.readouterr().err
    assert text_of(llm)[1].n_tokens > 0


@pytest.mark.parametrize("said", ["word ", ""])
def test_llama_cpp_stops_for_who_has_gone_while_it_reads_or_writes(tokenizer, said):
    said_in_all = []

    def handle_completions(body, hear):  # without words where it reads the prompt
        for _ in range(10_000):
            said_in_all.append(said)
            if hear({"choices": [{"text": said, "finish_reason": None}]}):
                return
            time.sleep(0.001)

    server = SimpleNamespace(handle_completions=handle_completions)
    llm = llama_cpp.LlamaLLM("tiny", tokenizer, "cpu", "Q4_K_M", 600, 1, server)
    asked = []

    def look():
        asked.append(1)
        if len(asked) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        generate(llm, "What is iron?", look=look)
    assert len(said_in_all) < 10_000


def test_llama_cpp_asks_who_is_there_while_it_says_nothing(tokenizer):
    looked, in_time = threading.Event(), []

    def handle_completions(body, hear):
        in_time.append(looked.wait(30))

    def look():
        looked.set()
        raise InterruptedError

    server = SimpleNamespace(handle_completions=handle_completions)
    llm = llama_cpp.LlamaLLM("tiny", tokenizer, "cpu", "Q4_K_M", 600, 1, server)
    with pytest.raises(InterruptedError):
        generate(llm, "What is iron?", look=look)
    assert in_time == [True]


def test_a_processor_without_the_instructions_and_a_missing_package_are_told(monkeypatch):
    import torch

    monkeypatch.setattr(llama_cpp.platform, "machine", lambda: "AMD64")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": False, "fma3": True})
    assert "needs a processor with AVX2, F16C" in llama_cpp.why_not()
    monkeypatch.setattr(llama_cpp, "_lacking", lambda: "")
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)
    assert "python -m pip install xllamacpp" in llama_cpp.why_not()


def test_this_processors_capabilities_have_the_names_that_are_asked_for():
    import torch

    if llama_cpp.platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip("not an x86 processor")
    assert set(llama_cpp._NEEDED) <= set(torch.cpu.get_capabilities())


@pytest.mark.models
@pytest.mark.parametrize("name", [models.DEFAULT_LLM, models.SMALL_LLM])
def test_the_tokenizer_cuts_as_llama_cpp_does(name, request):
    """A thousand texts: the sample's, in pieces of all lengths, and signs, numbers and scripts of all kinds."""
    xllamacpp = pytest.importorskip("xllamacpp")
    llm = load_llm(name, device="cpu")
    if not isinstance(llm, llama_cpp.LlamaLLM):
        pytest.skip("llama.cpp does not run here")
    random = np.random.default_rng(0)
    folder = request.config.rootpath / "notebooks" / "data" / "nutrition-primer"
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md")))
    strange = " \n\t0189'stIé߬字́😀<|im_end|>-–…½Ⅷ한ａﬁ‍\r"
    texts = [text[at : at + int(random.integers(1, 300))] for at in random.integers(0, len(text), 700)]
    texts += ["".join(random.choice(list(strange), int(random.integers(1, 30)))) for _ in range(300)]
    settings = xllamacpp.CommonParams()  # the model's own server has a key that is not kept
    settings.model.path = str(gguf_file(models.fetch_model(name, "llm")))
    settings.n_ctx, settings.verbosity, settings.warmup = 64, 0, False
    server = xllamacpp.Server(settings)

    def theirs(text):
        body = json.dumps({"content": text, "parse_special": False}).encode()
        request = urllib.request.Request(f"{server.listening_address}/tokenize", body)
        return json.load(urllib.request.urlopen(request, timeout=60))["tokens"]

    different = [
        text for text in texts if llm.tokenizer(text, split_special_tokens=True)["input_ids"] != theirs(text)
    ]
    assert different == []
