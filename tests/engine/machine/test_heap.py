import sys

import pytest

from tests.engine.new_python import in_new_python

# Blocks small enough for the heap, of which one stays at its end.
FREED = """
import psutil
from engine.machine.heap import give_back_memory
blocks = [bytearray(100_000) for _ in range(1_000)]
last = bytearray(50_000)
blocks.clear()
give_back_memory()
kept = psutil.Process().memory_info().rss
give_back_memory()  # once more does no harm
blocks = [bytearray(100_000) for _ in range(1_000)]
print(psutil.Process().memory_info().rss - kept)
"""

# Large arrays, between which something small stays. The first makes glibc take them from its heap.
BETWEEN = """
import numpy as np
import psutil
from engine.machine.heap import keep_large_arrays_off_the_heap
keep_large_arrays_off_the_heap()
np.ones(2_000_000)
before = psutil.Process().memory_info().rss
kept, large = [], []
for _ in range(20):
    large.append(np.ones(1_000_000))
    kept.append(np.ones(4_000))
large.clear()
print(psutil.Process().memory_info().rss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone can give it back")
def test_what_was_freed_before_something_that_lasts_goes_back_to_the_system() -> None:
    assert int(in_new_python(FREED)) > 90_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone is told so")
def test_large_arrays_go_back_to_the_system_whatever_lasts_between_them() -> None:
    assert int(in_new_python(BETWEEN)) < 20_000_000
