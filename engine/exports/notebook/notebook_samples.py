"""The samples that go with a notebook, and what the network makes of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.images import Bytes
from engine.exports.trained_network import TrainedNetwork
from engine.inputs.scaling import Scaling
from engine.model.network import Network
from engine.model.stack import Row
from engine.model.weights import initial_weights
from engine.training.samples import split

_ROUND = 20e-6  # seconds that Python takes for one round of a loop over maps


def seconds_per_sample(network: TrainedNetwork) -> float:
    """Guess how long a training step takes in the notebook, forward and back, for one sample."""
    updates = network.report.parameters / network.settings.batch_size * 4e-9
    return 1e-4 + updates + sum(map(_seconds, network.report.rows))


def _seconds(row: Row) -> float:
    if row.slot.block.kind != "conv" or row.input_shape is None or row.output_shape is None:
        return 1e-5
    pairs = row.input_shape[0] * row.output_shape[0]
    return 3 * pairs * _ROUND + 3e-9 * (row.multiply_adds or 0) * 3


MOST_TESTED = 200
LEAST_TESTED = 2
TEST_SECONDS = 10.0  # that a run of the test images in the notebook may take, roughly
MOST_TRAINED = 2_000
MOST_BYTES = 8_000_000  # of the training images in the file
_CHUNK = 20  # images that are run at the same time
_LEAST_TOLERANCE, _UNKNOWN_TOLERANCE = 1e-5, 1e-3
_MOST_COMPARED = 20_000_000  # parameters of which there is memory for copies in float64


@dataclass(frozen=True)
class NotebookSamples:
    """Bytes of images (n, channels, height, width), and their labels.

    Without data the test images are noise and have no labels. `outputs` (n, classes) are those of
    the network for the test images; who computes in float64 may be off by `tolerance` times their
    range. `train_total` counts the training samples that there are, in the file or not.
    """

    test_images: Bytes
    test_labels: NDArray[np.int64] | None
    outputs: Array
    tolerance: float
    train_images: Bytes | None = None
    train_labels: NDArray[np.int64] | None = None
    train_total: int = 0

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what the file holds of them, by its names there."""
        found: dict[str, NDArray[np.generic] | None] = {
            "test_images": self.test_images,
            "test_labels": self.test_labels,
            "train_images": self.train_images,
            "train_labels": self.train_labels,
            "outputs": self.outputs,
        }
        return {name: array for name, array in found.items() if array is not None}


def choose_samples(network: TrainedNetwork) -> NotebookSamples:
    """Choose samples from the data, evenly, and run the test images through the network."""
    fitting = int(TEST_SECONDS / (seconds_per_sample(network) / 3))
    most = max(LEAST_TESTED, min(MOST_TESTED, fitting))
    if not network.test:
        shape = (min(8, most), *(network.report.rows[0].input_shape or ()))
        noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        return NotebookSamples(noise, None, *_outputs(network, noise))
    images, labels = _evenly(network.test, most)
    outputs, tolerance = _outputs(network, images)
    if not network.training:
        return NotebookSamples(images, labels, outputs, tolerance)
    training, _ = split(network.training, network.settings)
    image_bytes = max(1, int(np.prod(training.input_shape)))
    most = min(MOST_TRAINED, max(1, MOST_BYTES // image_bytes))
    return NotebookSamples(
        images, labels, outputs, tolerance, *_evenly(training, most), len(training)
    )


def _evenly(data: Dataset, most: int) -> tuple[Bytes, NDArray[np.int64]]:
    count = min(most, len(data))
    places = np.arange(count) * len(data) // count
    return np.asarray(data.images[places]), data.labels[places]


def _outputs(network: TrainedNetwork, images: Bytes) -> tuple[Array, float]:
    """Return the outputs in float32, and how far float64 may be off from them."""
    found = _run(network.network(), network.scaling, images)
    if network.report.parameters > _MOST_COMPARED:
        return found, _UNKNOWN_TOLERANCE
    kept = network.weights
    exact = initial_weights(network.report, 0, "lecun", kept=kept, dtype=np.float64)
    difference = np.abs(found - _run(Network(network.report, exact), network.scaling, images))
    off = float(difference.max()) / max(1.0, float(np.abs(found).max()))
    return found, max(_LEAST_TOLERANCE, 4 * off)


def _run(network: Network, scaling: Scaling, images: Bytes) -> Array:
    parts = (images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK))
    outputs = [network.activations(scaling.inputs(part, network.dtype))[-1] for part in parts]
    return np.concatenate([part.reshape(len(part), -1) for part in outputs])
