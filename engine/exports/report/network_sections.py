"""What a report says of the network and how it was trained: stack, settings, curves, kernels."""

import math
import platform
from xml.etree.ElementTree import Element

import numpy as np

from engine.array_types import Array, format_shape
from engine.compute.numerics import numerics_in_words
from engine.data.sources import name_of
from engine.exports.report.markup import (
    Node,
    data_uri,
    details,
    kernels_picture,
    pairs,
    shown_kernels,
    table,
    tag,
)
from engine.exports.trained_network import TrainedNetwork
from engine.model.settings import Settings
from engine.model.stack import Row
from engine.struct_fields import field_of, fields_of
from engine.text import words
from engine.version import version

_WIDTH, _HEIGHT = 760, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 64, 28, 36  # margins
_DOTS = 60  # epochs; more are a line without them
_TIMES = 6  # px of the page for a weight, where there is room
_WIDE, _HIGH = 720, 480  # px
_OPEN = 30  # epochs whose numbers are shown unfolded
NO_CURVES = (
    "The curves are not known here: a project file keeps no history of its training, and the run "
    "that it comes from is not kept here. Export the report where it was trained to have them."
)


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


def loss_chart(epochs: Array) -> Element:
    """Draw the loss of epochs on training and test samples."""
    losses = epochs[:, 1:3][np.isfinite(epochs[:, 1:3])]
    x, y = _scales(epochs, 0.0, 1.05 * float(losses.max(initial=0.0)) or 1.0)
    return _chart("Loss over the epochs", x, y, "loss", epochs[:, :3])


def accuracy_chart(epochs: Array) -> Element:
    """Draw the accuracy of epochs on training and test samples, in percent."""
    epochs = epochs * [1, 1, 1, 100, 100]
    values = epochs[:, 3:][np.isfinite(epochs[:, 3:])]
    low = 10 * math.floor(float(values.min()) / 10 - 0.1) if values.size else 0.0
    x, y = _scales(epochs, max(0.0, low), 100.0)
    return _chart("Accuracy over the epochs", x, y, "accuracy, %", epochs[:, [0, 3, 4]])


def _scales(epochs: Array, low: float, high: float) -> tuple[_Scale, _Scale]:
    begin, end = (epochs[0, 0] - 1, epochs[-1, 0]) if len(epochs) else (0.0, 1.0)
    return _Scale(begin, end, _LEFT, _WIDTH - _RIGHT), _Scale(low, high, _HEIGHT - _BOTTOM, _TOP)


def _curves(x: _Scale, y: _Scale, epochs: Array) -> list[Element]:
    """Draw the curves of epochs (n, 3) for training and test, each named at its end, apart."""
    drawn, ends = [], []
    for kind, column in (("train", 1), ("test", 2)):
        finite = epochs[np.isfinite(epochs[:, column])]
        points = [(x.at(time), y.at(value)) for time, value in finite[:, [0, column]].tolist()]
        if len(points) > 1:
            path = "M" + " L".join(f"{across:g} {down:g}" for across, down in points)
            drawn.append(tag("path", class_=f"line {kind}", d=path))
        if len(points) <= _DOTS:
            for across, down in points:
                drawn.append(tag("circle", class_=f"dots {kind}", cx=across, cy=down, r=3))
        if points:
            ends.append((points[-1][1], kind))
    ends.sort()
    if len(ends) == 2 and ends[1][0] - ends[0][0] < 14:
        middle = (ends[0][0] + ends[1][0]) / 2
        ends = [(middle - 7, ends[0][1]), (middle + 7, ends[1][1])]
    right = x.at(x.high) + 8
    return drawn + [tag("text", kind, class_=kind, x=right, y=at + 4) for at, kind in ends]


def _chart(title: str, x: _Scale, y: _Scale, unit: str, epochs: Array) -> Element:
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
    made = tag("svg", role="img", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", width=_WIDTH, height=_HEIGHT)
    made.set("aria-label", f"{title}. {said}")
    made.extend(axes + _curves(x, y, epochs))
    return made


def _round_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the first that is no smaller."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(
        factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * 0.999
    )


def stack_section(network: TrainedNetwork) -> list[Node]:
    """Tell the blocks with their shapes, parameters and equations."""
    rows: list[list[Node]] = [
        [
            str(number),
            _named(row),
            words.shape(row.output_shape),
            f"{row.parameters or 0:,}",
            f"{row.multiply_adds or 0:,}",
        ]
        for number, row in enumerate(network.report.rows, 1)
    ]
    total: list[Node] = [
        "",
        tag("strong", "All"),
        "",
        f"{network.report.parameters:,}",
        f"{network.report.multiply_adds:,}",
    ]
    heads = ["", "Block", "Gives", "Parameters", "Multiplications"]
    shape = format_shape(network.report.rows[0].input_shape or ())
    channels = range(len(network.scaling.mean) or 1)
    scaled = "; ".join(network.scaling.equation(channel, "byte") for channel in channels)
    return [
        tag("p", f"It takes images of {shape}, of each byte the value {scaled}."),
        table(heads, [*rows, total], numbers=(2, 3, 4), row_head=1),
    ]


