import json
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.blocks import Conv, UnknownBlock
from engine.errors import ProjectError
from engine.files import open_project, save_project
from engine.project import Project
from engine.stack import Slot
from engine.templates import TEMPLATES
from tests.engine.files.networks import (
    edit_description,
    members_of,
    mutate,
    small_project,
    write_members,
)

EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "small.layerscope"
    save_project(small_project(), path)
    return path


def assert_same(one: Project, other: Project) -> None:
    assert (one.stack, one.settings) == (other.stack, other.settings)
    assert one.trained_epochs == other.trained_epochs
    assert one.weights.keys() == other.weights.keys()
    for slot_id, arrays in one.weights.items():
        assert arrays.keys() == other.weights[slot_id].keys()
        for name, array in arrays.items():
            assert array.dtype == other.weights[slot_id][name].dtype
            np.testing.assert_array_equal(array, other.weights[slot_id][name])


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    project = TEMPLATES[name]()
    save_project(project, tmp_path / "a.layerscope")
    assert_same(open_project(tmp_path / "a.layerscope"), project)
    assert list(members_of(tmp_path / "a.layerscope")) == ["project.json"]


def test_a_trained_project_comes_back_with_titles_locks_and_weights(tmp_path: Path) -> None:
    project = small_project()
    first, *others = project.stack.slots
    first = replace(first, title="Kanten – „senkrecht“ 🙂\n", locked=True)
    stack = replace(project.stack, slots=(first, *others))
    project = replace(project, stack=stack)
    save_project(project, tmp_path / "a.layerscope")
    assert_same(open_project(tmp_path / "a.layerscope"), project)


def test_locked_kernels_come_back_and_only_a_file_with_some_tells_of_them(tmp_path: Path) -> None:
    project = small_project()
    first, *others = project.stack.slots
    stack = replace(project.stack, slots=(replace(first, locked_kernels=(1,)), *others))
    path = tmp_path / "a.layerscope"
    save_project(replace(project, stack=stack), path)
    assert open_project(path).stack.slots[0].locked_kernels == (1,)
    slots = json.loads(members_of(path)["project.json"])["slots"]
    assert [slot.get("locked_kernels") for slot in slots] == [[1], None, None, None]


@pytest.mark.parametrize("kernels", [[2], [-1], [1, 0], [0, 0], [0.5], "0"])
def test_locked_kernels_that_there_are_not_are_damage(saved: Path, kernels: object) -> None:
    edit_description(saved, lambda form: form["slots"][0].update(locked_kernels=kernels))
    with pytest.raises(ProjectError, match="is damaged"):
        open_project(saved)


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
        for name in ("padding", "stride"):
            del description["slots"][0]["block"][name]

    before = open_project(saved)
    assert_same(open_project(edit_description(saved, forget)), before)


