"""What a node says beside its operator: attributes, and inputs that are constant.

All raise RefusedNodeError where it is not what it should be.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from engine.files.onnx_file import Node
from engine.imports.onnx.constants import real_values, whole_values
from engine.imports.onnx.table import RefusedNodeError

Values = NDArray[Any]
Given = Sequence[Values | None]


def constant_of(given: Given, place: int, what: str) -> Values:
    """Return a constant of a node, made of finite real numbers."""
    values = given[place] if len(given) > place else None
    if values is None:
        raise RefusedNodeError(f"its {what.replace('_', ' ')} is not in the file as it is")
    return real_values(values, what.replace("_", " "))


def present(given: Given) -> list[Values]:
    """Return the inputs that are constant."""
    return [each for each in given if each is not None]


def told_axes(node: Node, given: Given) -> tuple[int, ...] | None:
    """Return the axes that a node is told; None if it is told none."""
    if len(given) > 1 and given[1] is not None:
        return tuple(whole_values(given[1], "its axes"))
    return ints_of(node, "axes") or None


def int_of(node: Node, name: str, default: int) -> int:
    """Return an attribute that is a whole number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise RefusedNodeError(f"its {name} is no whole number")
    return value


def float_of(node: Node, name: str, default: float) -> float:
    """Return an attribute that is a number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int | float):
        raise RefusedNodeError(f"its {name} is no number")
    return float(value)


def ints_of(node: Node, name: str) -> tuple[int, ...]:
    """Return an attribute that is a list of whole numbers; empty if it is left out."""
    value = node.attributes.get(name, ())
    if not isinstance(value, tuple) or not all(isinstance(each, int) for each in value):
        raise RefusedNodeError(f"its {name} is no list of whole numbers")
    return tuple(int(each) for each in value)
