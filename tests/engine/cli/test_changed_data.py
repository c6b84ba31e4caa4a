"""A project whose data is gone or changed: `check` and `train` say so, and work."""

import json
import shutil
from pathlib import Path

import pytest

from engine.files import open_project
from tests.engine.cli.console import Console, write_data
from tests.engine.data.idx_files import write_idx

CHANGED = "data has changed since this project used it last: images, labels or classes are others."


@pytest.fixture
def trained(console: Console, project: Path) -> Path:
    answer = console.run("train", project)
    assert answer.code == 0
    assert "has changed" not in answer.out
    return project


def change(data: Path) -> None:
    write_idx(data / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)


def test_nothing_is_said_of_data_that_is_the_same(console: Console, trained: Path) -> None:
    assert len(open_project(trained).data_digest) == 64
    for command in (("check", trained), ("train", trained, "--resume")):
        answer = console.run(*command)
        assert answer.code == 0
        assert "changed" not in answer.out + answer.err


def test_changed_data_is_said_and_learned_from(console: Console, trained: Path, data: Path) -> None:
    before = open_project(trained)
    change(data)
    answer = console.run("check", trained)
    assert answer.code == 0
    assert f"{CHANGED} What was learned stays" in answer.out.splitlines()[-1]
    answer = console.run("check", trained, "--json")
    assert CHANGED in answer.err
    assert len(answer.objects) == len(before.stack)
    answer = console.run("train", trained, "--resume", "--json")
    assert answer.code == 0
    assert CHANGED in answer.err
    assert [json.loads(line)["epoch"] for line in answer.out.splitlines()] == [3, 4]
    assert open_project(trained).data_digest != before.data_digest
    assert "changed" not in console.run("check", trained).out


def test_data_that_is_gone_is_said_and_the_shapes_are_checked(
    console: Console, trained: Path, data: Path
) -> None:
    shutil.rmtree(data)
    answer = console.run("check", trained)
    assert answer.code == 0
    assert "All blocks fit." in answer.out
    last = answer.out.splitlines()[-1]
    assert last.startswith("The data of the project is not to be had: There is no data set, folder")


def test_other_data_is_not_changed_data(console: Console, trained: Path, tmp_path: Path) -> None:
    other = write_data(tmp_path / "other")
    change(other)
    answer = console.run("train", trained, "--resume", "--data", other)
    assert answer.code == 0
    assert "has changed" not in answer.out
    assert "changed" not in console.run("check", trained).out
