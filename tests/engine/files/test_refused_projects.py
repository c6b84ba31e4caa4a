"""Project files that are damaged, foreign or no files: each is refused in words."""

import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.errors import ProjectError
from engine.files import open_project
from tests.engine.files.networks import (
    edit_description,
    members_of,
    write_members,
)


@pytest.mark.parametrize("kernels", [[2], [-1], [1, 0], [0, 0], [0.5], "0"])
def test_locked_kernels_that_there_are_not_are_damage(saved: Path, kernels: object) -> None:
    edit_description(saved, lambda form: form["slots"][0].update(locked_kernels=kernels))
    with pytest.raises(ProjectError, match="is damaged"):
        open_project(saved)


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
        (
            set_option(1, target_shape=[0]),
            "Block 2 (Reshape): target shape needs sizes of at least 1",
        ),
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
        (put(scaling={"mean": [0.1], "deviation": [0.1, 0.1]}), "contradicts itself"),
        (put(scaling={"mean": [0.1], "deviation": [0.0]}), "contradicts itself"),
        (put(scaling={"mean": [0.1], "deviation": [1e-50]}), "contradicts itself"),
        (put(scaling={"mean": [], "deviation": []}), "project.json is wrong"),
        (put(scaling={"mean": [0.1], "deviation": [1.5]}), "project.json is wrong"),
        (put(scaling={"mean": ["0.1"], "deviation": [1.0]}), "project.json is wrong"),
        (put(scaling=[0.1, 0.1]), "project.json is wrong"),
        *((put(data_digest=odd), "is damaged") for odd in ("0123ABCD", "0" * 65, 5)),
        (put(origin={"run": "a", "epoch": -1}), "is damaged"),
        (put(slots={}), "project.json is wrong"),
        (lambda description: description["slots"][0].update(id=3), "the same id"),
        (lambda description: description.update(class_names=["cat"]), "number of classes"),
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
        (
            lambda arrays: arrays.update({"2.dense.bias": np.ones(3)}),
            "must be float32, the file has float64",
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


def test_a_description_of_nothing_but_brackets_costs_little(tmp_path: Path) -> None:
    path = tmp_path / "bomb.layerscope"
    for size in (15_000_000, 3_900_000):
        write_members(path, {"project.json": b"[" + b"[]," * (size // 3) + b"[]]"})
        tracemalloc.start()
        try:
            with pytest.raises(ProjectError, match=r"larger than any network|does not describe"):
                open_project(path)
            assert tracemalloc.get_traced_memory()[1] < 130_000_000
        finally:
            tracemalloc.stop()


def test_a_project_that_says_it_has_weights_must_hold_some(saved: Path) -> None:
    write_members(saved, {**members_of(saved), "weights.safetensors": save_tensors({})})
    with pytest.raises(ProjectError, match=r"is damaged: its weights.safetensors holds no weights"):
        open_project(saved)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="does not exist"):
        open_project(tmp_path / "missing.layerscope")
    with pytest.raises(ProjectError, match="is a folder"):
        open_project(tmp_path)
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe.layerscope")
        with pytest.raises(ProjectError, match="not a regular file"):
            open_project(tmp_path / "pipe.layerscope")
