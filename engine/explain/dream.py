"""Dream: an image that excites a class, a unit or a kernel most, by gradient ascent."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from engine.array_types import Array
from engine.explain.class_score import slopes
from engine.explain.explanation import frozen
from engine.model.network import Network

STEPS, RATE, JITTER, BLUR, L2 = 256, 0.05, 4, 1.0, 0.0001
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


def dream(
    network: Network,
    start: Array,
    layers: int,
    unit: int,
    *,
    low: Array | float = 0.0,
    high: Array | float = 1.0,
    steps: int = STEPS,
    rate: float = RATE,
    jitter: int = JITTER,
    blur: float = BLUR,
    l2: float = L2,
    seed: int = 0,
) -> Iterator[DreamStep]:
    """Change an image (channels, h, w) so that a unit is excited more, step by step.

    Each step goes up the slope of the unit's excitement (see `excitements`) less `l2` · Σ x², by
    Adam. The image is moved at random by up to `jitter` pixels: by fewer and fewer, and at last by
    none, so that it ends where it is seen. Its slope is blurred by a Gaussian of `blur` pixels, for
    strokes rather than noise. The image stays between `low` and `high`, numbers or one for each
    channel, and its steps are shares `rate` of that range. The first that is given is the start
    itself.
    """
    low, high = (np.broadcast_to(np.reshape(end, (-1, 1, 1)), start.shape) for end in (low, high))
    random, image = np.random.default_rng(seed), start.astype(np.float64)
    mean, square = np.zeros((2, *start.shape))

    for step in range(steps + 1):
        value = float(excitements(network, image[np.newaxis], layers, unit)[0])
        yield DreamStep(step, frozen(image), value)
        most = round(jitter * max(0.0, 1 - step / (_MOVED * steps)))
        moved = tuple(random.integers(-most, most + 1, 2))
        gradient = _slope(network, np.roll(image, moved, (1, 2)), layers, unit)
        gradient = np.roll(gradient, (-moved[0], -moved[1]), (1, 2))
        gradient = gaussian_filter(gradient, (0, blur, blur)) - 2 * l2 * image
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        sure_mean = mean / (1 - 0.9 ** (step + 1))
        sure_square = square / (1 - 0.999 ** (step + 1))
        step_size = rate * (high - low) * sure_mean / (np.sqrt(sure_square) + 1e-12)
        image = np.clip(image + step_size, low, high)
