"""Memory of passes: nothing is written over that is still needed, and little is taken."""

import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.compute.pass_memory import LayerMemory, PassMemory
from engine.compute.workspace import Workspace


def apart(one: Array, other: Array) -> bool:
    return not np.may_share_memory(one, other)


@pytest.mark.parametrize("seed", range(20))
def test_a_gradient_is_laid_over_nothing_that_is_still_needed(seed: int) -> None:
    draw = np.random.default_rng(seed)
    layers = int(draw.integers(1, 8))
    sizes = [int(2 ** draw.integers(0, 9)) for _ in range(layers)]
    memory = PassMemory(sizes, np.float32)
    for samples in (3, 5, 2):  # the memory serves one pass after the other
        shapes: list[Shape] = [(samples, size) for size in sizes]
        outputs = [memory.outputs(place, shape) for place, shape in enumerate(shapes)]
        for i, each in enumerate(outputs):
            assert each.shape == shapes[i]
            assert all(apart(each, other) for other in outputs[:i])
        read = np.empty(0, np.float32)
        for place in reversed(range(1, layers)):
            own = bool(draw.random() < 0.5)
            gradient = memory.gradient(place, shapes[place - 1], own=own)
            assert gradient.shape == shapes[place - 1]
            needed = outputs[: place + own] + outputs[-1:]
            assert all(apart(gradient, each) for each in (read, *needed))
            assert memory.holds_gradient(gradient)
            read = gradient


def test_gradients_lie_over_outputs_that_are_no_longer_needed() -> None:
    sizes = [100, 100, 50, 25]
    memory = PassMemory(sizes, np.float64)
    outputs = [memory.outputs(place, (8, size)) for place, size in enumerate(sizes)]
    gradients = [memory.gradient(i, (8, sizes[i - 1]), own=False) for i in (3, 2, 1)]
    ends = [each.ctypes.data + each.nbytes for each in (*outputs, *gradients)]
    # The first comes behind 275, the second behind the first, the third over the second's outputs.
    assert max(ends) - outputs[0].ctypes.data == 425 * 8 * 8


def test_outputs_that_are_written_over_those_before_are_needed_as_long() -> None:
    memory = PassMemory([16, 16, 16], np.float32)
    for _ in range(2):
        first = memory.outputs(0, (2, 16))
        memory.write_over(1)
        second = memory.outputs(2, (2, 16))
        assert apart(first, second)
        back = memory.gradient(2, (2, 16), own=False)
        assert apart(back, first)
        assert apart(back, second)  # the layer behind keeps it
        assert apart(memory.gradient(1, (2, 16), own=True), first)


def test_what_is_written_over_the_inputs_of_the_network_takes_no_room() -> None:
    memory = PassMemory([16, 16], np.float32)
    found = []
    for _ in range(3):
        memory.write_over(0)
        found.append(memory.outputs(1, (4, 16)).ctypes.data)
    assert len(set(found[1:])) == 1


def test_a_gradient_that_lasts_has_memory_of_its_own() -> None:
    one, other = (Workspace(np.float64).input_gradient((2, 3)) for _ in range(2))
    assert not np.may_share_memory(one, other)
    workspace = Workspace(np.float64)
    assert np.may_share_memory(workspace.input_gradient((2, 3)), workspace.input_gradient((2, 3)))


def test_outputs_lie_over_the_inputs_only_where_they_may() -> None:
    inputs, workspace = np.ones((2, 3)), Workspace(np.float64)
    assert not np.may_share_memory(workspace.outputs_over(inputs), inputs)
    workspace.in_place = True
    assert workspace.outputs_over(inputs) is inputs
    workspace.given = np.zeros((2, 3))
    assert workspace.outputs_over(inputs) is workspace.given


def test_a_gradient_that_the_layer_behind_passed_on_is_written_over() -> None:
    memory = PassMemory([6, 6], np.float64)
    workspace, behind = (
        Workspace(np.float64, in_pass=LayerMemory(memory, place, False)) for place in (0, 1)
    )
    passed, other = behind.input_gradient((2, 6)), np.ones((2, 6))
    assert workspace.input_gradient_over(passed) is passed
    assert not np.may_share_memory(workspace.input_gradient_over(other), other)
    assert Workspace(np.float64).input_gradient_over(other) is not other
