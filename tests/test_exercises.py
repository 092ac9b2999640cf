"""The exercises: what checkers say to right and wrong ways, and whether the notebooks have the solutions' stubs."""

import itertools
import math
import re
from collections import Counter
from copy import deepcopy
from fractions import Fraction

import checkers
import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from checkers.checking import check
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import __main__ as tools
from tools import exercises, notebooks

SOLUTIONS = notebooks.solution_paths()
NAMES = sorted(name.removeprefix("check_") for name in checkers.__all__)


def solution_cells(path):
    return nbformat.read(path, as_version=4).cells


def tags(cell):
    return cell.metadata.get("tags", [])


def sources():
    """The source of each exercise's solution, by the name of its function."""
    cells = [cell for path in SOLUTIONS for cell in solution_cells(path) if "solution" in tags(cell)]
    return {re.findall(r"^def (\w+)\(", cell.source, re.MULTILINE)[-1]: cell.source for cell in cells}


def defined(source, name):
    """The function that a cell defines."""
    scope = {}
    exec(source, scope)
    return scope[name]


def says(name, function):
    """What a checker says, which is one readable line."""
    verdict = getattr(checkers, f"check_{name}")(function)
    assert isinstance(verdict, str)
    assert verdict.isprintable()
    assert 0 < len(verdict) < 500
    assert repr(verdict) == verdict
    return verdict


# Other correct ways, and typical wrong ones


def find_page_loop(labels, label):
    for i, each in enumerate(labels):
        if each == label:
            return i
    return -1


def clean_page_joined(lines, running, join_all=False, inner_first=False):
    if not inner_first:
        lines = [line for line in lines if line not in running]
    text = "\n".join(line.strip() for line in lines if line.strip())
    text = re.sub(r"(?<=\w)-\n", "", text)
    if inner_first:
        text = "\n".join(line for line in text.split("\n") if line not in running)
    text = text.replace("-", "") if join_all else text
    return text.replace("\n", " ").translate({ord("ﬁ"): "fi", ord("ﬂ"): "fl"})


def clean_page_nfkc(lines, running):
    import unicodedata

    kept = [unicodedata.normalize("NFKC", line).strip() for line in lines if line not in running]
    text = ""
    for line in filter(None, kept):
        if text[-1:] == "-" and text[-2:-1].isalpha():
            text = text[:-1] + line
        else:
            text += (" " if text else "") + line
    return text


def running_lines_table(texts, masked=True, blank=False, once=True):
    counts = {}
    for text in texts:
        lines = text.split("\n") if blank else [line.strip() for line in text.splitlines() if line.strip()]
        ends = [lines[0], lines[-1]] if lines else []
        for line in set(ends) if once else ends:
            key = re.sub("[0-9]+", "#", line) if masked else line
            counts[key] = counts.get(key, 0) + 1
    return [line for line in counts if counts[line] > 2]


def running_lines_anywhere(texts):
    counts = Counter(
        line for text in texts for line in {re.sub(r"\d+", "#", each) for each in text.split("\n")}
    )
    return {line for line, n in counts.items() if n >= 3 and line.strip()}


def lost_tokens_loop(counts, limit):
    lost = 0
    for count in counts:
        if count > limit:
            lost += count - limit
    return lost


def pack_by_bounds(counts, limit, overlap):
    chunks, first, covered = [], 0, 0
    while covered < len(counts):
        while first < covered and sum(counts[first : covered + 1]) > limit:
            first += 1
        last = covered + 1
        while last < len(counts) and sum(counts[first : last + 1]) <= limit:
            last += 1
        chunks.append(tuple(range(first, last)))
        covered, first = last, max(last - overlap, 0)
    return chunks


def pack_with_a_total(counts, limit, overlap, fits=int.__le__, overlap_fits=True, whole=False):
    chunks, chunk, total = [], [], 0
    for i, count in enumerate(counts):
        if chunk and not fits(total + count, limit):
            chunks.append(chunk)
            chunk = chunk[-overlap:] if overlap or whole else []
            total = sum(counts[j] for j in chunk)
            while overlap_fits and chunk and total + count > limit:
                total -= counts[chunk[0]]
                chunk = chunk[1:]
        chunk = [*chunk, i]
        total += count
    return [*chunks, chunk] if chunk else []


GLUE = r"(?:\b(?:fig|al|approx|vit)|\b[A-Z])\.\s"


def my_split_hiding(text):
    hidden = re.sub(GLUE, lambda match: match[0][:-1] + "\0", text, flags=re.IGNORECASE)
    return [piece.replace("\0", " ") for piece in re.split(r"(?<=[.!?])\s", hidden)]


