"""A project of somebody else may name a share of another computer: that is not asked for it."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.files import open_project, save_project
from tests.engine.cli.console import Console, write_data, write_project


@pytest.fixture
def share(tmp_path: Path) -> str:
    """Return data under a name as shares have it, which POSIX takes for a folder of its own."""
    if sys.platform == "win32":
        pytest.skip("there is no such share")
    return f"/{write_data(tmp_path / 'data')}"


@pytest.fixture
def project(tmp_path: Path, share: str) -> Path:
    return write_project(tmp_path / "sent.layerscope", Path(), dataset=share)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_it_is_refused_unless_it_is_named(
    console: Console, project: Path, share: str, command: str
) -> None:
    if command == "evaluate":
        assert console.run("train", project, "--data", share).code == 0
        project = write_again(project, share)
    words = console.refused(command, project)
    assert f"is on another computer, {share}, which is not asked for it unless you name it" in words
    assert f"Give --data {share}" in words
    assert console.run(command, project, "--data", share).code == 0


def write_again(path: Path, share: str) -> Path:
    """Let a trained project name the share again."""
    project = open_project(path)
    save_project(replace(project, settings=project.settings.with_changes(dataset=share)), path)
    return path


def test_commands_that_can_do_without_it_do(
    console: Console, project: Path, share: str, tmp_path: Path
) -> None:
    assert console.run("train", project, "--data", share).code == 0
    write_again(project, share)
    assert console.run("export", project, tmp_path / "w.npz").code == 0
    assert "is on another computer" in console.refused("check", project, "--gradients")
