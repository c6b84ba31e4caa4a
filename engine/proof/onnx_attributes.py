"""Which attributes of the operators of ONNX are honoured, by the import and by its proof alike.

An attribute that is not named here, or has another value, would change the numbers without a word;
so whoever reads a node asks first.
"""

from collections.abc import Mapping
from typing import Any

from engine.files.onnx_file import Node

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
    "Conv": {**_WINDOW, "dilations": _ANY, "group": (1,)},
    "Dropout": {"ratio": _ANY, "seed": _ANY},
    "Flatten": {"axis": _ANY},
    "Gather": {"axis": _ANY},
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
