"""What each operator becomes, as in onnxruntime, and which files are refused: approved texts."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.blocks import Add
from engine.errors import ExportError, NetworkFileError
from engine.files.onnx_file import open_graph
from engine.files.untrusted_read import DamagedError
from engine.imports.onnx import imported_network
from engine.imports.onnx.imported_network import read_network
from engine.imports.onnx.proof import prove_import
from engine.imports.onnx.table import RefusedNetworkError
from engine.proof.onnx_nodes import run_graph
from tests.approved import assert_approved
from tests.engine.imports.onnx.graphs import (
    kinds,
    node,
    proved,
    random,
    read_here,
    table,
    told,
    write_graph,
)
from tests.engine.proof.here import prove_in_this_process
from tests.failing import failing

MAPS = ("N", 2, 6, 7)
W3 = {"w": random(3, 2, 3, 3), "b": random(3, seed=1)}
OF_MAPS = {
    **W3,
    "p": np.array([0, 0, 0, 1, 0, 0, 1, 1]),
    "half": np.full((2, 1, 1), 0.5, np.float32),
    "zero": np.float32(0),
    "slope": np.full((2, 1, 1), 0.3, np.float32),
    "rate": np.float32(0.2),
    "same": np.array([-1, 2, 6, 7]),
    "axes": np.array([2, 3]),
    "one": random(5, 2, 1, 1),
    "dense": random(84, 4),
    "square": random(84, 84),
    **{f"{name}{size}": random(size, seed=size) for name in "gh" for size in (1, 2)},
    "grouped": np.array([0, 1, -1]),
    "w_each": random(2, 1, 3, 3),
    "g_map": random(2, 1, 1, seed=7),
    "g_each": np.repeat([0.5, 2.0], 42).reshape(2, 6, 7).astype(np.float32),
    "g_none": random(2, 6, 7),
    "empty": np.zeros(0, np.float32),
}
PLACES: list[tuple[int, ...]] = [(3, 4, 5), (1, 3, 4, 5), (1, 4, 5)]
CONSTANTS: list[tuple[int, ...]] = [(), (1,), (3, 1, 1), (1, 3, 1, 1)]


def scalar(value: float) -> TensorProto:
    return numpy_helper.from_array(np.array(value, np.float32))


def gelu(last: str = "y") -> list[Any]:
    """Write it as PyTorch does: with nodes for its constants, between the others."""
    numbers = {"r": 2**0.5, "o": 1.0, "h": 0.5}
    made = {name: scalar(each) for name, each in numbers.items()}
    constants = [
        helper.make_node("Constant", [], [name], value=each) for name, each in made.items()
    ]
    return [
        *(constants[0], node("Div", "x r", "d"), node("Erf", "d", "e"), *constants[1:]),
        *(node("Add", "o e", "a"), node("Mul", "a x", "m"), node("Mul", "h m", last)),
    ]


CONVS: list[dict[str, Any]] = [
    {},
    {"pads": [1, 1, 1, 1]},
    {"auto_pad": "SAME_UPPER"},
    {"auto_pad": "SAME_LOWER"},
    {"auto_pad": "VALID", "strides": [2, 2]},
    {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    # On 6 rows the border of 1 above is more than ours: zeros are put behind the kernel.
    {"pads": [1, 1, 1, 1], "strides": [2, 2]},
    {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
    {"pads": [2, 2, 2, 2], "dilations": [2, 2]},
    {"dilations": [2, 2]},
]
PLAIN = [
    node("Clip", "s zero", "y"),
    node("Max", "s zero", "y"),
    node("Relu", "s", "y"),
    node("LeakyRelu", "s", "y", alpha=0.2),
    node("PRelu", "s slope", "y"),
    node("Elu", "s", "y", alpha=1.0),
    node("Sigmoid", "s", "y"),
    node("Tanh", "s", "y"),
    node("MaxPool", "s", "y", kernel_shape=[3, 3], strides=[2, 2]),
    node("AveragePool", "s", "y", kernel_shape=[2, 2]),
    node("AveragePool", "s", "y", kernel_shape=[6, 7]),
    node("GlobalAveragePool", "s", "y"),
    node("ReduceMean", "s", "y", axes=[2, 3], keepdims=0),
    node("ReduceMean", "s", "y", axes=[-1, 2]),
    node("Dropout", "s rate", "y"),
    node("Flatten", "s", "y"),
]
ENDS = [
    [],
    [node("Softmax", "v", "y")],
    [node("LogSoftmax", "v", "y", axis=1)],
    [node("Sigmoid", "v", "y")],
    [node("Tanh", "v", "y")],
    [node("Relu", "v", "y")],
]
TAKEN = [
    *([node("Conv", "x w b", "y", **attributes)] for attributes in CONVS),
    *([node("Sub", "x half", "s"), plain] for plain in PLAIN),
    *([node("Flatten", "x", "f"), node("Gemm", "f dense", "v"), *end] for end in ENDS),
    [
        *(node("Relu", "x", "r"), node("Pad", "r p", "padded")),
        node("Conv", "padded w b", "y", strides=[2, 2]),
    ],
    [*gelu("g"), node("Sigmoid", "g", "s"), node("Mul", "s g", "y")],
    [
        *(node("Identity", "x", "a"), node("Cast", "a", "k", to=TensorProto.FLOAT)),
        *(node("Transpose", "k", "c", perm=[0, 1, 2, 3]), node("Reshape", "c same", "d")),
        *(node("Clip", "d", "e"), node("Relu", "e", "unused"), node("Relu", "e", "y")),
    ],
    [node("Conv", "x w_each", "y", group=2)],
    [node("Conv", "x w_each g2", "y", group=2, strides=[2, 2], auto_pad="SAME_UPPER")],
    [node("Relu", "x", "r"), node("InstanceNormalization", "r g2 h2", "y")],
    [node("Relu", "x", "r"), node("InstanceNormalization", "r g2 h2", "y", epsilon=0.1)],
    [  # as PyTorch writes a GroupNorm for opset 17
        *(node("Relu", "x", "r"), node("Reshape", "r grouped", "g")),
        *(node("InstanceNormalization", "g g1 h1", "n"), node("Reshape", "n same", "m")),
        *(node("Mul", "m g_map", "c"), node("Add", "c g_map", "y")),
    ],
    [  # and the groups stay as they are
        *(node("Conv", "x w b", "c"), node("Reshape", "c grouped", "g")),
        *(node("InstanceNormalization", "g g1 h1", "n"), node("Flatten", "n", "y")),
    ],
    *(
        [node("Relu", "x", "r"), node("LayerNormalization", f"r {scale} {scale}", "y", axis=axis)]
        for scale, axis in (("g_each", 1), ("g_none", 1), ("empty", 1), ("g_each", 2))
    ),
    *(
        [node("Relu", "x", "r"), node("GlobalAveragePool", "r", "m"), last]
        for last in (node("Flatten", "m", "y"), node("Squeeze", "m axes", "y"))
    ),
    [node("GlobalAveragePool", "x", "m"), node("Conv", "m one", "y")],
    [
        *(node("Transpose", "square", "t", perm=[1, 0]), node("Flatten", "x", "f")),
        *(node("Gemm", "f t", "a"), node("Tanh", "a", "c"), node("Gemm", "c square", "y")),
    ],
]
Arrays = dict[str, Any]
DENSE: list[tuple[list[Any], dict[str, tuple[int, ...]]]] = [
    ([node("Gemm", "x w b", "y", transB=1, alpha=0.5, beta=2.0)], {"w": (4, 9), "b": (4,)}),
    ([node("Gemm", "x w", "y")], {"w": (9, 4)}),
    ([node("Gemm", "x w b", "y")], {"w": (9, 4), "b": (1, 4)}),
    ([node("Gemm", "x w b", "y")], {"w": (9, 4), "b": ()}),
    ([node("MatMul", "x w", "m"), node("Add", "m b", "y")], {"w": (9, 4), "b": (4,)}),
    ([node("MatMul", "x w", "m"), node("Add", "b m", "y")], {"w": (9, 4), "b": (1, 4)}),
]
SCALED = [
    *(node("Div", "x f", "u"), node("Sub", "u m", "c"), node("Div", "c d", "s")),
    *(node("Flatten", "s", "v"), node("Gemm", "v w", "y")),
]


def graphs() -> Iterator[tuple[list[Any], tuple[int | str, ...], Arrays]]:
    """Give the nodes, the input's shape and the constants of each file that is taken."""
    for nodes in TAKEN:
        yield nodes, MAPS, OF_MAPS
    for shape in PLACES:
        nodes = [node("Conv", "x w b", "sums"), node("Add", "sums p", "y")]
        yield nodes, MAPS, {**W3, "p": random(*shape)}
    for op, order in itertools.product(("Add", "Sub", "Mul", "Div"), ("sums p", "p sums")):
        for shape in CONSTANTS:
            nodes = [node("Conv", "x w b", "sums"), node(op, order, "y")]
            yield nodes, MAPS, {**W3, "p": np.abs(random(*shape)) + np.float32(0.5)}
    for nodes, shapes in DENSE:
        made = {name: random(*shape, seed=len(name)) for name, shape in shapes.items()}
        yield nodes, ("N", 9), made
    for numbers in ((1.0, 0.5, 0.5), (1.0, 0.1307, 0.3081), (255.0, 0.0, 1.0)):
        arrays: Arrays = dict(zip("fmd", map(np.float32, numbers), strict=True))
        yield SCALED, ("N", 1, 4, 4), {**arrays, "w": random(16, 3)}


