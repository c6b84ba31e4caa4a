"""Random clicks, keys and drags: no exception, no warning of Qt, no thread or timer left."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.engine.marks import when_there_is_time
from tests.gui.conftest import *  # noqa: F403  # the fixtures that watch for leaks
from tests.gui.driving import Driver
from tests.soak.monkey import Monkey

# Of the offscreen platform, and of the simulated keys themselves.
pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support grabbing the (keyboard|mouse)",
    "(Keyboard|Mouse) event not accepted by receiving widget",
    "Mouse event occurs outside target window",
)


@pytest.mark.usefixtures("no_dialogs")
@pytest.mark.parametrize("seed", [1, *when_there_is_time(range(100, 120))])
def test_random_moves(driver: Driver, qtbot: QtBot, seed: int) -> None:
    """Let the monkey at the window, and see that it still works then."""
    moves = 1_000 if seed >= 100 else 180
    driver.action("quit").setEnabled(False)  # after it, there is no program to be looked at
    monkey = Monkey(driver.window, seed, moves)
    with qtbot.waitSignal(monkey.done, timeout=moves * 400):
        monkey.move()

    def is_stopped() -> bool:
        # Not once: a run that the last move asked for may only be about to begin.
        driver.window.menus.stop.trigger()
        return not driver.window.session.run.active

    driver.wait(is_stopped)
    driver.window.document.undo_stack.undo()
    driver.settle()


@pytest.fixture
def no_dialogs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Answer each question for a file, now with none and now with one of three.

    What is exported without a question goes to a folder of the test.
    """
    monkeypatch.setenv("HOME", str(tmp_path))
    names = iter(["", "a.layerscope", "", "b.npz", "c.svg"] * 100_000)

    def ask(*_: object, **__: object) -> tuple[str, str]:
        name = next(names)
        return (str(tmp_path / name) if name else "", "")

    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "")
