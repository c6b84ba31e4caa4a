"""Project files that are damaged, foreign or no files: each is refused, in approved words."""

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

from engine.errors import ProjectError
from engine.files import open_project, save_project
from tests.approved import assert_approved
from tests.engine.files.networks import (
    edit_description,
    members_of,
    project_in_a_run,
    write_members,
)
from tests.engine.files.test_project_file import DRAWINGS
from tests.engine.memory import less_memory_than

# Words that differ from version to version, but for the field that they name.
OF_MSGSPEC = re.compile(
    r"\((?:Expected|Object|Input|JSON|maximum)(?:[^$]*?at `(\$[^`]*)`|.*?)\)\. "
)
Edit = Callable[[dict[str, Any]], object]


def put(*place: str | int, **fields: object) -> Edit:
    """Change fields at a place of a description."""

    def edit(description: Any) -> None:
        for step in place:
            description = description[step]
        description.update(fields)

    return edit


def block(index: int, **options: object) -> Edit:
    return put("slots", index, "block", **options)


DESCRIPTIONS: tuple[Edit, ...] = (
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


def not_finite(name: str) -> Edit:
    return lambda arrays: arrays[name].reshape(-1).__setitem__(0, np.nan)


ARRAYS: dict[str, tuple[Edit, ...]] = {
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
        tmp_path / "bomb.layerscope", {"project.json": bytes(50_000_000)}, zipfile.ZIP_DEFLATED
    )
    assert path.stat().st_size < 100_000
    with pytest.raises(ProjectError, match="must be stored"):
        open_project(path)
    write_members(path, {"project.json": bytes(20_000_000)})
    with pytest.raises(ProjectError, match="larger than any network needs"):
        open_project(path)


def test_a_description_of_nothing_but_brackets_costs_little(tmp_path: Path) -> None:
    path, size = tmp_path / "bomb.layerscope", 3_900_000
    write_members(path, {"project.json": b"[" + b"[]," * (size // 3) + b"[]]"})
    said = r"larger than any network|does not describe"
    with less_memory_than(130_000_000), pytest.raises(ProjectError, match=said):
        open_project(path)