def written(path: Path) -> str:
    """Write what a file became, which is compared with it in both ways."""
    try:
        imported = proved(path)
    except RefusedNetworkError as refusal:
        return f"  refused: {str(refusal).removeprefix(str(path))}\n"
    project, shape = imported.project, imported.project.stack.input_shape
    text = "".join(f"  {slot.id} {slot.block}\n" for slot in project.stack)
    classes, scaling = project.settings.classes, project.scaling or project.settings.scaling
    assert classes == tuple(range(len(classes)))
    text += f"  {shape}, {len(classes)} classes, {project.settings.loss}, {scaling}, "
    text += f"{imported.input_factor}\n{table(imported.rows)}"
    return text + "".join(f"    {note}\n" for note in imported.notes)


def test_each_operator_becomes_what_is_approved(tmp_path: Path) -> None:
    text = ""
    for nodes, shape, arrays in graphs():
        path = write_graph(tmp_path / "a.onnx", nodes, shape, arrays)
        of = "".join(f" {array.shape}" for name, array in arrays.items() if name == "p")
        text += f"{told(nodes)}{of if len(arrays) == 3 else ''}\n{written(path)}"
    path = write_graph(tmp_path / "a.onnx", [node("Gelu", "x", "y")], MAPS, opset=20)
    text += f"Gelu since opset 20\n{written(path)}"
    nodes = [node("Relu", "x", "r"), node("GroupNormalization", "r g h", "y", num_groups=2)]
    made = {"g": random(4), "h": random(4, seed=1)}
    path = write_graph(tmp_path / "a.onnx", nodes, ("N", 4, 3, 3), made, opset=21)
    text += f"GroupNormalization since opset 21\n{written(path)}"
    assert_approved("onnx_operators.txt", text)


