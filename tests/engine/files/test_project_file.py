"""Project files: what comes back, what others read, what is not saved, and what is refused."""

import json
import os
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.blocks import Conv, Dense, MaxPool, UnknownBlock
from engine.errors import ProjectError
from engine.files.project_file import open_project, save_project
from engine.inputs.drawings import Drawing
from engine.inputs.scaling import UNIT, Scaling
from engine.model.project import CheckpointRef, Project
from engine.model.stack import BlockSlot, Stack
from engine.model.training_state import TrainingState
from tests.approved import assert_approved
from tests.engine.files.networks import (
    assert_same,
    edit_description,
    members_of,
    numbers,
    project_in_a_run,
    small_project,
    write_members,
)
from tests.engine.memory import less_memory_than

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


# Words that differ from version to version, but for the field that they name.
OF_MSGSPEC = re.compile(
    r"\((?:Expected|Object|Input|JSON|maximum)(?:[^$]*?at `(\$[^`]*)`|.*?)\)\. "
)
Damage = Callable[[dict[str, Any]], object]


def put(*place: str | int, **fields: object) -> Damage:
    """Change fields at a place of a description."""

    def edit(description: Any) -> None:
        for step in place:
            description = description[step]
        description.update(fields)

    return edit


def block(index: int, **options: object) -> Damage:
    return put("slots", index, "block", **options)


DESCRIPTIONS: tuple[Damage, ...] = (
    *(block(0, kernel_size=-3), block(2, units="many"), block(1, target_shape=[0])),
    *(put(format=odd) for odd in (2, 0, True, "1")),
    put(program="word"),
    *(put(input_shape=[1, 28]), put(input_shape=[1, 28, 0])),
    *(put(trained_epochs=-1), put(trained_epochs=1.5)),
    put(colour="red"),
    put(scaling={"mean": [0.1], "deviation": [0.1, 0.1]}),
    put(scaling={"mean": [0.1], "deviation": [0.0]}),
    put(scaling={"mean": [0.1], "deviation": [1e-50]}),
    put(scaling={"mean": [], "deviation": []}),
    put(scaling={"mean": [0.1], "deviation": [1.5]}),
    put(scaling={"mean": ["0.1"], "deviation": [1.0]}),
    put(scaling=[0.1, 0.1]),
    *(put(data_digest=odd) for odd in ("0123ABCD", "0" * 65, 5)),
    *(put(origin={"run": "a", "epoch": -1}), put(slots={}), put("slots", 0, id=3)),
    put(class_names=["cat"]),
    *(put("settings", epochs=0), put("settings", mixup=0.9)),
    *(put("slots", 0, locked_kernels=odd) for odd in ([2], [-1], [1, 0], [0, 0], [0.5], "0")),
    lambda form: form["slots"][0].pop("block"),
    lambda form: form["slots"].pop(2),
    block(0, depth=4),
    # What a training needs to go on
    *(put("training", last_epoch=3), put("training", first_epoch=5), put("training", origin=2)),
    *(put("training", steps=9), put("training", updates=-1), put("training", updates=2**60)),
    *(put("training", epochs=0), put("training", loss_sum="much"), put("training", mood=1)),
    *(put("training", shapes=[{}]), put("training", shapes=[{"weight": [0]}])),
    lambda form: form.pop("training"),
    *(put("settings", optimizer="sgd"), put("settings", optimizer="sgd", momentum=0.9)),
    # Own drawings
    put("settings", drawings=[]),
    put("settings", drawings=[{"class_name": "a", "shape": [2, 3, 4]}]),  # two channels
    put(
        "settings",
        drawings=[
            {"class_name": "a", "shape": [1, 1, 24]},
            {"class_name": "b", "shape": [1, 0, 3]},
        ],
    ),
    put("settings", drawings=[{"class_name": "", "shape": [1, 4, 6]}]),
    put("settings", drawings=[{"class_name": "a", "shape": [-1, -4, 6]}]),
    put("settings", drawings=[{"class_name": "a", "shape": [1, 24]}]),
    put("settings", drawings="none"),
)


