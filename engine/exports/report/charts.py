"""Charts of a report as SVG: loss and accuracy over the epochs, and the shapes along the stack."""

import math
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from engine.array_types import Array, Shape, format_shape
from engine.exports.curves import Curves
from engine.exports.report.markup import tag
from engine.model.stack import ShapeReport

_WIDTH, _HEIGHT = 760, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 64, 28, 36  # margins
_MOST_POINTS = 600  # of the curve of batches; it keeps its highest and lowest
_DOTS = 60  # epochs; more are a line without them
_PAGE, _STAGE = 940.0, 58.0  # the widths of the page and of the words of a stage


class _Stage(NamedTuple):
    """A shape, and the blocks that give it."""

    shape: Shape
    names: list[str]


class _Scale:
    """Where values of an axis lie, in px."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1.0
        self._start, self._length = start, end - start

    def at(self, value: float) -> float:
        """Return the place of a value; what lies outside is at the end."""
        share = (value - self.low) / (self.high - self.low)
        return round(self._start + self._length * min(max(share, 0.0), 1.0), 2)

    def ticks(self, most: int, *, whole: bool = False) -> list[float]:
        """List round values, at most about so many."""
        step = _round_step((self.high - self.low) / most)
        step = max(1.0, step) if whole else step
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def loss_chart(curves: Curves) -> Element:
    """Draw the loss of batches, and of epochs on training and test samples."""
    batches, epochs = _finite(curves.batches), curves.epochs
    top = _highest_loss(batches, epochs)
    x, y = _scales(curves, 0.0, top)
    lines = (
        [tag("path", class_="batches", d=_path(x, y, _thinned(batches)))] if len(batches) else []
    )
    lines += _series(x, y, epochs[:, 0], epochs[:, 1], "train")
    lines += _series(x, y, epochs[:, 0], epochs[:, 2], "test")
    lines += _labels(x, y, epochs, 1, 2)
    return _chart("Loss over the epochs", x, y, "loss", lines)


def accuracy_chart(curves: Curves) -> Element:
    """Draw the accuracy of epochs on training and test samples, in percent."""
    epochs = curves.epochs * [1, 1, 1, 100, 100]
    values = epochs[:, 3:][np.isfinite(epochs[:, 3:])]
    low = 10 * math.floor(float(values.min()) / 10 - 0.1) if values.size else 0.0
    x, y = _scales(curves, max(0.0, low), 100.0)
    lines = _series(x, y, epochs[:, 0], epochs[:, 3], "train")
    lines += _series(x, y, epochs[:, 0], epochs[:, 4], "test")
    lines += _labels(x, y, epochs, 3, 4)
    return _chart("Accuracy over the epochs", x, y, "accuracy, %", lines)


def stack_chart(report: ShapeReport) -> Element:
    """Draw what goes from block to block: higher boxes for larger maps, wider ones for more.

    Blocks that keep the shape stand below the same box. Sizes are drawn by their logarithms, since
    they differ by so much.
    """
    stages = _stages(report)
    boxes = [_box(stage.shape) for stage in stages]
    highest = max(height for _, height in boxes)
    deepest = max(len(stage.names) for stage in stages)
    drawn, left, top = [], 0.0, 0.0
    for stage, (width, height) in zip(stages, boxes, strict=True):
        pitch = max(width, _STAGE) + 14
        if left + pitch > _PAGE:
            left, top = 0.0, top + highest + 15.0 * deepest + 40
        middle, foot = left + pitch / 2, top + highest
        box = tag("rect", x=middle - width / 2, y=foot - height, width=width, height=height)
        box.set("class", "stage")
        drawn.append(box)
        drawn.append(tag("text", format_shape(stage.shape), class_="middle", x=middle, y=foot + 16))
        for line, name in enumerate(stage.names):
            below = foot + 33 + 15 * line
            drawn.append(tag("text", name, class_="middle name", x=middle, y=below))
        left += pitch
    whole = "; ".join(f"{', '.join(one.names)}: {format_shape(one.shape)}" for one in stages)
    bottom = top + highest + 15.0 * deepest + 24
    return _svg("The shapes along the stack", whole, _PAGE, bottom, drawn)


def _stages(report: ShapeReport) -> list[_Stage]:
    """List the shapes in order, with the names of the blocks that give them."""
    stages = [_Stage(report.rows[0].input_shape or (), ["Input"])]
    for row in report.rows:
        shape = row.output_shape or ()
        if shape == stages[-1].shape and len(stages) > 1:
            stages[-1].names.append(row.slot.block.name)
        else:
            stages.append(_Stage(shape, [row.slot.block.name]))
    return stages


def _box(shape: Shape) -> tuple[float, float]:
    """Return how wide and how high the box of a shape is, in px."""
    if len(shape) == 3:
        return 8 + 8 * math.log2(1 + shape[0]), 12 + 14 * math.log2(max(shape[1:]))
    return 10, 12 + 8 * math.log2(math.prod(shape))


def _scales(curves: Curves, low: float, high: float) -> tuple[_Scale, _Scale]:
    times = [*curves.batches[-1:, 0], *curves.epochs[-1:, 0]]
    across = _Scale(math.floor(curves.begin), max(times, default=1.0), _LEFT, _WIDTH - _RIGHT)
    return across, _Scale(low, high, _HEIGHT - _BOTTOM, _TOP)


def _highest_loss(batches: Array, epochs: Array) -> float:
    """Return a loss above all epochs; a few extreme batches may lie outside."""
    means = epochs[:, 1:3][np.isfinite(epochs[:, 1:3])]
    found = [float(means.max())] if means.size else []
    if len(batches):
        found.append(float(np.percentile(batches[:, 1], 98)))
    return 1.05 * max(found, default=1.0) or 1.0


def _finite(rows: Array) -> Array:
    return rows[np.isfinite(rows).all(axis=1)]


def _thinned(batches: Array) -> Array:
    """Keep the lowest and the highest of each stretch of batches."""
    step = math.ceil(2 * len(batches) / _MOST_POINTS)
    if step <= 2:
        return batches
    kept = []
    for start in range(0, len(batches), step):
        losses = batches[start : start + step, 1]
        kept += sorted({start + int(losses.argmin()), start + int(losses.argmax())})
    return batches[kept]


def _path(x: _Scale, y: _Scale, points: Array) -> str:
    places = (f"{x.at(time):g} {y.at(value):g}" for time, value in points.tolist())
    return "M" + " L".join(places)


def _series(x: _Scale, y: _Scale, times: Array, values: Array, kind: str) -> list[Element]:
    points = _finite(np.stack([times, values], axis=1))
    if not len(points):
        return []
    drawn = [tag("path", class_=f"line {kind}", d=_path(x, y, points))] if len(points) > 1 else []
    if len(points) <= _DOTS:
        for time, value in points.tolist():
            drawn.append(tag("circle", class_=f"dots {kind}", cx=x.at(time), cy=y.at(value), r=3))
    return drawn


def _labels(x: _Scale, y: _Scale, epochs: Array, training: int, test: int) -> list[Element]:
    """Name both curves at their ends, apart."""
    ends = []
    for kind, column in (("train", training), ("test", test)):
        points = _finite(epochs[:, [0, column]])
        if len(points):
            ends.append((y.at(points[-1, 1]), kind))
    ends.sort()
    if len(ends) == 2 and ends[1][0] - ends[0][0] < 14:
        middle = (ends[0][0] + ends[1][0]) / 2
        ends = [(middle - 7, ends[0][1]), (middle + 7, ends[1][1])]
    right = x.at(x.high) + 8
    return [tag("text", kind, class_=kind, x=right, y=at + 4) for at, kind in ends]


def _chart(title: str, x: _Scale, y: _Scale, unit: str, lines: list[Element]) -> Element:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    axes = []
    for value in y.ticks(5):
        at = y.at(value)
        axes.append(tag("path", class_="axis", d=f"M{_LEFT} {at:g} H{right}"))
        axes.append(tag("text", f"{value:.6g}", class_="end", x=_LEFT - 8, y=at + 4))
    for value in x.ticks(10, whole=x.high - x.low > 2):
        words = tag("text", f"{value:g}", class_="middle", x=x.at(value), y=bottom + 17)
        axes.append(words)
    axes.append(tag("text", "epoch", class_="end", x=right, y=_HEIGHT - 4))
    axes.append(tag("text", unit, x=_LEFT, y=_TOP - 14))
    said = f"{title}, from epoch {x.low:g} to {x.high:g}; its numbers are in the table below."
    return _svg(title, said, _WIDTH, _HEIGHT, axes + lines)


def _svg(title: str, said: str, width: float, height: float, content: list[Element]) -> Element:
    made = tag("svg", role="img", viewBox=f"0 0 {width:g} {height:g}", width=width, height=height)
    made.set("aria-label", f"{title}. {said}")
    made.extend(content)
    return made


def _round_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the first that is no smaller."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(
        factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * 0.999
    )
