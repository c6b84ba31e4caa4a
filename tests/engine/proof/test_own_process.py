import os
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.errors import ExportError
from engine.proof.own_process import outputs_in_own_process
from tests.engine.proof import ways

IMAGES = np.arange(12, dtype=np.float32).reshape(2, 1, 2, 3)


def test_outputs_come_back_from_another_process(tmp_path: Path) -> None:
    ticks: list[int] = []
    found = outputs_in_own_process(
        ways.mean_and_process, tmp_path / "x", IMAGES, lambda: ticks.append(1)
    )
    assert found[0] is not None
    assert found[2] is not None
    assert found[0].tolist() == [[2.5], [8.5]]
    assert found[1] is None
    assert found[2].tolist() == [[0, 1, 2], [6, 7, 8]]
    assert int((tmp_path / "process").read_text()) != os.getpid()
    assert ticks


def test_what_goes_wrong_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"it failed \(ValueError: a.bin is not what it seems\)"):
        outputs_in_own_process(ways.failing, tmp_path / "a.bin", IMAGES)
    with pytest.raises(ExportError, match=r"it failed \(it said nothing\)"):
        outputs_in_own_process(ways.dying, tmp_path / "left", IMAGES)
    assert not Path((tmp_path / "left").read_text()).exists()


@pytest.mark.skipif(os.name != "posix", reason="groups of processes are those of POSIX")
def test_a_slow_one_is_ended_with_what_it_started(tmp_path: Path) -> None:
    told = tmp_path / "child"

    def tick() -> None:
        if told.exists() and told.read_text():
            raise KeyboardInterrupt  # as a user who cancels

    with pytest.raises(KeyboardInterrupt):
        outputs_in_own_process(ways.sleeping_with_child, told, IMAGES, tick)
    child, end = int(told.read_text()), time.monotonic() + 10
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_there_is_a_time_limit(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"it was not done after 0 s, and was ended\."):
        outputs_in_own_process(ways.sleeping_with_child, tmp_path / "x", IMAGES, seconds=0.1)
