"""What each operator becomes: blocks that give what onnxruntime gives, or a refusal in words."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.imports.onnx.proof import prove_import
from engine.imports.onnx.table import RefusedNetworkError
from tests.engine.imports.onnx.graphs import kinds, node, proved, random, read_here, write_graph

MAPS = ("N", 2, 6, 7)


W3 = {"w": random(3, 2, 3, 3), "b": random(3, seed=1)}


def conv(**attributes: Any) -> list[Any]:
    return [node("Conv", "x w b", "y", **attributes)]


@pytest.mark.parametrize(
    ("attributes", "size", "padding", "stride"),
    [
        ({}, 3, "valid", 1),
        ({"pads": [1, 1, 1, 1]}, 3, "same", 1),
        ({"auto_pad": "SAME_UPPER"}, 3, "same", 1),
        ({"auto_pad": "SAME_LOWER"}, 3, "same", 1),
        ({"auto_pad": "VALID", "strides": [2, 2]}, 3, "valid", 2),
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, 3, "same", 2),
        # On 6 rows the border of 1 above is more than ours: zeros are put behind the kernel.
        ({"pads": [1, 1, 1, 1], "strides": [2, 2]}, 4, "same", 2),
        ({"auto_pad": "SAME_LOWER", "strides": [2, 2]}, 4, "same", 2),
        ({"pads": [2, 2, 2, 2], "dilations": [2, 2]}, 5, "same", 1),
        ({"dilations": [2, 2]}, 5, "valid", 1),
    ],
)
def test_a_conv_is_taken_with_its_border(
    tmp_path: Path, attributes: dict[str, Any], size: int, padding: str, stride: int
) -> None:
    imported = proved(write_graph(tmp_path / "a.onnx", conv(**attributes), MAPS, W3))
    (slot,) = imported.project.stack
    found: Any = slot.block
    assert (found.kernel_size, found.padding, found.stride) == (size, padding, stride)
    assert found.bias == "channel"


def test_a_pad_becomes_the_border_of_the_next_conv(tmp_path: Path) -> None:
    nodes = [node("Relu", "x", "r"), node("Pad", "r p", "padded")]
    nodes.append(node("Conv", "padded w b", "y", strides=[2, 2]))
    arrays = {**W3, "p": np.array([0, 0, 0, 1, 0, 0, 1, 1])}
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert [row.outcome for row in imported.rows] == ["taken", "folded", "taken"]
    assert kinds(imported) == ["relu", "conv"]


def test_a_cast_to_half_precision_amid_a_file_is_told(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w b", "sums"), node("Cast", "sums", "half", to=TensorProto.FLOAT16)]
    nodes.append(node("Cast", "half", "y", to=TensorProto.FLOAT))
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, W3)
    imported = read_here(path)
    (verdict,) = prove_import(path, imported)
    assert (verdict.way, verdict.holds) == ("numpy", True)
    assert "float16" in imported.notes[0]


@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 3, 4, 5), (1, 4, 5)])
def test_an_add_behind_a_conv_is_a_bias_for_each_position(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    nodes = [node("Conv", "x w b", "sums"), node("Add", "sums p", "y")]
    arrays = {**W3, "p": random(*shape)}
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    found: Any = imported.project.stack.slots[0].block
    assert found.bias == "position"
    assert imported.project.weights[1]["bias"].shape == (3, 4, 5)
    assert [(row.outcome, row.text) for row in imported.rows][1] == (
        "folded",
        "into the bias of block 1",
    )


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("shape", [(), (1,), (3, 1, 1), (1, 3, 1, 1)])
@pytest.mark.parametrize("order", ["sums p", "p sums"])
def test_arithmetic_goes_into_the_weights(
    tmp_path: Path, op: str, shape: tuple[int, ...], order: str
) -> None:
    nodes = [node("Conv", "x w b", "sums"), node(op, order, "y")]
    arrays = {**W3, "p": np.abs(random(*shape)) + np.float32(0.5)}
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays)
    if op == "Div" and order == "p sums":
        with pytest.raises(RefusedNetworkError, match=r"node 2 \(Div 'y'\): it divides by"):
            read_here(path)
        return
    imported = proved(path)
    assert kinds(imported) == ["conv"]


@pytest.mark.parametrize(
    ("nodes", "arrays"),
    [
        ([node("Gemm", "x w b", "y", transB=1, alpha=0.5, beta=2.0)], {"w": (4, 9), "b": (4,)}),
        ([node("Gemm", "x w", "y")], {"w": (9, 4)}),
        ([node("Gemm", "x w b", "y")], {"w": (9, 4), "b": (1, 4)}),
        ([node("Gemm", "x w b", "y")], {"w": (9, 4), "b": ()}),
        ([node("MatMul", "x w", "m"), node("Add", "m b", "y")], {"w": (9, 4), "b": (4,)}),
        ([node("MatMul", "x w", "m"), node("Add", "b m", "y")], {"w": (9, 4), "b": (1, 4)}),
    ],
)
def test_a_dense_layer_of_a_vector(tmp_path: Path, nodes: Any, arrays: Any) -> None:
    made = {name: random(*shape, seed=len(name)) for name, shape in arrays.items()}
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, ("N", 9), made))
    assert kinds(imported) == ["reshape", "dense", "softmax"]
    assert imported.project.stack.input_shape == (1, 3, 3)
    assert imported.notes[0].startswith("The file takes 9 values; here these are the pixels of")


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (node("Clip", "x zero", "y"), "relu"),
        (node("Max", "x zero", "y"), "relu"),
        (node("Relu", "x", "y"), "relu"),
        (node("LeakyRelu", "x", "y", alpha=0.2), "leaky_relu"),
        (node("PRelu", "x slope", "y"), "leaky_relu"),
        (node("Elu", "x", "y", alpha=1.0), "elu"),
        (node("Sigmoid", "x", "y"), "sigmoid"),
        (node("Tanh", "x", "y"), "tanh"),
        (node("MaxPool", "x", "y", kernel_shape=[3, 3], strides=[2, 2]), "max_pool"),
        (node("AveragePool", "x", "y", kernel_shape=[2, 2]), "avg_pool"),
        (node("AveragePool", "x", "y", kernel_shape=[6, 7]), "global_avg_pool"),
        (node("GlobalAveragePool", "x", "y"), "global_avg_pool"),
        (node("ReduceMean", "x", "y", axes=[2, 3], keepdims=0), "global_avg_pool"),
        (node("ReduceMean", "x", "y", axes=[-1, 2]), "global_avg_pool"),
        (node("Dropout", "x rate", "y"), "dropout"),
        (node("Flatten", "x", "y"), "reshape"),
    ],
)
def test_what_needs_no_weights(tmp_path: Path, made: Any, kind: str) -> None:
    nodes = [node("Sub", "x half", "s"), made]
    nodes[1].input[0] = "s"
    half = np.full((2, 1, 1), 0.5, np.float32)
    arrays: dict[str, Any] = {
        "half": half,
        "zero": np.float32(0),
        "slope": np.full((2, 1, 1), 0.3, np.float32),
    }
    arrays["rate"] = np.float32(0.2)
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert kinds(imported)[:2] == ["batch_norm", kind]


def test_a_gelu_is_one_node_since_opset_20(tmp_path: Path) -> None:
    made = node("Gelu", "x", "y", approximate="none")
    assert kinds(proved(write_graph(tmp_path / "a.onnx", [made], MAPS, opset=20))) == ["gelu"]


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


def test_nodes_that_are_one_block_together_are_taken_as_one(tmp_path: Path) -> None:
    nodes = [*gelu("g"), node("Sigmoid", "g", "s"), node("Mul", "s g", "y")]
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS))
    assert kinds(imported) == ["gelu", "silu"]
    assert [row.outcome for row in imported.rows].count("taken") == 2
    assert imported.rows[-1].text == "into block 2"


def test_they_are_not_if_one_of_their_values_goes_elsewhere_or_a_number_is_another(
    tmp_path: Path,
) -> None:
    elsewhere = [*gelu("g"), node("Add", "g e", "y")]
    other = gelu()
    other[0].attribute[0].t.CopyFrom(scalar(1.5))
    for nodes in (elsewhere, other):
        with pytest.raises(RefusedNetworkError, match="no block does Erf"):
            read_here(write_graph(tmp_path / "a.onnx", nodes, MAPS))


def test_what_changes_nothing_is_dropped(tmp_path: Path) -> None:
    nodes = [
        node("Identity", "x", "a"),
        node("Cast", "a", "b", to=TensorProto.FLOAT),
        node("Transpose", "b", "c", perm=[0, 1, 2, 3]),
        node("Reshape", "c same", "d"),
        node("Clip", "d", "e"),
        node("Relu", "e", "unused"),
        node("Relu", "e", "y"),
    ]
    arrays = {"same": np.array([-1, 2, 6, 7])}
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert [row.outcome for row in imported.rows] == ["dropped"] * 6 + ["taken"]
    assert imported.rows[5].text == "nothing uses what it gives"
    assert kinds(imported) == ["relu"]


def test_global_pooling_and_what_flattens_it_are_one_block(tmp_path: Path) -> None:
    for last in (node("Flatten", "m", "y"), node("Squeeze", "m axes", "y")):
        nodes = [node("Relu", "x", "r"), node("GlobalAveragePool", "r", "m"), last]
        arrays = {"axes": np.array([2, 3])}
        imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
        assert kinds(imported) == ["relu", "global_avg_pool"]
        assert imported.rows[-1].outcome == "folded"


def test_a_convolution_as_classifier_ends_in_a_vector(tmp_path: Path) -> None:
    nodes = [node("GlobalAveragePool", "x", "m"), node("Conv", "m w", "y")]
    arrays = {"w": random(5, 2, 1, 1)}
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS, arrays))
    assert kinds(imported) == ["global_avg_pool", "reshape", "conv", "reshape", "softmax"]
    assert imported.project.check().problem is None


@pytest.mark.parametrize(
    ("ending", "kind", "loss"),
    [
        ([], "softmax", "cross_entropy"),
        ([node("Softmax", "v", "y")], "softmax", "cross_entropy"),
        ([node("LogSoftmax", "v", "y", axis=1)], "softmax", "cross_entropy"),
        ([node("Sigmoid", "v", "y")], "sigmoid", "bce"),
        ([node("Tanh", "v", "y")], "tanh", "mse"),
        ([node("Relu", "v", "y")], "relu", "mse"),
    ],
)
def test_the_loss_goes_with_the_end(tmp_path: Path, ending: Any, kind: str, loss: str) -> None:
    nodes = [node("Flatten", "x", "f"), node("Gemm", "f w", "v"), *ending]
    path = write_graph(tmp_path / "a.onnx", nodes, MAPS, {"w": random(84, 4)})
    imported = proved(path)
    project = imported.project
    assert (kinds(imported)[-1], project.settings.loss) == (kind, loss)
    assert project.settings.classes == (0, 1, 2, 3)
    assert project.check().problem is None
    assert (imported.rows[-1].outcome == "added") == (not ending)


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


def test_constants_may_be_nodes_and_shared(tmp_path: Path) -> None:
    constant = helper.make_node(
        "Constant", [], ["w"], value=numpy_helper.from_array(random(84, 84))
    )
    nodes = [
        constant,
        node("Transpose", "w", "t", perm=[1, 0]),
        node("Flatten", "x", "f"),
        node("Gemm", "f t", "a"),
        node("Tanh", "a", "b"),
        node("Gemm", "b w", "y"),
    ]
    imported = proved(write_graph(tmp_path / "a.onnx", nodes, MAPS))
    assert kinds(imported) == ["reshape", "dense", "tanh", "dense", "softmax"]


@pytest.mark.parametrize(
    ("mean", "deviation", "factor"), [(0.5, 0.5, 1.0), (0.1307, 0.3081, 1.0), (0.0, 1.0, 255.0)]
)
def test_the_scaling_of_images_is_recognised(
    tmp_path: Path, mean: float, deviation: float, factor: float
) -> None:
    nodes = [node("Div", "x f", "u"), node("Sub", "u m", "c"), node("Div", "c d", "s")]
    nodes += [node("Flatten", "s", "v"), node("Gemm", "v w", "y")]
    given = {"f": factor, "m": mean, "d": deviation}
    arrays: dict[str, Any] = {name: np.float32(value) for name, value in given.items()}
    path = write_graph(tmp_path / "a.onnx", nodes, ("N", 1, 4, 4), {**arrays, "w": random(16, 3)})
    imported = proved(path)
    project = imported.project
    assert kinds(imported) == ["reshape", "dense", "softmax"]
    assert imported.input_factor == factor
    if mean:
        assert project.settings.scaling == "standard"
        assert project.scaling is not None
        assert project.scaling.mean == (float(np.float32(mean)),)
        assert project.scaling.deviation == (float(np.float32(deviation)),)
    else:
        assert project.settings.scaling == "unit"
        assert "from 0 to 255" in imported.notes[0]


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
