"""The nodes of an ONNX file in plain numpy, each as its operator is defined.

The definitions are those of github.com/onnx/onnx, docs/Operators.md, as far as networks of these
blocks need them. Real numbers are computed in float64.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.blocks import KINDS, POINTWISE
from engine.files.onnx_file import TYPES, Graph, Node, Tensor
from engine.files.untrusted_read import DamagedError
from engine.proof import plain_numpy


def operator_of(kind: str) -> str:
    """Return what ONNX calls the operator of a kind of block that is one: LeakyRelu."""
    return "".join(map(str.capitalize, kind.split("_")))


# The kinds that are several nodes in opset 17: each takes "x", the input of the block, the value of
# the node before, "", or a constant.
COMPOSED: dict[str, tuple[tuple[str, *tuple[str | float, ...]], ...]] = {
    "silu": (("Sigmoid", "x"), ("Mul", "x", "")),
    "gelu": (
        *(("Div", "x", math.sqrt(2)), ("Erf", ""), ("Add", "", 1.0)),
        *(("Mul", "x", ""), ("Mul", "", 0.5)),
    ),
}
# The kinds that apply one function, without options, to every value, by their operators.
PLAIN_KINDS = {operator_of(kind): kind for kind in POINTWISE if not KINDS[kind].__struct_fields__}

# --- attributes: one that is not named here would change the numbers without a word ----------

_ANY: tuple[Any, ...] = ()
_FLAG = (0, 1)
_WINDOW: Mapping[str, tuple[Any, ...]] = {
    "auto_pad": ("NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER"),
    "kernel_shape": _ANY,
    "pads": _ANY,
    "strides": _ANY,
}
_POOL = {**_WINDOW, "ceil_mode": _FLAG, "dilations": ((1, 1),)}

# The values that are honoured. What changes nothing is here too: the momentum of a BatchNorm and
# the seed of a Dropout count in training alone, what a Cast saturates is float8, a border is
# counted where there is one, and the order of storage is that of another output.
_HONOURED: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    # What other programs say of these in passing.
    **{operator: {"alpha": (1.0,), "approximate": ("none",)} for operator in PLAIN_KINDS},
    "AveragePool": {**_POOL, "count_include_pad": _ANY},
    "BatchNormalization": {
        "epsilon": _ANY,
        "momentum": _ANY,
        "spatial": (1,),
        "training_mode": (0,),
    },
    "Cast": {"to": _ANY, "saturate": _ANY},
    "Clip": {"min": _ANY, "max": _ANY},
    "Concat": {"axis": _ANY},
    "Constant": dict.fromkeys(
        ("value", "value_float", "value_floats", "value_int", "value_ints"), _ANY
    ),
    "Conv": {**_WINDOW, "dilations": _ANY, "group": _ANY},
    "Dropout": {"ratio": _ANY, "seed": _ANY},
    "Flatten": {"axis": _ANY},
    "Gather": {"axis": _ANY},
    "GroupNormalization": {"epsilon": _ANY, "num_groups": _ANY, "stash_type": (1,)},
    "InstanceNormalization": {"epsilon": _ANY},
    "LayerNormalization": {"axis": _ANY, "epsilon": _ANY, "stash_type": (1,)},
    "Gemm": {"alpha": _ANY, "beta": _ANY, "transA": (0,), "transB": _FLAG},
    "LeakyRelu": {"alpha": _ANY},
    "LogSoftmax": {"axis": _ANY},
    "MaxPool": {**_POOL, "storage_order": _ANY},
    "Pad": {"mode": ("constant",), "pads": _ANY, "value": (0,)},
    "ReduceMean": {"axes": _ANY, "keepdims": _FLAG, "noop_with_empty_axes": (0,)},
    "Reshape": {"allowzero": _FLAG, "shape": _ANY},
    "Shape": {"start": (0,)},
    "Softmax": {"axis": _ANY},
    "Squeeze": {"axes": _ANY},
    "Transpose": {"perm": _ANY},
    "Unsqueeze": {"axes": _ANY},
}

# The last opsets that have an attribute: then it became an input, or went.
_LAST_OPSETS = {
    ("BatchNormalization", "spatial"): 8,
    ("Clip", "min"): 10,
    ("Clip", "max"): 10,
    ("Dropout", "ratio"): 11,
    ("Pad", "pads"): 10,
    ("Pad", "value"): 10,
    ("ReduceMean", "axes"): 17,
    ("Reshape", "shape"): 4,
    ("Squeeze", "axes"): 12,
    ("Unsqueeze", "axes"): 12,
}

# The first opsets in which operators do what they do today: before, they broadcast by other rules,
# or worked as in training if nothing else was said.
_FIRST_OPSETS = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Gemm", "PRelu"), 7),
    **dict.fromkeys(("BatchNormalization", "Dropout"), 7),
    "Max": 8,
}


def not_honoured(node: Node, opset: int) -> str:
    """Say what of a node is not honoured: an attribute, or its operator of that opset.

    Empty if all is. The text continues "<node>: ".
    """
    known = _HONOURED.get(node.op, {})
    for name, value in node.attributes.items():
        allowed = known.get(name)
        if allowed is None or opset > _LAST_OPSETS.get((node.op, name), opset):
            newer = "with opset 13 or later" if opset < 13 else "without it"
            return (
                f"its attribute {name[:40]!r} ({str(value)[:40]}) is not known for opset {opset}. "
                f"Export it again {newer}"
            )
        if allowed and value not in allowed:
            fitting = " or ".join(str(each) for each in allowed if each != "")
            return f"its {name} is {str(value)[:40]}, but must be {fitting}"
    if opset < _FIRST_OPSETS.get(node.op, 0):
        return f"{node.op} of opset {opset} is not known. Export it again with opset 13 or later"
    return ""


# --- nodes -----------------------------------------------------------------------------------

Values = NDArray[Any]
Inputs = Sequence[Values]


def run_graph(graph: Graph, inputs: Mapping[str, Values]) -> dict[str, Values]:
    """Return all that the nodes make of the inputs of a graph, by name.

    Raises DamagedError for an operator that is not known, or whatever numpy raises.
    """
    values: dict[str, Values] = dict(inputs)
    for node in graph.nodes:
        # What a node does not have has an empty name.
        given = [_value(name, values, graph) for name in node.inputs]
        made = run_node(node, given, graph.opset)
        values[node.outputs[0]] = made
    return values


def run_node(node: Node, inputs: Sequence[Values | None], opset: int) -> Values:
    """Return the first output of a node; an input that is left out is None.

    Raises DamagedError for an operator or an attribute that is not known, or whatever numpy raises.
    """
    operator = _OPERATORS.get(node.op)
    if operator is None or node.domain not in ("", "ai.onnx"):
        raise DamagedError(f"the operator {node.op[:60]!r} is not known")
    if reason := not_honoured(node, opset):
        raise DamagedError(f"of a {node.op}, {reason}")
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    return np.asarray(operator(inputs, {**node.attributes, "opset": opset}))


def _value(name: str, values: Mapping[str, Values], graph: Graph) -> Values | None:
    if not name:
        return None
    if name in values:
        return values[name]
    if name in graph.tensors:
        return real(graph.tensors[name].read())
    raise DamagedError(f"nothing gives {name[:60]!r}")


def real(values: Values) -> Values:
    """Return float64 for any kind of real numbers, others as they are."""
    return values.astype(np.float64) if values.dtype.kind == "f" else values


def window_pads(
    attributes: Mapping[str, Any], sizes: Shape, kernel: Shape
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the zeros before and after each axis of maps, by `pads` or by `auto_pad`."""
    strides = attributes.get("strides") or (1,) * len(kernel)
    dilations = attributes.get("dilations") or (1,) * len(kernel)
    automatic = attributes.get("auto_pad", "NOTSET")
    if automatic in ("NOTSET", ""):
        pads = attributes.get("pads") or (0,) * 2 * len(kernel)
        return tuple(pads[: len(kernel)]), tuple(pads[len(kernel) :])
    if automatic == "VALID":
        return (0,) * len(kernel), (0,) * len(kernel)
    before, after = [], []
    for size, window, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        reach = (window - 1) * dilation + 1
        zeros = max(0, (math.ceil(size / stride) - 1) * stride + reach - size)
        smaller, larger = zeros // 2, zeros - zeros // 2
        before.append(smaller if automatic == "SAME_UPPER" else larger)
        after.append(larger if automatic == "SAME_UPPER" else smaller)
    return tuple(before), tuple(after)


