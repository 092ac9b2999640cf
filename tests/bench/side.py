"""One side in a process of its own, which speaks JSON lines: `python -m bench.side bench.tutorial`."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


class SideFailed(Exception):
    """A step of a side ended in an error; its traceback is in the side's log."""


class Side:
    """The end that asks.

    Parameters
    ----------
    name : str
        In the table.
    module : str
        Has a class `Way`: see `bench.steps`.
    python : path
        Interpreter of the side's environment.
    setup : dict
        Handed to `Way`: paths of the models, a folder to write to.
    """

    def __init__(self, name: str, module: str, python: Path, setup: Mapping[str, Any]) -> None:
        self.name, self.module, self.python = name, module, python
        self.setup = {**setup, "folder": str(Path(setup["folder"]) / name)}
        folder = Path(self.setup["folder"])
        folder.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ, "PYTHONPATH": str(TESTS), "HF_HUB_OFFLINE": "1", "RAGKIT_DEVICE": "cpu",
            "RAGKIT_ARTIFACTS": str(folder / "artifacts"), "HAYSTACK_TELEMETRY_ENABLED": "False",
            "TOKENIZERS_PARALLELISM": "true",
        }  # fmt: skip
        self.log = folder / "log.txt"
        self.process = subprocess.Popen(
            [str(python), "-m", "bench.side", module],
            cwd=ROOT, env=environment, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("a", encoding="utf-8"),
        )  # fmt: skip

    def fresh(self) -> Side:
        """The same side in a new process."""
        folder = str(Path(self.setup["folder"]).parent)
        return Side(self.name, self.module, self.python, {**self.setup, "folder": folder})

    def do(self, step: str, **given: Any) -> dict[str, Any]:
        """Let the side take a step of `bench.steps`, and give back what it reports."""
        assert self.process.stdin
        assert self.process.stdout
        request = {"step": step, "setup": self.setup, **given}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline() or '{"error": "the process ended"}')
        if "error" in reply:
            raise SideFailed(f"{self.name}, {step}: {reply['error']} (see {self.log})")
        return reply

    def close(self) -> None:
        """End the process."""
        self.process.communicate()

    def __enter__(self) -> Side:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(module: str) -> None:
    """The end that answers: one reply a request, until there are no more."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not get between the replies
    started = time.perf_counter()
    way_module = importlib.import_module(module)
    imported = time.perf_counter() - started
    from bench import steps

    way = None
    for line in sys.stdin:
        request = json.loads(line)
        step, setup = request.pop("step"), request.pop("setup")
        try:
            way = way or way_module.Way(setup)
            reply = {"import": imported} if step == "import" else getattr(steps, step)(way, **request)
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
