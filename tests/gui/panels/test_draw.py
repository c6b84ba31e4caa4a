"""The draw panel: what the network is sent, keys and buttons, what is said, what is in view."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence, QUndoCommand, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from engine.data.handwriting import centre
from engine.inspection.snapshot import Sample, Snapshot
from gui.panels.draw import BETWEEN, DrawPanel
from gui.widgets.empty_state import EmptyState
from gui.widgets.output_bars import OutputBars
from gui.widgets.pictures import Bytes
from gui.widgets.plot import Plot
from tests.gui.finding import child
from tests.gui.showing import activated, on_screen

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(qtbot: QtBot) -> DrawPanel:
    """Return the panel in an active window, as if its drawing were pinned whenever it is drawn."""
    made = DrawPanel()
    made.drawn.connect(lambda _image: made.set_pinned(None))
    return activated(qtbot, on_screen(qtbot, made, 500, 300))


def stroke(panel: DrawPanel, *shares: tuple[float, float]) -> Bytes:
    """Draw from point to point, given as shares of the canvas; return all ink."""
    side = panel.canvas.square().width()
    points = [QPoint(int(x * side), int(y * side)) for x, y in shares]
    QTest.mousePress(panel.canvas, LEFT, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(panel.canvas, point)
    QTest.mouseRelease(panel.canvas, LEFT, pos=points[-1])
    return panel.canvas.ink()


def down(panel: DrawPanel) -> Bytes:
    return stroke(panel, (0.3, 0.2), (0.3, 0.5), (0.3, 0.8))


def across(panel: DrawPanel) -> Bytes:
    return stroke(panel, (0.2, 0.5), (0.8, 0.5))


def look(panel: DrawPanel, *outputs: float, sample: int | None = None) -> None:
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    seen = Sample(image, tuple(range(len(outputs))), sample)
    panel.show_snapshot(Snapshot(seen, image[0] / 255, np.array(outputs), ()))


def sentence(panel: DrawPanel) -> str:
    panel.refresh()
    return child(panel, EmptyState).sentence()


def test_the_answer_to_a_drawing_is_shown_in_words_and_bars(panel: DrawPanel) -> None:
    assert "will be here" in sentence(panel)
    made: list[OutputBars] = []
    panel.bars_made.connect(made.append)
    down(panel)
    assert "Waiting" in sentence(panel)
    look(panel, 0.125, 0.75, sample=7)
    assert "Waiting" in sentence(panel), "a look at a sample is none at the drawing"
    assert made == panel.findChildren(Plot) == []
    look(panel, 0.125, 0.75, 0.5)
    assert panel.dirty
    assert sentence(panel) == ""
    assert panel.bars.isVisible()
    assert panel.bars.texts() == ["0  0.125", "▸ 1  0.750", "2  0.500"]
    assert panel.said.text() == "▸ 1, 75 %"
    look(panel, 0.2, 0.9)
    panel.refresh()
    assert panel.knows.text() == "this network knows only 0 and 1"
    assert made == panel.findChildren(Plot) == [panel.bars], "and they are made once"
    panel.set_obstacle("No block fits.")
    assert sentence(panel) == "No block fits."
    panel.set_obstacle("")
    look(panel, *[0.1] * 10)
    assert sentence(panel) == panel.knows.text() == ""
    look(panel, np.nan, np.nan)
    panel.refresh()
    assert panel.said.text() == "no answer: outputs not finite"
    assert not any("▸" in bar for bar in panel.bars.texts())
    panel.tools.clear.click()
    assert "will be here" in sentence(panel)
    assert panel.knows.text() == ""


def test_the_network_is_sent_the_centred_drawing(qtbot: QtBot, panel: DrawPanel) -> None:
    """A stroke of 200 moves is sent when it begins and once more; the last state is not lost."""
    sent: list[Bytes] = []
    panel.drawn.connect(sent.append)
    down(panel)
    stroke(panel, *((0.2 + share / 400, 0.5) for share in range(200)))
    assert 1 <= len(sent) < 100
    expected = centre(panel.canvas.ink(), (28, 28))
    qtbot.waitUntil(lambda: bool((sent[-1] == expected).all()))
    assert sent[-1].shape == (1, 28, 28)
    assert not sent[-1].flags.writeable
    rows, columns = np.nonzero(expected)
    assert np.ptp(rows) == 19
    assert columns.mean() == pytest.approx(14, abs=0.6)
    panel.refresh()
    assert (panel.seen.picture() == expected).all()
    panel.set_samples(Dataset(np.zeros((2, 1, 20, 16), np.uint8), np.arange(2), (0, 1)))
    with qtbot.waitSignal(panel.drawn):
        down(panel)
    assert sent[-1].shape == (1, 20, 16)
    assert sent[-1].max() == 255


def test_a_digit_that_is_pinned_just_after_a_stroke_stays_pinned(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    """The rest of the stroke, which waits to be sent, must not pin the drawing again."""
    panel.tools.load.setFocus()
    with qtbot.assertNotEmitted(panel.drawn, wait=BETWEEN):
        panel.canvas.setFocus()  # nor does an empty canvas
    down(panel)  # its first ink is sent at once, the rest waits
    panel.set_pinned(1234)
    with qtbot.assertNotEmitted(panel.drawn, wait=3 * BETWEEN):
        pass
    assert sentence(panel).startswith("Test image 1,235 is pinned.")


def test_the_focus_or_a_click_pins_the_drawing_again_without_a_dot(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    before = down(panel)
    qtbot.waitUntil(lambda: not panel.canvas.dormant)
    look(panel, 0.125, 0.75)
    panel.set_pinned(7)
    panel.tools.load.setFocus()
    with qtbot.waitSignal(panel.drawn) as drawn:
        panel.canvas.setFocus()
    assert (drawn.args[0] == panel.image()).all()
    look(panel, 0.125, 0.75)
    assert sentence(panel) == ""
    for focus in (panel.tools.load, panel.canvas):
        panel.set_pinned(7)
        focus.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        assert panel.canvas.dormant
        with qtbot.waitSignal(panel.drawn):
            QTest.mouseClick(panel.canvas, LEFT, pos=QPoint(150, 30))
        assert (panel.canvas.ink() == before).all()
    panel.set_pinned(7)
    assert (across(panel) != before).any()
    panel.tools.undo.click()
    assert (panel.canvas.ink() == before).all()


def test_a_cleared_drawing_is_looked_at_no_more(qtbot: QtBot, panel: DrawPanel) -> None:
    sent: list[Bytes] = []
    panel.drawn.connect(sent.append)
    down(panel)
    with qtbot.waitSignal(panel.emptied):
        panel.tools.clear.click()
    panel.set_pinned(0)  # as the presenter does
    with qtbot.assertNotEmitted(panel.emptied):
        panel.tools.undo.click()
    qtbot.waitUntil(lambda: bool(sent[-1].any()))
    assert all(image.any() for image in sent), "an empty canvas is no digit"


def test_keys_and_buttons_mean_the_drawing_and_not_the_network(
    qtbot: QtBot, panel: DrawPanel
) -> None:
    """In a window whose Ctrl+Z and Ctrl+Y are taken, they go to the drawing here."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(panel)
    stack = QUndoStack(window)
    for made, keys in ((stack.createUndoAction, "Ctrl+Z"), (stack.createRedoAction, "Ctrl+Y")):
        action = made(window)
        action.setShortcut(QKeySequence(keys))
        window.addAction(action)
    stack.push(QUndoCommand("an edit of the network"))
    window.show()
    activated(qtbot, window)
    tools = panel.tools
    assert not tools.undo.isEnabled()
    assert tools.undo.toolTip() == "Nothing to undo here."
    assert not tools.clear.isEnabled()
    one, both = down(panel), across(panel)
    undo, redo = (Qt.Key.Key_Z, CONTROL), (Qt.Key.Key_Y, CONTROL)
    again = Qt.Key.Key_Z, CONTROL | SHIFT
    for target in (panel.canvas, tools.brush, tools.load):
        target.setFocus()
        for keys, ink in ((undo, one), (redo, both), (undo, one), (again, both)):
            QTest.keyClick(target, *keys)
            assert (panel.canvas.ink() == ink).all()
        for _ in range(3):
            QTest.keyClick(target, *undo)
        assert panel.canvas.is_empty()
        for _ in range(2):
            QTest.mouseClick(tools.redo, LEFT)
        assert (panel.canvas.ink() == both).all()
        assert not tools.redo.isEnabled()
    QTest.mouseClick(tools.undo, LEFT)
    assert (panel.canvas.ink() == one).all()
    assert stack.canUndo()
    QTest.keyClick(panel.canvas, Qt.Key.Key_Delete)
    assert panel.canvas.is_empty()
    panel.setParent(None)  # or the window would take it along


