"""Random stacks that fit, for tests of all the blocks together."""

from collections.abc import Sequence
from contextlib import suppress

from hypothesis import strategies as st

from engine import blocks as kinds
from engine.array_types import Shape
from engine.errors import ShapeError
from engine.model.losses import LOSSES
from engine.model.stack import ShapeReport, Stack

SHAPE = (1, 8, 8)
FIXED: st.SearchStrategy[Shape] = st.just(SHAPE)
CLASSES = 3


def _convolutions() -> st.SearchStrategy[kinds.KnownBlock]:
    course = {
        "kernel_size": st.integers(1, 5),
        "stride": st.integers(1, 3),
        "padding": st.sampled_from(("valid", "same")),
    }
    biases = st.sampled_from(("position", "channel"))
    return st.one_of(
        st.builds(kinds.Conv, depth=st.integers(1, 3), bias=biases, **course),
        st.builds(kinds.DepthwiseConv, **course),
    )


def _pools() -> st.SearchStrategy[kinds.KnownBlock]:
    sizes, strides = st.integers(1, 3), st.integers(0, 2)
    return st.one_of(
        st.builds(kinds.MaxPool, size=sizes, stride=strides),
        st.builds(kinds.AvgPool, size=sizes, stride=strides),
    )


ACTIVATIONS: tuple[kinds.KnownBlock, ...] = (
    kinds.Sigmoid(),
    kinds.Tanh(),
    kinds.ReLU(),
    kinds.LeakyReLU(slope=0.2),
)


def _skips(given: Sequence[Shape]) -> list[kinds.KnownBlock]:
    """List what adds the output of one of the first blocks, whose shapes these are, to the last."""
    fitting: list[kinds.KnownBlock] = []
    for source, shape in enumerate(given, 1):
        for add in (
            kinds.Add(source=source),
            *(kinds.Add(source=source, through="conv", stride=stride) for stride in (1, 2, 3)),
        ):
            with suppress(ShapeError):
                add.joined(source, shape).output_shape(given[-1])
                fitting.append(add)
    return fitting


@st.composite
def stacks(
    draw: st.DrawFn, shapes: st.SearchStrategy[Shape] = FIXED, *, alone: bool = False
) -> tuple[ShapeReport, str]:
    """A stack of up to ten blocks that fits, and the loss that it fits with.

    `alone`: in it no sample matters to another, and no chance to any.
    """
    others = () if alone else (kinds.BatchNorm(), kinds.Dropout(rate=0.3), kinds.Dropout(rate=0.0))
    elementwise = st.sampled_from((*ACTIVATIONS, *others))
    groups = st.builds(kinds.GroupNorm, groups=st.integers(1, 3))
    maps = st.one_of(_convolutions(), _pools(), elementwise, groups)
    blocks: list[kinds.KnownBlock] = []
    input_shape = shape = draw(shapes)
    given: list[Shape] = []
    for block in draw(st.lists(maps, max_size=5)):
        try:
            shape = block.output_shape(shape)
        except ShapeError:  # the maps have become too small for it
            continue
        blocks.append(block)
        given.append(shape)
        skips: st.SearchStrategy[list[kinds.KnownBlock]] = st.lists(
            st.sampled_from(_skips(given)), max_size=1
        )
        blocks += (drawn := draw(skips))
        given += [shape] * len(drawn)
    vectors: tuple[kinds.KnownBlock, ...] = (
        kinds.Reshape(),
        kinds.Reshape(target_shape=(-1, 1)),
        kinds.GlobalAvgPool(),
    )
    blocks.append(draw(st.sampled_from(vectors)))
    if draw(st.booleans()):
        blocks += [kinds.Dense(units=draw(st.integers(1, 4))), draw(elementwise)]
        sources = st.lists(st.sampled_from((len(blocks), len(blocks) - 1)), max_size=1)
        blocks += [kinds.Add(source=source) for source in draw(sources)]
    loss = draw(st.sampled_from(sorted(LOSSES)))
    ends: dict[str, tuple[kinds.KnownBlock, ...]] = {
        "bce": (kinds.Sigmoid(), kinds.Softmax()),
        "cross_entropy": (kinds.Softmax(),),
        "mse": (*ACTIVATIONS, kinds.Softmax()),
    }
    last = draw(st.sampled_from(ends[loss]))
    blocks += [kinds.Dense(units=CLASSES), last]
    report = Stack(input_shape=input_shape).appended(*blocks).check(CLASSES, loss)
    assert report.problem is None, report.problem
    return report, loss
