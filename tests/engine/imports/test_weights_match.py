"""Weights of other programs find their blocks, and what does not fit is named."""

import json
import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from safetensors.numpy import save_file

from engine import blocks as kinds
from engine.errors import WeightsError
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from engine.imports.weights_match import WeightsMatch, match_weights, require_any
from engine.model.project import Project
from engine.model.stack import ShapeReport, Stack
from tests.approved import assert_approved
from tests.engine.exports.trained import STANDARD, trained, trained_networks
from tests.engine.networks import fitting
from tests.engine.training_runs import same

Arrays = dict[str, Any]

LENET = (
    kinds.Conv(depth=3, bias="channel"),
    kinds.BatchNorm(),
    kinds.Conv(depth=3, bias="channel", padding="same"),
    kinds.ReLU(),
    kinds.Reshape(),
    kinds.Dense(units=4),
    kinds.Dense(units=4),
    kinds.Dense(units=3),
)
TORCH_KINDS = {
    "conv": "conv",
    "depthwise_conv": "depthwise",
    "batch_norm": "bn",
    "group_norm": "gn",
    "dense": "fc",
    "add": "shortcut",
}
TORCH_PARAMETERS = {"running_variance": "running_var"}


def counted(*shape: int, start: int = 0) -> Any:
    return np.arange(start, start + np.prod(shape), dtype=np.float32).reshape(shape)


def lenet_of_torch() -> Arrays:
    """Weights as `nn.Sequential`s in a module have them; the names in no order of use."""
    return {
        "features.0.weight": counted(3, 1, 3, 3),
        "features.0.bias": counted(3),
        "features.1.weight": counted(3) + 1,
        "features.1.bias": counted(3) + 2,
        "features.1.running_mean": counted(3) + 3,
        "features.1.running_var": counted(3) + 4,
        "features.1.num_batches_tracked": np.array(7),
        "features.10.weight": counted(3, 3, 3, 3),
        "features.10.bias": counted(3) + 5,
        "classifier.1.weight": counted(4, 48),
        "classifier.1.bias": counted(4),
        "classifier.2.weight": counted(4, 4),
        "classifier.2.bias": counted(4) + 1,
        "classifier.10.weight": counted(3, 4),
        "classifier.10.bias": counted(3) + 2,
    }


def lenet() -> ShapeReport:
    return fitting(LENET, loss="mse")


def matched(tmp_path: Path, arrays: Arrays, report: ShapeReport | None = None) -> WeightsMatch:
    path = tmp_path / "w.safetensors"
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
    return match_weights(path, report or lenet())


MORE = (*LENET[:5], kinds.Dense(units=48), *LENET[5:])
SMALL = (kinds.Conv(depth=2), kinds.Reshape(), kinds.Dense(units=3))
ONE = (kinds.Reshape(), kinds.Dense(units=3))
DEEP = (kinds.Reshape(), kinds.Dense(units=5), kinds.Dense(units=3))
ALIKE: tuple[kinds.KnownBlock, ...] = (
    kinds.Reshape(),
    *[kinds.Dense(units=36)] * 4,
    kinds.Dense(units=3),
)
OTHERS = {
    "features.10.weight": counted(3, 3, 5, 5),
    "classifier.12.weight": counted(2, 3),
    "embedding.table": counted(2, 2),
    "lone": counted(2),
}
PART = {"c.weight": counted(2, 1, 3, 3), "d.weight": counted(3, 32)}
# As torchvision names a network with skip connections, and as a list of modules does.
SKIPPED = {
    "conv1.weight": counted(2, 1, 3, 3),
    "layer1.0.conv1.weight": counted(4, 2, 3, 3),
    "layer1.0.bn1.weight": counted(4),
    "layer1.0.bn1.bias": counted(4) + 1,
    "layer1.0.bn1.running_mean": counted(4) + 2,
    "layer1.0.bn1.running_var": counted(4) + 3,
    "layer1.0.downsample.0.weight": counted(4, 2, 1, 1),
    "fc.weight": counted(3, 4),
    "fc.bias": counted(3),
}
NORMALISED = {
    f"layer1.0.downsample.1.{name}": counted(4) + 5
    for name in ("weight", "bias", "running_mean", "running_var")
}
RESNET: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=2, padding="same", bias="channel"),
    kinds.ReLU(),
    kinds.Conv(depth=4, padding="same", stride=2, bias="channel"),
    kinds.BatchNorm(),
    kinds.Add(source=2, through="conv", stride=2),
    kinds.GlobalAvgPool(),
    kinds.Dense(units=3),
)
NESTED = (kinds.Conv(depth=2), *[kinds.BatchNorm()] * 3, kinds.Reshape(), kinds.Dense(units=3))
NAMES = ("bn1", "layer1.0.bn1", "layer1.0.bn2")
PARTS = ("weight", "bias", "running_mean", "running_var")
LISTED = {
    "0.weight": SKIPPED["conv1.weight"],
    "2.0.weight": SKIPPED["layer1.0.conv1.weight"],
    "2.1.weight": counted(4, 2, 1, 1),
    "3.weight": SKIPPED["fc.weight"],
}
NUMBERS = (np.array([1, 2, 3]), np.array([1, np.nan, 3]), np.array([1, 1e300, 3]), np.array(1.0))
FILES: list[tuple[Sequence[kinds.KnownBlock], Arrays]] = [
    (LENET, lenet_of_torch()),
    (MORE, lenet_of_torch()),
    (LENET, lenet_of_torch() | OTHERS),
    (SMALL, PART | {"c.bias": counted(2)}),
    (SMALL, PART | {"c.bias_map": counted(2, 4, 4)}),
    (SMALL, {"0.conv.weight": PART["c.weight"]}),
    (DEEP, {"head.weight": counted(5, 36), "body.weight": counted(3, 5)}),
    (ALIKE, {"fc2.weight": counted(36, 36), "fc4.weight": counted(36, 36, start=9)}),
    (ALIKE, {"3.dense.weight": counted(36, 36), "3.dense.bias": counted(36)}),
    (RESNET, SKIPPED),
    (RESNET, SKIPPED | NORMALISED),
    (RESNET, LISTED),
    (NESTED, {f"{name}.{part}": counted(2) for name in NAMES for part in PARTS}),
    *((ONE, {"d.weight": counted(3, 36), "d.bias": bias}) for bias in NUMBERS),
]


