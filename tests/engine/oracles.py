"""The notebook's mathematics as readable loops, one sample at a time: what the engine must equal.

Nothing here is taken from the engine but the declarations of the blocks.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine import blocks as kinds
from engine.array_types import Array

Parameters = dict[str, Array]


def bordered(x: Array, block: kinds.Convolutional) -> tuple[Array, tuple[int, int]]:
    """Put the zeros of "same" around maps (n, channels, H, W); return the maps' corner in it, too.

    As many outputs as steps of the stride begin in the map; the last may need zeros behind it.
    """
    if block.padding == "valid":
        return x, (0, 0)
    borders = []
    for size in x.shape[2:]:
        outputs = math.ceil(size / block.stride)
        missing = max(0, (outputs - 1) * block.stride + block.kernel_size - size)
        borders.append((missing // 2, math.ceil(missing / 2)))
    (top, bottom), (left, right) = borders
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right))), (top, left)


def shifted(x: Array, block: kinds.Convolutional) -> Iterator[tuple[int, int, Array]]:
    """Return for each cell of a kernel the values (n, channels, H, W) that it is multiplied by."""
    k, step = block.kernel_size, block.stride
    height, width = x.shape[2] - k + 1, x.shape[3] - k + 1
    for row, column in np.ndindex(k, k):
        yield row, column, x[:, :, row : row + height : step, column : column + width : step]


def conv_forward(block: kinds.Convolutional, x: Array, kernels: Array, bias: Array) -> Array:
    """Y_i = B_i + Σ_j X_j ⋆ K_ij for maps (n, channels, H, W), of which a stride keeps some."""
    x, _ = bordered(x, block)
    found: Array = bias if bias.ndim == 3 else bias[:, np.newaxis, np.newaxis]
    for row, column, values in shifted(x, block):
        found = found + np.einsum("njhw,ij->nihw", values, kernels[:, :, row, column])
    return found


def conv_backward(
    block: kinds.Convolutional, x: Array, kernels: Array, bias: Array, gradient: Array
) -> tuple[Array, Parameters]:
    """Return ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij, ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i and ∂E/∂B_i = ∂E/∂Y_i.

    Sums run over the samples. Places that the stride left out have no gradient.
    """
    shape = x.shape
    x, (top, left) = bordered(x, block)
    input_gradient, kernel_gradient = np.zeros(x.shape), np.zeros(kernels.shape)
    targets = shifted(input_gradient, block)
    for (row, column, values), (*_, target) in zip(shifted(x, block), targets, strict=True):
        kernel_gradient[:, :, row, column] = np.einsum("nihw,njhw->ij", gradient, values)
        target += np.einsum("nihw,ij->njhw", gradient, kernels[:, :, row, column])
    bias_gradient = gradient.sum(axis=0) if bias.ndim == 3 else gradient.sum(axis=(0, 2, 3))
    own = input_gradient[:, :, top : top + shape[2], left : left + shape[3]]
    return own, {"weight": kernel_gradient, "bias": bias_gradient}


def as_of_conv(kernels: Array) -> Array:
    """Make kernels of a Conv, zero for other maps, of a DepthwiseConv's (maps, 1, k, k)."""
    spread: Array = np.eye(len(kernels))[:, :, None, None] * kernels
    return spread


def windows(
    x: Array, block: kinds.MaxPool | kinds.AvgPool
) -> Iterator[tuple[tuple[int, int, int], Array]]:
    """Return each window of maps (channels, H, W) with its place among the outputs."""
    stride = block.stride if block.stride > 0 else block.size
    for channel in range(len(x)):
        for row, top in enumerate(range(0, x.shape[1] - block.size + 1, stride)):
            for column, left in enumerate(range(0, x.shape[2] - block.size + 1, stride)):
                window = x[channel, top : top + block.size, left : left + block.size]
                yield (channel, row, column), window