def _conv(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    maps, weight, *rest = inputs
    bias = rest[0] if rest else np.zeros(len(weight))
    before, after = window_pads(attributes, maps.shape[2:], weight.shape[2:])
    if maps.shape[1] != attributes.get("group", 1) * weight.shape[1]:
        raise DamagedError("the kernels of a Conv are for other groups of maps")
    down, across = attributes.get("dilations") or (1, 1)
    if (down, across) != (1, 1):  # zeros between the values of the kernels
        height, width = weight.shape[2:]
        spread = np.zeros((*weight.shape[:2], (height - 1) * down + 1, (width - 1) * across + 1))
        spread[:, :, ::down, ::across] = weight
        weight = spread
    rows, columns = attributes.get("strides") or (1, 1)
    found = plain_numpy.conv(maps, weight, bias, 1, (*before, *after))
    return found[:, :, ::rows, ::columns]


def _pool(take: Callable[..., Any]) -> Callable[[Inputs, Mapping[str, Any]], Values]:
    """Return a pooling without borders, of whole windows."""

    def run(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
        sizes, kernel = inputs[0].shape[2:], attributes["kernel_shape"]
        rows, columns = attributes.get("strides") or (1, 1)
        left_over = (sizes[0] - kernel[0]) % rows or (sizes[1] - kernel[1]) % columns
        padded = any(map(any, window_pads(attributes, sizes, kernel)))
        if padded or (attributes.get("ceil_mode") and left_over):
            raise DamagedError("a pooling has windows that are not whole, which are not known")
        windows = np.lib.stride_tricks.sliding_window_view(inputs[0], kernel, axis=(2, 3))
        found: Values = take(windows[:, :, ::rows, ::columns], axis=(4, 5))
        return found

    return run


def _gemm(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    left, right = (
        array.T if attributes.get(flag) else array
        for flag, array in zip(("transA", "transB"), inputs[:2], strict=True)
    )
    product: Values = attributes.get("alpha", 1.0) * (left @ right)
    return product if len(inputs) < 3 else product + attributes.get("beta", 1.0) * inputs[2]


def _batch_norm(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    values, weight, bias, mean, variance = inputs
    epsilon = attributes.get("epsilon", 1e-5)
    return plain_numpy.batch_norm(values, weight, bias, mean, variance, epsilon)


def _group_norm(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    """Normalise by groups; each map is one if nothing else is said."""
    values, *told = inputs
    channels = values.shape[1]
    groups = attributes.get("num_groups", channels)
    weight, bias = (np.repeat(each, channels // len(each)) for each in told)
    return plain_numpy.group_norm(values, groups, weight, bias, attributes.get("epsilon", 1e-5))


def _layer_norm(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    values, weight, *bias = inputs
    rows = values.reshape(math.prod(values.shape[: attributes.get("axis", -1)]), -1)
    one, epsilon = np.ones(rows.shape[1]), attributes.get("epsilon", 1e-5)
    normal = plain_numpy.group_norm(rows, 1, one, 0 * one, epsilon).reshape(values.shape)
    return np.asarray(normal * weight + (bias[0] if bias else 0.0))


def _softmax(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    values, axis = inputs[0], attributes.get("axis", 1 if attributes["opset"] < 13 else -1)
    axes: tuple[int, ...] = (axis,)
    if attributes["opset"] < 13:  # over all axes from this one on
        axes = tuple(range(axis % values.ndim, values.ndim))
    powers = np.exp(values - values.max(axis=axes, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axes, keepdims=True))


def _reshape(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    values = inputs[0]
    target = inputs[1] if len(inputs) > 1 else attributes["shape"]
    sizes = [int(size) for size in target]
    if not attributes.get("allowzero"):
        sizes = [values.shape[i] if size == 0 else size for i, size in enumerate(sizes)]
    return values.reshape(sizes)


def _flatten(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    axis = attributes.get("axis", 1)
    return inputs[0].reshape(math.prod(inputs[0].shape[:axis]), -1)


def axes_of(inputs: Inputs, attributes: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return the axes that an operator is told, by an attribute or by its second input."""
    if len(inputs) > 1:
        return tuple(int(axis) for axis in inputs[1].reshape(-1))
    return attributes.get("axes")


def _unsqueeze(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    return np.expand_dims(inputs[0], axes_of(inputs, attributes) or ())


def _squeeze(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    return np.squeeze(inputs[0], axes_of(inputs, attributes))


def _mean(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    axes, keep = axes_of(inputs, attributes) or None, bool(attributes.get("keepdims", 1))
    return np.asarray(inputs[0].mean(axis=axes, keepdims=keep))


def _clip(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    low, high = limits_of(inputs, attributes)
    return np.clip(inputs[0], low, high)


def limits_of(inputs: Sequence[Values | None], attributes: Mapping[str, Any]) -> list[float]:
    """Return the lower and the upper limit of a Clip; infinite where it has none."""
    found = []
    for place, name, open_end in ((1, "min", -math.inf), (2, "max", math.inf)):
        given = inputs[place] if len(inputs) > place else attributes.get(name)
        found.append(open_end if given is None else float(np.asarray(given).reshape(())))
    return found


def _pad(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    pads = [int(size) for size in (inputs[1] if len(inputs) > 1 else attributes["pads"])]
    if len(inputs) > 3 or (len(inputs) > 2 and np.any(inputs[2])):
        raise DamagedError("a Pad puts no zeros around, or names axes, which is not known")
    half = len(pads) // 2
    return np.pad(inputs[0], list(zip(pads[:half], pads[half:], strict=True)))


def _erf(inputs: Inputs, _attributes: Mapping[str, Any]) -> Values:
    from scipy.special import erf

    return np.asarray(erf(inputs[0]))


def _cast(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    dtype = np.dtype(TYPES[attributes["to"]])  # real numbers stay as exact as they are
    return real(inputs[0] if dtype.kind == inputs[0].dtype.kind == "f" else inputs[0].astype(dtype))


def _constant(inputs: Inputs, attributes: Mapping[str, Any]) -> Values:
    tensor = attributes.get("value")
    if isinstance(tensor, Tensor):
        return real(tensor.read())
    for name, dtype in (("float", "float64"), ("int", "int64")):
        for told in (f"value_{name}", f"value_{name}s"):
            if told in attributes:
                return np.asarray(attributes[told], dtype)
    raise DamagedError("a Constant has no value")


def _pointwise(kind: str) -> Callable[[Any, Any], Any]:
    return lambda inputs, _attributes: plain_numpy.pointwise(kind, inputs[0], {})


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **{operator: _pointwise(kind) for operator, kind in PLAIN_KINDS.items()},
    "Add": lambda i, _: i[0] + i[1],
    "AveragePool": _pool(np.mean),
    "BatchNormalization": _batch_norm,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": lambda i, a: np.concatenate(i, a["axis"]),
    "Constant": _constant,
    "Conv": _conv,
    "Div": lambda i, _: i[0] / i[1],
    "Dropout": lambda i, _: i[0],  # leaves values out in training only
    "Erf": _erf,
    "Flatten": _flatten,
    "Gather": lambda i, a: np.take(i[0], i[1], a.get("axis", 0)),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda i, _: i[0].mean(axis=tuple(range(2, i[0].ndim)), keepdims=True),
    "GroupNormalization": _group_norm,
    "Identity": lambda i, _: i[0],
    "InstanceNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "LeakyRelu": lambda i, a: plain_numpy.leaky_relu(i[0], a.get("alpha", 0.01)),
    "LogSoftmax": lambda i, a: np.log(np.maximum(_softmax(i, a), np.finfo(np.float64).tiny)),
    "MatMul": lambda i, _: i[0] @ i[1],
    "Max": lambda i, _: np.max(np.broadcast_arrays(*i), axis=0),
    "MaxPool": _pool(np.max),
    "Mul": lambda i, _: i[0] * i[1],
    "PRelu": lambda i, _: plain_numpy.leaky_relu(i[0], i[1]),
    "Pad": _pad,
    "ReduceMean": _mean,
    "Reshape": _reshape,
    "Shape": lambda i, _: np.array(i[0].shape),
    "Softmax": _softmax,
    "Squeeze": _squeeze,
    "Sub": lambda i, _: i[0] - i[1],
    "Transpose": lambda i, a: np.transpose(i[0], a.get("perm")),
    "Unsqueeze": _unsqueeze,
}


_FOLDER = "session.model_external_initializers_file_folder_path"
_TYPES = {"tensor(float16)": "float16", "tensor(double)": "float64", "tensor(uint8)": "uint8"}


def run_model(
    model: bytes, inputs: Mapping[str, Array], outputs: Sequence[str], folder: Path | None = None
) -> list[Array]:
    """Return some outputs of a model, of the bytes of its file.

    The inputs are brought to the types that the model wants. `folder` is where files with numbers
    of the model are.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    if folder is not None:
        options.add_session_config_entry(_FOLDER, str(folder.absolute()))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    types = {each.name: _TYPES.get(each.type, "float32") for each in session.get_inputs()}
    given = {name: _of_type(array, types[name]) for name, array in inputs.items()}
    found: list[Array] = session.run(list(outputs), given)
    return found


def _of_type(array: Array, dtype: str) -> Array:
    return (np.rint(array) if dtype == "uint8" else array).astype(dtype)