def my_split_letters(text, glue=GLUE):
    found, start = [], 0
    for match in re.finditer(r"[.!?](?:\s|$)", text):
        if not re.search(
            glue + "$", text[start : match.end()] + " " * (match.end() == len(text)), re.IGNORECASE
        ):
            found.append(text[start : match.end()].strip())
            start = match.end()
    return [*found, text[start:]] if text[start:] else found


def near_duplicates_loops(rows, at_least, cosine=None):
    def own(a, b):
        return float(a @ b) / (math.sqrt(float(a @ a)) * math.sqrt(float(b @ b)))

    cosine = cosine or own
    n = range(len(rows))
    found = [(cosine(rows[i], rows[j]), i, j) for i in n for j in n if i < j]
    return [[i, j] for score, i, j in sorted(found, reverse=True) if score >= at_least]


def near_duplicates_torch(rows, at_least):
    rows = torch.tensor(rows)
    cosines = torch.triu(torch.nn.functional.cosine_similarity(rows[:, None], rows[None], dim=-1), diagonal=1)
    pairs = (cosines >= at_least).nonzero()
    return pairs[cosines[pairs[:, 0], pairs[:, 1]].argsort(descending=True)]


def near_duplicates_with_itself(rows, at_least):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.argwhere(unit @ unit.T >= at_least)


def word_share_loop(question, text):
    words = {word.strip("?.,;!") for word in question.lower().split()}
    there = [word.strip("?.,;!") for word in text.lower().split()]
    return np.mean([word in there for word in words])


def word_share_table(question, text):
    asked, there = (pd.Series(re.findall(r"[a-z0-9]+", each.lower())) for each in (question, text))
    return asked.drop_duplicates().isin(there).mean()


def cosines(query, vectors):
    query, vectors = np.array(query, float), np.array(vectors, float)
    lengths = np.linalg.norm(query) * np.linalg.norm(vectors, axis=1)
    return vectors @ query / np.where(lengths == 0, 1, lengths)


def nearest_loop(query, vectors, k):
    scores = list(cosines(query, vectors))
    found = []
    while scores and len(found) < min(k, len(vectors)):
        best = (
            max(i for i in range(len(scores)) if scores[i] == max(scores))
            if False
            else scores.index(max(scores))
        )
        found.append(best)
        scores[best] = -math.inf
    return found


def fuse_counter(rankings):
    sums = Counter()
    for ranking in rankings:
        sums.update({chunk: 1 / (60 + rank) for rank, chunk in enumerate(ranking, 1)})
    return [chunk for chunk, _ in sorted(sums.items(), key=lambda item: (-item[1], item[0]))]


def fuse_every(rankings):
    chunks = sorted({chunk for ranking in rankings for chunk in ranking})
    sums = [sum(1 / (61 + r.index(chunk)) for r in rankings if chunk in r) for chunk in chunks]
    return np.array(chunks)[np.argsort(-np.array(sums), kind="stable")]


def fuse_ranks(rankings):
    chunks = sorted({chunk for ranking in rankings for chunk in ranking})
    return sorted(chunks, key=lambda chunk: sum(r.index(chunk) if chunk in r else 0 for r in rankings))


def mrr_loop(found, right, first=True):
    total = 0
    for labels, wanted in zip(found, right, strict=True):
        for i, label in enumerate(labels):
            if label in wanted:
                total += 1 / (i + 1)
                if first:
                    break
    return total / len(right)


def mrr_of_ranks(found, right, only_found=False):
    pairs = zip(found, right, strict=True)
    ranks = [min((f.index(page) + 1 for page in r if page in f), default=math.inf) for f, r in pairs]
    return np.mean([1 / rank for rank in ranks if rank < math.inf or not only_found])


def chance_enumerated(a, b):
    differ = [x - y for x, y in zip(a, b, strict=True) if x != y]
    tosses = list(itertools.product((1, -1), repeat=len(differ)))
    return sum(abs(sum(toss)) >= abs(sum(differ)) for toss in tosses) / len(tosses)


def chance_of(a, b, sides=2, all_questions=False, exactly=False):
    wins, losses = (np.array(a) > np.array(b)).sum(), (np.array(b) > np.array(a)).sum()
    n = len(a) if all_questions else wins + losses
    ways = [min(wins, losses)] if exactly else range(min(wins, losses) + 1)
    return min(1.0, sides * sum(math.comb(int(n), int(i)) for i in ways) / 2 ** int(n))


def to_do_loop(known, present):
    embed = [name for name in sorted(present) if name not in known or known[name] != present[name]]
    return embed, [name for name in sorted(known) if name not in present]


