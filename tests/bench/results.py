"""From the values of a run to medians and ratios; and whether a run is worse than the one that is committed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.rows import MADE, ROWS, SMALL, Row

TOLERANCE = 0.7
"""How much of a committed ratio has to be left: programs beside it disturb one side more than the other."""

OURS, TUTORIAL = "ragkit", "tutorial"
Run = dict[str, Any]


def times_better(row: Row, values: Mapping[str, Sequence[float]], side: str, other: str) -> float | None:
    """How many times better a side is than another: the median over the rounds.

    Rounds in which a value is 0, of which nothing is a multiple, do not count; None if there are no others.
    """
    pairs = [pair for pair in zip(values.get(side, []), values.get(other, []), strict=False) if 0 not in pair]
    if not pairs:
        return None
    ratio = statistics.median(a / b for a, b in pairs)
    return ratio if row.better == "higher" else 1 / ratio


def make_rows(values: Mapping[str, Mapping[str, Sequence[float]]], limits: Mapping[str, Any]) -> list[Run]:
    """One entry a row that was measured, in the order of the table."""
    return [
        {
            "key": key, "name": row.name, "unit": row.unit, "better": row.better,
            "values": values[key],
            "medians": {side: statistics.median(found) for side, found in values[key].items()},
            "ratios": {
                side: times_better(row, values[key], side, TUTORIAL) for side in values[key] if side != TUTORIAL
            },
            "limits": limits.get(key, {}),
        }
        for key, row in ROWS.items()
        if key in values
    ]  # fmt: skip


def limits_of_rows(machine: Mapping[str, Any], n_tokens: int) -> dict[str, dict[str, float]]:
    """What the machine allows at most, for rows of which that can be said, in the row's unit.

    Embedding multiplies each token with every weight: two operations a weight. A search reads the weights once for
    the question and then every row; writing a token reads every weight of the language model. Weights are read as
    bfloat16, 2 bytes each.
    """
    operations, bandwidth = machine["operations"], machine["bandwidth"]
    per_token = 2 * machine["embedder_weights"]
    embed = {f"{dtype} products": speed / per_token for dtype, speed in operations.items()}
    writing = {"memory, bfloat16": bandwidth / (2 * machine["llm_weights"])}
    weights = 2 * machine["embedder_weights"]
    search = {
        n: {"memory": 1000 * (weights + 4 * machine["dimension"] * n) / bandwidth} for n in [SMALL, *MADE]
    }
    return {
        "embed": embed, "embed_one": embed,
        "whole": {name: n_tokens / speed for name, speed in embed.items()},
        "writing": writing, "same_writing": writing,
        **{f"{kind}_{n}": limit for n, limit in search.items() for kind in ("search", "dense")},
    }  # fmt: skip


def worse_than(run: Run, committed: Run) -> list[str]:
    """Say which rows are worse than the committed ones; nothing if none is."""
    now = {row["key"]: row for row in run["rows"]}
    lines = [line for row in committed["rows"] if (line := _worse(row, now.get(row["key"])))]
    if committed["same_text"] and not run["same_text"]:
        lines.append("one prompt for both: ragkit writes another text than the tutorial, and it was the same")
    return lines


def _worse(was: Run, now: Run | None) -> str | None:
    if now is None:
        return f"{was['name']}: not measured, and it was"
    before, ratio = was["ratios"].get(OURS), now["ratios"].get(OURS)
    if before is None:  # a value was 0: then the value itself has to stay as good
        old, new = was["medians"].get(OURS, 0), now["medians"].get(OURS, 0)
        worse = new > old if was["better"] == "lower" else new < old
        return f"{was['name']}: {new:.3g} {was['unit']}, and it was {old:.3g}" if worse else None
    if ratio is None or ratio < TOLERANCE * before:
        found = "cannot be said" if ratio is None else f"{ratio:.2f}"
        return f"{was['name']}: {found} times the tutorial's, and it was {before:.2f}"
    return None


def load(path: Path) -> dict[str, Run]:
    """The committed runs by name; none if there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save(runs: Mapping[str, Run], path: Path) -> None:
    """Write runs as JSON that changes line by line."""
    path.write_text(json.dumps(rounded(runs), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    """Numbers with four digits, in whatever they stand."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value
