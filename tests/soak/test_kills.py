"""Kills at random moments: no broken project, and no edit lost that is older than 5 seconds."""

from pathlib import Path

import pytest

from tests.engine.marks import when_there_is_time
from tests.programs import Programs
from tests.soak.kills import LOSS_SECONDS, kill


# In the first it dies after 1.4 s.
@pytest.mark.parametrize("seed", [1, *when_there_is_time(range(100, 160))])
def test_a_kill_takes_seconds_at_most(
    programs: Programs, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    death = kill(programs, tmp_path, seed, (0.2, 9.0))
    assert death.age <= LOSS_SECONDS, death
