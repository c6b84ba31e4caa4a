"""The numbers by which ONNX files call their fields and types (onnx.proto of github.com/onnx/onnx).

Fields have the numbers of the message that they are in.
"""

from typing import Final


class Model:
    """Fields of ModelProto."""

    IR_VERSION: Final = 1
    PRODUCER: Final = 2
    PRODUCER_VERSION: Final = 3
    GRAPH: Final = 7
    OPSET: Final = 8
    METADATA: Final = 14
    FUNCTIONS: Final = 25


class GraphField:
    """Fields of GraphProto."""

    NODE: Final = 1
    NAME: Final = 2
    TENSOR: Final = 5
    DOC: Final = 10
    INPUT: Final = 11
    OUTPUT: Final = 12
    VALUE: Final = 13
    SPARSE_TENSOR: Final = 15


class NodeField:
    """Fields of NodeProto."""

    INPUT: Final = 1
    OUTPUT: Final = 2
    NAME: Final = 3
    OP: Final = 4
    ATTRIBUTE: Final = 5
    DOC: Final = 6
    DOMAIN: Final = 7


class AttributeField:
    """Fields of AttributeProto."""

    NAME: Final = 1
    FLOAT: Final = 2
    INT: Final = 3
    TEXT: Final = 4
    TENSOR: Final = 5
    FLOATS: Final = 7
    INTS: Final = 8
    TYPE: Final = 20


class TensorField:
    """Fields of TensorProto."""

    SIZE: Final = 1
    TYPE: Final = 2
    SEGMENT: Final = 3
    FLOATS: Final = 4
    INT32S: Final = 5
    INT64S: Final = 7
    NAME: Final = 8
    RAW: Final = 9
    DOUBLES: Final = 10
    EXTERNAL: Final = 13
    LOCATION: Final = 14


class AttributeType:
    """Values of AttributeProto.type."""

    FLOAT: Final = 1
    INT: Final = 2
    TEXT: Final = 3
    TENSOR: Final = 4
    FLOATS: Final = 6
    INTS: Final = 7


# The values of TensorProto.data_type that can be read, by the names of numpy.
TYPES: Final = {
    1: "float32",
    2: "uint8",
    3: "int8",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
}
FLOAT32: Final = 1
INT64: Final = 7
