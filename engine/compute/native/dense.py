"""Matrix products (GEMM) of Dense layers, which the threads of a pool share where it pays."""

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.compute.native import llvm, optimizer_loops
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
    job = _loops().turned_outputs if turned else _loops().outputs
    _share(pool, job, (inputs, weights, parts), (samples, *weights.shape), 1.0)
    _loops().add_parts(parts, turned, bias, out)


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), weights (units, inputs), out (n, inputs)."""
    if pool is None or not _pays(pool, gradient, weights):
        np.matmul(gradient, weights, out=out)
        return
    sizes = (len(gradient), *weights.shape)
    _share(pool, _loops().input_gradient, (gradient, weights, out), sizes, 1.0)


def add_product(weights: Array, left: Array, right: Array, factor: float, pool: Pool) -> None:
    """Do W ← W + factor · leftᵀ right in place. left (n, units), right (n, inputs); all plain."""
    sizes = (len(left), *weights.shape)
    shared = pool if _pays(pool, left, weights) else _single_thread()
    _share(shared, _loops().add_product, (left, right, weights), sizes, factor)


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
    job: Any,
    matrices: tuple[Array, Array, Array],
    sizes: tuple[int, ...],
    factor: float,
) -> None:
    """Do a compiled job in parts, one by every thread of the pool."""
    assert isinstance(pool, ThreadPool), "a pool of this twin"
    arguments, number = (
        np.empty(_loops().ARGUMENTS, np.int64),
        np.array([factor], matrices[0].dtype),
    )
    function = llvm.gemm_address(number.itemsize)
    address = _loops().write_arguments(arguments, function, pool.threads, sizes, matrices, number)
    pool.share(job.address, address)


@cache
def _loops() -> ModuleType:
    """Load the compiled jobs when they are first needed: they are compiled at once."""
    from engine.compute.native import dense_loops

    return dense_loops


@cache
def _single_thread() -> ThreadPool:
    return ThreadPool(1)