def test_what_becomes_of_each_array(tmp_path: Path) -> None:
    text, path = "", tmp_path / "w.npz"
    for blocks, arrays in FILES:
        np.savez(path, **arrays)
        match = match_weights(path, fitting(blocks, loss="mse"))
        text += f"{', '.join(arrays)}\n  {match.text}{' whole' if match.is_whole else ''}\n"
        for row in match.rows:
            note = f": {row.note}" if row.note else ""
            text += f"    {row.number} {row.title}: {row.group or '–'}, {row.is_taken}{note}\n"
        for slot_id, taken in match.weights.items():
            ends = {name: (array.flat[0], array.flat[-1]) for name, array in taken.items()}
            shapes = [f"{name} {taken[name].shape} {a:g}…{b:g}" for name, (a, b) in ends.items()]
            text += f"    → {slot_id} {', '.join(shapes)}\n"
        if not match.weights:
            with pytest.raises(WeightsError) as fault:
                require_any(match)
            text += f"  {str(fault.value).replace(str(path), 'w.npz')}\n"
    assert_approved("weights_match.txt", text)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=trained_networks())
def test_random_networks_come_back_under_the_names_of_pytorch(
    tmp_path: Path, made: TrainedNetwork
) -> None:
    arrays, seen = {}, Counter[str]()
    for row in made.report.rows:
        kind = row.slot.block.kind
        if row.array_shapes:
            seen[kind] += 1
        for name, array in made.weights[row.slot.id].items():
            module = f"net.{TORCH_KINDS[kind]}{seen[kind]}"
            arrays[f"{module}.{TORCH_PARAMETERS.get(name, name)}"] = array
    match = matched(tmp_path, arrays, made.report)
    assert match.is_whole
    assert same(match.weights, made.weights)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_what_was_exported_here_comes_back_with_its_scaling(tmp_path: Path, ending: str) -> None:
    made = trained(lenet(), standard=True)
    path = tmp_path / f"w.{ending}"
    export(made, path, FORMATS[ending], verify=False)
    match = match_weights(path, lenet())
    assert match.is_whole
    into = Project(made.project.stack, made.settings.with_changes(scaling="unit"))
    project = match.applied(into)
    assert project.scaling == STANDARD
    assert project.settings.scaling == "standard"
    assert project.trained_epochs == 3
    assert same(project.weights, made.weights)
    plain = trained(lenet())
    export(plain, path, FORMATS[ending], verify=False)
    back = match_weights(path, lenet()).applied(project)
    assert (back.scaling, back.settings.scaling) == (None, "unit")


def test_weights_of_a_part_leave_the_rest_of_the_project_as_it_is(tmp_path: Path) -> None:
    made = trained(lenet(), standard=True)
    arrays = {name: array for name, array in lenet_of_torch().items() if "classifier" in name}
    project = matched(tmp_path, arrays).applied(made.project)
    np.testing.assert_array_equal(project.weights[7]["weight"], counted(4, 4))
    np.testing.assert_array_equal(project.weights[1]["weight"], made.weights[1]["weight"])
    assert project.scaling == STANDARD
    assert project.trained_epochs == 3
    assert project.state is None


@pytest.mark.parametrize("dtype", ["F16", "F64", "BF16"])
def test_other_floating_point_numbers_are_taken(tmp_path: Path, dtype: str) -> None:
    values = np.array([0.5, -2.0, 1.25], np.float32)
    if dtype == "BF16":
        stored = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    else:
        stored = values.astype({"F16": "<f2", "F64": "<f8"}[dtype]).tobytes()
    weight = counted(3, 36).tobytes()
    header = json.dumps(
        {
            "d.weight": {"dtype": "F32", "shape": [3, 36], "data_offsets": [0, 432]},
            "d.bias": {"dtype": dtype, "shape": [3], "data_offsets": [432, 432 + len(stored)]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + weight + stored)
    match = match_weights(path, fitting((kinds.Reshape(), kinds.Dense(units=3)), loss="mse"))
    np.testing.assert_array_equal(match.weights[2]["bias"], values)
    assert match.weights[2]["bias"].dtype == np.float32


def test_a_file_that_is_none_or_a_network_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(b"x")
    with pytest.raises(WeightsError, match="is damaged or no"):
        match_weights(path, lenet())
    with pytest.raises(WeightsError, match="because the network does not fit"):
        match_weights(path, Stack().check(2, "mse"))
    many: Arrays = {f"{number}.x.y": np.zeros(1) for number in range(2001)}
    np.savez(path, **many)
    with pytest.raises(WeightsError, match="more blocks than"):
        match_weights(path, lenet())
