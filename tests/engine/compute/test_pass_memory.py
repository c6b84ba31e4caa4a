import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.compute.pass_memory import PassMemory


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
