"""Damaged project files: refused in one way, or opened as what they were."""

from pathlib import Path

import pytest

from engine.model.project import Project
from tests.engine.files.mutants import EXAMPLE, RUN_EXAMPLE, open_inner_mutant, open_mutant
from tests.engine.files.networks import assert_same, project_in_a_run, small_project
from tests.engine.marks import when_there_is_time

ORIGINALS = ((EXAMPLE, small_project()), (RUN_EXAMPLE, project_in_a_run()))
each_original = pytest.mark.parametrize(("example", "original"), ORIGINALS, ids=["plain", "run"])


@pytest.mark.parametrize("count", [300, *when_there_is_time([100_000])])
@each_original
def test_a_mutant_is_refused_or_opens_as_the_original(
    tmp_path: Path, example: Path, original: Project, count: int
) -> None:
    path, opened = tmp_path / "mutant.layerscope", 0
    for number in range(count):
        project = open_mutant(path, number, example)
        if project is not None:
            assert_same(project, original)
            opened += 1
    assert opened < 0.2 * count
    assert opened > 0, "no mutant hit a place without meaning, so the other half was not tested"


@pytest.mark.parametrize("count", [80, *when_there_is_time([10_000])])
@each_original
def test_a_mutant_in_a_sound_zip_is_refused_or_can_be_saved(
    tmp_path: Path, example: Path, original: Project, count: int
) -> None:
    path = tmp_path / "mutant.layerscope"
    opened = sum(open_inner_mutant(path, number, example) is not None for number in range(count))
    assert 0 < opened < count
