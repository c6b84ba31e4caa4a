"""Pages of a library's code that are let go: memory is gained, and the library works as before."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.machine import library_code
from engine.machine.library_code import give_back_code
from tests.paths import ROOT

# numpy's own library of matrix products; what it said before and says after, and the bytes gained.
LET_GO = """
import numpy as np
import psutil
from engine.machine.library_code import give_back_code
matrix = np.random.default_rng(3).normal(size=(300, 300))
before, held = matrix @ matrix, psutil.Process().memory_info().rss
give_back_code("libscipy_openblas")
gained = held - psutil.Process().memory_info().rss
assert np.array_equal(matrix @ matrix, before)
print(gained)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone is told so")
def test_code_that_was_let_go_is_no_longer_in_memory_and_runs_again() -> None:
    said = subprocess.run(
        [sys.executable, "-c", LET_GO], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert int(said.stdout) > 500_000


def test_of_a_library_that_is_not_loaded_nothing_is_let_go() -> None:
    give_back_code("lib-that-nobody-has")


def test_a_system_that_hides_where_libraries_lie(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(library_code, "_MAPS", tmp_path / "hidden")
    give_back_code("libc")
