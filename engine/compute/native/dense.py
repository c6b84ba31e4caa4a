"""Matrix products (GEMM) of Dense layers, which the threads of a pool share where it pays."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.loops import dense_loops, dense_tiles, sum_loops
from engine.compute.native.machine_code.vector_code import VECTOR_BYTES
from engine.compute.native.threads.sharing import in_parts
from engine.compute.thread_pool import Pool

FEW_SAMPLES = 64  # up to which OpenBLAS multiplies the weights with them faster than the reverse
FEWEST_SAMPLES = 8  # up to which the way back is better by rows of the weights
FEW_UNITS = 64  # of fewer, each thread makes those of its samples
SHARED_BYTES = 200_000  # of weights that pay for a handoff even for one sample, when replayed
SHARED_WORK = 300_000  # multiplications that are worth handing a part to another thread


def dense_outputs(
    inputs: Array, weights: Array, bias: Array, out: Array, pool: Pool | None
) -> None:
    """Write y = W x + b. inputs (n, inputs), weights (units, inputs), out (n, units)."""
    samples, units = out.shape
    threads = _threads(pool, inputs, weights)
    if samples == 1:
        product = partial(dense_loops.outputs_of_one, weights, inputs[0], bias, out[0])
        in_parts(product, pool, threads)
        return
    given = weights, inputs, bias, out
    scales = np.array([1.0, 0.0], out.dtype)
    columns = inputs.shape[1]
    if dense_tiles.suit_turned(out, columns, threads):
        width = dense_tiles.TURNED_VECTORS * VECTOR_BYTES // out.itemsize
        panels = np.empty((threads, columns, width), out.dtype)
        turned = row_places(weights), panels, np.arange(columns)
        product = partial(dense_tiles.turned_outputs, *given, *turned)
    elif dense_tiles.suit_outputs(samples, columns):
        by_units = int(units >= FEW_UNITS)
        product = partial(dense_tiles.outputs, *given, row_places(weights), by_units)
    elif samples > FEW_SAMPLES:
        product = partial(dense_loops.outputs_of_units, *given, scales)
    else:
        sums = np.empty((units, samples), out.dtype)
        places = row_places(sums), row_places(out)
        product = partial(dense_loops.turned_outputs_of_units, *given, scales, sums, *places)
    in_parts(product, pool, threads)


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), weights (units, inputs), out (n, inputs)."""
    threads, scales = _threads(pool, gradient, weights), np.array([1.0, 0.0], out.dtype)
    if len(gradient) > FEWEST_SAMPLES:
        if dense_tiles.suit(out, len(weights), threads):
            places = row_places(weights), np.arange(len(weights))
            back = partial(dense_tiles.multiply_back, gradient, weights, out, *places)
        else:
            back = partial(dense_loops.multiply_back, gradient, weights, out, scales, 0)
        in_parts(back, pool, threads)
        return
    sums = out[np.newaxis] if threads == 1 else np.empty((threads, *out.shape), out.dtype)
    if len(gradient) == 1:
        product = partial(dense_loops.input_gradient_of_one, weights, gradient[0], sums[:, 0])
    else:
        product = partial(dense_loops.multiply_back_rows, gradient, weights, sums, scales)
    in_parts(product, pool, threads)
    if threads > 1:
        sum_loops.add_samples(sums.reshape(threads, -1), out.reshape(-1))


def add_product(
    weights: Array, left: Array, right: Array, scales: Array, pool: Pool | None, first: int = 0
) -> None:
    """Do W ← f · leftᵀ right + g · W in place, with scales (f, g) of the type of the weights.

    left (n, units), right (n, inputs). Of left, the columns from `first` on are taken, as many as W
    has rows. W is not read where g is 0.
    """
    few = len(left) <= FEWEST_SAMPLES
    multiply = dense_loops.multiply_rows if few else dense_loops.multiply
    product = partial(multiply, left, right, weights, scales, first)
    in_parts(product, pool, _threads(pool, left, weights))


def write_product(out: Array, left: Array, right: Array, first: int) -> None:
    """Write leftᵀ right, as `add_product` adds it."""
    samples = len(left)
    if samples > 1 and dense_tiles.suit(out, samples, 1):
        dense_tiles.multiply(left, right, out, first, row_places(left), row_places(right))
    else:
        add_product(out, left, right, np.array([1.0, 0.0], out.dtype), None, first)


def row_places(matrix: Array) -> NDArray[np.int64]:
    """Say where the rows of a matrix begin, counted in numbers."""
    places: NDArray[np.int64] = np.arange(len(matrix)) * matrix.shape[1]
    return places


def _threads(pool: Pool | None, samples: Array, weights: Array) -> int:
    """Return how many threads share a product of weights with so many samples."""
    if len(samples) == 1:
        enough = weights.nbytes >= SHARED_BYTES
    else:
        enough = len(samples) * weights.size >= SHARED_WORK
    return pool.threads if pool is not None and enough else 1
