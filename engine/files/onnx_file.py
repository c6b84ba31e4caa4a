"""ONNX files: a network as a graph of nodes, by the package onnx, which is loaded when it is used.

The names are those of ONNX (github.com/onnx/onnx, docs/IR.md): a node applies an operator to values
and tensors, all of which are known by name.
"""

import contextlib
import glob
import math
import os
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import NetworkFileError
from engine.files.untrusted_read import DamagedError, read_file
from engine.model.stack import MAX_PARAMETERS

if TYPE_CHECKING:
    from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

PROGRAM = "Layerscope"  # the producer that our own files name
IR_VERSION = 8  # which every runtime since 2022 reads
MAX_BYTES = 2 * MAX_PARAMETERS * 4  # what protobuf takes at most, and room for float64
# The values of TensorProto.data_type that can be read, by the names of numpy.
TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
}
_STRANGE = "of a strange type"
_MOST_AXES = 64  # to multiply the sizes of 100,000 would take minutes
_MOST_DESCRIBED = 16_000_000  # bytes of all but the values of tensors
_COPIES, _HEADROOM = 6, 1_500_000_000  # of a file that is read: in memory, and bytes beside it
_CHECKSUM = "crc32"


class Tensor(msgspec.Struct, frozen=True, eq=False):
    """A constant array; `values` is None where they are of a type that is not read."""

    name: str
    values: NDArray[Any] | None

    @property
    def dtype(self) -> str:
        """Return the type as numpy calls it."""
        return _STRANGE if self.values is None else self.values.dtype.name

    def read(self) -> NDArray[Any]:
        """Return the values; raise DamagedError if their type is not read."""
        if self.values is None:
            raise DamagedError(f"{self.name[:60]!r} holds values {_STRANGE}")
        return self.values


# None is an attribute of a kind that no node of these blocks has, such as a graph.
Attribute = int | float | str | tuple[int | float, ...] | Tensor | None


