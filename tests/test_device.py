"""Device and dtype, with CUDA and MPS faked on whatever machine this runs."""

from importlib import metadata
from types import SimpleNamespace

import psutil
import pytest
import torch

from ragkit import device, notice
from ragkit.device import Device, choose_device, choose_dtype, find_device, free_memory, is_out_of_memory
from ragkit.notice import BadParameter, DeviceUnavailable

RTX = {"name": "RTX 4070", "capability": (8, 9)}
GTX = {"name": "GTX 1080", "capability": (6, 1)}


@pytest.fixture
def machine(monkeypatch):
    """A function that gives this machine a CUDA GPU, an Apple GPU, or neither."""
    monkeypatch.delenv("RAGKIT_DEVICE", raising=False)
    monkeypatch.setattr(notice, "_said", set())

    def build(cuda=None, mps=False, mps_built=False, cuda_built=None):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda is not None)
        monkeypatch.setattr(torch.version, "cuda", cuda_built)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(torch.backends.mps, "is_built", lambda: mps or mps_built)
        if cuda:
            monkeypatch.setattr(torch.cuda, "get_device_name", lambda: cuda["name"])
            monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: cuda["capability"])
            monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75", "sm_90a", "compute_90"])

    return build


def test_cuda_comes_before_mps_and_mps_before_the_cpu(machine):
    machine(cuda=RTX, mps=True)
    assert find_device() == Device("cuda", "torch sees RTX 4070")
    machine(mps=True)
    assert find_device().name == "mps"
    machine()
    assert find_device() == Device("cpu", "torch sees no GPU")


def test_argument_beats_variable_beats_hardware(machine, monkeypatch):
    machine(cuda=RTX)
    monkeypatch.setenv("RAGKIT_DEVICE", "CPU")
    assert find_device() == Device("cpu", "RAGKIT_DEVICE says so")
    assert find_device("cuda") == Device("cuda", "it was asked for")
    monkeypatch.setenv("RAGKIT_DEVICE", "auto")
    assert find_device().name == "cuda"


def test_choice_is_said_once_with_its_reason(machine, capsys):
    machine()
    choose_device()
    choose_device()
    assert capsys.readouterr().err == "ragkit: computing on cpu (torch sees no GPU)\n"


@pytest.mark.parametrize(
    ("built", "asked", "reason"),
    [
        ({}, "cuda", "built without CUDA"),
        ({"cuda_built": "13.0"}, "cuda", "is the driver installed"),
        ({}, "mps", "built without MPS"),
        ({"mps_built": True}, "mps", "macOS 14"),
        ({"cuda": GTX}, "cuda", r"GTX 1080 is too old for this torch \(capability 6.1, it needs 7.5\)"),
    ],
)
def test_a_device_that_is_not_there_is_refused_with_the_reason(machine, built, asked, reason):
    machine(**built)
    with pytest.raises(DeviceUnavailable, match=f"{reason}.*RAGKIT_DEVICE"):
        choose_device(asked)


def test_a_gpu_older_than_torch_is_passed_over(machine):
    machine(cuda=GTX)
    assert find_device().name == "cpu"
    assert "too old" in find_device().reason


def test_a_gpu_that_cannot_be_asked_is_tried(machine, monkeypatch):
    def refuse(*_):
        raise RuntimeError("no driver")

    machine(cuda=RTX)
    monkeypatch.setattr(torch.cuda, "get_device_capability", refuse)
    monkeypatch.setattr(torch.cuda, "get_device_name", refuse)
    assert find_device() == Device("cuda", "torch sees a CUDA GPU")


def test_unknown_names_are_refused(machine):
    machine()
    for wrong in ({"device": "gpu", "kind": "llm"}, {"device": "cpu", "kind": "reranker"}):
        with pytest.raises(BadParameter, match="expected one of"):
            choose_dtype(**wrong)
    with pytest.raises(BadParameter, match="CUDA_VISIBLE_DEVICES"):
        choose_device("cuda:1")
    with pytest.raises(BadParameter, match="float32, float16, bfloat16"):
        choose_dtype("cpu", "llm", "int8")


