"""So many samples that a layer takes them in portions, between which a pass may stop."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.blocks import GELU, AvgPool, Conv, KnownBlock, MaxPool, Sigmoid
from engine.compute.numerics import numerics
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from engine.errors import InterruptedWorkError
from tests.engine.blocks.cases import Case, Pass, run
from tests.engine.closeness import relative_error

SAMPLES = 18  # two portions of a group, and two samples
CASES = [
    Case(Conv(depth=3, kernel_size=3), (2, 6, 5)),
    Case(Conv(depth=2, kernel_size=2, stride=2, bias="position"), (3, 4, 5)),
    Case(Conv(depth=16, kernel_size=3, padding="same"), (16, 5, 5)),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.block.summary())


def do_at_once(samples: int, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the backward pass of so many samples be as much as may be done before a look at Stop."""
    work = 2 * case.block.multiply_adds(case.input_shape) * samples
    monkeypatch.setattr(numerics(), "MULTIPLY_ADDS_AT_ONCE", work)


def train(
    case: Case, part: slice, may_stop: Callable[[], None] = lambda: None, samples: int = SAMPLES
) -> Pass:
    workspace = Workspace(np.float64)
    workspace.run = PassContext(training=True, samples=samples, may_stop=may_stop)
    inputs, gradient = case.inputs(samples)[part], case.output_gradient(samples)[part]
    return run(case.layer(np.float64), inputs, gradient, workspace)


@each_case
def test_portions_give_what_each_sample_gives_by_itself(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_at_once(8, case, monkeypatch)
    whole = train(case, slice(SAMPLES))
    each = [train(case, slice(i, i + 1)) for i in range(SAMPLES)]
    assert relative_error(whole.outputs, np.concatenate([one.outputs for one in each])) <= 1e-12
    gradients = np.concatenate([one.inputs for one in each])
    assert relative_error(whole.inputs, gradients) <= 1e-12
    for name, found in whole.parameters.items():
        right = np.sum([one.parameters[name] for one in each], axis=0)
        assert relative_error(found, right) <= 1e-12


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_a_pass_may_stop_between_two_portions(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    do_at_once(8, CASES[2], monkeypatch)
    looks: list[int] = []

    def may_stop() -> None:
        looks.append(len(looks))
        if len(looks) == asked:
            raise InterruptedWorkError

    with pytest.raises(InterruptedWorkError):
        train(CASES[2], slice(SAMPLES), may_stop)
    assert len(looks) == asked


@pytest.mark.parametrize(
    ("fitting", "portions"), [(100, 2), (37, 4), (31, 7), (15, 13), (7, 15), (2, 50), (0, 100)]
)
def test_portions_are_whole_groups_whose_work_is_done_at_once(
    fitting: int, portions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_at_once(fitting, CASES[2], monkeypatch)
    looks: list[int] = []
    train(CASES[2], slice(100), lambda: looks.append(0), samples=100)
    assert len(looks) == 2 * (portions - 1)  # forward, and back


def test_little_work_is_one_portion() -> None:
    looks: list[int] = []
    train(CASES[2], slice(SAMPLES), lambda: looks.append(0))
    assert not looks


@pytest.mark.parametrize("block", [Sigmoid(), GELU(), MaxPool(), AvgPool(size=3, stride=1)])
def test_other_layers_stop_between_samples_of_much_work_too(
    block: KnownBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, looks = Case(block, (2, 5, 6)), list[int]()
    whole = train(case, slice(3), samples=3)
    monkeypatch.setattr(numerics(), "MULTIPLY_ADDS_AT_ONCE", 1)
    cut = train(case, slice(3), lambda: looks.append(0), samples=3)
    assert len(looks) == 4  # forward, and back
    np.testing.assert_array_equal(cut.outputs, whole.outputs)
    np.testing.assert_array_equal(cut.inputs, whole.inputs)


def test_the_work_of_few_kernels_is_to_lay_out_the_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics(), "MULTIPLY_ADDS_AT_ONCE", 10_000)

    def looks(depth: int) -> int:
        found: list[int] = []
        train(Case(Conv(depth=depth), (2, 6, 5)), slice(SAMPLES), lambda: found.append(0))
        return len(found)

    assert looks(1) == looks(8) > 0
