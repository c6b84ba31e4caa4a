"""The notebook as a format of exports."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine import blocks as kinds
from engine.array_types import Array, Shape, format_shape
from engine.data.dataset import Dataset
from engine.data.images import Bytes
from engine.errors import ExportError
from engine.exports.export_format import ExportFormat, Files, no_form
from engine.exports.trained_network import (
    TrainedNetwork,
    markdown_text,
    write_arrays,
)
from engine.exports.weights_files import NPZ
from engine.exports.weights_files import read_back as read_weights_back
from engine.files.atomic import ProgressReport
from engine.inputs.scaling import Scaling
from engine.model.losses import LOSSES
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.stack import Row, ShapeReport
from engine.model.weights import initial_weights
from engine.proof.verdict import BlockOutputs, Way
from engine.training.samples import split
from engine.version import version

_ROUND = 20e-6  # seconds that Python takes for one round of a loop over maps
# What the notebook calls the arrays of a block, by the axes of its weights, where not as files do.
_CALLED = {
    1: {"weight": "gamma", "bias": "beta"},
    2: {"weight": "weights"},
    4: {"weight": "kernels", "bias": "biases"},
}
_CELL_SECONDS = 120  # for one cell


def seconds_per_sample(network: TrainedNetwork) -> float:
    """Guess how long a training step takes in the notebook, forward and back, for one sample."""
    updates = network.report.parameters / network.settings.batch_size * 4e-9
    return 1e-4 + updates + sum(map(_seconds, network.report.rows))


def _seconds(row: Row) -> float:
    if row.slot.block.kind != "conv" or row.input_shape is None or row.output_shape is None:
        return 1e-5
    pairs = row.input_shape[0] * row.output_shape[0]
    return 3 * pairs * _ROUND + 3e-9 * (row.multiply_adds or 0) * 3


MOST_TESTED = 200


LEAST_TESTED = 2


TEST_SECONDS = 10.0  # that a run of the test images in the notebook may take, roughly


MOST_TRAINED = 2_000


MOST_BYTES = 8_000_000  # of the training images in the file


_CHUNK = 20  # images that are run at the same time


_LEAST_TOLERANCE, _UNKNOWN_TOLERANCE = 1e-5, 1e-3


_MOST_COMPARED = 20_000_000  # parameters of which there is memory for copies in float64


@dataclass(frozen=True)
class NotebookSamples:
    """Bytes of images (n, channels, height, width), and their labels.

    Without data the test images are noise and have no labels. `outputs` (n, classes) are those of
    the network for the test images; who computes in float64 may be off by `tolerance` times their
    range. `train_total` counts the training samples that there are, in the file or not.
    """

    test_images: Bytes
    test_labels: NDArray[np.int64] | None
    outputs: Array
    tolerance: float
    train_images: Bytes | None = None
    train_labels: NDArray[np.int64] | None = None
    train_total: int = 0

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what the file holds of them, by its names there."""
        names = ("test_images", "test_labels", "train_images", "train_labels", "outputs")
        found = ((name, getattr(self, name)) for name in names)
        return {name: array for name, array in found if array is not None}


