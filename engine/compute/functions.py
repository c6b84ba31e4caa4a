"""Numerics: what each of the twins computes that `numerics.py` chooses from."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.convolution import Geometry
from engine.compute.pass_context import Scratch
from engine.compute.thread_pool import Barrier, Capture, Pool


class Numerics(Protocol):
    """What each twin computes. Results are written to `out`; all else stays as it was.

    Maps are (n, channels, H, W), gradients those of the batch's mean loss E. A `pool` or a
    `workspace` is for the native twin, which shares work between threads and reuses memory.
    """

    TITLE: str  # what it is called: the same seed gives the same bits with the same twin alone
    # The most multiplications of one layer that are done before Stop is looked at.
    MULTIPLY_ADDS_AT_ONCE: int

    def seconds_preparing(self) -> float:
        """Return how long this process has spent so far on compiling and loading loops."""
        ...

    def correlate(
        self,
        maps: Array,
        kernels: Array,
        bias: Array,
        out: Array,
        workspace: Scratch,
        geometry: Geometry,
    ) -> None:
        """Write the cross-correlation Y_i = B_i + Σ_j X_j ⋆ K_ij.

        kernels (depth, channels, k, k); bias (depth, H', W'), or (depth,) for one number a map;
        out (n, depth, H', W').
        """
        ...

    def correlation_gradients(
        self,
        maps: Array,
        gradient: Array,
        kernels: Array,
        out: Array | None,
        workspace: Scratch,
        geometry: Geometry,
    ) -> Array:
        """Return ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch; write ∂E/∂X_j if wanted.

        ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution). gradient (n, depth, H', W'); kernels and
        the result (depth, channels, k, k).
        """
        ...

    def dense_outputs(
        self, inputs: Array, weights: Array, bias: Array, out: Array, pool: Pool | None
    ) -> None:
        """Write y = W x + b. inputs (n, inputs), weights (units, inputs), out (n, units)."""
        ...

    def dense_input_gradient(
        self, gradient: Array, weights: Array, out: Array, pool: Pool | None
    ) -> None:
        """Write ∂E/∂x = Wᵀ ∂E/∂y. gradient (n, units), out (n, inputs)."""
        ...

    def sample_sums(self, values: Array) -> Array:
        """Return Σ over the samples of values (n, ...): (...)."""
        ...

    def map_sums(self, values: Array) -> Array:
        """Return Σ over samples and places of maps (n, maps, H, W): (maps,)."""
        ...

    def max_pool(
        self, inputs: Array, size: int, stride: int, out: Array, places: NDArray[np.int32]
    ) -> None:
        """Write the first largest value of each window, and its place in the map, row by row."""
        ...

    def max_pool_gradient(self, gradient: Array, places: NDArray[np.int32], out: Array) -> None:
        """Write ∂E/∂x: each ∂E/∂y is added where its window's largest value stood."""
        ...

    def average_pool(self, inputs: Array, size: int, stride: int, out: Array) -> None:
        """Write the mean of each window."""
        ...

    def average_pool_gradient(self, gradient: Array, size: int, stride: int, out: Array) -> None:
        """Write ∂E/∂x: each ∂E/∂y / size² is added to all of its window."""
        ...

    def global_average_pool(self, inputs: Array, out: Array) -> None:
        """Write the mean of each map. out (n, channels)."""
        ...

    def global_average_pool_gradient(self, gradient: Array, out: Array) -> None:
        """Write ∂E/∂x: each ∂E/∂y / (H · W) to all of its map. gradient (n, channels)."""
        ...

    def batch_moments(self, inputs: Array, pool: Pool | None = None) -> Array:
        """Return how many values each map has, their mean, and Σ (x - mean)²: (3, maps), float64.

        The statistics of BatchNorm, here and below, are float64 whatever the inputs are.
        """
        ...

    def known_moments(self, mean: Array, variance: Array) -> Array:
        """Return moments of one value a map from which mean and variance follow: (1, 3, maps)."""
        ...

    def batch_norm(
        self,
        inputs: Array,
        moments: Array,
        epsilon: float,
        weight: Array,
        bias: Array,
        out: Array,
        pool: Pool | None = None,
    ) -> Array:
        """Write y = γ (x - μ) · inverse + β; return μ, σ² and inverse of each map: (3, maps).

        The moments are those of all parts of a batch, (parts, 3, maps); inverse is 1 / √(σ² + ε).
        """
        ...

    def batch_norm_sums(
        self, gradient: Array, inputs: Array, statistics: Array, pool: Pool | None = None
    ) -> tuple[Array, Array]:
        """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y of the part of a batch given: (2, maps).

        Once in float64, and once in the type of the gradient.
        """
        ...

    def batch_norm_gradient(
        self,
        gradient: Array,
        inputs: Array,
        statistics: Array,
        weight: Array,
        sums: Array,
        values: int,
        out: Array,
        pool: Pool | None = None,
    ) -> None:
        """Write ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m).

        The sums are those of all parts of a batch, (parts, 2, maps), and m how many values a map
        has in the batch. With m = 0 nothing is shared: running statistics depend on no input.
        """
        ...

    def move_statistics(
        self, mean: Array, variance: Array, statistics: Array, values: int, share: float
    ) -> None:
        """Move running mean and variance by a share of the way to those of a batch, in place.

        The batch has so many values a map; its variance is made unbiased.
        """
        ...

    def sigmoid(self, inputs: Array, out: Array) -> None:
        """Write σ(x) = 1 / (1 + e⁻ˣ)."""
        ...

    def sigmoid_derivative(self, gradient: Array, outputs: Array, out: Array) -> None:
        """Write ∂E/∂x = ∂E/∂y · y (1 - y)."""
        ...

    def tanh(self, inputs: Array, out: Array) -> None:
        """Write tanh(x)."""
        ...

    def tanh_derivative(self, gradient: Array, outputs: Array, out: Array) -> None:
        """Write ∂E/∂x = ∂E/∂y · (1 - y²)."""
        ...

    def relu(self, inputs: Array, out: Array) -> None:
        """Write max(0, x)."""
        ...

    def relu_derivative(self, gradient: Array, outputs: Array, out: Array) -> None:
        """Write ∂E/∂x = ∂E/∂y where y > 0, else 0."""
        ...

    def leaky_relu(self, inputs: Array, out: Array, slope: float) -> None:
        """Write x where x > 0, else slope · x."""
        ...

    def leaky_relu_derivative(
        self, gradient: Array, outputs: Array, out: Array, slope: float
    ) -> None:
        """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y."""
        ...

    def softmax(self, inputs: Array, out: Array) -> None:
        """Write e^x_i / Σ_j e^x_j over all values of each sample."""
        ...

    def softmax_derivative(self, gradient: Array, outputs: Array, out: Array) -> None:
        """Write ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j)."""
        ...

    def binary_cross_entropy(self, outputs: Array, targets: Array, out: Array) -> None:
        """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of each sample: (n,).

        Here and in all losses, outputs and targets are (n, c). No logarithm counts as less than
        -100.
        """
        ...

    def binary_cross_entropy_gradient(self, outputs: Array, targets: Array, out: Array) -> None:
        """Write 1/c · (y - y*) / (y (1 - y)), with the divisor at least 1e-12."""
        ...

    def cross_entropy(self, outputs: Array, targets: Array, out: Array) -> None:
        """Write -Σ_i y*_i log y_i of each sample: (n,). No logarithm counts as less than -100."""
        ...

    def cross_entropy_gradient(self, outputs: Array, targets: Array, out: Array) -> None:
        """Write -y* / y, with the divisor at least 1e-12."""
        ...

    def squared_error(self, outputs: Array, targets: Array, out: Array) -> None:
        """Write 1/c · Σ_i (y_i - y*_i)² of each sample: (n,)."""
        ...

    def scaled_difference(
        self, outputs: Array, targets: Array, times: int, parts: int, out: Array
    ) -> None:
        """Write times · (y - y*) / parts."""
        ...

    def tally(self, values: Array, outputs: Array, targets: Array, out: Array) -> None:
        """Write the sum of the values (n,), and how many samples are right: (2,), float64.

        A sample is right if its largest output is where the largest of its targets is.
        """
        ...

    def scale(self, values: Array, factors: Array) -> None:
        """Multiply values in place by a number, which stands in an array (1,)."""
        ...

    def dropout(
        self,
        inputs: Array,
        key: np.uint64,
        counters: NDArray[np.int64],
        first: int,
        rate: float,
        mask: Array,
        out: Array,
        pool: Pool | None = None,
    ) -> None:
        """Write a mask, 0 for a share of so much of the values, else 1 / (1 - rate), and x · mask.

        The mask is that of a key, the counters (2,) of epoch and step, and the places of the
        samples in the batch, from `first` on: both twins draw the same.
        """
        ...

    def dropout_derivative(self, gradient: Array, mask: Array, out: Array) -> None:
        """Write ∂E/∂x = ∂E/∂y · mask."""
        ...

    def add_scaled(self, weights: Array, values: Array, scales: Array) -> None:
        """Do W ← f · X + g · W in place, with scales (f, g)."""
        ...

    def add_product(
        self,
        weights: Array,
        left: Array,
        right: Array,
        scales: Array,
        pool: Pool | None,
        first: int = 0,
    ) -> None:
        """Do W ← f · leftᵀ right + g · W in place, with scales (f, g) of the type of the weights.

        left (n, units), right (n, inputs). Of left, the columns from `first` on are taken, as many
        as W has rows. W is not read where g is 0.
        """
        ...

    def write_product(self, out: Array, left: Array, right: Array, first: int) -> None:
        """Write leftᵀ right, as `add_product` adds it."""
        ...

    def momentum_step(
        self,
        weights: Array,
        gradient: Array,
        slopes: Array | None,
        velocity: Array | None,
        numbers: Array,
        nesterov: bool,
    ) -> None:
        """Do v ← μ v + g; W ← W - η v in place; Nesterov: W ← W - η (g + μ v).

        g is the gradient with λ W added, and (η, μ, λ) the numbers, float64. With slopes (rows,),
        the gradient is the row (columns,) that they multiply. Without a velocity there is no
        momentum.
        """
        ...

    def adam_step(
        self,
        weights: Array,
        gradient: Array,
        slopes: Array | None,
        mean: Array,
        square: Array,
        numbers: Array,
    ) -> None:
        """Do a step of Adam in place, by a gradient or a row and slopes as in `momentum_step`.

        The numbers, float64, are η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, and the λ of the weights' decay by
        their gradient and, as in AdamW, beside it.
        """
        ...

    def augment(
        self,
        images: NDArray[np.uint8],
        places: NDArray[np.int64],
        key: np.uint64,
        shift: float,
        rotate: float,
        zoom: float,
        noise: float,
        flip: bool,
        fill: int,
        out: NDArray[np.uint8],
    ) -> None:
        """Write each image (n, channels, H, W) changed by the draws of its place (n,) under a key.

        It is shifted by up to so many pixels each way, turned by up to so many radians, zoomed by
        up to so large a part, mirrored with a probability of one half, and `fill` is around it.
        Then each value gets noise of so many bytes' deviation. Both twins give the same bytes.
        """
        ...

    def scale_images(
        self,
        images: NDArray[np.uint8],
        places: NDArray[np.int64],
        factors: Array,
        shifts: Array,
        out: Array,
        pool: Pool | None,
    ) -> None:
        """Write x = f b - s for the bytes b of the images at some places, with f and s by channel.

        images (m, channels, H, W); places (n,); out (n, channels, H, W).
        """
        ...

    def one_hot(self, labels: NDArray[np.int64], places: NDArray[np.int64], out: Array) -> None:
        """Write 1 at the label of the sample at each place, and 0 elsewhere.

        labels (m,); places (n,); out (n, classes).
        """
        ...

    def copy(self, values: Array, out: Array) -> None:
        """Write the values of an array into another of the same shape."""
        ...

    def share(
        self, work: Callable[..., None], arrays: tuple[NDArray[Any], ...], pool: Pool | None
    ) -> None:
        """Do work on arrays whose samples it treats each by itself; threads may share the samples.

        The work takes the arrays, or the same samples of all of them.
        """
        ...

    def thread_pool(self, threads: int) -> Pool:
        """Make a pool of so many threads."""
        ...

    def barrier(self, parties: int) -> Barrier:
        """Make a barrier at which so many threads wait for each other."""
        ...

    def capture(self, pool: Pool) -> Capture | None:
        """Make a capture of what the threads of a pool will do; None if this twin has none."""
        ...
