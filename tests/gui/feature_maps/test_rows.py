"""Which values of a snapshot become maps and bars, and what they are called."""

import numpy as np

from engine.array_types import Array
from engine.blocks import Dense, Reshape, Sigmoid, UnknownBlock
from engine.blocks.base import Group
from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from engine.model.stack import BlockSlot, Stack
from gui.feature_maps.rows import ShownValues, rows_of, waiting_of

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


BOTH = [
    *("1 Conv 2", "1 Conv 2 → 2 ReLU", "3 MaxPool", "5 Dense 5", "5 Dense 5 → 6 Sigmoid", "7 Tanh")
]


def titles(stage: ShownValues) -> list[str]:
    return [row.title for row in rows_of(SNAPSHOT, stage)]


def test_blocks_are_shown_after_their_activation_or_before_it_or_both() -> None:
    assert titles("after") == ["1 Conv 2 → 2 ReLU", "3 MaxPool", "5 Dense 5 → 6 Sigmoid", "7 Tanh"]
    rows = [(row.slot, row.position, row.slots) for row in rows_of(SNAPSHOT, "after")]
    assert [(slot, position, set(slots)) for slot, position, slots in rows] == [
        (2, 1, {1, 2}),
        (3, 2, {3}),
        (6, 5, {5, 6}),
        (7, 6, {7}),
    ]
    assert titles("before") == ["1 Conv 2", "3 MaxPool", "5 Dense 5", "7 Tanh"]
    assert titles("both") == BOTH


def test_maps_of_a_convolution_come_with_its_kernels_and_outputs_with_their_classes() -> None:
    kernels = [row.kernels for row in rows_of(SNAPSHOT, "both")]
    assert kernels[0] is kernels[1] is KERNELS
    assert kernels[2] is None
    ends = (block(8, "Dense 2", "Dense"), block(9, "Softmax", "Activation"))
    short = [BlockSnapshot(b.slot, b.label, b.group, b.values[:2]) for b in ends]
    for outputs in (SNAPSHOT.outputs, None):  # without a prediction the last values are no classes
        blocks = (*SNAPSHOT.blocks, *short)
        snapshot = Snapshot(SNAPSHOT.sample, SNAPSHOT.inputs, outputs, blocks)
        classes = {row.title: row.classes for row in rows_of(snapshot, "both")}
        named = None if outputs is None else ("0", "1")
        assert classes["8 Dense 2"] == classes["8 Dense 2 → 9 Softmax"] == named
        assert all(classes[title] is None for title in BOTH)


def test_an_unknown_block_is_waited_for() -> None:
    unknown = UnknownBlock({"kind": "attention"}, "its kind is not known")
    stack = Stack((BlockSlot(1, unknown), BlockSlot(2, Sigmoid())))
    bad, later = waiting_of(stack.check(2, "bce"))
    assert "its kind is not known" in bad
    assert later == "2 Sigmoid: waits for block 1"
    fits = Stack().appended(Reshape(), Dense(units=2), Sigmoid()).check(2, "bce")
    assert waiting_of(fits) == waiting_of(Stack().check(2, "bce")) == ("", "")
