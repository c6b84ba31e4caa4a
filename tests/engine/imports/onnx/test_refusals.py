"""ONNX files that are refused: in words, and node by node."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import NetworkFileError
from engine.files.onnx_file import open_graph
from engine.files.untrusted_read import DamagedError
from engine.imports.onnx import imported_network
from engine.imports.onnx.imported_network import read_network
from engine.imports.onnx.table import RefusedNetworkError
from engine.proof.onnx_nodes import run_graph
from tests.engine.imports.onnx.graphs import node, random, read_here, write_graph
from tests.engine.proof import ways

MAPS = ("N", 2, 6, 7)


W3 = {"w": random(3, 2, 3, 3), "b": random(3, seed=1)}


REFUSED = [
    ([node("Conv", "x g", "y", group=2)], "its group is 2, but must be 1"),
    ([node("Conv", "x w b", "y", kernel_shape=[2, 3])], "its kernel_shape is (2, 3), but its kern"),
    ([node("Conv", "x w b", "y", strides=[1, 2])], "it moves differently down and across"),
    ([node("Conv", "x w b", "y", pads=[2, 2, 2, 2])], "no square kernel of up to 31×31"),
    ([node("MaxPool", "x", "y", kernel_shape=[3, 3], pads=[1, 1, 1, 1])], "it puts a border"),
    ([node("MaxPool", "x", "y", kernel_shape=[2, 3])], "its window is not square"),
    ([node("AveragePool", "x", "y", kernel_shape=[6, 7], auto_pad="SAME_UPPER")], "puts a border"),
    ([node("MaxPool", "x", "y", kernel_shape=[2, 2], dilations=[2, 2])], "its dilations is (2, 2)"),
    ([node("Pad", "x p", "a", mode="edge"), node("Conv", "a w b", "y")], "must be constant"),
    ([node("ReduceMean", "x two", "y", select=1)], "its attribute 'select' (1) is not known for o"),
    ([node("ReduceMean", "x", "y", axes=[2, 3])], "its attribute 'axes' ((2, 3)) is not known for"),
    ([node("AveragePool", "x", "y", kernel_shape=[4, 4], strides=[4, 4], ceil_mode=1)], "ceil"),
    ([node("Clip", "x zero six", "y")], "it cuts off at 0 and 6"),
    ([node("Transpose", "x", "y", perm=[0, 2, 3, 1])], "it exchanges axes"),
    ([node("Elu", "x", "y", alpha=0.5)], "its alpha is 0.5, but must be 1.0"),
    ([node("Flatten", "x", "y", axis=2)], "it mixes the values of different images"),
    ([node("Softmax", "x", "y", axis=1)], "it takes the values of a sample in groups"),
    ([node("Relu", "x", "r"), node("Add", "r x", "y")], "it takes what an earlier node gives"),
    ([node("Relu", "x", "r"), node("Relu", "x", "s"), node("Add", "r s", "y")], "an earlier node"),
    ([node("Exp", "x", "e"), node("Log", "e", "y")], "no block does Exp, Log"),
    ([node("Flatten", "x", "f"), node("LogSoftmax", "f", "l"), node("Relu", "l", "y")], "the end"),
    ([node("Pad", "x p", "a"), node("Relu", "a", "y")], "maps with a border"),
    ([node("Add", "x position", "y")], "a number for each position"),
    ([helper.make_node("Add", ["x", ""], ["y"])], "its constant is not in the file as it is"),
    ([node("PRelu", "x b", "y")], "its constant of 3 does not go with 2×6×7"),
    ([node("Max", "x deep", "y")], "it compares with other than single numbers"),
    ([node("Max", "x zero six", "y")], "it cuts off at 6 and inf"),
    ([helper.make_node("BatchNormalization", [*"xmmmm"], [*"ymv"])], "it gives more than the norm"),
    ([node("Clip", "zero x", "y")], "it takes the values by which it works from an earlier node"),
    ([node("Clip", "x b", "y")], "it compares with other than single numbers"),
    ([node("GlobalAveragePool", "x", "a"), node("Squeeze", "a twice", "y")], "an axis twice"),
    ([node("Flatten", "x", "f"), node("Gemm", "f u column", "y")], "its bias is 3×1, but 3 fit"),
    ([node("LeakyRelu", "x", "y", alpha=1.5)], "slope must be a number from 0 to 1, not 1.5"),
    ([node("Flatten", "x", "f"), node("Gemm", "f t", "y")], "holds values that are not finite"),
    ([node("Identity", "x", "y")], "it has no node that is a block"),
    ([node("Conv", "x x2 b", "y")], "must have one input"),
]


@pytest.mark.parametrize(("nodes", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_what_no_block_does_is_refused_in_words(tmp_path: Path, nodes: Any, words: str) -> None:
    arrays: dict[str, Any] = {**W3, "g": random(2, 1, 3, 3), "zero": np.float32(0)}
    arrays |= {"six": np.float32(6), "p": np.array([0, 0, 1, 1, 0, 0, 1, 1])}
    arrays |= {"position": random(2, 6, 7), "t": np.full((84, 3), np.inf, np.float32)}
    arrays |= {"u": random(84, 3), "column": random(3, 1), "deep": np.zeros((1,) * 5, np.float32)}
    arrays |= {"two": np.array([2, 3]), "twice": np.array([2, 2]), "m": np.ones(2, np.float32)}
    path = tmp_path / "a.onnx"
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, MAPS)]
        + [helper.make_tensor_value_info("x2", TensorProto.FLOAT, (3, 2, 3, 3))]
        * ("x2" in nodes[0].input),
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(NetworkFileError) as refusal:
        read_here(path)
    said = str(refusal.value)
    assert said.startswith(f"{path} cannot be taken: ")
    assert words in said
    assert said.endswith(".")
    assert isinstance(refusal.value, RefusedNetworkError)
    rows = refusal.value.rows
    assert [row.number for row in rows if row.number] == [*range(1, len(nodes) + 1)]
    if ": node " in said:
        first = next(row for row in rows if row.outcome == "refused")
        assert f": node {first.number} ({first.op} {first.name!r}): {first.text}." in said


SINCE_7 = "is not known. Export it again with opset 13 or later"
OLD = [
    (
        6,
        node("Add", "maps c", "y", broadcast=1, axis=1),
        "its attribute 'axis' (1) is not known for",
    ),
    (
        6,
        node("Sub", "maps c", "y", broadcast=1),
        "its attribute 'broadcast' (1) is not known for op",
    ),
    (6, node("Mul", "maps c", "y"), f"Mul of opset 6 {SINCE_7}"),
    (
        6,
        node("Div", "maps c", "y", consumed_inputs=[0, 0]),
        "its attribute 'consumed_inputs' ((0, 0))",
    ),
    (6, node("PRelu", "maps c", "y"), f"PRelu of opset 6 {SINCE_7}"),
    (6, node("Dropout", "maps", "y"), f"Dropout of opset 6 {SINCE_7}"),
    (7, node("Max", "maps c", "y"), f"Max of opset 7 {SINCE_7}"),
    (
        6,
        node("BatchNormalization", "maps c c c c", "y", is_test=0),
        "its attribute 'is_test' (0) is ",
    ),
    (
        8,
        node("BatchNormalization", "maps c c c c", "y", spatial=0),
        "its spatial is 0, but must be 1",
    ),
]


@pytest.mark.parametrize(("opset", "made", "words"), OLD, ids=[words for *_, words in OLD])
def test_what_meant_something_else_in_old_opsets_is_refused(
    tmp_path: Path, opset: int, made: Any, words: str
) -> None:
    nodes = [node("Conv", "x w", "maps"), made]
    arrays = {"w": random(3, 2, 3, 3), "c": np.arange(1, 4, dtype=np.float32)}
    path = write_graph(tmp_path / "a.onnx", nodes, ("N", 2, 5, 5), arrays, opset)
    with pytest.raises(RefusedNetworkError) as refusal:
        read_here(path)
    assert f"node 2 ({made.op_type} 'y'): {words}" in str(refusal.value)
    with pytest.raises(DamagedError, match=re.escape(f"of a {made.op_type}, {words}")):
        run_graph(open_graph(path), {"x": random(1, 2, 5, 5)})


def test_an_attribute_that_is_not_known_is_refused_wherever_it_is(tmp_path: Path) -> None:
    folded = [node("Add", "p p", "q", axis=1), node("Reshape", "x q", "y")]
    path = write_graph(tmp_path / "a.onnx", folded, MAPS, {"p": np.array([0, 42])})
    assert refused_rows(path)[0][3].startswith("its attribute 'axis' (1) is not known for opset 17")


def refused_rows(path: Path) -> list[tuple[int, str, str, str]]:
    with pytest.raises(RefusedNetworkError) as refusal:
        read_here(path)
    return [(row.number, row.op, row.outcome, row.text) for row in refusal.value.rows]


def test_all_operators_that_no_block_does_are_named_at_once(tmp_path: Path) -> None:
    nodes = [node("Exp", "x", "e"), node("Relu", "e", "r"), node("Erf", "r", "y")]
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS)
    assert refused_rows(path) == [
        (1, "Exp", "refused", "no block does this"),
        (2, "Relu", "not looked at", "because node 1 (Exp 'e') was refused"),
        (3, "Erf", "refused", "no block does this"),
    ]
    with pytest.raises(RefusedNetworkError, match=r"no block does Erf, Exp \(the first is node 1 "):
        read_here(path)


def test_a_refused_file_tells_of_each_node_what_became_of_it(tmp_path: Path) -> None:
    nodes = [
        node("Conv", "x w b", "sums"),
        node("Identity", "sums", "same"),
        node("Tanh", "same", "unused"),
        node("MaxPool", "same", "pooled", kernel_shape=[2, 3]),
        node("Relu", "pooled", "r"),
        node("Identity", "p", "shape"),
        node("Reshape", "r shape", "vector"),
        node("Sigmoid", "same", "branch"),
        node("Relu", "x", "other"),
        node("Sum", "vector branch other", "y"),
    ]
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, {**W3, "p": np.array([0, -1])})
    not_square = "its window is not square, or moves differently down and across"
    not_in_line = "it takes what an earlier node gives, but here one block follows the other"
    because = "because node 4 (MaxPool 'pooled') was refused"
    assert refused_rows(path) == [
        (1, "Conv", "taken", "block 1: Conv 3, 3×3"),
        (2, "Identity", "dropped", "it changes nothing"),
        (3, "Tanh", "dropped", "nothing uses what it gives"),
        (4, "MaxPool", "refused", not_square),
        (5, "Relu", "not looked at", because),
        (6, "Identity", "folded", "it is constant"),
        (7, "Reshape", "not looked at", because),
        (8, "Sigmoid", "not looked at", because),
        (9, "Relu", "refused", not_in_line),
        (10, "Sum", "refused", "no block does this"),
    ]
    with pytest.raises(RefusedNetworkError, match=r"'y'\)\)\.$"):
        read_here(path)
    nodes[-1].op_type = "Add"
    path = write_graph(path, nodes, MAPS, {**W3, "p": np.array([0, -1])})
    with pytest.raises(RefusedNetworkError, match=f"'pooled'.: {not_square}"):
        read_here(path)


def test_what_contradicts_itself_behind_a_refused_node_is_refused_too(tmp_path: Path) -> None:
    nodes = [node("Exp", "x", "e"), node("Reshape", "p q", "c"), node("Mul", "e c", "y")]
    arrays = {"p": random(5), "q": np.array([2, 3])}
    rows = refused_rows(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert [row[2:] for row in rows[1:]] == [
        ("refused", "it contradicts itself"),
        ("not looked at", "because node 1 (Exp 'e') was refused"),
    ]
    nodes[0].op_type = "Relu"
    with pytest.raises(NetworkFileError, match="is damaged"):
        read_here(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))


def test_more_images_at_once_than_memory_could_take_are_refused(tmp_path: Path) -> None:
    path = write_graph(tmp_path / "a.onnx", [node("Relu", "x", "y")], (2**31, 1, 8, 8))
    with pytest.raises(NetworkFileError, match="2,147,483,648 images at once"):
        read_here(path)


def test_an_open_image_size_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write_graph(tmp_path / "a.onnx", [node("Relu", "x", "y")], ("N", 1, "height", "width"))
    with pytest.raises(NetworkFileError, match="Export it for images of a fixed size"):
        read_here(path)
    why = "because the file is refused as a whole"
    assert refused_rows(path) == [(1, "Relu", "not looked at", why)]
    nodes = [node("Relu", "x", "r"), node("Exp", "r", "y")]
    write_graph(path, nodes, ("N", 1, "height", "width"))
    with pytest.raises(RefusedNetworkError, match="no block does Exp"):  # no other size would help
        read_here(path)
    assert [row[2] for row in refused_rows(path)] == ["not looked at", "refused"]


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
