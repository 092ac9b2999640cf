"""What is kept of each document set: listed and cleared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from ragkit.workspace import MANIFEST, artifacts_root, read_manifest


def list_artifacts(root: str | Path | None = None) -> pd.DataFrame:
    """List what is kept of each document set: one row an artifact.

    Returns
    -------
    DataFrame
        Columns `document`, `step`, `made_with` (the parameters and the model), `file`, `bytes`.
    """
    rows = []
    for folder in sorted(path.parent for path in artifacts_root(root).glob(f"*/{MANIFEST}")):
        for name, record in read_manifest(folder)["artifacts"].items():
            recipe, file = record["recipe"], folder / name
            model = recipe["model"]["name"] if recipe["model"] else None
            chosen = {key: value for key, value in recipe["parameters"].items() if _says_something(value)}
            made_with = [f"{key}={value}" for key, value in chosen.items()]
            rows.append({
                "document": folder.name, "step": name.partition("-")[0],
                "made_with": ", ".join([model, *made_with] if model else made_with), "file": name,
                "bytes": file.stat().st_size if file.exists() else 0,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=["document", "step", "made_with", "file", "bytes"])


def _says_something(value: object) -> bool:
    """Whether a parameter is worth a place in the list: prompts are empty for most models."""
    return any(value.values()) if isinstance(value, dict) else value not in (None, False, "")


def clear_artifacts(root: str | Path | None = None) -> int:
    """Delete every workspace, also those of earlier versions; return the bytes freed."""
    named = f"*-{'[0-9a-f]' * 8}"  # a web app has a manifest.json, too
    folders = [path.parent for path in artifacts_root(root).glob(f"{named}/{MANIFEST}")]
    freed = sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())
    for folder in folders:
        shutil.rmtree(folder)
    for empty in artifacts_root(root).glob(named):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
    return freed
