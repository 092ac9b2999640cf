"""Fakes for models and tokenizers: small, instant, and deterministic.

torch, pandas and NumPy are imported where they are used: tests of pure text do not wait for them.
"""

from __future__ import annotations

import functools
import os
import string
import sys
import zlib
from pathlib import Path

import pytest


def _one_thread():
    """The parent's threads are not there after a fork; torch would wait for them."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_one_thread)
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

SHARED = Path(__file__).resolve().parents[2] / "shared"

CHAT_TEMPLATE = (
    "{% for m in messages %}START{{ m.role }}\n{{ m.content }}END\n{% endfor %}"
    "{% if add_generation_prompt %}STARTassistant\n{% endif %}"
)


def pytest_collection_modifyitems(items):
    """Leave the minutes-long tests out unless they are asked for."""
    if os.environ.get("RAGKIT_SLOW"):
        return
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="minutes long: set RAGKIT_SLOW=1"))


@pytest.fixture(scope="session")
def shared():
    """Folder of real data for trying things out; not part of the project."""
    if not SHARED.exists():
        pytest.skip("no folder of test data beside the project")
    return SHARED / "data"


def make_tokenizer(start="<|im_start|>", end="<|im_end|>"):
    """One token a letter group or a sign, with control tokens for a turn of the chat, and a chat template."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: i for i, token in enumerate(["[UNK]", "<s>", "</s>", start, end])}
    words = [chr(i) for i in range(33, 127)] + [a + b for a in "abcdefghijklmnopqrst" for b in "aeioulnrst"]
    for word in words:
        vocabulary.setdefault(word, len(vocabulary))
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"\w{1,4}|[^\w\s]"), "isolated")]
    )
    special = [("<s>", 1), ("</s>", 2)]
    backend.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=special)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        eos_token=end,
        pad_token="</s>",
        additional_special_tokens=[start, end],
        model_max_length=64,
        chat_template=CHAT_TEMPLATE.replace("START", start).replace("END", end),
    )


@pytest.fixture(scope="session")
def tokenizer():
    """A tokenizer as of a small chat model."""
    return make_tokenizer()


@pytest.fixture(scope="session")
def llm(tokenizer):
    """A language model of random weights: real machinery, no meaning."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from ragkit.models.llm import LLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=600, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    return LLM("tiny", model, tokenizer, "cpu", "float32", 600, model.num_parameters())


class FakeModel:
    """Embeds a token as a fixed random direction and a text as their mean: like texts, like vectors."""

    max_seq_length = 64

    def __init__(self, tokenizer, dimension=32):
        self.tokenizer, self.dimension = tokenizer, dimension
        self.batches: list[int] = []
        self.out_of_memory_above = 10**9

    def get_embedding_dimension(self):
        return self.dimension

    def __iter__(self):
        return iter(())  # no modules

    def preprocess(self, texts, prompt=None):
        import numpy as np
        import torch

        texts = [(prompt or "") + text for text in texts]
        features = self.tokenizer(texts, padding=True, truncation=True, max_length=self.max_seq_length)
        offsets = [encoding.offsets for encoding in features.encodings]
        pieces = [[text[a:b] for a, b in row] for text, row in zip(texts, offsets, strict=True)]
        states = np.array([[direction(piece, self.dimension) for piece in row] for row in pieces])
        features["mask"] = torch.tensor(features.pop("attention_mask"))
        features["states"] = torch.tensor(states, dtype=torch.float32)
        return features

    def __call__(self, features):
        states, mask = features["states"], features["mask"][:, :, None]
        if len(states) > self.out_of_memory_above:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 1 GiB)")
        self.batches.append(len(states))
        return {"token_embeddings": states, "sentence_embedding": (states * mask).sum(1) / mask.sum(1)}


@functools.cache
def direction(piece, dimension):
    """A direction of its own for each piece of a word; special tokens have none."""
    import numpy as np

    noise = np.random.default_rng(zlib.crc32(piece.lower().encode())).standard_normal(dimension)
    return noise if piece.strip() else noise * 0.01


def make_embedder(tokenizer, **changes):
    """An embedder of 32 values that reads 64 tokens; what is made of texts, and how often, is in `.model`."""
    from ragkit.embed import Embedder

    about = {
        "name": "fake", "checksum": "0" * 64, "folder": Path("nowhere"), "device": "cpu", "dtype": "float32",
        "prompts": {"query": "", "document": ""},
    }  # fmt: skip
    embedder = Embedder(**about | changes)
    vars(embedder).update(
        model=FakeModel(tokenizer), tokenizer=tokenizer
    )  # where its cached properties keep them
    return embedder


def save_tiny_embedder(folder, *more):
    """Write a real embedding model of 32 values to a folder, with random weights, and more modules at its end."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = string.ascii_lowercase + string.digits
    pairs = [a + b for a in letters for b in "aeiou"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.punctuation, *letters, *pairs]
    pieces += ["##" + piece for piece in (*letters, *pairs)]
    tokenizer = BertTokenizerFast(vocab={piece: i for i, piece in enumerate(pieces)}, model_max_length=64)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=64,
    )  # fmt: skip
    for part in (BertModel(config), tokenizer):
        part.save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert"), max_seq_length=64), Pooling(32, "mean"), *more, Normalize()]
    SentenceTransformer(modules=modules).save(str(folder / "tiny"))
    return folder / "tiny"


