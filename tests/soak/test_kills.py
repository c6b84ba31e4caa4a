"""Kills at random moments: no broken project, and no edit lost that is older than 5 seconds."""

from pathlib import Path

import pytest

from tests.programs import Programs
from tests.soak.kills import LOSS_SECONDS, kill


def check(programs: Programs, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(folder / "home"))
    death = kill(programs, folder, seed, (0.2, 9.0))
    assert death.age <= LOSS_SECONDS, death


@pytest.mark.parametrize("seed", [1, 4])  # it dies after 1.4 and 2.3 s
def test_a_kill_takes_seconds_at_most(
    programs: Programs, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(programs, tmp_path, seed, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 160))
def test_sixty_kills(
    programs: Programs, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(programs, tmp_path, seed, monkeypatch)