def test_the_file_is_a_plain_zip_that_other_programs_can_read(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
    members = members_of(saved)
    description = json.loads(members["project.json"])
    assert (description["format"], description["program"]) == (1, "layerscope")
    assert description["slots"][0] == {
        "id": 1,
        "title": "",
        "locked": False,
        "block": {
            "kind": "conv",
            "depth": 2,
            "kernel_size": 3,
            "bias": "position",
            "padding": "valid",
            "stride": 1,
        },
    }
    arrays = load_tensors(members["weights.safetensors"])
    assert {name: array.shape for name, array in arrays.items()} == {
        "0.conv.weight": (2, 1, 3, 3),
        "0.conv.bias": (2, 4, 4),
        "2.dense.weight": (3, 32),
        "2.dense.bias": (3,),
    }
    assert arrays["2.dense.weight"][1, 2] == (32 + 2) / 8


def test_the_same_project_gives_the_same_bytes(saved: Path) -> None:
    before = saved.read_bytes()
    save_project(open_project(saved), saved)
    assert saved.read_bytes() == before


def test_the_example_of_format_1_still_opens() -> None:
    assert_same(open_project(EXAMPLES / "format-1.layerscope"), small_project())


def test_arrays_in_another_memory_order_are_saved_right(tmp_path: Path) -> None:
    project = small_project()
    turned = {3: {**project.weights[3], "weight": np.asfortranarray(project.weights[3]["weight"])}}
    save_project(replace(project, weights={**project.weights, **turned}), tmp_path / "a.layerscope")
    assert_same(open_project(tmp_path / "a.layerscope"), project)


def test_a_block_without_weights_may_stand_beside_trained_ones(tmp_path: Path) -> None:
    project = small_project()
    project = replace(project, weights={3: project.weights[3]})
    save_project(project, tmp_path / "a.layerscope")
    assert_same(open_project(tmp_path / "a.layerscope"), project)


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


def set_option(index: int, **options: object) -> Callable[[dict[str, Any]], object]:
    return lambda description: description["slots"][index]["block"].update(options)


def put(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda description: description.update(fields)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            set_option(0, kernel_size=-3),
            "Block 1 (Conv): kernel size must be a whole number from 1 to 31, not -3.",
        ),
        (
            set_option(2, units="many"),
            "Block 3 (Dense): units must be a whole number",
        ),
        (set_option(1, target_shape=[0]), "Block 2 (Reshape): target shape takes sizes"),
        (put(format=2), "newer version of Layerscope (file format 2; this version knows 1)"),
        (put(format=0), "names no file format"),
        (put(format=True), "is damaged"),
        (put(format="1"), "names no file format"),
        (put(program="word"), "does not describe a project of Layerscope"),
        (put(input_shape=[1, 28]), "project.json is wrong"),
        (put(input_shape=[1, 28, 0]), "project.json is wrong"),
        (put(trained_epochs=-1), "project.json is wrong"),
        (put(trained_epochs=1.5), "project.json is wrong"),
        (put(colour="red"), "Open it with a newer version"),
        (put(slots={}), "project.json is wrong"),
        (lambda description: description["slots"][0].update(id=3), "the same id"),
        (lambda description: description["slots"][0].pop("block"), "project.json is wrong"),
        (
            lambda description: description["settings"].update(epochs=0),
            "Training settings: epochs must be a whole number",
        ),
        (
            lambda description: description["settings"].update(mixup=0.9),
            "does not know its setting 'mixup'. Open it with a newer version",
        ),
        (
            lambda description: description["slots"].pop(2),
            "its weights do not go with its blocks: the file holds '2.dense.",
        ),
        (
            set_option(0, depth=4),
            "block 1 (Conv 4, 3×3) has a weight of 4×1×3×3, the file one of 2×1×3×3",
        ),
    ],
)
def test_a_faulty_description_is_refused_in_words(
    saved: Path, edit: Callable[[dict[str, Any]], object], words: str
) -> None:
    edit_description(saved, edit)
    with pytest.raises(ProjectError) as refused:
        open_project(saved)
    assert str(refused.value).startswith(str(saved))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def nan_in(arrays: dict[str, Any]) -> None:
    arrays["0.conv.bias"][0, 0, 0] = np.nan


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (nan_in, "not finite"),
        (lambda arrays: arrays.pop("0.conv.bias"), "has a bias of 2×4×4, the file has none"),
        (lambda arrays: arrays.update({"9.x.y": np.ones(1, np.float32)}), "'9.x.y'"),
        (lambda arrays: arrays.update({"0.conv.w": np.ones(1, np.float32)}), "has no w"),
        (lambda arrays: arrays.update({"1.dense.bias": np.ones(1, np.float32)}), "'1.dense.bias'"),
        (
            lambda arrays: arrays.update({"2.dense.bias": np.ones(3)}),
            "must be float32, the file has F64",
        ),
    ],
)
def test_faulty_weights_are_refused_in_words(
    saved: Path, edit: Callable[[dict[str, Any]], object], words: str
) -> None:
    members = members_of(saved)
    arrays = {name: a.copy() for name, a in load_tensors(members["weights.safetensors"]).items()}
    edit(arrays)
    members["weights.safetensors"] = save_tensors(arrays)
    write_members(saved, members)
    with pytest.raises(ProjectError, match="is damaged") as refused:
        open_project(saved)
    assert words in str(refused.value)