def choose_samples(network: TrainedNetwork) -> NotebookSamples:
    """Choose samples from the data, evenly, and run the test images through the network."""
    fitting = int(TEST_SECONDS / (seconds_per_sample(network) / 3))
    most = max(LEAST_TESTED, min(MOST_TESTED, fitting))
    if not network.test:
        shape = (min(8, most), *(network.report.rows[0].input_shape or ()))
        noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        return NotebookSamples(noise, None, *_outputs(network, noise))
    images, labels = _evenly(network.test, most)
    outputs, tolerance = _outputs(network, images)
    if not network.training:
        return NotebookSamples(images, labels, outputs, tolerance)
    training, _ = split(network.training, network.settings)
    image_bytes = max(1, int(np.prod(training.input_shape)))
    most = min(MOST_TRAINED, max(1, MOST_BYTES // image_bytes))
    return NotebookSamples(
        images, labels, outputs, tolerance, *_evenly(training, most), len(training)
    )


def _evenly(data: Dataset, most: int) -> tuple[Bytes, NDArray[np.int64]]:
    count = min(most, len(data))
    places = np.arange(count) * len(data) // count
    return np.asarray(data.images[places]), data.labels[places]


def _outputs(network: TrainedNetwork, images: Bytes) -> tuple[Array, float]:
    """Return the outputs in float32, and how far float64 may be off from them."""
    found = _run(network.network(), network.scaling, images)
    if network.report.parameters > _MOST_COMPARED:
        return found, _UNKNOWN_TOLERANCE
    kept = network.weights
    exact = initial_weights(network.report, 0, "lecun", kept=kept, dtype=np.float64)
    difference = np.abs(found - _run(Network(network.report, exact), network.scaling, images))
    off = float(difference.max()) / max(1.0, float(np.abs(found).max()))
    return found, max(_LEAST_TOLERANCE, 4 * off)


def _run(network: Network, scaling: Scaling, images: Bytes) -> Array:
    parts = (images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK))
    outputs = [network.activations(scaling.inputs(part, network.dtype))[-1] for part in parts]
    return np.concatenate([part.reshape(len(part), -1) for part in outputs])


def layer_chapters(report: ShapeReport) -> list[str]:
    """Name the chapters on the kinds of blocks that a stack has, each once, in its order."""
    names: list[str] = []
    plain = not any(
        _options(row.slot.block) for row in report.rows if isinstance(row.slot.block, kinds.Conv)
    )
    for row in report.rows:
        kind = row.slot.known.kind
        if not (_FOLDER / f"{kind}.md").exists():
            raise no_form(row.slot, "notebook")
        if kind in kinds.POINTWISE:
            names.append("activation")
        names.append("conv_options" if kind == "conv" and not plain else kind)
        if kind == "add" and row.array_shapes:
            names.append("add_conv")
    return list(dict.fromkeys(names))


def layers(report: ShapeReport) -> str:
    """Write the list of layers, one to a line."""
    lines = [f"        {_layer(row)}," for row in report.rows]
    width = max(map(len, lines))
    return "\n".join(f"{line:<{width}}  # {number}" for number, line in enumerate(lines, 1))


def arrays(report: ShapeReport) -> str:
    """Write the lines that load the arrays, by the names that files of weights use."""
    lines = [
        f'    network[{index}].{attribute}[{part}] = weights["{name}"]'
        for index, name, attribute, part in _attributes(report)
    ]
    return "\n".join(lines or ["    pass  # nothing in it learns"])


def saved_arrays(report: ShapeReport) -> str:
    """Write the lines that give the arrays those names again, to be saved."""
    lines = [
        f'        "{name}": network[{index}].{attribute}{"" if part == "..." else f"[{part}]"},'
        for index, name, attribute, part in _attributes(report)
    ]
    return "\n".join(lines)


def _attributes(report: ShapeReport) -> Iterator[tuple[int, str, str, str]]:
    """Go through the arrays: the number of the layer, the name in the file, attribute and part."""
    for index, row in enumerate(report.rows):
        shapes = row.array_shapes or {}
        for name in shapes:
            called = _CALLED.get(len(shapes.get("weight", ())), {}).get(name, name)
            part = ":, 0" if called == "bias" else "..."
            yield index, f"{index}.{row.slot.known.kind}.{name}", called, part


def locks(report: ShapeReport) -> str:
    """Write the lines that lock blocks and kernels."""
    lines = []
    for index, row in enumerate(report.rows):
        if row.slot.locked:
            lines.append(f"    network[{index}].locked = True\n")
        elif row.slot.locked_kernels:
            kernels = list(row.slot.locked_kernels)
            lines.append(f"    network[{index}].locked_kernels = {kernels}\n")
    return "".join(lines)


def first_array(report: ShapeReport) -> tuple[int, str] | None:
    """Return the first layer that learns, and what its first array is called; None: none does."""
    index, _, attribute, _ = next(_attributes(report), (0, "", "", ""))
    return (index, attribute) if attribute else None


def quoted(text: str) -> str:
    """Write a text as a literal of Python, in double quotes where it is that simple."""
    return f'"{text}"' if text.isprintable() and not set('"\\') & set(text) else repr(text)


def column(shape: Shape) -> Shape:
    """Return the shape that the notebook gives a vector, which is a column there."""
    return (*shape, 1) if len(shape) == 1 else shape


def _options(block: kinds.Conv) -> list[str]:
    """Return the options of a Conv that are not those of the plain class, as keyword arguments."""
    plain = kinds.Conv()
    return [
        f"{name}={quoted(value) if isinstance(value, str) else value}"
        for name in ("padding", "stride", "bias")
        if (value := getattr(block, name)) != getattr(plain, name)
    ]


def _layer(row: Row) -> str:
    before, after = row.input_shape or (), row.output_shape or ()
    rng = f"stream(WEIGHTS, {row.slot.id})"
    match row.slot.known:
        case kinds.Conv() as block:
            return _call(
                "Convolutional", [before, block.kernel_size, block.depth, rng, *_options(block)]
            )
        case kinds.DepthwiseConv() as block:
            course = [block.kernel_size, rng, quoted(block.padding), block.stride]
            return _call(block.name, [before, *course])
        case kinds.MaxPool() | kinds.AvgPool() as block:
            return _call(block.name, [block.size, block.step])
        case kinds.Reshape():
            return _call("Reshape", [column(before), column(after)])
        case kinds.Add(through="identity") as block:
            return _call("Add", [block.source_number - 1])
        case kinds.Add() as block:
            sizes = [block.source_shape[0], before[0], block.stride]
            return _call("AddConvolved", [block.source_number - 1, *sizes, rng])
        case block:
            options = msgspec.structs.astuple(block)
            return _call(block.name, [before[0], *options, rng] if row.array_shapes else options)


def _call(name: str, arguments: Sequence[object]) -> str:
    return f"{name}({', '.join(map(str, arguments))})"


LOSS_NAMES = {"bce": "binary_cross_entropy", "cross_entropy": "cross_entropy", "mse": "mse"}


_OPTIMIZER_NAMES = {"sgd": "gradient descent", "adam": "Adam", "adamw": "AdamW"}


_SECONDS = 3.0  # that the training in the notebook may take, roughly


_MOST_EPOCHS = 5


_RATE = "            rate = learning_rate * schedule(e + start / batch_size / steps)\n"


def is_fused(network: TrainedNetwork) -> bool:
    """Return whether the last layer is differentiated together with the loss."""
    last = network.report.rows[-1].slot.block.kind
    return LOSSES[network.settings.loss].fuses_with == last


def loss_chapters(network: TrainedNetwork) -> list[str]:
    """Name the chapters on the loss and its derivative."""
    loss = network.settings.loss
    if loss == "mse":
        return [loss]
    return [loss, f"{loss}_fused" if is_fused(network) else f"{loss}_prime"]


def optimizer_chapters(network: TrainedNetwork) -> list[str]:
    """Name the chapters on how gradients change the weights."""
    settings = network.settings
    if settings.optimizer != "sgd":
        names = ["adam"]
    else:
        names = ["momentum" if settings.momentum else "sgd"]
    if "locked_kernels" in locks(network.report):
        names.append("locked_kernels")
    return names


def schedule_chapters(settings: Settings) -> list[str]:
    """Name the chapter on how the learning rate falls, if it does."""
    return [] if settings.schedule == "constant" else [f"schedule_{settings.schedule}"]


def training_values(network: TrainedNetwork, samples: NotebookSamples) -> dict[str, object]:
    """Return what stands in the places of the chapters on losses, optimizers and training."""
    settings, loss = network.settings, LOSS_NAMES[network.settings.loss]
    index, name = first_array(network.report) or (0, "")
    by_training = any(row.slot.known.depends_on_batch for row in network.report.rows)
    scheduled = settings.schedule != "constant"
    switch = "    for layer in network:\n        layer.training = {}\n"
    return {
        **_optimizer_values(settings),
        "loss": loss,
        "prime": f"{loss}_prime",
        "differentiated": "network[:-1]" if is_fused(network) else "network",
        "checked": index,
        "checked name": name,
        "targets": "preprocess_labels(np.arange(4) % 2)"
        if samples.test_labels is None
        else "y_test[:4]",
        "before": switch.format(True) if by_training else "",
        "after": switch.format(False) if by_training else "",
        "steps": "        steps = np.ceil(len(order) / batch_size)\n" if scheduled else "",
        "rate": "rate" if scheduled else "learning_rate",
        "rate line": _RATE if scheduled else "",
        "step_epochs": settings.step_epochs,
        "step_factor": settings.step_factor,
        "batch_size": settings.batch_size,
        "learning_rate": settings.learning_rate,
        "settings": f"The network was trained by {_OPTIMIZER_NAMES[settings.optimizer]} in batches "
        f"of {settings.batch_size}, at a learning rate of {settings.learning_rate:g}.",
        **_demo_values(network, samples),
    }


def _optimizer_values(settings: Settings) -> dict[str, object]:
    decay, gradient = settings.weight_decay, r"\frac{\partial E}{\partial W}"
    words = line = constant = ""
    if decay:
        constant = f"weight_decay = {decay}\n"
        words = r"Weight decay adds a pull towards 0 to each gradient, $\lambda W$. "
        line = "    gradient = gradient + weight_decay * parameter\n"
    if decay and settings.optimizer == "adamw":
        words = r"Weight decay pulls by itself before that, $W \leftarrow W - \eta \lambda W$."
        line = "    parameter *= 1 - learning_rate * weight_decay\n"
    looks_ahead = settings.nesterov and settings.momentum > 0
    return {
        "name": _OPTIMIZER_NAMES[settings.optimizer],
        "momentum": settings.momentum,
        "decay constant": constant,
        "decay words": words,
        "decay": line,
        "decay equation": rf"{gradient} + \lambda W" if decay else gradient,
        "in brackets": rf"\left({gradient} + \lambda W\right)" if decay else gradient,
        "step": "(gradient + momentum * layer.memory[name])"
        if looks_ahead
        else "layer.memory[name]",
        "step equation": r"(G + \mu V)" if looks_ahead else "V",
    }


def _demo_values(network: TrainedNetwork, samples: NotebookSamples) -> dict[str, object]:
    """Say how many epochs of how many samples are trained in the notebook, in a few seconds."""
    held = 0 if samples.train_images is None else len(samples.train_images)
    seconds = seconds_per_sample(network)
    count = max(min(held, 8), min(held, int(_SECONDS / seconds)))
    fitting = int(_SECONDS / (seconds * max(1, count)))
    epochs = max(1, min(network.settings.epochs, _MOST_EPOCHS, fitting))
    tested = (
        "output = run(fresh, x_test)[-1]\n"
        "right = output.argmax(axis=1).ravel() == test_labels\n"
        'print(f"{right.mean():.1%} of {len(right)} test images are right")'
    )
    return {
        "epochs": network.settings.epochs,
        "shown epochs": epochs,
        "chosen": "x_train, y_train" if count == held else f"x_train[:{count}], y_train[:{count}]",
        "tested": tested,
        "run words": _run_words(network, count, samples.train_total, epochs),
    }


def _run_words(network: TrainedNetwork, count: int, total: int, epochs: int) -> str:
    settings, words = network.settings, []
    words.append("A new network, from its first random weights on; the trained one stays as it is.")
    if count < total:
        words.append(
            f"So that it takes seconds, these are {count:,} of the {total:,} training samples; the "
            "program sees them all."
        )
    else:
        words.append(
            f"These are all {total:,} training samples, in the order in which the program sees "
            "them: where nothing else differs, the errors are those of its own run."
        )
    if epochs < settings.epochs:
        words.append(f"The run of the program has {settings.epochs:,} epochs.")
    if any((settings.shift, settings.rotate, settings.zoom, settings.noise, settings.flip)):
        words.append(
            "The program changes its images at random in each epoch, which is left out here."
        )
    return " ".join(words)


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network from the weights that belong to a notebook, and run it."""
    name = str(_read(path)["metadata"]["layerscope"]["weights"])
    if Path(name).name != name:
        raise ExportError(f"its weights are in {name!a}, which is not beside it.")
    return read_weights_back(path.with_name(name), images)


def run_cells(path: Path, images: Array) -> BlockOutputs:
    """Run the code of a notebook without what only shows something, then its network."""
    os.chdir(path.parent)
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in _read(path)["cells"]:
        if cell["cell_type"] == "code" and "demo" not in cell["metadata"].get("tags", ()):
            exec(compile("".join(cell["source"]), f"{path.name}, {cell['id']}", "exec"), names)
    inputs = names["preprocess_images"](images.astype(np.float64) * 255)
    outputs: BlockOutputs = names["run"](names["network"], inputs)
    return outputs


def run_in_kernel(path: Path, images: Array) -> BlockOutputs:
    """Run a whole notebook from top to bottom in a kernel, then its network."""
    import tempfile

    import nbclient
    import nbformat

    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(book)
    with tempfile.TemporaryDirectory() as made:
        given, found = Path(made, "images.npy"), Path(made, "outputs.npz")
        np.save(given, images.astype(np.float64) * 255)
        last = (
            f"__found = run(network, preprocess_images(np.load({str(given)!r})))\n"
            f"np.savez({str(found)!r}, *__found)"
        )
        cell = nbformat.v4.new_code_cell(last)  # type: ignore[no-untyped-call]
        book.cells.append(cell)
        os.environ |= {"JUPYTER_RUNTIME_DIR": made, "IPYTHONDIR": made}  # it leaves nothing behind
        resources = {"metadata": {"path": str(path.parent)}}
        nbclient.NotebookClient(book, timeout=_CELL_SECONDS, resources=resources).execute()
        with np.load(found) as outputs:
            return [outputs[name] for name in outputs.files]


def _read(path: Path) -> dict[str, Any]:
    book: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return book


_FOLDER = Path(__file__).parents[3] / "resources" / "notebook"


_CODE = re.compile(r"^```python( demo)?\n(.*?)^```\n?", re.DOTALL | re.MULTILINE)


_PLACE = re.compile(r"\{\{([a-z_ ]+)\}\}")


Values = Mapping[str, object]


Cell = dict[str, Any]


def read_chapter(name: str, values: Values) -> list[Cell]:
    """Return the cells of a chapter, with values in the places that it leaves for them.

    The text is cut into cells before, so that no value can begin one. Code that only shows
    something, and that the rest does without, has the tag `demo`.
    """
    text = (_FOLDER / f"{name}.md").read_text("utf-8")
    cells: list[Cell] = []
    end = 0
    for found in _CODE.finditer(text):
        cells.append(_cell("markdown", text[end : found.start()], values))
        tags = {"tags": ["demo"]} if found[1] else {}
        cells.append(_cell("code", found[2], values, tags))
        end = found.end()
    cells.append(_cell("markdown", text[end:], values))
    cells = [cell for cell in cells if cell["source"]]
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"{name.replace('_', '-')}-{number}"
    return cells


def write_notebook(cells: Iterable[Cell], notes: Mapping[str, object]) -> bytes:
    """Encode cells in the notebook format 4.5, without outputs; `notes` join its metadata."""
    book = {
        "cells": list(cells),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "layerscope": notes,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(book, indent=1) + "\n").encode()


def _cell(
    kind: str, text: str, values: Values, metadata: Mapping[str, object] | None = None
) -> Cell:
    filled = _PLACE.sub(lambda place: str(values[place[1]]), text).strip("\n")
    if kind == "markdown":  # where a place was left empty
        filled = re.sub(r"\n{3,}", "\n\n", re.sub(r" +$", "", filled, flags=re.MULTILINE))
    lines = filled.splitlines(keepends=True)
    cell: Cell = {"cell_type": kind, "id": "", "metadata": metadata or {}, "source": lines}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    weights, data = f"{network.name}-weights.npz", f"{network.name}-samples.npz"
    samples = choose_samples(network)
    report(0.4)
    encoded = NPZ.files(network, lambda fraction: report(0.4 + 0.4 * fraction))[""]
    values = {
        **training_values(network, samples),
        **_values(network, samples),
        "weights": quoted(weights),
        "data": quoted(data),
    }
    cells: list[Cell] = []
    for chapter in _chapters(network, samples):
        cells += read_chapter(chapter, values)
    return {
        "": write_notebook(cells, {"version": version(), "weights": weights}),
        weights: encoded,
        data: write_arrays(samples.arrays()),
    }


def _chapters(network: TrainedNetwork, samples: NotebookSamples) -> list[str]:
    report, learns = network.report, first_array(network.report) is not None
    chapters = ["start", "data", "layer", "random", f"initial_{network.settings.initializer}"]
    chapters += layer_chapters(report)
    skips = any(isinstance(row.slot.block, kinds.Add) for row in report.rows)
    chapters += ["network", "run_skips" if skips else "run", "predict"]
    if any(row.slot.block.kind == "conv" for row in report.rows):
        chapters.append("kernels")
    chapters += loss_chapters(network)
    chapters += optimizer_chapters(network)
    chapters += ["gradient_check"] if learns else []
    chapters += schedule_chapters(network.settings)
    chapters.append("train")
    chapters.append("train_nothing" if samples.train_images is None else "train_now")
    chapters += ["back"] if learns else []
    return [*chapters, "end"]


def _values(network: TrainedNetwork, samples: NotebookSamples) -> dict[str, object]:
    report = network.report
    channels = (report.rows[0].input_shape or (1,))[0]
    return {
        "version": version(),
        "table": _table(network),
        "channels": "one channel, grey" if channels == 1 else "three channels: red, green and blue",
        "scaling": "Then each channel is brought to mean 0 and deviation 1, by the numbers of the "
        "images that the network has learned from."
        if network.scaling.is_standard
        else "",
        "standardise": _standardise(network),
        "classes": f"[{', '.join(map(quoted, network.class_names))}]",
        "samples": _sample_lines(samples),
        "true": _true_words(samples),
        "seed": network.settings.seed,
        "layers": layers(report),
        "arrays": arrays(report),
        "saved arrays": saved_arrays(report),
        "locks": locks(report),
        "tolerance": f"{samples.tolerance:.3g}",
    }


def _table(network: TrainedNetwork) -> str:
    lines = ["| | block | output | weights |", "|---|---|---|---|"]
    for number, row in enumerate(network.report.rows, 1):
        shape = format_shape(row.output_shape or ())
        lines.append(
            f"| {number} | {markdown_text(row.slot.label)} | {shape} | {row.parameters:,} |"
        )
    return "\n".join(lines)


def _standardise(network: TrainedNetwork) -> str:
    if not network.scaling.is_standard:
        return ""
    mean, deviation = list(network.scaling.mean), list(network.scaling.deviation)
    return (
        f"    mean, deviation = np.array({mean}), np.array({deviation})\n"
        "    x = (x - mean[:, None, None]) / deviation[:, None, None]\n"
    )


def _sample_lines(samples: NotebookSamples) -> str:
    lines = ['test_images = samples["test_images"]', "x_test = preprocess_images(test_images)"]
    if samples.test_labels is None:
        lines[0] += "  # noise: the data was not there when this was written"
    else:
        lines.append('test_labels = samples["test_labels"]')
        lines.append("y_test = preprocess_labels(test_labels)")
    if samples.train_images is not None:
        lines.append('x_train = preprocess_images(samples["train_images"])')
        lines.append('y_train = preprocess_labels(samples["train_labels"])')
    return "\n".join(lines)


def _true_words(samples: NotebookSamples) -> str:
    if samples.test_labels is None:
        return 'print("pred:", [classes[each] for each in predicted])'
    return (
        "for pred, true in list(zip(predicted, test_labels))[:10]:\n"
        '    print(f"pred: {classes[pred]}, true: {classes[true]}")\n'
        'print(f"{(predicted == test_labels).mean():.1%} of {len(predicted)} are right")'
    )


NOTEBOOK = ExportFormat(
    name="notebook",
    title="Jupyter notebook",
    audience="For those who want to see, teach or change how it works: every layer, forward and "
    "backward, in plain numpy.",
    contents="One notebook with equations and code, and beside it a file of the weights and one of "
    "some samples.",
    ending=".ipynb",
    files=_files,
    ways=(
        Way("read back", read_back),
        Way("numpy", run_cells, ("numpy", "scipy")),
        Way("kernel", run_in_kernel, ("nbclient", "nbformat", "ipykernel")),
    ),
)
