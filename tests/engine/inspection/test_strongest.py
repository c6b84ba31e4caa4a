"""The digits that excite a map most, against a plain search with scipy's correlation."""

import numpy as np
import pytest

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.data.dataset import Dataset
from engine.inspection.strongest import Peak, strongest
from engine.model.network import Network
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from tests.correlation import correlate2d
from tests.engine.memory import less_memory_than


@pytest.fixture
def samples() -> Dataset:
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (70, 1, 8, 8), dtype=np.uint8)
    return Dataset(images, rng.integers(0, 2, 70), (0, 1))


@pytest.fixture
def network() -> Network:
    stack = Stack(input_shape=(1, 8, 8)).appended(
        Conv(depth=3, kernel_size=3), Sigmoid(), Reshape(), Dense(units=2), Sigmoid()
    )
    report = stack.check(2, "bce")
    return Network(report, initial_weights(report, 5, "normal"))


def test_it_finds_what_a_plain_search_finds(network: Network, samples: Dataset) -> None:
    kernels, bias = (
        next(a for k, a in network.arrays.items() if k.name == n and k.slot_id == 1)
        for n in ("weight", "bias")
    )
    found = strongest(network, samples, 0, 4)
    assert [len(peaks) for peaks in found] == [4, 4, 4]
    for i, peaks in enumerate(found):
        every = []
        for sample, image in enumerate(samples.images[:, 0] / 255):
            values = correlate2d(image, kernels[i, 0]) + bias[i]
            row, column = np.unravel_index(values.argmax(), values.shape)
            every.append((float(values.max()), sample, int(row), int(column)))
        every.sort(key=lambda found: -found[0])
        for peak, (value, sample, row, column) in zip(peaks, every[:4], strict=True):
            assert (peak.sample, peak.row, peak.column) == (sample, row, column)
            assert peak.value == pytest.approx(value, rel=1e-5)


def test_the_activation_behind_keeps_the_order(network: Network, samples: Dataset) -> None:
    before, after = strongest(network, samples, 0, 3), strongest(network, samples, 1, 3)
    for one, other in zip(before, after, strict=True):
        assert [peak.sample for peak in one] == [peak.sample for peak in other]
        for a, b in zip(one, other, strict=True):
            assert b.value == pytest.approx(1 / (1 + np.exp(-a.value)), rel=1e-5)


def test_equal_values_come_in_the_order_of_the_samples(network: Network) -> None:
    blank = Dataset(np.zeros((5, 1, 8, 8), np.uint8), np.zeros(5, np.int64), (0, 1))
    assert [peak.sample for peak in strongest(network, blank, 0, 9)[0]] == [0, 1, 2, 3, 4]
    assert isinstance(strongest(network, blank, 0, 1)[0][0], Peak)


def test_it_tells_how_far_it_is_and_can_be_ended(network: Network, samples: Dataset) -> None:
    seen: list[float] = []

    def report(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        strongest(network, samples, 0, 1, report)
    assert seen == [0.0, 32 / 70]


def test_many_samples_take_no_memory(network: Network) -> None:
    many = Dataset(np.zeros((8_000, 1, 8, 8), np.uint8), np.zeros(8_000, np.int64), (0, 1))
    strongest(network, many.take(np.arange(100)), 0, 4)
    with less_memory_than(160_000):  # 3 numbers of each would take more
        strongest(network, many, 0, 4)
