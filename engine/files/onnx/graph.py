"""Graph: what an ONNX file holds, as far as networks of these blocks need it.

The names are those of ONNX (github.com/onnx/onnx, docs/IR.md): a node applies an operator to values
and tensors, all of which are known by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.array_types import Shape

PROGRAM = "Layerscope"  # the producer that our own files name


@dataclass(frozen=True, eq=False)
class Tensor:
    """A constant array. Its values are made when they are wanted.

    `dtype` is its type as numpy calls it. `read` may raise DamagedError.
    """

    name: str
    dtype: str
    shape: Shape
    read: Callable[[], NDArray[Any]]


# None is an attribute of a kind that no node of these blocks has, such as a graph.
Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | Tensor | None


@dataclass(frozen=True, eq=False)
class Node:
    """One operator, the names of what it takes and gives, and its attributes.

    An input that is left out has an empty name.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    name: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    doc: str = ""
    domain: str = ""


@dataclass(frozen=True)
class ValueInfo:
    """The shape of a value; a size that is open has a name, or an empty one.

    `shape` is None where the file does not say it.
    """

    name: str
    shape: tuple[int | str, ...] | None
    dtype: str = "float32"
    doc: str = ""


@dataclass(frozen=True, eq=False)
class Graph:
    """The nodes, in an order in which they can be computed, with what they take and give.

    `opset` is the version of ONNX's own operators, 0 where a file says none.
    """

    name: str
    nodes: tuple[Node, ...]
    inputs: tuple[ValueInfo, ...]
    outputs: tuple[ValueInfo, ...]
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    values: tuple[ValueInfo, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    doc: str = ""
    opset: int = 17
    producer: str = ""
    producer_version: str = ""
