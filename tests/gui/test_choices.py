"""Choices: what is remembered in a file, and files that say nothing."""

import json
import os
from collections.abc import Callable
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


DEEP = b'{"axis.log": true, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    "content", [DEEP, b'{"axis.log": 1e308}', b'{"axis.log": "' + b"a" * 2_000_000]
)
def test_a_file_that_would_break_a_reader_says_nothing(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert choice("axis.log") is None
    choose("axis.log", True)
    assert choice("axis.log") is True


def test_a_huge_number_of_somebody_else_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"other": 1' + "0" * 30 + "}")
    choose("axis.log", True)
    assert json.loads(file.read_bytes()) == {"axis.log": True, "other": 10**30}


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_says_nothing(file: Path, make: Callable[[Path], None]) -> None:
    file.parent.mkdir()
    make(file)
    assert choice("axis.log") is None
    choose("axis.log", True)
    assert choice("axis.log") is None
