"""Layer map: samples as points, near each other where a block gives similar values for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.class_score import portions
from engine.explain.explanation import frozen
from engine.model.network import Network

MOST_SAMPLES = 2000
PERPLEXITY, EXAGGERATION = 30.0, 12.0
EARLY_STEPS, STEPS = 250, 500
_LONGEST_STEP = 5.0
_AT_ONCE = 128  # values of each sample, between two questions whether to go on


def block_values(
    network: Network,
    samples: Dataset,
    layers: int,
    report: Callable[[float], None] = lambda _fraction: None,
) -> Array:
    """Return what the last of so many layers gives for each sample, in a row: (n, values).

    `report` is told the share that is done, and may raise to end it.
    """
    rows = []
    for part in portions(network, len(samples)):
        report(part.start / len(samples))
        inputs = samples.batch_inputs(part, network.dtype)
        rows.append(network.activations(inputs, layers)[-1].reshape(len(inputs), -1))
    return np.concatenate(rows)


@dataclass(frozen=True, eq=False)
class Projection:
    """Points (n, 2) in the plane of the two directions in which values differ most.

    `axes` (2, values) are these directions, of length 1, `mean` (values,) is the origin, and
    `explained` the share of the variance that each direction has.
    """

    points: Array
    axes: Array
    mean: Array
    explained: tuple[float, float]


def principal_plane(values: Array) -> Projection:
    """Project values (n, values) on their first two principal components.

    The largest part of each axis is positive, so the same values give the same picture.
    """
    centred = np.asarray(values, np.float64)
    mean = centred.mean(axis=0)
    centred = centred - mean
    axes = two_axes(centred)
    at = np.abs(axes).argmax(axis=1)
    axes *= np.where(axes[[0, 1], at] < 0, -1, 1)[:, np.newaxis]
    points = centred @ axes.T
    variance = float((centred**2).sum()) or 1.0
    first, second = (points**2).sum(axis=0) / variance
    return Projection(frozen(points), frozen(axes), frozen(mean), (float(first), float(second)))


def two_axes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the two directions (2, values), of length 1, in which rows (n, values) are longest.

    What rows do not have is 0. They are the first singular vectors, by the smaller of the two
    matrices of products.
    """
    wide = rows.shape[1] > rows.shape[0]
    _, vectors = np.linalg.eigh(rows @ rows.T if wide else rows.T @ rows)
    axes = np.zeros((2, rows.shape[1]))
    largest = vectors[:, ::-1][:, :2].T
    axes[: len(largest)] = largest @ rows if wide else largest
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    np.divide(axes, lengths, out=axes, where=lengths > 0)
    return axes


def neighbourhoods(
    values: Array, perplexity: float = PERPLEXITY, before: Callable[[], object] = lambda: None
) -> NDArray[np.float64]:
    """Return the joint probabilities (n, n) of t-SNE: how near samples are to each other.

    Each row is a Gaussian of squared distances, of such a width that exp(entropy) is the perplexity
    (at most (n - 1) / 3), found by halving; then p_ij = (p_j|i + p_i|j) / 2n. `before` is called
    before each part of the work, and may raise to end it.
    """
    count = len(values)
    wanted = np.log(max(1.0, min(perplexity, (count - 1) / 3)))
    products = np.zeros((count, count))
    for start in range(0, values.shape[1], _AT_ONCE):
        before()
        some = np.asarray(values[:, start : start + _AT_ONCE], np.float64)
        products += some @ some.T
    squares = np.diagonal(products)
    before()
    distances = squares[:, np.newaxis] + squares - 2 * products
    before()
    np.maximum(distances, 0, out=distances)
    np.fill_diagonal(distances, np.inf)
    distances -= distances.min(axis=1, keepdims=True)  # the nearest at 0: nothing underflows
    np.fill_diagonal(distances, np.inf)
    before()
    finite = np.where(np.isinf(distances), 0, distances)
    scale = np.maximum(finite.sum(axis=1) / max(count - 1, 1), np.finfo(float).tiny)
    low, high = np.zeros(count), np.full(count, np.inf)
    beta = 1 / scale
    for _ in range(64):
        before()
        shares = np.exp(-distances * beta[:, np.newaxis])
        before()
        totals = shares.sum(axis=1)
        shares /= totals[:, np.newaxis]
        entropy = np.log(totals) + beta * (shares * finite).sum(axis=1)
        is_wide = entropy > wanted
        low, high = np.where(is_wide, beta, low), np.where(is_wide, high, beta)
        beta = np.where(np.isinf(high), beta * 2, (low + high) / 2)
    joint: NDArray[np.float64] = (shares + shares.T) / (2 * count)
    return joint


def t_sne(
    values: Array,
    start: Array | None = None,
    *,
    perplexity: float = PERPLEXITY,
    early_steps: int = EARLY_STEPS,
    steps: int = STEPS,
    before: Callable[[], object] = lambda: None,
) -> Iterator[tuple[int, Array]]:
    """Place samples so that neighbours stay neighbours: exact t-SNE, points (n, 2) step by step.

    It begins with `start` (n, 2), or the principal plane, exaggerates for `early_steps`, goes on
    for `steps`, as openTSNE does (van der Maaten and Hinton, 2008; Poličar et al., 2024). The first
    that is given is the beginning. `before` is called now and then before that, and may raise to
    end the work.
    """
    attraction = neighbourhoods(values, perplexity, before).astype(np.float32)
    plane = principal_plane(values).points if start is None else start
    spread = float(plane[:, 0].std()) or 1.0
    points: NDArray[np.float32] = (plane / spread * 1e-4).astype(np.float32)
    velocity, gains = np.zeros_like(points), np.ones_like(points)
    yield 0, frozen(points)
    for step in range(1, early_steps + steps + 1):
        early = step <= early_steps
        if step == early_steps + 1:  # the second part begins anew
            velocity, gains = np.zeros_like(points), np.ones_like(points)
        exaggeration = EXAGGERATION if early else 1.0
        gradient = _gradient(points, attraction, exaggeration)
        grows = np.sign(gradient) != np.sign(velocity)
        gains = np.maximum(np.where(grows, gains + 0.2, gains * 0.8), 0.01).astype(np.float32)
        rate = len(points) / exaggeration
        change = rate * gains * gradient
        lengths = np.linalg.norm(change, axis=1, keepdims=True)
        change *= np.minimum(1, _LONGEST_STEP / np.maximum(lengths, 1e-12))
        velocity = (0.5 if early else 0.8) * velocity - change
        points = points + velocity
        points -= points.mean(axis=0)
        yield step, frozen(points)


def _gradient(
    points: NDArray[np.float32], attraction: NDArray[np.float32], exaggeration: float
) -> NDArray[np.float32]:
    """Return Σ_j (exaggeration · p_ij - q_ij) w_ij (y_i - y_j), with w_ij = 1 / (1 + |y_i - y_j|²).

    A quarter of the gradient of the divergence, as openTSNE takes it.
    """
    squares = (points**2).sum(axis=1)
    nearness = squares[:, np.newaxis] + squares - 2 * points @ points.T
    nearness = 1 / (1 + np.maximum(nearness, 0))
    np.fill_diagonal(nearness, 0)
    force = (exaggeration * attraction - nearness / nearness.sum()) * nearness
    gradient: NDArray[np.float32] = force.sum(axis=1, keepdims=True) * points - force @ points
    return gradient
