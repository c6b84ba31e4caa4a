"""What stands in the place of a hand-written piece trains the same network."""

import numpy as np
import pytest

from benchmarks.peers.candidates import PIECES, layerscope
from benchmarks.peers.describing import describe
from engine import blocks as kinds
from engine.model.settings import Settings
from engine.model.stack import Stack
from tests.engine.marks import needs_the_compiler

pytestmark = needs_the_compiler
NET = describe(
    "all",
    Stack(input_shape=(1, 12, 12)).appended(
        kinds.MaxPool(size=1, stride=1),
        kinds.Conv(depth=32, kernel_size=3),
        kinds.Conv(depth=32, kernel_size=3),
        kinds.MaxPool(),
        kinds.Conv(depth=3, kernel_size=9, padding="same"),
        kinds.Reshape(),
        kinds.Dense(units=20),
        kinds.Tanh(),
        kinds.Dense(units=10),
        kinds.Softmax(),
    ),
    Settings(loss="cross_entropy", optimizer="adam", learning_rate=0.001),
)
STEPS = 5  # the first two are not replayed


def _losses() -> list[float]:
    step = layerscope(NET, 37, threads=2)
    return [step() for _ in range(STEPS)]


@pytest.fixture(scope="module")
def ours() -> list[float]:
    return _losses()


@pytest.mark.parametrize("piece", PIECES)
def test_the_network_learns_the_same_without_a_piece(piece: str, ours: list[float]) -> None:
    from benchmarks.peers.plain_pieces import replace_piece  # which needs numba

    with replace_piece(piece):
        losses = _losses()
    assert len(set(losses)) == STEPS
    np.testing.assert_allclose(losses, ours, rtol=1e-5)
