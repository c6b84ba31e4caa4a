"""Choices: what is remembered in a file, and files that say nothing."""

import json
from pathlib import Path

import pytest

from gui.choices import choice, choose


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "choices.json"


def test_nothing_was_chosen_at_first() -> None:
    assert choice("axis.log") is None


def test_the_last_choice_is_remembered(file: Path) -> None:
    choose("axis.log", True)
    assert choice("axis.log") is True
    assert json.loads(file.read_bytes()) == {"axis.log": True}
    choose("axis.log", False)
    assert choice("axis.log") is False


def test_a_choice_leaves_the_others_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"of a newer version": [1, 2], "axis.log": false}')
    choose("axis.log", True)
    assert json.loads(file.read_bytes()) == {"of a newer version": [1, 2], "axis.log": True}


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b'{"axis.log": 1}', b'{"axis.log"'])
def test_a_file_that_cannot_be_understood_says_nothing(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert choice("axis.log") is None
    choose("axis.log", True)
    assert choice("axis.log") is True


def test_a_folder_that_cannot_be_written_is_no_error(file: Path) -> None:
    file.parent.write_text("a file, not a folder")
    choose("axis.log", True)
    assert choice("axis.log") is None
