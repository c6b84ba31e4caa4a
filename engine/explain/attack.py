"""Attack: how small a change of an image turns what the network says; and how it bears others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.class_score import loss_slopes, portions
from engine.explain.explanation import frozen
from engine.model.network import Network, answers

Corruption = Literal["shift", "rotation", "noise", "blur"]
Against = Literal["attack"] | Corruption
MOST_EPSILON, ITERATIONS = 0.3, 10
GRID = 61  # values of ε that are tried at once
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class Attacks:
    """One image, changed by at most each ε (n,) of its range: `images` (n, channels, h, w).

    `outputs` (n, classes) are of the changed images. `smallest` is the smallest ε found that makes
    the network say another class than the one meant; None: none of them does.
    """

    epsilons: Array
    images: Array
    outputs: Array
    smallest: float | None


def attacked(
    network: Network,
    loss: str,
    inputs: Array,
    targets: Array,
    epsilons: Array,
    *,
    low: Array | float = 0.0,
    high: Array | float = 1.0,
    iterations: int = 1,
    before: Callable[[], object] = lambda: None,
) -> Array:
    """Change inputs (n, channels, h, w) by at most ε (n,) of their range so that the loss grows.

    One iteration is the fast gradient sign x + ε · sign(∂E/∂x) (Goodfellow et al., 2015). More go
    by 2.5 ε / iterations each and stay within ε (Madry et al., 2018). `low` and `high` are the ends
    of the range, numbers or one for each channel; targets (n, classes) say what is right. `before`
    is called before each layer of a pass, and may raise to end it.
    """
    low, high = np.reshape(low, (-1, 1, 1)), np.reshape(high, (-1, 1, 1))
    most = np.reshape(epsilons, (-1, 1, 1, 1)) * (high - low)
    step = most if iterations == 1 else most * 2.5 / iterations
    start = np.asarray(inputs, np.float64)
    image = start
    for _ in range(iterations):
        slopes = loss_slopes(network, loss, image.astype(network.dtype), targets, before)
        signs = np.sign(slopes)
        image = np.clip(image + step * signs, start - most, start + most)
        image = np.clip(image, low, high)
    return image.astype(network.dtype)


def attacks(
    network: Network,
    loss: str,
    inputs: Array,
    target: int,
    *,
    low: Array | float = 0.0,
    high: Array | float = 1.0,
    iterations: int = 1,
    most: float = MOST_EPSILON,
    before: Callable[[], object] = lambda: None,
) -> Attacks:
    """Change one image (channels, h, w) so that the network takes it less for a class.

    A grid of ε up to `most` is tried, then the step before the first that turns it is halved.
    `before` is called before each layer of a pass, and may raise to end it.
    """
    targets = np.eye(_classes(network), dtype=network.dtype)[[target]]

    def tried(epsilons: Array) -> tuple[Array, Array]:
        tries = []
        for portion in portions(network, len(epsilons)):
            some = epsilons[portion]
            images = attacked(
                *(network, loss, np.repeat(inputs[np.newaxis], len(some), axis=0)),
                np.repeat(targets, len(some), axis=0),
                some,
                low=low,
                high=high,
                iterations=iterations,
                before=before,
            )
            tries.append((images, network.activations(images)[-1].reshape(len(images), -1)))
        images, outputs = map(np.concatenate, zip(*tries, strict=True))
        return images, outputs

    grid = np.linspace(0, most, GRID)
    images, outputs = tried(grid)
    turned = answers(outputs) != target
    first = int(turned.argmax())
    smallest = float(grid[first]) if turned.any() else None
    if smallest:
        below, smallest = float(grid[first - 1]), float(grid[first])
        for _ in range(_HALVINGS):
            middle = (below + smallest) / 2
            if answers(tried(np.array([middle]))[1])[0] != target:
                smallest = middle
            else:
                below = middle
    return Attacks(frozen(grid), frozen(images), frozen(outputs), smallest)


def _classes(network: Network) -> int:
    return int(np.prod(network.layers[-1].output_shape))


@dataclass(frozen=True, eq=False)
class Robustness:
    """How many samples of each class are right at each amount: `right` (amounts, classes)."""

    amounts: tuple[float, ...]
    right: NDArray[np.int64]
    of_class: NDArray[np.int64]

    @property
    def accuracies(self) -> Array:
        """The share of all samples that is right at each amount: (amounts,)."""
        found: Array = self.right.sum(axis=1) / max(int(self.of_class.sum()), 1)
        return found


def robustness(
    network: Network,
    loss: str,
    samples: Dataset,
    against: Against,
    amounts: Sequence[float],
    *,
    iterations: int = 1,
    report: Callable[[float], None] = lambda _fraction: None,
) -> Robustness:
    """Attack every sample with each ε, or corrupt it by each amount, and count what is right yet.

    The amounts are those of `attacked` or of `corrupted`. `report` is told the share that is done,
    and may raise to end it.
    """
    black = np.zeros((samples.images.shape[1], 1, 1))
    low, high = samples.scaling.of_values(black), samples.scaling.of_values(black + 1)
    classes = len(samples.classes)
    right = np.zeros((len(amounts), classes), np.int64)
    parts = list(portions(network, len(samples)))
    for number, part in enumerate(parts):
        inputs, labels = samples.batch_inputs(part, network.dtype), samples.labels[part]
        for row, amount in enumerate(amounts):
            note = partial(report, (number + row / len(amounts)) / len(parts))
            note()
            if against == "attack":
                targets = np.eye(classes, dtype=network.dtype)[labels]
                changed = attacked(
                    *(network, loss, inputs, targets, np.full(len(inputs), amount)),
                    low=low,
                    high=high,
                    iterations=iterations,
                    before=note,
                )
            else:
                pixels = corrupted((inputs - low) / (high - low), against, amount)
                changed = (pixels * (high - low) + low).astype(network.dtype)
            outputs = network.activations(changed, before_layer=note)[-1]
            is_right = answers(outputs.reshape(len(labels), -1)) == labels
            right[row] += np.bincount(labels[is_right], minlength=classes)
    of_class = np.bincount(samples.labels, minlength=classes)
    return Robustness(tuple(amounts), right, of_class)


def corrupted(pixels: Array, corruption: Corruption, amount: float, seed: int = 0) -> Array:
    """Corrupt images (n, channels, h, w) of pixels in 0..1.

    The amount is a shift to the right in pixels, a rotation in degrees, or the standard deviation
    of noise in shares of the range, or of a Gaussian blur in pixels. What comes in from outside is
    black.
    """
    match corruption:
        case "shift":
            found = ndimage.shift(pixels, (0, 0, 0, amount), order=1)
        case "rotation":
            found = ndimage.rotate(pixels, amount, (3, 2), reshape=False, order=1)
        case "noise":
            noise = np.random.default_rng(seed).standard_normal(pixels.shape)
            found = pixels + amount * noise
        case "blur":
            found = ndimage.gaussian_filter(pixels, (0, 0, amount, amount), mode="constant")
    return np.clip(found, 0, 1)
