"""The draw panel with pictures: from files, from the clipboard, dropped."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.panels.draw import DrawPanel
from tests.gui.driving import Driver
from tests.gui.finding import in_words
from tests.gui.showing import activated, on_screen

# Qt 6.12 has another constructor for it, which 6.11 lacks.
pytestmark = pytest.mark.filterwarnings("ignore:Function.*QDragEnterEvent:DeprecationWarning")
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot: QtBot) -> DrawPanel:
    """Return the panel in an active window."""
    return activated(qtbot, on_screen(qtbot, DrawPanel(), 500, 300))


def draw_a_line(panel: DrawPanel) -> None:
    """Draw from left to right through the middle."""
    side = int(panel.canvas.square().width())
    QTest.mousePress(panel.canvas, LEFT, pos=QPoint(side // 5, side // 2))
    QTest.mouseMove(panel.canvas, QPoint(side * 4 // 5, side // 2))
    QTest.mouseRelease(panel.canvas, LEFT, pos=QPoint(side * 4 // 5, side // 2))


def save(path: Path, paper: str, ink: str, size: int = 200) -> Path:
    """Save a picture of a bar that lies a little right of the middle."""
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(QColor(paper))
    for y in range(size // 4, size * 3 // 4):
        for x in range(size // 2, size * 5 // 8):
            image.setPixelColor(x, y, QColor(ink))
    assert image.save(str(path))
    return path


INVERTED = "light paper, so inverted"
GREY = (
    ("#e6e6e6", "#202020", INVERTED, "one.png has light paper (230 of 255)"),
    ("#101010", "#f0f0f0", "dark paper, so kept as it is", "dark paper (16 of 255), so it was"),
)


def test_a_picture_is_loaded_and_inverted_if_its_paper_is_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, panel: DrawPanel
) -> None:
    panel.resize(503, 312)
    qtbot.waitUntil(lambda: panel.canvas.height() == panel.canvas.width())
    note = panel.pictures.note
    for paper, ink, brief, whole in GREY:
        path = save(tmp_path / "one.png", paper, ink)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, path=path: (str(path), ""))
        QTest.mouseClick(panel.tools.load, LEFT)
        drawn = panel.canvas.ink()
        assert drawn[140, 160] == 255
        assert drawn[140, 100] == 0
        assert note.text() == brief
        assert note.heightForWidth(note.width()) <= note.height()
        assert whole in in_words(note.toolTip())
        rows, columns = np.nonzero(panel.image()[0])
        assert np.ptp(rows) == 19
        assert columns.mean() == pytest.approx(14, abs=0.6)
        draw_a_line(panel)
        assert note.text() == brief
        panel.tools.undo.click()
        panel.tools.undo.click()
        assert note.text() == ""


def test_what_is_no_picture_is_refused_and_the_drawing_stays(
    qtbot: QtBot, tmp_path: Path, panel: DrawPanel
) -> None:
    draw_a_line(panel)
    before = panel.canvas.ink()
    path = tmp_path / "notes.png"
    path.write_text("nothing to see")
    with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
        panel.pictures.take_in(path)
    assert refused.args[0].startswith("notes.png: It is no PNG, JPEG, BMP, GIF or WebP image")
    with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
        panel.pictures.take_in(save(tmp_path / "faint.png", "#888888", "#999999"))
    assert refused.args[0].startswith("faint.png shows")
    assert "only paper, or its ink is too faint. Choose a picture with more" in refused.args[0]
    assert (panel.canvas.ink() == before).all()


def test_a_refusal_is_taken_back_by_the_next_ink(driver: Driver, tmp_path: Path) -> None:
    panel = driver.find(DrawPanel, "panel.draw")
    driver.window.docks.show_panel("Draw")
    for fixed_by_a_stroke in (True, False):
        for name in ("blank.png", "white.png"):
            panel.pictures.take_in(save(tmp_path / name, "#ffffff", "#ffffff"))
            assert driver.message().startswith(f"{name} shows only paper")
        if fixed_by_a_stroke:
            draw_a_line(panel)
        else:
            panel.pictures.take_in(save(tmp_path / "one.png", "#ffffff", "#000000"))
        assert driver.message() == ""
    driver.window.messages.show_error("Something else.")
    draw_a_line(panel)
    assert driver.message() == "Something else."


def test_a_picture_is_pasted(
    qtbot: QtBot, tmp_path: Path, panel: DrawPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutData:
        def mimeData(self) -> None:
            return None

    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(QImage(str(save(tmp_path / "one.png", "#ffffff", "#000000"))))
    panel.canvas.setFocus()
    QTest.keyClick(panel.canvas, Qt.Key.Key_V, CONTROL)
    assert panel.canvas.ink()[140, 160] == 255
    clipboard.setText("no picture")
    for _ in range(2):
        with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
            QTest.mouseClick(panel.tools.paste, LEFT)
        assert refused.args == ["There is no picture on the clipboard. Copy one first."]
        clipboard.clear()
        monkeypatch.setattr(QGuiApplication, "clipboard", WithoutData)


def drag_and_drop(panel: DrawPanel, data: QMimeData, target: QWidget) -> bool:
    """Drag something onto a part of the panel, and drop it there if it is taken."""
    at, none = QPoint(5, 5), Qt.KeyboardModifier.NoModifier
    widget: QWidget | None = target
    while widget is not None and not widget.acceptDrops():  # as Qt finds who takes it
        widget = widget.parentWidget()
    if widget is None:
        return False
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, none)
    enter.ignore()
    before = panel.canvas.grab().toImage()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        assert panel.canvas.grab().toImage() != before, "it invites"
        QApplication.sendEvent(widget, QDragLeaveEvent())
        assert panel.canvas.grab().toImage() == before
        drop = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, none)
        QApplication.sendEvent(widget, drop)
    return enter.isAccepted()


def test_a_picture_may_be_dropped_anywhere(tmp_path: Path, panel: DrawPanel) -> None:
    panel.tools.load.setFocus()
    parts: tuple[QWidget, ...] = (panel.canvas, panel.bars, panel.tools.load)
    for name, part in zip(("one.png", "ONE.JPG", "one.jpeg"), parts, strict=True):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(save(tmp_path / name, "#ffffff", "#000000")))])
        assert drag_and_drop(panel, data, part)
        assert panel.canvas.ink()[140, 160] > 250
        assert panel.pictures.note.text() == INVERTED
        panel.tools.clear.click()
    pixels = QMimeData()
    pixels.setImageData(QImage(str(tmp_path / "one.png")))
    assert drag_and_drop(panel, pixels, panel.canvas)
    assert panel.canvas.ink()[140, 160] == 255
    assert in_words(panel.pictures.note.toolTip()).startswith("The picture has light paper")
    panel.tools.clear.click()
    for names in (["net.layerscope"], ["a.png", "b.png"]):  # those are left to the window
        other = QMimeData()
        other.setUrls([QUrl.fromLocalFile(f"/somewhere/{name}") for name in names])
        assert not drag_and_drop(panel, other, panel.canvas)
    assert panel.canvas.is_empty()
