"""The ways in which a notebook is read and run again."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.errors import ExportError
from engine.exports.weights_files import read_back as read_weights_back
from engine.proof.way import BlockOutputs

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
