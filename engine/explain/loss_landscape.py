"""Loss landscape: the loss over a plane through the weights of a network."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.class_score import portions
from engine.explain.explanation import frozen
from engine.explain.layer_map import two_axes
from engine.model.losses import LOSSES
from engine.model.network import Network, ParameterKey
from engine.model.weights import Weights

Arrays = Mapping[ParameterKey, Array]


@dataclass(frozen=True, eq=False)
class Plane:
    """θ + a u + b v: the weights θ at its centre, and two directions, by block and name.

    An array that a direction leaves out stays as it is. Of a plane through the weights that a run
    has kept, `path` (moments, 2) are their places in it, and `explained` the shares of their
    variance that the directions have.
    """

    centre: Arrays
    directions: tuple[Arrays, Arrays]
    path: Array | None = None
    explained: tuple[float, float] | None = None

    def at(self, a: float, b: float) -> Weights:
        """Return the weights of a point, by slot id and name."""
        found: Weights = {}
        first, second = self.directions
        for key, array in self.centre.items():
            moved = array
            if key in first:
                moved = (array + a * first[key] + b * second[key]).astype(array.dtype)
            found.setdefault(key.slot_id, {})[key.name] = moved
        return found


def turning(network: Network) -> list[ParameterKey]:
    """Return which arrays a plane turns: kernels and matrices of weights.

    Biases stay as they are, whatever their shape, and so do scales and statistics.
    """
    return [
        key for key, array in network.parameters.items() if key.name == "weight" and array.ndim > 1
    ]


def random_plane(network: Network, seed: int = 0) -> Plane:
    """Draw two directions, and scale each filter of them to the norm of the network's own.

    A filter is a kernel with all its channels, or the weights of a unit (Li et al., 2018).
    """
    random = np.random.default_rng(seed)
    centre = {key: array.copy() for key, array in network.arrays.items()}
    directions = []
    for _ in range(2):
        direction = {}
        for key in turning(network):
            own = centre[key].astype(np.float64).reshape(len(centre[key]), -1)
            drawn = random.standard_normal(own.shape)
            norms = np.linalg.norm(own, axis=1) / np.linalg.norm(drawn, axis=1)
            direction[key] = (drawn * norms[:, np.newaxis]).reshape(centre[key].shape)
        directions.append(direction)
    return Plane(centre, (directions[0], directions[1]))


def plane_of_run(network: Network, kept: Sequence[Weights]) -> Plane:
    """Lay the plane through the last of the weights that a run has kept, along their path.

    Its directions are the two principal components of their differences from the last. There are
    two moments at least.
    """
    keys, last = turning(network), kept[-1]
    rows = np.stack(
        [
            np.concatenate(
                [
                    np.asarray(weights[key.slot_id][key.name], np.float64).ravel()
                    - last[key.slot_id][key.name].ravel()
                    for key in keys
                ]
            )
            for weights in kept
        ]
    )
    axes = two_axes(rows)
    path = rows @ axes.T
    shares = (path**2).sum(axis=0) / max(float(np.vdot(rows, rows)), 1e-300)
    centre = {key: np.asarray(last[key.slot_id][key.name]).copy() for key in network.arrays}
    directions: list[dict[ParameterKey, Array]] = []
    for axis in axes:
        direction, start = {}, 0
        for key in keys:
            size = centre[key].size
            direction[key] = axis[start : start + size].reshape(centre[key].shape)
            start += size
        directions.append(direction)
    explained = float(shares[0]), float(shares[1])
    return Plane(centre, (directions[0], directions[1]), frozen(path), explained)


def mean_loss(
    network: Network,
    loss: str,
    samples: Dataset,
    before: Callable[[], None] = lambda: None,
) -> float:
    """Return the mean loss over samples. `before` is called before each layer, and may raise."""
    total, rule = 0.0, LOSSES[loss]
    eye = np.eye(len(samples.classes), dtype=network.dtype)
    for part in portions(network, len(samples)):
        inputs = samples.batch_inputs(part, network.dtype)
        outputs = network.activations(inputs, before_layer=before)[-1]
        targets = eye[samples.labels[part]]
        values = rule.values(outputs.reshape(targets.shape), targets, network.numerics)
        total += float(values.sum(dtype=np.float64))
    return total / len(samples)


def coarse_to_fine(side: int) -> Iterator[tuple[int, int]]:
    """Give each cell of a square grid once, the corners of coarse meshes before what is between."""
    seen: set[tuple[int, int]] = set()
    mesh = 1 << max(side - 2, 0).bit_length()
    while mesh:
        places = range(0, side, mesh)
        for cell in ((row, column) for row in places for column in places):
            if cell not in seen:
                seen.add(cell)
                yield cell
        mesh //= 2


def landscape(
    network: Network,
    plane: Plane,
    loss: str,
    samples: Dataset,
    rows: Array,
    columns: Array,
    before: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, int, float]]:
    """Give the loss at each a of the rows and b of the columns, as many of each: row, column, loss.

    The network is one of its own, whose weights are written over. `before` is called before each
    part of the work, and may raise to end it.
    """
    for row, column in coarse_to_fine(len(rows)):
        network.set_weights(plane.at(float(rows[row]), float(columns[column])))
        yield row, column, mean_loss(network, loss, samples, before)
