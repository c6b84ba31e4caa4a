"""Startup: what a new window lacks is made once it has been painted, step by step."""

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.files.project_file import save_project
from engine.model.settings import Settings
from engine.model.templates import notebook
from engine.struct_fields import fields_of
from gui.app import create_window
from gui.main_window import MainWindow, Startup
from gui.window.views import LazyPanel
from tests.gui.finding import named
from tests.gui.watching import heard
from tests.paths import ROOT

LATER = {
    "Confusion matrix": "panel.confusion",
    "Draw": "panel.draw",
    "Kernels": "panel.kernels",
    "Gradients": "panel.gradients",
    "Step by step": "panel.glass",
    "What it sees": "panel.drawing",
}


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

    def steps(self) -> list[Callable[[], None]]:
        return [partial(self.entries.append, f"step {number}") for number in range(3)]

    def end(self) -> None:
        self.entries.append("done")


@pytest.fixture
def log(window: QWidget) -> Log:
    return Log(window)


def startup_of(window: QWidget, log: Log, *first: Callable[[], None]) -> Startup:
    startup = Startup(window, [*first, *log.steps()])
    startup.done.connect(log.end)
    return startup


ALL = ["step 0", "step 1", "step 2", "done"]


@pytest.mark.parametrize("is_shown", [True, False])
def test_the_steps_follow_the_first_painting_if_there_is_one(
    qtbot: QtBot, window: QWidget, log: Log, is_shown: bool
) -> None:
    startup = startup_of(window, log)
    window.setVisible(is_shown)
    assert not [entry for entry in log.entries if entry != "painted"]
    qtbot.waitUntil(lambda: startup.ended)
    assert log.entries == ["painted"] * is_shown + ALL


@pytest.mark.parametrize(
    ("end", "entries"), [(Startup.finish, ALL), (Startup.stop, [])], ids=["now", "never"]
)
def test_what_is_needed_now_is_made_now_and_in_a_window_that_closes_nothing(
    qtbot: QtBot, window: QWidget, log: Log, end: Callable[[Startup], None], entries: list[str]
) -> None:
    startup = startup_of(window, log)
    for _ in range(2):
        end(startup)
        qtbot.wait(20)
        assert log.entries == entries
    window.show()
    qtbot.wait(20)
    assert startup.ended
    assert log.entries == [*entries, "painted"]


def test_a_step_that_fails_does_not_keep_the_others_from_being_taken(
    qtbot: QtBot, window: QWidget, log: Log
) -> None:
    def fail() -> None:
        raise ValueError("a panel that cannot be made")

    startup = startup_of(window, log, fail)
    with qtbot.captureExceptions() as raised:
        qtbot.waitUntil(lambda: startup.ended)
    assert [kind for kind, *_ in raised] == [ValueError]
    assert log.entries == ALL


def open_window() -> MainWindow:
    """Make the window within a test: before it events are processed, which would complete it."""
    made = create_window()
    assert isinstance(made, MainWindow)
    return made


def test_every_panel_has_its_place_and_name_from_the_beginning(qtbot: QtBot) -> None:
    window = open_window()
    for field in fields_of(Settings):
        assert len(window.findChildren(QWidget, f"setting.{field.name}")) == 1
    for owner in (window, window.panels):
        for name in {*vars(type(owner)), *inspect.get_annotations(type(owner))}:
            assert hasattr(owner, name), name
    places = {name: window.findChild(QWidget, name) for name in LATER.values()}
    assert all(place is not None and place.accessibleName() for place in places.values())
    window.show()
    qtbot.waitUntil(lambda: window.startup.ended)
    for name, place in places.items():
        (found,) = window.findChildren(QWidget, name)
        assert found.parentWidget() is place
    assert window.close()


def test_a_panel_is_made_when_its_place_is_first_seen(qtbot: QtBot) -> None:
    window = open_window()
    window.startup.stop()  # none is made in an idle moment
    window.show()
    qtbot.waitExposed(window)
    qtbot.wait(20)
    later = {title: name for title, name in LATER.items() if not window.stage.is_in_view(title)}
    places = {title: window.findChild(LazyPanel, name) for title, name in later.items()}
    assert len(places) == len(LATER) - 1
    assert not any(_panels(place) for place in places.values()), "made before they are seen"
    for title, place in places.items():
        window.stage.show_panel(title)
        qtbot.waitUntil(lambda place=place: any(each.isVisible() for each in _panels(place)))  # type: ignore[misc]
        [panel] = _panels(place)
        assert panel.objectName() == LATER[title]
    window.stage.show_panel("Kernels")
    qtbot.wait(20)
    assert all(len(_panels(place)) == 1 for place in places.values())
    assert window.close()


def _panels(place: LazyPanel | None) -> list[QWidget]:
    assert place is not None
    options = Qt.FindChildOption.FindDirectChildrenOnly
    return place.findChildren(QWidget, options=options)


def test_a_click_before_the_training_thread_runs_is_not_lost(qtbot: QtBot) -> None:
    window = open_window()
    states = heard(window.document.store, lambda s: str(s.run.phase))
    begun: list[bool] = []
    window.session.run_started.connect(lambda: begun.append(True))
    named(window, QAction, "action.train").trigger()
    assert states == []
    qtbot.waitUntil(lambda: begun != [] and "Training" in states, timeout=30_000)
    window.session.stop()
    qtbot.waitUntil(lambda: "Stopped" in states, timeout=30_000)
    assert window.close()


def test_a_window_may_close_before_it_is_complete() -> None:
    window = open_window()
    window.show()
    assert not window.startup.ended
    assert window.close()
    assert window.startup.ended


def test_no_plot_is_made_before_the_window_is_painted(tmp_path: Path) -> None:
    """Pyqtgraph takes half as long as the rest; neither a file nor a choice asks for it."""
    choices = '{"panels": {"choices": {"glass.speed": "fast"}}}'
    (tmp_path / "preferences.json").write_text(choices)
    project = tmp_path / "a.layerscope"
    save_project(notebook(), project)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from gui.app import create_window\n"
        "app = QApplication([])\n"
        f"window = create_window(Path({str(project)!r}))\n"
        "print('pyqtgraph' in sys.modules)\n"
        "window.startup.stop()\n"
    )
    environment = {**os.environ, "LAYERSCOPE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "False", done.stderr
