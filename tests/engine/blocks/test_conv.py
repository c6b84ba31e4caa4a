"""Conv over so many samples that it convolves them in portions, between which a pass may stop."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.blocks import Conv
from engine.compute.numerics import numerics
from engine.compute.workspace import PassContext, Workspace
from engine.training.interruption import InterruptedWorkError
from tests.engine.blocks.cases import Case, Pass, run
from tests.engine.closeness import relative_error

SAMPLES = 130  # two portions of the least size, and two samples
CASES = [
    Case(Conv(depth=3, kernel_size=3), (2, 6, 5)),
    Case(Conv(depth=2, kernel_size=2, stride=2, bias="position"), (3, 4, 5)),
    Case(Conv(depth=16, kernel_size=3, padding="same"), (16, 5, 5)),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.block.summary())


@pytest.fixture(autouse=True)
def _least_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics(), "MULTIPLY_ADDS_AT_ONCE", 1)


def train(case: Case, part: slice, may_stop: Callable[[], None] = lambda: None) -> Pass:
    workspace = Workspace(np.float64)
    workspace.run = PassContext(training=True, samples=SAMPLES, may_stop=may_stop)
    inputs, gradient = case.inputs(SAMPLES)[part], case.output_gradient(SAMPLES)[part]
    return run(case.layer(np.float64), inputs, gradient, workspace)


@each_case
def test_portions_give_what_each_sample_gives_by_itself(case: Case) -> None:
    whole = train(case, slice(SAMPLES))
    each = [train(case, slice(i, i + 1)) for i in range(SAMPLES)]
    assert relative_error(whole.outputs, np.concatenate([one.outputs for one in each])) <= 1e-12
    gradients = np.concatenate([one.inputs for one in each])
    assert relative_error(whole.inputs, gradients) <= 1e-12
    for name, found in whole.parameters.items():
        right = np.sum([one.parameters[name] for one in each], axis=0)
        assert relative_error(found, right) <= 1e-12


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_a_pass_may_stop_between_two_portions(asked: int) -> None:
    looks: list[int] = []

    def may_stop() -> None:
        looks.append(len(looks))
        if len(looks) == asked:
            raise InterruptedWorkError

    with pytest.raises(InterruptedWorkError):
        train(CASES[0], slice(SAMPLES), may_stop)
    assert len(looks) == asked


def test_few_samples_are_one_portion() -> None:
    looks: list[int] = []
    train(CASES[0], slice(64), lambda: looks.append(0))
    assert not looks
