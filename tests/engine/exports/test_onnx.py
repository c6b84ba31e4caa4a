"""ONNX files: sound to the checker of onnx, and the network to onnxruntime."""

import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings

from engine import blocks as kinds
from engine.array_types import Array
from engine.errors import NetworkFileError
from engine.exports.export import export
from engine.exports.onnx import ONNX, run_in_numpy, run_in_onnxruntime
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import no_report
from engine.files.onnx_file import open_graph
from tests.engine.blocks.cases import cases_of
from tests.engine.exports.trained import trained, trained_networks
from tests.engine.networks import BLOCKS, MODERN, POINTWISE, RESIDUAL, fitting

EVERY_KIND = [fitting(blocks, loss="mse") for blocks in (BLOCKS, MODERN, POINTWISE, RESIDUAL)]
for kind in kinds.KINDS:
    case = next(each for each in cases_of(kind) if math.prod(each.output_shape) > 1)
    EVERY_KIND.append(fitting(*case.network(), math.prod(case.output_shape), "mse"))


def written(network: TrainedNetwork, folder: Path) -> Path:
    path = folder / "network.onnx"
    path.write_bytes(ONNX.files(network, no_report)[""])
    return path


def checked(path: Path) -> Any:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return model


def check_outputs(network: TrainedNetwork, path: Path) -> None:
    """Compare the blocks in both ways with the engine."""
    shape = network.project.stack.input_shape
    pixels = np.random.default_rng(5).integers(0, 256, (7, *shape), np.uint8)
    expected = network.network().activations(network.scaling.inputs(pixels))
    # A group of values that are almost the same is divided by little more than √ε.
    divides = any(isinstance(slot.block, kinds.GroupNorm) for slot in network.project.stack)
    rounding = 2e-4 if divides else 2e-5
    images: Array = pixels.astype(np.float32) / np.float32(255)
    for run in (run_in_numpy, run_in_onnxruntime):
        for wanted, found in zip(expected, run(path, images), strict=True):
            assert found is not None
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=rounding)


@pytest.mark.parametrize("number", range(len(EVERY_KIND)))
def test_every_kind_of_block_runs_in_onnxruntime(tmp_path: Path, number: int) -> None:
    network = trained(EVERY_KIND[number], standard=number % 2 == 0)
    path = written(network, tmp_path)
    checked(path)
    check_outputs(network, path)


@pytest.mark.parametrize("examples", [8, pytest.param(1_000, marks=pytest.mark.soak)])
def test_random_networks_run_in_onnxruntime(tmp_path: Path, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(trained_networks())
    def check(network: TrainedNetwork) -> None:
        path = written(network, tmp_path)
        checked(path)
        check_outputs(network, path)

    check()


def test_versions_names_and_shapes_are_there_for_other_programs(tmp_path: Path) -> None:
    network = trained(fitting(MODERN, loss="cross_entropy"), standard=True)
    model = checked(written(network, tmp_path))
    assert model.ir_version == 8
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 17)]
    graph = model.graph
    assert [each.name for each in graph.input] == ["image"]
    assert [node.name for node in graph.node][:5] == [
        *("image/sub_mean", "image/div_deviation", "conv1", "bn1", "leakyrelu1")
    ]
    told = {each.name: each for each in (*graph.value_info, *graph.input, *graph.output)}
    given_ = {output for node in graph.node for output in node.output}
    assert told.keys() == given_ | {"image"}
    for value in told.values():
        first, *sizes = value.type.tensor_type.shape.dim
        assert first.dim_param == "N"
        assert all(size.dim_value > 0 for size in sizes)
    assert told["conv1"].doc_string.startswith("Conv 4, 3×3, same: Y_i = B_i")
    assert not any(node.metadata_props for node in graph.node)


def test_a_bias_for_each_position_is_an_add(tmp_path: Path) -> None:
    model = checked(written(trained(fitting(BLOCKS)), tmp_path))
    first, second = model.graph.node[:2]
    assert (first.op_type, len(first.input), first.name) == ("Conv", 2, "conv1/sums")
    assert (second.op_type, list(second.input)) == ("Add", ["conv1/sums", "conv1.bias"])


def test_the_file_tells_its_network(tmp_path: Path) -> None:
    model = checked(written(trained(fitting(BLOCKS), standard=True), tmp_path))
    notes = {each.key: json.loads(each.value) for each in model.metadata_props[:-1]}
    assert notes["scaling"] == {"mean": [0.25], "deviation": [0.375]}
    assert notes["classes"] == ["0", "1", "2"]
    assert [slot["block"]["kind"] for slot in notes["stack"]] == [each.kind for each in BLOCKS]
    assert notes["version"]
    assert model.metadata_props[-1].key == "crc32"


def test_the_checksum_at_the_end_is_that_of_what_is_before_it(tmp_path: Path) -> None:
    path = written(trained(fitting(BLOCKS)), tmp_path)
    data = path.read_bytes()
    assert data[-8:].decode() == f"{zlib.crc32(data[:-19]):08x}"
    path.write_bytes(data.replace(b"image", b"imagf"))
    with pytest.raises(NetworkFileError, match="is damaged: it is not what was written"):
        open_graph(path)


def test_a_file_that_another_program_wrote_anew_is_read(tmp_path: Path) -> None:
    path = written(trained(fitting(BLOCKS)), tmp_path)
    model = onnx.load(path)
    model.graph.name = "changed"
    path.write_bytes(model.SerializeToString())
    assert open_graph(path).name == "changed"


def test_an_export_is_proved_by_onnxruntime(tmp_path: Path) -> None:
    outcome = export(trained(fitting(BLOCKS)), tmp_path / "net.onnx", ONNX)
    assert outcome.verified == "onnxruntime"
    verdict = outcome.verdicts[-1]
    assert (verdict.agree, verdict.samples) == (20, 20)
    assert len(verdict.blocks) == len(BLOCKS)
    assert verdict.largest < 1e-5
