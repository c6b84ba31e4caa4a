"""A window without test samples, or with fewer than before: no panel asks for what is not there."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget

from engine.data.sources import load
from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.templates import notebook
from gui.app import _install_exception_hooks
from gui.main_window import MainWindow
from gui.widgets.empty_state import NO_IMAGES
from gui.widgets.messages import MessageBar
from tests.engine.data.idx_files import write_pair
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import redrawn

TITLES = [
    *("Test image", "Confusion matrix", "Draw", "Data"),
    *("Kernels", "Gradients", "Step by step"),
]


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Have the program's own hooks in place, which write defects to the log; there must be none."""
    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert not [record for record in records if record.levelno >= logging.ERROR]


def hooked(driver: Driver) -> Driver:
    assert isinstance(driver.window, MainWindow)
    _install_exception_hooks(driver.window)
    return driver


def go_through_all(driver: Driver) -> None:
    """Look at every panel, and ask each for what it has of the digits."""
    for title in TITLES:
        driver.window.stage.show_panel(title)
        driver.settle()
    for name in ("next_mistake", "previous_mistake"):
        driver.action(name).trigger()
    predictions = driver.window.panels.predictions
    predictions.grid.setFocus()
    for key in (Qt.Key.Key_End, Qt.Key.Key_Space, Qt.Key.Key_Home, Qt.Key.Key_Return):
        QTest.keyClick(predictions.grid, key)
    for panel in redrawn(driver.window):
        panel.refresh()
    driver.window.panels.predictions.show_confused(0, 0)
    driver.settle()


def test_a_project_whose_data_is_missing_opens_with_one_sentence(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(tmp_path / "stick" / "digits")
    project = notebook()
    path = tmp_path / "mine.layerscope"
    save_project(Project(project.stack, project.settings.with_changes(dataset=data)), path)
    said: list[str] = []
    say = MessageBar.say

    def note(bar: MessageBar, topic: str, text: str) -> None:
        said.append(text)
        say(bar, topic, text)

    monkeypatch.setattr(MessageBar, "say", note)
    driver = hooked(open_window(path))
    driver.wait(lambda: driver.window.session.data_problem != "")
    driver.settle()
    words = "There is no data set, folder or file"
    assert words in driver.text("coach") == driver.window.session.data_problem
    assert driver.find(QToolButton, "coach.action").text() == "Choose data"
    assert driver.text("progress_text") == "Training waits until there is data."
    assert said == []
    assert driver.window.session.store.state.data.pinned is None
    assert driver.pinned() is None
    go_through_all(driver)
    for title in ("Test image", "Maps"):
        driver.window.stage.show_panel(title)
    driver.settle()
    for panel in (driver.window.panels.predictions, driver.window.panels.feature_maps):
        assert panel._empty.sentence() == NO_IMAGES  # no word of images that are being read
    driver.type_into("setting.dataset", "mnist")
    driver.wait_for("Ready")
    driver.wait_for_panels()
    assert driver.text("coach") == ""
    assert driver.pinned() == 0


def test_test_samples_become_fewer_and_none_and_take_what_is_pinned_along(
    driver: Driver, tmp_path: Path
) -> None:
    hooked(driver)
    panels = driver.window.panels
    panels.feature_maps.enlarge(driver.window.document.stack.slots[1].id, 0)
    found = panels.feature_maps.enlarged.samples
    QTest.mouseClick(found.ask, Qt.MouseButton.LeftButton)
    driver.wait(lambda: len(found.buttons) == 8)
    driver.window.stage.show_panel("Test image")
    driver.wait(lambda: driver.samples.isVisible())
    driver.click_digit(11)
    images, _labels = write_pair(
        tmp_path, [1, 0, 1], "a-images-idx3-ubyte", "a-labels-idx1-ubyte", side=28
    )
    driver.answer_dialog("getOpenFileName", images)
    driver.choose("load_test_samples")
    driver.settle()
    assert len(driver.captions()) == 3
    assert driver.pinned() == 0
    assert found.buttons == [], "they were found among other samples"
    panels.feature_maps.enlarged.samples.sample_pinned.emit(11)  # a click that was on its way
    assert driver.window.session.store.state.data.pinned == driver.pinned() == 0
    go_through_all(driver)
    assert driver.pinned() is not None
    few = load("mnist", (0, 1), 1)[1]
    driver.window.session.show_samples(few.take(np.arange(0)))
    assert_nothing_is_pinned(driver)
    driver.window.session.show_samples(few)
    driver.window.stage.show_panel("Test image")
    driver.settle()
    driver.click_digit(5)
    driver.window.edits.change_setting("dataset", str(tmp_path / "gone"))
    driver.wait(lambda: driver.window.session.data_problem != "")
    assert_nothing_is_pinned(driver)


def assert_nothing_is_pinned(driver: Driver) -> None:
    driver.settle()
    assert driver.pinned() is None
    assert driver.samples.samples.rowCount() == 0
    go_through_all(driver)
    assert driver.window.session.store.state.data.pinned is None
    assert driver.find(QWidget, "panel.predictions").isVisible()
