"""ONNX: one file with the network as a graph, which onnxruntime runs and Netron draws.

The graph takes images of values from 0 to 1 and standardises them itself, if the network wants
that. A value with a `/` in its name is inside a block; each block ends in a value without one.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.blocks import POINTWISE
from engine.blocks.batch_norm import BatchNormLayer
from engine.blocks.group_norm import GroupNormLayer
from engine.exports.export_format import ExportFormat, Files, no_form
from engine.exports.trained_network import TrainedNetwork, notes_of
from engine.files.atomic import ProgressReport
from engine.files.naming import module_names
from engine.files.onnx_file import (
    PROGRAM,
    Attribute,
    Graph,
    Node,
    Tensor,
    ValueInfo,
    encode_graph,
    encode_outputs,
    open_graph,
)
from engine.imports.onnx.imported_network import network_of
from engine.inputs.scaling import UNIT
from engine.model.stack import Row
from engine.proof.onnx_nodes import COMPOSED, operator_of, run_graph, run_model
from engine.proof.verdict import BlockOutputs, Way
from engine.version import version

OPSET = 17
_INPUT = "image"
_SAMPLES = "N"  # how many images there are is open


def graph_of(trained: TrainedNetwork) -> Graph:
    """Return the network as a graph."""
    made = _GraphMaker(trained.report.rows[0].input_shape or ())
    channels = len(trained.scaling.mean)
    if trained.scaling.is_standard:
        for op, word, numbers in (
            ("Sub", "mean", trained.scaling.mean),
            ("Div", "deviation", trained.scaling.deviation),
        ):
            constant = made.constant(
                f"{_INPUT}.{word}", np.array(numbers, np.float32).reshape(channels, 1, 1)
            )
            made.add(op, f"{_INPUT}/{op.lower()}_{word}", made.shape, made.value, constant)
    names = module_names(row.slot for row in trained.report.rows)
    for row, name in zip(trained.report.rows, names, strict=True):
        made.add_block(row, name, trained.weights[row.slot.id])
    return made.graph(trained)


@dataclass(frozen=True)
class _PlacedBlock:
    """A block with its arrays and the shapes before and after it."""

    name: str
    doc: str
    block: Any  # of the kind of the function that adds its nodes
    arrays: Mapping[str, Array]
    inputs: Shape
    outputs: Shape


class _GraphMaker:
    """Puts the nodes of a graph one behind the other."""

    def __init__(self, input_shape: Shape) -> None:
        self.shape = input_shape
        self.value = _INPUT
        self.ends: list[str] = []  # the value in which each block ends
        self._nodes: list[Node] = []
        self._values: list[ValueInfo] = [self._info(_INPUT, input_shape)]
        self._tensors: dict[str, Tensor] = {}

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add an array, and return its name."""
        self._tensors[name] = Tensor(name, values)
        return name

    def array(self, placed: _PlacedBlock, parameter: str) -> str:
        """Add an array of a block, and return its name."""
        return self.constant(f"{placed.name}.{parameter}", placed.arrays[parameter])

    def add(
        self, op: str, name: str, shape: Shape, *inputs: str, doc: str = "", **attributes: Attribute
    ) -> None:
        """Add a node that takes some values; its own has the node's name."""
        self._nodes.append(Node(op, inputs, (name,), name, attributes, doc))
        self._values.append(self._info(name, shape, doc))
        self.value, self.shape = name, shape

    def end(self, op: str, placed: _PlacedBlock, *constants: str, **attributes: Attribute) -> None:
        """Add the last node of a block, which takes the last value, and constants."""
        name, shape, doc = placed.name, placed.outputs, placed.doc
        self.add(op, name, shape, self.value, *constants, doc=doc, **attributes)

    def add_block(self, row: Row, name: str, arrays: Mapping[str, Array]) -> None:
        """Add the nodes of a block."""
        assert row.output_shape is not None
        block = row.slot.known
        doc = f"{row.slot.label}: {block.equation_with(self.shape)}"
        placed = _PlacedBlock(name, doc, block, arrays, self.shape, row.output_shape)
        if block.kind not in NODES:
            raise no_form(row.slot, "onnx")
        NODES[block.kind](self, placed)
        self.ends.append(self.value)

    def graph(self, trained: TrainedNetwork) -> Graph:
        """Return the graph of all that was added."""
        first, *inner, last = self._values
        return Graph(
            "network",
            tuple(self._nodes),
            (first,),
            (last,),
            self._tensors,
            tuple(inner),
            notes_of(trained),
            "Takes images of values from 0 to 1 (bytes divided by 255).",
            OPSET,
            PROGRAM,
            version(),
        )

    @staticmethod
    def _info(name: str, shape: Shape, doc: str = "") -> ValueInfo:
        return ValueInfo(name, (_SAMPLES, *shape), doc=doc)


