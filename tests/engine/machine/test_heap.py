import sys

import pytest

from tests.engine.new_python import in_new_python

# Blocks small enough for the heap, of which one stays at its end; then large arrays, between which
# something small stays. The first of these makes glibc take them from its heap.
CODE = """
import numpy as np
import psutil
from engine.machine.heap import give_back_memory, keep_large_arrays_off_the_heap
def held():
    return psutil.Process().memory_info().rss
blocks = [bytearray(100_000) for _ in range(1_000)]
last = bytearray(50_000)
blocks.clear()
give_back_memory()
kept = held()
give_back_memory()  # once more does no harm
blocks = [bytearray(100_000) for _ in range(1_000)]
taken = held() - kept
blocks.clear()
keep_large_arrays_off_the_heap()
np.ones(2_000_000)
before = held()
kept, large = [], []
for _ in range(20):
    large.append(np.ones(1_000_000))
    kept.append(np.ones(4_000))
large.clear()
print(taken, held() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone can give it back")
def test_what_was_freed_goes_back_to_the_system_whatever_lasts_behind_or_between_it() -> None:
    taken, left = map(int, in_new_python(CODE).split())
    assert taken > 90_000_000
    assert left < 20_000_000
