"""The plain twin: the numerics in numpy alone, and the declaration of what a twin is.

A `pool` or a `workspace` that a function is given is for the native twin: these use none. Results
are written to `out`; all else stays as it was. Maps are (n, channels, H, W), gradients those of the
batch's mean loss E.
"""

from threading import Barrier

from engine.compute import (
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
    sharing,
    sums,
    thread_pool,
)


def _nothing_to_prepare() -> float:
    """Return how many seconds this process has spent on compiling and loading loops."""
    return 0.0


class PlainNumerics:
    """The functions of a twin, to be taken from the class itself: there are no instances."""

    TITLE = "plain numpy"  # the same seed gives the same bits with the same twin alone
    # Of one layer between two questions whether to stop, or of a check of unit health: well under
    # 100 ms, for Stop is obeyed within so long.
    MULTIPLY_ADDS_AT_ONCE = 500_000_000
    seconds_preparing = _nothing_to_prepare

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
    add_product = optimizers.add_product
    write_product = optimizers.write_product
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

    barrier = Barrier
    capture = thread_pool.capture
    thread_pool = thread_pool.Pool


Numerics = type[PlainNumerics]  # either twin
