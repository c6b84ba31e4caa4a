"""Dream: an image that excites a class, a unit or a kernel most, by gradient ascent."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from engine.array_types import Array
from engine.explain.class_score import slopes
from engine.explain.explanation import frozen
from engine.model.network import Network

STEPS, RATE, JITTER, BLUR, PULL = 128, 0.02, 4, 1.0, 0.03
_MOVED = 0.75  # of the steps; in those after them the image stays where it is
_KEEPS_UNITS = "Activation", "Pooling"  # a block that gives the more of a unit, the more it gets


@dataclass(frozen=True, eq=False)
class DreamStep:
    """The image after a step (channels, h, w), and how much it excites what was asked for."""

    step: int
    image: Array
    value: float


def excitements(network: Network, inputs: Array, layers: int, unit: int) -> Array:
    """Return how much each input excites a unit: (n,).

    `unit` is one of the maps of the last of so many layers, of which the mean counts, or one of the
    values of its vector.
    """
    given = network.activations(inputs, layers)[-1]
    found: Array = _by_unit(network, layers, given)[:, unit].mean(axis=-1)
    return found


def _by_unit(network: Network, layers: int, values: Array) -> Array:
    """Return what the last of so many layers gives as (n, units, cells)."""
    is_map = len(network.layers[layers - 1].output_shape) == 3
    return values.reshape(*values.shape[:2], -1) if is_map else values.reshape(len(values), -1, 1)


def _slope(network: Network, image: Array, layers: int, unit: int) -> Array:
    """Return the slope (channels, h, w) of a unit's excitement at an image.

    A full Sigmoid has next to none, a closed ReLU has none. So of an activation's value, or where
    no slope is, it is the slope of what the block gets, with which its unit grows.
    """

    def upwards(outputs: Array) -> Array:
        gradient = np.zeros(outputs.shape, outputs.dtype)
        cells = _by_unit(network, layers, gradient)[:, unit]
        cells[:] = 1 / cells.shape[-1]
        return gradient

    last = network.layers[layers - 1]
    passes = layers > 1 and last.slot.block.group in _KEEPS_UNITS
    if not passes or len(last.output_shape) == 3:
        found: Array = slopes(network, image[np.newaxis], layers, upwards).inputs[0]
        if not passes or found.any():
            return found
    return _slope(network, image, layers - 1, unit)


def _normalised(values: Array) -> Array:
    """Scale values so that the mean of their squares is 1."""
    scaled: Array = values / (np.sqrt((values**2).mean()) + 1e-12)
    return scaled


def dream(
    network: Network,
    start: Array,
    layers: int,
    unit: int,
    *,
    like: Array | None = None,
    low: Array | float = 0.0,
    high: Array | float = 1.0,
    steps: int = STEPS,
    jitter: int = JITTER,
    pull: float = PULL,
) -> Iterator[DreamStep]:
    """Change an image (channels, h, w) so that a unit is excited more, step by step.

    Each step goes up the slope of the unit's excitement (see `excitements`), which is blurred by a
    Gaussian for strokes rather than noise, and by the share `pull` back to the start. With images
    `like` (n, channels, h, w), their covariance times the slope counts twice as much at first, then
    less and less: what differs together among them changes together. The image is moved at random
    by up to `jitter` pixels, by fewer and fewer, too, and at last by none, so that it ends where it
    is seen. It stays between `low` and `high`, numbers or one for each channel; how far a step goes
    is a share of that range. The first that is given is the start itself.
    """
    low, high = (np.broadcast_to(np.reshape(end, (-1, 1, 1)), start.shape) for end in (low, high))
    random, image, span = np.random.default_rng(0), start.astype(np.float64), high - low
    apart = None if like is None else (like - like.mean(axis=0)).reshape(len(like), -1)

    for step in range(steps + 1):
        value = float(excitements(network, image[np.newaxis], layers, unit)[0])
        yield DreamStep(step, frozen(image), value)
        most = round(jitter * (left := max(0.0, 1 - step / (_MOVED * steps))))
        moved = tuple(random.integers(-most, most + 1, 2))
        slope = _slope(network, np.roll(image, moved, (1, 2)), layers, unit)
        slope = np.roll(slope, (-moved[0], -moved[1]), (1, 2))
        way = _normalised(gaussian_filter(slope * span, (0, BLUR, BLUR)))
        if apart is not None:
            joint = (apart.T @ (apart @ slope.ravel())).reshape(start.shape) / span
            way = way / 2 + left * _normalised(joint)
        image = np.clip(image + RATE * span * _normalised(way) - pull * (image - start), low, high)