def to_do_by_items(known, present):
    return sorted(name for name, _ in present.items() - known.items()), sorted(known.keys() - present.keys())


def cells_loop(scores, sizes, n):
    chosen, left = [], list(range(len(scores)))
    while left and sum(sizes[cell] for cell in chosen) < n:
        chosen.append(left.pop(max(range(len(left)), key=lambda i: scores[left[i]])))
    return chosen


def cells_counted(scores, sizes, n):
    order = np.argsort(-np.array(scores), kind="stable")
    before = np.cumsum(np.array(sizes)[order]) - np.array(sizes)[order]
    return order[before < n].tolist()


def both_ends_loop(passages):
    front, back = [], []
    for i, passage in enumerate(passages):
        (back if i % 2 else front).append(passage)
    return front + back[::-1]


def both_ends_inserted(passages):
    ordered = []
    for passage in reversed(passages):
        ordered = [passage, *reversed(ordered)]
    return ordered


def how_many_fit_sums(counts, budget, around, between):
    needed = [around + sum(counts[:n]) + between * (n - 1) for n in range(1, len(counts) + 1)]
    return len(list(itertools.takewhile(lambda need: need <= budget, needed)))


def how_many_fit_left(counts, budget, around, between, skip=False):
    n, left = 0, budget - around
    for count in counts:
        cost = count + (between if n else 0)
        if cost > left:
            if skip:
                continue
            break
        n, left = n + 1, left - cost
    return n


def leaks_counted(messages, render, control):
    plain = [dict(message, content="") for message in messages]
    return [t for t in render(plain) if t in control] != [t for t in render(messages) if t in control]


def leaks_one_by_one(messages, render, control):
    def number(message):
        return len([token for token in render([message]) if token in control])

    return any(number(message) != number({**message, "content": "salt"}) for message in messages)


def most_likely_loop(scores):
    best = None
    for token, score in scores.items():
        if best is None or score > scores[best]:
            best = token
    return best


def memory(parameters, value_bytes, kv_values, context):
    return parameters * value_bytes + kv_values * context * value_bytes


def supporting_scored(claim, sentences, numbers=True, negation=True, share=0.75):
    def words(text):
        return re.findall("[a-z0-9]+", text.lower())

    def score(sentence):
        if numbers and not all(word in words(sentence) for word in words(claim) if word.isdigit()):
            return 0
        if negation and any(n in words(claim) for n in NOT) != any(n in words(sentence) for n in NOT):
            return 0
        long = {word for word in words(claim) if len(word) > 3}
        return np.mean([word in words(sentence) for word in long])

    scores = [score(sentence) for sentence in sentences]
    return int(np.argmax(scores)) if scores and max(scores) >= share else -1


NOT = ("not", "no", "never", "without")


def supporting_sorted(claim, sentences):
    scored = [(supporting_scored(claim, [s]) == 0, i) for i, s in enumerate(sentences)]
    long = set(re.findall(r"\w{4,}", claim.lower()))
    fitting = [i for fine, i in scored if fine]
    return max(fitting, key=lambda i: len(long & set(re.findall(r"\w+", sentences[i].lower()))), default=-1)


