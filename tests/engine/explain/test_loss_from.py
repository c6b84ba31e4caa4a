"""The loss of many variants at a time, against the loss of each, one at a time."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from engine.blocks import BatchNorm, Dense, Dropout, KnownBlock, Reshape, Sigmoid, Softmax, Tanh
from engine.compute.pass_context import PassContext
from engine.explain.gradient_check import LossFrom
from engine.training.executor import Executor
from tests.engine import oracles
from tests.engine.marks import deaf_to_openblas
from tests.engine.networks import BLOCKS, ArrayBatch, batch, fitting, network

pytestmark = deaf_to_openblas

RUN = PassContext(training=True, seed=3, counters=np.array([1, 1]), samples=4)
SOCIAL = (Reshape(), BatchNorm(), Dropout(rate=0.5), Dense(units=3), Tanh(), Dense(units=3))


@pytest.mark.parametrize(
    ("blocks", "loss"),
    [
        (BLOCKS, "bce"),
        (BLOCKS, "mse"),
        ((*SOCIAL, Softmax()), "cross_entropy"),
        ((*SOCIAL, Softmax()), "bce"),
        ((*SOCIAL, Sigmoid()), "bce"),
    ],
)
def test_each_variant_has_the_loss_that_training_gives_it(
    blocks: Sequence[KnownBlock], loss: str
) -> None:
    made = network(fitting(blocks, loss=loss))
    wanted = batch(4).wanted
    variants = np.random.default_rng(0).uniform(0, 1, (5, 4, 1, 6, 6))
    found = LossFrom(made, loss, wanted, RUN).losses(0, variants)
    executor = Executor(made, loss, threads=1)
    right = [executor.gradients(ArrayBatch(one, wanted), RUN).loss_sum / 4 for one in variants]
    executor.close()
    assert found == pytest.approx(right, rel=1e-12)


def test_it_begins_where_it_is_told_to() -> None:
    made = network(fitting(BLOCKS))
    data = batch(4)
    tail = LossFrom(made, "bce", data.wanted, RUN)
    inside = tail.forward(1, tail.forward(0, data.samples[None]))
    assert tail.losses(2, inside) == pytest.approx(tail.losses(0, data.samples[None]))


@pytest.mark.parametrize("x", [-700.0, -40.0, -1.0, 0.5, 40.0, 700.0])
def test_outputs_near_their_ends_keep_their_digits(x: float) -> None:
    wanted = np.array([[1.0, 0.0, 0.0]])
    blocks = (Reshape(), Dense(units=3), Sigmoid())
    tail = LossFrom(network(fitting(blocks)), "bce", wanted, PassContext(training=True))
    found = tail.losses(tail.end, np.array([[[x, x, -x]]]))
    # -log σ(x) = log(1 + e⁻ˣ), and -log(1 - σ(x)) = -log σ(-x)
    cost = [max(-v, 0.0) + math.log1p(math.exp(-abs(v))) for v in (x, -x, x)]
    assert found == pytest.approx([math.fsum(cost) / 3], rel=1e-14)
    report = fitting((Reshape(), Dense(units=3), Softmax()), loss="cross_entropy")
    made = network(report)
    tail = LossFrom(made, "cross_entropy", wanted, PassContext(training=True))
    found = tail.losses(tail.end, np.array([[[x, 0.0, 1.0]]]))
    if abs(x) < 100:
        right = -math.log(oracles.softmax(np.array([x, 0.0, 1.0]))[0])
    else:
        right = 0.0 if x > 0 else 1.0 + math.log1p(math.exp(-1.0)) - x
    assert found == pytest.approx([right], rel=1e-12, abs=1e-15)
