"""Own drawings in project files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.files.project_file import open_project, save_project
from engine.inputs.drawings import Drawing
from engine.model.project import Project
from engine.model.templates import notebook
from tests.engine.files.networks import members_of

DRAWINGS = (
    Drawing.of(np.arange(12, dtype=np.uint8).reshape(3, 2, 2), "red circle"),
    Drawing.of(np.full((1, 3, 4), 7, np.uint8), "ö"),
)


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    path = tmp_path / "drawn.layerscope"
    save_project(with_own(notebook()), path)
    return path


def with_own(project: Project) -> Project:
    return replace(project, settings=project.settings.with_changes(drawings=DRAWINGS))


def test_they_are_a_member_of_the_file(drawn: Path) -> None:
    assert members_of(drawn)["drawings.bin"] == bytes(range(12)) + bytes([7] * 12)
    assert open_project(drawn).settings == with_own(notebook()).settings


def test_a_project_without_drawings_has_no_such_member(tmp_path: Path) -> None:
    path = tmp_path / "plain.layerscope"
    save_project(notebook(), path)
    assert "drawings.bin" not in members_of(path)
    assert b"drawings" not in members_of(path)["project.json"]
    assert open_project(path).settings.drawings == ()
