"""Attribution: which parts of one image speak for a class, by four methods.

All explain the class score z before a closing softmax or sigmoid. Inputs are one image
(channels, h, w) as the network gets it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from engine.array_types import Array
from engine.explain.class_score import class_scores, portions, score_slopes
from engine.explain.explanation import frozen
from engine.model.network import Network

POINTS = 50  # of integrated gradients


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What the score loses where a square covers the image.

    `scores` (rows, columns) are those with the square at `corners`, the rows and the columns of its
    upper left cells; at the edge a square is cut off. `lost` (h, w) is the mean of z - z(covered)
    over the squares that cover a pixel; 0 where none does.
    """

    size: int
    score: float
    corners: tuple[tuple[int, ...], tuple[int, ...]]
    scores: Array
    lost: Array


def corners(length: int, size: int, stride: int) -> tuple[int, ...]:
    """Return where squares begin along a side, so that the last reaches its end if it can."""
    starts = range(0, max(length - size, 0) + stride, stride)
    return tuple(start for start in starts if start < length)


def occlusion(
    network: Network,
    inputs: Array,
    target: int,
    *,
    size: int,
    stride: int,
    value: Array | float = 0.0,
    report: Callable[[float], None] = lambda _fraction: None,
) -> Occlusion:
    """Slide a square of a value over the image, and see what the class's score loses.

    `value` is a number, or one for each channel. `report` is told the share that is done, and may
    raise to end it (Zeiler and Fergus, 2014).
    """
    height, width = inputs.shape[1:]
    rows, columns = corners(height, size, stride), corners(width, size, stride)
    places = [(row, column) for row in rows for column in columns]
    score = float(class_scores(network, inputs[np.newaxis])[0, target])
    scores = np.empty(len(places))
    for portion in portions(network, len(places)):
        report(portion.start / len(places))
        part = places[portion]
        covered = np.repeat(inputs[np.newaxis], len(part), axis=0)
        for image, (row, column) in zip(covered, part, strict=True):
            image[:, row : row + size, column : column + size] = np.reshape(value, (-1, 1, 1))
        scores[portion] = class_scores(network, covered)[:, target]
    lost, times = np.zeros((2, height, width))
    for (row, column), covered_score in zip(places, scores, strict=True):
        lost[row : row + size, column : column + size] += score - covered_score
        times[row : row + size, column : column + size] += 1
    return Occlusion(
        size,
        score,
        (rows, columns),
        frozen(scores.reshape(len(rows), -1)),
        frozen(lost / np.maximum(times, 1)),
    )


@dataclass(frozen=True, eq=False)
class ClassGradient:
    """The slope ∂z/∂x of the score at each pixel: `gradient` (channels, h, w).

    `values` and `slopes` are what each block up to the score gives, and ∂z/∂ of it, so that the way
    of a slope can be followed back.
    """

    inputs: Array
    gradient: Array
    values: tuple[Array, ...]
    slopes: tuple[Array, ...]

    @property
    def times_input(self) -> Array:
        """The gradient times the input: what each pixel adds, to first order."""
        return self.gradient * self.inputs


def class_gradient(network: Network, inputs: Array, target: int) -> ClassGradient:
    """Differentiate the score of a class by the image (Simonyan et al., 2014)."""
    found = score_slopes(network, inputs[np.newaxis], target)
    return ClassGradient(
        frozen(inputs),
        frozen(found.inputs[0]),
        tuple(frozen(each[0]) for each in found.outputs),
        tuple(frozen(each[0]) for each in found.gradients),
    )


@dataclass(frozen=True, eq=False)
class GradCam:
    """Which maps of a block speak for a class, and where.

    With `maps` A_k (n, h, w) and their slopes, `alphas` w_k = mean of ∂z/∂A_k, `weighted` w_k A_k,
    `total` Σ_k w_k A_k (h, w) and `positive` max(0, total).
    """

    maps: Array
    slopes: Array
    alphas: Array
    weighted: Array
    total: Array
    positive: Array


def grad_cam(network: Network, inputs: Array, target: int, position: int) -> GradCam:
    """Weigh the maps of the block at a position by the mean slope of the score there.

    The block comes before the class scores and gives maps (Selvaraju et al., 2017).
    """
    found = score_slopes(network, inputs[np.newaxis], target)
    maps = found.outputs[position][0].astype(np.float64)
    gradient = found.gradients[position][0].astype(np.float64)
    alphas = gradient.mean(axis=(1, 2))
    weighted = alphas[:, np.newaxis, np.newaxis] * maps
    total = weighted.sum(axis=0)
    arrays = maps, gradient, alphas, weighted, total, np.maximum(total, 0)
    return GradCam(*map(frozen, arrays))


def enlarged(picture: Array, shape: tuple[int, int]) -> Array:
    """Scale a picture (h, w) to another size, bilinearly between the centres of its cells."""
    at = [
        (np.arange(new) + 0.5) * (old / new) - 0.5
        for old, new in zip(picture.shape, shape, strict=True)
    ]
    found: NDArray[np.float64] = map_coordinates(
        np.asarray(picture, np.float64), np.meshgrid(*at, indexing="ij"), order=1, mode="nearest"
    )
    return found


@dataclass(frozen=True, eq=False)
class IntegratedGradients:
    """What each pixel adds to the score on the straight way from a baseline to the image.

    `attributions` (channels, h, w) add up to `score` - `baseline_score`, but for `error`.
    """

    score: float
    baseline_score: float
    attributions: Array

    @property
    def error(self) -> float:
        """By how much the sum misses the difference of the scores."""
        return float(self.attributions.sum()) - (self.score - self.baseline_score)


def integrated_gradients(
    network: Network,
    inputs: Array,
    target: int,
    baseline: Array | None = None,
    points: int = POINTS,
) -> IntegratedGradients:
    """Integrate the slope of the score from a baseline x′ to the image x, by Gauss-Legendre.

    (x - x′) · ∫ ∂z/∂x (x′ + t (x - x′)) dt over t from 0 to 1 (Sundararajan et al., 2017). The
    baseline is 0 if nothing is said.
    """
    start = np.zeros_like(inputs) if baseline is None else baseline
    nodes, weights = np.polynomial.legendre.leggauss(points)
    times = ((nodes + 1) / 2).reshape(-1, 1, 1, 1)
    way = (start + times * (inputs - start)).astype(network.dtype)
    slope = np.zeros(inputs.shape)
    for part in portions(network, points):
        gradient = score_slopes(network, way[part], target).inputs.astype(np.float64)
        slope += np.tensordot(weights[part] / 2, gradient, axes=1)
    score, baseline_score = class_scores(network, np.stack([inputs, start]))[:, target]
    difference = inputs.astype(np.float64) - start
    return IntegratedGradients(float(score), float(baseline_score), frozen(difference * slope))
