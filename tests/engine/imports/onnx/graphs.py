"""Small ONNX graphs made by the package onnx, and the import compared with onnxruntime."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.files.onnx_file import open_graph
from engine.imports.onnx.imported_network import ImportedNetwork, network_of
from engine.imports.onnx.proof import ways_for
from engine.imports.onnx.table import NodeRow
from engine.inputs.scaling import UNIT
from engine.proof.prove import images_to_prove, prove
from engine.proof.verdict import Verdict

Arrays = Mapping[str, Any]


def random(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.4, shape).astype(np.float32)


def write_graph(
    path: Path,
    nodes: Sequence[Any],
    input_shape: Sequence[int | str],
    arrays: Arrays | None = None,
    opset: int = 17,
    dtype: int = TensorProto.FLOAT,
) -> Path:
    """Write a file whose input is x, and whose output is that of the last node."""
    named = (arrays or {}).items()
    graph = helper.make_graph(
        list(nodes),
        "net",
        [helper.make_tensor_value_info("x", dtype, list(input_shape))],
        [helper.make_tensor_value_info(nodes[-1].output[0], dtype, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in named],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def node(op: str, inputs: str, output: str, **attributes: Any) -> Any:
    """Make a node of names with spaces between."""
    return helper.make_node(op, inputs.split(), [output], **attributes)


def read_here(path: Path) -> ImportedNetwork:
    """Import a file in this process."""
    return network_of(open_graph(path), str(path))


def proved(path: Path) -> ImportedNetwork:
    """Import a file, and compare all of its blocks with it in both ways."""
    imported = read_here(path)
    for verdict in compared(path, imported):
        assert verdict.holds, verdict.text
        assert verdict.samples == 9
    return imported


def compared(path: Path, imported: ImportedNetwork) -> tuple[Verdict, ...]:
    """Compare all blocks with the file in both ways, in this process."""
    network = imported.project.front()
    assert len(network.layers) == len(imported.project.stack)
    scaling, images = imported.project.scaling or UNIT, images_to_prove(network, None)
    few = images._replace(bytes=images.bytes[:9])
    ways = [replace(way, packages=()) for way in ways_for(imported)]
    return prove(ways, path, network, scaling, few)


def kinds(imported: ImportedNetwork) -> list[str]:
    return [slot.known.kind for slot in imported.project.stack]


def told(nodes: Sequence[Any]) -> str:
    """Write nodes in a line, with their inputs and attributes but for whole arrays."""
    written = []
    for each in nodes:
        numbers = [a for a in each.attribute if a.type != a.TENSOR]
        with_them = [f"{a.name}={helper.get_attribute_value(a)}" for a in numbers]
        written.append(f"{each.op_type}({', '.join([*each.input, *with_them])})")
    return " → ".join(written)


def table(rows: Sequence[NodeRow]) -> str:
    """Write what became of each node."""
    return "".join(
        f"    {row.number or '–'} {row.op}: {row.outcome}, {row.block or '–'}: {row.text}\n"
        for row in rows
    )