WAYS = {
    "find_page": (
        [find_page_loop, lambda labels, label: next((i for i, x in enumerate(labels) if x == label), -1)],
        [
            lambda labels, label: int(label) - 1,
            lambda labels, label: labels.index(label),
            lambda labels, label: labels.index(label) + 1 if label in labels else -1,
        ],
    ),
    "clean_page": (
        [clean_page_joined, clean_page_nfkc],
        [
            lambda lines, running: " ".join(lines),
            lambda lines, running: clean_page_joined(lines, running, join_all=True),
            lambda lines, running: clean_page_joined(lines, running, inner_first=True),
            lambda lines, running: clean_page_joined(
                [line for i, line in enumerate(lines) if line not in running or line in lines[:i]], []
            ),
        ],
    ),
    "running_lines": (
        [running_lines_table, lambda texts: frozenset(running_lines_table(texts))],
        [
            lambda texts: running_lines_table(texts, masked=False),
            lambda texts: running_lines_table(texts, blank=True),
            lambda texts: running_lines_table(texts, once=False),
            running_lines_anywhere,
        ],
    ),
    "lost_tokens": (
        [lost_tokens_loop, lambda counts, limit: np.maximum(np.array(counts, int) - limit, 0).sum()],
        [
            lambda counts, limit: sum(counts) - limit * len(counts),
            lambda counts, limit: sum(count > limit for count in counts),
            lambda counts, limit: [max(0, count - limit) for count in counts],
        ],
    ),
    "pack_with_overlap": (
        [pack_by_bounds, pack_with_a_total],
        [
            lambda counts, limit, overlap: pack_with_a_total(counts, limit, 0),
            lambda counts, limit, overlap: pack_with_a_total(counts, limit, overlap, fits=int.__lt__),
            lambda counts, limit, overlap: pack_with_a_total(counts, limit, overlap, overlap_fits=False),
            lambda counts, limit, overlap: pack_with_a_total(
                counts, limit, overlap, whole=True, overlap_fits=False
            ),
        ],
    ),
    "my_split": (
        [my_split_hiding, my_split_letters],
        [
            lambda text: re.split(r"(?<=[.!?])\s+", text),
            lambda text: my_split_letters(text, r"\b(?:fig|al|approx|vit)\.\s"),
            lambda text: my_split_letters(text, r"\b\w\.\s|(?:fig|al|approx|vit)\.\s"),
        ],
    ),
    "mean_of_tokens": (
        [
            lambda states, mask: (states * mask[:, None]).sum(axis=0) / mask.sum(),
            lambda states, mask: torch.tensor(states)[torch.tensor(mask, dtype=torch.bool)].mean(0),
        ],
        [
            lambda states, mask: states.mean(axis=0),
            lambda states, mask: (states * mask[:, None]).mean(axis=0),
            lambda states, mask: states[mask == 1].mean(axis=1),
        ],
    ),
    "bad_rows": (
        [
            lambda rows: [i for i, row in enumerate(rows) if not all(map(math.isfinite, row))],
            lambda rows: np.where((np.isnan(rows) | np.isinf(rows)).any(axis=1))[0],
        ],
        [
            lambda rows: np.flatnonzero(np.isnan(rows).any(axis=1)),
            lambda rows: np.flatnonzero(np.isnan(rows).all(axis=1)),
            lambda rows: ~np.isfinite(rows).all(axis=1),
        ],
    ),
    "near_duplicates": (
        [near_duplicates_loops, near_duplicates_torch],
        [
            lambda rows, at_least: near_duplicates_loops(rows, at_least, cosine=lambda a, b: float(a @ b)),
            near_duplicates_with_itself,
            lambda rows, at_least: near_duplicates_loops(rows, at_least)[::-1],
        ],
    ),
    "word_share": (
        [word_share_loop, word_share_table],
        [
            lambda question, text: word_share_loop(question, text) * len(question.split()),
            lambda question, text: np.mean([word in text for word in set(question.split())]),
            lambda question, text: np.mean([word in text.lower() for word in question.lower().split()]),
        ],
    ),
    "nearest": (
        [nearest_loop, lambda query, vectors, k: np.argsort(-cosines(query, vectors), kind="stable")[:k]],
        [
            lambda query, vectors, k: np.argsort(-np.array(vectors) @ query, kind="stable")[:k],
            lambda query, vectors, k: np.argsort(cosines(query, vectors), kind="stable")[:k],
            lambda query, vectors, k: sorted(cosines(query, vectors), reverse=True)[:k],
        ],
    ),
    "fuse": (
        [fuse_counter, fuse_every],
        [fuse_ranks, lambda rankings: fuse_counter(rankings)[::-1], lambda rankings: rankings[0]],
    ),
    "hit_rate": (
        [
            lambda ranks, k: len([r for r in ranks if r and r <= k]) / len(ranks),
            lambda ranks, k: np.mean(np.array([np.inf if r is None else r for r in ranks]) <= k),
        ],
        [
            lambda ranks, k: sum(rank <= k for rank in ranks) / len(ranks),
            lambda ranks, k: np.mean([rank <= k for rank in ranks if rank]),
            lambda ranks, k: sum(rank is not None and rank < k for rank in ranks) / len(ranks),
        ],
    ),
    "mrr": (
        [mrr_loop, mrr_of_ranks],
        [
            lambda found, right: mrr_loop(found, right, first=False),
            lambda found, right: mrr_of_ranks(found, [pages[:1] for pages in right]),
            lambda found, right: mrr_of_ranks(found, right, only_found=True),
        ],
    ),
    "chance": (
        [chance_enumerated, chance_of],
        [
            lambda a, b: chance_of(a, b, sides=1),
            lambda a, b: chance_of(a, b, all_questions=True),
            lambda a, b: chance_of(a, b, exactly=True),
        ],
    ),
    "recall_of": (
        [
            lambda found, nearest: np.isin(nearest, found).mean(),
            lambda found, nearest: sum(row in found for row in nearest) / len(nearest),
        ],
        [
            lambda found, nearest: sum(a == b for a, b in zip(found, nearest, strict=False)) / len(nearest),
            lambda found, nearest: len({*found} & {*nearest}) / len(found),
            lambda found, nearest: len({*found} & {*nearest}),
        ],
    ),
    "to_do": (
        [to_do_loop, to_do_by_items],
        [
            lambda known, present: (sorted(present.keys() - known.keys()), sorted(known.keys() - present.keys())),
            lambda known, present: (sorted(present), sorted(known.keys() - present.keys())),
            lambda known, present: to_do_loop(known, present)[::-1],
        ],
    ),
    "cells_to_search": (
        [cells_loop, cells_counted],
        [
            lambda scores, sizes, n: cells_loop(sizes, sizes, n),
            lambda scores, sizes, n: cells_loop(scores, sizes, n + 1),
            lambda scores, sizes, n: cells_loop(scores, [1] * len(sizes), n),
        ],
    ),
    "both_ends": (
        [both_ends_loop, both_ends_inserted],
        [
            lambda passages: passages[::2] + passages[1::2],
            lambda passages: passages[::-1],
            lambda passages: passages[1::2] + passages[::2][::-1],
        ],
    ),
    "how_many_fit": (
        [how_many_fit_sums, how_many_fit_left],
        [
            lambda *given: how_many_fit_left(*given, skip=True),
            lambda counts, budget, around, between: how_many_fit_sums(counts, budget - between, around, between),
            lambda counts, budget, around, between: counts[: how_many_fit_sums(counts, budget, around, between)],
            lambda counts, budget, around, between: how_many_fit_sums(
                counts, budget - between * (len(counts) - 1), around, 0
            ),
        ],
    ),
    "leaks": (
        [leaks_counted, leaks_one_by_one],
        [
            lambda messages, render, control: any(token in control for token in render(messages)),
            lambda messages, render, control: any(c in m["content"] for m in messages for c in control),
            lambda messages, render, control: sum(t in control for t in render(messages)) > 2 * len(messages) + 1,
        ],
    ),
    "most_likely": (
        [most_likely_loop, lambda scores: sorted(scores.items(), key=lambda item: item[1])[-1][0]],
        [max, lambda scores: max(scores.values()), lambda scores: min(scores, key=scores.get)],
    ),
    "fits": (
        [
            lambda *given: memory(*given[:4]) <= given[4] / 1.2,
            lambda *given: np.array(memory(*given[:4])) + memory(*given[:4]) / 5 <= given[4],
        ],
        [
            lambda *given: memory(*given[:4]) <= given[4],
            lambda *given: 1.2 * memory(*given[:3], 0) <= given[4],
            lambda *given: 1.2 * memory(*given[:4]),
        ],
    ),
    "supporting": (
        [supporting_scored, supporting_sorted],
        [
            lambda claim, sentences: supporting_scored(claim, sentences, numbers=False),
            lambda claim, sentences: supporting_scored(claim, sentences, negation=False),
            lambda claim, sentences: supporting_scored(claim, sentences, share=0.5),
        ],
    ),
}  # fmt: skip

