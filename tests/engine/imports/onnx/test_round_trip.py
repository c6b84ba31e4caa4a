"""Out and back: an exported network is imported as the same blocks, or refused if damaged."""

import random
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
from hypothesis import given, settings

from engine.blocks import Add, AvgPool, Conv, Dense, DepthwiseConv, MaxPool, Reshape, Tanh
from engine.compute.convolution import Axis
from engine.errors import NetworkFileError
from engine.exports.onnx import ONNX
from engine.exports.trained_network import TrainedNetwork
from engine.files import open_project, save_project
from engine.files.atomic import no_report
from engine.imports.onnx.imported_network import ImportedNetwork
from engine.model.stack import Row
from tests.engine.exports.trained import trained, trained_networks
from tests.engine.files.mutants import damage, tried
from tests.engine.imports.onnx.graphs import read_here
from tests.engine.imports.onnx.test_pytorch import FOLDER
from tests.engine.marks import when_there_is_time
from tests.engine.memory import less_memory_than
from tests.engine.networks import BLOCKS, MODERN, POINTWISE, RESIDUAL, fitting
from tests.engine.training_runs import same


def alike(row: Row) -> Any:
    """Bring blocks that do the same to one form.

    They are the same with a stride that is the size, with zeros around that are none, and with a
    bias for the only position that there is.
    """
    block: Any = row.slot.known
    if isinstance(block, MaxPool | AvgPool):
        return msgspec.structs.replace(block, stride=block.step)
    if isinstance(block, DepthwiseConv) and row.input_shape == (1, *(row.input_shape or ())[1:]):
        course = {"kernel_size": block.kernel_size, "stride": block.stride}
        block = Conv(depth=1, padding=block.padding, bias="channel", **course)
    if isinstance(block, Conv) and (row.output_shape or ())[1:] == (1, 1):
        block = msgspec.structs.replace(block, bias="channel")
    if isinstance(block, Conv | DepthwiseConv) and block.padding == "same":
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


@pytest.mark.parametrize("blocks", [BLOCKS, MODERN, POINTWISE, RESIDUAL])
@pytest.mark.parametrize("standard", [False, True])
def test_the_same_comes_back(tmp_path: Path, blocks: Any, standard: bool) -> None:
    network = trained(fitting(blocks), standard=standard)
    check_round_trip(network, tmp_path / "net.onnx")


@pytest.mark.parametrize(
    "added",
    [
        (Add(source=1, through="conv"),),
        (Conv(depth=2, kernel_size=1, bias="channel"), Add(source=1)),
        (Conv(depth=2, kernel_size=1, bias="channel"), Add(source=2)),
        (Conv(depth=2, kernel_size=1, bias="channel"), Tanh(), Add(source=2)),
    ],
)
def test_a_conv_inside_an_add_is_none_before_it(tmp_path: Path, added: Any) -> None:
    blocks = [Conv(depth=2), *added, Reshape(), Dense(units=3)]
    check_round_trip(trained(fitting(blocks, loss="mse")), tmp_path / "net.onnx")


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


@pytest.mark.parametrize("examples", [12, pytest.param(2_000, marks=pytest.mark.soak)])
def test_random_networks_come_back(tmp_path: Path, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(trained_networks())
    def check(network: TrainedNetwork) -> None:
        check_round_trip(network, tmp_path / "net.onnx")

    check()


OURS = trained(fitting(MODERN, loss="cross_entropy"))
MODELS = {
    "legacy": (FOLDER / "legacy-modern.onnx").read_bytes(),
    "default": (FOLDER / "default-open.onnx").read_bytes(),
    "ours": ONNX.files(OURS, no_report)[""],
    "residual": ONNX.files(trained(fitting(RESIDUAL, loss="cross_entropy")), no_report)[""],
}
each_count = pytest.mark.parametrize("count", [40, *when_there_is_time([20_000])])


@each_count
def test_mutants_are_refused_or_can_be_used(tmp_path: Path, count: int) -> None:
    shutil.copy(FOLDER / "default-open.onnx.data", tmp_path)
    path, taken = tmp_path / "mutant.onnx", 0
    with less_memory_than(200_000_000):
        for original, number in product(MODELS.values(), range(count)):
            for imported in (
                read_mutant(path, number, original),
                read_inner_mutant(path, number, original),
            ):
                if imported is not None:
                    check_usable(imported, tmp_path / "a.layerscope", runs=number % 20 == 0)
                    taken += 1
    assert 0 < taken < count * len(MODELS)


@each_count
def test_damaged_files_of_ours_are_refused_or_are_what_they_were(
    tmp_path: Path, count: int
) -> None:
    path, taken = tmp_path / "mutant.onnx", 0
    for number in range(count):
        imported = read_mutant(path, number, MODELS["ours"])
        if imported is not None:
            taken += 1
            found = imported.project
            assert [slot.block.kind for slot in found.stack] == [block.kind for block in MODERN]
            assert same(OURS.weights, found.weights)
    assert taken <= max(count // 10, 99)


def check_usable(imported: ImportedNetwork, path: Path, *, runs: bool) -> None:
    """See that what was imported is a project that can be saved, opened and run."""
    project = imported.project
    assert len(imported.values) == len(project.stack)
    for arrays in project.weights.values():
        assert all(np.isfinite(array).all() for array in arrays.values())
    if runs:
        save_project(project, path)
        assert open_project(path).stack == project.stack
        project.front().activations(np.zeros((1, *project.stack.input_shape), np.float32))


# ONNX files damaged at random, under a seed: their bytes, or what their parts say.


NUMBERS = (-1, 0, 1, 2, 3, 7, 1000, 2**20, 2**31, 2**40, 2**63 - 1, -(2**63))


def read_mutant(path: Path, number: int, original: bytes) -> ImportedNetwork | None:
    """Damage some bytes and import the file; None if it is refused by the one error type."""
    path.write_bytes(damage(original, random.Random(number)))
    return tried(read_here, path, NetworkFileError)


def read_inner_mutant(path: Path, number: int, original: bytes) -> ImportedNetwork | None:
    """Change some numbers and names in a file that stays sound protobuf, and import it."""
    dice = random.Random(number)
    model = onnx.load_from_string(original)
    for _ in range(dice.randint(1, 3)):
        _change(model.graph, dice)
    path.write_bytes(model.SerializeToString())
    return tried(read_here, path, NetworkFileError)


def _change(graph: Any, dice: random.Random) -> None:
    match dice.randrange(6):
        case 0:
            sizes = dice.choice([*graph.initializer]).dims
            if sizes:
                sizes[dice.randrange(len(sizes))] = dice.choice(NUMBERS)
        case 1:
            size = dice.choice([*graph.input[0].type.tensor_type.shape.dim])
            size.dim_value = dice.choice(NUMBERS)
        case 2:
            attributes = [each for node in graph.node for each in node.attribute]
            chosen = dice.choice(attributes)
            if chosen.ints:
                chosen.ints[dice.randrange(len(chosen.ints))] = dice.choice(NUMBERS)
            else:
                chosen.i, chosen.f = dice.choice(NUMBERS), dice.choice((0.0, -1.0, 1e38))
        case 3:
            one, other = (dice.choice([*graph.node]) for _ in range(2))
            one.input[0], other.input[-1] = other.input[-1], one.input[0]
        case 4:
            tensor = dice.choice([*graph.initializer])
            tensor.data_type = dice.randrange(24)
        case 5:
            one, other = (dice.choice([*graph.node]) for _ in range(2))
            one.op_type = other.op_type