def pool_forward(block: kinds.MaxPool | kinds.AvgPool, x: Array) -> Array:
    """The largest value or the mean of every window."""
    found = {}
    for place, window in windows(x, block):
        values = window.ravel().tolist()
        largest = isinstance(block, kinds.MaxPool)
        found[place] = max(values) if largest else math.fsum(values) / len(values)
    outputs = np.zeros(tuple(np.max(list(found), axis=0) + 1))
    for place, value in found.items():
        outputs[place] = value
    return outputs


def pool_backward(block: kinds.MaxPool | kinds.AvgPool, x: Array, gradient: Array) -> Array:
    """To the first largest value of each window its whole gradient, or to all an equal share."""
    input_gradient = np.zeros(x.shape)
    targets = windows(input_gradient, block)
    for (place, window), (_, target) in zip(windows(x, block), targets, strict=True):
        if isinstance(block, kinds.AvgPool):
            target += gradient[place] / window.size
            continue
        cells = list(np.ndindex(window.shape))
        target[max(cells, key=lambda cell: window[cell])] += gradient[place]
    return input_gradient


def dense_forward(x: Array, weights: Array, bias: Array) -> Array:
    """y_u = b_u + Σ_i W_ui x_i."""
    return np.array(
        [
            b + sum(w * v for w, v in zip(row, x, strict=True))
            for row, b in zip(weights, bias, strict=True)
        ]
    )


def dense_backward(x: Array, weights: Array, gradient: Array) -> tuple[Array, Parameters]:
    """Return ∂E/∂x_i = Σ_u W_ui ∂E/∂y_u, ∂E/∂W_ui = ∂E/∂y_u x_i and ∂E/∂b_u = ∂E/∂y_u."""
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


def normal_below(x: float) -> float:
    """The share of a normal distribution that is below x."""
    return math.erfc(-x / math.sqrt(2)) / 2


