"""The latest task: the newest result alone counts, and a disk that hangs holds nothing up."""

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import DataError
from gui.background.jobs import DEFECT
from gui.background.latest_task import LatestTask, Report


def test_what_goes_wrong_is_said(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    task, hooked = LatestTask(), []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: hooked.append(kind))

    def fail(error: Exception) -> None:
        def work(_: Report) -> None:
            raise error

        task.begin(work, said.append, failed=said.append)

    fail(DataError("The file is gone."))
    qtbot.waitUntil(lambda: said == ["The file is gone."])
    assert not task.busy
    fail(ValueError("a defect"))
    qtbot.waitUntil(lambda: said[1:] == [DEFECT])
    assert hooked == [ValueError]
