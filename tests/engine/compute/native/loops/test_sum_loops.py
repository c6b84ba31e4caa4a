"""Sums over a batch, captured and replayed."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native import sums
from engine.compute.native.copying import copy
from tests.engine.compute.native.replaying import assert_replays


@pytest.mark.parametrize("samples", [1, 6])
@pytest.mark.parametrize("add", [sums.sample_sums, sums.map_sums])
def test_sums_replay(add: Callable[[Array], Array], samples: int) -> None:
    values = np.random.default_rng(0).random((samples, 3, 20, 40)).astype(np.float32)
    found = np.empty_like(add(values))
    assert_replays(lambda: copy(add(values), found), [values], [found])
