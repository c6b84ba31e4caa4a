"""Kernel operations: flip, turn or normalise a kernel (k, k); each gives a new one."""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np

from engine.array_types import Array
from engine.compute.convolution import Geometry
from engine.errors import KernelEditError

_STRENGTH = 8.0  # sum of the absolute values of a 3×3 Sobel or Laplace kernel
_TINY = 1e-6  # of a kernel's own size; what is left below it is rounding


@dataclass(frozen=True)
class Operation:
    """A change of a kernel that there is: `name` for programs, `title` and `help` for people."""

    name: str
    title: str
    help: str
    apply: Callable[[Array], Array]


@dataclass(frozen=True)
class Preset:
    """A well-known kernel, made for any size from `smallest` on."""

    name: str
    title: str
    help: str
    smallest: int
    make: Callable[[int], Array]


def flip_horizontally(kernel: Array) -> Array:
    """Swap left and right."""
    return kernel[:, ::-1].copy()


def flip_vertically(kernel: Array) -> Array:
    """Swap top and bottom."""
    return kernel[::-1].copy()


def turn_quarter(kernel: Array) -> Array:
    """Turn by 90° clockwise."""
    return np.rot90(kernel, -1).copy()


def turn_half(kernel: Array) -> Array:
    """Turn by 180°: what makes a convolution of a cross-correlation."""
    return kernel[::-1, ::-1].copy()


def negate(kernel: Array) -> Array:
    """Change the sign of every cell."""
    return -kernel


def standardise(kernel: Array) -> Array:
    """Bring the cells to mean 0, then the kernel to length 1: √(Σ K²) = 1.

    Raises KernelEditError if all cells are equal.
    """
    centred = kernel - kernel.mean(dtype=np.float64)
    if np.abs(centred).max() <= _TINY * np.abs(kernel).max():
        raise KernelEditError(
            "All cells of this kernel are equal, so nothing is left of it at a mean of 0. Change "
            "a cell first."
        )
    length = np.sqrt(np.square(centred, dtype=np.float64).sum())
    scaled: Array = (centred / length).astype(kernel.dtype)
    return scaled


def with_cells(kernel: Array, cells: dict[tuple[int, int], float]) -> Array:
    """Set some cells, by row and column counted from 0."""
    changed = kernel.copy()
    for place, value in cells.items():
        changed[place] = value
    return changed


def sobel_x(size: int) -> Array:
    """Make the kernel that answers to vertical edges, positive where the right side is brighter.

    Binomial weights: their differences across, the weights themselves down; 3×3 is Sobel and
    Feldman's of 1968. Scaled so that an edge from 0 to 1 gives at most 4 at every size.
    """
    difference = np.convolve(_binomial(size - 1), [-1.0, 1.0])
    return _to_strength(np.outer(_binomial(size), difference))


def sobel_y(size: int) -> Array:
    """Make the kernel that answers to horizontal edges, positive where the lower side is
    brighter.
    """
    return sobel_x(size).T.copy()


def laplace(size: int) -> Array:
    """Make the kernel of second differences, which answers to spots and thin lines.

    3×3: 1 beside a centre of -4. Larger ones see it through a binomial blur; the absolute values
    add up to 8 at every size.
    """
    cross = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
    return _to_strength(_spread(cross, gaussian_blur(size - 2)))


def gaussian_blur(size: int) -> Array:
    """Make the binomial kernel, the nearest to a Gaussian with few cells; its sum is 1."""
    weights = _binomial(size)
    kernel: Array = np.outer(weights, weights) / weights.sum() ** 2
    return kernel


def sharpen(size: int) -> Array:
    """Make the kernel that adds what differs from the surroundings: centre minus Laplace, sum 1."""
    kernel = -laplace(size)
    middle = 2 - size % 2  # cells across the centre: an even size has none of its own
    first = (size - middle) // 2
    kernel[first : first + middle, first : first + middle] += 1.0 / middle**2
    return kernel


def identity(size: int) -> Array:
    """Make the kernel that gives the map as it is: with padding, at the same place."""
    kernel = np.zeros((size, size))
    kernel[(size - 1) // 2, (size - 1) // 2] = 1.0
    return kernel


OPERATIONS = (
    Operation("flip_horizontally", "Flip left-right", "Swap left and right", flip_horizontally),
    Operation("flip_vertically", "Flip up-down", "Swap top and bottom", flip_vertically),
    Operation("turn_quarter", "Turn 90°", "Turn by 90° clockwise", turn_quarter),
    Operation("turn_half", "Turn 180°", "Turn by 180°", turn_half),
    Operation("negate", "Negate", "Change the sign of every cell", negate),
    Operation("standardise", "Normalise", "Bring the mean to 0, then √(Σ K²) to 1", standardise),
)
PRESETS = (
    Preset("sobel_x", "Sobel →", "Vertical edges, brighter on the right", 2, sobel_x),
    Preset("sobel_y", "Sobel ↓", "Horizontal edges, brighter below", 2, sobel_y),
    Preset("laplace", "Laplace", "Spots and thin lines", 3, laplace),
    Preset("gaussian_blur", "Gaussian blur", "A soft mean of the surroundings", 1, gaussian_blur),
    Preset("sharpen", "Sharpen", "What differs from the surroundings, stronger", 3, sharpen),
    Preset("identity", "Identity", "The map as it is", 1, identity),
    Preset("zero", "Zero", "Nothing", 1, lambda size: np.zeros((size, size))),
)


def _binomial(size: int) -> Array:
    return np.array([comb(size - 1, i) for i in range(size)], dtype=np.float64)


def _spread(small: Array, over: Array) -> Array:
    """Return the full convolution of two kernels."""
    height, width = (a + b - 1 for a, b in zip(small.shape, over.shape, strict=True))
    spread = np.zeros((height, width))
    for (row, column), weight in np.ndenumerate(small):
        spread[row : row + len(over), column : column + len(over)] += weight * over
    return spread


def _to_strength(kernel: Array) -> Array:
    scaled: Array = kernel * (_STRENGTH / np.abs(kernel).sum())
    return scaled


def correlate(channel: Array, kernel: Array, geometry: Geometry) -> Array:
    """Correlate one map (H, W) with one kernel (k, k), as it moves over the map in the block.

    Y[r, c] = Σ_ab X[r·s + a, c·s + b] K[a, b]: one term X_j ⋆ K_ij of the block's sum.
    """
    padded = np.pad(channel, [geometry.rows.padding, geometry.columns.padding])
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    chosen = windows[:: geometry.stride, :: geometry.stride]
    found: Array = np.einsum("rcab,ab->rc", chosen, kernel)
    return found
