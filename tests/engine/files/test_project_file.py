"""Project files: what comes back, what other programs read, and what is not saved."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.blocks import Conv, UnknownBlock
from engine.errors import ProjectError
from engine.files.project_file import open_project, save_project
from engine.inputs.drawings import Drawing
from engine.inputs.scaling import UNIT, Scaling
from engine.model.project import CheckpointRef, Project
from engine.model.stack import BlockSlot, Stack
from tests.approved import assert_approved
from tests.engine.files.networks import (
    assert_same,
    edit_description,
    members_of,
    project_in_a_run,
    small_project,
    write_members,
)

Edit = Callable[[Project], Project]


DRAWINGS = (
    Drawing.of(np.arange(12, dtype=np.uint8).reshape(3, 2, 2), "red circle"),
    Drawing.of(np.full((1, 3, 4), 7, np.uint8), "ö"),
)
FIRST = small_project().stack.slots[0]
# Each is written where it says something alone, so that older versions can read all others.
MORE: dict[str, tuple[Edit, str]] = {
    "origin": (lambda it: replace(it, origin=CheckpointRef("20261126-061243-a", 12)), "origin"),
    "scaling": (lambda it: replace(it, scaling=Scaling((1 / 3,), (0.1 / 7,))), "scaling"),
    "unit scaling": (lambda it: replace(it, scaling=UNIT), ""),
    "digest": (lambda it: replace(it, data_digest="0123abcd"), "data_digest"),
    "colour": (lambda it: with_settings(it, colour="rgb", shift=2.5), "colour"),
    "training": (lambda it: with_settings(it, momentum=0.9, nesterov=True, schedule="step"), ""),
    "drawings": (lambda it: with_settings(it, drawings=DRAWINGS), "drawings"),
    "title": (lambda it: with_slot(it, title="Kanten – „senkrecht“ 🙂\n", locked=True), ""),
    "kernels": (lambda it: with_slot(it, locked_kernels=(1,)), "locked_kernels"),
}


def with_settings(project: Project, **changes: object) -> Project:
    return replace(project, settings=project.settings.with_changes(**changes))


def with_slot(project: Project, **changes: Any) -> Project:
    return replace(project, stack=project.stack.replaced(replace(FIRST, **changes)))


@pytest.mark.parametrize("name", MORE)
def test_a_project_comes_back_and_says_no_more_than_it_has(name: str, tmp_path: Path) -> None:
    path, (edit, said) = tmp_path / "a.layerscope", MORE[name]
    project = edit(small_project())
    save_project(project, path)
    opened, text = open_project(path), members_of(path)["project.json"].decode()
    assert_same(opened, project)
    assert (opened.origin, opened.data_digest) == (project.origin, project.data_digest)
    assert (opened.scaling or UNIT) == (project.scaling or UNIT)
    told = {field for _, field in MORE.values() if field and f'"{field}"' in text}
    assert told == {said} - {""}
    pixels = bytes(range(12)) + bytes([7] * 12)
    assert members_of(path).get("drawings.bin") == (pixels if said == "drawings" else None)


def test_how_far_the_weights_are_comes_back_where_no_state_tells_it(tmp_path: Path) -> None:
    path = tmp_path / "a.layerscope"
    exploded = replace(project_in_a_run(), state=None)
    save_project(exploded, path)
    assert_same(open_project(path), exploded)
    assert open_project(path).position == 4.375
    edit_description(path, lambda said: said.update(trained_part=1.5))
    with pytest.raises(ProjectError, match="is wrong"):
        open_project(path)
    save_project(project_in_a_run(), path)
    assert "trained_part" not in json.loads(members_of(path)["project.json"])
    assert open_project(path).position == 4.375


def test_locked_kernels_of_an_unknown_block_are_saved_back(saved: Path, tmp_path: Path) -> None:
    raw = {"kind": "deconv", "depth": 3}
    slot = {"id": 9, "title": "", "locked": True, "block": raw, "locked_kernels": [0, 7]}
    edit_description(saved, lambda form: form["slots"].append(slot))
    save_project(open_project(saved), tmp_path / "b.layerscope")
    description = json.loads(members_of(tmp_path / "b.layerscope")["project.json"])
    assert description["slots"][-1] == slot


def test_a_project_from_before_these_settings_has_their_defaults(saved: Path) -> None:
    def forget(description: dict[str, Any]) -> None:
        later = ("momentum", "nesterov", "weight_decay", "schedule", "step_epochs", "step_factor")
        for name in (*later, "validation_split", "early_stopping", "target_accuracy"):
            del description["settings"][name]
        for name in ("padding", "stride", "bias"):  # without it, a bias for each position
            del description["slots"][0]["block"][name]

    before = open_project(saved)
    assert_same(open_project(edit_description(saved, forget)), before)


def test_the_file_is_a_plain_zip_that_other_programs_can_read(tmp_path: Path) -> None:
    path = tmp_path / "run.layerscope"
    save_project(project_in_a_run(), path)
    with zipfile.ZipFile(path) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
    members = members_of(path)
    said = json.dumps(json.loads(members.pop("project.json")), indent=2) + "\n"
    arrays = {name: load_tensors(content) for name, content in members.items()}
    for name, held in arrays.items():
        for key, array in sorted(held.items()):
            said += f"{name}: {key} {array.shape} {array.dtype}\n"
    assert_approved("project_file.txt", said)
    assert arrays["weights.safetensors"]["2.dense.weight"][1, 2] == (32 + 2) / 8
    square = arrays["optimizer.safetensors"]["2.dense.weight.square"]
    assert square[1, 2] == (32 + 2) / 8 / 16


def test_the_same_project_gives_the_same_bytes(saved: Path) -> None:
    before = saved.read_bytes()
    save_project(open_project(saved), saved)
    assert saved.read_bytes() == before


def test_an_unknown_block_opens_does_not_fit_and_is_saved_back_untouched(
    saved: Path, tmp_path: Path
) -> None:
    raw = {"kind": "batchnorm", "momentum": 0.9, "x": [1, {"y": None}], "n": 2**70}

    def insert(description: dict[str, Any]) -> None:
        slot = {"id": 9, "title": "later", "locked": False, "block": raw}
        description["slots"].insert(1, slot)

    edit_description(saved, insert)
    members = members_of(saved)
    arrays = load_tensors(members["weights.safetensors"])
    shifted = {name.replace("2.dense", "3.dense"): array for name, array in arrays.items()}
    shifted["1.batchnorm.gamma"] = np.ones((2, 1, 1), np.float32)
    members["weights.safetensors"] = save_tensors(shifted)
    write_members(saved, members)

    project = open_project(saved)
    block = project.stack.slot(9).block
    assert isinstance(block, UnknownBlock)
    problem = project.check().problem
    assert problem is not None
    assert problem.text.startswith("Block 2 (later) cannot be used (its kind, 'batchnorm'")

    again = tmp_path / "again.layerscope"
    save_project(project, again)
    back = members_of(again)
    assert json.loads(back["project.json"])["slots"][1]["block"] == raw
    kept = load_tensors(back["weights.safetensors"])
    assert kept.keys() == shifted.keys()
    for name, array in shifted.items():
        np.testing.assert_array_equal(kept[name], array)


def test_weights_that_are_not_finite_are_not_saved(saved: Path) -> None:
    before = saved.read_bytes()
    project = small_project()
    project.weights[3]["bias"][1] = np.inf
    with pytest.raises(ProjectError, match=r"the bias of block 3 \(Dense 3\).*not finite"):
        save_project(project, saved)
    assert saved.read_bytes() == before


@pytest.mark.parametrize(
    "broken",
    [
        lambda project: replace(project, trained_epochs=-1),
        lambda project: replace(
            project,
            stack=replace(project.stack, slots=(BlockSlot(1, Conv()), BlockSlot(1, Conv()))),
        ),
        lambda project: replace(
            project, stack=replace(project.stack, slots=(BlockSlot(1, Conv(kernel_size=99)),))
        ),
        lambda project: replace(project, weights={1: {"weight": np.ones((2, 1, 3, 3))}}),
    ],
    ids=["epochs", "ids", "option", "dtype"],
)
def test_what_would_not_come_back_does_not_replace_the_file(
    saved: Path, broken: Callable[[Project], Project]
) -> None:
    before = saved.read_bytes()
    with pytest.raises(ProjectError, match="was not written: read back"):
        save_project(broken(small_project()), saved)
    assert saved.read_bytes() == before


def test_a_title_with_half_a_character_can_be_saved(saved: Path) -> None:
    project = open_project(saved)
    slot = replace(project.stack.slots[0], title="a\ud800b \ud83d\ude00")
    assert slot.title == "a\ufffdb \U0001f600"
    save_project(replace(project, stack=project.stack.replaced(slot)), saved)
    assert open_project(saved).stack.slots[0].title == slot.title


def test_a_large_legal_network_can_be_saved_and_opened(tmp_path: Path) -> None:
    locked = tuple(range(512))
    slots = tuple(
        BlockSlot(index, Conv(depth=512), "a title of some forty characters or more", False, locked)
        for index in range(1, 301)
    )
    save_project(Project(Stack(slots)), tmp_path / "a.layerscope")
    assert open_project(tmp_path / "a.layerscope").stack.slots == slots
