"""Out and back: an exported network is imported as the same blocks with the same weights."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
from hypothesis import given, settings

from engine.blocks import AvgPool, Conv, MaxPool
from engine.compute.convolution import Axis
from engine.exports.onnx import ONNX
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import no_report
from engine.model.stack import Row
from tests.engine.exports.trained import trained, trained_networks
from tests.engine.imports.onnx.graphs import read_here
from tests.engine.networks import BLOCKS, MODERN, POINTWISE, fitting


def alike(row: Row) -> Any:
    """Bring blocks that do the same to one form.

    They are the same with a stride that is the size, with zeros around that are none, and with a
    bias for the only position that there is.
    """
    block: Any = row.slot.known
    if isinstance(block, MaxPool | AvgPool):
        return msgspec.structs.replace(block, stride=block.step)
    if isinstance(block, Conv) and (row.output_shape or ())[1:] == (1, 1):
        block = msgspec.structs.replace(block, bias="channel")
    if isinstance(block, Conv) and block.padding == "same":
        sizes = (row.input_shape or ())[1:]
        axes = (Axis(size, block.kernel_size, block.stride, same=True) for size in sizes)
        if all(axis.padding == (0, 0) for axis in axes):
            return msgspec.structs.replace(block, padding="valid")
    return block


def check_round_trip(network: TrainedNetwork, path: Path) -> None:
    path.write_bytes(ONNX.files(network, no_report)[""])
    project = read_here(path).project
    assert project.stack.input_shape == network.project.stack.input_shape
    report = project.check()
    assert report.problem is None
    blocks = [alike(row) for row in network.report.rows]
    assert [alike(row) for row in report.rows][: len(blocks)] == blocks
    for row, wanted in zip(report.rows, network.report.rows, strict=False):
        found = project.weights.get(row.slot.id, {})
        assert found.keys() == network.weights[wanted.slot.id].keys()
        for name, array in found.items():
            given_ = network.weights[wanted.slot.id][name]
            np.testing.assert_array_equal(array.reshape(given_.shape), given_)
    assert (project.scaling is not None) == network.scaling.is_standard
    if project.scaling is not None:
        np.testing.assert_allclose(project.scaling.mean, network.scaling.mean, rtol=1e-6)
        np.testing.assert_allclose(project.scaling.deviation, network.scaling.deviation, rtol=1e-6)
    assert project.settings.scaling == network.settings.scaling


@pytest.mark.parametrize(
    "blocks", [BLOCKS, MODERN, POINTWISE], ids=["notebook", "modern", "pointwise"]
)
@pytest.mark.parametrize("standard", [False, True])
def test_the_same_comes_back(tmp_path: Path, blocks: Any, standard: bool) -> None:
    network = trained(fitting(blocks), standard=standard)
    check_round_trip(network, tmp_path / "net.onnx")


def test_classes_titles_and_epochs_come_back(tmp_path: Path) -> None:
    network = trained(fitting(BLOCKS))
    first, *others = network.project.stack
    slots = (replace(first, title="Edges"), *others)
    project = replace(network.project, stack=replace(network.project.stack, slots=slots))
    network = replace(network, project=project, class_names=("cat", "dog", "emu"))
    path = tmp_path / "net.onnx"
    path.write_bytes(ONNX.files(network, no_report)[""])
    found = read_here(path).project
    assert (found.class_names, found.trained_epochs) == (("cat", "dog", "emu"), 3)
    assert [slot.title for slot in found.stack][:2] == ["Edges", ""]
    path.write_bytes(ONNX.files(replace(network, class_names=("3", "5", "8")), no_report)[""])
    found = read_here(path).project
    assert (found.class_names, found.settings.classes) == ((), (3, 5, 8))


@pytest.mark.parametrize(
    "changed",
    [{"classes": "nothing"}, {"stack": "[]"}, {"classes": '["a"]'}, {"epochs": "-1"}],
)
def test_metadata_of_others_that_is_called_the_same_does_no_harm(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(ONNX.files(trained(fitting(BLOCKS)), no_report)[""])
    model = onnx.load(path)
    for entry in model.metadata_props:
        entry.value = changed.get(entry.key, entry.value)
    path.write_bytes(model.SerializeToString())
    project = read_here(path).project
    assert project.check().problem is None
    assert len(project.stack) == len(BLOCKS)


@pytest.mark.parametrize("examples", [25, pytest.param(2_000, marks=pytest.mark.soak)])
def test_random_networks_come_back(tmp_path: Path, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(trained_networks())
    def check(network: TrainedNetwork) -> None:
        check_round_trip(network, tmp_path / "net.onnx")

    check()
