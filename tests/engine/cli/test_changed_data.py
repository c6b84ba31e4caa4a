"""A project whose data is changed: `train` says so, and works."""

import json
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
    answer = console.run("train", trained, "--resume")
    assert answer.code == 0
    assert "changed" not in answer.out + answer.err


def test_changed_data_is_said_and_learned_from(console: Console, trained: Path, data: Path) -> None:
    before = open_project(trained)
    change(data)
    answer = console.run("train", trained, "--resume", "--json")
    assert answer.code == 0
    assert CHANGED in answer.err
    assert [json.loads(line)["epoch"] for line in answer.out.splitlines()] == [3, 4]
    assert open_project(trained).data_digest != before.data_digest


def test_other_data_is_not_changed_data(console: Console, trained: Path, tmp_path: Path) -> None:
    other = write_data(tmp_path / "other")
    change(other)
    answer = console.run("train", trained, "--resume", "--data", other)
    assert answer.code == 0
    assert "has changed" not in answer.out
