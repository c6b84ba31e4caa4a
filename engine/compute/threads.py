"""How many threads there are, and who may use them."""

import os
from functools import cache

from threadpoolctl import threadpool_limits


def default_threads() -> int:
    """Give the number of threads to train with: one per core that this process may use, up to 8."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, min(8, len(os.sched_getaffinity(0))))
    return max(1, min(8, os.cpu_count() or 1))


@cache
def hold_blas_to_one_thread() -> None:
    """Leave the cores to the engine's own threads, for the whole process.

    On matrices as small as these, the threads of BLAS cost more than they bring. Both numpy's and
    scipy's BLAS are loaded first, since later ones would come with their own threads.
    """
    import scipy.linalg.blas  # noqa: F401

    threadpool_limits(1, "blas")