SLIPS = {
    "find_page": [
        ("labels.index(label)", "[each.lower() for each in labels].index(label.lower())"),
        ("labels.index(label)", "len(labels) - 1 - labels[::-1].index(label)"),
        ("labels.index(label)", "next(i for i, each in enumerate(labels) if label in each)"),
        ("labels.index(label)", "next(i for i, each in enumerate(labels) if each.startswith(label))"),
    ],
    "clean_page": [
        ("line not in running", "not any(each in line for each in running)"),
        ("line not in running", "line not in running[:1]"),
        ('.replace("ﬂ", "fl")', ""),
        (' and not text.endswith(" -")', ""),
    ],
    "running_lines": [
        (r"\d+", r"\d"),
        ("n >= 3", "n > 3"),
        ("n >= 3", "n == 3"),
        ("n >= 3", "n >= 3 and n > len(texts) / 2"),
        ("lines[:1] + lines[-1:]", "lines[:1]"),
        ("[line.strip() for", "[line.strip().lower() for"),
        ('counts.update({re.sub(r"\\d+", "#", line) for line in lines[:1] + lines[-1:]})',
         'counts.update([re.sub(r"\\d+", "#", line) for line in lines[:1] + lines[-1:]])'),
    ],
    "lost_tokens": [
        ("count - limit", "count - 384"),
        ("sum(max(0, count - limit) for count in counts)", "max(0, sum(counts) - limit * len(counts))"),
        ("max(0, count - limit)", "abs(count - limit)"),
        ("for count in counts", "for count in set(counts)"),
    ],
    "pack_with_overlap": [
        ("chunk = chunk[1:]", "chunk = []"),
        ("chunk = chunk[1:]", "chunk = chunk[:-1]"),
        ("chunk[-overlap:]", "chunk[-1:]"),
        ("+ count > limit:\n            chunks", "+ count >= limit:\n            chunks"),
        ("+ count > limit:\n            chunks", "+ count > 8:\n            chunks"),
    ],
    "my_split": [
        ("last in SHORT", "last.endswith(tuple(SHORT))"),
        ('.strip("(")', ""),
        ("[a-z]", "[a-z0-9]"),
        (".lower()", ""),
    ],
    "near_duplicates": [
        ("cosines[pair] >=", "abs(cosines[pair]) >="),
        (">= at_least", "> at_least"),
        ("sorted(found, key=lambda pair: -cosines[pair])", "found"),
        ("combinations(range(len(unit)), 2)", "((i, i + 1) for i in range(len(unit) - 1))"),
    ],
    "word_share": [
        (r"\w+", "[a-z]+"),
        (r"\w+", r"\S+"),
        ("/ len(words)", "/ len(question.split())"),
        ("words & set(", "{re.sub('als$', 'al', word) for word in words} & set("),
        ("text.lower()", "text"),
    ],
    "fuse": [
        ("start=1", "start=0"),
        ("1 / (60 + rank)", "1 / (61 + rank)"),
        ("1 / (60 + rank)", "1 / rank"),
        ("1 / (60 + rank)", "1"),
        ("1 / (60 + rank)", "1000 - rank"),
    ],
    "leaks": [
        ("token in control", "token == control[-1]"),
        ("n_control(messages) > n_control(harmless)", "n_control(messages[-1:]) > n_control(harmless[-1:])"),
        ("n_control(messages) > n_control(harmless)", "len(render(messages)) > len(render(harmless))"),
    ],
    "most_likely": [
        ("max(scores, key=scores.get)", "min(scores)"),
        ("max(scores, key=scores.get)", "next(iter(scores))"),
        ("max(scores, key=scores.get)", "max(scores, key=lambda token: abs(scores[token]))"),
    ],
    "how_many_fit": [
        ("around - between", "around"),
        ("around - between", "-between"),
        ("used > budget", "used >= budget"),
        ("between + count", "between + count + around"),
    ],
    "supporting": [
        ("numbers <= has", "not numbers or numbers & has"),
        ("numbers <= has", "numbers == {word for word in has if word.isdigit()}"),
        ("numbers <= has", "all(number in ' '.join(has) for number in numbers)"),
        ("len(word) >= 4", "len(word) > 4"),
        ("{word for word in says if len(word) >= 4}", "says"),
        ("0.75 * len(long)", "0.75 * len(long) + 0.001"),
        ("0.75 * len(long)", "0.75 * len({word for word in has if len(word) >= 4})"),
        ("most + 1", "most"),
        ("bool(says & NOT) == bool(has & NOT)", "bool(says & NOT) <= bool(has & NOT)"),
        ("bool(says & NOT) == bool(has & NOT)", "bool(says & NOT) >= bool(has & NOT)"),
        ("bool(says & NOT) == bool(has & NOT)", "('not' in says) == ('not' in has)"),
    ],
    "recall_of": [
        ("len(set(found) & set(nearest))", "sum(row in nearest for row in found)"),
        ("/ len(nearest)", "/ len(set(found) | set(nearest))"),
        ("/ len(nearest)", "/ max(len(found), 1)"),
        ("set(found)", "set(found[: len(nearest)])"),
    ],
    "hit_rate": [
        ("for rank in ranks", "for rank in ranks[:k]"),
        ("rank is not None and rank <= k for rank in ranks", "rank is not None for rank in ranks[:k]"),
    ],
    "fits": [("kv_values * value_bytes", "kv_values * 2"), ("kv_values * value_bytes", "kv_values")],
    "chance": [("few = better + worse, min(better, worse)", "few = better + worse, worse")],
    "mrr": [("enumerate(labels", "enumerate(dict.fromkeys(labels)")],
    "to_do": [
        ("known.get(name) != present[name]", "present[name] not in known.values()"),
        ("known.get(name) != present[name]", "name not in known"),
        ("name not in present)", "known[name] not in present.values())"),
        ("sorted(name for name in present", "list(name for name in present"),
    ],
}  # fmt: skip
"""More wrong ways: a piece of the solution, and what a learner may write instead."""


