"""Looks: what is seen of one sample, in a whole network and in the front of one."""

from dataclasses import replace

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, KnownBlock, UnknownBlock
from engine.errors import TrainingError
from engine.inspection.snapshot import Sample, Snapshot, take_snapshot
from engine.model.project import Project
from engine.model.stack import BlockSlot
from engine.model.templates import notebook

IMAGE = np.random.default_rng(3).integers(0, 256, (1, 28, 28), dtype=np.uint8)
SAMPLE = Sample(IMAGE, (0, 1), index=4, label=1)


def trained() -> Project:
    """Return the notebook's network with weights that no seed makes."""
    project = notebook()
    weights = project.network().copy_weights()
    for arrays in weights.values():
        for array in arrays.values():
            array += 0.01
    return replace(project, weights=weights, trained_epochs=3)


def broken(project: Project, position: int, block: KnownBlock | UnknownBlock) -> Project:
    slot = BlockSlot(project.stack.slots[position].id, block)
    return replace(project, stack=project.stack.replaced(slot))


def same(one: Array, other: Array) -> bool:
    return np.array_equal(one, other)


@pytest.mark.parametrize("position", [1, 3, 6])
@pytest.mark.parametrize("block", [Conv(kernel_size=40), UnknownBlock({"kind": "x"}, "not known")])
def test_in_front_of_a_bad_block_is_what_the_whole_network_has_there(
    position: int, block: KnownBlock | UnknownBlock
) -> None:
    project = trained()
    whole = take_snapshot(project.network(), SAMPLE)
    front = take_snapshot(broken(project, position, block).front(), SAMPLE)
    assert len(front.blocks) == position
    for one, other in zip(front.blocks, whole.blocks, strict=False):
        assert (one.slot, one.label) == (other.slot, other.label)
        assert same(one.values, other.values)
        assert (one.kernels is None) == (other.kernels is None)
        assert one.kernels is None or other.kernels is None or same(one.kernels, other.kernels)
    assert front.outputs is None
    assert front.predicted is None
    assert front.largest is None
    assert whole.outputs is not None


def test_outputs_that_are_not_the_classes_predict_nothing() -> None:
    snapshot = take_snapshot(broken(trained(), 5, Dense(units=3)).front(), SAMPLE)
    assert len(snapshot.blocks) == 7
    assert snapshot.blocks[-1].values.shape == (3,)
    assert snapshot.predicted is None


def test_where_no_block_fits_there_is_only_the_image() -> None:
    project = broken(trained(), 0, Dense())
    with pytest.raises(TrainingError, match="Block 1"):
        project.front()
    snapshot = take_snapshot(None, SAMPLE)
    assert snapshot.blocks == ()
    assert snapshot.predicted is None
    np.testing.assert_allclose(snapshot.inputs, IMAGE / 255, rtol=1e-6)


def seen(project: Project, snapshot: Snapshot) -> tuple[list[int], bool]:
    found = snapshot.within(project.check())
    return [block.slot for block in found.blocks], found.outputs is not None


def test_an_edit_leaves_of_a_look_what_is_still_true() -> None:
    project = trained()
    snapshot = take_snapshot(project.network(), SAMPLE)
    assert seen(project, snapshot) == ([1, 2, 3, 4, 5, 6, 7], True)
    assert seen(broken(project, 3, Conv()), snapshot) == ([1, 2, 3], False)
    assert seen(broken(project, 0, Dense()), snapshot) == ([], False)
    assert seen(broken(project, 5, Dense(units=3)), snapshot) == ([1, 2, 3, 4, 5], False)
    assert seen(broken(broken(project, 0, Conv(depth=2)), 6, Conv()), snapshot) == ([], False)


def test_outputs_that_are_not_finite_predict_no_class() -> None:
    snapshot = take_snapshot(trained().network(), SAMPLE)
    for value in (np.nan, np.inf):
        unanswered = replace(snapshot, outputs=np.array([0.5, value]))
        assert unanswered.predicted is None
        assert unanswered.predicted_name is None