def test_a_cast_to_half_precision_amid_a_file_is_told(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w b", "sums"), node("Cast", "sums", "half", to=TensorProto.FLOAT16)]
    nodes.append(node("Cast", "half", "y", to=TensorProto.FLOAT))
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, W3)
    imported = read_here(path)
    (verdict,) = prove_import(path, imported)
    assert (verdict.way, verdict.holds) == ("numpy", True)
    assert "float16" in imported.notes[0]


def test_they_are_not_if_one_of_their_values_goes_elsewhere_or_a_number_is_another(
    tmp_path: Path,
) -> None:
    elsewhere = [*gelu("g"), node("Add", "g e", "y")]
    other = gelu()
    other[0].attribute[0].t.CopyFrom(scalar(1.5))
    for nodes in (elsewhere, other):
        with pytest.raises(RefusedNetworkError, match="no block does Erf"):
            read_here(write_graph(tmp_path / "a.onnx", nodes, MAPS))


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_real_numbers_become_float32(
    tmp_path: Path, dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_in_this_process(monkeypatch)
    nodes = [node("Flatten", "x", "f"), node("MatMul", "f w", "y")]
    arrays = {"w": random(84, 4).astype(dtype)}
    number = TensorProto.FLOAT16 if dtype == np.float16 else TensorProto.DOUBLE
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays, dtype=number)
    imported = proved(path)
    weight = imported.project.weights[2]["weight"]
    assert weight.dtype == np.float32
    np.testing.assert_array_equal(weight, arrays["w"].T.astype(np.float32))
    # onnxruntime computes in the type of the file, where half as many digits agree.
    assert len(prove_import(path, imported)) == (1 if dtype == np.float16 else 2)


