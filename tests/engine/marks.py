"""Marks that tests of several parts of the engine bear."""

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

from engine.compute.numerics import PLAIN, check_choice, has_numba

# OpenBLAS now and then raises the flag at finite values; the executor is deaf to it too.
deaf_to_openblas = pytest.mark.filterwarnings(
    "ignore:invalid value encountered in matmul:RuntimeWarning"
)

# What is tested is how loops are compiled.
needs_the_compiler = pytest.mark.skipif(
    check_choice() == PLAIN or not has_numba(), reason="the engine computes in plain numpy here"
)


def when_there_is_time(cases: Iterable[object]) -> list[ParameterSet]:
    """Mark cases of a parameter that only the soak tests take."""
    return [pytest.param(case, marks=pytest.mark.soak) for case in cases]
