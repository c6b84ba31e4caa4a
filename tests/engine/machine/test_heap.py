import subprocess
import sys

import pytest

from tests.paths import ROOT

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


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone can give it back")
def test_what_was_freed_before_something_that_lasts_goes_back_to_the_system() -> None:
    said = subprocess.run(
        [sys.executable, "-c", FREED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert int(said.stdout) > 90_000_000
