"""Damaged data files: read or refused in words, in little memory, and nothing is written."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.data.mutants import KINDS
from tests.engine.marks import when_there_is_time
from tests.paths import ROOT

MOST_MEMORY = 500 << 20  # bytes: two files as long as can be, two images as large
LITTLE_MEMORY = 200 << 20


def run(kinds: Sequence[str], first: int, count: int, folder: Path) -> list[dict[str, Any]]:
    """Read mutants of some kinds in a process of its own, where warnings are errors."""
    program = [sys.executable, "-B", "-W", "error", "-m", "tests.engine.data.mutants"]
    ended = subprocess.run(
        [*program, ",".join(kinds), str(first), str(count), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    every: list[dict[str, Any]] = json.loads(ended.stdout)
    for found in every:
        assert found["written"] == []
        assert found["peak"] < MOST_MEMORY
    return every


@pytest.mark.parametrize("first", [0, *when_there_is_time(range(160, 20_000, 4_000))])
def test_mutants_are_read_or_refused(first: int, tmp_path: Path) -> None:
    count = 4_000 if first else 160
    for found in run(KINDS, first, count, tmp_path):
        assert found["read"] + found["refused"] == count
        assert found["read"] > 0.02 * count, "hardly any was read, so half was not tested"
        assert found["refused"] > 0.2 * count, "hardly any was refused, so half was not tested"


@pytest.mark.parametrize("size", [4, *when_there_is_time([140])])
def test_bombs_are_refused_in_bounded_memory(size: int, tmp_path: Path) -> None:
    (found,) = run(["bomb"], 0, size, tmp_path)
    assert (found["read"], found["refused"]) == (2, 8)
    assert size > 4 or found["peak"] < LITTLE_MEMORY
