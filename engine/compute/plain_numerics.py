"""The plain twin: all functions of `Numerics`, in numpy alone.

A `pool` or a `workspace` that they are given is for the native twin: these use none.
"""

from engine.compute.activations import leaky_relu as leaky_relu
from engine.compute.activations import leaky_relu_derivative as leaky_relu_derivative
from engine.compute.activations import relu as relu
from engine.compute.activations import relu_derivative as relu_derivative
from engine.compute.activations import sigmoid as sigmoid
from engine.compute.activations import sigmoid_derivative as sigmoid_derivative
from engine.compute.activations import softmax as softmax
from engine.compute.activations import softmax_derivative as softmax_derivative
from engine.compute.activations import tanh as tanh
from engine.compute.activations import tanh_derivative as tanh_derivative
from engine.compute.augmentation import augment as augment
from engine.compute.convolution import correlate as correlate
from engine.compute.convolution import correlation_gradients as correlation_gradients
from engine.compute.copying import copy as copy
from engine.compute.dense import dense_input_gradient as dense_input_gradient
from engine.compute.dense import dense_outputs as dense_outputs
from engine.compute.dropout import dropout as dropout
from engine.compute.dropout import dropout_derivative as dropout_derivative
from engine.compute.inputs_and_targets import one_hot as one_hot
from engine.compute.inputs_and_targets import scale_images as scale_images
from engine.compute.losses import binary_cross_entropy as binary_cross_entropy
from engine.compute.losses import binary_cross_entropy_gradient as binary_cross_entropy_gradient
from engine.compute.losses import cross_entropy as cross_entropy
from engine.compute.losses import cross_entropy_gradient as cross_entropy_gradient
from engine.compute.losses import scale as scale
from engine.compute.losses import scaled_difference as scaled_difference
from engine.compute.losses import squared_error as squared_error
from engine.compute.losses import tally as tally
from engine.compute.normalisation import batch_moments as batch_moments
from engine.compute.normalisation import batch_norm as batch_norm
from engine.compute.normalisation import batch_norm_gradient as batch_norm_gradient
from engine.compute.normalisation import batch_norm_sums as batch_norm_sums
from engine.compute.normalisation import known_moments as known_moments
from engine.compute.normalisation import move_statistics as move_statistics
from engine.compute.optimizers import adam_step as adam_step
from engine.compute.optimizers import add_product as add_product
from engine.compute.optimizers import add_scaled as add_scaled
from engine.compute.optimizers import momentum_step as momentum_step
from engine.compute.optimizers import write_product as write_product
from engine.compute.pooling import average_pool as average_pool
from engine.compute.pooling import average_pool_gradient as average_pool_gradient
from engine.compute.pooling import global_average_pool as global_average_pool
from engine.compute.pooling import global_average_pool_gradient as global_average_pool_gradient
from engine.compute.pooling import max_pool as max_pool
from engine.compute.pooling import max_pool_gradient as max_pool_gradient
from engine.compute.sharing import share as share
from engine.compute.sums import map_sums as map_sums
from engine.compute.sums import sample_sums as sample_sums
from engine.compute.thread_pool import barrier as barrier
from engine.compute.thread_pool import capture as capture
from engine.compute.thread_pool import thread_pool as thread_pool

TITLE = "plain numpy"
MULTIPLY_ADDS_AT_ONCE = 500_000_000


def seconds_preparing() -> float:
    """Return 0: there is nothing to compile."""
    return 0.0
