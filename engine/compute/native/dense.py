"""Matrix products (GEMM) of Dense layers, which the threads of a pool share where it pays."""

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.array_types import Array
from engine.compute.native import dense_loops
from engine.compute.thread_pool import Pool

FEW_SAMPLES = 64  # up to which OpenBLAS multiplies the weights with them faster than the reverse
LEAST_SAMPLES = 8  # fewer pass the weights too quickly for sharing
SHARED_WORK = 300_000  # multiplications that are worth handing a part to another thread


def dense_outputs(
    inputs: Array, weights: Array, bias: Array, out: Array, pool: Pool | None
) -> None:
    """Write y = W x + b. inputs (n, inputs), weights (units, inputs), out (n, units)."""
    samples, units = out.shape
    if samples == 1:
        dense_loops.outputs_of_one(weights, inputs[0], bias, out[0])
        return
    turned = samples <= FEW_SAMPLES
    threads = _threads(pool, inputs, weights)
    sums = np.empty((threads, units, samples) if turned else (threads, samples, units), out.dtype)
    left, right = (weights, inputs) if turned else (inputs, weights)
    scales = np.array([1.0, 0.0], out.dtype)
    _share(partial(dense_loops.multiply_inner, left, right, sums, scales), pool, threads)
    dense_loops.add_parts(sums, int(turned), bias, out)


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), weights (units, inputs), out (n, inputs)."""
    if len(gradient) == 1:
        dense_loops.input_gradient_of_one(weights, gradient[0], out[0])
        return
    scales = np.array([1.0, 0.0], out.dtype)
    product = partial(dense_loops.multiply_back, gradient, weights, out, scales)
    _share(product, pool, _threads(pool, gradient, weights))


def add_product(
    weights: Array, left: Array, right: Array, scales: Array, pool: Pool | None, first: int = 0
) -> None:
    """Do W ← f · leftᵀ right + g · W in place, with scales (f, g) of the type of the weights.

    left (n, units), right (n, inputs). Of left, the columns from `first` on are taken, as many as W
    has rows. W is not read where g is 0.
    """
    multiply = dense_loops.multiply_one if len(left) == 1 else dense_loops.multiply
    product = partial(multiply, left, right, weights, scales, first)
    _share(product, pool, _threads(pool, left, weights))


def _threads(pool: Pool | None, samples: Array, weights: Array) -> int:
    """Return how many threads share a product of weights with so many samples."""
    few = len(samples) < LEAST_SAMPLES or len(samples) * weights.size < SHARED_WORK
    return 1 if pool is None or few else pool.threads


def _share(product: Callable[[int, int], None], pool: Pool | None, threads: int) -> None:
    """Do a product in so many parts at the same time: each is told which of how many it is."""
    if pool is None or threads == 1:
        product(0, 1)
        return
    pool.run([partial(product, part, threads) for part in range(threads)])
