"""The files of a moment bring back all that it takes to go on exactly, or are refused."""

from pathlib import Path

import pytest

from engine.errors import RunError
from engine.runs import read_run
from engine.runs.checkpoint_files import STATES, epoch_file
from tests.engine.runs.own_runs import write_own_run


def test_a_moment_without_a_state_is_gone_on_from_without(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    (tmp_path / STATES / epoch_file(2)).unlink()
    checkpoint = read_run(tmp_path).project_after(2)
    assert checkpoint.state is None
    assert checkpoint.trained_epochs == 2


def test_the_state_of_another_epoch_is_refused(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    states = tmp_path / STATES
    (states / epoch_file(1)).replace(states / epoch_file(2))
    with pytest.raises(RunError, match="another epoch"):
        read_run(tmp_path).project_after(2)
