"""Pages of a library's code that are let go: memory is gained, and the library works as before."""

import sys
from pathlib import Path

import pytest

from engine.machine import library_code
from engine.machine.library_code import give_back_code
from tests.engine.new_python import in_new_python

# numpy's own library of matrix products: kB of its code in memory, before and after.
LET_GO = """
import re
import numpy as np
from engine.machine.library_code import give_back_code

def held():
    areas = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", open("/proc/self/smaps").read(), flags=re.M)
    code = [each for each in areas if re.match(r"\\S+ r-xp .*libscipy_openblas", each)]
    return sum(int(re.search(r"Rss: +([0-9]+)", each)[1]) for each in code)

matrix = np.random.default_rng(3).normal(size=(300, 300))
product, before = matrix @ matrix, held()
give_back_code("libscipy_openblas")
after = held()
assert np.array_equal(matrix @ matrix, product)
print(before, after)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone is told so")
def test_code_that_was_let_go_is_no_longer_in_memory_and_runs_again() -> None:
    before, after = map(int, in_new_python(LET_GO).split())
    assert before > 0
    assert after < before / 4


def test_a_system_that_hides_where_libraries_lie(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(library_code, "_MAPS", tmp_path / "hidden")
    give_back_code("libc")