def not_finite(name: str) -> Damage:
    return lambda arrays: arrays[name].reshape(-1).__setitem__(0, np.nan)


ARRAYS: dict[str, tuple[Damage, ...]] = {
    "weights.safetensors": (
        not_finite("0.conv.bias"),
        lambda arrays: arrays.pop("0.conv.bias"),
        lambda arrays: arrays.update({"9.x.y": np.ones(1, np.float32)}),
        lambda arrays: arrays.update({"2.dense.bias": np.ones(3)}),
        lambda arrays: arrays.clear(),
    ),
    "optimizer.safetensors": (
        not_finite("0.conv.bias.mean"),
        lambda arrays: arrays.pop("0.conv.bias.mean"),
        lambda arrays: arrays.clear(),
        lambda arrays: arrays.update({"2.dense.bias.mean": np.ones(4, np.float32)}),
    ),
}


def faulty_members(members: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Give the members of files of which one is missing, too many or damaged."""
    yield {"weights.safetensors": members["weights.safetensors"]}
    yield {name: content for name, content in members.items() if not name.startswith("weights")}
    yield {**members, "../evil": b""}
    for content in (b"", b'{"format": NaN}', b"[" * 100_000, b"\xff\xfe", b"[]"):
        yield {**members, "project.json": content}
    for content in (b"12345678", struct.pack("<Q", 2**40)):
        yield {**members, "weights.safetensors": content}
    yield {name: content for name, content in members.items() if not name.startswith("optimizer")}
    for pixels in (b"", bytes(23), bytes(25), None):
        others = {name: content for name, content in members.items() if name != "drawings.bin"}
        yield others if pixels is None else {**others, "drawings.bin": pixels}


def test_what_is_refused_is_said_in_approved_words(tmp_path: Path) -> None:
    path = tmp_path / "a.layerscope"
    project = project_in_a_run()
    settings = project.settings.with_changes(drawings=DRAWINGS)
    assert project.state is not None
    state = msgspec.structs.replace(project.state, settings=settings)
    save_project(replace(project, settings=settings, state=state), path)
    whole, members, said = path.read_bytes(), members_of(path), ""

    def refuse() -> None:
        nonlocal said
        with pytest.raises(ProjectError) as refused:
            open_project(path)
        assert str(refused.value).startswith(str(path))
        assert "\n" not in str(refused.value)
        text = str(refused.value).replace(str(tmp_path), "FOLDER")
        said += OF_MSGSPEC.sub(r"(…\1). ", text) + "\n"

    for edit in DESCRIPTIONS:
        path.write_bytes(whole)
        edit_description(path, edit)
        refuse()
    for name, edits in ARRAYS.items():
        for edit in edits:
            arrays = {key: array.copy() for key, array in load_tensors(members[name]).items()}
            edit(arrays)
            write_members(path, {**members, name: save_tensors(arrays)})
            refuse()
    for content in (b"", b"PK", b"hello, world" * 100, whole[: len(whole) // 2]):
        path.write_bytes(content)
        refuse()
    for changed in faulty_members(members):
        write_members(path, changed)
        refuse()
    write_members(path, members, zipfile.ZIP_DEFLATED)
    refuse()
    path.write_bytes(whole)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("project.json", members["project.json"])
    refuse()
    for place in ("missing", "folder", "pipe"):
        path = tmp_path / f"{place}.layerscope"
        if place == "folder":
            path.mkdir()
        elif place == "pipe":
            os.mkfifo(path)
        refuse()
    assert_approved("refused_projects.txt", said)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write_members(
        tmp_path / "bomb.layerscope", {"project.json": bytes(10_000_000)}, zipfile.ZIP_DEFLATED
    )
    assert path.stat().st_size < 100_000
    with pytest.raises(ProjectError, match="must be stored"):
        open_project(path)
    write_members(path, {"project.json": bytes(5_000_000)})
    with pytest.raises(ProjectError, match="larger than any network needs"):
        open_project(path)


def test_a_description_of_nothing_but_brackets_costs_little(tmp_path: Path) -> None:
    path, size = tmp_path / "bomb.layerscope", 1_300_000
    write_members(path, {"project.json": b"[" + b"[]," * (size // 3) + b"[]]"})
    said = r"larger than any network|does not describe"
    with less_memory_than(45_000_000), pytest.raises(ProjectError, match=said):
        open_project(path)


def state_of(project: Project) -> TrainingState:
    assert project.state is not None
    return project.state


def test_a_state_that_does_not_hold_for_the_project_is_not_saved(tmp_path: Path) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    wider = project.stack.replaced(BlockSlot(3, Dense(units=3)))
    wider = wider.inserted(3, BlockSlot(9, Dense(units=3)))
    other = project.settings.with_changes(optimizer="sgd")
    not_finite = dict(state_of(project).memories)
    key = next(iter(not_finite))
    not_finite[key] = np.full_like(not_finite[key], np.inf)
    for changed in (
        replace(project, stack=wider, weights={}),
        replace(project, settings=other),
        replace(project, trained_epochs=5),
        replace(project, state=msgspec.structs.replace(state_of(project), memories=not_finite)),
    ):
        save_project(changed, path)
        assert_same(open_project(path), replace(changed, state=None))
        assert "optimizer.safetensors" not in members_of(path)
        assert "training" not in json.loads(members_of(path)["project.json"])


@pytest.mark.parametrize("place", [0, 1, 2, 4])
@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd"}])
def test_a_block_that_does_not_fit_costs_no_memories(
    tmp_path: Path, place: int, changes: dict[str, object]
) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    if changes:  # it remembers nothing, but where the run is
        settings = project.settings.with_changes(**changes)
        state = msgspec.structs.replace(state_of(project), settings=settings, memories={})
        project = replace(project, settings=settings, state=state)
    right = state_of(project)
    bad = project.stack.inserted(place, BlockSlot(9, MaxPool(size=31)))
    for _ in range(2):  # what was opened is saved again
        save_project(replace(project, stack=bad), path)
        project = open_project(path)
        assert project.stack == bad
    project = replace(project, stack=bad.removed(9))
    state = state_of(project)
    assert state.why_void(project.check(), project.settings) == ""
    assert (numbers(state), state.shapes) == (numbers(right), right.shapes)
    assert state.memories.keys() == right.memories.keys()
    for key, memory in state.memories.items():
        np.testing.assert_array_equal(memory, right.memories[key])
    described = json.loads(members_of(path)["project.json"])["training"]
    assert ("shapes" in described) == (place < 4)  # else the shapes are known without it
    save_project(project, path)  # which fits again: older versions can read it
    assert "shapes" not in json.loads(members_of(path)["project.json"])["training"]


def test_a_block_that_was_changed_while_it_did_not_fit_voids_the_state(tmp_path: Path) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    bad = project.stack.inserted(1, BlockSlot(9, MaxPool(size=31)))
    bad = bad.replaced(BlockSlot(3, Dense(units=4)))
    save_project(replace(project, stack=bad, weights={}), path)
    found = open_project(path)
    settings = found.settings.with_changes(classes=(0, 1, 2, 3))
    project = replace(found, stack=found.stack.removed(9), settings=settings)
    assert state_of(project).why_void(project.check(), settings) == "block 3 was changed"


def test_other_data_begins_the_epoch_again_and_keeps_the_memories(tmp_path: Path) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    save_project(replace(project, settings=project.settings.with_changes(batch_size=5)), path)
    found = state_of(open_project(path))
    assert (found.part.steps, found.part.loss_sum, found.best_epoch) == (0, 0.0, 0)
    assert (found.updates, found.last_epoch) == (35, 8)
    assert found.memories.keys() == state_of(project).memories.keys()
