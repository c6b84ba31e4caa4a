"""Work on the samples of a batch, which threads may share."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from engine.compute.thread_pool import Pool


def share(work: Callable[..., None], arrays: tuple[NDArray[Any], ...], pool: Pool | None) -> None:
    """Do work on arrays in one thread: to wake another one takes as long as most of it."""
    work(*arrays)
