"""The native twin: all functions of `Numerics`, over compiled loops where they are faster."""

import numba
import numpy as np

from engine.compute.native.activations import leaky_relu as leaky_relu
from engine.compute.native.activations import leaky_relu_derivative as leaky_relu_derivative
from engine.compute.native.activations import relu as relu
from engine.compute.native.activations import relu_derivative as relu_derivative
from engine.compute.native.activations import sigmoid as sigmoid
from engine.compute.native.activations import sigmoid_derivative as sigmoid_derivative
from engine.compute.native.activations import softmax as softmax
from engine.compute.native.activations import softmax_derivative as softmax_derivative
from engine.compute.native.activations import tanh as tanh
from engine.compute.native.activations import tanh_derivative as tanh_derivative
from engine.compute.native.augmentation import augment as augment
from engine.compute.native.convolution import correlate as correlate
from engine.compute.native.convolution import correlation_gradients as correlation_gradients
from engine.compute.native.convolution_ways import im2col_loops
from engine.compute.native.copying import copy as copy
from engine.compute.native.dense import add_product as add_product
from engine.compute.native.dense import dense_input_gradient as dense_input_gradient
from engine.compute.native.dense import dense_outputs as dense_outputs
from engine.compute.native.dense import write_product as write_product
from engine.compute.native.dropout import dropout as dropout
from engine.compute.native.dropout import dropout_derivative as dropout_derivative
from engine.compute.native.inputs_and_targets import one_hot as one_hot
from engine.compute.native.inputs_and_targets import scale_images as scale_images
from engine.compute.native.losses import binary_cross_entropy as binary_cross_entropy
from engine.compute.native.losses import (
    binary_cross_entropy_gradient as binary_cross_entropy_gradient,
)
from engine.compute.native.losses import cross_entropy as cross_entropy
from engine.compute.native.losses import cross_entropy_gradient as cross_entropy_gradient
from engine.compute.native.losses import scale as scale
from engine.compute.native.losses import scaled_difference as scaled_difference
from engine.compute.native.losses import squared_error as squared_error
from engine.compute.native.losses import tally as tally
from engine.compute.native.machine_code.compiled import seconds_preparing as seconds_preparing
from engine.compute.native.normalisation import batch_moments as batch_moments
from engine.compute.native.normalisation import batch_norm as batch_norm
from engine.compute.native.normalisation import batch_norm_gradient as batch_norm_gradient
from engine.compute.native.normalisation import batch_norm_sums as batch_norm_sums
from engine.compute.native.normalisation import known_moments as known_moments
from engine.compute.native.normalisation import move_statistics as move_statistics
from engine.compute.native.optimizers import adam_step as adam_step
from engine.compute.native.optimizers import add_scaled as add_scaled
from engine.compute.native.optimizers import momentum_step as momentum_step
from engine.compute.native.pooling import average_pool as average_pool
from engine.compute.native.pooling import average_pool_gradient as average_pool_gradient
from engine.compute.native.pooling import global_average_pool as global_average_pool
from engine.compute.native.pooling import (
    global_average_pool_gradient as global_average_pool_gradient,
)
from engine.compute.native.pooling import max_pool as max_pool
from engine.compute.native.pooling import max_pool_gradient as max_pool_gradient
from engine.compute.native.sums import map_sums as map_sums
from engine.compute.native.sums import sample_sums as sample_sums
from engine.compute.native.threads.barrier import barrier as barrier
from engine.compute.native.threads.capture import capture as capture
from engine.compute.native.threads.sharing import share as share
from engine.compute.native.threads.thread_pool import thread_pool as thread_pool

TITLE = f"loops compiled by numba {numba.__version__}"
MULTIPLY_ADDS_AT_ONCE = 2_000_000_000


def try_out() -> None:
    """Let a loop multiply two matrices, to raise what keeps numba from compiling here, if anything.

    It is one that most networks need, so nothing is compiled in vain.
    """
    one = np.ones((1, 1), np.float32)
    im2col_loops.multiply(one, one, np.empty_like(one))
