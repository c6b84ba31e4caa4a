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


class NativeNumerics(PlainNumerics):
    """Takes and gives what the plain twin does; each function says only what is its own."""

    TITLE = f"loops compiled by numba {numba.__version__}"
    MULTIPLY_ADDS_AT_ONCE = 1_000_000_000
    seconds_preparing = compiled.seconds_preparing

    activate = activations.activate
    activation_gradient = activations.activation_gradient

    augment = augmentation.augment

    correlate = convolution.correlate
    correlation_gradients = convolution.correlation_gradients

    copy = copying.copy

    dense_outputs = dense.dense_outputs
    dense_input_gradient = dense.dense_input_gradient

    dropout_derivative = dropout.dropout_derivative
    dropout = dropout.dropout  # last of its module, whose name it takes

    one_hot = inputs_and_targets.one_hot
    scale_images = inputs_and_targets.scale_images

    binary_cross_entropy = losses.binary_cross_entropy
    binary_cross_entropy_gradient = losses.binary_cross_entropy_gradient
    cross_entropy = losses.cross_entropy
    cross_entropy_gradient = losses.cross_entropy_gradient
    squared_error = losses.squared_error
    scaled_difference = losses.scaled_difference
    tally = losses.tally
    scale = losses.scale

    batch_moments = normalisation.batch_moments
    known_moments = normalisation.known_moments
    batch_norm = normalisation.batch_norm
    batch_norm_sums = normalisation.batch_norm_sums
    batch_norm_gradient = normalisation.batch_norm_gradient
    move_statistics = normalisation.move_statistics

    add_scaled = optimizers.add_scaled
    add_product = dense.add_product
    write_product = dense.write_product
    momentum_step = optimizers.momentum_step
    adam_step = optimizers.adam_step

    max_pool = pooling.max_pool
    max_pool_gradient = pooling.max_pool_gradient
    average_pool = pooling.average_pool
    average_pool_gradient = pooling.average_pool_gradient
    global_average_pool = pooling.global_average_pool
    global_average_pool_gradient = pooling.global_average_pool_gradient

    map_sums = sums.map_sums
    sample_sums = sums.sample_sums

    share = sharing.share

    thread_pool = thread_pool.thread_pool
    barrier = barrier.barrier
    capture = capture.capture


def try_out() -> None:
    """Let a loop copy a number, to raise what keeps numba from compiling here, if anything."""
    one = np.ones(1, np.float32)
    copying.copy(one, np.empty_like(one))
