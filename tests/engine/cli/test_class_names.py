"""Names of classes go through the command line: into projects, weights and answers."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from engine.files.project_file import open_project
from tests.engine.cli.console import Console
from tests.picture_sets import write_set

NAMES = ["line falling to the right", "line rising to the right"]


def metadata(path: Path) -> dict[str, Any]:
    """Read the notes of a safetensors file by hand: eight bytes of length, then JSON."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    notes = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    assert isinstance(notes, dict)
    return notes


@pytest.fixture
def trained(console: Console, tmp_path: Path) -> Path:
    path, data = tmp_path / "lines.layerscope", write_set("two", tmp_path / "lines.npz", 8, 3)
    assert console.run("new", "digits", path, "--data", data).code == 0
    out = tmp_path / "out.safetensors"
    assert console.run("train", path, "--epochs", "1", "--out", out).code == 0
    return path


def test_weights_that_are_written_say_their_classes(trained: Path, console: Console) -> None:
    exported = trained.with_name("exported.safetensors")
    assert console.run("export", trained, exported).code == 0
    for path in (trained.with_name("out.safetensors"), exported):
        assert json.loads(metadata(path)["classes"]) == NAMES
    answer = console.run("evaluate", trained, "--weights", exported)
    assert answer.code == 0
    assert NAMES[0] in answer.out


def test_a_project_keeps_the_names_without_its_data(trained: Path, console: Console) -> None:
    assert list(open_project(trained).class_names) == NAMES
    trained.with_name("lines.npz").unlink()
    exported = trained.with_name("again.safetensors")
    assert console.run("export", trained, exported).code == 0
    assert json.loads(metadata(exported)["classes"]) == NAMES


def test_numbers_are_no_names(console: Console, project: Path) -> None:
    out = project.with_name("out.safetensors")
    assert console.run("train", project, "--out", out).code == 0
    assert metadata(out) == {}
    assert open_project(project).class_names == ()


def test_json_of_evaluate_has_the_names(trained: Path, console: Console) -> None:
    (answer,) = console.run("evaluate", trained, "--json").objects
    assert answer["classes"] == NAMES
