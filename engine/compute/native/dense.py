"""Matrix products (GEMM) of Dense layers, which the threads of a pool share where it pays."""

from functools import partial

import numpy as np

from engine.array_types import Array
from engine.compute.native import dense_loops, sum_loops
from engine.compute.native.sharing import in_parts
from engine.compute.thread_pool import Pool

FEW_SAMPLES = 64  # up to which OpenBLAS multiplies the weights with them faster than the reverse
FEWEST_SAMPLES = 8  # up to which the way back is better by rows of the weights
FEW_UNITS = 64  # fewer are not divided between threads
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
    given = weights, inputs, bias, out, np.array([1.0, 0.0], out.dtype)
    if units < FEW_UNITS and samples > FEWEST_SAMPLES:
        product = partial(dense_loops.outputs_of_samples, *given)
    elif samples > FEW_SAMPLES:
        product = partial(dense_loops.outputs_of_units, *given)
    else:
        sums = np.empty((units, samples), out.dtype)
        places = np.arange(units) * samples, np.arange(samples) * units
        product = partial(dense_loops.turned_outputs_of_units, *given, sums, *places)
    in_parts(product, pool, threads)


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), weights (units, inputs), out (n, inputs)."""
    threads, scales = _threads(pool, gradient, weights), np.array([1.0, 0.0], out.dtype)
    if len(gradient) > FEWEST_SAMPLES:
        in_parts(
            partial(dense_loops.multiply_back, gradient, weights, out, scales, 0), pool, threads
        )
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


def _threads(pool: Pool | None, samples: Array, weights: Array) -> int:
    """Return how many threads share a product of weights with so many samples."""
    if len(samples) == 1:
        enough = weights.nbytes >= SHARED_BYTES
    else:
        enough = len(samples) * weights.size >= SHARED_WORK
    return pool.threads if pool is not None and enough else 1