def test_a_faulty_zip_is_refused_in_words(saved: Path) -> None:
    members, whole = members_of(saved), saved.read_bytes()
    description = members["project.json"]
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("project.json", description)
    twice = saved.read_bytes()
    for content, words in [
        (b"", "cut off, or is no project file"),
        (b"PK", "cut off, or is no project file"),
        (b"hello, world" * 100, "cut off, or is no project file"),
        (whole[: len(whole) // 2], "cut off, or is no project file"),
        (twice, "project.json is in it twice"),
    ]:
        saved.write_bytes(content)
        with pytest.raises(ProjectError, match=words):
            open_project(saved)
    for changed, words in [
        ({"weights.safetensors": members["weights.safetensors"]}, "has no project.json"),
        ({"project.json": description}, "do not go together"),
        ({**members, "../evil": b""}, "It holds '../evil', which this version does not know"),
        ({**members, "project.json": b""}, "truncated"),
        ({**members, "project.json": b'{"format": NaN}'}, "malformed"),
        ({**members, "project.json": b"[" * 100_000}, "recursion"),
        ({**members, "project.json": b"\xff\xfe"}, "malformed"),
        ({**members, "project.json": b"[]"}, "does not describe"),
        ({**members, "weights.safetensors": b"12345678"}, "is damaged"),
        ({**members, "weights.safetensors": struct.pack("<Q", 2**40)}, "is damaged"),
    ]:
        write_members(saved, changed)
        with pytest.raises(ProjectError, match=words):
            open_project(saved)
    write_members(saved, members, zipfile.ZIP_DEFLATED)
    with pytest.raises(ProjectError, match="must be stored"):
        open_project(saved)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write_members(
        tmp_path / "bomb.layerscope", {"project.json": bytes(50_000_000)}, zipfile.ZIP_DEFLATED
    )
    assert path.stat().st_size < 100_000
    with pytest.raises(ProjectError, match="must be stored"):
        open_project(path)
    write_members(path, {"project.json": bytes(20_000_000)})
    with pytest.raises(ProjectError, match="larger than any network needs"):
        open_project(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="does not exist"):
        open_project(tmp_path / "missing.layerscope")
    with pytest.raises(ProjectError, match="is a folder"):
        open_project(tmp_path)
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe.layerscope")
        with pytest.raises(ProjectError, match="not a regular file"):
            open_project(tmp_path / "pipe.layerscope")


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
            project, stack=replace(project.stack, slots=(Slot(1, Conv()), Slot(1, Conv())))
        ),
        lambda project: replace(
            project, stack=replace(project.stack, slots=(Slot(1, Conv(kernel_size=99)),))
        ),
        lambda project: replace(
            project, stack=project.stack.replaced(Slot(1, Conv(depth=2), "\ud800"))
        ),
        lambda project: replace(project, weights={1: {"weight": np.ones((2, 1, 3, 3))}}),
    ],
    ids=["epochs", "ids", "option", "title", "dtype"],
)
def test_what_would_not_come_back_does_not_replace_the_file(
    saved: Path, broken: Callable[[Project], Project]
) -> None:
    before = saved.read_bytes()
    with pytest.raises(ProjectError, match="was not written: read back"):
        save_project(broken(small_project()), saved)
    assert saved.read_bytes() == before


def test_a_library_that_writes_wrong_values_is_found_out(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_other_values(arrays: dict[str, Any]) -> bytes:
        return save_tensors({name: array + 1 for name, array in arrays.items()})

    before = saved.read_bytes()
    monkeypatch.setattr("engine.files.tensors.write_safetensors", save_other_values)
    with pytest.raises(ProjectError, match="was not written: read back"):
        save_project(small_project(), saved)
    assert saved.read_bytes() == before


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_file_is_refused_or_opens_equal(saved: Path, data: st.DataObject) -> None:
    project = small_project()
    content = bytearray((EXAMPLES / "format-1.layerscope").read_bytes())
    mutate(content, data)
    saved.write_bytes(content)
    try:
        opened = open_project(saved)
    except ProjectError:
        return
    assert_same(opened, project)