class Node(msgspec.Struct, frozen=True, eq=False):
    """One operator, the names of what it takes and gives, and its attributes.

    An input that is left out has an empty name.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    name: str = ""
    attributes: dict[str, Attribute] = {}
    doc: str = ""
    domain: str = ""


class ValueInfo(msgspec.Struct, frozen=True):
    """The shape of a value; a size that is open has a name, or an empty one.

    `shape` is None where the file does not say it.
    """

    name: str
    shape: tuple[int | str, ...] | None
    dtype: str = "float32"
    doc: str = ""


class Graph(msgspec.Struct, frozen=True, eq=False):
    """The nodes, in an order in which they can be computed, with what they take and give.

    `opset` is the version of ONNX's own operators, 0 where a file says none.
    """

    name: str
    nodes: tuple[Node, ...]
    inputs: tuple[ValueInfo, ...]
    outputs: tuple[ValueInfo, ...]
    tensors: dict[str, Tensor] = {}
    values: tuple[ValueInfo, ...] = ()
    metadata: dict[str, str] = {}
    doc: str = ""
    opset: int = 17
    producer: str = ""
    producer_version: str = ""


# --- writing ---------------------------------------------------------------------------------


def encode_graph(graph: Graph) -> bytes:
    """Return the bytes of the file, with a checksum at their end."""
    from onnx import ModelProto, helper, numpy_helper

    nodes = []
    for each in graph.nodes:
        node = helper.make_node(each.op, each.inputs, each.outputs, each.name)
        nodes.append(node)
        node.doc_string = each.doc
        node.attribute.extend(helper.make_attribute(*pair) for pair in each.attributes.items())
    stored = [numpy_helper.from_array(each.read(), each.name) for each in graph.tensors.values()]
    inputs, outputs, values = (
        [_encoded(value) for value in part] for part in (graph.inputs, graph.outputs, graph.values)
    )
    made = helper.make_graph(
        nodes, graph.name, inputs, outputs, stored, doc_string=graph.doc, value_info=values
    )
    head = ModelProto(
        ir_version=IR_VERSION,
        producer_name=graph.producer,
        producer_version=graph.producer_version,
        opset_import=[helper.make_opsetid("", graph.opset)],
    )
    helper.set_model_props(head, dict(graph.metadata))
    # Messages one behind the other are read as one.
    whole: bytes = head.SerializeToString() + ModelProto(graph=made).SerializeToString()
    return whole + _checksum_of(whole)


def encode_outputs(names: Iterable[str]) -> bytes:
    """Return what makes a file, behind whose bytes it is put, give these values too."""
    from onnx import GraphProto, ModelProto, ValueInfoProto

    added = GraphProto(output=[ValueInfoProto(name=name) for name in names])
    encoded: bytes = ModelProto(graph=added).SerializeToString()
    return encoded


def _encoded(value: ValueInfo) -> "ValueInfoProto":
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(value.name, TensorProto.FLOAT, value.shape, value.doc)


def _checksum_of(data: bytes) -> bytes:
    """Return the entry of the metadata that ends a file of ours: a checksum of what is before."""
    from onnx import ModelProto, StringStringEntryProto

    entry = StringStringEntryProto(key=_CHECKSUM, value=f"{zlib.crc32(data):08x}")
    encoded: bytes = ModelProto(metadata_props=[entry]).SerializeToString()
    return encoded


# --- reading ---------------------------------------------------------------------------------


def open_graph(path: Path) -> Graph:
    """Read the graph of a file, and of the files with tensors that lie beside it.

    A file of others is for a process of its own. Raises NetworkFileError.
    """
    data = read_file(path, MAX_BYTES, NetworkFileError)
    try:
        return _Reader(path).graph(data)
    except DamagedError as fault:
        raise NetworkFileError(f"{path} is damaged: {fault}. Export it again.") from fault
    except MemoryError:
        raise NetworkFileError(f"{path} does not fit into memory.") from None


def packed_graph(path: Path, _images: object = None) -> list[NDArray[Any]]:
    """Read a file of others, in the process that is there for it.

    Return arrays of which `unpacked_graph` makes the graph, or the sentence why there is none.
    """
    arrays: list[NDArray[Any]] = []

    def number(array: NDArray[Any]) -> int:
        arrays.append(array)
        return len(arrays)

    _limit_memory(path)
    try:
        described = msgspec.msgpack.encode(open_graph(path), enc_hook=number)
    except NetworkFileError as fault:
        described = msgspec.msgpack.encode(str(fault))
    if len(described) > _MOST_DESCRIBED:
        words = f"{path} is damaged: it has far more parts than a network needs. Export it again."
        described = msgspec.msgpack.encode(words)
    return [np.frombuffer(described, np.uint8), *arrays]


def unpacked_graph(packed: Sequence[NDArray[Any] | None]) -> Graph:
    """Make the graph of what `packed_graph` gave in another process; raise NetworkFileError."""
    found: Graph | str = msgspec.msgpack.decode(
        bytes(packed[0] if packed[0] is not None else b""),
        type=Graph | str,
        dec_hook=lambda _type, number: packed[number],
    )
    if isinstance(found, str):
        raise NetworkFileError(found)
    return found


def _limit_memory(path: Path) -> None:
    """Have a file that would fill the memory end its process, where systems can do that."""
    if os.name == "nt":
        return
    import resource

    import psutil

    size = sum(each.stat().st_size for each in path.parent.glob(f"{glob.escape(path.name)}*"))
    most = psutil.Process().memory_info().vms + _COPIES * size + _HEADROOM
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


class _Reader:
    """Makes a graph of the bytes of a file, and keeps the bytes of the files beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._siblings: dict[str, bytes] = {}

    def graph(self, data: bytes) -> Graph:
        """Return the graph; of a file that is ours, the checksum is compared."""
        from onnx import ModelProto

        try:
            model = ModelProto.FromString(data)
        except MemoryError:
            raise
        except Exception as fault:
            raise DamagedError("it is cut off, or no ONNX file at all") from fault
        if not model.HasField("graph"):
            raise DamagedError("it holds no network, or is no ONNX file at all")
        _require_whole(data, model)
        graph = self._graph(model, model.graph)
        described = msgspec.msgpack.encode(graph, enc_hook=lambda _array: 0)
        try:  # what is no text, protobuf gives as bytes
            msgspec.msgpack.decode(described, type=Graph, dec_hook=lambda *_: np.empty(0))
        except msgspec.ValidationError:
            raise DamagedError("one of its names is no text") from None
        return graph

    def _graph(self, model: "ModelProto", graph: "GraphProto") -> Graph:
        if graph.sparse_initializer:
            raise DamagedError("it holds sparse tensors, which are not read")
        tensors: dict[str, Tensor] = {}
        for stored in graph.initializer:
            if stored.name in tensors:
                raise DamagedError(f"it holds {stored.name[:60]!r} twice")
            tensors[stored.name] = self.tensor(stored)
        own = [each.version for each in model.opset_import if each.domain in ("", "ai.onnx")]
        return Graph(
            graph.name,
            tuple(self._node(node) for node in graph.node),
            # In files up to IR version 3 every tensor is an input too.
            tuple(_value(each) for each in graph.input if each.name not in tensors),
            tuple(map(_value, graph.output)),
            tensors,
            tuple(map(_value, graph.value_info)),
            {entry.key: entry.value for entry in model.metadata_props},
            graph.doc_string,
            own[-1] if own else 0,
            model.producer_name,
            model.producer_version,
        )

    def _node(self, node: "NodeProto") -> Node:
        return Node(
            node.op_type,
            tuple(node.input),
            tuple(node.output),
            node.name,
            {each.name: self._attribute(each) for each in node.attribute},
            node.doc_string,
            node.domain,
        )

    def _attribute(self, stored: "AttributeProto") -> Attribute:
        if stored.ints or stored.floats:
            return tuple(stored.ints) or tuple(stored.floats)
        if stored.HasField("t"):
            return self.tensor(stored.t)
        if stored.HasField("s"):
            return stored.s.decode("utf-8", "replace")
        if stored.HasField("f"):
            return stored.f
        return stored.i if stored.HasField("i") else None

    def tensor(self, stored: "TensorProto") -> Tensor:
        """Return a tensor; raise DamagedError if it contradicts itself."""
        from onnx import TensorProto, numpy_helper

        named, shape = f"{stored.name[:60]!r}", tuple(stored.dims)
        if len(shape) > _MOST_AXES:
            raise DamagedError(f"{named} has more axes than any array")
        if any(size < 0 for size in shape):
            raise DamagedError(f"{named} has a negative size")
        if stored.HasField("segment"):
            raise DamagedError("it holds a part of a tensor, which is not read")
        if stored.data_type not in TYPES:
            return Tensor(stored.name, None)
        if stored.data_location == TensorProto.EXTERNAL:
            raw = self._outside(stored)
        elif stored.HasField("raw_data"):
            raw = stored.raw_data
        else:
            try:
                return Tensor(stored.name, numpy_helper.to_array(stored))
            except (ValueError, TypeError, OverflowError) as fault:
                raise DamagedError(f"{named} has not the values that it needs") from fault
        wanted = np.dtype(TYPES[stored.data_type]).newbyteorder("<")
        size = math.prod(shape) * wanted.itemsize
        if len(raw) != size:
            raise DamagedError(f"{named} has {len(raw):,} bytes, but needs {size:,}")
        return Tensor(stored.name, np.frombuffer(raw, wanted).reshape(shape))

    def _outside(self, stored: "TensorProto") -> bytes:
        told = {entry.key: str(entry.value) for entry in stored.external_data}
        content = self._sibling(told.get("location", ""))
        try:
            start = int(told.get("offset", "0"))
            size = int(told.get("length", str(len(content) - start)))
        except ValueError:
            start = size = -1
        if not (0 <= start <= len(content) and 0 <= size <= len(content) - start):
            raise DamagedError(f"{stored.name[:60]!r} lies outside its file")
        return content[start : start + size]

    def _sibling(self, name: str) -> bytes:
        """Read a plain file of the same folder."""
        if not name or name in (".", "..") or any(sign in name for sign in "/\\\0:"):
            raise NetworkFileError(
                f"{self._path} keeps numbers in {name[:60]!r}, which is not in its own folder. "
                "Export it with all its numbers beside it."
            )
        beside = self._path.parent / name
        if beside.is_symlink():
            raise NetworkFileError(f"{beside} is a link. Put the file itself beside {self._path}.")
        if name not in self._siblings:
            self._siblings[name] = read_file(beside, MAX_BYTES, NetworkFileError)
        return self._siblings[name]


def _require_whole(data: bytes, model: "ModelProto") -> None:
    """Raise DamagedError if a file of ours does not end in the checksum of what is before it.

    Other programs that write such a file anew put all its metadata behind the graph: then nothing
    is compared.
    """
    from onnx import ModelProto

    told = {entry.key for entry in model.metadata_props}
    if not told or not (model.producer_name == PROGRAM or told & {"stack", _CHECKSUM}):
        return
    behind = ModelProto(metadata_props=model.metadata_props).SerializeToString()
    before = data[: -len(_checksum_of(b""))]
    rewritten = len(model.metadata_props) > 1 and data.endswith(behind)
    if not rewritten and data != before + _checksum_of(before):
        raise DamagedError("it is not what was written")


def _value(stored: "ValueInfoProto") -> ValueInfo:
    shape, dtype = None, ""
    if stored.type.HasField("tensor_type"):
        tensor = stored.type.tensor_type
        dtype = TYPES.get(tensor.elem_type, _STRANGE)
        if tensor.HasField("shape"):
            shape = tuple(
                size.dim_value if size.HasField("dim_value") else size.dim_param
                for size in tensor.shape.dim
            )
    return ValueInfo(stored.name, shape, dtype, stored.doc_string)
