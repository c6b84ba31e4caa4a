"""Names of classes go through the command line: into projects, weights and answers."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from tests.engine.cli.console import Console
from tests.engine.data.pictures import image_bytes, write_files
from tests.picture_sets import write_set

NAMES = ["line falling to the right", "line rising to the right"]


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
        with safe_open(path, "numpy") as file:
            assert json.loads(file.metadata()["classes"]) == NAMES
    answer = console.run("evaluate", trained, "--weights", exported)
    assert answer.code == 0
    assert NAMES[0] in answer.out


def test_what_is_said_of_classes_can_be_given_again(console: Console, tmp_path: Path) -> None:
    names = ["apple", "leaf, red", "sky, blue"]
    picture = image_bytes(np.full((9, 9), 50, np.uint8))
    files = [f"{name}/{place}.png" for name in names for place in range(20)]
    data = write_files(tmp_path / "x", dict.fromkeys(files, picture))
    project = tmp_path / "x.layerscope"
    assert '"leaf, red", "sky, blue"' in console.run("new", "digits", project, "--data", data).out
    said = console.run("train", project, "--epochs", "1").out
    (told,) = re.findall(r"classes (.*?)\. Ctrl", said)
    assert told == 'apple, "leaf, red", "sky, blue"'
    again = console.run("train", project, "--epochs", "1", "--overwrite", "--classes", told)
    assert f"classes {told}." in again.out
    run = console.run("runs", "list", "--json").objects[0]["run"]
    out = console.run("runs", "show", run).out
    assert any(line.split(None, 1) == ["Classes", told] for line in out.splitlines())


def test_of_many_classes_the_most_frequent_confusions_are_printed(
    console: Console, tmp_path: Path
) -> None:
    path, data = tmp_path / "x.layerscope", write_set("letters", tmp_path / "x.npz", 2, 1)
    assert console.run("new", "digits", path, "--data", data).code == 0
    assert console.run("train", path, "--epochs", 1, "--learning-rate", 1e-8).code == 0
    (told,) = console.run("evaluate", path, "--json").objects
    lines = console.run("evaluate", path).out.splitlines()
    assert max(map(len, lines[3:])) <= 120  # above, there is a path
    assert lines[3].endswith("(--json has the whole matrix of 47 classes)")
    names, matrix = told["classes"], np.array(told["confusion"])
    assert matrix.shape == (47, 47)
    assert len(lines[5:]) == min(20, np.count_nonzero(matrix - np.diag(matrix.diagonal())))
    for line in lines[5:]:
        true, said, samples, *share = re.split(r"  +| (?=%)", line)
        assert matrix[names.index(true), names.index(said)] == int(samples) == 1
        assert share == ["100", "%"]  # of each class there is one
