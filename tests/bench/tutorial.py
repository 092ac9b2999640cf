"""The way of the best-known tutorial on local RAG, written down anew: what a learner has after six hours.

Its six steps and its choices: the text of a page as PyMuPDF gives it, ten sentences a chunk, chunks under 30 tokens
(characters / 4) left out, batches of 32, the embeddings in a CSV, one dot product with all of them, all five chunks in
the prompt, `model.generate`. It takes the models of this course, so that only the way differs; the language model in
bfloat16, as its folder says (the tutorial's GPU takes float16).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymupdf
import torch
from sentence_transformers import SentenceTransformer, util
from transformers import AutoModelForCausalLM, AutoTokenizer, TextStreamer

from bench.rows import NEW_TOKENS

try:
    from spacy.lang.en import English
except (
    ImportError
):  # a rule of one line instead: faster than spaCy, so the comparison is not in ragkit's favour
    English = None

SENTENCES, SHORTEST, BATCH = 10, 30, 32

PROMPT = """\
Use the following passages to answer the question. Think about which of them matter before you write; do \
not write that down, only the answer. Explain as much as is needed to understand it.

{passages}

Question: {question}
Answer:"""


class Way:
    """See `bench.steps`."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.embedder_folder, self.llm_folder = setup["embedder"], setup["llm"]
        self.csv = Path(setup["folder"]) / "embeddings.csv"
        self.splitter = "spaCy" if English else "a regular expression"
        if English:
            self.spacy = English()
            self.spacy.add_pipe("sentencizer")

    @property
    def model(self) -> SentenceTransformer:
        if not hasattr(self, "_model"):
            self._model = SentenceTransformer(self.embedder_folder, device="cpu")
        return self._model

    def read(self, pdf: str) -> list[dict[str, Any]]:
        pages = []
        for number, page in enumerate(pymupdf.open(pdf)):
            text = page.get_text().replace("\n", " ").strip()
            pages.append(
                {"page": number, "text": text, "words": len(text.split(" ")), "tokens": len(text) / 4}
            )
        return pages

    def split(self, pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        chunks = []
        for page in pages:
            sentences = self.sentences(page["text"])
            for start in range(0, len(sentences), SENTENCES):
                text = " ".join(sentences[start : start + SENTENCES]).replace("  ", " ").strip()
                text = re.sub(r"\.([A-Z])", r". \1", text)
                chunks.append({"page": page["page"], "text": text, "tokens": len(text) / 4})
        return [chunk for chunk in chunks if chunk["tokens"] > SHORTEST]

    def sentences(self, text: str) -> list[str]:
        if English:
            return [str(sentence) for sentence in self.spacy(text).sents]
        return re.split(r"(?<=[.!?])\s+", text)

    def texts(self, chunks: list[dict[str, Any]]) -> list[str]:
        return [chunk["text"] for chunk in chunks]

    def embed(self, texts: Sequence[str]) -> Any:
        return self.model.encode(list(texts), batch_size=BATCH)

    def embed_one(self, texts: Sequence[str]) -> Any:
        return [self.model.encode(text) for text in texts]

    def whole(self, pdf: str) -> None:
        chunks = pd.DataFrame(self.split(self.read(pdf)))
        np.set_printoptions(threshold=10_000)
        chunks["embedding"] = list(self.embed(chunks["text"]))
        chunks.to_csv(self.csv, index=False)
        self.load()

    def load(self) -> None:
        chunks = pd.read_csv(self.csv)
        vectors = chunks["embedding"].apply(lambda text: np.fromstring(text.strip("[]"), sep=" "))
        self.store(chunks["text"].tolist(), np.stack(vectors.to_list()))

    def store(self, texts: list[str], vectors: np.ndarray) -> None:
        self.passages, self.vectors = texts, torch.tensor(vectors, dtype=torch.float32)

    def search(self, question: str, **_: Any) -> list[str]:
        query = self.model.encode(question, convert_to_tensor=True)
        scores = util.dot_score(query, self.vectors)[0]
        return [self.passages[row] for row in torch.topk(scores, k=5).indices.tolist()]

    def open_document(self, pdf: str) -> None:
        self.load()
        self.tokenizer = AutoTokenizer.from_pretrained(self.llm_folder)
        self.llm = AutoModelForCausalLM.from_pretrained(self.llm_folder, dtype=torch.bfloat16)

    def prompt(self, question: str) -> list[dict[str, str]]:
        passages = "\n".join(f"- {text}" for text in self.search(question))
        return [{"role": "user", "content": PROMPT.format(passages=passages, question=question)}]

    def ask(self, question: str, show: Callable[[str], Any]) -> dict[str, Any]:
        return {"refused": False, **self.generate(self.prompt(question), show)}

    def generate(self, messages: list[dict[str, str]], show: Callable[[str], Any]) -> dict[str, Any]:
        text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        inputs = self.tokenizer(text, return_tensors="pt")
        streamer = Times(self.tokenizer, show)
        output = self.llm.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False, streamer=streamer)
        new = output[0, inputs["input_ids"].shape[1] :]
        _, first, *_, last = [*streamer.times, streamer.times[-1]]
        speed = (len(new) - 1) / (last - first) if last > first else 0.0
        return {
            "text": self.tokenizer.decode(new, skip_special_tokens=True).strip(), "tokens_per_second": speed,
        }  # fmt: skip


class Times(TextStreamer):
    """Hands words over as they come, and notes when each token came; the first is the whole prompt.

    The tutorial waits for the whole answer; with this, its first word is measured as ragkit's is.
    """

    def __init__(self, tokenizer: Any, show: Callable[[str], Any]) -> None:
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self.show, self.times = show, []

    def put(self, value: torch.Tensor) -> None:
        self.times.append(time.perf_counter())
        super().put(value)

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
        self.show(text)