def test_the_brush_is_set_by_keys_and_shown_while_it_is_set(panel: DrawPanel) -> None:
    """A ring in the middle, as wide as the brush will be."""
    canvas, brush = panel.canvas, panel.tools.brush
    before = canvas.brush
    canvas.setFocus()
    QTest.keyClicks(canvas, "]")
    assert canvas.brush == before + 4
    QTest.keyClicks(canvas, "[")
    brush.setFocus()
    plain = canvas.grab().toImage()
    handle = QPoint(brush.width() * (24 - 8) // (56 - 8), brush.height() // 2)
    QTest.mousePress(brush, LEFT, pos=handle)
    assert canvas.grab().toImage() != plain
    QTest.mouseRelease(brush, LEFT, pos=handle)
    assert canvas.grab().toImage() == plain
    QTest.keyClick(brush, Qt.Key.Key_End)
    assert canvas.brush == 56
    assert (across(panel)[:, 140] > 127).sum() == pytest.approx(56, abs=2)


@pytest.mark.parametrize("classes", [2, 10])
def test_the_canvas_has_all_of_the_height_and_nothing_is_cut(
    qtbot: QtBot, panel: DrawPanel, classes: int
) -> None:
    down(panel)
    look(panel, *np.linspace(0, 1, classes).tolist())
    panel.refresh()
    canvas = panel.canvas
    for width, height in ((503, 312), (760, 460), (952, 700), (1590, 960)):
        panel.resize(width, height)
        qtbot.waitUntil(lambda: canvas.height() == canvas.width() >= panel.height() - 12)
        QApplication.processEvents()
        parts: list[QWidget] = [canvas, panel.seen, panel.said, panel.bars, panel.tools.brush]
        buttons = [each for each in panel.findChildren(QToolButton) if each.isVisible()]
        for part in (*parts, *buttons):
            place = QRect(part.mapTo(panel, QPoint(0, 0)), part.size())
            assert panel.rect().contains(place), part
            assert place.width() >= part.minimumSizeHint().width()
        rows = [panel.bars.row_rect(row).toRect() for row in range(classes)]
        assert all(panel.bars.rect().contains(row) for row in rows)
        assert panel.seen.width() >= 56
        assert panel.seen.width() % 28 == 0, "pixels are whole"


def test_in_a_low_panel_what_stands_beside_the_canvas_scrolls(panel: DrawPanel) -> None:
    for height in range(140, 200, 10):
        panel.resize(340, height)
        QApplication.processEvents()
        shown = [each for each in panel.tools.findChildren(QToolButton) if not each.isHidden()]
        lowest = max(button.geometry().bottom() for button in shown) + panel.tools.y()
        assert panel.seen.geometry().top() > lowest
        page = child(panel, QScrollArea).widget()
        needed = panel.bars.mapTo(page, QPoint(0, 36)).y()
        assert page.height() >= needed > panel.seen.geometry().bottom()
