"""Kills at random moments: no broken project, and no edit lost that is older than 5 seconds."""

from pathlib import Path

import pytest

from tests.soak.kills import LOSS_SECONDS, kill


def check(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(folder / "home"))
    death = kill(folder, seed, (0.2, 9.0))
    assert death.age <= LOSS_SECONDS, death


@pytest.mark.timing
@pytest.mark.parametrize("seed", [1, 4])
def test_a_kill_takes_seconds_at_most(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(tmp_path, seed, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 160))
def test_sixty_kills(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    check(tmp_path, seed, monkeypatch)
