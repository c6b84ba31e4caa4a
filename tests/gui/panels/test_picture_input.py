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
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


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


@pytest.mark.parametrize(
    ("paper", "ink", "brief", "whole"),
    [
        ("#e6e6e6", "#202020", "light paper, so inverted", "one.png has light paper (230 of 255)"),
        ("#101010", "#f0f0f0", "dark paper, so kept as it is", "dark paper (16 of 255), so it was"),
    ],
)
def test_a_picture_is_loaded_and_inverted_if_its_paper_is_light(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    panel: DrawPanel,
    paper: str,
    ink: str,
    brief: str,
    whole: str,
) -> None:
    path = save(tmp_path / "one.png", paper, ink)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    QTest.mouseClick(panel.tools.load, LEFT)
    drawn = panel.canvas.ink()
    assert drawn[140, 160] == 255
    assert drawn[140, 100] == 0
    assert panel.pictures.note.text() == brief
    assert whole in in_words(panel.pictures.note.toolTip())
    rows, columns = np.nonzero(panel.image()[0])
    assert np.ptp(rows) == 19
    assert columns.mean() == pytest.approx(14, abs=0.6)
    draw_a_line(panel)
    assert panel.pictures.note.text() == brief
    panel.tools.undo.click()
    panel.tools.undo.click()
    assert panel.pictures.note.text() == ""


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
    blank = save(tmp_path / "blank.png", "#ffffff", "#ffffff")
    with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
        panel.pictures.take_in(blank)
    too_faint = "only paper, or its ink is too faint. Choose a picture with more"
    assert too_faint in refused.args[0]
    with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
        panel.pictures.take_in(save(tmp_path / "faint.png", "#888888", "#999999"))
    assert refused.args[0].startswith("faint.png shows")
    assert too_faint in refused.args[0]
    assert (panel.canvas.ink() == before).all()


@pytest.mark.parametrize("fixed_by", ["picture", "stroke"])
def test_a_refusal_is_taken_back_by_the_next_ink(
    driver: Driver, tmp_path: Path, fixed_by: str
) -> None:
    panel = driver.find(DrawPanel, "panel.draw")
    driver.window.docks.show_panel("Draw")
    panel.pictures.take_in(save(tmp_path / "blank.png", "#ffffff", "#ffffff"))
    assert driver.message().startswith("blank.png shows only paper")
    panel.pictures.take_in(save(tmp_path / "white.png", "#ffffff", "#ffffff"))
    assert driver.message().startswith("white.png shows only paper")
    if fixed_by == "stroke":
        draw_a_line(panel)
    else:
        panel.pictures.take_in(save(tmp_path / "one.png", "#ffffff", "#000000"))
    assert driver.message() == ""
    driver.window.messages.show_error("Something else.")
    draw_a_line(panel)
    assert driver.message() == "Something else."


def test_a_picture_is_pasted(qtbot: QtBot, tmp_path: Path, panel: DrawPanel) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setImage(QImage(str(save(tmp_path / "one.png", "#ffffff", "#000000"))))
    panel.canvas.setFocus()
    QTest.keyClick(panel.canvas, Qt.Key.Key_V, CONTROL)
    assert panel.canvas.ink()[140, 160] == 255
    clipboard.setText("no picture")
    with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
        QTest.mouseClick(panel.tools.paste, LEFT)
    assert refused.args == ["There is no picture on the clipboard. Copy one first."]
    clipboard.clear()


def test_nothing_is_pasted_from_a_clipboard_without_data(
    qtbot: QtBot, panel: DrawPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Empty:
        def mimeData(self) -> None:
            return None

    monkeypatch.setattr(QGuiApplication, "clipboard", Empty)
    with qtbot.waitSignal(panel.pictures.refusal.said) as refused:
        QTest.mouseClick(panel.tools.paste, LEFT)
    assert refused.args == ["There is no picture on the clipboard. Copy one first."]


def drag_and_drop(panel: DrawPanel, data: QMimeData, target: QWidget) -> bool:
    """Drag something onto a part of the panel, and drop it there if it is taken."""
    at, none = QPoint(5, 5), Qt.KeyboardModifier.NoModifier
    taken = False
    widget: QWidget | None = target
    while widget is not None and not widget.acceptDrops():  # as Qt finds who takes it
        widget = widget.parentWidget()
    if widget is not None:
        enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, none)
        enter.ignore()
        QApplication.sendEvent(widget, enter)
        taken = enter.isAccepted()
    if taken and widget is not None:
        drop = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, none)
        QApplication.sendEvent(widget, drop)
    return taken


@pytest.mark.parametrize("name", ["one.png", "ONE.JPG", "one.jpeg"])
@pytest.mark.parametrize("part", ["canvas", "bars", "load"])
def test_a_picture_may_be_dropped_anywhere(
    tmp_path: Path, panel: DrawPanel, name: str, part: str
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(save(tmp_path / name, "#ffffff", "#000000")))])
    assert drag_and_drop(panel, data, getattr(panel.tools if part == "load" else panel, part))
    assert panel.canvas.ink()[140, 160] > 250
    assert panel.pictures.note.text() == "light paper, so inverted"


def test_pixels_may_be_dropped(tmp_path: Path, panel: DrawPanel) -> None:
    data = QMimeData()
    data.setImageData(QImage(str(save(tmp_path / "one.png", "#ffffff", "#000000"))))
    assert drag_and_drop(panel, data, panel.canvas)
    assert panel.canvas.ink()[140, 160] == 255
    assert in_words(panel.pictures.note.toolTip()).startswith("The picture has light paper")


@pytest.mark.parametrize("names", [["net.layerscope"], ["a.png", "b.png"]])
def test_other_files_are_left_to_the_window(panel: DrawPanel, names: list[str]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(f"/somewhere/{name}") for name in names])
    assert not drag_and_drop(panel, data, panel.canvas)
    assert panel.canvas.is_empty()


def test_the_canvas_invites_while_a_picture_is_dragged(panel: DrawPanel) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/one.png")])
    panel.tools.load.setFocus()
    before = panel.canvas.grab().toImage()
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(panel, enter)
    assert panel.canvas.grab().toImage() != before
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert panel.canvas.grab().toImage() == before


def test_the_note_on_a_picture_is_not_cut(qtbot: QtBot, tmp_path: Path, panel: DrawPanel) -> None:
    panel.resize(503, 312)
    qtbot.waitUntil(lambda: panel.canvas.height() == panel.canvas.width())
    for paper, ink in (("#ffffff", "#000000"), ("#000000", "#ffffff")):
        panel.pictures.take_in(save(tmp_path / "one.png", paper, ink))
        note = panel.pictures.note
        assert note.heightForWidth(note.width()) <= note.height()
