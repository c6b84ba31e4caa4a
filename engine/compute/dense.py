"""Matrix products (GEMM) of Dense layers, which the threads of a pool share where it pays."""

from functools import cache
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.compute.load_loops import dense_loops
from engine.compute.thread_pool import ThreadPool

FEW_SAMPLES = 64  # up to which OpenBLAS multiplies the weights with them faster than the reverse
LEAST_SAMPLES = 8  # fewer pass the weights too quickly for that
SHARED_WORK = 300_000  # multiplications that are worth handing a part to another thread


def outputs(
    inputs: Array, weights: Array, bias: Array, out: Array, pool: ThreadPool | None
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
    job = dense_loops().turned_outputs if turned else dense_loops().outputs
    _share(pool, job, (inputs, weights, parts), (samples, *weights.shape), 1.0)
    dense_loops().add_parts(parts, turned, bias, out)


def input_gradient(gradient: Array, weights: Array, out: Array, pool: ThreadPool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), weights (units, inputs), out (n, inputs)."""
    if pool is None or not _pays(pool, gradient, weights):
        np.matmul(gradient, weights, out=out)
        return
    sizes = (len(gradient), *weights.shape)
    _share(pool, dense_loops().input_gradient, (gradient, weights, out), sizes, 1.0)


def add_product(weights: Array, left: Array, right: Array, factor: float, pool: ThreadPool) -> None:
    """Do W ← W + factor · leftᵀ right in place. left (n, units), right (n, inputs); all plain."""
    sizes = (len(left), *weights.shape)
    shared = pool if _pays(pool, left, weights) else _single_thread()
    _share(shared, dense_loops().add_product, (left, right, weights), sizes, factor)


def _pays(pool: ThreadPool, samples: Array, weights: Array) -> bool:
    return (
        pool.threads > 1
        and len(samples) >= LEAST_SAMPLES
        and len(samples) * weights.size >= SHARED_WORK
    )


def _share(
    pool: ThreadPool,
    job: Any,
    matrices: tuple[Array, Array, Array],
    sizes: tuple[int, ...],
    factor: float,
) -> None:
    """Do a compiled job in parts, one by every thread of the pool."""
    arguments, number = (
        np.empty(dense_loops().ARGUMENTS, np.int64),
        np.array([factor], matrices[0].dtype),
    )
    function = _gemm_address(number.itemsize)
    address = dense_loops().write_arguments(
        arguments, function, pool.threads, sizes, matrices, number
    )
    pool.share(job.address, address)


@cache
def _gemm_address(size: int) -> int:
    from engine.compute.native import llvm

    return llvm.gemm_address(size)


@cache
def _single_thread() -> ThreadPool:
    return ThreadPool(1)
