"""Warnings below the totals: one quiet line, the whole text on a click."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from engine.blocks import Dense, Reshape, Sigmoid, Softmax
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.network_panel import MARK, NetworkPanel
from tests.gui.finding import in_words, named

STACK = Stack().appended(Reshape(), Dense(units=2))


def head(panel: NetworkPanel) -> QToolButton:
    return named(panel, QToolButton, "cautions")


def body(panel: NetworkPanel) -> QLabel:
    return named(panel, QLabel, "cautions.text")


def show(document: Document, stack: Stack, **settings: object) -> None:
    document.replace_project(Project(stack, Settings().with_changes(**settings)), None)
    QApplication.processEvents()


def click(button: QToolButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_a_click_on_the_line_shows_the_warning(document: Document, panel: NetworkPanel) -> None:
    show(document, STACK.appended(Softmax()))
    panel.resize(300, 690)
    QApplication.processEvents()
    line = head(panel)
    assert (panel.width(), line.geometry().right() <= panel.cautions.width()) == (300, True)
    assert line.text().startswith(f"{MARK} 1 warning: Block 3 (Softmax)")
    assert line.text().endswith("…")
    assert "use categorical cross-entropy" in in_words(line.toolTip())
    assert "use categorical cross-entropy" in line.accessibleName()
    assert not body(panel).isVisible()
    click(line)
    assert line.text() == f"{MARK} 1 warning"
    assert "use categorical cross-entropy" in body(panel).text()
    assert body(panel).height() >= body(panel).heightForWidth(body(panel).width())
    click(line)
    assert not body(panel).isVisible()
    assert line.focusPolicy() & Qt.FocusPolicy.TabFocus
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Space)
    assert body(panel).isVisible()


def test_settings_and_samples_bring_warnings_and_take_them_away(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    show(document, STACK.appended(Sigmoid()), batch_size=300)
    assert not panel.cautions.isVisible()
    panel.cautions.set_samples(200)
    assert "more than the 200 training samples" in in_words(head(panel).toolTip())
    edits.change_setting("batch_size", 200)
    assert not panel.cautions.isVisible()
    edits.undo()
    edits.change_setting("loss", "mse")
    edits.add("dropout")
    assert head(panel).text().startswith(f"{MARK} 2 warnings: Block 4")
    assert len(in_words(head(panel).toolTip()).splitlines()) == 2
    panel.cautions.set_samples(None)
    show(document, STACK)
    assert not panel.cautions.isVisible()
