"""What a report says of the network and how it was trained: stack, settings, curves, kernels."""

import math
import platform
from importlib import metadata
from xml.etree.ElementTree import Element

import numpy as np

from engine.array_types import format_shape
from engine.compute.numerics import numerics_in_words
from engine.data.sources import name_of
from engine.exports.report import charts
from engine.exports.report.markup import Node, data_uri, details, pairs, table, tag
from engine.exports.report.report_pictures import kernels_picture, shown_kernels
from engine.exports.trained_network import TrainedNetwork
from engine.model.settings import Settings
from engine.model.stack import Row
from engine.struct_fields import field_of, fields_of
from engine.text import words
from engine.version import version

_PACKAGES = ("numpy", "scipy")
_TIMES = 6  # px of the page for a weight, where there is room
_WIDE, _HIGH = 720, 480  # px
_OPEN = 30  # epochs whose numbers are shown unfolded
NO_CURVES = (
    "The curves are not known here: a project file keeps no history of its training, and the run "
    "that it comes from is not kept here. Export the report where it was trained to have them."
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
        tag("figure", charts.stack_chart(network.report)),
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
    curves = network.curves
    if curves is None or not (len(curves.batches) or len(curves.epochs)):
        return [tag("p", NO_CURVES), *_last_known(network)]
    drawn: list[Node] = []
    if curves.begin >= 1:
        begin = f"after epoch {math.floor(curves.begin)}"
        drawn.append(tag("p", f"The curves begin {begin}; what was before is not known here."))
    drawn.append(
        _figure(
            charts.loss_chart(curves),
            "Loss: the mean over each epoch while it trained, and over the test samples after it. "
            "The thin line is single batches; a few extreme ones may lie above.",
        )
    )
    if len(curves.epochs):
        drawn.append(_figure(charts.accuracy_chart(curves), "Accuracy, measured likewise."))
        rows = [
            [f"{epoch:g}", f"{loss:.4g}", f"{test:.4g}", words.percent(right), words.percent(found)]
            for epoch, loss, test, right, found in curves.epochs.tolist()
        ]
        heads = ["Epoch", "Loss", "Test loss", "Accuracy", "Test accuracy"]
        numbers = table(heads, rows, numbers=(0, 1, 2, 3, 4))
        drawn.append(details("The numbers of each epoch", [numbers], unfolded=len(rows) <= _OPEN))
    return drawn


def kernels_section(network: TrainedNetwork) -> list[Node]:
    """Draw the kernels of each convolution."""
    drawn: list[Node] = []
    for number, row in enumerate(network.report.rows, 1):
        if row.slot.block.kind == "conv":
            kernels = network.weights[row.slot.id]["weight"]
            drawn.append(tag("h3", f"{number}. {row.slot.label}"))
            drawn.append(_kernels(np.asarray(kernels, np.float64)))
    if not drawn:
        return [tag("p", "The network has no convolution, and so no kernels.")]
    told = "Orange weights are positive, blue ones negative; the stronger, the larger."
    return [tag("p", told), *drawn]


def versions_section(network: TrainedNetwork) -> list[Node]:
    """Tell what the report was made with."""
    found = [("Layerscope", version()), ("Python", platform.python_version())]
    for package in _PACKAGES:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:  # the program was packed in another way
            continue
    found += [
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


def _last_known(network: TrainedNetwork) -> list[Node]:
    state, project = network.project.state, network.project
    untrained = "not at all" if project.known_position == 0 else "not in Layerscope"
    found = [("Trained", words.count(project.position, "epoch") if project.position else untrained)]
    if state is not None and state.best_epoch and np.isfinite(state.best_loss):
        watched = "validation" if state.settings.validation_split else "test"
        found.append(
            (f"Lowest {watched} loss", f"{state.best_loss:.4g}, after epoch {state.best_epoch}")
        )
    return [pairs(found)]


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
