"""The training settings: every one reachable, undoable, and locked but for the learning rate."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.model.settings import Settings
from engine.struct_fields import fields_of
from gui.document.document import Document
from gui.document.edits import Edits
from gui.forms.inputs import SuggestionsBox
from gui.forms.settings_form import TrainingSettings
from tests.gui.driving import Driver
from tests.gui.finding import named
from tests.gui.waiting import wait_until


@pytest.fixture
def window(document: Document, edits: Edits, qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    settings = TrainingSettings(document, edits, window)
    layout = QVBoxLayout(window)
    layout.addWidget(settings.strip)
    layout.addWidget(settings.more)
    layout.addWidget(settings.of_data)
    window.resize(760, 400)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def field(window: QWidget, name: str) -> Any:
    found = window.findChildren(QWidget, f"setting.{name}")
    assert len(found) == 1
    return found[0]


def test_a_refused_setting_is_explained_and_the_old_one_holds(
    document: Document, window: QWidget
) -> None:
    classes = field(window, "classes")
    limits = "Classes must be 2 to 1000 whole numbers from 0 to 999999"
    for typed, said in (
        ("3", "Choose at least 2 classes."),
        ("3, 3", "Classes must differ; one is named twice."),
        ("3, 1000000", f"{limits}, not 3, 1000000."),
        ("all", f"{limits}, not “all”."),
    ):
        classes.setFocus()
        classes.selectAll()
        QTest.keyClicks(classes, typed)
        QTest.keyClick(classes, Qt.Key.Key_Return)
        label = named(window, QLabel, "setting.classes.problem")
        assert label.text() == said
        assert classes.text() == typed
    assert document.settings.classes == (0, 1)
    assert document.undo_stack.count() == 0


def test_under_the_lock_only_the_learning_rate_is_live(document: Document, window: QWidget) -> None:
    document.set_locked(True)
    for declared in fields_of(Settings):
        widget = field(window, declared.name)
        assert widget.isEnabled() == (declared.name == "learning_rate")
        if declared.name != "learning_rate":
            assert widget.toolTip() == "Stop training to change this."
    rate = field(window, "learning_rate")
    rate.setFocus()
    QTest.keyClick(rate, Qt.Key.Key_Up)
    assert document.settings.learning_rate == 0.2
    document.set_locked(False)
    assert field(window, "epochs").isEnabled()


def test_what_is_typed_counts_before_training_locks_it(document: Document, window: QWidget) -> None:
    epochs = field(window, "epochs")
    epochs.setFocus()
    epochs.selectAll()
    QTest.keyClicks(epochs, "3")
    document.set_locked(True)
    assert document.settings.epochs == 3


@pytest.mark.parametrize("entered", [True, False])
@pytest.mark.parametrize(
    ("name", "typed", "in_use", "why"),
    [
        ("classes", "1", "0, 1", "Choose at least 2 classes."),
        ("classes", "all", "0, 1", "Classes must be 2 to 1000 whole numbers from 0 to 999999"),
        (
            "learning_rate",
            "100000",
            "0.1",
            "Learning rate must be a number from 1e-08 to 1000, not “100000”.",
        ),
    ],
)
def test_training_shows_what_it_trains_with_in_place_of_what_was_refused(
    driver: Driver, name: str, typed: str, in_use: str, why: str, entered: bool
) -> None:
    driver.window.docks.show_panel("Training settings")
    said = driver.find(QLabel, f"setting.{name}.problem")
    if entered:
        driver.type_into(f"setting.{name}", typed)
        assert said.text()
    else:
        widget = field(driver.window, name)
        widget.setFocus()
        widget.selectAll()
        QTest.keyClicks(widget, typed)
    driver.click("train")
    driver.wait_for("Training")
    assert field(driver.window, name).text() == in_use
    assert said.text() == ""
    driver.wait(lambda: driver.message().startswith(why))
    assert driver.message().endswith("Training goes on with what was set before.")
    driver.click("train")
    driver.wait_for("Paused")
    assert field(driver.window, name).text() == in_use
    assert said.text() == ""


@pytest.mark.parametrize("patience", [30.0, 0.0])
def test_a_data_set_that_is_not_there_is_marked_and_leaves_the_data_in_use(
    document: Document,
    window: QWidget,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    patience: float,
) -> None:
    monkeypatch.setattr("gui.forms.settings_form._PATIENCE", patience)  # 0: a drive that is slow
    monkeypatch.setattr("engine.data.known.known_sets.PACKAGES", tmp_path)
    box = field(window, "dataset")
    assert isinstance(box, SuggestionsBox)
    box.list_wanted.emit()  # as the list does when it opens
    texts = [box.itemText(index) for index in range(box.count())]
    assert texts[0] == "MNIST sample (bundled)"
    assert texts[2] == "Fashion-MNIST (download)"
    assert "apt install" in box.itemData(2, Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex(2)
    problem = named(window, QLabel, "setting.dataset.problem")
    wait_until(lambda: problem.text() != "")
    assert document.settings.dataset == "mnist"
    assert box.currentText() == "MNIST sample (bundled)"
    assert "apt install dataset-fashion-mnist" in problem.text()
    (tmp_path / "fashion-mnist").mkdir()
    for part in ("train", "t10k"):
        for kind in ("images-idx3", "labels-idx1"):
            (tmp_path / "fashion-mnist" / f"{part}-{kind}-ubyte.gz").touch()
    box.list_wanted.emit()
    assert box.itemText(2) == "Fashion-MNIST"


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_the_list_of_data_is_as_wide_as_its_labels_where_the_field_is_narrow(
    window: QWidget,
) -> None:
    box = field(window, "dataset")
    assert isinstance(box, SuggestionsBox)
    box.setFixedWidth(80)
    box.showPopup()
    font = box.view().fontMetrics()
    labels = [box.itemText(index) for index in range(box.count())]
    assert box.view().viewport().width() >= max(map(font.horizontalAdvance, labels)) > 80
    box.hidePopup()
