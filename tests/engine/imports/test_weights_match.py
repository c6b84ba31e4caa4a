"""Weights of other programs find their blocks, and what does not fit is named."""

import json
import struct
from collections import Counter
from dataclasses import replace
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
from engine.inputs.scaling import Scaling
from engine.model.project import Project
from engine.model.stack import ShapeReport, Stack
from tests.engine.exports.trained import STANDARD, trained, trained_networks
from tests.engine.networks import fitting

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
TORCH_KINDS = {"conv": "conv", "batch_norm": "bn", "dense": "fc"}
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


def table(match: WeightsMatch) -> list[tuple[int, str, bool]]:
    return [(row.number, row.group, row.is_taken) for row in match.rows]


def test_names_of_pytorch_find_their_blocks(tmp_path: Path) -> None:
    match = matched(tmp_path, lenet_of_torch())
    assert table(match) == [
        (1, "features.0", True),
        (2, "features.1", True),
        (3, "features.10", True),
        (6, "classifier.1", True),
        (7, "classifier.2", True),
        (8, "classifier.10", True),
    ]
    assert match.is_whole
    assert match.text == "6 of 6 blocks that learn take weights."
    np.testing.assert_array_equal(match.weights[2]["running_variance"], [4, 5, 6])
    np.testing.assert_array_equal(match.weights[7]["weight"], counted(4, 4))
    np.testing.assert_array_equal(match.weights[7]["bias"], [1, 2, 3, 4])


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
    for slot_id, held in match.weights.items():
        assert held.keys() == made.weights[slot_id].keys()
        for name, array in held.items():
            np.testing.assert_array_equal(array, made.weights[slot_id][name])


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
    for slot_id in match.weights:
        np.testing.assert_array_equal(
            project.weights[slot_id]["weight"], made.weights[slot_id]["weight"]
        )
    plain = trained(lenet())
    export(plain, path, FORMATS[ending], verify=False)
    back = match_weights(path, lenet()).applied(project)
    assert (back.scaling, back.settings.scaling) == (None, "unit")


def test_a_stack_with_a_block_more_takes_the_others(tmp_path: Path) -> None:
    more = (*LENET[:5], kinds.Dense(units=48), *LENET[5:])
    match = matched(tmp_path, lenet_of_torch(), fitting(more, loss="mse"))
    assert table(match) == [
        (1, "features.0", True),
        (2, "features.1", True),
        (3, "features.10", True),
        (6, "", False),
        (7, "classifier.1", True),
        (8, "classifier.2", True),
        (9, "classifier.10", True),
    ]
    assert match.rows[3].note == "the file has no arrays of a Dense"
    assert not match.is_whole
    assert match.text == "6 of 7 blocks that learn take weights."


def test_what_does_not_fit_is_said_beside_the_block(tmp_path: Path) -> None:
    arrays = lenet_of_torch()
    arrays["features.10.weight"] = counted(3, 3, 5, 5)
    arrays["classifier.12.weight"] = counted(2, 3)
    arrays["embedding.table"] = counted(2, 2)
    arrays["lone"] = counted(2)
    match = matched(tmp_path, arrays)
    notes = {row.group: (row.number, row.is_taken, row.note) for row in match.rows}
    assert notes["features.10"] == (
        *(3, False),
        "its weight is 3×3×5×5, that of the block 3×3×3×3",
    )
    assert notes["classifier.12"] == (0, False, "no block for its weight 2×3")
    assert notes["embedding"] == (0, False, "no block for its table 2×2")
    assert notes[""] == (0, False, "no block for its lone 2")
    assert sorted(match.weights) == [1, 2, 6, 7, 8]
    assert match.text == "5 of 6 blocks that learn take weights; 3 of the file are left."
    require_any(match)


def test_weights_of_a_part_leave_the_rest_of_the_project_as_it_is(tmp_path: Path) -> None:
    made = trained(lenet(), standard=True)
    arrays = {name: array for name, array in lenet_of_torch().items() if "classifier" in name}
    project = matched(tmp_path, arrays).applied(made.project)
    np.testing.assert_array_equal(project.weights[7]["weight"], counted(4, 4))
    np.testing.assert_array_equal(project.weights[1]["weight"], made.weights[1]["weight"])
    assert project.scaling == STANDARD
    assert project.trained_epochs == 3
    assert project.state is None


