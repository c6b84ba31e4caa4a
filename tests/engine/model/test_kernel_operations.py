"""Surgery on a kernel, against numbers worked out by hand."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.array_types import Array
from engine.errors import KernelEditError
from engine.model import kernel_operations
from engine.model.kernel_operations import OPERATIONS, PRESETS, standardise

COUNTED = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=np.float32)
SIZES = [1, 2, 3, 4, 5, 6, 7, 31]
PRESET = {preset.name: preset for preset in PRESETS}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flip_horizontally", [[3, 2, 1], [6, 5, 4], [9, 8, 7]]),
        ("flip_vertically", [[7, 8, 9], [4, 5, 6], [1, 2, 3]]),
        ("turn_quarter", [[7, 4, 1], [8, 5, 2], [9, 6, 3]]),
        ("turn_half", [[9, 8, 7], [6, 5, 4], [3, 2, 1]]),
        ("negate", [[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]]),
    ],
)
def test_operations_on_a_counted_kernel(name: str, expected: list[list[int]]) -> None:
    kernel = COUNTED.copy()
    operation = next(each for each in OPERATIONS if each.name == name)
    changed = operation.apply(kernel)
    assert changed.tolist() == expected
    assert changed.dtype == np.float32
    assert changed.flags.c_contiguous
    changed[...] = 0
    assert kernel.tolist() == COUNTED.tolist(), "a new kernel, and the old one stays"


kernels = st.integers(1, 7).flatmap(
    lambda n: arrays(np.float32, (n, n), elements=st.floats(-100, 100, width=32))
)


@pytest.mark.parametrize("kernel", [[[0.1, 0.1], [0.1, 0.1]], [[0, 0], [0, 0]], [[7]]])
def test_a_kernel_that_cannot_be_normalised_is_refused(kernel: list[list[float]]) -> None:
    with pytest.raises(KernelEditError, match="are equal"):
        standardise(np.array(kernel, dtype=np.float32))


@given(kernel=kernels)
def test_what_is_normalised_has_mean_0_and_length_1(kernel: Array) -> None:
    with suppress(KernelEditError):
        changed = standardise(kernel)
        assert changed.dtype == np.float32
        cells = changed.astype(np.float64)
        assert np.sqrt((cells**2).sum()) == pytest.approx(1, abs=1e-5)
        assert cells.mean() == pytest.approx(0, abs=1e-6)


def test_cells_are_set_by_row_and_column() -> None:
    changed = kernel_operations.with_cells(COUNTED, {(0, 2): -1.5, (2, 0): 0.25})
    assert changed.tolist() == [[1, 2, -1.5], [4, 5, 6], [0.25, 8, 9]]
    assert COUNTED[0, 2] == 3


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("sobel_x", 2, [[-2, 2], [-2, 2]]),
        ("sobel_x", 3, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        ("sobel_y", 3, [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        ("laplace", 3, [[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        ("gaussian_blur", 1, [[1]]),
        ("gaussian_blur", 2, [[0.25, 0.25], [0.25, 0.25]]),
        ("gaussian_blur", 3, [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16]] * 2),
        ("sharpen", 3, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        ("identity", 2, [[1, 0], [0, 0]]),
        ("identity", 3, [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        ("zero", 2, [[0, 0], [0, 0]]),
    ],
)
def test_presets_are_those_of_the_books(name: str, size: int, expected: list[list[float]]) -> None:
    assert PRESET[name].make(size).tolist() == expected[:size]


@pytest.mark.parametrize("size", SIZES)
def test_presets_of_every_size(size: int) -> None:
    for preset in PRESETS:
        if size < preset.smallest:
            continue
        kernel = preset.make(size)
        assert kernel.shape == (size, size)
        assert np.isfinite(kernel).all()
        total = {"gaussian_blur": 1, "sharpen": 1, "identity": 1}.get(preset.name, 0)
        assert kernel.sum() == pytest.approx(total, abs=1e-9)
        if preset.name in ("sobel_x", "sobel_y", "laplace"):
            assert np.abs(kernel).sum() == pytest.approx(8)
        if preset.name in ("laplace", "gaussian_blur", "sharpen"):
            assert np.allclose(kernel, kernel_operations.turn_quarter(kernel), atol=1e-12)
            assert np.allclose(kernel, kernel_operations.flip_horizontally(kernel), atol=1e-12)
