"""Damaged project files: refused in one way, or opened as what they were."""

from pathlib import Path

import pytest

from tests.engine.files.mutants import open_inner_mutant, open_mutant
from tests.engine.files.networks import assert_same, small_project

CHUNK = 1_000


def check(path: Path, numbers: range) -> None:
    opened = refused = 0
    for number in numbers:
        project = open_mutant(path, number)
        if project is None:
            refused += 1
        else:
            assert_same(project, small_project())
            opened += 1
    assert refused > 0.8 * len(numbers)
    assert opened > 0, "no mutant hit a place without meaning, so the other half was not tested"


def check_inside(path: Path, numbers: range) -> None:
    opened = sum(open_inner_mutant(path, number) is not None for number in numbers)
    assert 0 < opened < len(numbers)


def test_a_mutant_is_refused_or_opens_as_the_original(tmp_path: Path) -> None:
    check(tmp_path / "mutant.layerscope", range(CHUNK))


def test_a_mutant_in_a_sound_zip_is_refused_or_can_be_saved(tmp_path: Path) -> None:
    check_inside(tmp_path / "mutant.layerscope", range(CHUNK // 4))


@pytest.mark.soak
def test_a_hundred_thousand_mutants(tmp_path: Path) -> None:
    for start in range(0, 100_000, CHUNK):
        check(tmp_path / "mutant.layerscope", range(start, start + CHUNK))
        check_inside(tmp_path / "mutant.layerscope", range(start, start + CHUNK // 10))
