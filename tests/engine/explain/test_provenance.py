"""Receptive fields, against what changes when an input does."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine import blocks as kinds
from engine.array_types import Array
from engine.blocks.base import Mask
from engine.compute.pass_context import PassContext
from engine.explain.indices import index_of
from engine.explain.provenance import ReceptiveField, receptive_fields
from engine.model.network import run_layers
from engine.model.stack import BlockSlot, ShapeReport, Stack
from tests.engine.networks import network

# Every value of the first stack depends on all that its field holds; MaxPool and ReLU pass only
# what wins, so in the second a field may hold more.
SMOOTH = (
    kinds.Conv(depth=2, kernel_size=3, padding="same", bias="channel"),
    kinds.BatchNorm(),
    kinds.Tanh(),
    kinds.Add(source=1),
    kinds.AvgPool(size=3, stride=2),
    kinds.LeakyReLU(slope=0.5),
    kinds.Conv(depth=3, kernel_size=2, stride=2),
    kinds.Add(source=4, through="conv", stride=6),
    kinds.Sigmoid(),
    kinds.GroupNorm(groups=3),
    kinds.DepthwiseConv(kernel_size=2, padding="same"),
    kinds.Reshape(),
    kinds.Dropout(rate=0.0),
    kinds.Dense(units=4),
    kinds.Softmax(),
)
ROUGH = (
    kinds.MaxPool(size=2, stride=3),
    kinds.Conv(depth=2, kernel_size=2, padding="same", stride=2),
    kinds.ReLU(),
    kinds.Reshape(target_shape=(2, -1, 1)),
    kinds.Conv(depth=2, kernel_size=1),
    kinds.GlobalAvgPool(),
    kinds.ELU(),
    kinds.SiLU(),
    kinds.GELU(),
)
SHAPE = (2, 9, 11)


def checked(blocks: Sequence[kinds.KnownBlock]) -> ShapeReport:
    return Stack(input_shape=SHAPE).appended(*blocks).check(4, "mse")


Fields = dict[tuple[int, ...], Mask]


def fields_by_change(report: ShapeReport, *, training: bool) -> list[Fields]:
    """For every value of each block's output, which pixels of the image change it."""
    net = network(ShapeReport(report.rows, None))  # its outputs need not be classes
    workspaces = net.workspaces()
    image = np.random.default_rng(4).standard_normal(SHAPE)

    def outputs(values: Array) -> list[Array]:
        run = PassContext(training=training)
        return [each[0].copy() for each in run_layers(net.layers, workspaces, values[None], run)]

    before = outputs(image)
    found: list[Fields] = [
        {place: np.zeros(SHAPE, bool) for place in np.ndindex(each.shape)} for each in before
    ]
    for pixel in np.ndindex(SHAPE):
        changed = image.copy()
        changed[pixel] += 0.5
        for fields, old, new in zip(found, before, outputs(changed), strict=True):
            for place in np.argwhere(new != old):
                fields[tuple(place)][pixel] = True
    return found


@pytest.mark.parametrize("training", [False, True])
def test_a_field_is_what_a_change_reaches(training: bool) -> None:
    report = checked(SMOOTH)
    by_change = fields_by_change(report, training=training)
    for position in (0, 1, 3, 4, 5, 7, 9, 10, 11, 12):
        for place, right in list(by_change[position].items())[::7]:
            fields = receptive_fields(report, position, place, training=training)
            assert np.array_equal(fields[0].mask, right)
            assert [field.shape for field in fields] == [
                row.input_shape for row in report.rows[: position + 1]
            ]


def test_what_wins_comes_from_the_field() -> None:
    report = checked(ROUGH)
    for position, fields in enumerate(fields_by_change(report, training=False)):
        for place, changed in fields.items():
            (image, *_) = receptive_fields(report, position, place)
            assert not (changed & ~image.mask).any()
            assert changed.any() or position > 1  # a ReLU may pass nothing


def test_the_window_of_a_pool_is_the_field() -> None:
    (field,) = receptive_fields(checked(ROUGH), 0, (1, 2, 3))
    assert field.window == (6, 9, 2, 2)
    assert field.channels == (1,)
    assert field.count == 4
    assert field.words == "map 2, rows 7–8, columns 10–11"


@pytest.mark.parametrize(("locked", "count"), [(False, 9 * 11), (True, 1)])
def test_a_locked_batch_norm_has_no_statistics_of_its_own(locked: bool, count: int) -> None:
    stack = Stack((BlockSlot(1, kinds.BatchNorm(), locked=locked),), SHAPE)
    (field,) = receptive_fields(
        ShapeReport(stack.check(1, "mse").rows, None), 0, (1, 2, 3), training=True
    )
    assert field.count == count


def test_a_reshaped_value_is_one_cell_of_the_maps() -> None:
    report = Stack().appended(kinds.Conv(), kinds.Reshape()).check(2, "mse")
    for number in (0, 25, 26, 675, 676, 3379):
        field = receptive_fields(report, 1, (number,))[-1]
        assert [tuple(cell) for cell in np.argwhere(field.mask)] == [index_of((5, 26, 26), number)]


def test_a_column_and_an_empty_field_have_words() -> None:
    assert ReceptiveField(np.array([[False], [True], [True]])).words == "values 2–3"
    assert ReceptiveField(np.array([False, True])).words == "value 2"
    empty = ReceptiveField(np.zeros((1, 2, 2), bool))
    assert empty.window == (0, 0, 0, 0)
    assert "padding alone" in empty.words