Adder = Callable[[_GraphMaker, _PlacedBlock], None]


def _add_conv(made: _GraphMaker, placed: _PlacedBlock) -> None:
    block = placed.block
    size, stride, geometry = block.kernel_size, block.stride, block.geometry(placed.inputs)
    rows, columns = geometry.rows.padding, geometry.columns.padding
    weight, bias = made.array(placed, "weight"), made.array(placed, "bias")
    options: dict[str, Any] = {
        "kernel_shape": (size, size),
        "pads": (rows[0], columns[0], rows[1], columns[1]),
        "strides": (stride, stride),
    }
    if not block.mixes:
        options["group"] = placed.inputs[0]
    if placed.arrays["bias"].ndim == 1:
        made.end("Conv", placed, weight, bias, **options)
    else:  # a Conv of ONNX has no bias for each position
        made.add("Conv", f"{placed.name}/sums", placed.outputs, made.value, weight, **options)
        made.end("Add", placed, bias)


def _add_dense(made: _GraphMaker, placed: _PlacedBlock) -> None:
    weight = made.array(placed, "weight")
    if len(placed.inputs) == 1:
        bias = made.array(placed, "bias")
        made.end("Gemm", placed, weight, bias, transB=1)
    else:  # a column stays one: W x + b as it is written
        bias = made.constant(f"{placed.name}.bias", placed.arrays["bias"].reshape(-1, 1))
        made.add("MatMul", f"{placed.name}/sums", placed.outputs, weight, made.value)
        made.end("Add", placed, bias)


def _add_pool(made: _GraphMaker, placed: _PlacedBlock) -> None:
    op = "MaxPool" if placed.block.kind == "max_pool" else "AveragePool"
    size, step = placed.block.size, placed.block.step
    made.end(op, placed, kernel_shape=(size, size), strides=(step, step))


def _add_global_avg_pool(made: _GraphMaker, placed: _PlacedBlock) -> None:
    made.add("GlobalAveragePool", f"{placed.name}/means", (*placed.outputs, 1, 1), made.value)
    made.end("Flatten", placed)


def _add_reshape(made: _GraphMaker, placed: _PlacedBlock) -> None:
    sizes = np.array([0, *placed.block.target_shape], np.int64)  # 0 keeps the number of images
    target = made.constant(f"{placed.name}.shape", sizes)
    made.end("Reshape", placed, target)


def _add_dropout(made: _GraphMaker, placed: _PlacedBlock) -> None:
    rate = made.constant(f"{placed.name}.ratio", np.array(placed.block.rate, np.float32))
    made.end("Dropout", placed, rate)


def _add_batch_norm(made: _GraphMaker, placed: _PlacedBlock) -> None:
    names = ("weight", "bias", "running_mean", "running_variance")
    arrays = (made.array(placed, name) for name in names)
    made.end("BatchNormalization", placed, *arrays, epsilon=BatchNormLayer.EPSILON)