@pytest.fixture
def embedder(tokenizer):
    """An embedder that needs no model on disk."""
    return make_embedder(tokenizer)


def make_pages(*texts, source="a.pdf", first_label=1):
    """Pages as `read_pdf` gives them, one block a paragraph."""
    import pandas as pd

    rows = []
    for page, text in enumerate(texts):
        blocks, start = [], 0
        for i, paragraph in enumerate(text.split("\n\n")):
            blocks.append([start, start + len(paragraph), 10.0, 20.0 * i, 90.0, 20.0 * i + 15])
            start += len(paragraph) + 2
        rows.append(
            {
                "source": source,
                "page": page,
                "label": str(page + first_label),
                "text": text,
                "blocks": blocks if text else [],
            }
        )
    return pd.DataFrame(rows)


def functions_without_models(tokenizer):
    """What is asked of `ragkit.models`, by name, without a model on disk."""
    return {
        "load_tokenizer": lambda name=None, kind="embedder": tokenizer,
        "model_name": lambda kind, name=None: str(name or "fake"),
        "fetch_model": lambda name=None, kind="embedder": Path("nowhere"),
        "model_checksum": lambda folder: "0" * 64,
    }


@pytest.fixture
def fake_models(monkeypatch, tokenizer):
    """Workspaces without a model on disk."""
    from ragkit import models

    for name, function in functions_without_models(tokenizer).items():
        monkeypatch.setattr(models, name, function)


def make_index(embedder, *texts, **columns):
    """An index of one chunk a text, from one file."""
    import pandas as pd

    from ragkit.index import Index

    chunks = pd.DataFrame(
        {"text": list(texts), "source": "a.pdf", "label": [str(i + 1) for i in range(len(texts))]}
    )
    return Index.from_arrays(chunks.assign(**columns), embed(embedder, texts), embedder, sample=0)


def with_sentences(embedder, *texts):
    """An index of one chunk a text, with the vectors of its sentences."""
    from dataclasses import replace

    from ragkit.embed import embed_with_sentences

    return replace(make_index(embedder, *texts), vectors=embed_with_sentences(embedder, list(texts)))


def found_for(question="", hits=None):
    """What a search found, without an index: for whatever only shows it."""
    import numpy as np
    import pandas as pd

    from ragkit.found import SENTENCE_COLUMNS, Found

    hits, sentences = hits if hits is not None else pd.DataFrame(), pd.DataFrame(columns=SENTENCE_COLUMNS)
    return Found(question, np.zeros(0, np.float32), hits, sentences, np.zeros((0, 0), np.float32), None)


def index_of_pages(tokenizer, embedder, *texts, **how):
    """An index over pages, with boxes; its sentences are embedded when they are asked for."""
    from ragkit.chunk import chunk_pages
    from ragkit.index import Index

    chunks = chunk_pages(make_pages(*texts, **how), tokenizer)
    return Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)


def embed(embedder, texts):
    """Embeddings without a word about what is cut."""
    from ragkit.embed import embed_texts

    return embed_texts(embedder, list(texts))


@pytest.fixture
def pdf(tmp_path):
    """A PDF of three pages of prose, as a file."""
    import pymupdf

    path = tmp_path / "paper.pdf"
    document = pymupdf.open()
    for words in (
        "Lemons cure scurvy in sailors. The trial was in 1747.",
        "Iron carries oxygen in blood.",
        "Water cools the body by sweat.",
    ):
        document.new_page(width=300, height=200).insert_textbox((30, 60, 270, 160), words, fontsize=11)
    document.save(path)
    return path


def in_child(action):
    """Call `action` in a forked process and return the text that it returns; what it prints is dropped."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        try:
            said = action()
        except BaseException as error:  # a child must never go on as a second pytest
            said = repr(error)
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def quick_models(monkeypatch, tokenizer):
    """A tokenizer without a model, no password, and nothing said yet."""
    from ragkit import models, notice

    monkeypatch.setattr(models, "load_tokenizer", lambda name=None, kind="embedder": tokenizer)
    monkeypatch.delenv("RAGKIT_PASSWORD", raising=False)
    notice._said.clear()


def read_one(path, **how):
    """The frame of a single file and its part of the report."""
    from ragkit.pdf import read_pdf

    pages = read_pdf(path, **how)
    (report,) = pages.attrs["report"].values()
    return pages, report


@pytest.fixture(scope="session")
def six_pages(tmp_path_factory):
    """A PDF of six pages, each with its number and words of its own."""
    from made_pdfs import book_page, distinct, make_pdf

    return make_pdf(
        tmp_path_factory.mktemp("six") / "six.pdf",
        *[book_page(body=f"Page {i}. {distinct(i)}") for i in range(6)],
    )


@pytest.fixture(scope="session")
def locked(tmp_path_factory):
    """A PDF that the password "open" opens."""
    import pymupdf
    from made_pdfs import make_pdf

    return make_pdf(
        tmp_path_factory.mktemp("locked") / "locked.pdf", "Secret words.",
        encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own",
    )  # fmt: skip
