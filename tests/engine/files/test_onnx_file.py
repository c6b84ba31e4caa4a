"""ONNX files as the package onnx writes them, and what is refused because it is a trap."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import NetworkFileError
from engine.files.onnx_file import Tensor, open_graph, packed_graph, unpacked_graph
from tests.approved import assert_approved, refusal

VALUES = np.array([[0.0, -1.5, 2.25], [300.0, 7.0, -0.125]])


def write_tensor(path: Path, stored: TensorProto) -> Path:
    """Write a file whose only tensor this is."""
    node = helper.make_node("Add", ["x", "t"], ["y"])
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])
    graph = helper.make_graph([node], "g", [value], [output], [stored])
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


def write_external(path: Path, **said: str) -> Path:
    """Write a file whose only tensor, of 6 float32, is in another."""
    stored = TensorProto(name="t", data_type=TensorProto.FLOAT, dims=[2, 3])
    stored.data_location = TensorProto.EXTERNAL
    for key, value in said.items():
        stored.external_data.add(key=key, value=value)
    return write_tensor(path, stored)


def read_tensor(path: Path) -> Tensor:
    return open_graph(path).tensors["t"]


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(
    "number",
    [
        *(TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16),
        *(TensorProto.INT64, TensorProto.INT32, TensorProto.INT8, TensorProto.BOOL),
    ],
)
def test_values_are_read_however_they_are_stored(tmp_path: Path, number: int, raw: bool) -> None:
    wanted = VALUES.clip(-100, 100).astype(helper.tensor_dtype_to_np_dtype(number))
    values: Any = wanted.tobytes() if raw else wanted.reshape(-1).tolist()
    stored = helper.make_tensor("t", number, wanted.shape, values, raw=raw)
    np.testing.assert_array_equal(numpy_helper.to_array(stored), wanted)
    graph = open_graph(write_tensor(tmp_path / "a.onnx", stored))
    for found in (graph, unpacked_graph(packed_graph(tmp_path / "a.onnx"))):
        assert (found.tensors["t"].name, found.tensors["t"].dtype) == ("t", wanted.dtype.name)
        np.testing.assert_array_equal(found.tensors["t"].read(), wanted)


CONTRADICTIONS: tuple[dict[str, Any], ...] = (
    *({"dims": sizes} for sizes in ([2, 4], [2**40, 2**40], [-1], [2**40] * 65)),
    *({"data_type": number} for number in (8, 999)),
)
LOCATIONS = (
    *("../w.data", "/etc/hostname", "sub/w.data", "sub\\w.data", "..", ""),
    *("link.data", "pipe.data", "folder", "gone.data", "short.data"),
)


def test_what_is_refused_is_said_in_approved_words(tmp_path: Path) -> None:
    path, said = tmp_path / "a.onnx", ""
    for change in CONTRADICTIONS:
        stored = numpy_helper.from_array(VALUES.astype(np.float32), "t")
        for name, value in change.items():
            stored.ClearField(name)
            if isinstance(value, list):
                getattr(stored, name).extend(value)
            else:
                setattr(stored, name, value)
        write_tensor(path, stored)
        said += refusal(lambda: read_tensor(path).read(), tmp_path)
    (tmp_path / "w.data").write_bytes(bytes(24))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "w.data").write_bytes(bytes(24))
    (tmp_path / "link.data").symlink_to("w.data")
    (tmp_path / "short.data").write_bytes(bytes(20))
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe.data")
    places = [(location, "0") for location in LOCATIONS]
    places += [("w.data", offset) for offset in ("-4", "1000", "x", "9" * 5000)]
    for location, offset in places:
        write_external(path, location=location, offset=offset, length="24")
        said += refusal(lambda: read_tensor(path).read(), tmp_path)
    write_tensor(path, numpy_helper.from_array(VALUES, "t"))
    no_text = path.read_bytes().replace(b"Add", b"A\xff\xff")
    for content in (no_text, b"", b"no onnx", b"PK\x03\x04", b"\x08\x08"):
        path.write_bytes(content)
        said += refusal(lambda: open_graph(path), tmp_path)
    assert_approved("refused_onnx_files.txt", said)


def test_values_in_another_file_of_the_folder_are_read(tmp_path: Path) -> None:
    content = VALUES.astype(np.float32).tobytes()
    (tmp_path / "w.data").write_bytes(b"1234" + content)
    path = write_external(tmp_path / "a.onnx", location="w.data", offset="4", length="24")
    np.testing.assert_array_equal(read_tensor(path).read(), VALUES)
    path = write_external(tmp_path / "a.onnx", location="w.data", offset="4")
    np.testing.assert_array_equal(read_tensor(path).read(), VALUES)


def test_tensors_that_are_inputs_too_are_no_inputs(tmp_path: Path) -> None:
    path = write_tensor(tmp_path / "a.onnx", numpy_helper.from_array(VALUES, "t"))
    model = onnx.load(path, load_external_data=False)
    model.graph.input.append(helper.make_tensor_value_info("t", TensorProto.FLOAT, [2, 3]))
    path.write_bytes(model.SerializeToString())
    assert [each.name for each in open_graph(path).inputs] == ["x"]


def test_what_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.files.onnx_file._MOST_DESCRIBED", 160_000)
    path = tmp_path / "a.onnx"
    model = onnx.ModelProto(graph=onnx.GraphProto(node=[onnx.NodeProto()] * 20_000))
    path.write_bytes(model.SerializeToString())  # two bytes for each node
    with pytest.raises(NetworkFileError, match="far more parts than a network needs"):
        unpacked_graph(packed_graph(path))
