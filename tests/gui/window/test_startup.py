"""Opening: what a new window lacks is made once it has been painted, step by step."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.app import create_window
from gui.main_window import MainWindow
from gui.window.startup import Startup

LATER = ["panel.confusion", "panel.draw", "panel.kernels", "panel.gradients", "panel.glass"]


class Log(QObject):
    """Notes when a widget is painted, and when steps are taken."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.entries: list[str] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and "painted" not in self.entries:
            self.entries.append("painted")
        return False

    def steps(self) -> Iterator[None]:
        for number in range(3):
            self.entries.append(f"step {number}")
            yield

    def end(self) -> None:
        self.entries.append("done")


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def opening_of(widget: QWidget, log: Log) -> Startup:
    startup = Startup(widget, log.steps())
    startup.done.connect(log.end)
    return startup


def test_the_steps_follow_the_first_painting(qtbot: QtBot, widget: QWidget) -> None:
    log = Log(widget)
    startup = opening_of(widget, log)
    widget.show()
    assert not [entry for entry in log.entries if entry != "painted"]
    qtbot.waitUntil(lambda: startup.ended)
    assert log.entries == ["painted", "step 0", "step 1", "step 2", "done"]


def test_a_window_that_nobody_shows_is_completed_too(qtbot: QtBot, widget: QWidget) -> None:
    log = Log(widget)
    startup = opening_of(widget, log)
    qtbot.waitUntil(lambda: startup.ended)
    assert log.entries == ["step 0", "step 1", "step 2", "done"]


def test_what_is_needed_now_is_made_now(qtbot: QtBot, widget: QWidget) -> None:
    log = Log(widget)
    startup = opening_of(widget, log)
    startup.finish()
    startup.finish()
    assert log.entries == ["step 0", "step 1", "step 2", "done"]
    qtbot.wait(20)
    assert log.entries[-1:] == ["done"]


def test_a_window_that_closes_is_not_completed(qtbot: QtBot, widget: QWidget) -> None:
    log = Log(widget)
    startup = opening_of(widget, log)
    startup.stop()
    widget.show()
    qtbot.wait(20)
    assert startup.ended
    assert log.entries == ["painted"]


def open_window() -> MainWindow:
    """Make the window within a test: before it events are processed, which would complete it."""
    made = create_window()
    assert isinstance(made, MainWindow)
    return made


def test_every_panel_has_its_place_and_name_from_the_beginning(qtbot: QtBot) -> None:
    window = open_window()
    places = {name: window.findChild(QWidget, name) for name in LATER}
    assert all(place is not None and place.accessibleName() for place in places.values())
    window.show()
    qtbot.waitUntil(lambda: window.startup.ended)
    for name, place in places.items():
        found = window.findChildren(QWidget, name)
        assert len(found) == 1, name
        assert place is not None
        assert found[0].parentWidget() is place
    assert window.close()


def test_a_click_before_the_training_thread_runs_is_not_lost(qtbot: QtBot) -> None:
    window = open_window()
    states: list[str] = []
    window.session.state_changed.connect(states.append)
    train = window.findChild(QAction, "action.train")
    assert train is not None
    train.trigger()
    assert states == []
    qtbot.waitUntil(lambda: "Training" in states, timeout=30_000)
    window.session.stop()
    qtbot.waitUntil(lambda: "Stopped" in states)
    assert window.close()


def test_a_window_may_close_before_it_is_complete() -> None:
    window = open_window()
    window.show()
    assert not window.startup.ended
    assert window.close()
    assert window.startup.ended
