"""How many threads there are, and who may use them."""

from functools import cache

from engine.compute.blas_threads import BLAS_WAS_TOLD
from engine.machine.cores import usable_cores


def default_threads() -> int:
    """Return how many threads to train with: one per core that this process may use, up to 8."""
    return min(8, usable_cores())


@cache
def hold_blas_to_one_thread() -> None:
    """Leave the cores to the engine's own threads, for the whole process.

    The engine says so to BLAS before it is loaded. Only where numpy came first, it is told now:
    looking for the loaded libraries can lock up with another thread that is importing one.
    """
    if BLAS_WAS_TOLD:
        return
    import scipy.linalg.blas  # noqa: F401 - scipy's own BLAS is told as well
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, "blas")
