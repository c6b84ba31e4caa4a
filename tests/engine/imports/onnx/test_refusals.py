"""ONNX files that are refused: in words and node by node, in one approved text."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.errors import NetworkFileError
from engine.files.onnx_file import open_graph
from engine.files.untrusted_read import DamagedError
from engine.imports.onnx import imported_network
from engine.imports.onnx.imported_network import read_network
from engine.imports.onnx.table import RefusedNetworkError
from engine.proof.onnx_nodes import run_graph
from tests.approved import assert_approved
from tests.engine.imports.onnx.graphs import node, random, read_here, table, told, write_graph
from tests.engine.proof import ways

MAPS = ("N", 2, 6, 7)
W3 = {"w": random(3, 2, 3, 3), "b": random(3, seed=1)}
ARRAYS = {
    **W3,
    "g": random(2, 1, 3, 3),
    "position": random(2, 6, 7),
    "u": random(84, 3),
    "t": np.full((84, 3), np.inf, np.float32),
    "column": random(3, 1),
    "five": random(5),
    "m": np.ones(2, np.float32),
    "deep": np.zeros((1,) * 5, np.float32),
    "zero": np.float32(0),
    "six": np.float32(6),
    "p": np.array([0, 0, 1, 1, 0, 0, 1, 1]),
    "two": np.array([2, 3]),
    "twice": np.array([2, 2]),
    "vector": np.array([0, -1]),
    "flat": np.array([0, 42]),
}
LONG = [
    node("Conv", "x w b", "sums"),
    node("Identity", "sums", "same"),
    node("Tanh", "same", "unused"),
    node("MaxPool", "same", "pooled", kernel_shape=[2, 3]),
    node("Relu", "pooled", "r"),
    node("Identity", "vector", "shape"),
    node("Reshape", "r shape", "v"),
    node("Sigmoid", "same", "branch"),
    node("Relu", "x", "other"),
]
REFUSED = [
    [node("Conv", "x g", "y", group=2)],
    [node("Conv", "x w b", "y", kernel_shape=[2, 3])],
    [node("Conv", "x w b", "y", strides=[1, 2])],
    [node("Conv", "x w b", "y", pads=[2, 2, 2, 2])],
    [node("Conv", "x x2 b", "y")],
    [node("MaxPool", "x", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
    [node("MaxPool", "x", "y", kernel_shape=[2, 3])],
    [node("AveragePool", "x", "y", kernel_shape=[6, 7], auto_pad="SAME_UPPER")],
    [node("MaxPool", "x", "y", kernel_shape=[2, 2], dilations=[2, 2])],
    [node("Pad", "x p", "a", mode="edge"), node("Conv", "a w b", "y")],
    [node("ReduceMean", "x two", "y", select=1)],
    [node("ReduceMean", "x", "y", axes=[2, 3])],
    [node("AveragePool", "x", "y", kernel_shape=[4, 4], strides=[4, 4], ceil_mode=1)],
    [node("Clip", "x zero six", "y")],
    [node("Clip", "zero x", "y")],
    [node("Clip", "x b", "y")],
    [node("Transpose", "x", "y", perm=[0, 2, 3, 1])],
    [node("Elu", "x", "y", alpha=0.5)],
    [node("Flatten", "x", "y", axis=2)],
    [node("Softmax", "x", "y", axis=1)],
    [node("Relu", "x", "r"), node("Add", "r x", "y")],
    [node("Relu", "x", "r"), node("Relu", "x", "s"), node("Add", "r s", "y")],
    [node("Exp", "x", "e"), node("Log", "e", "y")],
    [node("Exp", "x", "e"), node("Relu", "e", "r"), node("Erf", "r", "y")],
    [node("Flatten", "x", "f"), node("LogSoftmax", "f", "l"), node("Relu", "l", "y")],
    [node("Pad", "x p", "a"), node("Relu", "a", "y")],
    [node("Add", "x position", "y")],
    [helper.make_node("Add", ["x", ""], ["y"])],
    [node("Add", "flat flat", "q", axis=1), node("Reshape", "x q", "y")],
    [node("PRelu", "x b", "y")],
    [node("Max", "x deep", "y")],
    [node("Max", "x zero six", "y")],
    [helper.make_node("BatchNormalization", [*"xmmmm"], [*"ymv"])],
    [node("GlobalAveragePool", "x", "a"), node("Squeeze", "a twice", "y")],
    [node("Flatten", "x", "f"), node("Gemm", "f u column", "y")],
    [node("Flatten", "x", "f"), node("Gemm", "f t", "y")],
    [node("LeakyRelu", "x", "y", alpha=1.5)],
    [node("Identity", "x", "y")],
    [node("Exp", "x", "e"), node("Reshape", "five two", "c"), node("Mul", "e c", "y")],
    [node("Relu", "x", "e"), node("Reshape", "five two", "c"), node("Mul", "e c", "y")],
    [*LONG, node("Sum", "v branch other", "y")],
    [*LONG, node("Add", "v branch", "y")],
]
OPEN = ("N", 1, "height", "width")
SHAPES: list[tuple[tuple[int | str, ...], list[Any]]] = [
    ((2**31, 1, 8, 8), [node("Relu", "x", "y")]),
    (OPEN, [node("Relu", "x", "y")]),
    (OPEN, [node("Relu", "x", "r"), node("Exp", "r", "y")]),  # no other size would help
]


def said_of(path: Path) -> str:
    """Return what is said of a refused file, and what became of its nodes."""
    with pytest.raises(NetworkFileError) as refusal:
        read_here(path)
    said, rows = str(refusal.value), getattr(refusal.value, "rows", ())
    assert said.startswith(str(path))
    assert said.endswith(".")
    first = next((row for row in rows if row.outcome == "refused"), None)
    if first is not None and ": node " in said:
        assert f": node {first.number} ({first.op} {first.name!r}): {first.text}." in said
    return f"  {said.removeprefix(str(path))}\n{table(rows)}"


def test_what_no_block_does_is_refused_in_words(tmp_path: Path) -> None:
    path, text = tmp_path / "a.onnx", ""
    for shape, nodes in [*((MAPS, nodes) for nodes in REFUSED), *SHAPES]:
        write_graph(path, nodes, shape, ARRAYS, opset=20)
        if "x2" in nodes[0].input:
            model = onnx.load(path)
            second = helper.make_tensor_value_info("x2", TensorProto.FLOAT, (3, 2, 3, 3))
            model.graph.input.append(second)
            path.write_bytes(model.SerializeToString())
        text += f"{told(nodes)}\n{said_of(path)}"
    assert_approved("onnx_refusals.txt", text)


OLD = [
    (6, node("Add", "maps c", "y", broadcast=1, axis=1)),
    (6, node("Sub", "maps c", "y", broadcast=1)),
    (6, node("Mul", "maps c", "y")),
    (6, node("Div", "maps c", "y", consumed_inputs=[0, 0])),
    (6, node("PRelu", "maps c", "y")),
    (6, node("Dropout", "maps", "y")),
    (7, node("Max", "maps c", "y")),
    (6, node("BatchNormalization", "maps c c c c", "y", is_test=0)),
    (8, node("BatchNormalization", "maps c c c c", "y", spatial=0)),
]


def test_what_meant_something_else_in_old_opsets_is_refused(tmp_path: Path) -> None:
    arrays, text = {"w": W3["w"], "c": np.arange(1, 4, dtype=np.float32)}, ""
    for opset, made in OLD:
        nodes = [node("Conv", "x w", "maps"), made]
        path = write_graph(tmp_path / "a.onnx", nodes, ("N", 2, 5, 5), arrays, opset)
        with pytest.raises(RefusedNetworkError) as refusal:
            read_here(path)
        why = refusal.value.rows[1].text
        with pytest.raises(DamagedError, match=re.escape(f"of a {made.op_type}, {why}")):
            run_graph(open_graph(path), {"x": random(1, 2, 5, 5)})
        text += f"{opset} {told([made])}\n{said_of(path)}"
    assert_approved("onnx_of_old.txt", text)


def test_a_file_is_opened_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_graph(tmp_path / "a.onnx", [node("Conv", "x w b", "y")], MAPS, W3)
    found, here = read_network(path), read_here(path)
    assert found.rows == here.rows
    np.testing.assert_array_equal(found.project.weights[1]["weight"], W3["w"])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(NetworkFileError, match=f"{path} is damaged: it is cut off, or no ONNX"):
        read_network(path)
    monkeypatch.setattr(imported_network, "packed_graph", ways.dying)
    with pytest.raises(NetworkFileError, match=f"{path} could not be read: it failed "):
        read_network(path)
