"""The native twin: the numerics over compiled loops, where these are faster."""

import numba
import numpy as np

from engine.compute.native import (
    activations,
    augmentation,
    convolution,
    copying,
    dense,
    dropout,
    inputs_and_targets,
    losses,
    normalisation,
    optimizers,
    pooling,
    sums,
)
from engine.compute.native.machine_code import compiled
from engine.compute.native.threads import barrier, capture, sharing, thread_pool
from engine.compute.plain_numerics import PlainNumerics

_MODULES = (
    activations,
    augmentation,
    convolution,
    copying,
    dense,
    dropout,
    inputs_and_targets,
    losses,
    normalisation,
    optimizers,
    pooling,
    sums,
    barrier,
    capture,
    sharing,
    thread_pool,
)


class NativeNumerics(PlainNumerics):
    """Takes and gives what the plain twin does; each function says only what is its own."""

    TITLE = f"loops compiled by numba {numba.__version__}"
    MULTIPLY_ADDS_AT_ONCE = 2_000_000_000
    seconds_preparing = compiled.seconds_preparing


for _name in vars(PlainNumerics).keys() - vars(NativeNumerics).keys():
    (_own,) = {vars(module)[_name] for module in _MODULES if _name in vars(module)}
    setattr(NativeNumerics, _name, _own)


def try_out() -> None:
    """Let a loop copy a number, to raise what keeps numba from compiling here, if anything."""
    one = np.ones(1, np.float32)
    copying.copy(one, np.empty_like(one))
