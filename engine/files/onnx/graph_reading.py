"""Read an ONNX file without trust: its graph, with arrays that are made when they are wanted."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.errors import NetworkFileError
from engine.files.onnx.checksum import is_marked, require_whole
from engine.files.onnx.field_numbers import (
    TYPES,
    AttributeField,
    GraphField,
    Model,
    NodeField,
    TensorField,
)
from engine.files.onnx.graph import PROGRAM, Attribute, Graph, Node, Tensor, ValueInfo
from engine.files.protobuf import (
    FieldReader,
    Piece,
    Value,
    bytes_of,
    number_of,
    packed_numbers,
    real_of,
    varint,
)
from engine.files.untrusted_read import DamagedError, read_file
from engine.model.stack import MAX_PARAMETERS

MAX_BYTES = 2 * MAX_PARAMETERS * 4  # what protobuf takes at most, and room for float64
_MOST_AXES = 64  # to multiply the sizes of 100,000 would take minutes
_MOST_TYPED = 16_000_000  # bytes of values that are stored as numbers of several lengths

Siblings = Callable[[str], memoryview]


def open_graph(path: Path) -> Graph:
    """Read the graph of a file, and of the files with tensors that lie beside it.

    Raises NetworkFileError.
    """
    data = read_file(path, MAX_BYTES, NetworkFileError)
    siblings: dict[str, memoryview] = {}

    def sibling(name: str) -> memoryview:
        if name not in siblings:
            siblings[name] = _read_sibling(path, name)
        return siblings[name]

    try:
        return read_graph(data, sibling)
    except DamagedError as fault:
        raise NetworkFileError(f"{path} is damaged: {fault}. Export it again.") from fault


def read_graph(data: bytes, sibling: Siblings | None = None) -> Graph:
    """Return the graph that the bytes of a file hold.

    `sibling` gives the bytes of another file of its folder, by name; None where there are none.
    Raises DamagedError.
    """
    return _GraphReader(sibling or _no_siblings).model(memoryview(data))


def read_tensor(data: bytes) -> Tensor:
    """Return the tensor of a file that holds nothing else; raise DamagedError."""
    return _GraphReader(_no_siblings).tensor(memoryview(data))


def _no_siblings(name: str) -> memoryview:
    raise DamagedError(f"its numbers are in another file, {name[:60]!r}")


def _read_sibling(path: Path, name: str) -> memoryview:
    """Read a plain file of the same folder."""
    if not name or name in (".", "..") or any(sign in name for sign in "/\\\0:"):
        raise NetworkFileError(
            f"{path} keeps numbers in {name[:60]!r}, which is not in its own folder. Export it "
            "with all its numbers beside it."
        )
    beside = path.parent / name
    if beside.is_symlink():
        raise NetworkFileError(f"{beside} is a link. Put the file itself beside {path}.")
    return memoryview(read_file(beside, MAX_BYTES, NetworkFileError))


@dataclass
class _Storage:
    """What a TensorProto says of its values: where they are, and how they are stored."""

    sizes: list[int] = field(default_factory=list)
    kind: int = 0
    name: str = ""
    raw: memoryview | None = None
    floats: list[Piece] = field(default_factory=list)
    doubles: list[Piece] = field(default_factory=list)
    varints: list[Piece] = field(default_factory=list)
    external: dict[str, str] = field(default_factory=dict)
    is_external: bool = False


class _GraphReader:
    def __init__(self, sibling: Siblings) -> None:
        self._reader = FieldReader()
        self._fields = self._reader.fields
        self._sibling = sibling

    def model(self, content: memoryview) -> Graph:
        """Return the graph of a ModelProto; of a file that is ours, the checksum is compared."""
        graph: list[memoryview] = []
        metadata: dict[str, str] = {}
        opset, producer, version = 0, "", ""
        has_own_order = False  # other programs put the metadata behind the graph
        for number, value in self._fields(content):
            match number:
                case Model.GRAPH:
                    graph.append(bytes_of(value))
                    has_own_order = bool(metadata)
                case Model.OPSET:
                    domain, found = self._opset(bytes_of(value))
                    opset = found if domain in ("", "ai.onnx") else opset
                case Model.METADATA:
                    key, said = self._pair(bytes_of(value))
                    metadata[key] = said
                case Model.PRODUCER:
                    producer = self._reader.text(value)
                case Model.PRODUCER_VERSION:
                    version = self._reader.text(value)
        if not graph:
            raise DamagedError("it holds no network, or is no ONNX file at all")
        if has_own_order and (producer == PROGRAM or "stack" in metadata or is_marked(content)):
            require_whole(content)
        return self._graph(graph, metadata, opset, (producer, version))

    def _opset(self, content: memoryview) -> tuple[str, int]:
        domain, version = "", 0
        for number, value in self._fields(content):
            if number == 1:
                domain = self._reader.text(value)
            elif number == 2:
                version = number_of(value)
        return domain, version

    def _pair(self, content: memoryview) -> tuple[str, str]:
        key, said = "", ""
        for number, value in self._fields(content):
            if number == 1:
                key = self._reader.text(value)
            elif number == 2:
                said = self._reader.text(value)
        return key, said

    def _graph(
        self,
        parts: list[memoryview],
        metadata: dict[str, str],
        opset: int,
        producer: tuple[str, str],
    ) -> Graph:
        name = doc = ""
        nodes: list[Node] = []
        tensors: dict[str, Tensor] = {}
        values: dict[int, list[ValueInfo]] = {
            GraphField.INPUT: [],
            GraphField.OUTPUT: [],
            GraphField.VALUE: [],
        }
        for part in parts:
            for number, value in self._fields(part):
                match number:
                    case GraphField.NODE:
                        nodes.append(self._node(bytes_of(value)))
                    case GraphField.NAME:
                        name = self._reader.text(value)
                    case GraphField.DOC:
                        doc = self._reader.text(value)
                    case GraphField.TENSOR:
                        tensor = self.tensor(bytes_of(value))
                        if tensor.name in tensors:
                            raise DamagedError(f"it holds {tensor.name[:60]!r} twice")
                        tensors[tensor.name] = tensor
                    case GraphField.SPARSE_TENSOR:
                        raise DamagedError("it holds sparse tensors, which are not read")
                    case GraphField.INPUT | GraphField.OUTPUT | GraphField.VALUE:
                        values[number].append(self._value(bytes_of(value)))
        inputs, outputs, inner = (tuple(each) for each in values.values())
        # In files up to IR version 3 every tensor is an input too.
        inputs = tuple(value for value in inputs if value.name not in tensors)
        told = tuple(nodes), inputs, outputs, tensors, inner, metadata, doc, opset, *producer
        return Graph(name, *told)

    def _node(self, content: memoryview) -> Node:
        inputs: list[str] = []
        outputs: list[str] = []
        texts = {NodeField.NAME: "", NodeField.OP: "", NodeField.DOC: "", NodeField.DOMAIN: ""}
        attributes: dict[str, Attribute] = {}
        for number, value in self._fields(content):
            match number:
                case NodeField.INPUT:
                    inputs.append(self._reader.text(value))
                case NodeField.OUTPUT:
                    outputs.append(self._reader.text(value))
                case NodeField.ATTRIBUTE:
                    name, said = self._attribute(bytes_of(value))
                    attributes[name] = said
                case NodeField.NAME | NodeField.OP | NodeField.DOC | NodeField.DOMAIN:
                    texts[number] = self._reader.text(value)
        name, op, doc, domain = texts.values()
        return Node(op, tuple(inputs), tuple(outputs), name, attributes, doc, domain)

    def _attribute(self, content: memoryview) -> tuple[str, Attribute]:
        name = ""
        said: Attribute = None
        ints: list[int] = []
        floats: list[float] = []
        for number, value in self._fields(content):
            match number:
                case AttributeField.NAME:
                    name = self._reader.text(value)
                case AttributeField.FLOAT:
                    said = real_of(value)
                case AttributeField.INT:
                    said = number_of(value)
                case AttributeField.TEXT:
                    said = self._reader.text(value, "replace")
                case AttributeField.TENSOR:
                    said = self.tensor(bytes_of(value))
                case AttributeField.FLOATS:
                    floats += self._reader.reals(value)
                case AttributeField.INTS:
                    ints += self._reader.integers(value)
        return name, tuple(ints) or tuple(floats) or said

    def _value(self, content: memoryview) -> ValueInfo:
        name, doc, dtype = "", "", ""
        shape: tuple[int | str, ...] | None = None
        for number, value in self._fields(content):
            if number == 1:
                name = self._reader.text(value)
            elif number == 2:
                dtype, shape = self._type(bytes_of(value))
            elif number == 3:
                doc = self._reader.text(value)
        return ValueInfo(name, shape, dtype, doc)

    def _type(self, content: memoryview) -> tuple[str, tuple[int | str, ...] | None]:
        dtype, shape = "", None
        for number, tensor_type in self._fields(content):
            if number != 1:  # a sequence, map or the like
                continue
            for inner, value in self._fields(bytes_of(tensor_type)):
                if inner == 1:
                    dtype = TYPES.get(number_of(value), "of a strange type")
                elif inner == 2:
                    sizes = self._fields(bytes_of(value))
                    shape = tuple(self._size(bytes_of(size)) for which, size in sizes if which == 1)
        return dtype, shape

    def _size(self, content: memoryview) -> int | str:
        size: int | str = ""
        for number, value in self._fields(content):
            if number == 1:
                size = number_of(value)
            elif number == 2:
                size = self._reader.text(value)
        return size

    def tensor(self, content: memoryview) -> Tensor:
        """Return the tensor that a TensorProto is."""
        stored = _Storage()
        for number, value in self._fields(content):
            self._take(stored, number, value)
        dtype = TYPES.get(stored.kind, "of a strange type")
        shape = tuple(stored.sizes)
        if len(shape) > _MOST_AXES:
            raise DamagedError(f"{stored.name[:60]!r} has more axes than any array")
        if any(size < 0 for size in shape):
            raise DamagedError(f"{stored.name[:60]!r} has a negative size")
        return Tensor(stored.name, dtype, shape, lambda: self._values(stored, dtype, shape))

    def _take(self, stored: _Storage, number: int, value: Value) -> None:
        match number:
            case TensorField.SIZE:
                stored.sizes += self._reader.integers(value)
            case TensorField.TYPE:
                stored.kind = number_of(value)
            case TensorField.NAME:
                stored.name = self._reader.text(value)
            case TensorField.RAW:
                stored.raw = bytes_of(value)
            case TensorField.FLOATS:
                stored.floats.append(bytes_of(value))
            case TensorField.DOUBLES:
                stored.doubles.append(bytes_of(value))
            case TensorField.INT32S | TensorField.INT64S:
                stored.varints.append(varint(value) if isinstance(value, int) else value)
            case TensorField.SEGMENT:
                raise DamagedError("it holds a part of a tensor, which is not read")
            case TensorField.EXTERNAL:
                key, said = self._pair(bytes_of(value))
                stored.external[key] = said
            case TensorField.LOCATION:
                stored.is_external = number_of(value) == 1

    def _values(self, stored: _Storage, dtype: str, shape: Shape) -> NDArray[Any]:
        """Decode the values of a tensor: a view of the file where they lie there as they are."""
        named, count = f"{stored.name[:60]!r}", math.prod(shape)
        if dtype not in TYPES.values():
            raise DamagedError(f"{named} holds values of a strange type ({stored.kind})")
        wanted = np.dtype(dtype).newbyteorder("<")
        raw = self._outside(stored) if stored.is_external else stored.raw
        if raw is None and stored.floats and dtype == "float32":
            raw = _whole(stored.floats)
        if raw is None and stored.doubles and dtype == "float64":
            raw = _whole(stored.doubles)
        if raw is None:
            return _typed(stored, dtype, count, named).reshape(shape)
        if len(raw) != count * wanted.itemsize:
            raise DamagedError(
                f"{named} has {len(raw):,} bytes, but needs {count * wanted.itemsize:,}"
            )
        return np.frombuffer(raw, wanted).reshape(shape)

    def _outside(self, stored: _Storage) -> memoryview:
        content = self._sibling(stored.external.get("location", ""))
        try:
            start = int(stored.external.get("offset", "0"))
            size = int(stored.external.get("length", str(len(content) - start)))
        except ValueError:
            start = size = -1
        if not (0 <= start <= len(content) and 0 <= size <= len(content) - start):
            raise DamagedError(f"{stored.name[:60]!r} lies outside its file")
        return content[start : start + size]


def _typed(stored: _Storage, dtype: str, count: int, named: str) -> NDArray[Any]:
    """Decode values that are stored as numbers of several lengths."""
    if sum(len(piece) for piece in stored.varints) > _MOST_TYPED:
        raise DamagedError(f"{named} has too many values that are not stored as raw bytes")
    numbers = packed_numbers(_whole(stored.varints))
    if len(numbers) != count:
        raise DamagedError(f"{named} has {len(numbers):,} values, but needs {count:,}")
    if dtype == "float16":  # its bits, as whole numbers
        return numbers.astype(np.uint16).view(np.float16)
    return numbers.astype(dtype)


def _whole(pieces: list[Piece]) -> memoryview:
    """Put pieces together; a single one is not copied."""
    return memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces))