def settings_section(network: TrainedNetwork) -> list[Node]:
    """Tell every setting of the training, the seed among them."""
    settings = network.settings
    listed = [
        (field.title, setting_words(settings, field.name))
        for field in fields_of(Settings)
        if field.name != "classes"  # which the data section tells
    ]
    if settings.drawings:
        listed.append(("Own drawings", words.count(len(settings.drawings), "drawing")))
    return [pairs(listed)]


def curves_section(network: TrainedNetwork) -> list[Node]:
    """Draw the curves, and tell the numbers of each epoch."""
    epochs = network.curves
    if epochs is None:
        return [tag("p", NO_CURVES)]
    drawn: list[Node] = []
    if epochs[0, 0] > 1:
        begin = f"after epoch {epochs[0, 0] - 1:g}"
        drawn.append(tag("p", f"The curves begin {begin}; what was before is not known here."))
    rows = [
        [f"{epoch:g}", f"{loss:.4g}", f"{test:.4g}", words.percent(right), words.percent(found)]
        for epoch, loss, test, right, found in epochs.tolist()
    ]
    heads = ["Epoch", "Loss", "Test loss", "Accuracy", "Test accuracy"]
    numbers = table(heads, rows, numbers=(0, 1, 2, 3, 4))
    meant = "Loss: the mean over each epoch while it trained, and over the test samples after it."
    return [
        *drawn,
        _figure(loss_chart(epochs), meant),
        _figure(accuracy_chart(epochs), "Accuracy, measured likewise."),
        details("The numbers of each epoch", [numbers], unfolded=len(rows) <= _OPEN),
    ]


def kernels_section(network: TrainedNetwork) -> list[Node]:
    """Draw the kernels of each convolution."""
    drawn: list[Node] = []
    for number, row in enumerate(network.report.rows, 1):
        if len((row.array_shapes or {}).get("weight", ())) == 4:
            kernels = network.weights[row.slot.id]["weight"]
            drawn.append(tag("h3", f"{number}. {row.slot.label}"))
            drawn.append(_kernels(np.asarray(kernels, np.float64)))
    if not drawn:
        return [tag("p", "The network has no convolution, and so no kernels.")]
    told = "Red weights are positive, blue ones negative; the stronger, the larger."
    return [tag("p", told), *drawn]


def versions_section(network: TrainedNetwork) -> list[Node]:
    """Tell what the report was made with."""
    import scipy  # not at the start of the window

    found = [
        ("Layerscope", version()),
        ("Python", platform.python_version()),
        ("numpy", np.__version__),
        ("scipy", scipy.__version__),
        ("Computes with", numerics_in_words()),
        ("System", platform.platform()),
        ("Seed", str(network.settings.seed)),
    ]
    same = (
        "On one machine, the same seed, settings, data and versions give the same network bit by "
        "bit."
    )
    return [pairs(found), tag("p", same, class_="muted")]


def _named(row: Row) -> Element:
    block, made = row.slot.block, tag("span", row.slot.label)
    if row.slot.title:
        made.append(tag("span", f" ({block.summary()})", class_="muted"))
    if row.slot.locked or row.slot.locked_kernels:
        made.append(tag("span", " locked" if row.slot.locked else " kernels locked"))
    equation = block.equation_with(row.input_shape or ())
    made.extend([tag("br"), tag("span", equation, class_="equation")])
    return made


def setting_words(settings: Settings, name: str) -> str:
    """Write the value of a setting."""
    field, value = field_of(Settings, name), getattr(settings, name)
    if field.name == "dataset":  # of a path its name alone: where it lies is the user's own affair
        return field.suggestions.get(value, name_of(value))
    text = field.in_words(value)
    return text if text == field.zero else f"{text} {field.unit}".rstrip()


def _kernels(kernels: np.ndarray) -> Element:
    maps, channels, k, _ = kernels.shape
    png, width, height = kernels_picture(kernels)
    times = max(1, min(_TIMES if k > 3 else 2 * _TIMES, _WIDE // width, _HIGH // height))
    drawn = shown_kernels(kernels).shape
    said = f"{words.count(maps, 'map')} from {words.count(channels, 'channel')}, {k}×{k} weights"
    if channels > 1:
        said += "; a row for each map, a column for each channel"
    if maps * channels > drawn[0] * drawn[1]:
        said += f"; the first {drawn[0]} by {drawn[1]} kernels are shown"
    said += f". The largest weight is {np.abs(kernels).max():.3g} in size."
    picture = tag(
        "img",
        class_="pixels",
        src=data_uri(png),
        width=times * width,
        height=times * height,
        alt=f"Kernels: {said}",
    )
    return tag("figure", picture, tag("figcaption", said), class_="kernels")


def _figure(chart: Element, caption: str) -> Element:
    return tag("figure", chart, tag("figcaption", caption))
