"""How much memory Python's objects take meanwhile."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def less_memory_than(size: int) -> Iterator[None]:
    """Assert that what is done takes less memory than so many bytes at any moment."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()
