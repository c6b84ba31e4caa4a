"""The native twin can be tested only where numba is installed."""

from engine.compute.numerics import has_numba

collect_ignore_glob = [] if has_numba() else ["test_*.py"]