def test_a_bias_is_spread_or_made_where_that_changes_nothing(tmp_path: Path) -> None:
    report = fitting((kinds.Conv(depth=2), kinds.Reshape(), kinds.Dense(units=3)), loss="mse")
    arrays = {"c.weight": counted(2, 1, 3, 3), "c.bias": counted(2), "d.weight": counted(3, 32)}
    match = matched(tmp_path, arrays, report)
    assert match.is_whole
    assert [row.note for row in match.rows] == [
        "the bias of each map is that of all its positions",
        "the file has no bias: it is 0",
    ]
    np.testing.assert_array_equal(match.weights[1]["bias"][1], np.ones((4, 4)))
    np.testing.assert_array_equal(match.weights[3]["bias"], np.zeros(3))
    ours = {f"0.conv.{name[2:]}": array for name, array in arrays.items() if name[0] == "c"}
    del ours["0.conv.bias"]
    assert matched(tmp_path, ours, report).rows[0].note == "it has no bias"
    spread = {**arrays, "c.bias_map": counted(2, 4, 4)}
    del spread["c.bias"]
    match = matched(tmp_path, spread, report)
    np.testing.assert_array_equal(match.weights[1]["bias"], counted(2, 4, 4))


def test_modules_that_are_named_in_another_order_are_found_by_their_shapes(tmp_path: Path) -> None:
    arrays = {"head.weight": counted(5, 36), "body.weight": counted(3, 5)}
    blocks = (kinds.Reshape(), kinds.Dense(units=5), kinds.Dense(units=3))
    match = matched(tmp_path, arrays, fitting(blocks, loss="mse"))
    assert table(match) == [(2, "head", True), (3, "body", True)]


def test_of_several_that_fit_it_is_the_one_at_its_place(tmp_path: Path) -> None:
    same = [kinds.Dense(units=36) for _ in range(4)]
    report = fitting([kinds.Reshape(), *same, kinds.Dense(units=3)], loss="mse")
    arrays = {"fc2.weight": counted(36, 36), "fc4.weight": counted(36, 36, start=9)}
    match = matched(tmp_path, arrays, report)
    assert [row.number for row in match.rows if row.is_taken] == [3, 5]
    ours = {"3.dense.weight": counted(36, 36), "3.dense.bias": counted(36)}
    match = matched(tmp_path, ours, report)
    assert [row.number for row in match.rows if row.is_taken] == [4]


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


@pytest.mark.parametrize(
    ("bias", "words"),
    [
        (np.array([1, 2, 3]), "its bias is of the type int64, not of floating point numbers"),
        (np.array([1, np.nan, 3]), "its bias holds values that are not finite numbers"),
        (np.array([1, 1e300, 3]), "its bias holds values that are not finite numbers"),
        (np.array(1.0), "its bias is one number, that of the block 3"),
    ],
)
def test_values_that_are_no_weights_are_refused(tmp_path: Path, bias: Any, words: str) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, **{"d.weight": counted(3, 36), "d.bias": bias})
    match = match_weights(path, fitting((kinds.Reshape(), kinds.Dense(units=3)), loss="mse"))
    assert match.rows[0].note == words
    assert not match.weights
    with pytest.raises(WeightsError, match=f"Nothing in .* fits the network: {words}"):
        require_any(match)


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
    np.savez(path, a=np.zeros(1))
    with pytest.raises(WeightsError, match="Nothing in"):
        require_any(match_weights(path, lenet()))


def test_metadata_and_scaling_are_no_arrays(tmp_path: Path) -> None:
    made = replace(trained(lenet(), standard=True), scaling=Scaling((0.5,), (1.0,)))
    export(made, tmp_path / "w.npz", FORMATS["npz"], verify=False)
    assert match_weights(tmp_path / "w.npz", lenet()).is_whole
