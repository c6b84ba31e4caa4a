"""Damaged ONNX files: refused in one way, or imported as a network that can be used."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from engine.errors import NetworkFileError
from engine.exports.onnx import ONNX
from engine.files import open_project, save_project
from engine.files.atomic import no_report
from engine.imports.onnx.imported_network import ImportedNetwork
from tests.engine.exports.trained import trained
from tests.engine.files.mutants import damage
from tests.engine.imports.onnx.graphs import read_here
from tests.engine.imports.onnx.test_pytorch import FOLDER
from tests.engine.memory import less_memory_than
from tests.engine.networks import MODERN, fitting

OURS = trained(fitting(MODERN, loss="cross_entropy"))
MODELS = {
    "legacy": (FOLDER / "legacy-modern.onnx").read_bytes(),
    "default": (FOLDER / "default-open.onnx").read_bytes(),
    "ours": ONNX.files(OURS, no_report)[""],
}
COUNT = 100
each_model = pytest.mark.parametrize("name", MODELS)


def check(path: Path, count: int, name: str) -> None:
    (path.parent / "default-open.onnx.data").write_bytes(
        (FOLDER / "default-open.onnx.data").read_bytes()
    )
    original, taken = MODELS[name], 0
    for number in range(count):
        for imported in (
            read_mutant(path, number, original),
            read_inner_mutant(path, number, original),
        ):
            if imported is not None:
                check_usable(imported, path.with_suffix(".layerscope"), runs=number % 20 == 0)
                taken += 1
    assert 0 < taken < count


def check_own(path: Path, count: int) -> int:
    """See that damaged files of ours are refused, or are what they were."""
    taken = 0
    for number in range(count):
        imported = read_mutant(path, number, MODELS["ours"])
        if imported is not None:
            taken += 1
            found = imported.project
            assert [slot.block.kind for slot in found.stack] == [block.kind for block in MODERN]
            for slot_id, arrays in found.weights.items():
                for name, array in arrays.items():
                    np.testing.assert_array_equal(array, OURS.weights[slot_id][name])
    return taken


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


@each_model
def test_a_mutant_is_refused_or_can_be_used(tmp_path: Path, name: str) -> None:
    check(tmp_path / "mutant.onnx", COUNT, name)


def test_no_damage_to_a_file_of_ours_is_taken(tmp_path: Path) -> None:
    assert check_own(tmp_path / "mutant.onnx", COUNT) < COUNT


@pytest.mark.soak
def test_no_damage_to_a_file_of_ours_is_taken_in_twenty_thousand(tmp_path: Path) -> None:
    assert check_own(tmp_path / "mutant.onnx", 20_000) < 2_000


@pytest.mark.soak
@each_model
def test_twenty_thousand_mutants_take_little_memory(tmp_path: Path, name: str) -> None:
    with less_memory_than(200_000_000):
        check(tmp_path / "mutant.onnx", 20_000, name)


# ONNX files damaged at random, under a seed: their bytes, or what their parts say.


NUMBERS = (-1, 0, 1, 2, 3, 7, 1000, 2**20, 2**31, 2**40, 2**63 - 1, -(2**63))


def read_mutant(path: Path, number: int, original: bytes) -> ImportedNetwork | None:
    """Damage some bytes and import the file; None if it is refused by the one error type."""
    path.write_bytes(damage(original, random.Random(number)))
    return _read(path)


def read_inner_mutant(path: Path, number: int, original: bytes) -> ImportedNetwork | None:
    """Change some numbers and names in a file that stays sound protobuf, and import it."""
    dice = random.Random(number)
    model = onnx.load_from_string(original)
    for _ in range(dice.randint(1, 3)):
        _change(model.graph, dice)
    path.write_bytes(model.SerializeToString())
    return _read(path)


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


def _read(path: Path) -> ImportedNetwork | None:
    try:
        return read_here(path)
    except NetworkFileError as refusal:
        said = str(refusal)
    assert said.startswith(str(path.parent))
    assert "\n" not in said
    return None
