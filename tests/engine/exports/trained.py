"""Small trained networks to be exported, and random ones."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from engine.data.dataset import Dataset
from engine.exports.trained_network import TrainedNetwork
from engine.inputs.scaling import Scaling
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from tests.engine.explain.stacks import CLASSES, SHAPE, stacks
from tests.engine.networks import network

STANDARD = Scaling((0.25,), (0.375,))


def trained(
    report: ShapeReport, loss: str = "mse", seed: int = 0, *, standard: bool = False
) -> TrainedNetwork:
    """Take a network of one channel with random weights, and images of noise to test it."""
    stack = Stack(tuple(row.slot for row in report.rows), report.rows[0].input_shape or ())
    classes = tuple(range(report.rows[-1].output_shape[0])) if report.rows[-1].output_shape else ()
    kind = "standard" if standard else "unit"
    settings = Settings(classes=classes).with_changes(loss=loss, scaling=kind)
    scaling = STANDARD if standard else None
    weights = network(report, np.float32, seed).copy_weights()
    made = {slot.id: weights.get(slot.id, {}) for slot in stack}
    project = Project(stack, settings, made, trained_epochs=3, scaling=scaling)
    images = np.random.default_rng(seed).integers(0, 256, (20, *stack.input_shape), np.uint8)
    samples = Dataset(images, np.arange(20) % len(classes), classes)
    if standard:
        samples = replace(samples, scaling=STANDARD)
    return TrainedNetwork.of(project, samples, samples)


@st.composite
def trained_networks(draw: st.DrawFn) -> TrainedNetwork:
    """A network of up to ten blocks that fits, for images of 8×8, with random weights."""
    report, loss = draw(stacks())
    assert report.rows[0].input_shape == SHAPE
    assert report.rows[-1].output_shape in ((CLASSES,), (CLASSES, 1))
    return trained(report, loss, draw(st.integers(0, 99)), standard=draw(st.booleans()))


def random_networks(count: int) -> list[TrainedNetwork]:
    """Return so many random networks at most, the same ones each time."""
    networks: list[TrainedNetwork] = []

    @given(trained_networks())
    @examples(
        max_examples=count,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(network: TrainedNetwork) -> None:
        networks.append(network)

    collect()
    return networks


def learnable(network: TrainedNetwork, samples: int = 96) -> TrainedNetwork:
    """Give a network images of noise that are brighter at a place which their class decides."""
    shape, count = network.project.stack.input_shape, len(network.settings.classes)
    dice = np.random.default_rng(5)
    images = dice.integers(0, 120, (2 * samples, *shape)).astype(np.uint8)
    labels = np.arange(2 * samples) % count
    for image, label in zip(images, labels, strict=True):
        image[:, 2 * label : 2 * label + 2] += 100
    classes, scaling = network.settings.classes, network.scaling
    parts = (slice(0, samples), slice(samples, None))
    training, test = (
        Dataset(images[part], labels[part], classes, scaling=scaling) for part in parts
    )
    return replace(network, training=training, test=test)


def with_settings(network: TrainedNetwork, **changes: object) -> TrainedNetwork:
    chosen = network.settings.with_changes(**changes)
    return replace(network, project=replace(network.project, settings=chosen))
