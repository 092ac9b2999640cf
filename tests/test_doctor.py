"""The doctor's report: one screen, whatever is missing."""

import builtins
import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from ragkit import __version__, device, doctor, models
from ragkit.models import server

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _machine(monkeypatch, tmp_path):
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path))
    monkeypatch.setenv("RAGKIT_DEVICE", "cpu")
    monkeypatch.setattr(models, "is_present", lambda name: name == "all-MiniLM-L6-v2")
    monkeypatch.setattr(device, "free_ram", lambda: 6_000_000_000)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(server, "find_servers", lambda: [])
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: 3.0)


def report_rows(report):
    assert len(report.splitlines()) <= 24
    assert max(map(len, report.splitlines())) <= 100
    assert report.isascii()
    return report


def test_report_names_what_is_here_and_what_to_do(capsys):
    report = report_rows(doctor.examine())
    assert "cpu (RAGKIT_DEVICE says so)" in report
    assert "6.0 GB free of" in report
    assert "models     all-MiniLM-L6-v2; 0 MB used" in report
    assert "make models, to download all-mpnet-base-v2 (405 MB), SmolLM2-135M-Instruct (93 MB)," in report
    assert "Qwen2.5-Coder-0.5B-Instruct (478 MB)" in " ".join(report.split())
    assert "SmolLM2-135M-Instruct" in report.split("fits")[1].split("too large")[0]
    assert "gemma-7b-it" in report.split("too large")[1]
    assert "servers    none on the usual ports" in report
    assert "install Tesseract" in report
    last = f"NOT READY ragkit {__version__}, {platform.system()}, cpu, 6.0 GB free; first: models"
    assert report.splitlines()[-1] == last
    assert not doctor.is_ready(report)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_number_formats_are_those_that_models_get(monkeypatch, dtype):
    monkeypatch.setenv("RAGKIT_EMBEDDER_DTYPE", dtype)
    monkeypatch.setattr(device, "cpu_has_bfloat16", lambda arm=True: True)
    assert f"language models in bfloat16, embedders in {dtype}" in doctor.examine()


def test_nothing_missing_says_what_is_next(monkeypatch):
    monkeypatch.setattr(models, "is_present", lambda name: True)
    monkeypatch.setattr(shutil, "which", lambda name: str(Path.home() / "bin" / "tesseract"))
    report = report_rows(doctor.examine())
    assert "do:" not in report
    assert str(Path("~") / "bin" / "tesseract") in report
    assert report.splitlines()[-1] == (
        f"READY ragkit {__version__}, {platform.system()}, cpu, 6.0 GB free: make run"
    )
    assert doctor.is_ready(report)


def test_report_appears_where_torch_does_not_import(monkeypatch):
    real = builtins.__import__

    def without_torch(name, *args, **kwargs):
        if name.split(".")[0] in ("torch", "psutil"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    monkeypatch.delenv("RAGKIT_DEVICE")
    monkeypatch.setattr(builtins, "__import__", without_torch)
    report = report_rows(doctor.examine())
    assert "device     unknown: ImportError: No module named 'torch'" in report
    assert report.count("make setup") == 1
    assert report.splitlines()[-1].endswith("unknown, unknown; first: device, memory, models")
    assert "memory     unknown" in report
    assert "models     all-MiniLM-L6-v2" in report


def test_before_anything_is_installed_it_says_what_to_do():
    command = [sys.executable, "-S", "-m", "ragkit.doctor"]  # as the Makefile calls it
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    report = report_rows(done.stdout.rstrip())
    assert "do:        make setup installs what does not import" in report
    assert "NOT READY ragkit" in report.splitlines()[-1]


@pytest.mark.parametrize(("busy", "said"), [(12.0, False), (50.0, True)])
def test_a_busy_machine_is_said_and_still_ready(monkeypatch, busy, said):
    monkeypatch.setattr(models, "is_present", lambda name: True)
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: busy)
    report = report_rows(doctor.examine())
    assert f"cores, {busy:.0f}% busy" in report
    assert ("do:        close busy programs" in report) is said
    assert doctor.is_ready(report)


def test_a_device_that_is_not_there_is_a_finding(monkeypatch):
    monkeypatch.setenv("RAGKIT_DEVICE", "tpu")
    report = report_rows(doctor.examine())
    assert "device     unknown: BadParameter: unknown device 'tpu'" in report


def test_old_and_missing_packages_are_named(monkeypatch):
    real = metadata.version

    def versions(name):
        if name == "sentence-transformers":
            raise metadata.PackageNotFoundError(name)
        return "1.26.0" if name == "pymupdf" else real(name)

    monkeypatch.setattr(metadata, "version", versions)
    report = " ".join(report_rows(doctor.examine()).split())
    assert "sentence-transformers missing" in report
    assert "make setup, for sentence-transformers<7,>=6 (here: none), pymupdf<3,>=2 (here: 1.26.0)" in report


def test_gpu_memory_is_shown_beside_ram(monkeypatch):
    monkeypatch.setattr(device, "find_device", lambda: device.Device("cuda", "torch sees RTX 4070"))
    monkeypatch.setattr(device, "choose_dtype", lambda name, role: "bfloat16")
    monkeypatch.setattr(device, "free_memory", lambda name: 11_500_000_000)
    report = report_rows(doctor.examine())
    assert "RAM; 11.5 GB free on cuda" in report
    assert "fits       on cuda in bfloat16" in report


@pytest.mark.parametrize(
    ("free", "writable", "step"),
    [(10**6, True, "or set RAGKIT_HOME to a larger disk"), (10**12, False, "that you may write to")],
)
def test_disk_trouble_is_told_in_advance(monkeypatch, free, writable, step):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: writable)
    assert step in report_rows(doctor.examine())


def test_servers_are_named_with_their_models(monkeypatch):
    addresses = [f"http://127.0.0.1:11434/v1#{name}" for name in ("qwen3:4b", "gemma\u00fc", "c", "d", "e")]
    monkeypatch.setattr(server, "find_servers", lambda: [*addresses, "http://127.0.0.1:1234/v1"])
    report = report_rows(doctor.examine())
    found = " ".join(report.split("\nservers")[1].split("\nOCR")[0].split())
    ollama = "Ollama at http://127.0.0.1:11434/v1: qwen3:4b, gemma?, c and 2 more"
    assert found == f"{ollama}; LM Studio at http://127.0.0.1:1234/v1: no model"


def test_everything_wrong_at_once_still_fits_a_screen(monkeypatch, tmp_path):
    offered = [
        f"http://127.0.0.1:{port}/v1#{'long' * 9}{i}" for port in server.PORTS.values() for i in range(30)
    ]
    monkeypatch.setattr(server, "find_servers", lambda: offered)
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / ("long " * 60)))
    monkeypatch.setattr(models, "is_present", lambda name: False)
    monkeypatch.setattr(doctor.sys, "version_info", (3, 9))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1))
    monkeypatch.setattr(device, "free_ram", lambda: 1)

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    report = report_rows(doctor.examine())
    assert "install Python 3.11 or newer" in report
    assert "no language model" in report
    assert "close other programs: a language model needs" in report
    assert report.splitlines()[-1].startswith("NOT READY")


def test_what_only_scans_need_is_no_reason_not_to_be_ready(monkeypatch):
    monkeypatch.setattr(models, "is_present", lambda name: True)
    report = report_rows(doctor.examine())
    assert "do:        only for scanned PDFs" in report
    assert doctor.is_ready(report)
