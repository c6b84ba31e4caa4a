"""Which values of a snapshot become maps and bars, and what they are called."""

import numpy as np

from engine.array_types import Array
from engine.blocks.base import Group
from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from gui.panels.feature_rows import rows_of

KERNELS = np.ones((2, 1, 3, 3))


def block(slot: int, label: str, group: Group, kernels: Array | None = None) -> BlockSnapshot:
    maps = group in ("Convolution", "Pooling") or label.startswith("ReLU")
    values = np.full((2, 4, 4) if maps else (5,), float(slot))
    return BlockSnapshot(slot, label, group, values, kernels)


SNAPSHOT = Snapshot(
    Sample(np.zeros((1, 4, 4), np.uint8), (0, 1)),
    inputs=np.zeros((4, 4)),
    outputs=np.array([0.5, 0.5]),
    blocks=(
        block(1, "Conv 2", "Convolution", KERNELS),
        block(2, "ReLU", "Activation"),
        block(3, "MaxPool", "Pooling"),
        block(4, "Reshape", "Shape"),
        block(5, "Dense 5", "Dense"),
        block(6, "Sigmoid", "Activation"),
        block(7, "Tanh", "Activation"),
    ),
)


def test_the_outputs_come_with_their_classes() -> None:
    ends = (block(8, "Dense 2", "Dense"), block(9, "Softmax", "Activation"))
    short = [BlockSnapshot(b.slot, b.label, b.group, b.values[:2]) for b in ends]
    snapshot = Snapshot(
        SNAPSHOT.sample, SNAPSHOT.inputs, SNAPSHOT.outputs, (*SNAPSHOT.blocks, *short)
    )
    classes = {row.title: row.classes for row in rows_of(snapshot, "both")}
    assert classes["8 Dense 2"] == classes["8 Dense 2 → 9 Softmax"] == ("0", "1")
    assert {title for title, found in classes.items() if found is None} == {
        *(
            "1 Conv 2",
            "1 Conv 2 → 2 ReLU",
            "3 MaxPool",
            "5 Dense 5",
            "5 Dense 5 → 6 Sigmoid",
            "7 Tanh",
        )
    }
