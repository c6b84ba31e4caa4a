"""Marks that tests of several parts of the engine bear."""

import pytest

# OpenBLAS now and then raises the flag at finite values; the executor is deaf to it too.
deaf_to_openblas = pytest.mark.filterwarnings(
    "ignore:invalid value encountered in matmul:RuntimeWarning"
)