@pytest.mark.parametrize("shape", [("N", 1, 4, 4), ("N", 2, 2, 4), ("N", 16)])
@pytest.mark.parametrize("scaled", ["not at all", "from 0 to 1", "from -1 to 1"])
def test_bytes_are_taken_as_they_are(
    tmp_path: Path, shape: tuple[int | str, ...], scaled: str
) -> None:
    nodes, last = [node("Cast", "x", "r", to=TensorProto.FLOAT)], "r"
    if scaled == "from -1 to 1":
        nodes, last = [*nodes, node("Sub", "r h", "c"), node("Div", "c h", "u")], "u"
    elif scaled == "from 0 to 1":
        nodes, last = [*nodes, node("Div", "r f", "u")], "u"
    nodes += [node("Flatten", last, "v"), node("Gemm", "v w", "y")]
    arrays = {"f": np.float32(255), "h": np.float32(127.5), "w": random(16, 3) / 100}
    path = write_graph(tmp_path / "a.onnx", nodes, shape, arrays)
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    path.write_bytes(model.SerializeToString())
    assert proved(path).input_factor == 255


def test_names_of_a_file_are_shown_as_one_line(tmp_path: Path) -> None:
    nodes = [node("Relu", "x", "r", name="a\nb\x1b[2J"), node("Exp\n", "r", "y", name="\r")]
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS)
    with pytest.raises(RefusedNetworkError) as refusal:
        read_here(path)
    assert str(refusal.value).isprintable()
    assert refusal.value.rows[0].op.isprintable()
    nodes[1].op_type = "Tanh"
    imported = read_here(write_graph(path, nodes, MAPS))
    assert all(f"{row.name}{row.text}".isprintable() for row in imported.rows)


OF_SKIPS = {
    "w": random(3, 2, 3, 3),
    "w3": random(3, 3, 3, 3, seed=1),
    "w4": random(4, 3, 3, 3, seed=2),
    "w1": random(4, 3, 1, 1, seed=3),
    "b1": random(4, seed=4),
    "v1": np.array([0.5, 1, 2, 4], np.float32),
    "each": random(3, 1, 1, seed=5),
}
FIRST = [node("Conv", "x w", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "r")]
PAST = [
    node("Conv", "r w4", "l", pads=[1, 1, 1, 1], strides=[2, 2]),
    node("Tanh", "l", "t"),
]
SHORT = node("Conv", "r w1 b1", "s", strides=[2, 2])
NORM = node("BatchNormalization", "s b1 b1 b1 v1", "n", epsilon=0.001)
SAME = node("Conv", "r w3", "l", pads=[1, 1, 1, 1])
AFTER = node("Conv", "i w3", "l", pads=[1, 1, 1, 1])
FOLDED = [node("Mul", "c each", "f"), node("Conv", "f w3", "l", pads=[1, 1, 1, 1])]


@pytest.mark.parametrize(
    ("nodes", "source"),
    [
        ([*FIRST, SAME, node("Add", "l r", "y")], 2),
        ([*FIRST, SAME, node("Add", "r l", "y")], 2),
        ([*FIRST, node("Identity", "r", "i"), AFTER, node("Add", "l r", "y")], 2),
        ([*FIRST, node("Add", "r r", "y")], 2),
        ([FIRST[0], *FOLDED, node("Add", "l f", "y")], 1),
        ([*FIRST, node("Add", "c r", "i"), AFTER, node("Add", "l c", "y")], 1),
        ([*FIRST, node("Add", "r c", "i"), AFTER, node("Add", "l i", "y")], 3),
    ],
)
def test_an_earlier_value_is_added(tmp_path: Path, nodes: Any, source: int) -> None:
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, OF_SKIPS)
    block = proved(path).project.stack.slots[-1].block
    assert block == Add(source=source)


