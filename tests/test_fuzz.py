"""Damaged PDFs end in pages or in a named error: no crash of the interpreter, no hang, no other error.

`make test` tries 100; `make fuzz` 2,000 (RAGKIT_FUZZ sets another number).
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pymupdf
import pytest

COUNT = int(os.environ.get("RAGKIT_FUZZ", "100"))
SAMPLE = Path(__file__).resolve().parents[1] / "notebooks" / "data" / "nutrition-primer.pdf"


@pytest.fixture
def originals(tmp_path):
    """Four kinds of PDF: few and plain pages, compressed objects, a part of a real document, an encrypted file."""
    plain = pymupdf.open()
    for i in range(3):
        plain.new_page().insert_text((50, 80), f"Page {i} tells of lemons.\nAnd of sailors, too.")
    plain.save(tmp_path / "original-plain.pdf")
    plain.save(tmp_path / "original-packed.pdf", deflate=True, use_objstms=1, garbage=3)
    plain.save(
        tmp_path / "original-locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw=""
    )
    with pymupdf.open(SAMPLE) as sample:
        sample.select(range(8, 16))
        sample.save(tmp_path / "original-real.pdf", garbage=4)
    return tmp_path


@pytest.mark.timeout(3600)
def test_damaged_files(originals):
    script = Path(__file__).with_name("fuzz.py")
    command = [sys.executable, str(script), str(originals), "0", str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"after {lines[-1:] or 'nothing'}, file {len(lines)}: {done.stderr[-2000:]}"
    assert len(lines) == COUNT
    assert done.stderr == ""  # of MuPDF's own messages, none gets past
    kinds = Counter(line.split()[1] if line.split()[1].isalpha() else "read" for line in lines)
    assert kinds["read"] > COUNT / 10, kinds
    assert kinds["BrokenPDF"] + kinds["NotAPDF"] > COUNT / 50, kinds