def density(x: float) -> float:
    """The density of a normal distribution."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def tested(parameters: Parameters) -> tuple[Array, Array]:
    """Return the a and b of y = a x + b that BatchNorm is when it is tested, one of each a map."""
    a = parameters["weight"] / np.sqrt(parameters["running_variance"] + 1e-5)
    return a, parameters["bias"] - a * parameters["running_mean"]


def group_norm(block: kinds.GroupNorm, x: Array) -> tuple[Array, Array]:
    """Normalise each group of one sample; return 1 / √(σ² + ε) of each value, too."""
    normal, inverse = np.zeros(x.shape), np.zeros(x.shape)
    for maps in np.split(np.arange(len(x)), block.groups):
        values = x[maps].ravel().tolist()
        mean = math.fsum(values) / len(values)
        variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        inverse[maps] = 1 / math.sqrt(variance + 1e-5)
        normal[maps] = (x[maps] - mean) * inverse[maps]
    return normal, inverse


def group_norm_backward(
    block: kinds.GroupNorm, x: Array, scales: Array, gradient: Array
) -> tuple[Array, Parameters]:
    """Differentiate by the matrix ∂z_i/∂x_j = ([i = j] - 1/m - z_i z_j / m) / √(σ² + ε)."""
    normal, inverse = group_norm(block, x)
    slopes, input_gradient = np.zeros(x.shape), np.zeros(x.shape)
    for c, scale in enumerate(scales):
        slopes[c] = scale * gradient[c]
    for maps in np.split(np.arange(len(x)), block.groups):
        z = normal[maps].ravel()
        matrix = np.eye(len(z)) - 1 / len(z) - np.outer(z, z) / len(z)
        found = matrix @ slopes[maps].ravel()
        input_gradient[maps] = found.reshape(x[maps].shape) * inverse[maps]
    sums = [
        (math.fsum((g * z).ravel()), math.fsum(g.ravel()))
        for g, z in zip(gradient, normal, strict=True)
    ]
    weight, bias = np.transpose(sums)
    return input_gradient, {"weight": weight, "bias": bias}


def each(function: Callable[[float], float], values: Array) -> Array:
    """Apply a function of one number to every value."""
    return np.array([function(float(value)) for value in values.ravel()]).reshape(values.shape)


def softmax(x: Array) -> Array:
    """e^x_i / Σ_j e^x_j of a vector, shifted so that the largest power is 1."""
    powers = [math.exp(value - x.max()) for value in x.ravel().tolist()]
    return np.array([power / math.fsum(powers) for power in powers]).reshape(x.shape)


def softmax_backward(y: Array, gradient: Array) -> Array:
    """Σ_i ∂E/∂y_i ∂y_i/∂x_j with the whole matrix ∂y_i/∂x_j = y_i ([i = j] - y_j)."""
    flat = y.ravel()
    matrix = np.diag(flat) - np.outer(flat, flat)
    return (gradient.ravel() @ matrix).reshape(y.shape)


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


def cross_entropy(outputs: Array, targets: Array) -> float:
    """-Σ_i y*_i log y_i of one sample."""
    pairs = zip(outputs.tolist(), targets.tolist(), strict=True)
    return -math.fsum(t * clamped_log(y) for y, t in pairs)


def cross_entropy_slope(outputs: Array, targets: Array) -> Array:
    """-y*_i/y_i of one sample with outputs above 0."""
    return -targets / outputs


LOSSES = {
    "bce": (bce, bce_slope),
    "cross_entropy": (cross_entropy, cross_entropy_slope),
    "mse": (mse, mse_slope),
}


@dataclass
class Differentiated:
    """The outputs (n, classes), mean loss and mean gradients of a batch."""

    outputs: Array
    loss: float
    gradients: list[Parameters]


def differentiate(
    blocks: Sequence[kinds.KnownBlock],
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
        values, known = [x], []
        for block, own in zip(blocks, parameters, strict=True):
            if isinstance(block, kinds.Add):
                own = own | {"skip": values[block.source_number]}
            known.append(own)
            values.append(forward(block, own, values[-1]))
        output = values[-1].ravel()
        outputs.append(output)
        losses.append(value(output, target))
        gradient = slope(output, target).reshape(values[-1].shape)
        joining = [np.zeros_like(each) for each in values]
        for k in reversed(range(len(blocks))):
            gradient = gradient + joining[k + 1]
            block = blocks[k]
            if isinstance(block, kinds.Add):
                joining[block.source_number] += skip_gradient(block, known[k], gradient)
            gradient, own_gradients = backward(block, known[k], values[k], gradient)
            for name, found in own_gradients.items():
                total[k][name] += found / len(inputs)
    return Differentiated(np.array(outputs), sum(losses) / len(losses), total)


def way_of(add: kinds.Add, maps: int) -> kinds.Conv:
    """The 1×1 convolution that what is added goes through."""
    return kinds.Conv(depth=maps, kernel_size=1, stride=add.stride, bias="channel")


def skip_gradient(add: kinds.Add, parameters: Parameters, gradient: Array) -> Array:
    """Differentiate what is added for one sample: ∂E/∂s."""
    if add.through == "identity":
        return gradient
    kernels, bias, added = (parameters[name] for name in ("weight", "bias", "skip"))
    way = way_of(add, len(gradient))
    slopes, _ = conv_backward(way, added[None], kernels, bias, gradient[None])
    found: Array = slopes[0]
    return found


def forward(block: kinds.KnownBlock, parameters: Parameters, x: Array) -> Array:
    """Compute what a block makes of one sample."""
    match block:
        case kinds.Conv():
            maps = conv_forward(block, x[None], parameters["weight"], parameters["bias"])
            return maps.reshape(maps.shape[1:])
        case kinds.DepthwiseConv():
            kernels = as_of_conv(parameters["weight"])
            maps = conv_forward(block, x[None], kernels, parameters["bias"])
            return maps.reshape(maps.shape[1:])
        case kinds.MaxPool() | kinds.AvgPool():
            return pool_forward(block, x)
        case kinds.GlobalAvgPool():
            return np.array([math.fsum(each_map.ravel()) / each_map.size for each_map in x])
        case kinds.Dense():
            y = dense_forward(x.ravel(), parameters["weight"], parameters["bias"])
            return y.reshape((-1, 1) if x.ndim == 2 else -1)
        case kinds.Reshape():
            return x.reshape(block.target_shape)
        case kinds.Sigmoid():
            return each(sigmoid, x)
        case kinds.Tanh():
            return each(math.tanh, x)
        case kinds.ReLU():
            return each(lambda value: max(value, 0.0), x)
        case kinds.LeakyReLU(slope=slope):
            return each(lambda value: value if value > 0 else slope * value, x)
        case kinds.SiLU():
            return each(lambda value: value * sigmoid(value), x)
        case kinds.GELU():
            return each(lambda value: value * normal_below(value), x)
        case kinds.ELU():
            return each(lambda value: value if value > 0 else math.expm1(value), x)
        case kinds.Softmax():
            return softmax(x)
        case kinds.Add(through="conv"):
            return x + forward(way_of(block, len(x)), parameters, parameters["skip"])
        case kinds.Add():
            return x + parameters["skip"]
        case kinds.Dropout():  # when tested
            return x
        case kinds.GroupNorm():
            normal, _ = group_norm(block, x)
            own = zip(parameters["weight"], normal, parameters["bias"], strict=True)
            return np.stack([scale * z + shift for scale, z, shift in own])
        case kinds.BatchNorm():  # when tested
            return np.stack([a * x_c + b for a, b, x_c in zip(*tested(parameters), x, strict=True)])
    raise NotImplementedError(f"write the mathematics of {block!r} here")


def backward(
    block: kinds.KnownBlock, parameters: Parameters, x: Array, gradient: Array
) -> tuple[Array, Parameters]:
    """Differentiate a block for one sample: ∂E/∂x and ∂E/∂parameters."""
    match block:
        case kinds.Conv():
            kernels, bias = parameters["weight"], parameters["bias"]
            found_input, found = conv_backward(block, x[None], kernels, bias, gradient[None])
            return found_input[0], found
        case kinds.DepthwiseConv():
            kernels, bias = as_of_conv(parameters["weight"]), parameters["bias"]
            found_input, found = conv_backward(block, x[None], kernels, bias, gradient[None])
            own = np.einsum("iikl->ikl", found["weight"])[:, None]
            return found_input[0], {**found, "weight": own}
        case kinds.MaxPool() | kinds.AvgPool():
            return pool_backward(block, x, gradient), {}
        case kinds.GlobalAvgPool():
            shares = [np.full(m.shape, g / m.size) for m, g in zip(x, gradient, strict=True)]
            return np.stack(shares), {}
        case kinds.Dense():
            flat, found = dense_backward(x.ravel(), parameters["weight"], gradient.ravel())
            return flat.reshape(x.shape), found
        case kinds.Reshape():
            return gradient.reshape(x.shape), {}
        case kinds.Sigmoid():
            return gradient * each(sigmoid_slope, x), {}
        case kinds.Tanh():
            return gradient * each(tanh_slope, x), {}
        case kinds.ReLU():
            return gradient * each(lambda value: float(value > 0), x), {}
        case kinds.LeakyReLU(slope=slope):
            return gradient * each(lambda value: 1.0 if value > 0 else slope, x), {}
        case kinds.SiLU():
            return gradient * each(lambda v: sigmoid(v) * (1 + v * sigmoid(-v)), x), {}
        case kinds.GELU():
            return gradient * each(lambda v: normal_below(v) + v * density(v), x), {}
        case kinds.ELU():
            return gradient * each(lambda value: math.exp(min(value, 0.0)), x), {}
        case kinds.Add(through="conv"):
            kernels, bias, added = (parameters[name] for name in ("weight", "bias", "skip"))
            way = way_of(block, len(x))
            return gradient, conv_backward(way, added[None], kernels, bias, gradient[None])[1]
        case kinds.Add():
            return gradient, {}
        case kinds.GroupNorm():
            return group_norm_backward(block, x, parameters["weight"], gradient)
        case kinds.Softmax():
            return softmax_backward(softmax(x), gradient), {}
    raise NotImplementedError(f"write the mathematics of {block!r} here")