@pytest.mark.parametrize("short_first", [True, False])
@pytest.mark.parametrize("added", ["t s", "s t", "t n", "n t"])
def test_a_conv_of_1_by_1_on_the_short_way_is_one_of_the_block(
    tmp_path: Path, short_first: bool, added: str
) -> None:
    short = [SHORT, NORM] if "n" in added else [SHORT]
    ways = [*short, *PAST] if short_first else [*PAST, *short]
    nodes = [*FIRST, *ways, node("Add", added, "y")]
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, OF_SKIPS))
    assert kinds(imported) == ["conv", "relu", "conv", "tanh", "add"]
    assert imported.project.stack.slots[-1].block == Add(source=2, through="conv", stride=2)
    outcomes = {row.number: (row.outcome, row.text) for row in imported.rows}
    assert outcomes[nodes.index(SHORT) + 1] == ("folded", "into the Add that takes it")
    assert outcomes[len(nodes)] == (
        "taken",
        "block 5: Add, 1×1 Conv, stride 2; what block 2 gives is added",
    )


def test_convs_of_1_by_1_on_the_long_way_stay_blocks(tmp_path: Path) -> None:
    """A bottleneck whose bias is a node of its own: its Conv takes what others take, too."""
    arrays = {**OF_SKIPS, "d": random(2, 3, 1, 1), "u": random(3, 2, 1, 1), "e": random(2, 1, 1)}
    nodes = [
        *FIRST,
        *(node("Conv", "r d", "m"), node("Add", "m e", "n"), node("Conv", "n u", "l")),
        node("Add", "l r", "y"),
    ]
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert kinds(imported) == ["conv", "relu", "conv", "conv", "add"]
    nodes = [
        *(*FIRST, SAME, node("Conv", "l w1", "m"), node("Conv", "r w1 b1", "s")),
        *(node("Add", "m s", "a"), node("Conv", "a back", "k"), node("Add", "k l", "y")),
    ]
    arrays["back"] = random(3, 4, 1, 1)
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert kinds(imported) == ["conv", "relu", "conv", "conv", "add", "conv", "add"]
    blocks = [slot.block for slot in imported.project.stack]
    assert (blocks[4], blocks[6]) == (Add(source=2, through="conv"), Add(source=3))


ARRAYS = {
    **W3,
    "w33": random(3, 3, 3, 3),
    "w1": random(3, 3, 1, 1),
    "g": random(4, 1, 3, 3),
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
THREE = [node("Conv", "x w b", "c"), node("Relu", "c", "r"), node("Tanh", "r", "s")]
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
    [*THREE, node("Conv", "r w33", "k"), node("Add", "s k", "y")],
    [*THREE, node("Conv", "r w1", "k"), node("Relu", "k", "q"), node("Add", "s q", "y")],
    [*THREE, node("Conv", "r w1", "k", strides=[2, 1]), node("Add", "s k", "y")],
    [*THREE, node("Conv", "r w1", "k", strides=[2, 2]), node("Add", "s k", "y")],
    [*THREE, node("GlobalAveragePool", "s", "a"), node("Add", "a r", "y")],
    [node("Conv", "x w b", "c"), node("Mul", "c six", "k"), node("Add", "k c", "y")],
    [*THREE, node("Mul", "s r", "y")],
    [*THREE, node("Concat", "s r", "y", axis=1)],
    [*THREE, node("Sum", "s r c", "y")],
    [node("Exp", "x", "e"), node("Log", "e", "y")],
    [node("Exp", "x", "e"), node("Relu", "e", "r"), node("Erf", "r", "y")],
    [node("Flatten", "x", "f"), node("LogSoftmax", "f", "l"), node("Relu", "l", "y")],
    [node("Pad", "x p", "a"), node("Relu", "a", "y")],
    [node("Add", "x position", "y")],
    [helper.make_node("Add", ["x", ""], ["y"])],
    [helper.make_node("Reshape", ["x", "flat"], []), node("Relu", "x", "y")],
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
    fault = ExportError("it failed (it said nothing).")
    monkeypatch.setattr(imported_network, "outputs_in_own_process", failing(fault))
    with pytest.raises(NetworkFileError, match=f"{path} could not be read: it failed "):
        read_network(path)
    monkeypatch.undo()
    prove_in_this_process(monkeypatch)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(NetworkFileError, match=f"{path} is damaged: it is cut off, or no ONNX"):
        read_network(path)
