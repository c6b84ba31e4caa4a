"""Numerics: the small set of functions behind all layers, and which of its two twins computes.

The plain twin is numpy, short and with its equations: `convolution.py`, `dense.py`, `pooling.py`,
`normalisation.py`, `sums.py`, `activations.py`, `dropout.py`, `losses.py`, `optimizers.py`,
`augmentation.py`, `images.py`, `copying.py`, `sharing.py` and `thread_pool.py` in this room, put
together in `plain_numerics.py`. The native twin in `native/` is the same functions over compiled
loops, several times as fast. All that is above this room calls `numerics()` and works with either.
For each twin and number of threads, the same seed gives the same bits; between the twins, results
differ by rounding alone.

What each function takes and gives stands in `functions.py`:

    correlate, correlation_gradients                           convolution
    dense_outputs, dense_input_gradient                        dense layers
    sample_sums, map_sums                                      sums over the batch, for biases
    max_pool, average_pool, global_average_pool, with the
    gradient of each                                           pooling
    batch_moments, known_moments, batch_norm,
    batch_norm_sums, batch_norm_gradient, move_statistics      normalisation
    sigmoid, tanh, relu, leaky_relu, softmax, with the
    derivative of each                                         activations
    binary_cross_entropy, cross_entropy, squared_error, with
    their gradients, scaled_difference, tally, scale           losses
    dropout, dropout_derivative                                random masks
    add_scaled, add_product, write_product, momentum_step,
    adam_step                                                  steps of the optimizers
    augment, scale_images, one_hot                             images and labels of a batch
    copy                                                       values from one array to another
    share, thread_pool, barrier, capture                       the threads that share a step

`LAYERSCOPE_COMPUTE=numpy` in the environment chooses the plain twin, `native` the other. Without
it the native one is taken where numba is installed and can compile here, else the plain one.
"""

import importlib.util
import logging
import os
from functools import cache
from typing import NamedTuple

from engine.compute.functions import Numerics
from engine.errors import ComputeError, in_one_line

CHOICE = "LAYERSCOPE_COMPUTE"
PLAIN, NATIVE = "numpy", "native"
_MISSING = "numba is not installed"
_logger = logging.getLogger(__name__)


class Chosen(NamedTuple):
    """The twin that computes in this process, what it is called, and in words why it was chosen."""

    numerics: Numerics
    title: str
    words: str
    compiles: bool  # on first use


@cache
def numerics() -> Numerics:
    """Return the twin that computes in this process: chosen once, when first asked for.

    Raises ComputeError as `check_choice` does, or if the native twin was asked for and fails.
    """
    return _chosen().numerics


def numerics_title() -> str:
    """Return what the twin that computes in this process is called, with its compiler.

    The same seed gives the same bits with the same twin only. Raises ComputeError as `numerics`
    does.
    """
    return _chosen().title


def compiles() -> bool:
    """Return whether the twin that computes in this process compiles loops on their first use.

    Raises ComputeError as `numerics` does.
    """
    return _chosen().compiles


def numerics_in_words() -> str:
    """Say which twin computes in this process, and why if it is the plain one, or neither does."""
    try:
        return _chosen().words
    except ComputeError as error:
        return str(error)


def check_choice() -> str:
    """Return what the environment asks for: a twin, or nothing.

    Raises ComputeError if there is no such twin, or numba is missing for it.
    """
    asked = os.environ.get(CHOICE, "")
    if asked not in ("", PLAIN, NATIVE):
        raise ComputeError(
            f"{CHOICE} in the environment is {asked[:40]!r}: set it to {PLAIN} (plain numpy) or "
            f"{NATIVE} (compiled loops), or unset it."
        )
    if asked == NATIVE and not has_numba():
        raise _no_native(_MISSING)
    return asked


def has_numba() -> bool:
    """Return whether numba is installed, without loading it."""
    return importlib.util.find_spec("numba") is not None


@cache
def _chosen() -> Chosen:
    asked = check_choice()
    if asked == PLAIN:
        return _plain(f", as {CHOICE} asks")
    fault = _MISSING
    if has_numba():
        try:
            return _native()
        except MemoryError:
            raise
        except Exception as error:  # versions that do not go together, a system that forbids it
            fault = f"numba cannot compile here ({in_one_line(error)})"
    if asked == NATIVE:
        raise _no_native(fault)
    _logger.warning("The engine computes in plain numpy, which is slower: %s.", fault)
    return _plain(f", which is slower: {fault}")


def _plain(why: str) -> Chosen:
    from engine.compute import plain_numerics

    title = "plain numpy"
    return Chosen(plain_numerics, title, title + why, compiles=False)


def _native() -> Chosen:
    """Load the native twin, and let it compute something."""
    from engine.compute.native import native_numerics  # numba takes long to import

    native_numerics.try_out()
    title = f"loops compiled by numba {native_numerics.NUMBA}"
    return Chosen(native_numerics, title, title, compiles=True)


def _no_native(fault: str) -> ComputeError:
    return ComputeError(
        f"{CHOICE} in the environment is {NATIVE}, but {fault}: install numba (pip install numba), "
        "or unset it to compute in plain numpy."
    )
