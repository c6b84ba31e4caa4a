"""The notebook as a format of exports."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.array_types import Array, format_shape
from engine.errors import ExportError
from engine.exports.check_file import write_arrays
from engine.exports.export_format import ExportFormat, Files
from engine.exports.notebook import notebook_code
from engine.exports.notebook.notebook_samples import NotebookSamples, choose_samples
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import markdown_text
from engine.exports.weights_files import NPZ
from engine.exports.weights_files import read_back as read_weights_back
from engine.files.atomic import ProgressReport
from engine.proof.verdict import BlockOutputs, Way
from engine.version import version

_SECONDS = 120  # for one cell


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
        nbclient.NotebookClient(book, timeout=_SECONDS, resources=resources).execute()
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
        **notebook_code.training_values(network, samples),
        **_values(network, samples),
        "weights": notebook_code.quoted(weights),
        "data": notebook_code.quoted(data),
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
    report, learns = network.report, notebook_code.first_array(network.report) is not None
    chapters = ["start", "data", "layer", "random", f"initial_{network.settings.initializer}"]
    chapters += notebook_code.layer_chapters(report)
    chapters += ["network", "predict"]
    if any(row.slot.block.kind == "conv" for row in report.rows):
        chapters.append("kernels")
    chapters += notebook_code.loss_chapters(network)
    chapters += notebook_code.optimizer_chapters(network)
    chapters += ["gradient_check"] if learns else []
    chapters += notebook_code.schedule_chapters(network.settings)
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
        "classes": f"[{', '.join(map(notebook_code.quoted, network.class_names))}]",
        "samples": _sample_lines(samples),
        "true": _true_words(samples),
        "seed": network.settings.seed,
        "layers": notebook_code.layers(report),
        "arrays": notebook_code.arrays(report),
        "saved arrays": notebook_code.saved_arrays(report),
        "locks": notebook_code.locks(report),
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
