"""The notebook's mathematics as readable loops, one sample at a time: what the engine must equal.

Nothing here is taken from the engine but the declarations of the blocks.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import convolve2d, correlate2d

from engine.arrays import Array
from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid, Tanh

Parameters = dict[str, Array]


def conv_forward(x: Array, kernels: Array, bias: Array) -> Array:
    """Y_i = B_i + Σ_j X_j ⋆ K_ij for maps (channels, H, W)."""
    maps = []
    for i in range(len(kernels)):
        total = bias[i]
        for j in range(len(x)):
            total = total + correlate2d(x[j], kernels[i, j], "valid")
        maps.append(total)
    return np.array(maps)


def conv_backward(
    x: Array, kernels: Array, bias: Array, gradient: Array
) -> tuple[Array, Parameters]:
    """Give ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij, ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i and ∂E/∂B_i = ∂E/∂Y_i."""
    input_gradient, kernel_gradient = np.zeros_like(x), np.zeros_like(kernels)
    for i in range(len(kernels)):
        for j in range(len(x)):
            kernel_gradient[i, j] = correlate2d(x[j], gradient[i], "valid")
            input_gradient[j] += convolve2d(gradient[i], kernels[i, j], "full")
    bias_gradient = gradient if bias.ndim == 3 else np.array([one.sum() for one in gradient])
    return input_gradient, {"weight": kernel_gradient, "bias": bias_gradient}


def dense_forward(x: Array, weights: Array, bias: Array) -> Array:
    """y_u = b_u + Σ_i W_ui x_i."""
    return np.array(
        [
            b + sum(w * v for w, v in zip(row, x, strict=True))
            for row, b in zip(weights, bias, strict=True)
        ]
    )


def dense_backward(x: Array, weights: Array, gradient: Array) -> tuple[Array, Parameters]:
    """Give ∂E/∂x_i = Σ_u W_ui ∂E/∂y_u, ∂E/∂W_ui = ∂E/∂y_u x_i and ∂E/∂b_u = ∂E/∂y_u."""
    input_gradient, weight_gradient = np.zeros_like(x), np.zeros_like(weights)
    for u in range(len(weights)):
        for i in range(len(x)):
            weight_gradient[u, i] = gradient[u] * x[i]
            input_gradient[i] += weights[u, i] * gradient[u]
    return input_gradient, {"weight": weight_gradient, "bias": gradient}


def sigmoid(x: float) -> float:
    """1 / (1 + e⁻ˣ), by the exponential that cannot overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def sigmoid_slope(x: float) -> float:
    """σ(x) σ(-x): the derivative, with no difference that could cancel."""
    return sigmoid(x) * sigmoid(-x)


def tanh_slope(x: float) -> float:
    """1 / cosh²(x), for |x| below 300."""
    return 1 / math.cosh(x) ** 2


def each(function: Callable[[float], float], values: Array) -> Array:
    """Apply a function of one number to every value."""
    return np.array([function(float(value)) for value in values.ravel()]).reshape(values.shape)


def clamped_log(value: float) -> float:
    """log(v), at least -100."""
    return max(math.log(value), -100.0) if value > 0 else -100.0


def bce(outputs: Array, targets: Array) -> float:
    """-1/c Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of one sample."""
    terms = [
        -(t * clamped_log(y) + (1 - t) * clamped_log(1 - y))
        for y, t in zip(outputs.tolist(), targets.tolist(), strict=True)
    ]
    return math.fsum(terms) / len(terms)


def bce_slope(outputs: Array, targets: Array) -> Array:
    """1/c ((1 - y*_i)/(1 - y_i) - y*_i/y_i) of one sample with outputs inside 0..1."""
    return ((1 - targets) / (1 - outputs) - targets / outputs) / len(outputs)


def mse(outputs: Array, targets: Array) -> float:
    """1/c Σ_i (y_i - y*_i)² of one sample."""
    pairs = zip(outputs.tolist(), targets.tolist(), strict=True)
    return math.fsum((y - t) ** 2 for y, t in pairs) / len(outputs)


def mse_slope(outputs: Array, targets: Array) -> Array:
    """2/c (y_i - y*_i) of one sample."""
    return 2 * (outputs - targets) / len(outputs)


LOSSES = {"bce": (bce, bce_slope), "mse": (mse, mse_slope)}


@dataclass
class Differentiated:
    """The outputs (n, classes), mean loss and mean gradients of a batch."""

    outputs: Array
    loss: float
    gradients: list[Parameters]


def differentiate(
    blocks: Sequence[KnownBlock],
    parameters: Sequence[Parameters],
    inputs: Array,
    targets: Array,
    loss: str,
) -> Differentiated:
    """Run each sample of a batch forward and backward, and take the mean of what it gives."""
    value, slope = LOSSES[loss]
    outputs, losses = [], []
    total = [{name: np.zeros_like(p) for name, p in one.items()} for one in parameters]
    for x, target in zip(inputs, targets, strict=True):
        values = [x]
        for block, own in zip(blocks, parameters, strict=True):
            values.append(forward(block, own, values[-1]))
        output = values[-1].ravel()
        outputs.append(output)
        losses.append(value(output, target))
        gradient = slope(output, target).reshape(values[-1].shape)
        for k in reversed(range(len(blocks))):
            gradient, own_gradients = backward(blocks[k], parameters[k], values[k], gradient)
            for name, found in own_gradients.items():
                total[k][name] += found / len(inputs)
    return Differentiated(np.array(outputs), sum(losses) / len(losses), total)


def forward(block: KnownBlock, parameters: Parameters, x: Array) -> Array:
    """Compute what a block makes of one sample."""
    match block:
        case Conv():
            return conv_forward(x, parameters["weight"], parameters["bias"])
        case Dense():
            y = dense_forward(x.ravel(), parameters["weight"], parameters["bias"])
            return y.reshape((-1, 1) if x.ndim == 2 else -1)
        case Reshape():
            return x.reshape(block.target_shape)
        case Sigmoid():
            return each(sigmoid, x)
        case Tanh():
            return each(math.tanh, x)
    raise NotImplementedError(f"write the mathematics of {block!r} here")


def backward(
    block: KnownBlock, parameters: Parameters, x: Array, gradient: Array
) -> tuple[Array, Parameters]:
    """Differentiate a block for one sample: ∂E/∂x and ∂E/∂parameters."""
    match block:
        case Conv():
            return conv_backward(x, parameters["weight"], parameters["bias"], gradient)
        case Dense():
            flat, found = dense_backward(x.ravel(), parameters["weight"], gradient.ravel())
            return flat.reshape(x.shape), found
        case Reshape():
            return gradient.reshape(x.shape), {}
        case Sigmoid():
            return gradient * each(sigmoid_slope, x), {}
        case Tanh():
            return gradient * each(tanh_slope, x), {}
    raise NotImplementedError(f"write the mathematics of {block!r} here")
