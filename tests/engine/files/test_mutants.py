"""Damaged project files: refused in one way, or opened as what they were."""

from pathlib import Path

import pytest

from engine.project import Project
from tests.engine.files.mutants import EXAMPLE, RUN_EXAMPLE, open_inner_mutant, open_mutant
from tests.engine.files.networks import assert_same, project_in_a_run, small_project

CHUNK = 1_000


ORIGINALS = ((EXAMPLE, small_project()), (RUN_EXAMPLE, project_in_a_run()))
each_original = pytest.mark.parametrize(("example", "original"), ORIGINALS, ids=["plain", "run"])


def check(path: Path, numbers: range, example: Path, original: Project) -> None:
    opened = refused = 0
    for number in numbers:
        project = open_mutant(path, number, example)
        if project is None:
            refused += 1
        else:
            assert_same(project, original)
            opened += 1
    assert refused > 0.8 * len(numbers)
    assert opened > 0, "no mutant hit a place without meaning, so the other half was not tested"


def check_inside(path: Path, numbers: range, example: Path) -> None:
    opened = sum(open_inner_mutant(path, number, example) is not None for number in numbers)
    assert 0 < opened < len(numbers)


@each_original
def test_a_mutant_is_refused_or_opens_as_the_original(
    tmp_path: Path, example: Path, original: Project
) -> None:
    check(tmp_path / "mutant.layerscope", range(CHUNK), example, original)


@each_original
def test_a_mutant_in_a_sound_zip_is_refused_or_can_be_saved(
    tmp_path: Path, example: Path, original: Project
) -> None:
    check_inside(tmp_path / "mutant.layerscope", range(CHUNK // 4), example)


@pytest.mark.soak
@each_original
def test_a_hundred_thousand_mutants(tmp_path: Path, example: Path, original: Project) -> None:
    for start in range(0, 100_000, CHUNK):
        some, fewer = range(start, start + CHUNK), range(start, start + CHUNK // 10)
        check(tmp_path / "mutant.layerscope", some, example, original)
        check_inside(tmp_path / "mutant.layerscope", fewer, example)
