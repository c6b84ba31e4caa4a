"""The convolution cell by cell: against plain loops, the notebook's loop and the fast engine."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.array_types import Array
from engine.blocks import Conv
from engine.explain.convolution import EQUATIONS, Convolution, Equation, Index, turn_kernel
from tests.engine import oracles
from tests.engine.blocks.cases import CASES, Case, convolutions, run
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

each_case = pytest.mark.parametrize("case", CASES["conv"], ids=lambda case: case.name)
PADDED = Case(Conv(depth=2, kernel_size=3, padding="same", stride=2), (2, 6, 5))


def under_glass(case: Case) -> Convolution:
    parameters = case.parameters()
    block = case.block
    assert isinstance(block, Conv)
    return Convolution(
        block,
        case.inputs(1)[0],
        parameters["weight"],
        parameters["bias"],
        case.output_gradient(1)[0],
    )


def cells(glass: Convolution) -> list[tuple[Equation, Index, int, int]]:
    """Every cell of every result of the four equations."""
    return [
        (equation, index, row, column)
        for equation in EQUATIONS
        for index in glass.indices(equation)
        for row, column in np.ndindex(glass.shape(equation))
    ]


def by_loops(glass: Convolution, equation: Equation, index: Index, row: int, column: int) -> float:
    """One cell by the definition alone: products of what meets, over all output positions."""
    block, stride = glass.block, glass.block.stride
    padded, (top, left) = oracles.bordered(glass.inputs[None], block)
    x = padded[0]
    bias = glass.bias
    if equation == "Y":
        own = bias[index] if bias.ndim == 1 else bias[index[0], row, column]
        return float(own) + math.fsum(
            x[j, row * stride + a, column * stride + b] * glass.kernels[index[0], j, a, b]
            for j, a, b in np.ndindex(glass.kernels.shape[1:])
        )
    if equation == "∂E/∂B":
        gradient = glass.gradient[index]
        return float(gradient[row, column]) if bias.ndim == 3 else math.fsum(gradient.ravel())
    terms = []
    for i, r, c in np.ndindex(glass.gradient.shape):
        for a, b in np.ndindex(block.kernel_size, block.kernel_size):
            y, z = r * stride + a, c * stride + b
            if equation == "∂E/∂K" and index[0] == i and (a, b) == (row, column):
                terms.append(x[index[1], y, z] * glass.gradient[i, r, c])
            if equation == "∂E/∂X" and (y, z) == (row + top, column + left):
                terms.append(glass.kernels[i, index[0], a, b] * glass.gradient[i, r, c])
    return math.fsum(terms)


@each_case
def test_a_cell_adds_up_from_its_parts(case: Case) -> None:
    glass = under_glass(case)
    for equation, index, row, column in cells(glass):
        step = glass.step(equation, index, row, column)
        total = step.bias or 0.0
        assert (step.bias is not None) == (equation == "Y")
        running = [step.bias] if step.bias is not None else []
        for term in step.terms:
            sheet = term.sheet
            of = glass.inputs if sheet.name.startswith("X") else glass.gradient
            own = of[int(sheet.name.rpartition("_")[2]) - 1]
            assert np.array_equal(sheet.map, own)
            assert sheet.inserted.sum() == sheet.values.size - own.size
            assert not sheet.values[sheet.inserted].any()
            top, left, height, width = step.window
            patch = sheet.values[top : top + height, left : left + width]
            assert np.array_equal(term.patch, patch)
            assert term.patch.shape == term.factors.shape == (height, width)
            assert np.array_equal(term.products, term.patch * term.factors)
            assert term.total == pytest.approx(math.fsum(term.products.ravel()), abs=1e-12)
            total += term.total
            running.append(total)
        assert step.running == pytest.approx(running)
        assert step.value == pytest.approx(total)


@given(convolutions(maps=(3, 3), side=12), st.data())
@settings(max_examples=25, deadline=None)
def test_random_shapes_and_cells(case: Case, data: st.DataObject) -> None:
    glass = under_glass(case)
    fast = run(case.layer(), case.inputs(1), case.output_gradient(1))
    engine = {
        "Y": fast.outputs[0],
        "∂E/∂K": fast.parameters["weight"],
        "∂E/∂B": fast.parameters["bias"],
        "∂E/∂X": fast.inputs[0],
    }
    for equation in EQUATIONS:
        index = data.draw(st.sampled_from(glass.indices(equation)))
        rows, columns = glass.shape(equation)
        row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
        right = by_loops(glass, equation, index, row, column)
        assert glass.step(equation, index, row, column).value == pytest.approx(
            right, rel=1e-11, abs=1e-11
        )
        assert glass.result(equation, index)[row, column] == pytest.approx(
            right, rel=1e-11, abs=1e-11
        )
        results = np.stack([glass.result(equation, each) for each in glass.indices(equation)])
        assert relative_error(engine[equation].reshape(results.shape), results) <= 1e-9


def test_the_window_moves_by_the_stride_and_is_found_from_any_of_its_cells() -> None:
    glass = under_glass(PADDED)
    assert glass.window("Y", 2, 1) == (4, 2, 3, 3)
    assert glass.window("∂E/∂X", 0, 0)[:2] == (0, 1)  # one column of padding, no row
    for equation, _, row, column in cells(glass):
        top, left, height, width = glass.window(equation, row, column)
        found = glass.cell_near(equation, top + height // 2, left + width // 2)
        assert found == (row, column)
    assert glass.cell_near("Y", -9, 99) == (0, 2)


def test_nothing_can_be_written_to() -> None:
    glass = under_glass(PADDED)
    step = glass.step("∂E/∂X", (0,), 1, 1)
    arrays: list[Array] = [glass.inputs, glass.kernels, glass.result("Y", (0,))]
    for term in step.terms:
        arrays += [term.sheet.values, term.patch, term.factors, term.products]
    assert not any(array.flags.writeable for array in arrays)
    given = np.ones((1, 3, 3))
    kept = Convolution(
        Conv(depth=1), given, np.ones((1, 1, 3, 3)), np.ones((1, 1, 1)), np.ones((1, 1, 1))
    )
    given[...] = 5  # whoever gave the arrays may go on with them
    assert kept.step("Y", (0,), 0, 0).value == 10


# Cross-correlation against convolution, by plain loops.


RNG = np.random.default_rng(0)


def slide(x: Array, kernel: Array, *, turn: bool) -> Array:
    size = len(kernel)
    found = np.zeros((x.shape[0] - size + 1, x.shape[1] - size + 1))
    for r, c in np.ndindex(found.shape):
        for a, b in np.ndindex(size, size):
            weight = kernel[size - 1 - a, size - 1 - b] if turn else kernel[a, b]
            found[r, c] += x[r + a, c + b] * weight
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_both_operations_and_their_difference(size: int) -> None:
    x, kernel = RNG.standard_normal((6, 7)), RNG.standard_normal((size, size))
    found = turn_kernel(x, kernel)
    correlation, convolution = slide(x, kernel, turn=False), slide(x, kernel, turn=True)
    assert found.correlation == pytest.approx(correlation)
    assert found.convolution == pytest.approx(convolution)
    assert found.difference == pytest.approx(convolution - correlation)
    assert found.turned_correlation == pytest.approx(convolution)  # X ∗ K = X ⋆ rot180(K)
    assert np.array_equal(found.turned_kernel, kernel[::-1, ::-1])
    assert found.is_symmetric == (size == 1)


def test_a_kernel_that_a_turn_does_not_change_makes_no_difference() -> None:
    kernel = np.array([[1.0, 2, 3], [4, 5, 4], [3, 2, 1]])
    found = turn_kernel(RNG.standard_normal((6, 6)), kernel)
    assert found.is_symmetric
    assert not found.difference.any()
