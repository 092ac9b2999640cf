"""Threads of a model that computes beside other programs: one more than processors while those are busy."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from ragkit.models import sharing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what runs")


@pytest.fixture
def model(monkeypatch):
    """A model on two processors; `others` is how many programs run beside it, look by look."""
    for name in sharing.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    monkeypatch.setattr(sharing, "SECONDS", 0)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield torch.nn.Linear(2, 2)
    torch.set_num_threads(before)


def threads(model, monkeypatch, *others):
    """How many threads torch has after each pass."""
    found, left = [], iter(others)
    monkeypatch.setattr(sharing, "others_running", lambda: next(left))
    for _ in others:
        model(torch.zeros(1, 2))
        found.append(torch.get_num_threads())
    return found


def test_one_more_while_others_are_busy_and_only_then(model, monkeypatch):
    sharing.share_processor(model)
    assert threads(model, monkeypatch, 0, 1, 1, 3, 1, 0, 0) == [2, 2, 2, 3, 3, 2, 2]


def test_a_program_that_wakes_up_for_a_moment_does_not_count(model, monkeypatch):
    sharing.share_processor(model)
    assert threads(model, monkeypatch, 1, 1, 0, 1, 1, 0, 5) == [2] * 7


def test_a_processor_that_is_left_over_is_room_for_another(model, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    sharing.share_processor(model)
    assert threads(model, monkeypatch, 2, 2, 2, 2, 3, 3, 3) == [2, 2, 2, 2, 2, 2, 3]


def test_looks_are_some_time_apart(model, monkeypatch):
    monkeypatch.setattr(sharing, "SECONDS", 60)
    sharing.share_processor(model)
    looks = []
    monkeypatch.setattr(sharing, "others_running", lambda: looks.append(1) or 0)
    for _ in range(5):
        model(torch.zeros(1, 2))
    assert len(looks) == 1


@pytest.mark.parametrize("name", sharing.SETTINGS)
def test_who_has_set_something_is_left_alone(model, monkeypatch, name):
    monkeypatch.setenv(name, "2")
    sharing.share_processor(model)
    assert threads(model, monkeypatch, 1, 1, 1, 1) == [2] * 4


def test_a_number_of_threads_that_was_chosen_later_stays(model, monkeypatch):
    sharing.share_processor(model)
    torch.set_num_threads(1)
    assert threads(model, monkeypatch, 1, 1, 1, 1) == [1] * 4


def test_busy_programs_are_seen():
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        assert max(sharing.others_running() for _ in range(2000)) >= 3
    finally:
        for each in busy:
            each.kill()
            each.wait()


def test_threads_of_this_program_do_not_count():
    counted = {True: 0, False: 0}
    for _ in range(300):
        counted[sharing._runs(Path("/proc/self/task") / str(threading.get_native_id()))] += 1
    assert counted[True] == 300  # the one that asks