class Odd:
    """A value that cannot be compared or written."""

    def __eq__(self, other):
        raise ValueError("never")

    def __repr__(self):
        raise ValueError("never")

    __hash__ = None


def endless(*given):
    yield from itertools.count()


def without_end(*given):
    return without_end(*given)


def quits(*given):
    raise SystemExit


def complains(*given):
    raise ValueError("two\nlines of it")


NONSENSE = {
    "a class of its own": lambda *given: Odd(),
    "a list with one": lambda *given: [Odd()],
    "a generator without end": endless,
    "a table": lambda *given: pd.DataFrame({"a": [1]}),
    "an empty text": lambda *given: "",
    "a long text of many lines": lambda *given: "a\nb\t" * 10_000,
    "itself": lambda *given: without_end,
    "half of a surrogate pair": lambda *given: "\ud800",
    "numbers that are none": lambda *given: np.full(3, np.nan),
}
HEARD = r"for {}\(.*\): (got|raised) .+, expected .+: \S.+\S"
"""What a wrong way hears: the call, what came, what should have come, and the rule that it broke."""

RAISING = [complains, without_end, quits, lambda: 1, 5, None]


# What the checkers say


def test_every_checker_has_an_exercise_and_ways_to_try():
    assert sorted(sources()) == NAMES == sorted(WAYS)
    assert all(len(right) >= 2 and len(wrong) >= 3 for right, wrong in WAYS.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_and_other_ways_are_correct(name):
    assert says(name, defined(sources()[name], name)) == "correct"
    for way in WAYS[name][0]:
        assert says(name, way) == "correct"


@pytest.mark.parametrize(("name", "i"), [(name, i) for name in NAMES for i in range(len(WAYS[name][1]))])
def test_a_wrong_way_hears_for_what_and_what_was_expected(name, i):
    assert re.fullmatch(HEARD.format(name), says(name, WAYS[name][1][i]))


@pytest.mark.parametrize(("name", "i"), [(name, i) for name in SLIPS for i in range(len(SLIPS[name]))])
def test_a_slip_in_the_solution_hears_for_what_and_what_was_expected(name, i):
    right, slip = SLIPS[name][i]
    source = sources()[name]
    assert right in source
    assert re.fullmatch(HEARD.format(name), says(name, defined(source.replace(right, slip), name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_not_attempted_yet(name):
    assert says(name, defined(exercises.stub_of(sources()[name]), name)) == "not attempted yet"
    assert says(name, lambda *given: None).startswith("not attempted yet, or without a return")


@pytest.mark.parametrize("function", RAISING)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_raised(name, function):
    assert re.match(rf"for {name}\(.*\): raised \w+", says(name, function))


@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("name", NAMES)
def test_nonsense_is_not_correct(name, what):
    assert says(name, NONSENSE[what]).startswith(f"for {name}(")


def test_a_function_that_changes_what_it_gets_hears_so_and_changes_nothing_of_ours():
    cases = [(([1, 3],), [1, 3], ""), (([3, 1],), [1, 3], ""), (([2, 1],), [1, 2], "")]
    kept = deepcopy(cases)
    heard = check(lambda values: values.sort() or values, "in_order", cases)
    assert heard == "for in_order([3, 1]): right, but it changes what it was given: work on a copy"
    assert "got [3, 1], expected" in check(lambda values: values.append(2) or values[:2], "in_order", cases)
    assert cases == kept


def test_a_row_without_a_number_is_no_change():
    nan = np.array([[np.nan, 1.0]])
    assert check(lambda *given: 0, "f", [((nan, math.nan, math.hypot), 0, "")]) == "correct"


def test_a_fraction_is_a_number():
    assert check(lambda: Fraction(2, 3), "f", [((), 2 / 3, "")]) == "correct"
    assert "expected 0.6667" in check(lambda: Fraction(1, 3), "f", [((), 2 / 3, "")])


def test_truth_is_no_number_and_text_no_list():
    assert "got 1, expected True" in check(lambda: 1, "f", [((), True, "")])
    assert "got True, expected 1" in check(lambda: True, "f", [((), 1, "")])
    assert "got 'ab'" in check(lambda: "ab", "f", [((), ["a", "b"], "")])
    assert "got 1001, expected 1000" in check(lambda: 1001, "f", [((), 1000, "")])
    assert "got 0.3331" in check(lambda: 0.3331, "f", [((), 1 / 3, "")])


def test_a_return_that_is_missing_in_one_place_is_named():
    assert "got None, expected 2" in check(
        lambda n: n if n < 2 else None, "f", [((1,), 1, ""), ((2,), 2, "")]
    )


# The notebooks


def test_each_notebook_has_its_solutions():
    assert [path.name for path in SOLUTIONS] == [path.name for path in notebooks.lesson_paths()]


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_a_notebook_has_the_exercises_of_its_solutions(path):
    place = notebooks.NOTEBOOKS / path.name
    cells = nbformat.read(place, as_version=4).cells
    assert exercises.with_exercises(cells, solution_cells(path), place) == cells, "run: make exercises"


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_solutions_are_made_as_promised(path):
    cells = solution_cells(path)
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    marks = re.findall(r"^### \d\. .+ \((\d+) min · (easy|medium|hard) · (core|extra)\)$", text, re.MULTILINE)
    assert [int(minutes) for minutes, *_ in marks] == [5, 15, 30]
    levels = [["easy", "medium", "hard"].index(level) for _, level, _ in marks]
    assert levels == sorted(levels)
    assert "core" in [importance for *_, importance in marks]
    assert text.count("<details><summary>Hint</summary>") == text.count("*It teaches:*") == 3
    assert f"(../{path.name})" in text
    for cell in cells:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if cell.cell_type == "code":
            assert len(lines) <= 15
            assert max(map(len, lines)) <= 88
        else:
            unmarked = re.sub(r" \(\d+ min · .+\)$", "", cell.source, flags=re.MULTILINE)
            assert len(unmarked.split()) <= 57


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_stored_solutions_are_correct(path):
    code = [cell for cell in solution_cells(path) if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    checks = [cell for cell in code if re.search(r"^check_", cell.source, re.MULTILINE)]
    assert [cell.outputs[0].data["text/plain"] for cell in checks] == ["correct"] * 3


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A notebook with exercises of old, and its solutions."""
    (tmp_path / "solutions").mkdir()
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    own = ["# 01", "## Exercises\n\nOld ones.", "old", "## With your own PDF\n\nSo.", "## Key points"]
    write(tmp_path / "01_a.ipynb", [new_markdown_cell(source) for source in own])
    solved = 'def two():\n    """2."""\n    # solution\n    n = 1\n\n    return n + n'
    cells = [
        new_markdown_cell("# Solutions"),
        new_code_cell("setup"),
        new_markdown_cell("### 1. Two (5 min · easy · core)", id="text"),
        new_code_cell(solved, id="stub", metadata={"tags": ["solution"]}),
        new_code_cell("two()", id="check"),
        new_markdown_cell("Well done.", metadata={"tags": ["only-in-solutions"]}),
    ]
    write(tmp_path / "solutions" / "01_a.ipynb", cells)
    return tmp_path


def write(path, cells):
    nbformat.write(new_notebook(cells=cells), path)


def test_exercises_are_made_from_the_solutions_once(course, capsys):
    assert tools.main(["exercises"]) == 0
    place = course / "01_a.ipynb"
    made = nbformat.read(place, as_version=4)
    nbformat.validate(made)
    assert [cell.source.split("\n")[0] for cell in made.cells] == [
        "# 01", "## Exercises", "### 1. Two (5 min · easy · core)", "def two():", "two()", "## With your own PDF",
        "## Key points",
    ]  # fmt: skip
    assert made.cells[3].source == 'def two():\n    """2."""\n    return ...  # your code'
    assert [cell.id for cell in made.cells[1:5]] == ["01-exercises", "text", "stub", "check"]
    assert tags(made.cells[3]) == ["exercise"]
    made.cells[4].execution_count = 7
    nbformat.write(made, place)
    before = place.read_bytes()
    assert tools.main(["exercises"]) == 0
    assert place.read_bytes() == before, "outputs are kept"
    said = capsys.readouterr().out.splitlines()
    assert ["new exercises" in line for line in said] == [True, False]


def test_a_change_in_the_solutions_is_seen(course):
    tools.main(["exercises"])
    path = course / "solutions" / "01_a.ipynb"
    solutions = nbformat.read(path, as_version=4)
    solutions.cells[3].source = solutions.cells[3].source.replace("two", "double")
    nbformat.write(solutions, path)
    cells = nbformat.read(course / "01_a.ipynb", as_version=4).cells
    assert exercises.with_exercises(cells, solutions.cells, course / "01_a.ipynb") != cells


def test_a_notebook_without_the_place_for_them_is_named(course, capsys):
    write(course / "01_a.ipynb", [new_markdown_cell("## Exercises")])
    assert tools.main(["exercises"]) == 1
    assert "01_a.ipynb has no text cell that begins with '## With your own PDF'" in capsys.readouterr().err