def _add_group_norm(made: _GraphMaker, placed: _PlacedBlock) -> None:
    name, shape, groups = placed.name, placed.outputs, placed.block.groups
    for word, numbers in (("grouped", (groups, -1)), ("shape", shape)):
        made.constant(f"{name}.{word}", np.array([0, *numbers], np.int64))
    for word in ("ones", "zeros"):
        made.constant(f"{name}.{word}", np.full(groups, word == "ones", np.float32))
    grouped, constants = (groups, math.prod(shape) // groups), (f"{name}.ones", f"{name}.zeros")
    made.add("Reshape", f"{name}/groups", grouped, made.value, f"{name}.grouped")
    epsilon = GroupNormLayer.EPSILON
    made.add(
        *("InstanceNormalization", f"{name}/each", grouped, made.value, *constants), epsilon=epsilon
    )
    made.add("Reshape", f"{name}/normal", shape, made.value, f"{name}.shape")
    scale, shift = (
        made.constant(f"{name}.{each}", placed.arrays[each].reshape(-1, *(1,) * (len(shape) - 1)))
        for each in ("weight", "bias")
    )
    made.add("Mul", f"{name}/scaled", shape, made.value, scale)
    made.end("Add", placed, shift)


def _add_add(made: _GraphMaker, placed: _PlacedBlock) -> None:
    block, value = placed.block, made.value
    added = made.ends[block.source_number - 1]
    if block.through == "conv":
        arrays = (made.array(placed, name) for name in ("weight", "bias"))
        options: dict[str, Any] = {"kernel_shape": (1, 1), "strides": (block.stride, block.stride)}
        made.add("Conv", f"{placed.name}/conv", placed.outputs, added, *arrays, **options)
        added = made.value
    made.add("Add", placed.name, placed.outputs, value, added, doc=placed.doc)


def _add_plain(made: _GraphMaker, placed: _PlacedBlock) -> None:
    """Add a kind that applies one function to every value."""
    steps = COMPOSED.get(placed.block.kind) or ((operator_of(placed.block.kind), "x"),)
    values = {"x": made.value}
    for number, (op, *operands) in enumerate(steps, 1):
        values[""] = made.value
        inputs = [
            made.constant(f"{placed.name}.{op.lower()}", np.array(each, np.float32))
            if isinstance(each, float)
            else values[each]
            for each in operands
        ]
        is_last = number == len(steps)
        name = placed.name if is_last else f"{placed.name}/{op.lower()}"
        made.add(op, name, placed.outputs, *inputs, doc=placed.doc if is_last else "")


NODES: dict[str, Adder] = {
    **dict.fromkeys(POINTWISE, _add_plain),
    "conv": _add_conv,
    "depthwise_conv": _add_conv,
    "max_pool": _add_pool,
    "avg_pool": _add_pool,
    "global_avg_pool": _add_global_avg_pool,
    "dense": _add_dense,
    "reshape": _add_reshape,
    "add": _add_add,
    "leaky_relu": lambda made, each: made.end("LeakyRelu", each, alpha=float(each.block.slope)),
    "softmax": lambda made, each: made.end("Softmax", each, axis=1),
    "dropout": _add_dropout,
    "batch_norm": _add_batch_norm,
    "group_norm": _add_group_norm,
}


def _files(trained: TrainedNetwork, report: ProgressReport) -> Files:
    report(0.1)
    data = encode_graph(graph_of(trained))
    report(1.0)
    return {"": data}


def block_values(graph: Graph) -> list[str]:
    """Return the values in which the blocks of an exported graph end."""
    ends = (node.outputs[0] for node in graph.nodes)
    return [end for end in ends if "/" not in end]


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Import the file, and run what it becomes."""
    graph = open_graph(path)
    imported = network_of(graph, str(path))
    project = imported.project
    outputs = project.front().activations((project.scaling or UNIT).of_values(images))
    by_value = dict(zip(imported.values, outputs, strict=True))
    # A Reshape to the shape that is there already is no block any more.
    *inner, last = (by_value.get(value) for value in block_values(graph))
    if last is None:
        last = outputs[-2] if imported.ends_in else outputs[-1]
    return [*inner, last]


def run_in_numpy(path: Path, images: Array) -> BlockOutputs:
    """Return the outputs of the blocks by the nodes of the file, in plain numpy."""
    graph = open_graph(path)
    found = run_graph(graph, {_INPUT: images})
    return [found[value] for value in block_values(graph)]


def run_in_onnxruntime(path: Path, images: Array) -> BlockOutputs:
    """Return the outputs of the blocks as onnxruntime computes them."""
    graph = open_graph(path)
    names = block_values(graph)
    added = encode_outputs(names[:-1])  # the last is an output already
    return run_model(path.read_bytes() + added, {_INPUT: images}, names)


ONNX = ExportFormat(
    "onnx",
    "ONNX",
    "For those who run the network elsewhere: onnxruntime, OpenCV, browsers and phones read it.",
    "One file (opset 17, IR version 8) with the blocks as nodes, their weights and shapes; Netron "
    "draws it.",
    ".onnx",
    _files,
    (
        Way("read back", read_back),
        Way("numpy", run_in_numpy),
        Way("onnxruntime", run_in_onnxruntime, ("onnxruntime",)),
    ),
)
