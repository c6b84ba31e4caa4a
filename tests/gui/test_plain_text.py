"""Titles, paths and folders of a stranger's project are shown as they are, never as rich text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPoint
from PySide6.QtGui import QAction, QColor, QHelpEvent, QImage, Qt, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QMessageBox,
    QToolTip,
    QTreeWidget,
    QWidget,
)

from engine.blocks import Conv
from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.templates import notebook
from engine.model.weights import initial_weights
from gui.widgets import messages
from gui.widgets.labels import plain_tooltip
from tests.gui.driving import Driver

EVIL = '<img src="file:///x.png"><b>&amp;'
PANELS = ["Kernels", "Maps", "Gradients", "Step by step", "What it sees"]


def hostile(*, fits: bool, folder: str = "mnist") -> Project:
    """Return a project whose every title would be rich text."""
    project = notebook()
    stack = project.stack
    for slot in stack:
        block = slot.block
        if not fits and isinstance(block, Conv):
            block = Conv(kernel_size=29)
        stack = stack.replaced(replace(slot, title=f"{EVIL} {slot.id}", block=block))
    settings = project.settings.with_changes(dataset=folder)
    project = Project(stack, settings, {}, 0)
    if not fits:
        return project
    return replace(project, weights=initial_weights(project.check(), 0, "lecun", kept={}))


def shown(window: QWidget) -> Iterator[tuple[QObject, str, str]]:
    """Return every text in a window that Qt might take for rich text, with what it is."""
    for widget in [window, *window.findChildren(QWidget)]:
        yield widget, "tooltip", widget.toolTip()
        yield widget, "what's this", widget.whatsThis()
        if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText:
            yield widget, "label", widget.text()
        if isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
            for row in range(min(model.rowCount(QModelIndex()), 50)):
                columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
                for column in range(min(columns, 20)):
                    tip = model.index(row, column).data(Qt.ItemDataRole.ToolTipRole)
                    yield widget, "item", tip or ""
        if isinstance(widget, QTreeWidget):
            for row in range(widget.topLevelItemCount()):
                item = widget.topLevelItem(row)
                yield widget, "item", "" if item is None else item.toolTip(1)
        if isinstance(widget, QComboBox):
            for row in range(widget.count()):
                yield widget, "entry", widget.itemData(row, Qt.ItemDataRole.ToolTipRole) or ""
    for action in window.findChildren(QAction):
        yield action, "tooltip", action.toolTip()
        yield action, "what's this", action.whatsThis()


def assert_plain(driver: Driver) -> int:
    """Check all that is shown; return how often something hostile was in it."""
    found = 0
    for thing, what, text in shown(driver.window):
        name = f"{what} of {type(thing).__name__} {thing.objectName()}: {text[:200]}"
        if Qt.mightBeRichText(text):
            assert "<img" not in text, name
            assert "<b>&" not in text, name
            found += "&lt;img" in text
    for button in driver.window.findChildren(QAbstractButton):  # an & alone would vanish
        assert "&amp;" not in button.text().replace("&&amp;", ""), button.objectName()
    for action in driver.window.findChildren(QAction):
        assert "&amp;" not in action.text().replace("&&amp;", ""), action.objectName()
    return found


@pytest.mark.parametrize("fits", [True, False])
def test_nothing_of_a_project_is_rich_text(driver: Driver, tmp_path: Path, fits: bool) -> None:
    folder = tmp_path / "<img src=x><b>&amp;"
    folder.mkdir()
    path = folder / "<b>&amp;[*].layerscope"
    save_project(hostile(fits=fits), path)
    driver.open(path)
    assert driver.window.windowTitle().startswith("<b>&amp;[*][*][*]")
    if fits:
        driver.wait_for_first_looks()
    driver.select(0)
    driver.window.edits.rename(1, f"{EVIL} again")  # for Undo and Redo
    driver.window.edits.rename(1, f"{EVIL} 1")
    driver.choose("undo")
    driver.window.menus.recent.aboutToShow.emit()
    for panel in PANELS:
        driver.window.stage.show_panel(panel)
        driver.settle()
    assert assert_plain(driver) >= 5
    if fits:
        driver.window.kernel_editor.open_selected()
        driver.run("step_batch", "Paused")
        driver.settle()
        assert_plain(driver)
    driver.window.document.undo_stack.setClean()
    driver.window.document.mark_saved(path)
    if fits:
        return
    driver.window.edits.change_setting("dataset", EVIL)
    driver.wait(lambda: not driver.action("train").isEnabled())
    driver.settle()
    assert EVIL in driver.text("coach")
    assert assert_plain(driver) > 0


def red_data(folder: Path) -> Path:
    """Write data whose classes are called by a picture that is all red, as rich text."""
    red = QImage(60, 60, QImage.Format.Format_RGB32)
    red.fill(QColor("red"))
    assert red.save(str(folder / "red.png"))
    names = np.array([f"{place} <img src=red.png>" for place in "ab"])  # short: not even cut
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)
    labels = names[np.arange(40) % 2]
    np.savez(folder / "red.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return folder / "red.npz"


def red_pixels(widget: QWidget) -> int:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits() or b"", np.uint32)  # it may have no extent
    return int((pixels == QColor("red").rgb()).sum())


def hovered(panel: QWidget, view: QAbstractItemView) -> Iterator[str]:
    """Point at an item and at heads, and yield the tooltips; nothing red may be seen then."""
    places = [(view.viewport(), view.visualRect(view.model().index(0, 0)).center())]
    for head in view.findChildren(QHeaderView):
        if head.isVisible() and head.count():
            along = head.sectionViewportPosition(0) + head.sectionSize(0) // 2
            across = head.orientation() == Qt.Orientation.Horizontal
            places.insert(0, (head.viewport(), QPoint(along, 3) if across else QPoint(3, along)))
    for part, at in places:
        QTest.mouseMove(part, at)
        QApplication.sendEvent(part, QHelpEvent(QEvent.Type.ToolTip, at, part.mapToGlobal(at)))
        tips = [tip for tip in QApplication.topLevelWidgets() if tip.inherits("QTipLabel")]
        for label in [*tips, *panel.findChildren(QLabel)]:
            if label.isVisible():
                assert red_pixels(label) == 0, label.objectName()
        if QToolTip.isVisible():
            yield QToolTip.text()


def test_no_picture_in_the_name_of_a_class_is_loaded(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    driver.window.edits.change_setting("dataset", str(red_data(tmp_path)))
    driver.window.edits.change_setting("epochs", 1)
    driver.train()
    tips: list[str] = []
    for _title, place in driver.panels():
        for view in place.findChildren(QAbstractItemView):
            if view.isVisible() and view.model() is not None and view.model().rowCount():
                tips += hovered(place, view)
    assert sum("&lt;img" in tip for tip in tips) >= 5  # images, classes, cells, heads, scores
    assert_plain(driver)


def test_questions_are_plain(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[QMessageBox] = []

    def look(box: QMessageBox) -> None:
        seen.append(box)
        for label in box.findChildren(QLabel):
            if Qt.mightBeRichText(label.text()):
                assert label.textFormat() is Qt.TextFormat.PlainText, label.text()

    monkeypatch.delenv("LAYERSCOPE_UNATTENDED", raising=False)
    monkeypatch.setattr(QMessageBox, "exec", look)
    messages.ask_about_unsaved(driver.window, EVIL)
    messages.ask_to_replace(driver.window, EVIL)
    messages.ask_to_overwrite(driver.window, EVIL)
    messages.ask_to_recover(driver.window, EVIL, EVIL)
    assert len(seen) == 4


@pytest.mark.parametrize(
    "text",
    ["", "Save", "Two\nlines", EVIL, "x" * 100, "a & b < c " * 20, "&lt;b&gt;", "1. a\n\n2. <b>"],
)
def test_a_tooltip_reads_as_the_text(text: str) -> None:
    tip = plain_tooltip(text)
    read = QTextDocumentFragment.fromHtml(tip).toPlainText() if Qt.mightBeRichText(tip) else tip
    assert read.split() == text.split()


def test_a_long_tooltip_is_wrapped_and_a_short_one_is_left() -> None:
    assert plain_tooltip("Train the network (F5)") == "Train the network (F5)"
    assert Qt.mightBeRichText(plain_tooltip("word " * 40))
