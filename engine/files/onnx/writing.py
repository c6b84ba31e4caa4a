"""Write a graph as an ONNX file: IR version 8, which every runtime since 2022 reads."""

from collections.abc import Iterable

import numpy as np

from engine.files.onnx.checksum import checksum_of
from engine.files.onnx.field_numbers import (
    TYPES,
    AttributeField,
    AttributeType,
    GraphField,
    Model,
    NodeField,
    TensorField,
)
from engine.files.onnx.graph import Attribute, Graph, Node, Tensor, ValueInfo
from engine.files.protobuf import Piece, integer, message, real, text

IR_VERSION = 8
_TYPE_NUMBERS = {name: number for number, name in TYPES.items()}


def encode_graph(graph: Graph) -> bytes:
    """Return the bytes of the file, with a checksum at their end. The arrays are copied once."""
    pieces = [
        *integer(Model.IR_VERSION, IR_VERSION),
        *text(Model.PRODUCER, graph.producer),
        *text(Model.PRODUCER_VERSION, graph.producer_version),
        *message(Model.OPSET, [*text(1, ""), *integer(2, graph.opset)]),
        *_joined(message(Model.METADATA, _pair(*pair)) for pair in graph.metadata.items()),
        *message(Model.GRAPH, _graph(graph)),
    ]
    return b"".join([*pieces, *checksum_of(pieces)])


def encode_outputs(names: Iterable[str]) -> bytes:
    """Return what makes a file, behind whose bytes it is put, give these values too."""
    added = _joined(message(GraphField.OUTPUT, text(1, name)) for name in names)
    return b"".join(message(Model.GRAPH, added))  # equal fields that hold messages are merged


def _graph(graph: Graph) -> list[Piece]:
    of_tensors = graph.tensors.values()
    return [
        *text(GraphField.NAME, graph.name),
        *text(GraphField.DOC, graph.doc),
        *_joined(message(GraphField.INPUT, _value(value)) for value in graph.inputs),
        *_joined(message(GraphField.OUTPUT, _value(value)) for value in graph.outputs),
        *_joined(message(GraphField.VALUE, _value(value)) for value in graph.values),
        *_joined(message(GraphField.NODE, _node(node)) for node in graph.nodes),
        *_joined(message(GraphField.TENSOR, _tensor(tensor)) for tensor in of_tensors),
    ]


def _node(node: Node) -> list[Piece]:
    attributes = node.attributes.items()
    return [
        *_joined(text(NodeField.INPUT, name) for name in node.inputs),
        *_joined(text(NodeField.OUTPUT, name) for name in node.outputs),
        *text(NodeField.NAME, node.name),
        *text(NodeField.OP, node.op),
        *_joined(message(NodeField.ATTRIBUTE, _attribute(*pair)) for pair in attributes),
        *text(NodeField.DOC, node.doc),
    ]


def _attribute(name: str, value: Attribute) -> list[Piece]:
    match value:
        case int():
            kind, pieces = AttributeType.INT, integer(AttributeField.INT, value)
        case float():
            kind, pieces = AttributeType.FLOAT, real(AttributeField.FLOAT, value)
        case str():
            kind, pieces = AttributeType.TEXT, text(AttributeField.TEXT, value)
        case tuple():
            kind = AttributeType.INTS
            pieces = _joined(integer(AttributeField.INTS, int(each)) for each in value)
        case _:
            raise NotImplementedError(f"no node that is written has an attribute such as {name}")
    return [*text(AttributeField.NAME, name), *pieces, *integer(AttributeField.TYPE, kind)]


def _tensor(tensor: Tensor) -> list[Piece]:
    values = np.ascontiguousarray(tensor.read())
    stored = values.astype(values.dtype.newbyteorder("<"), copy=False)
    raw = stored.reshape(-1).view(np.uint8).data if values.size else b""
    return [
        *_joined(integer(TensorField.SIZE, size) for size in tensor.shape),
        *integer(TensorField.TYPE, _TYPE_NUMBERS[tensor.dtype]),
        *text(TensorField.NAME, tensor.name),
        *message(TensorField.RAW, [raw]),
    ]


def _value(value: ValueInfo) -> list[Piece]:
    sizes = _joined(message(1, _size(size)) for size in value.shape or ())
    tensor_type = [*integer(1, _TYPE_NUMBERS[value.dtype]), *message(2, sizes)]
    return [*text(1, value.name), *message(2, message(1, tensor_type)), *text(3, value.doc)]


def _size(size: int | str) -> list[Piece]:
    return text(2, size) if isinstance(size, str) else integer(1, size)


def _pair(key: str, value: str) -> list[Piece]:
    return [*text(1, key), *text(2, value)]


def _joined(parts: Iterable[list[Piece]]) -> list[Piece]:
    return [piece for part in parts for piece in part]