@pytest.mark.parametrize(
    ("native", "llm", "embedder"), [(True, *["bfloat16"] * 2), (False, "float16", "float32")]
)
def test_cuda_is_bfloat16_only_where_it_is_not_emulated(monkeypatch, native, llm, embedder):
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation or native
    )
    assert (choose_dtype("cuda", "llm"), choose_dtype("cuda", "embedder")) == (llm, embedder)
    assert choose_dtype("cuda", "embedder", "float32") == "float32"


@pytest.mark.parametrize(
    ("capabilities", "llm", "embedder"),
    [
        ({"avx512_bf16": True}, "bfloat16", "bfloat16"),
        ({"amx_bf16": True}, "bfloat16", "bfloat16"),
        ({"bf16": True, "neon": True}, "bfloat16", "float32"),
        ({"avx2": True, "avx512_bf16": False}, "float32", "float32"),
    ],
)
def test_the_cpu_is_bfloat16_only_with_instructions_for_it(monkeypatch, capabilities, llm, embedder):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    device.cpu_has_bfloat16.cache_clear()
    assert (choose_dtype("cpu", "llm"), choose_dtype("cpu", "embedder")) == (llm, embedder)
    device.cpu_has_bfloat16.cache_clear()


def test_llm_on_mps_is_float16_and_the_cpu_refuses_it():
    assert (choose_dtype("mps", "llm"), choose_dtype("mps", "embedder")) == ("float16", "float32")
    assert choose_dtype("mps", "llm", "torch.bfloat16") == "bfloat16"
    with pytest.raises(BadParameter, match="takes hours"):
        choose_dtype("cpu", "embedder", "float16")


def test_free_memory_of_each_device(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (7, 8))
    assert free_memory("cuda") == 7
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 100)
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: 30)
    assert free_memory("mps") == 70
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    monkeypatch.setattr(device, "_left_in_container", lambda: None)
    assert free_memory("cpu") == 1000
    monkeypatch.setattr(device, "_left_in_container", lambda: 400)
    assert free_memory("cpu") == 400


def test_a_containers_limit_counts_without_its_page_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(device, "_CGROUP", tmp_path)
    assert device._left_in_container() is None
    for name, text in {"max": "max", "current": "900", "stat": "anon 500\ninactive_file 300\n"}.items():
        (tmp_path / f"memory.{name}").write_text(text, encoding="utf-8")
    assert device._left_in_container() is None
    (tmp_path / "memory.max").write_text("1000\n", encoding="utf-8")
    assert device._left_in_container() == 1000 - 900 + 300
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=5000))
    assert device.total_ram() == 1000
    (tmp_path / "memory.max").write_text("max\n", encoding="utf-8")
    assert device.total_ram() == 5000


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("Invalid buffer size: 14.00 GiB"), True),
        (MemoryError(), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_out_of_memory_is_told_from_other_errors(error, expected):
    assert is_out_of_memory(error) is expected


@pytest.mark.parametrize("function", [device.release_memory, device.synchronize])
def test_only_the_named_gpu_is_touched(monkeypatch, function):
    called = []
    for name in ("cuda", "mps"):
        for call in ("empty_cache", "synchronize"):
            monkeypatch.setattr(getattr(torch, name), call, lambda name=name: called.append(name))
    for name in ("cpu", "cuda", "mps"):
        function(name)
    assert called == ["cuda", "mps"]


def test_versions_line_names_what_a_bug_report_needs():
    line = device.versions_line(Device("cpu", "torch sees no GPU"))
    assert f"torch {metadata.version('torch')}" in line
    assert f"transformers {metadata.version('transformers')}" in line
    assert line.startswith("Python 3.")
    assert line.endswith("cpu (torch sees no GPU)")
    assert "\n" not in line


def test_a_named_cpu_asks_torch_nothing(machine, monkeypatch):
    """Naming the CPU is the way out where torch's GPU part is broken."""

    def refuse():
        raise RuntimeError("CUDA driver initialization failed")

    machine()
    monkeypatch.setattr(torch.cuda, "is_available", refuse)
    assert find_device("cpu").name == "cpu"
