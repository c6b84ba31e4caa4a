"""The notebook's own training loop, mended: one sample at a time, plain loops over scipy.signal.

It is what Layerscope grew from and what its speed is compared with. Three things are mended: the
derivative of the sigmoid, the pixels' range of 0 to 1, and the sums over the maps. As there,
everything is float64, each layer updates itself on its way back, and the first one works out a
gradient of its input that nobody needs.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d, correlate2d

Values = NDArray[np.float64]


class Convolution:
    """Y_i = B_i + Σ_j X_j ⋆ K_ij, with a bias of the full output shape."""

    def __init__(self, channels: int, side: int, depth: int, kernel: int) -> None:
        rng = np.random.default_rng(0)
        out = side - kernel + 1
        self.kernels = rng.standard_normal((depth, channels, kernel, kernel)) / kernel
        self.biases = np.zeros((depth, out, out))

    def forward(self, inputs: Values) -> Values:
        """Correlate every channel with every kernel."""
        self.inputs = inputs
        outputs = np.copy(self.biases)
        for i, kernels in enumerate(self.kernels):
            for j, kernel in enumerate(kernels):
                outputs[i] += correlate2d(inputs[j], kernel, "valid")
        return outputs

    def backward(self, gradient: Values, rate: float) -> Values:
        """Return ∂E/∂X and follow ∂E/∂K and ∂E/∂B."""
        kernels_gradient = np.zeros(self.kernels.shape)
        inputs_gradient = np.zeros(self.inputs.shape)
        for i, kernels in enumerate(self.kernels):
            for j, kernel in enumerate(kernels):
                kernels_gradient[i, j] = correlate2d(self.inputs[j], gradient[i], "valid")
                inputs_gradient[j] += convolve2d(gradient[i], kernel, "full")
        self.kernels -= rate * kernels_gradient
        self.biases -= rate * gradient
        return inputs_gradient


class Dense:
    """Y = W X + B over columns (n, 1)."""

    def __init__(self, inputs: int, units: int) -> None:
        rng = np.random.default_rng(0)
        self.weights = rng.standard_normal((units, inputs)) / np.sqrt(inputs)
        self.bias = np.zeros((units, 1))

    def forward(self, inputs: Values) -> Values:
        """Multiply."""
        self.inputs = inputs
        outputs: Values = np.dot(self.weights, inputs) + self.bias
        return outputs

    def backward(self, gradient: Values, rate: float) -> Values:
        """Return ∂E/∂X and follow ∂E/∂W and ∂E/∂B."""
        weights_gradient = np.dot(gradient, self.inputs.T)
        inputs_gradient: Values = np.dot(self.weights.T, gradient)
        self.weights -= rate * weights_gradient
        self.bias -= rate * gradient
        return inputs_gradient


class Sigmoid:
    """Y = 1 / (1 + exp -X)."""

    def forward(self, inputs: Values) -> Values:
        """Apply the function."""
        self.outputs = 1 / (1 + np.exp(-inputs))
        return self.outputs

    def backward(self, gradient: Values, rate: float) -> Values:
        """Multiply with the derivative."""
        return gradient * self.outputs * (1 - self.outputs)


class Reshape:
    """The same values in another shape."""

    def __init__(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None:
        self.input_shape, self.output_shape = input_shape, output_shape

    def forward(self, inputs: Values) -> Values:
        """Reshape."""
        return np.reshape(inputs, self.output_shape)

    def backward(self, gradient: Values, rate: float) -> Values:
        """Reshape back."""
        return np.reshape(gradient, self.input_shape)


Layer = Convolution | Dense | Sigmoid | Reshape


def notebook_net() -> list[Layer]:
    """Make the notebook's network, for ten classes."""
    return [
        Convolution(1, 28, 5, 3),
        Sigmoid(),
        Reshape((5, 26, 26), (5 * 26 * 26, 1)),
        Dense(5 * 26 * 26, 100),
        Sigmoid(),
        Dense(100, 10),
        Sigmoid(),
    ]


def train_sample(network: list[Layer], image: Values, target: Values, rate: float) -> float:
    """Learn from one image (1, 28, 28) with a one-hot target (10, 1); return its loss before."""
    output = image
    for layer in network:
        output = layer.forward(output)
    loss = np.mean(-target * np.log(output) - (1 - target) * np.log(1 - output))
    gradient = ((1 - target) / (1 - output) - target / output) / np.size(target)
    for layer in reversed(network):
        gradient = layer.backward(gradient, rate)
    return float(loss)
