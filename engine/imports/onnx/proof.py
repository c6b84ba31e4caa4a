"""Compare an imported network with its file: the nodes in plain numpy, and in onnxruntime."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.errors import NetworkFileError
from engine.files.atomic import ProgressReport, no_report
from engine.files.onnx_file import encode_outputs, open_graph
from engine.imports.onnx.imported_network import ImportedNetwork, network_of
from engine.inputs.scaling import UNIT
from engine.proof import plain_numpy
from engine.proof.onnx_nodes import run_graph, run_model
from engine.proof.prove import images_to_prove, prove
from engine.proof.verdict import BlockOutputs, Verdict, Way

Run = Callable[[Array, Sequence[str]], Sequence[Array]]


def run_in_onnxruntime(path: Path, images: Array) -> BlockOutputs:
    """Return what the nodes of the file give where each block ends, in onnxruntime."""
    imported = network_of(open_graph(path), str(path))
    source, outputs = imported.graph.inputs[0].name, imported.graph.outputs
    given = {source, *(each.name for each in outputs)}
    model = path.read_bytes() + encode_outputs(set(imported.values) - given - {""})

    def run(inputs: Array, names: Sequence[str]) -> Sequence[Array]:
        return run_model(model, {source: inputs}, names, folder=path.parent)

    return _block_outputs(imported, run, images)


def ways_for(imported: ImportedNetwork) -> tuple[Way, ...]:
    """Return the ways that compute with as many digits as the project does."""
    graph = imported.graph

    def run(inputs: Array, names: Sequence[str]) -> Sequence[Array]:
        found = run_graph(graph, {graph.inputs[0].name: inputs})
        return [found[name] for name in names]

    plain = Way("numpy", lambda _path, images: _block_outputs(imported, run, images))
    other = Way("onnxruntime", run_in_onnxruntime, ("onnxruntime",))
    return (plain,) if imported.is_half else (plain, other)


def prove_import(
    path: Path, imported: ImportedNetwork, report: ProgressReport = no_report
) -> tuple[Verdict, ...]:
    """Return what comes of comparing an imported network with its file, in each of the ways.

    `report` is called with the fraction done; what it raises ends the work.
    Raises NetworkFileError if the network is not that of the file.
    """
    network = imported.project.front()
    scaling = imported.project.scaling or UNIT
    images = images_to_prove(network, None)
    ways = ways_for(imported)
    verdicts = prove(ways, path, network, scaling, images, report)
    for way, verdict in zip(ways, verdicts, strict=True):
        # That another program comes to nothing may be its own fault.
        wrong = verdict.ran and not verdict.holds if way.packages else not verdict.holds
        if wrong:
            raise NetworkFileError(
                f"{path} was not imported, because what became of it does not give the same: "
                f"{verdict.text} Please report this."
            )
    return verdicts


def why_unproved(verdicts: Sequence[Verdict]) -> str:
    """Say that no other program could run a file; empty if one did, or none was there to do it."""
    failed = [verdict.way for verdict in verdicts if verdict.way != "numpy" and verdict.failure]
    if not failed:
        return ""
    return (
        f"Not checked by another program: {failed[0]} could not run the file, so the network was "
        "compared with Layerscope's own reading of it alone, which is no proof. Check its "
        "predictions before you rely on them."
    )


def _block_outputs(imported: ImportedNetwork, run: Run, images: Array) -> BlockOutputs:
    """Run the file on images (n, channels, height, width), as many at once as it takes."""
    inputs = (images * imported.input_factor).reshape(len(images), *imported.input_shape)
    last = imported.graph.outputs[0].name
    names = [*dict.fromkeys([*filter(None, imported.values), last])]
    size = imported.batch or len(inputs)
    pieces: list[Sequence[Array]] = []
    for start in range(0, len(inputs), size):
        piece = inputs[start : start + size]
        missing = size - len(piece)
        filled = np.concatenate([piece, np.repeat(piece[:1], missing, axis=0)])
        pieces.append([array[: len(piece)] for array in run(filled, names)])
    found = dict(zip(names, map(np.concatenate, zip(*pieces, strict=True)), strict=True))
    outputs = [found[value] if value else None for value in imported.values]
    return [*outputs[:-1], _ended(imported, found[last])]


def _ended(imported: ImportedNetwork, outputs: Array) -> Array:
    """Bring the outputs of the file to what those of the project are."""
    if imported.ends_in == "LogSoftmax":
        return np.exp(outputs.astype(np.float64))
    if imported.ends_in == "Softmax":
        return plain_numpy.softmax(outputs.reshape(len(outputs), -1).astype(np.float64))
    return outputs
