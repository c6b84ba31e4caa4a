"""What each operator becomes: blocks that give what onnxruntime gives, in one approved text."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.imports.onnx.proof import prove_import
from engine.imports.onnx.table import RefusedNetworkError
from tests.approved import assert_approved
from tests.engine.imports.onnx.graphs import (
    node,
    proved,
    random,
    read_here,
    table,
    told,
    write_graph,
)

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
    assert_approved("onnx_operators.txt", f"{text}Gelu since opset 20\n{written(path)}")


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
def test_other_real_numbers_become_float32(tmp_path: Path, dtype: Any) -> None:
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
