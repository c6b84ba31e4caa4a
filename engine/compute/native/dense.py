"""Matrix products (GEMM) of Dense layers, which the threads of a pool share where it pays."""

from functools import cache

import numpy as np

from engine.array_types import Array
from engine.compute.native import dense_loops, optimizer_loops
from engine.compute.native.thread_pool import ThreadPool
from engine.compute.thread_pool import Pool

FEW_SAMPLES = 64  # up to which OpenBLAS multiplies the weights with them faster than the reverse
LEAST_SAMPLES = 8  # fewer pass the weights too quickly for that
SHARED_WORK = 300_000  # multiplications that are worth handing a part to another thread


def dense_outputs(
    inputs: Array, weights: Array, bias: Array, out: Array, pool: Pool | None
) -> None:
    """Write y = W x + b. inputs (n, inputs), weights (units, inputs), out (n, units)."""
    samples, units = out.shape
    turned = 1 < samples <= FEW_SAMPLES
    if pool is None or not _pays(pool, inputs, weights):
        if turned:
            np.copyto(out, np.matmul(weights, inputs.T).T)
        else:
            np.matmul(inputs, weights.T, out=out)
        out += bias
        return
    shape = (pool.threads, units, samples) if turned else (pool.threads, samples, units)
    parts = np.empty(shape, out.dtype)
    left, right = (weights, inputs) if turned else (inputs, weights)
    _share(pool, left, right, parts, (1.0, 0.0), inner=True)
    dense_loops.add_parts(parts, turned, bias, out)


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), weights (units, inputs), out (n, inputs)."""
    if pool is None or not _pays(pool, gradient, weights):
        np.matmul(gradient, weights, out=out)
        return
    _share(pool, gradient, weights, out, (1.0, 0.0))


def add_product(weights: Array, left: Array, right: Array, factor: float, pool: Pool) -> None:
    """Do W ← W + factor · leftᵀ right in place. left (n, units), right (n, inputs); all plain."""
    shared = pool if _pays(pool, left, weights) else _single_thread()
    _share(shared, left, right, weights, (factor, 1.0), turned=True)


def subtract_outer(weights: Array, left: Array, right: Array) -> None:
    """Do W ← W - left rightᵀ in place, for vectors left (units,) and right (inputs,)."""
    optimizer_loops.subtract_outer(weights, left, right)


def _pays(pool: Pool, samples: Array, weights: Array) -> bool:
    return (
        pool.threads > 1
        and len(samples) >= LEAST_SAMPLES
        and len(samples) * weights.size >= SHARED_WORK
    )


def _share(
    pool: Pool,
    left: Array,
    right: Array,
    out: Array,
    scales: tuple[float, float],
    *,
    inner: bool = False,
    turned: bool = False,
) -> None:
    """Do a product as `write_product` says, a part of the columns by each thread of the pool."""
    assert isinstance(pool, ThreadPool), "a pool of this twin"
    arguments, factors = np.empty(dense_loops.ARGUMENTS, np.int64), np.array(scales, out.dtype)
    dense_loops.write_product(arguments, pool.threads, left, right, out, factors, inner, turned)
    pool.multiply(arguments)


@cache
def _single_thread() -> ThreadPool:
    return ThreadPool(1)
