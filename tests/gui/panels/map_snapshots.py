"""Snapshots of blocks for tests of the feature maps."""

import numpy as np

from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from tests.gui.driving import Driver


def look(
    *blocks: BlockSnapshot, outputs: tuple[float, ...] = (0.2, 0.9), label: int = 1
) -> Snapshot:
    return Snapshot(
        Sample(np.eye(28, dtype=np.uint8)[np.newaxis] * 255, (0, 1), 12, label),
        inputs=np.eye(28, dtype=np.float32),
        outputs=np.array(outputs),
        blocks=blocks,
    )


def open_digits(driver: Driver) -> None:
    driver.choose("new.digits")
    driver.wait(lambda: driver.maps.mosaics[0].title() == "1 Conv 8, 5×5 → 2 Tanh")
    driver.settle()


def conv(slot: int, count: int, start: float = 0.0) -> BlockSnapshot:
    maps = start + np.linspace(0, 1, count * 26 * 26, dtype=np.float32).reshape(count, 26, 26)
    return BlockSnapshot(slot, f"Conv {count}, 3×3", "Convolution", maps)


def with_sigmoid(count: int = 3) -> tuple[BlockSnapshot, BlockSnapshot]:
    maps = conv(1, count, start=-0.5)
    kernels = np.arange(count * 9, dtype=np.float32).reshape(count, 1, 3, 3)
    return (
        BlockSnapshot(1, maps.label, "Convolution", maps.values, kernels),
        BlockSnapshot(2, "Sigmoid", "Activation", 1 / (1 + np.exp(-maps.values))),
    )
